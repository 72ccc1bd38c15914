"""Pages by which a district leaves: what would go, its export, asking, confirming, the certificate."""

from typing import cast
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.asking import Refused, ask_database
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import Organization
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import own_districts
from commonground.apps.core.requests import Request
from commonground.apps.governance.leaving import actions, queries
from commonground.apps.governance.leaving.forms import ArrivedForm, AskForm
from commonground.apps.governance.leaving.places import export_path
from commonground.apps.governance.models import Leaving


@require_GET
@needs(Permission.SEE_LEAVING)
def leavings(request: Request) -> HttpResponse:
    """The own districts, each with its way out, and the certificates of those that left."""
    page = {
        "districts": own_districts(request.grants),
        "certificates": queries.certificates(request.grants).order_by("-destroyed_at"),
    }
    return render(request, "governance/leavings.html", page)


def _own_or_404(request: Request, pk: UUID) -> Organization:
    return get_object_or_404(own_districts(request.grants), pk=pk)


def _open_or_404(request: Request, pk: UUID) -> Leaving:
    found = Leaving.objects.open().filter(place=_own_or_404(request, pk)).select_related("place").first()
    if found is None:
        raise Http404
    return found


def _page(request: Request, district: Organization, *, sent: AskForm | ArrivedForm | None = None) -> HttpResponse:
    page = queries.leaving_page(district, by=request.user.pk)
    is_saved = page.leaving is not None and page.leaving.saved_at is not None
    shown = {
        "page": page,
        "form": sent if isinstance(sent, AskForm) else AskForm(district=district.name, is_saved=is_saved),
        "arrived": sent if isinstance(sent, ArrivedForm) else ArrivedForm(),
        "sent": sent,
        "waits": page.state in {"exporting", "going"},
    }
    return render(request, "governance/leaving.html", shown, status=422 if sent is not None else 200)


@require_GET
@needs(Permission.LEAVE)
def leaving(request: Request, pk: UUID) -> HttpResponse:
    """What would go and what stays, and the step that comes next. Once it has left, until it joins again: the certificate."""
    district = _own_or_404(request, pk)
    done = Leaving.objects.filter(place=district, destroyed_at__isnull=False).order_by("-destroyed_at").first()
    is_open = Leaving.objects.open().filter(place=district).exists()
    if done and not is_open and ask_database("has_left", district.pk):
        return redirect("governance:certificate", pk=done.pk)
    return _page(request, district)


@require_POST
@needs(Permission.LEAVE)
@reauthentication_required
def export(request: Request, pk: UUID) -> HttpResponse:
    """Have everything the district owns written into one file."""
    district = _own_or_404(request, pk)
    try:
        actions.begin_export(place_id=district.pk, by=request.user.pk)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The export is being made. This page says when it is whole."))
    return redirect("governance:leaving", pk=pk)


@require_GET
@needs(Permission.LEAVE)
@reauthentication_required
def save(request: Request, pk: UUID) -> HttpResponse:
    """The export, to save: for people of the district alone, and recorded. That it arrived is said by its number alone."""
    found = _open_or_404(request, pk)
    path = export_path(found.place_id, found.pk)
    if found.exported_at is None or not path.is_file():
        raise Http404
    record_event(
        EventKind.EXPORT_MADE,
        person_id=request.user.pk,
        organization_id=found.place_id,
        about="governance:save-export",
        detail={"rows": found.export_count, "sha256": found.export_digest},
    )
    answer = FileResponse(path.open("rb"), as_attachment=True, filename="everything.zip")
    answer["Content-Type"] = "application/zip"
    return cast("HttpResponse", answer)


@require_POST
@needs(Permission.LEAVE)
@reauthentication_required
def arrived(request: Request, pk: UUID) -> HttpResponse:
    """Somebody of the district has the export whole: she types the number in its last part."""
    found, form = _open_or_404(request, pk), ArrivedForm(request.POST)
    if form.is_valid():
        try:
            actions.arrived(leaving=found, number=form.cleaned_data["number"], by=request.user.pk)
        except Refused as refused:
            form.add_error("number", str(refused))
        else:
            messages.success(request, _("It arrived whole. Now you can ask that everything be destroyed."))
            return redirect("governance:leaving", pk=pk)
    return _page(request, found.place, sent=form)


@require_POST
@needs(Permission.LEAVE)
@reauthentication_required
def ask(request: Request, pk: UUID) -> HttpResponse:
    """Ask that everything be destroyed; a second coordinator confirms."""
    district = _own_or_404(request, pk)
    open_one = Leaving.objects.open().filter(place=district).first()
    form = AskForm(request.POST, district=district.name, is_saved=bool(open_one and open_one.saved_at))
    if form.is_valid():
        try:
            actions.ask(place_id=district.pk, without=form.cleaned_data.get("without", ""), by=request.user.pk)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Asked. Another coordinator of your district confirms it on this page."))
            return redirect("governance:leaving", pk=pk)
    return _page(request, district, sent=form)


@require_POST
@needs(Permission.LEAVE)
@reauthentication_required
def confirm(request: Request, pk: UUID) -> HttpResponse:
    """The second person: from now on nothing is open to anybody, and everything is destroyed."""
    return _decide(request, pk, is_confirmed=True)


@require_POST
@needs(Permission.LEAVE)
def call_off(request: Request, pk: UUID) -> HttpResponse:
    """The district stays."""
    return _decide(request, pk, is_confirmed=False)


def _decide(request: Request, pk: UUID, *, is_confirmed: bool) -> HttpResponse:
    found = _open_or_404(request, pk)
    try:
        if is_confirmed:
            actions.confirm(leaving=found, by=request.user.pk)
        else:
            actions.call_off(leaving=found, by=request.user.pk)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request,
            _("Confirmed. Nothing of the district is open to anybody any more; it is being destroyed.")
            if is_confirmed
            else _("Called off. Nothing was destroyed; the export is."),
        )
    return redirect("governance:leaving", pk=pk)


@require_GET
@needs(Permission.SEE_LEAVING)
def certificate(request: Request, pk: UUID) -> HttpResponse:
    """What was destroyed, when, by whom and what stays, on one sheet."""
    found = get_object_or_404(
        queries.certificates(request.grants).select_related("place", "asked_by", "confirmed_by"), pk=pk
    )
    return render(request, "governance/certificate.html", {"page": queries.certificate(found)})
