"""Whose registrations, health facts and attendance exist for whom, and who may write them; the last word is the database's."""

import datetime
import uuid

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.utils import timezone
from tests.apps.programs.conftest import gamma, outside  # noqa: F401 - fixtures

from commonground.apps.programs.models import (
    Assignment,
    Attendance,
    Care,
    ConsentGiven,
    Registration,
    Seat,
)
from commonground.apps.roster.models import Demographics, Enrollment, Guardian, SchoolEnrollment, Student
from commonground.store.walls import enter

pytestmark = pytest.mark.database
TODAY = timezone.localdate


def seen(model, person, *, on=None, column="pk"):
    """The ids that exist for the person, on another day when asked."""
    with enter(person=person, purpose="test"):
        if on is not None:
            with connection.cursor() as cursor:
                cursor.execute("select set_config('cg.clock', %s, true)", [on.isoformat()])
        return set(model.objects.values_list(column, flat=True))


def named(gamma, *names):  # noqa: F811
    return {gamma.registration(name) for name in names}


@pytest.mark.parametrize(
    ("person", "names"),
    [
        ("PETE", ["amina", "elia"]),
        ("PAM", ["amina", "elia", "chue"]),
        ("DANA", ["amina", "elia", "chue"]),
        ("ALI", ["amina", "elia"]),
        ("LENA", ["chue"]),
        ("CORA", ["amina", "chue", "dee"]),
        ("OTTO", ["elia"]),
        ("ANN", []),
        ("OMAR", []),
        ("THEO", []),
        ("PRIYA", []),
    ],
)
def test_each_person_sees_exactly_the_registrations_of_the_own_work(world, gamma, person, names):  # noqa: F811
    assert seen(Registration, getattr(world, person)) == named(gamma, *names)
    assert seen(Seat, getattr(world, person), column="registration_id") == named(gamma, *names)


@pytest.mark.parametrize(
    ("person", "names"),
    [
        ("PETE", ["amina", "elia"]),
        ("PAM", ["amina", "elia"]),
        ("ALI", ["amina", "elia"]),
        ("CORA", []),
        ("OTTO", []),
        ("DANA", []),
        ("LENA", []),
        ("THEO", []),
        ("PRIYA", []),
    ],
)
def test_facts_about_health_exist_for_the_family_and_those_in_charge_alone(world, gamma, person, names):  # noqa: F811
    for model in (Care, ConsentGiven):
        assert seen(model, getattr(world, person), column="registration_id") == named(gamma, *names)


def test_a_program_teacher_sees_the_child_and_nothing_else_about_the_child(world, gamma):  # noqa: F811
    assert seen(Student, world.PETE) == {world.AMINA, world.ELIA}
    for model in (Demographics, Enrollment, SchoolEnrollment, Guardian):
        assert seen(model, world.PETE) == set()
        assert seen(model, world.PAM) == set()


def test_the_program_opens_on_its_first_day_and_ends_with_its_last(world, gamma):  # noqa: F811
    first = TODAY() - datetime.timedelta(1)
    everything = (Student, Registration, Seat, Care, ConsentGiven, Attendance)

    for on, is_there in ((-1, False), (0, True), (4, True), (5, False)):
        for model in everything:
            assert bool(seen(model, world.PETE, on=first + datetime.timedelta(on))) is is_there, (on, model)


def test_health_facts_exist_for_a_teacher_only_on_days_on_which_the_program_is_held(world, gamma, outside):  # noqa: F811
    outside.execute("delete from programs_attendance")
    outside.execute("delete from programs_day where held_on = %s", [TODAY() + datetime.timedelta(1)])

    assert seen(Care, world.PETE)
    assert seen(Care, world.PETE, on=TODAY() + datetime.timedelta(1)) == set()
    assert seen(Registration, world.PETE, on=TODAY() + datetime.timedelta(1)) == named(gamma, "amina", "elia")


