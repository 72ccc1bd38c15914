"""Giving, changing and ending roles, inviting people, joining districts: each asks the database, which may refuse."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from commonground.apps.core.actions import invite
from commonground.apps.core.asking import Refused, ask_database, refusals
from commonground.apps.core.codes import new_code
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import Invitation, MailSettings, Organization, Person, RoleGrant
from commonground.store.jobs import defer
from commonground.store.secrets import seal

SHEET_DAYS = 30


def give_role(
    *, email: str, name: str, role: str, organization: Organization, since: date, until: date | None, by: UUID
) -> RoleGrant:
    """The role, from a day up to (not including) a day, for the person with this address; the account is made if missing.

    A new account is closed until its person has opened the link or code of an invitation. Raises Refused.
    """
    with refusals():
        person = Person.objects.filter(email__iexact=email.strip()).first()
        if person is None:
            person = Person.objects.create_user(email, name=name.strip() or email.strip(), is_active=False)
        made = ask_database("give_role", person.pk, role, organization.pk, since, until)
    record_event(
        EventKind.ROLE_GIVEN,
        person_id=person.pk,
        organization_id=organization.pk,
        detail={"role": role, "since": since.isoformat(), "until": until and until.isoformat(), "by": str(by)},
    )
    return RoleGrant.objects.select_related("person", "organization").get(pk=made)


def end_role(*, grant: RoleGrant, last_day: date, by: UUID) -> None:
    """The role is no longer held from this day on. Links and codes of somebody who keeps no role are closed. Raises Refused."""
    ask_database("end_role", grant.pk, last_day)
    if not grant.person.grants.in_force(last_day).exists():
        grant.person.invitations.filter(used_at=None).delete()
    record_event(
        EventKind.ROLE_ENDED,
        person_id=grant.person_id,
        organization_id=grant.organization_id,
        detail={"role": grant.role, "until": last_day.isoformat(), "by": str(by)},
    )


def extend_role(*, grant: RoleGrant, until: date | None, by: UUID) -> None:
    """The role goes on up to (not including) this day, or without end. Raises Refused."""
    ask_database("extend_role", grant.pk, until)
    detail = {"role": grant.role, "until": until and until.isoformat(), "by": str(by)}
    record_event(EventKind.ROLE_GIVEN, person_id=grant.person_id, organization_id=grant.organization_id, detail=detail)


def reopen_role(*, grant: RoleGrant, by: UUID) -> None:
    """Take back an end of today. Raises Refused."""
    ask_database("reopen_role", grant.pk)
    record_event(
        EventKind.ROLE_REOPENED,
        person_id=grant.person_id,
        organization_id=grant.organization_id,
        detail={"role": grant.role, "by": str(by)},
    )


@transaction.atomic
def print_code(*, person: Person, by: UUID, now: datetime) -> str:
    """A new code for a sheet of paper, good for 30 days. Earlier links and codes of the account open nothing any more.

    Raises Refused where the acting person does not answer for everything that the account holds.
    """
    _check_let_in(person)
    person.invitations.filter(used_at=None).delete()
    code = new_code()
    Invitation.objects.create(
        person=person,
        token_digest=Invitation.digest_of(code),
        made_by_id=by,
        created_at=now,
        expires_at=now + timedelta(days=SHEET_DAYS),
    )
    record_event(EventKind.INVITED, person_id=person.pk, detail={"way": "sheet", "by": str(by)})
    return code


@transaction.atomic
def invite_by_mail(*, person: Person, by: UUID) -> None:
    """Send this person a link by mail soon: the worker makes it, so that the link stands in no job.

    It goes to the account's own address, so anybody may send the first one. Raises Refused where an account that was open
    before would be opened again by somebody who does not answer for everything that it holds.
    """
    if person.is_active or person.last_login or person.invitations.exclude(used_at=None).exists():
        _check_let_in(person)
    defer("core.mail-invitation", person_id=person.pk)
    record_event(EventKind.INVITED, person_id=person.pk, detail={"way": "mail", "by": str(by)})


def _check_let_in(person: Person) -> None:
    if not ask_database("may_let_in", person.pk):
        raise Refused("not_let_in")


def new_link(*, person: Person, now: datetime) -> tuple[Invitation, str]:
    """A new link of the account and the token in it. Earlier mailed links close; somebody's sheet stays as it is."""
    mailed = person.invitations.filter(used_at=None, made_by=None)
    token = invite(person=person, now=now, closing=mailed.exclude(mailed_at=None, trouble=""))
    return person.invitations.get(token_digest=Invitation.digest_of(token)), token


def name_house(*, house: Organization, name: str, by: UUID) -> None:
    """Name the collaborative. Raises Refused."""
    ask_database("name_house", house.pk, name.strip())
    record_event(EventKind.HOUSE_NAMED, person_id=by, organization_id=house.pk)


def join_house(*, house: Organization, place: Organization, standing: str, since: date, by: UUID) -> None:
    """The organization belongs to the collaborative from this day; one that does already gets the standing. Raises Refused."""
    ask_database("join_house", house.pk, place.pk, standing, since)
    detail = {"standing": standing, "since": since.isoformat(), "house": str(house.pk)}
    record_event(EventKind.MEMBER_JOINED, person_id=by, organization_id=place.pk, detail=detail)


def leave_house(*, house: Organization, place: Organization, last_day: date, by: UUID) -> None:
    """The organization no longer belongs to the collaborative from this day on; its agreements with it end. Raises Refused."""
    ask_database("leave_house", house.pk, place.pk, last_day)
    detail = {"until": last_day.isoformat(), "house": str(house.pk)}
    record_event(EventKind.MEMBER_LEFT, person_id=by, organization_id=place.pk, detail=detail)


def save_mail_settings(*, typed: dict[str, Any], by: UUID, now: datetime) -> MailSettings:
    """Remember the mail server. An empty password keeps the one before, as long as server and account stay the same."""
    before = MailSettings.objects.first()
    kept = before is not None and (before.host, before.username) == (typed["host"], typed["username"])
    sealed = seal(typed["password"]) if typed["password"] else (before.sealed_password if before and kept else "")
    found, _made = MailSettings.objects.update_or_create(
        pk=1,
        defaults={
            **{key: typed[key] for key in ("host", "port", "security", "username", "sender")},
            "sealed_password": sealed,
            "changed_by_id": by,
            "changed_at": now,
            "tested_at": None,
        },
    )
    record_event(EventKind.MAIL_CHANGED, person_id=by)
    return found
