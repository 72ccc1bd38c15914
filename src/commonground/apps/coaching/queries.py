"""Reads of who coaches whom and of what the two wrote. Which rows exist is decided by the walls."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from commonground.apps.coaching.models import Coaching, Entry
from commonground.apps.core.models import Membership, RoleGrant
from commonground.apps.roster.names import name_key

# Half a year, back to the first of its month.
MONTHS_BACK = timedelta(days=182)
PEOPLE = ("coach_grant__person", "coach_grant__organization", "teacher_grant__person", "teacher_grant__organization")


def _lines(today: date) -> QuerySet[Coaching]:
    return Coaching.objects.not_over(today).select_related("owner", *PEOPLE)


def own_teachers(*, person_id: UUID, today: date) -> list[Coaching]:
    """The lines by which the acting person coaches teachers today, by the teacher's name. One query."""
    lines = _lines(today).filter(since__lte=today, coach_grant__person_id=person_id)
    return sorted(lines, key=lambda one: name_key(one.teacher_grant.person.name))


def own_coaches(*, person_id: UUID, today: date) -> list[Coaching]:
    """The lines by which the acting person is coached today, by the coach's name. One query."""
    lines = _lines(today).filter(since__lte=today, teacher_id=person_id)
    return sorted(lines, key=lambda one: name_key(one.coach_grant.person.name))


def past_coaches(*, person_id: UUID, today: date) -> list[Coaching]:
    """Lines of the acting person's coaches that are over and by which something was written, the latest first. One query."""
    lines = Coaching.objects.filter(teacher_id=person_id).exclude(pk__in=Coaching.objects.not_over(today).values("pk"))
    written = lines.filter(Exists(Entry.objects.filter(coaching=OuterRef("pk"))))
    return list(written.select_related("owner", *PEOPLE).order_by("-since", "pk"))


def own_line(pk: UUID, *, person_id: UUID, today: date) -> Coaching | None:
    """The line, if the acting person is its coach today, or its teacher from the first day on. One query."""
    mine = Q(teacher_id=person_id) | Q(
        pk__in=Coaching.objects.in_force(today).filter(coach_grant__person_id=person_id).values("pk")
    )
    return Coaching.objects.filter(mine, pk=pk, since__lte=today).select_related("owner", *PEOPLE).first()


def line_of_two(entry: Entry, *, today: date) -> UUID:
    """The line by which the two of an entry work together today, else the one by which it was written. One query."""
    lines = Coaching.objects.in_force(today).filter(
        owner_id=entry.owner_id, teacher_id=entry.teacher_id, coach_grant__person_id=entry.coach_id
    )
    found: UUID | None = lines.values_list("pk", flat=True).first()
    return found or entry.coaching_id


@dataclass(frozen=True)
class ShownEntry:
    """An entry as a page shows it to one of the two."""

    entry: Entry
    may_be_corrected: bool
    may_be_struck: bool
    may_be_looked_back_on: bool
    about: Entry | None


def entries_of(line: Coaching, *, person_id: UUID, now: datetime) -> list[ShownEntry]:
    """What the two wrote, also by earlier lines of theirs, the latest day first. One query."""
    entries = _written(owner_id=line.owner_id, teacher_id=line.teacher_id, coach_id=line.coach_grant.person_id)
    return _shown(entries.order_by("-day", "-written_at", "pk"), person_id=person_id, now=now)


def own_goal(pk: UUID) -> Entry | None:
    """The goal, if it exists for the acting person and is not struck, with the two. One query."""
    goals = Entry.objects.filter(pk=pk, kind=Entry.Kind.GOAL, struck_at=None)
    return goals.select_related("teacher", "coach", "author").first()


def cycle_of(goal: Entry, *, person_id: UUID, now: datetime) -> list[ShownEntry]:
    """What the two wrote about the days of a goal, the earliest first, without goals and what was struck. One query."""
    within = Q(day__gte=goal.day) & (Q(day__lte=goal.last_day) if goal.last_day else Q())
    entries = _written(owner_id=goal.owner_id, teacher_id=goal.teacher_id, coach_id=goal.coach_id).filter(
        struck_at=None
    )
    visits = entries.filter(within).exclude(kind=Entry.Kind.GOAL)
    found = entries.filter(Q(pk__in=visits.values("pk")) | Q(about_id__in=visits.values("pk")))
    return _shown(found.order_by("day", "written_at", "pk"), person_id=person_id, now=now)


