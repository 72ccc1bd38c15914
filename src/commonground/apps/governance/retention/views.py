"""Pages about how long records are kept, and legal holds."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.asking import Refused
from commonground.apps.core.models import Organization
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import own_districts
from commonground.apps.core.requests import Request
from commonground.apps.governance.models import LegalHold
from commonground.apps.governance.retention import actions
from commonground.apps.governance.retention.classes import CLASSES
from commonground.apps.governance.retention.forms import DaysForm, HoldForm
from commonground.apps.governance.retention.queries import keeping_page
from commonground.apps.roster.models import Student


@require_GET
@needs(Permission.KEEP_RECORDS)
def keepings(request: Request) -> HttpResponse:
    """The own districts; with one, straight to it."""
    districts = list(own_districts(request.grants))
    if len(districts) == 1:
        return redirect("governance:keeping", pk=districts[0].pk)
    return render(request, "governance/keepings.html", {"districts": districts})


def _own_or_404(request: Request, pk: UUID) -> Organization:
    return get_object_or_404(own_districts(request.grants), pk=pk)


def _page(request: Request, district: Organization, *, sent: HoldForm | None = None) -> HttpResponse:
    page = {"page": keeping_page(district, by=request.user.pk), "form": sent or HoldForm(), "sent": sent}
    return render(request, "governance/keeping.html", page, status=422 if sent is not None else 200)


@require_GET
@needs(Permission.KEEP_RECORDS)
def keeping(request: Request, pk: UUID) -> HttpResponse:
    """What is kept for how long, after what and why; which holds are in force."""
    return _page(request, _own_or_404(request, pk))


@require_POST
@needs(Permission.KEEP_RECORDS)
def change(request: Request, pk: UUID, data_class: str) -> HttpResponse:
    """Keep a class for another number of days."""
    district = _own_or_404(request, pk)
    if data_class not in CLASSES or not CLASSES[data_class].may_change:
        raise Http404
    least = CLASSES[data_class].least
    form = DaysForm(request.POST, least=least)
    if form.is_valid():
        actions.change_keeping(
            place_id=district.pk,
            data_class=data_class,
            days=form.cleaned_data["days"],
            by=request.user.pk,
            now=timezone.now(),
        )
        messages.success(request, _("Changed. It holds from the next night on."))
    else:
        messages.error(request, _("Type a number of days from %(least)d to 36525.") % {"least": least})
    return redirect("governance:keeping", pk=pk)


@require_POST
@needs(Permission.KEEP_RECORDS)
def hold(request: Request, pk: UUID) -> HttpResponse:
    """Place a legal hold: nothing that it covers is destroyed until it ends."""
    district = _own_or_404(request, pk)
    form = HoldForm(request.POST)
    if not form.is_valid():
        return _page(request, district, sent=form)
    typed = form.cleaned_data
    student = None
    if typed["number"]:
        student = Student.objects.filter(owner=district, source_id=typed["number"].strip()).first()
        if student is None:
            form.add_error("number", _("No student of your district has this number. It stands on the student’s page."))
            return _page(request, district, sent=form)
    actions.place_hold(
        place_id=district.pk,
        data_class=typed["data_class"],
        student_id=student.pk if student else None,
        reason=typed["reason"],
        by=request.user.pk,
        now=timezone.now(),
    )
    messages.success(request, _("Held. Nothing that it covers is destroyed until somebody ends it."))
    return redirect("governance:keeping", pk=pk)


@require_POST
@needs(Permission.KEEP_RECORDS)
def end_hold(request: Request, pk: UUID) -> HttpResponse:
    """End a hold that is the acting person's to end. What is past is destroyed in the next night."""
    found = get_object_or_404(LegalHold, pk=pk, owner__in=own_districts(request.grants), ended_at=None)
    try:
        actions.end_hold(hold=found, by=request.user.pk, now=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Ended. What is past is destroyed in the next night."))
    return redirect("governance:keeping", pk=found.owner_id)
