"""Changes around an offering: what it is, who asks for a seat, who teaches, who was there."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from commonground.apps.core.asking import Refused, ask_database, refusals
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import RoleGrant
from commonground.apps.programs.kinds import Kind
from commonground.apps.programs.meals import answer_meals
from commonground.apps.programs.models import (
    Assignment,
    Attendance,
    Care,
    ConsentGiven,
    Day,
    Offering,
    Registration,
    Seat,
    SeatGuarantee,
)
from commonground.apps.roster.grades import rising_grade
from commonground.apps.roster.models import Student

NO_PRIVILEGE = "42501"  # the SQLSTATE of a policy that does not let a row pass
SATURDAY = 5


class OfferingClosed(Exception):
    """Registration has not begun or is over."""


class NotShared(Exception):
    """A child's district has not agreed to share registrations with the body that runs the offering."""


class NotYours(Exception):
    """The acting person may not register this child, or take the registration back."""


class NotThatDay(Exception):
    """Attendance is not taken before the day."""


class TooManyKept(Exception):
    """More seats would be kept for districts than there are."""


class NoSuchTeacher(Exception):
    """The person does not hold the role of a program teacher at the organization."""


# What an offering is


@dataclass(frozen=True)
class OfferingFacts:
    """What a program manager says of an offering. Fields as on `Offering`."""

    title: str
    place: str
    starts_on: date
    ends_on: date
    capacity: int
    opens_on: date
    closes_on: date
    release_on: date
    contact: str


@transaction.atomic
def plan_offering(*, kind: Kind, owner_id: UUID, facts: OfferingFacts, kept: Mapping[UUID, int], by: UUID) -> Offering:
    """A new offering with its days, one for each weekday from the first to the last. kept: seats by district.

    Raises TooManyKept.
    """
    offering = Offering.objects.create(owner_id=owner_id, kind=kind.key, grades=list(kind.grades), **asdict(facts))
    _keep_seats(offering, kept)
    themes = [key for key, _words in kind.themes]
    for number, held_on in enumerate(_weekdays(facts.starts_on, facts.ends_on), 1):
        Day.objects.create(
            owner_id=owner_id,
            offering=offering,
            held_on=held_on,
            begins_at="09:00",
            ends_at="15:00",
            place=facts.place,
            theme=themes[min(number, len(themes)) - 1] if themes else "",
            is_field_experience=number == kind.field_day,
        )
    record_event(EventKind.OFFERING_PLANNED, person_id=by, organization_id=owner_id, about=str(offering.pk))
    return offering


@transaction.atomic
def change_offering(*, offering: Offering, facts: OfferingFacts, kept: Mapping[UUID, int], by: UUID) -> Offering:
    """The offering as it is now; whoever has a seat keeps it, and what became free goes to those who wait.

    Raises TooManyKept.
    """
    for name, value in asdict(facts).items():
        setattr(offering, name, value)
    offering.save(update_fields=list(asdict(facts)))
    _keep_seats(offering, kept)
    give_out_free_seats(offering_id=offering.pk)
    record_event(EventKind.OFFERING_CHANGED, person_id=by, organization_id=offering.owner_id, about=str(offering.pk))
    return offering


def _keep_seats(offering: Offering, kept: Mapping[UUID, int]) -> None:
    if sum(kept.values()) > offering.capacity:
        raise TooManyKept(
            _("%(kept)s seats would be kept, and there are %(seats)s. Keep fewer.")
            % {"kept": sum(kept.values()), "seats": offering.capacity}
        )
    SeatGuarantee.objects.filter(offering=offering).delete()
    SeatGuarantee.objects.bulk_create(
        SeatGuarantee(owner_id=offering.owner_id, offering=offering, district_id=district, seats=seats)
        for district, seats in kept.items()
        if seats
    )


