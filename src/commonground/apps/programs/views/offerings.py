"""Offerings: the list, one with its seats, planning and changing it, its days, buses and staff."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.models import Organization
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import Grant, may, member_districts
from commonground.apps.core.requests import Request
from commonground.apps.programs import queries
from commonground.apps.programs.actions import (
    NoSuchTeacher,
    TooManyKept,
    assign_teacher,
    change_offering,
    plan_offering,
)
from commonground.apps.programs.forms.offerings import (
    AssignmentForm,
    DayForm,
    OfferingForm,
    RideForm,
    SessionForm,
    offering_initial,
)
from commonground.apps.programs.kinds import kinds
from commonground.apps.programs.models import Assignment, Day, Offering, Ride, Session
from commonground.apps.programs.views.framing import districts_of, frame, offering_or_404, own_offering_or_404, runs


@require_GET
@needs(Permission.SEE_PROGRAMS)
def offerings(request: Request) -> HttpResponse:
    """What the person's organizations offer together, the next first."""
    today = timezone.localdate()
    page = {
        "lines": queries.offerings(request.grants, today=today),
        "past": queries.offerings(request.grants, today=today, past=True),
        "kinds": kinds().values() if _houses(request) else (),
        "today": today,
    }
    return render(request, "programs/offerings.html", page)


def _houses(request: Request) -> list[Grant]:
    """The organizations for which the person may plan programs."""
    return [grant for grant in request.grants if Permission.MANAGE_PROGRAMS in grant.role.may]


@require_GET
@needs(Permission.SEE_PROGRAMS)
def offering(request: Request, pk: UUID) -> HttpResponse:
    """One offering: for a family its children's places, for staff its seats."""
    found = offering_or_404(request, pk)
    page = frame(request, found, "programs:offering") | {
        "left": queries.seats_left(found, districts=districts_of(request)),
        "days": found.days.order_by("held_on"),
        "rides": queries.rides_of(found),
        "is_open": found.is_open(timezone.localdate()),
    }
    if may(request, Permission.SEE_OWN_CHILDREN):
        children = queries.family_children(found, today=timezone.localdate())
        page |= {
            "children": children,
            "may_register": any(child.may_register for child in children),
            "may_change": queries.may_change(
                (child.listed.registration for child in children if child.listed), category="health"
            ),
        }
        return render(request, "programs/family.html", page)
    districts, is_released = queries.seats_by_district(found), found.release_on <= timezone.localdate()
    page |= {
        "districts": districts,
        "taken": sum(one.taken for one in districts),
        "spare": [] if is_released else [one for one in districts if one.spare],
        "spare_count": 0 if is_released else sum(one.spare for one in districts),
        "is_released": is_released,
        "may_register": may(request, Permission.REGISTER_CHILDREN),
        "may_manage": runs(request, found, Permission.MANAGE_PROGRAMS),
        "may_print": runs(request, found, Permission.SEE_CARE),
        "teaches": may(request, Permission.TAKE_ATTENDANCE),
    }
    return render(request, "programs/offering.html", page)


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_PROGRAMS)
def plan(request: Request, kind: str) -> HttpResponse:
    """Plan a new offering of a kind for the organization that the person runs programs for."""
    described, houses = kinds().get(kind), _houses(request)
    if described is None or not houses:
        return redirect("programs:offerings")
    house = houses[0].organization_id
    today = timezone.localdate()
    first = _second_monday_of_june(today.year + (today.month > 5))
    initial = {
        "title": described.title,
        "starts_on": first,
        "ends_on": first + timedelta(described.day_count - 1),
        "opens_on": today,
        "closes_on": first - timedelta(7),
        "release_on": first - timedelta(60),
    }
    form = OfferingForm(request.POST or None, initial=initial, districts=_members(house))
    if form.is_bound and form.is_valid():
        try:
            made = plan_offering(
                kind=described, owner_id=house, facts=form.facts(), kept=form.kept(), by=request.user.pk
            )
        except TooManyKept as too_many:
            form.add_error("capacity", str(too_many))
        else:
            return redirect("programs:offering", pk=made.pk)
    page = {"form": form, "kind": described}
    return render(request, "programs/offering_form.html", page, status=422 if form.errors else 200)


def _second_monday_of_june(year: int) -> date:
    return next(day for n in range(8, 15) if (day := date(year, 6, n)).weekday() == 0)


def _members(house_id: UUID) -> list[Organization]:
    """The districts for which seats can be kept: the members, or the district itself."""
    own = Organization.objects.districts().filter(pk=house_id)
    return list(own) or list(member_districts(house_id, on=timezone.localdate()))


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_PROGRAMS)
def edit(request: Request, pk: UUID) -> HttpResponse:
    """Change an offering; nobody who has a seat loses it."""
    found = own_offering_or_404(request, pk, Permission.MANAGE_PROGRAMS)
    form = OfferingForm(
        request.POST or None,
        initial=offering_initial(found),
        districts=_members(found.owner_id),
        ends_from=min(found.ends_on, timezone.localdate()),
    )
    if form.is_bound and form.is_valid():
        try:
            change_offering(offering=found, facts=form.facts(), kept=form.kept(), by=request.user.pk)
        except TooManyKept as too_many:
            form.add_error("capacity", str(too_many))
        else:
            messages.success(request, _("Saved. Whoever has a seat keeps it."))
            return redirect("programs:offering", pk=found.pk)
    page = {"form": form, "kind": found.described, "offering": found}
    return render(request, "programs/offering_form.html", page, status=422 if form.errors else 200)


