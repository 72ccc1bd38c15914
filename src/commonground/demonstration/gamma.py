"""Two offerings of GAMMA in the demonstration: the coming summer's, nearly full, and one that runs this week."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils import timezone

from commonground.apps.core.models import Agreement, Organization, Person, RoleGrant
from commonground.apps.programs import actions
from commonground.apps.programs.counting import count_groups
from commonground.apps.programs.counts import By
from commonground.apps.programs.kinds import Kind, kinds
from commonground.apps.programs.models import Attendance, Offering, Registration, Ride, Seat, Session
from commonground.apps.roster.grades import rising_grade
from commonground.apps.roster.models import Guardian, Student
from commonground.apps.roster.queries import own_children
from commonground.store.database import as_migrator
from commonground.store.walls import enter

SHARED = ["registration", "attendance", "health", "meals"]
MANAGER = ("programs@example.org", "Petra Kohl")
TEACHERS = (
    ("program.teacher@example.org", "Ingrid Solheim", None),
    ("program.teacher2@example.org", "Pao Xiong", "0129-01"),
)
# Seats kept for each district in summer, and as many children as register for it; then as many as do for this week's.
SUMMER = {
    "0347-01": (36, 38),
    "0345-01": (14, 15),
    "0129-01": (14, 14),
    "0775-01": (12, 12),
    "2180-01": (12, 8),
    "2396-01": (12, 11),
    "2534-01": (10, 9),
}
WEEK = {"0347-01": 44}
SUMMER_SEATS, WEEK_SEATS, WEEK_CHILDREN = 110, 114, 14
# What families said about school meals, one after the other; every tenth said nothing.
MEALS = (
    *("meals_yes", "meals_no", "meals_yes", "meals_yes", "meals_no"),
    *("meals_yes", "meals_yes", "meals_no", "meals_yes", ""),
)
MARKS = (
    Attendance.Mark.PRESENT,
    Attendance.Mark.PRESENT,
    Attendance.Mark.PRESENT,
    Attendance.Mark.LATE,
    Attendance.Mark.ABSENT,
)
GRADES_NOW = ("05", "06", "07")


def build_gamma(*, collaborative: Organization, coordinators: dict[Organization, Person], now: datetime) -> None:
    """Build both offerings through the actions of the app, after the rosters have come in.

    coordinators: one for each member district, who writes the registrations down.
    """
    today, kind = timezone.localdate(now), kinds()["gamma"]
    with as_migrator():
        manager, teachers = _people(collaborative, coordinators, today=today)
    summer, week = _facts(kind, today=today)
    kept = {district.pk: SUMMER.get(district.state_id or "", (10, 4))[0] for district in coordinators}
    with enter(person=manager.pk, purpose="demonstration"):
        offerings = [
            actions.plan_offering(kind=kind, owner_id=collaborative.pk, facts=summer, kept=kept, by=manager.pk),
            actions.plan_offering(kind=kind, owner_id=collaborative.pk, facts=week, kept={}, by=manager.pk),
        ]
        for offering in offerings:
            _days(offering)
            for teacher in teachers:
                actions.assign_teacher(
                    offering=offering,
                    person_id=teacher.pk,
                    since=offering.starts_on,
                    until=offering.ends_on + timedelta(1),
                )
    _register_cast_family(offerings[0], now=now)
    for district, coordinator in coordinators.items():
        _register_district(offerings, district=district, coordinator=coordinator, now=now)
    _attendance(offerings[1], by=manager.pk, now=now)
    for by in By:
        count_groups(offering_id=offerings[1].pk, by=by)


def _people(
    collaborative: Organization, coordinators: Iterable[Organization], *, today: date
) -> tuple[Person, list[Person]]:
    begun = today - timedelta(200)
    for district in coordinators:
        Agreement.objects.create(
            owner=district,
            collaborative=collaborative,
            categories=SHARED,
            ground=Agreement.Ground.CONSENT,
            purpose="Summer programs: registered children, their attendance, what keeps them well, and how many get free or reduced-price meals",
            since=begun,
            until=today + timedelta(400),
            destroy_by=today + timedelta(500),
            signed_on=begun,
            signed_by="The superintendent (invented)",
        )
    email, name = MANAGER
    manager = Person.objects.create_user(email, name=name, is_invented=True)
    RoleGrant.objects.create(person=manager, role="program_manager", organization=collaborative, since=begun)
    teachers = []
    for email, name, state_id in TEACHERS:
        teacher = Person.objects.create_user(email, name=name, is_invented=True)
        RoleGrant.objects.create(person=teacher, role="program_teacher", organization=collaborative, since=begun)
        if state_id:
            home = Organization.objects.districts().get(state_id=state_id)
            RoleGrant.objects.create(person=teacher, role="teacher", organization=home, since=begun)
        teachers.append(teacher)
    return manager, teachers


def _facts(kind: Kind, *, today: date) -> tuple[actions.OfferingFacts, actions.OfferingFacts]:
    first = next(
        day
        for year in (today.year, today.year + 1)
        for number in range(8, 15)
        if (day := date(year, 6, number)).weekday() == 0 and day > today
    )
    contact = "Summer programs (invented), 320-555-0110"
    summer = actions.OfferingFacts(
        title=str(kind.title),
        place="Willmar Middle School",
        starts_on=first,
        ends_on=first + timedelta(kind.day_count - 1),
        capacity=SUMMER_SEATS,
        opens_on=today - timedelta(30),
        closes_on=first - timedelta(7),
        release_on=max(first - timedelta(60), today + timedelta(1)),
        contact=contact,
    )
    week = actions.OfferingFacts(
        title="GAMMA, a week in the school year",
        place="Willmar Middle School",
        starts_on=today - timedelta(1),
        ends_on=today + timedelta(3),
        capacity=WEEK_SEATS,
        opens_on=today - timedelta(60),
        closes_on=today - timedelta(2),
        release_on=today - timedelta(20),
        contact=contact,
    )
    return summer, week


def _days(offering: Offering) -> None:
    owner = offering.owner_id
    parts = ((time(9), time(10, 30), "Opening circle and puzzle"), (time(10, 45), time(12), "Mathematics in groups"))
    Session.objects.bulk_create(
        Session(owner_id=owner, day=day, begins_at=begins, ends_at=ends, title=title, place="Commons")
        for day in offering.days.all()
        for begins, ends, title in parts
    )
    stops = (
        ("Bus 1", "Montevideo High School", time(7, 40)),
        ("Bus 2", "New London-Spicer Middle School", time(8, 15)),
    )
    Ride.objects.bulk_create(
        Ride(
            owner_id=owner,
            offering=offering,
            name=name,
            stop=stop,
            leaves_at=leaves,
            returns_at=time(16, 10),
            phone="320-555-0120",
        )
        for name, stop, leaves in stops
    )


def _form(name: str, way: Registration.Way, *, signer: str, today: date, kind: Kind) -> actions.Form:
    signature = actions.Signature(signer, today, {consent.key: True for consent in kind.consents})
    dated = today - timedelta(2) if way == Registration.Way.PAPER else None
    return actions.Form(uuid5(NAMESPACE_URL, f"demonstration:{name}"), way, "en", signature, dated)


def _register_cast_family(offering: Offering, *, now: datetime) -> None:
    """The cast's Spanish-speaking family registers its own children of the right grades."""
    family = Person.objects.filter(email="familia@example.org").first()
    if family is None:
        return
    with enter(person=family.pk, purpose="demonstration"):
        children = [child for child in own_children() if rising_grade(child.grade) in offering.grades]
        if children:
            care = actions.CareFacts(contact_name=family.name, contact_phone="320-555-0131")
            actions.register_children(
                offering=offering,
                form=_form(
                    "familia",
                    Registration.Way.FAMILY,
                    signer=family.name,
                    today=timezone.localdate(now),
                    kind=offering.described,
                ),
                children=[(child, care) for child in children],
                meals={child.pk: MEALS[0] for child in children},
                by=family.pk,
                now=now,
            )


