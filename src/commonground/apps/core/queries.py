"""Reads about people, roles and organizations."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from commonground.apps.core.models import Organization, RoleGrant
from commonground.apps.core.permissions import Permission
from commonground.apps.core.roles import ROLES, Role


@dataclass(frozen=True)
class Grant:
    """A role that the person holds today, and where."""

    role: Role
    organization_id: UUID
    organization_name: str
    organization_kind: str

    @property
    def is_staff(self) -> bool:
        return self.role.is_staff


def grants_today(person_id: UUID) -> tuple[Grant, ...]:
    """What the person may act as today, in the order of the list of roles. One query."""
    rows = RoleGrant.objects.in_force(timezone.localdate()).filter(person_id=person_id).select_related("organization")
    order = list(ROLES)
    known = [row for row in rows if row.role in ROLES]
    return tuple(
        Grant(ROLES[row.role], row.organization_id, row.organization.name, row.organization.kind)
        for row in sorted(known, key=lambda row: (order.index(row.role), row.organization.name))
    )


def may(request: HttpRequest, permission: Permission) -> bool:
    """Whether one of the person's roles allows this. Which rows exist is decided by the database."""
    return any(permission in grant.role.may for grant in request.grants)


def has_second_factor(person_id: UUID) -> bool:
    """Whether the account has a passkey or a one-time code."""
    from allauth.mfa.models import Authenticator

    return Authenticator.objects.filter(
        user_id=person_id, type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    ).exists()


def needs_second_factor(request: HttpRequest) -> bool:
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