@require_GET
@needs(Permission.MANAGE_PROGRAMS)
def days(request: Request, pk: UUID) -> HttpResponse:
    """Days with their sessions, and buses."""
    return _days_page(request, own_offering_or_404(request, pk, Permission.MANAGE_PROGRAMS))


def _days_page(request: Request, found: Offering, *, forms: dict | None = None, status: int = 200) -> HttpResponse:
    given = forms or {}
    rows = [
        (
            day,
            given.get(("day", day.pk)) or DayForm(instance=day, prefix=f"day-{day.pk}"),
            day.sessions.order_by("begins_at"),
            given.get(("session", day.pk)) or SessionForm(prefix=f"session-{day.pk}"),
        )
        for day in found.days.select_related("offering").order_by("held_on")
    ]
    page = frame(request, found, "programs:days") | {
        "rows": rows,
        "rides": queries.rides_of(found),
        "ride_form": given.get("ride") or RideForm(prefix="ride"),
    }
    return render(request, "programs/days.html", page, status=status)


@require_POST
@needs(Permission.MANAGE_PROGRAMS)
def change_day(request: Request, pk: UUID) -> HttpResponse:
    """Change times, place and theme of a day, or add a session to it."""
    day = get_object_or_404(Day.objects.select_related("offering"), pk=pk)
    found = own_offering_or_404(request, day.offering_id, Permission.MANAGE_PROGRAMS)
    if "add" in request.POST:
        session = SessionForm(
            request.POST, prefix=f"session-{day.pk}", instance=Session(owner_id=found.owner_id, day=day)
        )
        if not session.is_valid():
            return _days_page(request, found, forms={("session", day.pk): session}, status=422)
        session.save()
    else:
        form = DayForm(request.POST, prefix=f"day-{day.pk}", instance=day)
        if not form.is_valid():
            return _days_page(request, found, forms={("day", day.pk): form}, status=422)
        form.save()
    messages.success(request, _("Saved."))
    return redirect("programs:days", pk=found.pk)


@require_POST
@needs(Permission.MANAGE_PROGRAMS)
def add_ride(request: Request, pk: UUID) -> HttpResponse:
    """Add a bus."""
    found = own_offering_or_404(request, pk, Permission.MANAGE_PROGRAMS)
    form = RideForm(request.POST, prefix="ride", instance=Ride(owner_id=found.owner_id, offering=found))
    if not form.is_valid():
        return _days_page(request, found, forms={"ride": form}, status=422)
    form.save()
    messages.success(request, _("Saved."))
    return redirect("programs:days", pk=found.pk)


@require_POST
@needs(Permission.MANAGE_PROGRAMS)
def drop_session(request: Request, pk: UUID) -> HttpResponse:
    """Take a session off its day."""
    session = get_object_or_404(Session.objects.select_related("day"), pk=pk)
    found = own_offering_or_404(request, session.day.offering_id, Permission.MANAGE_PROGRAMS)
    session.delete()
    return redirect("programs:days", pk=found.pk)


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_PROGRAMS)
def staff(request: Request, pk: UUID) -> HttpResponse:
    """Who teaches in the offering; a program teacher is added from a day to a day."""
    found = own_offering_or_404(request, pk, Permission.MANAGE_PROGRAMS)
    people = queries.possible_teachers(found)
    initial = {"since": found.starts_on, "last_day": found.ends_on}
    form = AssignmentForm(request.POST or None, initial=initial, people=people)
    if form.is_bound and form.is_valid():
        try:
            assign_teacher(
                offering=found,
                person_id=UUID(form.cleaned_data["person"]),
                since=form.cleaned_data["since"],
                until=form.cleaned_data["last_day"] + timedelta(1),
            )
        except NoSuchTeacher as missing:
            form.add_error("person", str(missing))
        else:
            messages.success(request, _("Added. The list of children opens to this person on the first day."))
            return redirect("programs:staff", pk=found.pk)
    page = frame(request, found, "programs:staff") | {
        "teachers": queries.teachers(found),
        "form": form if form.fields["person"].choices else None,  # type: ignore[attr-defined]
    }
    return render(request, "programs/staff.html", page, status=422 if form.errors else 200)


@require_POST
@needs(Permission.MANAGE_PROGRAMS)
def drop_teacher(request: Request, pk: UUID) -> HttpResponse:
    """Somebody no longer teaches in the offering; the list of children closes at once."""
    assignment = get_object_or_404(Assignment, pk=pk)
    found = own_offering_or_404(request, assignment.offering_id, Permission.MANAGE_PROGRAMS)
    assignment.delete()
    messages.success(request, _("Removed. The list of children is closed to this person now."))
    return redirect("programs:staff", pk=found.pk)
