"""Caseloads: a coordinator gives children to those who walk beside them, and these see them and write notes."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.actions import record_looks
from commonground.apps.core.asking import Refused
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import held_at
from commonground.apps.core.requests import Request
from commonground.apps.mentoring import actions, queries
from commonground.apps.mentoring.forms import CaseloadSearchForm, GiveForm, NewNoteForm, NoteForm
from commonground.apps.mentoring.models import Caseload, Note
from commonground.apps.roster.models import Student


@require_http_methods(["GET", "POST"])
@needs(Permission.GIVE_CASELOADS)
def caseloads(request: Request) -> HttpResponse:
    """Who walks beside whom in the own district. Letters are sent, never in an address."""
    form = CaseloadSearchForm(request.POST or None)
    letters = form.cleaned_data["letters"].strip() if form.is_valid() else ""
    districts = held_at(request.grants, "coordinator")
    today = timezone.localdate()
    rows = queries.holders(districts, letters=letters, today=today)
    page = {
        "form": form,
        "rows": rows,
        "narrowed": bool(letters),
        "unseen": queries.unseen((line for row in rows for line in row.lines), today=today),
    }
    return render(request, "mentoring/caseloads.html", page)


@require_http_methods(["GET", "POST"])
@needs(Permission.GIVE_CASELOADS)
def beside(request: Request, pk: UUID) -> HttpResponse:
    """Who walks beside one child of the own district; giving it to somebody, and ending that."""
    student = get_object_or_404(Student, pk=pk, owner_id__in=held_at(request.grants, "coordinator"))
    today = timezone.localdate()
    grants = queries.may_walk_beside(student, but=request.user.pk, today=today)
    form, problem = GiveForm(request.POST or None, grants=grants, today=today), ""
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        try:
            actions.give_child(
                student=student,
                grant_id=form.grant_id,
                since=typed["since"],
                last_day=typed["last_day"],
                by=request.user.pk,
            )
        except Refused as refused:
            problem = str(refused)
        else:
            messages.success(request, _("Given. It holds from the first day on, and you can end it here."))
            return redirect("mentoring:beside", student.pk)
    lines = queries.all_lines_of(student)
    present = [line for line in lines if not line.is_over(today)]
    page = {
        "student": student,
        "form": form if grants and student.ended_on is None else None,
        "problem": problem,
        "lines": present,
        "unseen": queries.unseen(present, today=today),
        "past": [line for line in lines if line.is_over(today)],
        "today": today,
    }
    status = 422 if form.errors else 409 if problem else 200
    return render(request, "mentoring/beside.html", page, status=status)


@require_POST
@needs(Permission.GIVE_CASELOADS)
def end(request: Request, pk: UUID) -> HttpResponse:
    """From this moment the child is no longer on that caseload."""
    line = get_object_or_404(Caseload, pk=pk, owner_id__in=held_at(request.grants, "coordinator"))
    try:
        actions.end_caseload(line=line, today=timezone.localdate(), by=request.user.pk)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Ended. To go on after all, give the child again."))
    return redirect("mentoring:beside", line.student_id)


@require_GET
@needs(Permission.SEE_CASELOAD)
def caseload(request: Request) -> HttpResponse:
    """The children beside whom this person walks today, with their families' contacts."""
    children = queries.own_caseload(person_id=request.user.pk, today=timezone.localdate())
    _looked(request, [child.student for child in children], page="mentoring:caseload")
    return render(request, "mentoring/caseload.html", {"children": children})


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_CASELOAD)
def notes(request: Request, pk: UUID) -> HttpResponse:
    """What was written about meetings with one child of the own caseload, and writing more."""
    line = queries.own_lines(person_id=request.user.pk, today=timezone.localdate()).filter(student_id=pk).first()
    if line is None:
        raise Http404
    reach = Note.Reach.BESIDE if line.grant.role == "mentor" else Note.Reach.DISTRICT
    form, problem = NewNoteForm(request.POST or None, initial={"met_on": timezone.localdate(), "reach": reach}), ""
    if form.is_bound and form.is_valid():
        try:
            actions.write_note(
                student=line.student, said=form.said(), by=request.user.pk, note_id=form.cleaned_data["token"]
            )
        except Refused as refused:
            problem = str(refused)
        else:
            messages.success(request, _("Written down. You can correct it for a day."))
            return redirect("mentoring:notes", pk)
    _looked(request, [line.student], page="mentoring:notes")
    page = {
        "line": line,
        "student": line.student,
        "form": form,
        "problem": problem,
        "notes": queries.notes_about(line.student, person_id=request.user.pk, now=timezone.now()),
        "others": [one for one in queries.beside(line.student, today=timezone.localdate()) if one.pk != line.pk],
    }
    status = 422 if form.errors else 409 if problem else 200
    return render(request, "mentoring/notes.html", page, status=status)


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_CASELOAD)
def note(request: Request, pk: UUID) -> HttpResponse:
    """Correct an own note, within a day."""
    found, problem = _own_note(request, pk), ""
    if request.method == "GET" and not found.may_be_corrected(by=request.user.pk, now=timezone.now()):
        return redirect("mentoring:notes", found.student_id)
    before = {name: getattr(found, name) for name in NoteForm.base_fields}
    form = NoteForm(request.POST or None, initial=before)
    if form.is_bound and form.is_valid():
        try:
            actions.correct_note(note=found, said=form.said(), by=request.user.pk)
        except Refused as refused:
            problem = str(refused)
        else:
            messages.success(request, _("Corrected."))
            return redirect("mentoring:notes", found.student_id)
    _looked(request, [found.student], page="mentoring:notes")
    page = {"student": found.student, "form": form, "problem": problem}
    return render(request, "mentoring/note.html", page, status=422 if form.errors else 409 if problem else 200)


@require_POST
@needs(Permission.SEE_CASELOAD)
def strike_note(request: Request, pk: UUID) -> HttpResponse:
    """Strike an own note: it stays, with a mark."""
    found = _own_note(request, pk)
    try:
        actions.strike_note(note=found, by=request.user.pk)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Struck. What it said stays readable, with a mark."))
    return redirect("mentoring:notes", found.student_id)


def _own_note(request: Request, pk: UUID) -> Note:
    return get_object_or_404(Note.objects.select_related("student"), pk=pk, author_id=request.user.pk)


def _looked(request: Request, students: list[Student], *, page: str) -> None:
    record_looks(
        person_id=request.user.pk,
        grants=request.grants,
        students=[(one.owner_id, one.pk) for one in students],
        page=page,
        now=timezone.now(),
    )
