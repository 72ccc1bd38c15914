"""Reads of programs. Which rows exist is decided by the walls; counts come from functions that name nobody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from commonground.apps.core.events import EventKind
from commonground.apps.core.models import Event, Membership, Organization, Person, RoleGrant
from commonground.apps.core.queries import Grant
from commonground.apps.programs.meals import asked_of, meals_answers
from commonground.apps.programs.models import (
    Assignment,
    ConsentGiven,
    Offering,
    Registration,
    Ride,
    Seat,
)
from commonground.apps.roster.grades import grade_name, rising_grade
from commonground.apps.roster.models import Guardian, Student
from commonground.apps.roster.names import name_key
from commonground.apps.roster.queries import LAST, own_children

MOST_FOUND = 10
CHANGES_SHOWN = 20


@dataclass(frozen=True)
class SeatsLeft:
    """seats_left: free for whoever comes, beyond what is kept for districts. families_waiting: on the waiting list.

    by_district: name, and seats that a child of this district would find, kept ones included.
    """

    seats_left: int
    families_waiting: int
    by_district: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class DistrictSeats:
    """One district's part in an offering. kept: until the release day. bar, line: percent of the widest, for drawing."""

    district_id: UUID
    name: str
    kept: int
    taken: int
    waiting: int
    bar: str
    line: str

    @property
    def spare(self) -> int:
        """Kept seats that nobody of the district has taken."""
        return max(self.kept - self.taken, 0)


@dataclass(frozen=True)
class Listed:
    """A registration as a list shows it. place: on the waiting list, None off it."""

    registration: Registration
    student: Student
    district: str
    state: str
    place: int | None

    @property
    def grade(self) -> str:
        return grade_name(self.registration.grade)

    @property
    def state_words(self) -> str:
        return str(Seat.State(self.state).label) if self.state else ""


@dataclass(frozen=True)
class FamilyChild:
    """A child of the acting family beside an offering. fits: the grade after the summer is one of the offering's.

    meals: what the family said about school meals, in words; "" where it did not, None where it cannot say it here.
    """

    student: Student
    grade: str
    fits: bool
    listed: Listed | None
    meals: str | None = None

    @property
    def may_register(self) -> bool:
        return self.fits and (self.listed is None or self.listed.state == Seat.State.WITHDRAWN)


def seats_left(offering: Offering, *, districts: Iterable[UUID] = ()) -> SeatsLeft:
    """How many seats anybody may have today, and how many children of these districts; how many families wait.

    Two queries.
    """
    with connection.cursor() as cursor:
        cursor.execute("select seats_left, families_waiting from cg.seats_left(%s)", [offering.pk])
        free, waiting = cursor.fetchone()
        cursor.execute(
            "select o.name, cg.seats_left_for(%s, o.id) from core_organization o"
            " where o.id = any(%s) and o.kind = 'district' order by 1",
            [offering.pk, list(districts)],
        )
        return SeatsLeft(free, waiting, tuple(cursor.fetchall()))


def seats_by_district(offering: Offering) -> tuple[DistrictSeats, ...]:
    """Kept, taken and waiting by district, by name; empty for those who may not count it. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute("select district_id, kept, taken, waiting from cg.seats_by_district(%s)", [offering.pk])
        rows = cursor.fetchall()
    names = dict(Organization.objects.filter(pk__in=[row[0] for row in rows]).values_list("pk", "name"))
    widest = max((max(kept, taken) for _district, kept, taken, _waiting in rows), default=0) or 1
    found = (
        DistrictSeats(pk, names[pk], kept, taken, waiting, f"{95 * taken / widest:.1f}%", f"{95 * kept / widest:.1f}%")
        for pk, kept, taken, waiting in rows
    )
    return tuple(sorted(found, key=lambda one: one.name))


def listed(registrations: Iterable[Registration]) -> tuple[Listed, ...]:
    """Registrations with what became of each, by name of the child. Three queries."""
    rows = list(registrations)
    ids = [one.pk for one in rows]
    seats = {seat.registration_id: seat for seat in Seat.objects.filter(registration__in=ids)}
    with connection.cursor() as cursor:
        cursor.execute("select registration_id, place from cg.waiting_places(%s)", [ids])
        places = dict(cursor.fetchall())
    found = (
        Listed(one, one.student, one.owner.name, seats[one.pk].state if one.pk in seats else "", places.get(one.pk))
        for one in rows
    )
    return tuple(sorted(found, key=lambda one: (one.student.name_key, one.registration.pk)))


def registrations_of(offering: Offering) -> QuerySet[Registration]:
    """The registrations of an offering that exist for the acting person, each with child and district."""
    return Registration.objects.filter(offering=offering).select_related("student", "owner")


def seated(offering: Offering) -> tuple[Listed, ...]:
    """The children with a seat, by name."""
    return tuple(one for one in listed(registrations_of(offering)) if one.state == Seat.State.SEATED)


def family_children(offering: Offering, *, today: date) -> tuple[FamilyChild, ...]:
    """The acting family's children beside an offering, by name. Eight queries."""
    mine = {one.student.pk: one for one in listed(registrations_of(offering))}
    found = (_beside(offering, student, mine) for student in own_children())
    if not (mine and offering.described.asks_meals):
        return tuple(found)
    registrations = [one.registration for one in mine.values()]
    said, asked = meals_answers(registrations), asked_of(offering, on=today)
    asked_about = {one.pk for one in registrations if one.pk in said or one.owner_id in asked}
    may_say = may_change(registrations, category="meals") & asked_about
    return tuple(
        replace(one, meals=str(said[pk].get_answer_display()) if pk in said else "")
        if one.listed and (pk := one.listed.registration.pk) in may_say
        else one
        for one in found
    )


