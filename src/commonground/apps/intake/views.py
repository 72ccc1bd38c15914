"""Intake's pages: history, sending, one batch from check to undo, its held rows."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import may
from commonground.apps.core.requests import Request
from commonground.apps.intake import actions, queries, receiving
from commonground.apps.intake.forms import DecideForm, HistoryFilterForm, SendForm
from commonground.apps.intake.models import Batch
from commonground.store.jobs import defer

Status = Batch.Status
# Batch status → the step of the process that is current, from 1; 5 is past the end.
STEP = {Status.RECEIVED: 1, Status.CHECKING: 2, Status.REFUSED: 2, Status.FAILED: 2, Status.CHECKED: 3}
STEP |= {Status.APPLYING: 4, Status.APPLIED: 5, Status.UNDOING: 4, Status.UNDONE: 5, Status.DISCARDED: 5}


def _districts(request: Request) -> list[tuple[str, str]]:
    """The districts this person may send files for."""
    return [
        (str(grant.organization_id), grant.organization_name)
        for grant in request.grants
        if Permission.SEND_FILES in grant.role.may
    ]


@require_GET
@needs(Permission.SEE_BATCH_COUNTS)
def batches(request: Request) -> HttpResponse:
    """History: every batch that exists for this person, newest first."""
    districts = _districts(request)
    return _history(request, SendForm(districts=districts) if districts else None)


def _history(request: Request, form: SendForm | None, *, status: int = 200) -> HttpResponse:
    filters = HistoryFilterForm(request.GET, districts=queries.senders())
    wanted = filters.wanted()
    page, names = queries.history(page=request.GET.get("page"), **wanted)
    context = {
        "page": page,
        "rows": [(batch, names[batch.owner_id]) for batch in page],
        "filters": filters,
        "narrowed": any(wanted.values()),
        "many_districts": "district" in filters.fields,
        "form": form,
    }
    return render(request, "intake/batches.html", context, status=status)


@require_POST
@needs(Permission.SEND_FILES)
def send(request: Request) -> HttpResponse:
    """Take a file, keep it, and have it checked."""
    form = SendForm(request.POST, request.FILES, districts=_districts(request))
    if not form.is_valid():
        return _history(request, form, status=422)
    upload = form.cleaned_data["file"]
    try:
        batch = receiving.receive_file(
            owner_id=UUID(form.cleaned_data["district"]),
            blocks=upload.chunks(),
            label=upload.name,
            by=request.user.pk,
            now=timezone.now(),
        )
    except receiving.FileNotKept as not_kept:
        form.add_error("file", str(not_kept))
        return _history(request, form, status=422)
    defer("intake.check", one_at_a_time=batch.owner_id, batch_id=batch.pk, person_id=request.user.pk)
    return redirect("intake:batch", pk=batch.pk)


@require_GET
@needs(Permission.SEE_BATCH_COUNTS)
def batch(request: Request, pk: UUID) -> HttpResponse:
    """One batch: what was found in it, what it would change or has changed, and what can be done now."""
    return _page(request, get_object_or_404(Batch, pk=pk))


def _may_apply(request: Request, batch: Batch) -> bool:
    """Whether this person decides about files of the batch's district."""
    return may(request, Permission.APPLY_BATCHES) and str(batch.owner_id) in {key for key, _ in _districts(request)}


def _page(request: Request, batch: Batch, *, problem: str = "", status: int = 200) -> HttpResponse:
    preview, may_apply = queries.preview(batch), _may_apply(request, batch)
    page = {
        "batch": batch,
        "preview": preview,
        "step": STEP[Status(batch.status)],
        "steps": [_("Arrived"), _("Read and checked"), _("Looked at"), _("Applied")],
        "may_apply": may_apply,
        "may_decide": may_apply and preview.can_be_decided,
        "problem": problem,
    }
    template = "intake/batch.html#state" if request.htmx and not problem else "intake/batch.html"
    return render(request, template, page, status=status)


@require_POST
@needs(Permission.APPLY_BATCHES)
def check(request: Request, pk: UUID) -> HttpResponse:
    """Have a file read again: after an error of ours, or because the roster has changed since it was checked."""
    batch = get_object_or_404(Batch, pk=pk)
    expected = Status.FAILED if batch.status == Status.FAILED else Status.CHECKED
    return _begin(request, batch, expected=expected, status=Status.RECEIVED, job="intake.check")


