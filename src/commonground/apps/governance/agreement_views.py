"""Pages about agreements: writing one down, signing it, keeping the paper, ending it early."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.asking import Refused
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import Agreement
from commonground.apps.core.permissions import Permission
from commonground.apps.core.requests import Request
from commonground.apps.governance import actions
from commonground.apps.governance.forms import AgreementForm, EndForm, SignForm
from commonground.apps.governance.models import AgreementFile
from commonground.apps.governance.queries.agreements import agreement_page, of_party, parties_to
from commonground.apps.governance.reminders import switch_reminders

ONE_DAY = timedelta(days=1)


@require_http_methods(["GET", "POST"])
@needs(Permission.WRITE_AGREEMENTS)
def write(request: Request) -> HttpResponse:
    """Write down what a district would share. It opens nothing before the district's coordinator signs it."""
    form = AgreementForm(request.POST or None, parties=parties_to(request.grants, on=timezone.localdate()))
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        place, house = form.pairs[typed["parties"]]
        try:
            made = actions.draft_agreement(
                owner_id=place.pk,
                house_id=house.pk,
                categories=typed["categories"],
                ground=typed["ground"],
                purpose=typed["purpose"],
                since=typed["since"],
                until=typed["last_day"] + ONE_DAY,
                destroy_by=typed["destroy_by"],
                by=request.user.pk,
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Written down. It opens nothing before the district’s coordinator signs it."))
            return redirect("governance:agreement", pk=made.pk)
    return render(request, "governance/write_agreement.html", {"form": form}, status=422 if form.errors else 200)


def _of_party_or_404(request: Request, pk: UUID) -> Agreement:
    found = of_party(request.grants, pk)
    if found is None:
        raise Http404
    return found


def _page(request: Request, agreement: Agreement, *, sign: SignForm | None = None, end: EndForm | None = None) -> Any:
    today = timezone.localdate()
    page = {
        "page": agreement_page(agreement, request.grants, today=today),
        "sign_form": sign or SignForm(initial={"signed_on": today}),
        "end_form": end or EndForm(initial={"last_day": today}),
        "today": today,
    }
    failed = (sign is not None and sign.errors) or (end is not None and end.errors)
    return render(request, "governance/agreement.html", page, status=422 if failed else 200)


@require_GET
@needs(Permission.SEE_AGREEMENTS)
def agreement(request: Request, pk: UUID) -> HttpResponse:
    """One agreement: what it opens today in plain words, its days, who signed, its paper."""
    return _page(request, _of_party_or_404(request, pk))


@require_POST
@needs(Permission.SIGN_AGREEMENTS)
def sign(request: Request, pk: UUID) -> HttpResponse:
    """Say who signed the paper and when, and keep it. From its first day on it opens what it says."""
    found = _of_party_or_404(request, pk)
    form = SignForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, sign=form)
    typed = form.cleaned_data
    try:
        with transaction.atomic():
            actions.sign_agreement(
                agreement=found,
                signed_by=typed["signed_by"],
                house_signed_by=typed["house_signed_by"],
                signed_on=typed["signed_on"],
                by=request.user.pk,
            )
            if typed["file"]:
                actions.keep_file(agreement=found, upload=typed["file"], by=request.user.pk, now=timezone.now())
    except (Refused, actions.FileRefused) as refused:
        form.add_error("file" if isinstance(refused, actions.FileRefused) else None, str(refused))
        return _page(request, _of_party_or_404(request, pk), sign=form)
    messages.success(request, _("Signed. This page says what it opens."))
    return redirect("governance:agreement", pk=pk)


@require_POST
@needs(Permission.SIGN_AGREEMENTS)
def keep_paper(request: Request, pk: UUID) -> HttpResponse:
    """Keep the signed paper, in place of the one before."""
    found = _of_party_or_404(request, pk)
    upload = request.FILES.get("file")
    if upload is None:
        messages.error(request, _("Choose a file."))
        return redirect("governance:agreement", pk=pk)
    try:
        actions.keep_file(agreement=found, upload=upload, by=request.user.pk, now=timezone.now())
    except actions.FileRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The paper is kept."))
    return redirect("governance:agreement", pk=pk)


@require_GET
@needs(Permission.SEE_AGREEMENTS)
def paper(request: Request, pk: UUID) -> HttpResponse:
    """The signed paper, to save. Only its parties' rows exist here."""
    kept = AgreementFile.objects.filter(agreement=_of_party_or_404(request, pk)).first()
    if kept is None:
        raise Http404
    try:
        content = actions.read_file(kept)
    except actions.FileRefused as refused:
        messages.error(request, str(refused))
        return redirect("governance:agreement", pk=pk)
    record_event(EventKind.EXPORT_MADE, person_id=request.user.pk, about="governance:paper", detail={"files": 1})
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="agreement.pdf"'
    return answer


@require_POST
@needs(Permission.WRITE_AGREEMENTS)
def reminders(request: Request, pk: UUID) -> HttpResponse:
    """Whether both parties are mailed before its last days."""
    found = _of_party_or_404(request, pk)
    wanted = request.POST.get("wanted") == "yes"
    try:
        switch_reminders(agreement=found, wanted=wanted, by=request.user.pk)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Mails leave before its last days.") if wanted else _("No mail leaves for it."))
    return redirect("governance:agreement", pk=pk)


@require_POST
@needs(Permission.WRITE_AGREEMENTS)
def end(request: Request, pk: UUID) -> HttpResponse:
    """End it early: from the day after its new last day it opens nothing. A draft is withdrawn."""
    found = _of_party_or_404(request, pk)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _page(request, found, end=form)
    now_ends = request.POST.get("now") == "yes"
    last = timezone.localdate() if now_ends else form.cleaned_data["last_day"] + ONE_DAY
    try:
        actions.end_agreement(agreement=found, last_day=last, by=request.user.pk)
    except Refused as refused:
        form.add_error("last_day", str(refused))
        return _page(request, found, end=form)
    messages.success(request, _("It ends. This page says when."))
    return redirect("governance:agreement", pk=pk)