def _weekdays(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        if (day := first + timedelta(number)).weekday() < SATURDAY:
            yield day


def give_out_free_seats(*, offering_id: UUID) -> int:
    """Seat whoever waits and fits; returns how many children. Run again it seats nobody else."""
    with connection.cursor() as cursor:
        cursor.execute("select cg.decide_seats(%s)", [offering_id])
        seated: int = cursor.fetchone()[0]
    return seated


# Who asks for a seat


@dataclass(frozen=True)
class CareFacts:
    """What those in charge must know of one child. Fields as on `Care`; ride_id None: the family brings the child."""

    contact_name: str
    contact_phone: str
    other_name: str = ""
    other_phone: str = ""
    allergies: str = ""
    medicines: str = ""
    needs: str = ""
    picked_up_by: str = ""
    ride_id: UUID | None = None


@dataclass(frozen=True)
class Signature:
    """Who signed, when, and what the family agreed to by key of the kind's consents."""

    signer: str
    signed_on: date
    consents: Mapping[str, bool]


@dataclass(frozen=True)
class Form:
    """A registration form as it came in. token: made with the empty form, so that sending it twice is once.

    way and paper_dated_on: as on `Registration`. language: in which the family read it.
    """

    token: UUID
    way: Registration.Way
    language: str
    signature: Signature
    paper_dated_on: date | None = None


@transaction.atomic
def register_children(
    *,
    offering: Offering,
    form: Form,
    children: Sequence[tuple[Student, CareFacts]],
    meals: Mapping[UUID, str] | None = None,
    by: UUID,
    now: datetime,
) -> list[Registration]:
    """The registrations of these children, on the list as one family and seated where seats are free.

    meals: what the family said about school meals, by student. Sent again it changes nothing. Siblings of a family that
    waits already join it. Raises OfferingClosed, NotShared, NotYours.
    """
    today = timezone.localdate(now)
    last = offering.closes_on if form.way == Registration.Way.FAMILY else offering.ends_on
    if not offering.opens_on <= today <= last:
        raise OfferingClosed(_("Registration is not open today."))
    unit = _family_unit(offering, form=form, by=by)
    with _asking():
        Registration.objects.bulk_create(
            (
                Registration(
                    id=uuid5(form.token, str(student.pk)),
                    owner_id=student.owner_id,
                    student=student,
                    offering=offering,
                    family_unit=unit,
                    grade=rising_grade(student.grade) or "",
                    way=form.way,
                    paper_dated_on=form.paper_dated_on,
                    language=form.language,
                    entered_by_id=by,
                    entered_at=now,
                )
                for student, _care in children
            ),
            ignore_conflicts=True,
        )
    ids = [student.pk for student, _care in children]
    found = {one.student_id: one for one in Registration.objects.filter(offering=offering, student_id__in=ids)}
    if set(found) != set(ids):
        # Somebody else wrote this child down, and the registration does not exist for the acting person.
        raise NotYours(_("One of these children is registered already. Ask the program's office."))
    with _asking():
        for student, care in children:
            _write_care(found[student.pk], care=care, form=form, by=by, now=now)
    registrations = [found[pk] for pk in ids]
    with _asking(), connection.cursor() as cursor:
        cursor.execute("select cg.ask_for_seats(%s, %s)", [offering.pk, [one.pk for one in registrations]])
    said = {one: meals[one.student_id] for one in registrations if meals and meals.get(one.student_id)}
    if said:
        with _asking():
            answer_meals(answers=said, by=by, now=now)
    for one in registrations:
        record_event(
            EventKind.CHILD_REGISTERED,
            person_id=by,
            organization_id=one.owner_id,
            about=str(one.pk),
            detail={"way": form.way},
        )
    return registrations


def _family_unit(offering: Offering, *, form: Form, by: UUID) -> UUID:
    """The unit of the children whom this family has on the waiting list; a new one where nobody of it waits."""
    if form.way == Registration.Way.FAMILY:
        waiting = Seat.objects.filter(offering=offering, state=Seat.State.WAITING, registration__entered_by_id=by)
        unit = waiting.order_by("received_at").values_list("registration__family_unit", flat=True).first()
        if unit is not None:
            return unit
    return uuid5(form.token, "family")


def _write_care(registration: Registration, *, care: CareFacts, form: Form, by: UUID, now: datetime) -> None:
    written = {**asdict(care), "written_by_id": by, "written_at": now}
    Care.objects.bulk_create(
        [Care(owner_id=registration.owner_id, registration=registration, **written)], ignore_conflicts=True
    )
    if form.way == Registration.Way.FAMILY:
        Care.objects.filter(registration=registration).update(**written)
    ConsentGiven.objects.bulk_create(
        (
            ConsentGiven(
                id=uuid5(form.token, f"{registration.pk} {key}"),
                owner_id=registration.owner_id,
                registration=registration,
                key=key,
                is_given=is_given,
                signer=form.signature.signer,
                signed_on=form.signature.signed_on,
                recorded_by_id=by,
                recorded_at=now,
            )
            for key, is_given in form.signature.consents.items()
        ),
        ignore_conflicts=True,
    )


@contextmanager
def _asking() -> Iterator[None]:
    """Turns the database's refusals into ours, and rows that its policies will not take."""
    try:
        with refusals():
            yield
    except Refused as refused:
        if refused.word == "not_shared":
            raise NotShared(
                _("The child's district has not agreed to take part in this program. Ask the district.")
            ) from refused
        raise NotYours(_("You cannot register this child.")) from refused
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") != NO_PRIVILEGE:
            raise
        raise NotYours(_("You cannot register this child.")) from error


@transaction.atomic
def change_care(*, registration: Registration, facts: Mapping[str, str | None], by: UUID) -> None:
    """Change these of the facts that those in charge must know, keys as on `CareFacts`; the others stay. Raises NotYours.

    Which facts were changed, by whom and when stands in the ledger of events, and not what they say.
    """
    with _asking():
        ask_database("change_care", registration.pk, json.dumps(facts))
    record_event(
        EventKind.CARE_CHANGED,
        person_id=by,
        organization_id=registration.owner_id,
        about=str(registration.pk),
        detail={"facts": sorted(facts)},
    )


@transaction.atomic
def withdraw(*, registration: Registration, by: UUID) -> None:
    """Give the seat, or the place on the waiting list, back; the seat goes to whoever is next. Raises NotYours."""
    with _asking(), connection.cursor() as cursor:
        cursor.execute("select cg.give_back_seat(%s)", [registration.pk])
    record_event(
        EventKind.CHILD_WITHDRAWN, person_id=by, organization_id=registration.owner_id, about=str(registration.pk)
    )


# Who teaches


@transaction.atomic
def assign_teacher(*, offering: Offering, person_id: UUID, since: date, until: date) -> Assignment:
    """The person teaches in the offering from a day up to a day. Raises NoSuchTeacher."""
    held = RoleGrant.objects.filter(person_id=person_id, role="program_teacher", organization_id=offering.owner_id)
    if not held.exists():
        raise NoSuchTeacher(_("This person is not a program teacher of yours. Give the role first."))
    assignment, _made = Assignment.objects.update_or_create(
        owner_id=offering.owner_id, offering=offering, person_id=person_id, defaults={"since": since, "until": until}
    )
    return assignment


# Who was there


@dataclass(frozen=True)
class Tap:
    """One mark as the thumb made it. marked_at may lie behind, when the phone had no connection."""

    registration_id: UUID
    day_id: UUID
    mark: Attendance.Mark
    marked_at: datetime


_MARK = """
insert into programs_attendance
  (id, owner_id, registration_id, offering_id, day_id, mark, marked_at, marked_by_id, received_at)
values (gen_random_uuid(), %(owner)s, %(registration)s, %(offering)s, %(day)s, %(mark)s, %(marked_at)s, %(by)s, %(now)s)
on conflict (owner_id, registration_id, day_id) do update
  set mark = excluded.mark, marked_at = excluded.marked_at, marked_by_id = excluded.marked_by_id,
      received_at = excluded.received_at
  where programs_attendance.marked_at < excluded.marked_at
"""


def take_attendance(*, tap: Tap, by: UUID, now: datetime) -> None:
    """Mark a registered child on a day. The latest tap counts, in whatever order they arrive; the same one twice is once.

    Raises Registration.DoesNotExist when no such child has a seat that day for the acting person, NotThatDay before it.
    """
    registration = Registration.objects.get(
        pk=tap.registration_id, offering__days=tap.day_id, seats__state=Seat.State.SEATED
    )
    day = Day.objects.get(pk=tap.day_id)
    if day.held_on > timezone.localdate(now):
        raise NotThatDay(_("This day has not come yet."))
    values: dict[str, Any] = {
        "owner": registration.owner_id,
        "registration": registration.pk,
        "offering": registration.offering_id,
        "day": day.pk,
        "mark": tap.mark.value,
        "marked_at": min(tap.marked_at, now),
        "by": by,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MARK, values)
