"""Letting families in by a printed code, and what they ask to have corrected."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from commonground.apps.core.actions import LinkClosed
from commonground.apps.core.asking import Refused, ask_database
from commonground.apps.core.codes import count_guess, has_guessed_too_often, new_code
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import Invitation, Person
from commonground.apps.core.people.actions import SHEET_DAYS
from commonground.apps.core.telephones import address_of_phone
from commonground.apps.families.models import Correction
from commonground.apps.roster.models import Guardian, Link, Student
from commonground.engine.law import state
from commonground.store.walls import enter

STATE = "mn"


class WrongPassword(Exception):
    """What was typed does not fit together, or was tried too often. One sentence for every reason: it tells of no account."""


class AlreadyAnswered(Exception):
    """Somebody has answered it meanwhile."""


@transaction.atomic
def print_family_code(*, guardian: Guardian, language: str, by: UUID, now: datetime) -> str:
    """A new code for a guardian's sheet, good for 30 days; the one before opens nothing any more. Inside the walls."""
    Invitation.objects.filter(guardian_id=guardian.pk, district_id=guardian.owner_id, used_at=None).delete()
    code = new_code()
    Invitation.objects.create(
        token_digest=Invitation.digest_of(code),
        guardian_id=guardian.pk,
        district_id=guardian.owner_id,
        made_by_id=by,
        language=language,
        created_at=now,
        expires_at=now + timedelta(days=SHEET_DAYS),
    )
    record_event(
        EventKind.INVITED, organization_id=guardian.owner_id, about=str(guardian.pk), detail={"way": "family_sheet"}
    )
    return code


def come_in(
    *, digest: str, email: str, phone: str | None, name: str, password: str, language: str, now: datetime
) -> Person:
    """The family's account, which now shows the children of the code's guardian: a new one, or the one it has already.

    digest: the SHA-256 of the code. phone: what they sign in with in place of an address. name: what a new account is
    called, may be empty; no name of the roster is copied to it. Outside the walls: the link is written with the right of
    the coordinator who printed the code, so that a code of somebody who has left opens nothing. Raises LinkClosed,
    WrongPassword.
    """
    found = _open_code(digest, now)
    if found.made_by_id is None or found.district_id is None:
        raise LinkClosed(_("This link was used already or has run out. Ask for a new one."))
    address = email.strip().lower() or address_of_phone(phone or "")
    if has_guessed_too_often(address, digest):
        raise _wrong_password()
    try:
        with enter(person=found.made_by_id, purpose=f"family code {found.pk}"):
            invitation = _open_code(digest, now, lock=True)
            person = Person.objects.filter(email__iexact=address).first()
            if person is None:
                called = name.strip() or _("Family")
                person = Person(id=uuid4(), email=address, phone=phone, name=called, language=language)
                person.set_password(password)
                person.save(force_insert=True)
            elif not (check_password(password, person.password) and person.is_active):
                raise _wrong_password()
            _connect(invitation, person, now)
            invitation.used_at = now
            invitation.save(update_fields=["used_at"])
    except WrongPassword:
        count_guess(address, digest)
        raise
    record_event(EventKind.FAMILY_CAME_IN, person_id=person.pk, organization_id=found.district_id)
    return person


def _wrong_password() -> WrongPassword:
    return WrongPassword(
        _(
            "This does not fit together. Type the password you use already, wait five minutes, or choose another contact."
        )
    )


def _open_code(digest: str, now: datetime, *, lock: bool = False) -> Invitation:
    codes = Invitation.objects.select_for_update() if lock else Invitation.objects.all()
    found = codes.open_at(now).filter(token_digest=digest, person=None).first()
    if found is None:
        raise LinkClosed(_("This link was used already or has run out. Ask for a new one."))
    return found


def _guardian_of(invitation: Invitation) -> Guardian:
    """The guardian's record, as the coordinator who printed the code may see it today. Raises LinkClosed."""
    wanted = {"pk": invitation.guardian_id, "owner_id": invitation.district_id}
    found = Guardian.objects.filter(**wanted, ended_on=None).first()
    if found is None:
        raise LinkClosed(_("This link was used already or has run out. Ask for a new one."))
    return found


def _connect(invitation: Invitation, person: Person, now: datetime) -> None:
    guardian, today = _guardian_of(invitation), timezone.localdate(now)
    if not Link.objects.filter(person=person, guardian=guardian, until=None).exists():
        Link.objects.create(owner_id=guardian.owner_id, person=person, guardian=guardian, since=today)
    if not person.grants.in_force(today).filter(role="family", organization_id=guardian.owner_id).exists():
        try:
            ask_database("give_role", person.pk, "family", guardian.owner_id, today, None)
        except Refused as refused:
            raise LinkClosed(_("This link was used already or has run out. Ask for a new one.")) from refused


def ask_correction(*, student: Student, about: str, words: str, by: UUID, now: datetime) -> Correction:
    """A task for the district, with the last day on which it answers."""
    today = timezone.localdate(now)
    days = int(state(STATE).rulebook.on("correction_answer_days", today).value)
    made = Correction.objects.create(
        owner_id=student.owner_id,
        student=student,
        asked_by_id=by,
        about=about,
        words=words.strip(),
        asked_at=now,
        due_on=today + timedelta(days=days),
    )
    record_event(EventKind.CORRECTION_ASKED, person_id=by, organization_id=student.owner_id, about=str(made.pk))
    return made


@transaction.atomic
def answer_correction(*, correction_id: UUID, outcome: str, answer: str, by: UUID, now: datetime) -> Correction:
    """The district's answer, which the family reads. Raises AlreadyAnswered, Correction.DoesNotExist."""
    found = Correction.objects.select_for_update().get(pk=correction_id)
    if found.outcome != Correction.Outcome.OPEN:
        raise AlreadyAnswered(_("Somebody has answered this meanwhile."))
    found.outcome, found.answer, found.answered_by_id, found.answered_at = outcome, answer.strip(), by, now
    found.save(update_fields=["outcome", "answer", "answered_by", "answered_at"])
    record_event(
        EventKind.CORRECTION_ANSWERED,
        person_id=by,
        organization_id=found.owner_id,
        about=str(found.pk),
        detail={"outcome": outcome},
    )
    return found