def test_an_agreement_that_ends_closes_the_program_for_that_districts_children(world, gamma, outside):  # noqa: F811
    outside.execute("update core_agreement set until = %s where owner_id = %s", [TODAY(), world.SOUTH])

    for person in (world.PETE, world.PAM):
        assert world.ELIA not in seen(Student, person)
        assert gamma.registration("elia") not in seen(Registration, person)
    assert seen(Registration, world.ALI) == named(gamma, "amina", "elia")


@pytest.mark.parametrize(
    ("ground", "opens"), [("school_official", True), ("consent", True), ("studies", False), ("evaluation", False)]
)
def test_a_study_or_an_audit_runs_no_program_with_a_child(world, gamma, outside, ground, opens):  # noqa: F811
    outside.execute("update core_agreement set ground = %s where owner_id = %s", [ground, world.SOUTH])

    elia = gamma.registration("elia")
    for person in (world.PETE, world.PAM):
        assert (world.ELIA in seen(Student, person)) is opens
        assert (elia in seen(Registration, person)) is opens
        assert (elia in seen(Care, person, column="registration_id")) is opens
        assert (elia in seen(Attendance, person, column="registration_id")) is opens
    assert seen(Registration, world.ALI) == named(gamma, "amina", "elia")


def test_an_agreement_without_health_opens_the_name_and_no_health_fact(world, gamma, outside):  # noqa: F811
    outside.execute("update core_agreement set categories = '{registration}' where owner_id = %s", [world.SOUTH])

    assert seen(Registration, world.PETE) == named(gamma, "amina", "elia")
    assert seen(Care, world.PETE, column="registration_id") == named(gamma, "amina")
    assert seen(Attendance, world.PETE, column="registration_id") == named(gamma, "amina")


def test_a_role_without_an_assignment_and_an_assignment_without_a_role_open_nothing(world, gamma, outside):  # noqa: F811
    outside.execute("update core_rolegrant set until = %s where person_id = %s", [TODAY(), world.PETE])
    assert seen(Student, world.PETE) == set()

    outside.execute("update core_rolegrant set until = null where person_id = %s", [world.PETE])
    outside.execute("delete from programs_assignment")
    assert seen(Student, world.PETE) == set()


def test_a_teacher_reads_the_own_assignment_and_nobody_elses(world, gamma, outside):  # noqa: F811
    outside.execute(
        "insert into programs_assignment (id, owner_id, offering_id, person_id, since, until)"
        " values (gen_random_uuid(), %s, %s, %s, %s, %s)",
        [world.COLLABORATIVE, gamma.OFFERING, world.THEO, TODAY(), TODAY() + datetime.timedelta(1)],
    )

    assert seen(Assignment, world.PETE, column="person_id") == {world.PETE}
    assert seen(Assignment, world.PAM, column="person_id") == {world.PETE, world.THEO}
    assert seen(Assignment, world.CORA) == set()


