"""Changes about people, roles and agreements."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import Invitation, Organization, Person, RoleGrant, RoleScope
from commonground.apps.core.roles import scopes

LINK_DAYS = 7
OWNER_ROLES = ("director", "operator")
# An address nobody can have (RFC 2606): the first owner replaces it on opening the link.
OWNER_ADDRESS = "first-owner@example.invalid"


class LinkClosed(Exception):
    """A one-time link was used already, has run out, or never existed."""


class AddressTaken(Exception):
    """Another account has this address."""


@transaction.atomic
def write_role_scopes() -> None:
    """Make the database's list of what each role shows equal to `core.roles`. Runs at every migration."""
    RoleScope.objects.all().delete()
    RoleScope.objects.bulk_create(
        RoleScope(role=role, category=category, form=form, access=access) for role, category, form, access in scopes()
    )


@transaction.atomic
def make_first_owner(*, collaborative_name: str, now: datetime) -> str | None:
    """The token of a new one-time link for the first owner of an empty house; None when somebody owns it already.

    Runs as the migrator. Makes a collaborative and an account that directs and operates it; asked again before the
    link was used, it only makes a new link and closes the old one.
    """
    owner = Person.objects.filter(email=OWNER_ADDRESS, is_active=False).first()
    if owner is None:
        if Person.objects.exists():
            return None
        house = Organization.objects.create(kind=Organization.Kind.COLLABORATIVE, name=collaborative_name)
        owner = Person.objects.create_user(OWNER_ADDRESS, name=collaborative_name, is_active=False)
        RoleGrant.objects.bulk_create(
            RoleGrant(person=owner, role=role, organization=house, since=now.date()) for role in OWNER_ROLES
        )
    return invite(person=owner, now=now)


@transaction.atomic
def invite(*, person: Person, now: datetime) -> str:
    """The token of a new one-time link for this account. Earlier links of the account no longer open anything."""
    person.invitations.filter(used_at=None).delete()
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(
        person=person,
        token_digest=Invitation.digest_of(token),
        created_at=now,
        expires_at=now + timedelta(days=LINK_DAYS),
    )
    return token


@transaction.atomic
def accept_invitation(*, token: str, name: str, email: str, password: str, now: datetime) -> Person:
    """The account, now with name, address and password of its person's choice. Raises LinkClosed, AddressTaken."""
    link = Invitation.objects.select_for_update().open_at(now).filter(token_digest=Invitation.digest_of(token)).first()
    if link is None:
        raise LinkClosed(_("This link was used already or has run out. Ask for a new one."))
    person = link.person
    if Person.objects.filter(email__iexact=email.strip()).exclude(pk=person.pk).exists():
        raise AddressTaken(_("Another account has this address. Use a different one."))
    person.name, person.email, person.is_active = name.strip(), email.strip().lower(), True
    person.set_password(password)
    person.save(update_fields=["name", "email", "is_active", "password"])
    link.used_at = now
    link.save(update_fields=["used_at"])
    record_event(EventKind.PASSWORD_CHANGED, person_id=person.pk, about="invitation")
    return person


@transaction.atomic
def change_language(*, person: Person, language: str) -> None:
    """Remember the language of every page this person opens, and record the change."""
    if person.language == language:
        return
    detail = {"from": person.language, "to": language}
    person.language = language
    person.save(update_fields=["language"])
    record_event(EventKind.LANGUAGE_CHANGED, person_id=person.pk, detail=detail)
