"""Reads about people, roles and organizations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from commonground.apps.core.events import EventKind
from commonground.apps.core.models import BreakGlass, Event, Invitation, Organization, RoleGrant
from commonground.apps.core.permissions import Permission
from commonground.apps.core.requests import Request
from commonground.apps.core.roles import ROLES, Role

FAILED_CODES, FAILED_CODES_WITHIN = 10, timedelta(minutes=5)


@dataclass(frozen=True)
class Grant:
    """A role that the person holds today, and where. owner_id: the district of a school, else the organization itself."""

    role: Role
    organization_id: UUID
    organization_name: str
    organization_kind: str
    owner_id: UUID

    @property
    def is_staff(self) -> bool:
        return self.role.is_staff


def grants_today(person_id: UUID) -> tuple[Grant, ...]:
    """What the person may act as today, in the order of the list of roles. One query."""
    rows = RoleGrant.objects.in_force(timezone.localdate()).filter(person_id=person_id)
    places = rows.values_list(
        "role", "organization_id", "organization__name", "organization__kind", "organization__owner_id"
    )
    found = [Grant(ROLES[role], pk, name, kind, owner or pk) for role, pk, name, kind, owner in places if role in ROLES]
    order = list(ROLES)
    return tuple(sorted(found, key=lambda one: (order.index(one.role.key), one.organization_name)))


def held_at(grants: Sequence[Grant], *roles: str) -> list[UUID]:
    """The organizations at which one of these roles is held."""
    return [grant.organization_id for grant in grants if grant.role.key in roles]


def own_districts(grants: Sequence[Grant]) -> QuerySet[Organization]:
    """The districts that the acting person coordinates, by name."""
    coordinated = held_at(grants, "coordinator")
    return Organization.objects.filter(pk__in=coordinated, kind=Organization.Kind.DISTRICT).order_by("name")


# What an operator may do while an emergency access is open: look, nothing else.
MAY_IN_EMERGENCY = frozenset({Permission.SEE_STUDENTS})


def may(request: Request, permission: Permission) -> bool:
    """Whether one of the person's roles, or an emergency access, allows this. Which rows exist the database decides."""
    if request.emergencies and permission in MAY_IN_EMERGENCY:
        return True
    return any(permission in grant.role.may for grant in request.grants)


def open_emergencies(person_id: UUID, grants: Sequence[Grant], *, now: datetime) -> tuple[BreakGlass, ...]:
    """The emergency accesses that this operator has at this moment. No query for anybody else."""
    if not any(grant.role.key == "operator" for grant in grants):
        return ()
    return tuple(BreakGlass.objects.open_at(now).filter(person_id=person_id).select_related("district"))


def has_second_factor(person_id: UUID) -> bool:
    """Whether the account has a passkey or a one-time code."""
    from allauth.mfa.models import Authenticator

    return Authenticator.objects.filter(
        user_id=person_id, type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    ).exists()


def needs_second_factor(request: Request) -> bool:
    """Whether this person is staff and has not set up the second factor. Remembered in the session once set up."""
    if request.session.get("second_factor") or not any(grant.is_staff for grant in request.grants):
        return False
    if has_second_factor(request.user.pk):
        request.session["second_factor"] = True
        return False
    return True


def member_districts(collaborative_id: UUID, *, on):
    """The districts that belong to the collaborative on this day, by name."""
    return Organization.objects.districts().members_of(collaborative_id, on=on).order_by("name")


@dataclass(frozen=True)
class InventedPerson:
    """An account that the demonstration's code opens."""

    email: str
    name: str
    role: Role
    organization_name: str


def invented_people(*, on: date) -> Sequence[InventedPerson]:
    """The demonstration's accounts with the first role each holds today, in the order of the list of roles. One query."""
    order = list(ROLES)
    grants = (
        RoleGrant.objects.in_force(on)
        .filter(person__is_invented=True, person__is_active=True, role__in=order)
        .select_related("person", "organization")
    )
    found: dict[str, InventedPerson] = {}
    for grant in sorted(grants, key=lambda one: (order.index(one.role), one.organization.name, one.person.name)):
        person = grant.person
        found.setdefault(
            person.email, InventedPerson(person.email, person.name, ROLES[grant.role], grant.organization.name)
        )
    return tuple(found.values())


def has_too_many_failed_codes(*, now: datetime) -> bool:
    """Whether the demonstration's code was tried wrongly too often a moment ago, by anybody, in any process."""
    failed = Event.objects.filter(
        kind=EventKind.SIGN_IN_FAILED, at__gt=now - FAILED_CODES_WITHIN, detail__way="demonstration_code"
    )
    return len(failed.values("number")[:FAILED_CODES]) == FAILED_CODES


def open_invitation(digest: str, *, now: datetime) -> Invitation | None:
    """The one-time link or code with this SHA-256, None when it was used, has run out or never existed."""
    return Invitation.objects.open_at(now).filter(token_digest=digest).select_related("person", "district").first()