def insert(student, owner, *, by, offering, way="family"):
    """Write a registration past every check in Python."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into programs_registration (id, owner_id, student_id, offering_id, family_unit, grade, way, language,"
            " entered_by_id, entered_at) values (%s, %s, %s, %s, %s, '08', %s, 'en', %s, now())",
            [uuid.uuid4(), owner, student, offering, uuid.uuid4(), way, by],
        )


@pytest.fixture
def later(gamma, outside):  # noqa: F811
    """An offering later this year in which nobody is registered."""
    gamma.offer(outside.execute, gamma.OTHER_OFFERING, first=TODAY() + datetime.timedelta(90))
    return gamma.OTHER_OFFERING


@pytest.mark.parametrize(
    ("person", "child"),
    [("ALI", "AMINA"), ("ALI", "ELIA"), ("LENA", "CHUE"), ("CORA", "BJORN"), ("OTTO", "ELIA")],
)
def test_a_child_is_registered_by_those_whose_child_it_is(world, later, person, child):
    owner = world.SOUTH if child == "ELIA" else world.NORTH
    with enter(person=getattr(world, person), purpose="test"):
        insert(getattr(world, child), owner, by=getattr(world, person), offering=later)

        assert Registration.objects.filter(offering=later).count() == 1


@pytest.mark.parametrize(
    ("person", "child"),
    [
        ("ALI", "BJORN"),  # not the own child
        ("LENA", "AMINA"),  # not new at the liaison's school
        ("CORA", "ELIA"),  # another district
        ("PAM", "AMINA"),
        ("PETE", "AMINA"),
        ("DANA", "AMINA"),
        ("THEO", "AMINA"),
    ],
)
def test_nobody_else_can_register_the_child(world, later, person, child):
    owner = world.SOUTH if child == "ELIA" else world.NORTH
    with (
        enter(person=getattr(world, person), purpose="test"),
        pytest.raises(ProgrammingError, match="row-level security"),
    ):
        insert(getattr(world, child), owner, by=getattr(world, person), offering=later)


def test_a_registration_cannot_be_signed_with_another_name_nor_moved_to_another_owner(world, later):
    with enter(person=world.ALI, purpose="test"):
        with pytest.raises(ProgrammingError, match="row-level security"):
            insert(world.AMINA, world.NORTH, by=world.LENA, offering=later)
        with pytest.raises(Exception, match="within_owner"):
            insert(world.AMINA, world.SOUTH, by=world.ALI, offering=later)


@pytest.mark.parametrize("person", ["ALI", "PAM", "PETE", "CORA", "DANA"])
def test_nobody_writes_a_seat_but_the_databases_own_function(world, gamma, person):  # noqa: F811
    with enter(person=getattr(world, person), purpose="test"), connection.cursor() as cursor:
        for statement in (
            "update programs_seat set state = 'seated', number = 9",
            "delete from programs_seat",
            "insert into programs_seat select * from programs_seat limit 1",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                cursor.execute(statement)


@pytest.mark.parametrize(
    ("person", "child"), [("CORA", "elia"), ("LENA", "amina"), ("PAM", "amina"), ("PETE", "amina"), ("THEO", "amina")]
)
def test_a_seat_is_given_back_only_by_those_who_may_register_the_child(world, gamma, person, child):  # noqa: F811
    with enter(person=getattr(world, person), purpose="test"), connection.cursor() as cursor:
        for statement in ("select cg.give_back_seat(%s)", "select cg.ask_for_seats(%s, array[%s])"):
            values = [gamma.registration(child)]
            with pytest.raises(DatabaseError, match="not_yours"), transaction.atomic():
                cursor.execute(statement, values if "back" in statement else [gamma.OFFERING, *values])


def mark(gamma, name, *, by, mark="absent", day=2):  # noqa: F811
    from tests.apps.programs.arranged import REGISTRATIONS

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into programs_attendance (id, owner_id, registration_id, offering_id, day_id, mark, marked_at,"
            " marked_by_id, received_at) values (gen_random_uuid(), %s, %s, %s, %s, %s, now(), %s, now())"
            " on conflict (owner_id, registration_id, day_id) do update set mark = excluded.mark,"
            " marked_by_id = excluded.marked_by_id",
            [REGISTRATIONS[name][1], gamma.registration(name), gamma.OFFERING, gamma.day(day), mark, by],
        )


@pytest.mark.parametrize("person", ["PETE", "PAM"])
def test_those_in_charge_write_attendance_and_correct_it(world, gamma, person):  # noqa: F811
    person = getattr(world, person)
    with enter(person=person, purpose="test"):
        mark(gamma, "elia", by=person, mark="absent")
        mark(gamma, "elia", by=person, mark="late")

        assert Attendance.objects.get(day=gamma.day(2)).mark == "late"


@pytest.mark.parametrize(
    ("person", "child"),
    [("PETE", "chue"), ("ALI", "amina"), ("CORA", "amina"), ("DANA", "amina"), ("THEO", "amina"), ("LENA", "chue")],
)
def test_nobody_else_marks_a_child(world, gamma, person, child):  # noqa: F811
    person = getattr(world, person)
    with enter(person=person, purpose="test"), pytest.raises(ProgrammingError, match="row-level security"):
        mark(gamma, child, by=person)


def test_a_mark_cannot_be_signed_with_another_name(world, gamma):  # noqa: F811
    with enter(person=world.PETE, purpose="test"), pytest.raises(ProgrammingError, match="row-level security"):
        mark(gamma, "amina", by=world.PAM)


def test_a_mark_is_of_a_day_of_the_childs_own_offering(world, gamma, outside, later):  # noqa: F811
    other_day = outside.execute("select id from programs_day where offering_id = %s", [later]).fetchone()[0]
    with (
        enter(person=world.PAM, purpose="test"),
        pytest.raises(Exception, match="of_offering"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "insert into programs_attendance (id, owner_id, registration_id, offering_id, day_id, mark, marked_at,"
            " marked_by_id, received_at) values (gen_random_uuid(), %s, %s, %s, %s, 'late', now(), %s, now())",
            [world.NORTH, gamma.registration("amina"), gamma.OFFERING, other_day, world.PAM],
        )


def test_a_liaison_writes_the_health_facts_of_a_paper_form_and_cannot_read_them(world, gamma, outside):  # noqa: F811
    with enter(person=world.LENA, purpose="test"):
        Care.objects.bulk_create(
            [
                Care(
                    owner_id=world.NORTH,
                    registration_id=gamma.registration("chue"),
                    contact_name="X",
                    contact_phone="1",
                    written_by_id=world.LENA,
                    written_at=timezone.now(),
                )
            ]
        )

        assert not Care.objects.exists()
    # The manager reads them once the child has a seat.
    assert gamma.registration("chue") not in seen(Care, world.PAM, column="registration_id")
    outside.execute("update programs_seat set state = 'seated', number = 3, seated_at = now() where state = 'waiting'")
    assert gamma.registration("chue") in seen(Care, world.PAM, column="registration_id")


def test_the_ledger_keeps_that_health_facts_changed_and_never_what_they_said(world, gamma, outside):  # noqa: F811
    with enter(person=world.ALI, purpose="test"):
        Care.objects.filter(registration=gamma.registration("amina")).update(
            allergies="None", written_by=world.ALI, written_at=timezone.now()
        )

    lines = outside.execute("select operation, old from core_change where table_name = 'programs_care'").fetchall()
    assert ("U", None) in lines
    assert {old for _operation, old in lines} == {None}


def test_offerings_are_written_by_those_who_run_programs_there_alone(world, gamma):  # noqa: F811
    from commonground.apps.programs.models import Offering

    for person, changed in (("PAM", 1), ("DANA", 1), ("CORA", 0), ("ALI", 0), ("PETE", 0), ("ANN", 0)):
        with enter(person=getattr(world, person), purpose="test"):
            assert Offering.objects.filter(pk=gamma.OFFERING).update(place="There") == changed, person


def test_the_functions_that_decide_a_seat_do_not_name_race(outside):  # noqa: F811
    """Race never decides: the functions read no table in which it stands."""
    deciding = ("ask_for_seats", "decide_seats", "give_back_seat", "seats_used", "may_register", "sharing", "lending")
    sources = dict(
        outside.execute("select proname, prosrc from pg_proc where pronamespace = 'cg'::regnamespace").fetchall()
    )

    assert set(deciding) <= set(sources)
    for name in deciding:
        assert "demographics" not in sources[name], name
        assert "race" not in sources[name], name
        assert "meals" not in sources[name], name


def test_the_manager_sees_facts_about_health_from_four_weeks_before_until_the_last_day(world, gamma):  # noqa: F811
    first = TODAY() - datetime.timedelta(1)
    last = first + datetime.timedelta(4)
    both = named(gamma, "amina", "elia")
    for model in (Care, ConsentGiven):
        for day, there in (
            (first - datetime.timedelta(29), set()),
            (first - datetime.timedelta(28), both),
            (last, both),
            (last + datetime.timedelta(1), set()),
        ):
            assert seen(model, world.PAM, on=day, column="registration_id") == there
    assert seen(Registration, world.PAM, on=last + datetime.timedelta(1)) == named(gamma, "amina", "elia", "chue")