def _beside(offering: Offering, student: Student, mine: dict[UUID, Listed]) -> FamilyChild:
    grade = rising_grade(student.grade)
    return FamilyChild(student, grade_name(grade), grade in offering.grades, mine.get(student.pk))


def find_children(offering: Offering, letters: str) -> tuple[FamilyChild, ...]:
    """Children whom the acting member of staff may register, of the offering's grades, whose name begins so.

    At most ten; none while nothing was typed and there are more.
    """
    grades = [grade for grade in ("KG", *(f"{n:02d}" for n in range(1, 13))) if rising_grade(grade) in offering.grades]
    low = name_key(letters)
    # As the wall of registrations has it: more children may exist for the person than may be registered.
    students = (
        Student.objects.current()
        .filter(grade__in=grades)
        .extra(
            where=[
                "(roster_student.owner_id = any((select cg.owners('registration', 'write'))::uuid[])"
                " or roster_student.id = any((select cg.students_to_write('registration'))::uuid[]))"
            ]
        )
    )
    if low:
        students = students.filter(name_key__gte=low, name_key__lt=low + LAST)
    found = list(students.order_by("name_key", "pk")[: MOST_FOUND + 1])
    if len(found) > MOST_FOUND:
        found = found[:MOST_FOUND] if low else []
    mine = {one.student.pk: one for one in listed(registrations_of(offering).filter(student__in=found))}
    return tuple(_beside(offering, student, mine) for student in found)


def may_change(registrations: Iterable[Registration], *, category: str) -> set[UUID]:
    """Those of these registrations whose rows of a category the acting person may write, while the program is not over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select t.registration_id from programs_seat t join programs_offering o on o.id = t.offering_id"
            " where t.registration_id = any(%s) and t.registration_id = any(cg.registrations_to_write(%s))"
            " and t.state <> 'withdrawn' and o.ends_on >= cg.today()",
            [[one.pk for one in registrations], category],
        )
        return {row[0] for row in cursor.fetchall()}


def served(offering: Offering, *, by: UUID) -> tuple[Listed, ...]:
    """The children whom the acting person registered for their families and whose facts the person may write, by name."""
    rows = list(registrations_of(offering).filter(entered_by_id=by))
    mine = may_change(rows, category="health")
    return listed(one for one in rows if one.pk in mine)


@dataclass(frozen=True)
class CareChange:
    """Who changed which emergency facts, and when. facts: in the words of the form."""

    name: str
    at: datetime
    facts: tuple[str, ...]


def care_changes(registration: Registration, words: Mapping[str, str | Promise]) -> tuple[CareChange, ...]:
    """The latest changes of a registration's emergency facts first, without what they say. words: by fact. Two queries."""
    found = list(
        Event.objects.filter(kind=EventKind.CARE_CHANGED, about=str(registration.pk)).order_by("-number")[
            :CHANGES_SHOWN
        ]
    )
    names = dict(Person.objects.filter(pk__in=[one.person_id for one in found]).values_list("pk", "name"))
    return tuple(
        CareChange(
            names[one.person_id] if one.person_id else "",
            one.at,
            tuple(str(words.get(fact, fact)) for fact in one.detail["facts"]),
        )
        for one in found
    )


