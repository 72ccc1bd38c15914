"""Whose numbers a person's pages show: the members of the collaboratives that the person or the person's district belongs to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from commonground.apps.core.models import Membership, Organization
from commonground.apps.core.queries import Grant


@dataclass(frozen=True)
class Member:
    """A member district that has a state id. house_ids: the collaboratives it belongs to today."""

    organization: Organization
    house_ids: tuple[UUID, ...]
    is_voluntary: bool

    @property
    def id(self) -> UUID:
        return self.organization.pk

    @property
    def state_id(self) -> str:
        return str(self.organization.state_id)

    @property
    def name(self) -> str:
        return self.organization.name


def members_of(grants: Sequence[Grant], *, on: date) -> tuple[Member, ...]:
    """By name. One query."""
    houses = [grant.organization_id for grant in grants] + [grant.owner_id for grant in grants]
    in_force = Membership.objects.in_force(on).of_members()
    joined = in_force.filter(organization_id__in=houses).values("collaborative_id")
    rows = in_force.filter(
        Q(collaborative_id__in=houses) | Q(collaborative_id__in=joined),
        organization__kind=Organization.Kind.DISTRICT,
        organization__state_id__isnull=False,
    ).select_related("organization")
    return tuple(sorted(_by_district(rows), key=lambda member: member.name))


def _by_district(rows: Iterable[Membership]) -> Iterable[Member]:
    found: dict[UUID, list[Membership]] = {}
    for row in rows:
        found.setdefault(row.organization_id, []).append(row)
    for memberships in found.values():
        yield Member(
            organization=memberships[0].organization,
            house_ids=tuple(sorted({one.collaborative_id for one in memberships})),
            is_voluntary=all(one.standing == Membership.Standing.VOLUNTARY for one in memberships),
        )


def own_district_ids(grants: Sequence[Grant]) -> frozenset[UUID]:
    """The districts for which the person works: their numbers leave no district when the person sees them."""
    return frozenset(grant.owner_id for grant in grants if grant.organization_kind in ("district", "school"))
