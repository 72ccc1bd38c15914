"""Reads of who coaches whom. Which lines exist is decided by the walls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from commonground.apps.coaching.models import Coaching
from commonground.apps.core.models import Membership, RoleGrant
from commonground.apps.roster.names import name_key


def _lines(today: date) -> QuerySet[Coaching]:
    people = (
        "coach_grant__person",
        "coach_grant__organization",
        "teacher_grant__person",
        "teacher_grant__organization",
    )
    return Coaching.objects.not_over(today).select_related("owner", *people)


def own_teachers(*, person_id: UUID, today: date) -> list[Coaching]:
    """The lines by which the acting person coaches teachers today, by the teacher's name. One query."""
    lines = _lines(today).filter(since__lte=today, coach_grant__person_id=person_id)
    return sorted(lines, key=lambda one: name_key(one.teacher_grant.person.name))


def own_coaches(*, person_id: UUID, today: date) -> list[Coaching]:
    """The lines by which the acting person is coached today, by the coach's name. One query."""
    lines = _lines(today).filter(since__lte=today, teacher_id=person_id)
    return sorted(lines, key=lambda one: name_key(one.coach_grant.person.name))


@dataclass(frozen=True)
class Coach:
    """A coach with the teachers, by name; today or soon."""

    grant: RoleGrant
    lines: tuple[Coaching, ...]


def coaches(*, districts: Sequence[UUID], houses: Sequence[UUID], today: date) -> list[Coach]:
    """Who coaches whom in these districts and for these houses, by the coach's name. One query."""
    lines = _lines(today).filter(Q(owner_id__in=districts) | Q(coach_grant__organization_id__in=houses))
    found: dict[UUID, list[Coaching]] = {}
    for line in sorted(lines, key=lambda one: name_key(one.teacher_grant.person.name)):
        found.setdefault(line.coach_grant_id, []).append(line)
    return sorted((Coach(own[0].coach_grant, tuple(own)) for own in found.values()), key=lambda one: _name(one.grant))


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