def own_guardian() -> Guardian | None:
    """The acting family's own record, for not asking what is known; None without one."""
    return (
        Guardian.objects.raw(
            "select g.* from cg.own_guardians() o join roster_guardian g on g.owner_id = o.owner_id and g.id = o.guardian_id"
            " order by g.id limit 1"
        )
        or [None]
    )[0]


def consents_of(registrations: Sequence[Registration]) -> dict[UUID, dict[str, ConsentGiven]]:
    """The latest word on each consent by registration and key, as far as it exists for the acting person."""
    found: dict[UUID, dict[str, ConsentGiven]] = {}
    for one in ConsentGiven.objects.filter(registration__in=registrations).order_by("recorded_at"):
        found.setdefault(one.registration_id, {})[one.key] = one
    return found


# Staff


@dataclass(frozen=True)
class Teacher:
    """Somebody who teaches in an offering, and the districts and schools where the person works."""

    assignment: Assignment
    name: str
    works_at: tuple[str, ...]

    @property
    def last_day(self) -> date:
        """The last day on which the person teaches."""
        return self.assignment.until - timedelta(1)


def teachers(offering: Offering) -> tuple[Teacher, ...]:
    """Who teaches in the offering, by name; the acting person's own line only, for those who do not run it. Two queries."""
    rows = list(Assignment.objects.filter(offering=offering).select_related("person"))
    places: dict[UUID, set[str]] = {}
    working = RoleGrant.objects.in_force(timezone.localdate()).filter(person__in=[one.person_id for one in rows])
    for grant in working.exclude(organization=offering.owner_id).select_related("organization__owner"):
        places.setdefault(grant.person_id, set()).add((grant.organization.owner or grant.organization).name)
    found = (Teacher(one, one.person.name, tuple(sorted(places.get(one.person_id, ())))) for one in rows)
    return tuple(sorted(found, key=lambda one: one.name))


def possible_teachers(offering: Offering) -> QuerySet[Person]:
    """People who hold the role of a program teacher at the organization and do not teach in the offering yet."""
    held = RoleGrant.objects.not_over(offering.starts_on)
    held = held.filter(role="program_teacher", organization_id=offering.owner_id)
    taken = Assignment.objects.filter(offering=offering).values("person_id")
    return Person.objects.filter(is_active=True, pk__in=held.values("person_id")).exclude(pk__in=taken).order_by("name")


# Lists of offerings


@dataclass(frozen=True)
class OfferingLine:
    """An offering in a list. left: seats that anybody may have. runs_it: the acting person's organization does."""

    offering: Offering
    owner: str
    left: SeatsLeft
    runs_it: bool


def offerings(grants: Sequence[Grant], *, today: date, past: bool = False) -> tuple[OfferingLine, ...]:
    """Offerings of the bodies that the person's organizations belong to, the next first. past: those that are over.

    Three queries, however many there are.
    """
    houses = _houses(grants, today=today)
    found = Offering.objects.filter(owner_id__in=houses).order_by("starts_on", "title")
    found = found.filter(ends_on__lt=today).reverse() if past else found.not_over(today)
    mine = {grant.organization_id for grant in grants}
    rows = list(found.select_related("owner"))
    left = _seats_left_of(rows)
    return tuple(OfferingLine(one, one.owner.name, left[one.pk], one.owner_id in mine) for one in rows)


def _seats_left_of(offerings: Sequence[Offering]) -> dict[UUID, SeatsLeft]:
    """What `seats_left` says of each, without districts. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select o.id, s.seats_left, s.families_waiting from unnest(%s::uuid[]) o(id), cg.seats_left(o.id) s",
            [[one.pk for one in offerings]],
        )
        return {pk: SeatsLeft(free, waiting) for pk, free, waiting in cursor.fetchall()}


def _houses(grants: Sequence[Grant], *, today: date) -> set[UUID]:
    """The organizations of the grants, and the collaboratives they belong to on the day."""
    own = {grant.owner_id for grant in grants}
    joined = Membership.objects.in_force(today).filter(organization_id__in=own)
    return own | set(joined.values_list("collaborative_id", flat=True))


def may_see(offering: Offering, grants: Sequence[Grant], *, today: date) -> bool:
    """Whether the offering is one of those that `offerings` lists for the person."""
    return offering.owner_id in _houses(grants, today=today)


def rides_of(offering: Offering) -> QuerySet[Ride]:
    """The buses of an offering, by name."""
    return Ride.objects.filter(offering=offering).order_by("name", "leaves_at")