def _written(**of_two: UUID) -> QuerySet[Entry]:
    return Entry.objects.filter(**of_two).select_related("author")


def _shown(entries: Iterable[Entry], *, person_id: UUID, now: datetime) -> list[ShownEntry]:
    found = {one.pk: one for one in entries}
    return [
        ShownEntry(
            one,
            may_be_corrected=one.may_be_corrected(by=person_id, now=now),
            may_be_struck=one.may_be_struck(by=person_id),
            may_be_looked_back_on=one.may_be_looked_back_on(by=person_id),
            about=found.get(one.about_id) if one.about_id else None,
        )
        for one in found.values()
    ]


@dataclass(frozen=True)
class Month:
    """How often a coach met teachers of a district in a month; day: its first."""

    district: str
    day: date
    visit_count: int


@dataclass(frozen=True)
class Coach:
    """A coach with the teachers, by name; today or soon. months: that are over and may be told, the latest first."""

    grant: RoleGrant
    lines: tuple[Coaching, ...]
    months: tuple[Month, ...]


def coaches(*, districts: Sequence[UUID], houses: Sequence[UUID], today: date) -> list[Coach]:
    """Who coaches whom in these districts and for these houses, by the coach's name. Two queries."""
    lines = _lines(today).filter(Q(owner_id__in=districts) | Q(coach_grant__organization_id__in=houses))
    found: dict[UUID, list[Coaching]] = {}
    for line in sorted(lines, key=lambda one: name_key(one.teacher_grant.person.name)):
        found.setdefault(line.coach_grant_id, []).append(line)
    visits = _visits(since=(today - MONTHS_BACK).replace(day=1)) if found else {}
    shown = [Coach(own[0].coach_grant, tuple(own), _months(own, visits.get(pk, {}))) for pk, own in found.items()]
    return sorted(shown, key=lambda one: _name(one.grant))


def _visits(*, since: date) -> dict[UUID, dict[UUID, list[tuple[date, int]]]]:
    """By the coach's role and the teachers' district: the months that may be told, with their counts. One query."""
    found: dict[UUID, dict[UUID, list[tuple[date, int]]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select grant_id, owner_id, month, visit_count from cg.coaching_visits(%s) order by month desc", [since]
        )
        for grant_id, owner_id, month, count in cursor.fetchall():
            found.setdefault(grant_id, {}).setdefault(owner_id, []).append((month, count))
    return found


def _months(lines: Sequence[Coaching], counts: dict[UUID, list[tuple[date, int]]]) -> tuple[Month, ...]:
    names = {line.owner_id: line.owner.name for line in lines}
    months = [Month(name, day, count) for pk, name in names.items() for day, count in counts.get(pk, ())]
    return tuple(sorted(months, key=lambda one: (-one.day.toordinal(), name_key(one.district))))


def teachers_of(districts: Sequence[UUID], *, today: date) -> list[RoleGrant]:
    """The roles of teachers at these districts and their schools today, by name. One query."""
    return _held("teacher", _at(districts), today=today)


def coaches_for(districts: Sequence[UUID], *, today: date) -> list[RoleGrant]:
    """The roles of coaches who may work with teachers of these districts today, by name. One query."""
    joined = Membership.objects.filter(
        Q(until=None) | Q(until__gt=today), organization_id__in=districts, since__lte=today
    )
    houses = Q(organization_id__in=joined.values("collaborative_id"))
    return _held("coach", _at(districts) | houses, today=today)


def _at(districts: Sequence[UUID]) -> Q:
    return Q(organization_id__in=districts) | Q(organization__owner_id__in=districts)


def _held(role: str, places: Q, *, today: date) -> list[RoleGrant]:
    grants = RoleGrant.objects.in_force(today).filter(places, role=role, person__is_active=True)
    return sorted(grants.select_related("person", "organization"), key=_name)


def _name(grant: RoleGrant) -> tuple[str, str]:
    return name_key(grant.person.name), grant.organization.name
