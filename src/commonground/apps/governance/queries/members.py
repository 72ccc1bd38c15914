"""Who belongs to a collaborative, which organizations could, and who leads each member."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from commonground.apps.core.models import Adjacency, Invitation, Membership, Organization, RoleGrant
from commonground.apps.core.models.organizations import MembershipQuerySet
from commonground.apps.core.queries import Grant, held_at

MOST_FOUND = 60


def houses_of(grants: Sequence[Grant]) -> list[UUID]:
    """The collaboratives that the acting person directs today."""
    return held_at(grants, "director")


def house_of(grants: Sequence[Grant]) -> Organization | None:
    """The collaborative that the acting person directs, the first by name where there are several."""
    return Organization.objects.filter(pk__in=houses_of(grants)).order_by("name").first()


def memberships_of(house: Organization, *, on: date) -> MembershipQuerySet:
    """Memberships of today and of later, by name."""
    return (
        Membership.objects.not_over(on)
        .filter(collaborative=house)
        .select_related("organization")
        .order_by("organization__name")
    )


@dataclass(frozen=True)
class Findings:
    """Organizations that could join. is_near: they border a member; is_cut: more fit than are shown."""

    rows: tuple[Organization, ...]
    is_near: bool
    is_cut: bool


def could_join(house: Organization, letters: str, *, on: date) -> Findings:
    """Organizations of the state's list, by a part of the name or the beginning of the number; not those that belong.

    Without letters: the neighbors of the members, else the first of the list. Three queries at most.
    """
    inside = list(memberships_of(house, on=on).values_list("organization_id", flat=True))
    free = (
        Organization.objects.filter(owner=None, ended_on=None, invented=False)
        .exclude(kind=Organization.Kind.COLLABORATIVE)
        .exclude(pk__in=[*inside, house.pk])
        .order_by("name", "state_id")
    )
    is_near = False
    if letters:
        free = free.filter(Q(name__icontains=letters) | Q(state_id__startswith=_number(letters)))
    elif inside:
        near: set[UUID] = set()
        for one, other in Adjacency.objects.filter(Q(one_id__in=inside) | Q(other_id__in=inside)).values_list(
            "one_id", "other_id"
        ):
            near |= {one, other}
        is_near = bool(near - set(inside))
        free = free.filter(pk__in=near) if is_near else free
    rows = tuple(free[: MOST_FOUND + 1])
    return Findings(rows[:MOST_FOUND], is_near, len(rows) > MOST_FOUND)


def _number(letters: str) -> str:
    """The beginning of a state id: district numbers have four digits there, so 347 means 0347.

    >>> _number("347"), _number("0347-01"), _number("Willmar")
    ('0347', '0347-01', 'Willmar')
    """
    return letters.zfill(4) if letters.isdecimal() else letters


@dataclass(frozen=True)
class Led:
    """A member district and who leads it. state: nobody, invited, mailed, trouble or open."""

    district: Organization
    grant: RoleGrant | None
    state: str


def led_districts(house: Organization, *, on: date) -> list[Led]:
    """Every member district, voluntary ones included, with its first coordinator. Three queries."""
    members = [
        one.organization
        for one in memberships_of(house, on=on).of_members()
        if one.organization.kind == Organization.Kind.DISTRICT
    ]
    grants: dict[UUID, RoleGrant] = {}
    rows = RoleGrant.objects.not_over(on).filter(organization__in=members, role="coordinator").select_related("person")
    for row in rows.order_by("-person__is_active", "since"):
        grants.setdefault(row.organization_id, row)
    last: dict[UUID, Invitation] = {}
    for invitation in Invitation.objects.filter(person__in=[row.person_id for row in grants.values()]).order_by(
        "created_at"
    ):
        if invitation.person_id:
            last[invitation.person_id] = invitation
    return [Led(one, grants.get(one.pk), _state_of(grants.get(one.pk), last)) for one in members]


def _state_of(grant: RoleGrant | None, last: dict[UUID, Invitation]) -> str:
    if grant is None:
        return "nobody"
    if grant.person.is_active:
        return "open"
    invitation = last.get(grant.person_id)
    if invitation is None:
        return "invited"
    return "trouble" if invitation.trouble else "mailed" if invitation.mailed_at else "invited"
