"""Coaching: a coordinator gives teachers to coaches and ends that; coach and teacher write what only the two read."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonground.apps.coaching import actions, queries
from commonground.apps.coaching.forms import (
    REFLECTION,
    VISITS,
    EntryForm,
    GiveTeacherForm,
    GoalForm,
    NewEntryForm,
    NewGoalForm,
    OutcomeForm,
)
from commonground.apps.coaching.models import Coaching, Entry
from commonground.apps.core.access import needs
from commonground.apps.core.asking import Refused
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import held_at
from commonground.apps.core.requests import Request


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_COACHES)
def coaches(request: Request) -> HttpResponse:
    """Who coaches whom; a coordinator gives a teacher of the own district to a coach."""
    districts, today = held_at(request.grants, "coordinator"), timezone.localdate()
    teachers = queries.teachers_of(districts, today=today)
    may_coach = queries.coaches_for(districts, today=today)
    form, problem = None, ""
    if teachers and may_coach:
        form = GiveTeacherForm(request.POST or None, teachers=teachers, coaches=may_coach, today=today)
    if form is not None and form.is_bound and form.is_valid():
        try:
            actions.give_teacher(
                teacher_grant_id=form.teacher_grant_id,
                coach_grant_id=form.coach_grant_id,
                since=form.cleaned_data["since"],
                last_day=form.cleaned_data["last_day"],
                by=request.user.pk,
            )
        except Refused as refused:
            problem = str(refused)
        else:
            messages.success(request, _("Given. It holds from the first day on, and you can end it here."))
            return redirect("coaching:coaches")
    page = {
        "coaches": queries.coaches(districts=districts, houses=held_at(request.grants, "director"), today=today),
        "districts": districts,
        "form": form,
        "problem": problem,
        "today": today,
    }
    status = 422 if form is not None and form.errors else 409 if problem else 200
    return render(request, "coaching/coaches.html", page, status=status)


@require_POST
@needs(Permission.GIVE_COACHES)
def end(request: Request, pk: UUID) -> HttpResponse:
    """From this moment the coach works with the teacher no more by this line."""
    line = get_object_or_404(Coaching, pk=pk, owner_id__in=held_at(request.grants, "coordinator"))
    try:
        actions.end_coaching(line=line, by=request.user.pk)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Ended. To go on after all, give the teacher again."))
    return redirect("coaching:coaches")


@require_GET
@needs(Permission.SEE_OWN_COACHING)
def own(request: Request) -> HttpResponse:
    """The teachers whom this person coaches today, and who coaches this person."""
    person_id, today = request.user.pk, timezone.localdate()
    page = {
        "teachers": queries.own_teachers(person_id=person_id, today=today),
        "coaches": queries.own_coaches(person_id=person_id, today=today),
        "past": queries.past_coaches(person_id=person_id, today=today),
    }
    return render(request, "coaching/own.html", page)


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_OWN_COACHING)
def together(request: Request, pk: UUID) -> HttpResponse:
    """What coach and teacher wrote to each other, and writing more while they work together."""
    person_id, now, today = request.user.pk, timezone.now(), timezone.localdate()
    line = _own_line(request, pk)
    is_teacher = line.teacher_id == person_id
    entries = queries.entries_of(line, person_id=person_id, now=now)
    wanted = request.POST.get("about") or request.GET.get("about")
    about = next((one.entry for one in entries if str(one.entry.pk) == wanted and one.may_be_looked_back_on), None)
    kinds = [REFLECTION] if about else [*VISITS, REFLECTION] if is_teacher else VISITS
    initial = {"day": today, "about": about.pk if about else None}
    form, problem = NewEntryForm(request.POST or None, initial=initial, kinds=kinds), ""
    if form.is_bound and form.is_valid():
        try:
            actions.write_entry(
                line=line,
                said=form.words(),
                entry_id=form.cleaned_data["token"],
                by=person_id,
                about_id=form.cleaned_data["about"],
            )
        except Refused as refused:
            problem = str(refused)
        else:
            messages.success(request, _("Written down. You can correct it for a day."))
            return redirect("coaching:together", pk)
    page = {
        "line": line,
        "is_teacher": is_teacher,
        "form": None if line.is_over(today) else form,
        "about": about,
        "problem": problem,
        "goals": [one for one in entries if one.entry.kind == Entry.Kind.GOAL and not one.entry.struck_at],
        "entries": entries,
    }
    status = 422 if form.errors else 409 if problem else 200
    return render(request, "coaching/together.html", page, status=status)


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_OWN_COACHING)
def goal(request: Request, pk: UUID) -> HttpResponse:
    """A new goal for a cycle, while the two work together."""
    line, today = _own_line(request, pk), timezone.localdate()
    if request.method == "GET" and line.is_over(today):
        return redirect("coaching:together", pk)
    form, problem = NewGoalForm(request.POST or None, initial={"day": today}), ""
    if form.is_bound and form.is_valid():
        try:
            made = actions.write_entry(
                line=line, said=form.words(), entry_id=form.cleaned_data["token"], by=request.user.pk
            )
        except Refused as refused:
            problem = str(refused)
        else:
            messages.success(request, _("Written down. You can correct it for a day."))
            return redirect("coaching:cycle", made)
    page = {"line_id": pk, "form": form, "problem": problem, "is_new": True}
    return render(request, "coaching/goal.html", page, status=422 if form.errors else 409 if problem else 200)


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_OWN_COACHING)
def cycle(request: Request, pk: UUID) -> HttpResponse:
    """A goal with what the two wrote in its days, to read and print; saying how it went."""
    found, person_id = queries.own_goal(pk), request.user.pk
    if found is None:
        raise Http404
    form, problem = OutcomeForm(request.POST or None, initial={"outcome": found.outcome}), ""
    if form.is_bound and form.is_valid():
        try:
            actions.judge_goal(goal=found, outcome=form.cleaned_data["outcome"], by=person_id)
        except Refused as refused:
            problem = str(refused)
        else:
            messages.success(request, _("Kept. You can change it."))
            return redirect("coaching:cycle", pk)
    page = {
        "goal": found,
        "line_id": queries.line_of_two(found, today=timezone.localdate()),
        "form": form,
        "problem": problem,
        "entries": queries.cycle_of(found, person_id=person_id, now=timezone.now()),
    }
    return render(request, "coaching/cycle.html", page, status=422 if form.errors else 409 if problem else 200)


@require_http_methods(["GET", "POST"])
@needs(Permission.SEE_OWN_COACHING)
def entry(request: Request, pk: UUID) -> HttpResponse:
    """Correct an own entry, within a day."""
    found, problem = _own_entry(request, pk), ""
    line_id = queries.line_of_two(found, today=timezone.localdate())
    if request.method == "GET" and not found.may_be_corrected(by=request.user.pk, now=timezone.now()):
        return redirect("coaching:together", line_id)
    is_goal = found.kind == Entry.Kind.GOAL
    before = {name: getattr(found, name) for name in (GoalForm if is_goal else EntryForm).base_fields}
    kinds = [REFLECTION] if found.kind == Entry.Kind.REFLECTION else VISITS
    form = (
        GoalForm(request.POST or None, initial=before)
        if is_goal
        else EntryForm(request.POST or None, initial=before, kinds=kinds)
    )
    if form.is_bound and form.is_valid():
        try:
            actions.correct_entry(entry=found, said=form.words(), by=request.user.pk)
        except Refused as refused:
            problem = str(refused)
        else:
            messages.success(request, _("Corrected."))
            return redirect("coaching:together", line_id)
    page = {"line_id": line_id, "form": form, "problem": problem}
    template = "coaching/goal.html" if is_goal else "coaching/entry.html"
    return render(request, template, page, status=422 if form.errors else 409 if problem else 200)


@require_POST
@needs(Permission.SEE_OWN_COACHING)
def strike(request: Request, pk: UUID) -> HttpResponse:
    """Strike an own entry: it stays, with a mark."""
    found = _own_entry(request, pk)
    try:
        actions.strike_entry(entry=found, by=request.user.pk)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Struck. What it said stays readable, with a mark."))
    return redirect("coaching:together", queries.line_of_two(found, today=timezone.localdate()))


def _own_line(request: Request, pk: UUID) -> Coaching:
    line = queries.own_line(pk, person_id=request.user.pk, today=timezone.localdate())
    if line is None:
        raise Http404
    return line


def _own_entry(request: Request, pk: UUID) -> Entry:
    return get_object_or_404(Entry, pk=pk, author_id=request.user.pk)