@require_POST
@needs(Permission.APPLY_BATCHES)
def apply(request: Request, pk: UUID) -> HttpResponse:
    """Have the batch applied. A district's first bundle needs the person's word that it is the district's."""
    batch = get_object_or_404(Batch, pk=pk)
    tie = request.POST.get("tie") == "yes"
    if queries.is_old(batch):
        return _page(request, batch, problem=_("Nothing was applied: have this file checked again first."), status=409)
    if batch.status == Status.CHECKED and queries.is_first(batch) and not tie:
        return _page(request, batch, problem=_("Say that this bundle is the district's own: tick the box."), status=422)
    return _begin(request, batch, expected=Status.CHECKED, status=Status.APPLYING, job="intake.apply", tie=int(tie))


@require_POST
@needs(Permission.APPLY_BATCHES)
def undo(request: Request, pk: UUID) -> HttpResponse:
    """Have the batch undone: the latest of its source only."""
    batch = get_object_or_404(Batch, pk=pk)
    if batch.status == Status.APPLIED and queries.latest_applied(batch) != batch:
        return _page(request, batch, problem=_("Undo the later batches of this source first."), status=409)
    return _begin(request, batch, expected=Status.APPLIED, status=Status.UNDOING, job="intake.undo")


def _begin(request: Request, batch: Batch, *, expected: Status, status: Status, job: str, **more: int) -> HttpResponse:
    try:
        actions.begin(batch_id=batch.pk, expected=expected, status=status)
    except actions.NotNow as not_now:
        return _page(request, batch, problem=str(not_now), status=409)
    defer(job, one_at_a_time=batch.owner_id, batch_id=batch.pk, person_id=request.user.pk, **more)
    return redirect("intake:batch", pk=batch.pk)


@require_POST
@needs(Permission.APPLY_BATCHES)
def discard(request: Request, pk: UUID) -> HttpResponse:
    """Set a batch aside and destroy its files."""
    batch = get_object_or_404(Batch, pk=pk)
    try:
        actions.discard_batch(batch_id=batch.pk, by=request.user.pk)
    except actions.NotNow as not_now:
        return _page(request, batch, problem=str(not_now), status=409)
    messages.success(request, _("The batch was set aside. Nothing of it was applied."))
    return redirect("intake:batches")


@require_POST
@needs(Permission.APPLY_BATCHES)
def decide(request: Request, pk: UUID) -> HttpResponse:
    """Record a decision about held rows or leavers, and have the file checked again."""
    batch = get_object_or_404(Batch, pk=pk)
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _page(request, batch, problem=_("Choose what to do with these rows."), status=422)
    if batch.status == Status.APPLIED and not queries.can_be_decided(batch):
        older = _("A later file of this district is in. Decide about the rows of that one.")
        return _page(request, batch, problem=older, status=409)
    try:
        batch = actions.decide(
            batch_id=batch.pk,
            code=form.cleaned_data["code"],
            file=form.cleaned_data["file"],
            line=None,
            choice=form.cleaned_data["choice"],
            by=request.user.pk,
            now=timezone.now(),
        )
    except actions.ChoiceUnknown as unknown:
        return _page(request, batch, problem=str(unknown), status=422)
    except actions.NotNow as not_now:
        return _page(request, batch, problem=str(not_now), status=409)
    defer("intake.check", one_at_a_time=batch.owner_id, batch_id=batch.pk, person_id=request.user.pk)
    return redirect("intake:batch", pk=batch.pk)


@require_GET
@needs(Permission.SEE_BATCH_COUNTS)
def held(request: Request, pk: UUID) -> HttpResponse:
    """The held rows of a batch: file, line and reason, never a value; all, or those of one cause."""
    batch = get_object_or_404(Batch, pk=pk)
    preview = queries.preview(batch)
    asked = (request.GET.get("code"), request.GET.get("file"))
    cause = next((one for one in preview.held if (one.code, one.file) == asked), None)
    words = {one.code: one.wrong for one in preview.held}
    page = Paginator(queries.held_rows(batch, cause=cause), queries.PAGE).get_page(request.GET.get("page"))
    context = {
        "batch": batch,
        "page": page,
        "rows": [(row, words.get(row.code) or queries.words_of(row.code)) for row in page],
        "cause": cause,
        "may_decide": preview.can_be_decided and _may_apply(request, batch),
    }
    return render(request, "intake/held.html", context)