def _register_district(
    offerings: Sequence[Offering], *, district: Organization, coordinator: Person, now: datetime
) -> None:
    """As many children of a district as the tables say, each with its first guardian's name and telephone number."""
    summer, week = offerings
    wanted = SUMMER.get(district.state_id or "", (10, 4))[1]
    in_week = WEEK.get(district.state_id or "", WEEK_CHILDREN)
    with enter(person=coordinator.pk, purpose="demonstration"):
        students = list(
            Student.objects.current()
            .filter(owner=district, grade__in=GRADES_NOW)
            .order_by("digest", "pk")[: wanted + in_week]
        )
        guardians: dict[UUID, Guardian] = {}
        found = Guardian.objects.filter(owner=district, guardianships__student__in=students)
        for guardian in found.prefetch_related("guardianships").order_by("pk"):
            for tie in guardian.guardianships.all():
                guardians.setdefault(tie.student_id, guardian)
        for place, student in enumerate(students):
            first = guardians.get(student.pk)
            name = first.full_name if first else "The family"
            care = actions.CareFacts(
                contact_name=name,
                contact_phone=(first.sms or first.phone or "" if first else "") or "320-555-0100",
                allergies="Peanuts" if place == 1 else "",
            )
            way = Registration.Way.PAPER if place % 4 == 0 else Registration.Way.STAFF
            offering = summer if place < wanted else week
            actions.register_children(
                offering=offering,
                form=_form(f"{student.pk}", way, signer=name, today=timezone.localdate(now), kind=offering.described),
                children=[(student, care)],
                meals={student.pk: MEALS[place % len(MEALS)]},
                by=coordinator.pk,
                now=now,
            )


def _attendance(offering: Offering, *, by: UUID, now: datetime) -> None:
    """The marks of the days before today."""
    today = timezone.localdate(now)
    with enter(person=by, purpose="demonstration"):
        seated = Registration.objects.filter(offering=offering, seats__state=Seat.State.SEATED).order_by("pk")
        for day in offering.days.filter(held_on__lt=today):
            for place, registration in enumerate(seated):
                tap = actions.Tap(registration.pk, day.pk, MARKS[place % len(MARKS)], now)
                actions.take_attendance(tap=tap, by=by, now=now)
