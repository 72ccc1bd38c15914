"""A GAMMA that runs this week, written as the database's superuser: Amina of North and Elia of South have seats.

Ali registered both; Chue of North waits, registered by Lena from paper; Dee of North withdrew. Pete teaches from the
first day to the last. North and South agreed to share registrations, attendance and health facts, and a count by meals.
"""

import datetime
import uuid

from tests.world import ALI, AMINA, CHUE, COLLABORATIVE, CORA, DEE, ELIA, LENA, LONG_AGO, NORTH, PETE, SOUTH, fixed

OFFERING, OTHER_OFFERING = fixed("gamma"), fixed("other-gamma")
FAMILY = fixed("family-unit-ali")
REGISTRATIONS = {
    "amina": (AMINA, NORTH, ALI, FAMILY, "seated", 1),
    "elia": (ELIA, SOUTH, ALI, FAMILY, "seated", 2),
    "chue": (CHUE, NORTH, LENA, fixed("family-unit-chue"), "waiting", None),
    "dee": (DEE, NORTH, CORA, fixed("family-unit-dee"), "withdrawn", None),
}
SHARED = ["registration", "attendance", "health", "meals"]


def registration(name: str) -> uuid.UUID:
    """The id of a registration by the child's name."""
    return fixed(f"registration-{name}")


def day(number: int) -> uuid.UUID:
    """The id of a day of the offering, from 1."""
    return fixed(f"gamma-day-{number}")


def share(run, *districts: uuid.UUID, categories=SHARED, until=datetime.date(2099, 7, 1)) -> None:
    """These districts share registrations with the collaborative."""
    for district in districts:
        run(
            "insert into core_agreement (id, owner_id, collaborative_id, categories, ground, purpose, since, until,"
            " destroy_by, signed_on, signed_by) values (%s, %s, %s, %s, 'consent', 'Summer programs', %s, %s, %s, %s, 'X')",
            [uuid.uuid4(), district, COLLABORATIVE, list(categories), LONG_AGO, until, until, LONG_AGO],
        )


def offer(run, pk=OFFERING, *, first: datetime.date, capacity=2, kept=(), release_in=60, days=5, owner=COLLABORATIVE):
    """An offering of five days. kept: pairs of district and seats, kept until `release_in` days before the first."""
    last = first + datetime.timedelta(days - 1)
    run(
        "insert into programs_offering (id, owner_id, kind, title, place, starts_on, ends_on, grades, capacity, opens_on,"
        " closes_on, release_on, contact) values (%s, %s, 'gamma', 'GAMMA', 'North School', %s, %s, '{06,07,08}', %s, %s,"
        " %s, %s, 'North School, 320-555-0110')",
        [pk, owner, first, last, capacity, LONG_AGO, last, first - datetime.timedelta(release_in)],
    )
    for district, seats in kept:
        run(
            "insert into programs_seatguarantee (id, owner_id, offering_id, district_id, seats)"
            " values (gen_random_uuid(), %s, %s, %s, %s)",
            [owner, pk, district, seats],
        )
    for number in range(1, days + 1):
        run(
            "insert into programs_day (id, owner_id, offering_id, held_on, begins_at, ends_at, place, theme,"
            " is_field_experience) values (%s, %s, %s, %s, '09:00', '15:00', 'North School', 'community', %s)",
            [
                day(number) if pk == OFFERING else uuid.uuid4(),
                owner,
                pk,
                first + datetime.timedelta(number - 1),
                number == 5,
            ],
        )


def arrange(run, *, today: datetime.date) -> None:
    """The whole of it. today: the second of the five days."""
    share(run, NORTH, SOUTH)
    first = today - datetime.timedelta(1)
    offer(run, first=first, kept=[(NORTH, 1)])
    run(
        "insert into programs_session (id, owner_id, day_id, begins_at, ends_at, title, place)"
        " values (gen_random_uuid(), %s, %s, '09:00', '10:00', 'Opening', 'Gym')",
        [COLLABORATIVE, day(1)],
    )
    run(
        "insert into programs_ride (id, owner_id, offering_id, name, stop, leaves_at, returns_at, phone)"
        " values (gen_random_uuid(), %s, %s, 'Bus 1', 'South School', '08:00', '16:00', '')",
        [COLLABORATIVE, OFFERING],
    )
    run(
        "insert into programs_assignment (id, owner_id, offering_id, person_id, since, until)"
        " values (gen_random_uuid(), %s, %s, %s, %s, %s)",
        [COLLABORATIVE, OFFERING, PETE, first, first + datetime.timedelta(5)],
    )
    for name, (student, owner, by, unit, state, number) in REGISTRATIONS.items():
        run(
            "insert into programs_registration (id, owner_id, student_id, offering_id, family_unit, grade, way,"
            " paper_dated_on, language, entered_by_id, entered_at) values (%s, %s, %s, %s, %s, '08', %s, %s, 'so', %s, now())",
            [
                registration(name),
                owner,
                student,
                OFFERING,
                unit,
                "paper" if by == LENA else "family" if by == ALI else "staff",
                today if by == LENA else None,
                by,
            ],
        )
        run(
            "insert into programs_seat (id, owner_id, registration_id, offering_id, state, number, received_at, seated_at)"
            " values (gen_random_uuid(), %s, %s, %s, %s, %s, now(), case when %s = 'seated' then now() end)",
            [owner, registration(name), OFFERING, state, number, state],
        )
    for name in ("amina", "elia"):
        owner = REGISTRATIONS[name][1]
        run(
            "insert into programs_care (id, owner_id, registration_id, contact_name, contact_phone, other_name, other_phone,"
            " allergies, medicines, needs, picked_up_by, written_by_id, written_at)"
            " values (gen_random_uuid(), %s, %s, 'Asha Ali', '320-555-0199', '', '', 'Peanuts', '', '', '', %s, now())",
            [owner, registration(name), ALI],
        )
        run(
            "insert into programs_consentgiven (id, owner_id, registration_id, key, is_given, signer, signed_on,"
            " recorded_by_id, recorded_at) values (gen_random_uuid(), %s, %s, 'taking-part', true, 'Asha Ali', %s, %s, now())",
            [owner, registration(name), today, ALI],
        )
        run(
            "insert into programs_mealsanswer (id, owner_id, registration_id, answer, written_by_id, written_at)"
            " values (gen_random_uuid(), %s, %s, %s, %s, now())",
            [owner, registration(name), "meals_yes" if name == "amina" else "meals_no", ALI],
        )
        run(
            "insert into programs_attendance (id, owner_id, registration_id, offering_id, day_id, mark, marked_at,"
            " marked_by_id, received_at) values (gen_random_uuid(), %s, %s, %s, %s, 'present', now(), %s, now())",
            [owner, registration(name), OFFERING, day(1), PETE],
        )
