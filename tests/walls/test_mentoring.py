"""Who walks beside a child sees exactly that child, from the first day to the last; notes exist for nobody else."""

import datetime

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.utils import timezone
from tests.apps.mentoring.conftest import DAY, becomes, begun, beside_amina, end, give, lends, outside, write  # noqa: F401

from commonground.apps.core.asking import Refused
from commonground.apps.core.models import Agreement, RoleGrant
from commonground.apps.core.people.actions import end_role, give_role, reopen_role
from commonground.apps.mentoring.models import Caseload, Note
from commonground.apps.roster.models import Demographics, Enrollment, Guardian, SchoolEnrollment, Student
from commonground.store.walls import enter

pytestmark = pytest.mark.database
EVERYBODY_ELSE = ("DANA", "ANN", "OMAR", "CORA", "OTTO", "PRIYA", "THEO", "LENA", "ALI", "PAM", "PETE", "CLEO")


def seen(model, person, *, on=None, column="pk"):
    """The ids that exist for the person, on another day when asked."""
    with enter(person=person, purpose="test"):
        if on is not None:
            with connection.cursor() as cursor:
                cursor.execute("select set_config('cg.clock', %s, true)", [on.isoformat()])
        return set(model.objects.values_list(column, flat=True))


def test_a_mentor_sees_exactly_the_child_and_its_guardians(world, beside_amina):  # noqa: F811
    assert seen(Student, world.MILO) == {world.AMINA}
    assert seen(SchoolEnrollment, world.MILO, column="student_id") == {world.AMINA}
    assert seen(Enrollment, world.MILO, column="student_id") == {world.AMINA}
    assert seen(Demographics, world.MILO, column="student_id") == {world.AMINA}
    assert seen(Guardian, world.MILO) == {world.GUARDIAN_NORTH}
    assert seen(Student, world.CLEO) == set()


@pytest.mark.parametrize("role", ["mentor", "principal"])
def test_a_parent_with_a_role_at_a_school_does_not_see_the_own_childs_other_guardian(world, outside, role):  # noqa: F811
    """Ali, guardian of a child in South, works at North's other school: the child's other guardian stays hidden."""
    becomes(outside, world.ALI, role, world.NORTH_OTHER_SCHOOL)
    outside.execute(
        "with other as (insert into roster_guardian (id, owner_id, source_id, file, given_name, family_name)"
        " values (gen_random_uuid(), %(south)s, 'other', '', 'Omar', 'Ali') returning id)"
        " insert into roster_guardianship (id, owner_id, source_id, file, guardian_id, student_id)"
        " select gen_random_uuid(), %(south)s, 'other', '', other.id, %(child)s from other",
        {"south": world.SOUTH, "child": world.ELIA},
    )

    assert seen(Guardian, world.ALI) == {world.GUARDIAN_NORTH, world.GUARDIAN_SOUTH}
    assert seen(Student, world.ALI) == {world.AMINA, world.ELIA} | ({world.DEE} if role == "principal" else set())


def test_nothing_exists_before_the_first_day_or_after_the_last(world):
    today = timezone.localdate()
    give(world.AMINA, world.MILO, by=world.CORA, since=today + 3 * DAY, last_day=today + 5 * DAY)

    days = [today + number * DAY for number in range(2, 7)]
    assert [seen(Student, world.MILO, on=day) for day in days] == [set(), *[{world.AMINA}] * 3, set()]
    assert [bool(seen(Caseload, world.MILO, on=day)) for day in days] == [False, True, True, True, False]


def test_a_child_whom_the_districts_file_no_longer_holds_is_gone_until_it_is_back(world, outside, beside_amina):  # noqa: F811
    write(world.AMINA, world.MILO)
    today = timezone.localdate()

    for ended_on, there in ((today, False), (today + DAY, True), (None, True)):
        outside.execute("update roster_student set ended_on = %s where id = %s", [ended_on, world.AMINA])
        for model in (Student, Guardian, Caseload, Note):
            assert bool(seen(model, world.MILO)) is there, (model, ended_on)


def test_an_ended_line_shows_nothing_from_that_moment(world, beside_amina):  # noqa: F811
    write(world.AMINA, world.MILO)

    end(beside_amina, by=world.CORA)

    for model in (Student, Guardian, Caseload, Note):
        assert seen(model, world.MILO) == set(), model


def test_the_caseload_ends_with_the_role_and_a_new_role_brings_nothing_back(world, beside_amina, outside):  # noqa: F811
    write(world.AMINA, world.MILO)
    grant = Caseload._meta.get_field("grant").related_model.objects.get(person_id=world.MILO)
    with enter(person=world.CORA, purpose="test"):
        end_role(grant=grant, last_day=timezone.localdate(), by=world.CORA)
    becomes(outside, world.MILO, "mentor", world.NORTH)

    assert seen(Student, world.MILO) == set()
    assert seen(Note, world.MILO) == set()


def test_a_role_given_again_on_the_day_it_ended_brings_no_child_back(world, outside):  # noqa: F811
    today = timezone.localdate()
    outside.execute("update core_rolegrant set since = %s where person_id = %s", [today, world.MILO])
    give(world.AMINA, world.MILO, by=world.CORA)
    first = RoleGrant.objects.select_related("organization").get(person_id=world.MILO)

    with enter(person=world.CORA, purpose="test"):
        end_role(grant=first, last_day=today, by=world.CORA)
        give_role(
            email=world.address("milo"),
            name="",
            role=first.role,
            organization=first.organization,
            since=today,
            until=None,
            by=world.CORA,
        )

    assert seen(Student, world.MILO) == set()
    with enter(person=world.CORA, purpose="test"), pytest.raises(Refused, match="already"):
        reopen_role(grant=first, by=world.CORA)


def test_a_closed_account_sees_nothing(world, beside_amina, outside):  # noqa: F811
    outside.execute("update core_person set is_active = false where id = %s", [world.MILO])

    assert seen(Student, world.MILO) == set()


def test_notes_exist_for_those_beside_the_child_and_for_nobody_else(world, beside_amina):  # noqa: F811
    note = write(world.AMINA, world.MILO)

    assert seen(Note, world.MILO) == {note}
    assert {name: seen(Note, getattr(world, name)) for name in EVERYBODY_ELSE} == {key: set() for key in EVERYBODY_ELSE}


def test_neither_an_emergency_nor_an_agreement_opens_notes_whatever_it_names(world, beside_amina, outside):  # noqa: F811
    """Both with every category written in past the functions that would refuse them."""
    write(world.AMINA, world.MILO)
    outside.execute(
        "insert into core_breakglass (id, person_id, district_id, categories, reason, asked_at, approved_by_id, approved_at, until)"
        " values (gen_random_uuid(), %s, %s, '{roster,contact,notes}', 'a reason of twenty letters', now(), %s, now(),"
        " now() + interval '4 hours')",
        [world.OMAR, world.NORTH, world.DANA],
    )
    outside.execute(
        "update core_agreement set categories = '{roster,contact,caseload,notes}' where owner_id = %s", [world.NORTH]
    )

    for person in (world.OMAR, world.DANA, world.ANN):
        assert world.AMINA in seen(Student, person)
        assert (seen(Note, person), seen(Caseload, person)) == (set(), set())


def test_a_note_for_the_district_alone_is_read_in_the_district_and_by_its_author(world, beside_amina, outside):  # noqa: F811
    """Milo and Cleo walk beside Amina at North’s school, Pete for the collaborative."""
    lends(outside, world.NORTH)
    becomes(outside, world.PETE, "mentor", world.COLLABORATIVE)
    give(world.AMINA, world.CLEO, by=world.CORA)
    give(world.AMINA, world.PETE, role="mentor", by=world.CORA)
    for_all = write(world.AMINA, world.CLEO)
    within = write(world.AMINA, world.CLEO, reach="district")
    petes = write(world.AMINA, world.PETE, reach="district")

    assert seen(Note, world.MILO) == seen(Note, world.CLEO) == {for_all, within, petes}
    assert seen(Note, world.PETE) == {for_all, petes}
    # Nor where a role of the district gives him another child: what counts is by which role he walks beside this one.
    becomes(outside, world.PETE, "counselor", world.NORTH)
    give(world.BJORN, world.PETE, role="counselor", by=world.CORA)
    assert seen(Note, world.PETE) == {for_all, petes}
    with enter(person=world.PETE, purpose="test"), pytest.raises(ProgrammingError), transaction.atomic():
        connection.cursor().execute("update mentoring_note set reach = 'beside'")


def test_who_takes_over_reads_what_was_written_and_who_left_does_not(world, beside_amina):  # noqa: F811
    note = write(world.AMINA, world.MILO)
    end(beside_amina, by=world.CORA)

    give(world.AMINA, world.CLEO, by=world.CORA)

    assert seen(Note, world.CLEO) == {note}
    assert seen(Note, world.MILO) == set()


def test_for_a_family_that_asks_a_counselor_given_the_child_for_a_day_reads_every_note(world, beside_amina, outside):  # noqa: F811
    """34 CFR 99.10, where nobody walks beside the child any more: also what was for the district alone."""
    lends(outside, world.NORTH)
    becomes(outside, world.PETE, "mentor", world.COLLABORATIVE)
    pete = give(world.AMINA, world.PETE, role="mentor", by=world.CORA)
    written = {
        write(world.AMINA, world.MILO, reach="district"),
        write(world.AMINA, world.PETE, reach="district"),
        write(world.AMINA, world.PETE),
    }
    for line in (beside_amina, pete):
        end(line, by=world.CORA)

    give(world.AMINA, world.CLEO, last_day=timezone.localdate(), by=world.CORA)

    assert seen(Note, world.CLEO) == written
    assert seen(Note, world.CLEO, on=timezone.localdate() + DAY) == set()


def test_caseloads_are_read_by_the_district_and_by_those_beside_the_child(world, beside_amina):  # noqa: F811
    assert seen(Caseload, world.CORA) == seen(Caseload, world.MILO) == {beside_amina}
    for name in {*EVERYBODY_ELSE} - {"CORA"}:
        assert seen(Caseload, getattr(world, name)) == set(), name


@pytest.mark.parametrize("by", ["OTTO", "DANA", "OMAR", "PRIYA", "MILO", "ALI"])
def test_only_the_districts_coordinator_gives_its_children(world, by):
    person = getattr(world, by)
    grant = Caseload._meta.get_field("grant").related_model.objects.get(person_id=world.CLEO)

    with enter(person=person, purpose="test"), pytest.raises(DatabaseError, match="not_yours"), transaction.atomic():
        connection.cursor().execute("select cg.give_child(%s, %s, cg.today(), null)", [world.AMINA, grant.pk])


def test_a_child_goes_to_nobody_in_another_role_or_of_another_district(world, outside):  # noqa: F811
    becomes(outside, world.THEO, "mentor", world.SOUTH_SCHOOL)

    for person, role in ((world.THEO, "teacher"), (world.THEO, "mentor"), (world.PRIYA, "principal")):
        with pytest.raises(Refused, match="role in which somebody walks beside"):
            give(world.AMINA, person, by=world.CORA, role=role)


def test_nobody_gives_a_child_to_themselves(world, outside):  # noqa: F811
    becomes(outside, world.CORA, "mentor", world.NORTH)

    with pytest.raises(Refused, match="themselves"):
        give(world.AMINA, world.CORA, by=world.CORA, role="mentor")


def test_a_child_is_given_once_in_the_same_days(world, beside_amina):  # noqa: F811
    with pytest.raises(Refused, match="already"):
        give(world.AMINA, world.MILO, by=world.CORA)

    end(beside_amina, by=world.CORA)
    give(world.AMINA, world.MILO, by=world.CORA)
    assert seen(Student, world.MILO) == {world.AMINA}


def test_a_child_is_given_from_today_on_and_not_backwards(world):
    today = timezone.localdate()
    for since, last_day in ((today - DAY, None), (today, today - DAY)):
        with pytest.raises(Refused, match="days do not fit"):
            give(world.AMINA, world.MILO, by=world.CORA, since=since, last_day=last_day)


def test_across_district_lines_an_agreement_in_force_must_share_the_students(world, outside):  # noqa: F811
    """North shares its roster with the collaborative, contacts not; South shares nothing."""
    lends(outside, world.NORTH)
    becomes(outside, world.MILO, "mentor", world.COLLABORATIVE)
    by_house = {"role": "mentor", "by": world.CORA}
    outside.execute(
        "delete from core_rolegrant where person_id = %s and organization_id = %s", [world.MILO, world.NORTH_SCHOOL]
    )
    give(world.DEE, world.MILO, **by_house)

    assert seen(Student, world.MILO) == {world.DEE}
    assert seen(Guardian, world.MILO) == set()
    with pytest.raises(Refused, match="shares its students"):
        give(world.ELIA, world.MILO, role="mentor", by=world.OTTO)


@pytest.mark.parametrize("ground", [one.value for one in Agreement.Ground])
def test_a_study_or_an_audit_gives_nobody_a_child_to_walk_beside(world, outside, ground):  # noqa: F811
    """34 CFR 99.31(a)(1) and 99.30 let somebody outside the district walk beside its children, (a)(3) and (a)(6) do not."""
    mentors = ground in ("school_official", "consent")
    becomes(outside, world.PETE, "mentor", world.COLLABORATIVE)
    lends(outside, world.NORTH, ground=ground)
    if not mentors:
        with pytest.raises(Refused, match="walks beside children"):
            give(world.AMINA, world.PETE, role="mentor", by=world.CORA)
    lends(outside, world.NORTH)
    give(world.AMINA, world.PETE, role="mentor", by=world.CORA)
    assert seen(Student, world.PETE) == {world.AMINA}

    lends(outside, world.NORTH, ground=ground)

    assert seen(Student, world.PETE) == ({world.AMINA} if mentors else set())


def test_the_agreements_contacts_and_its_end_hold_for_a_mentor_of_the_collaborative(world, outside):  # noqa: F811
    lends(outside, world.NORTH)
    becomes(outside, world.MILO, "mentor", world.COLLABORATIVE)
    outside.execute(
        "delete from core_rolegrant where person_id = %s and organization_id = %s", [world.MILO, world.NORTH_SCHOOL]
    )
    give(world.AMINA, world.MILO, role="mentor", by=world.CORA)
    write(world.AMINA, world.MILO)
    assert seen(Guardian, world.MILO) == set()

    outside.execute("update core_agreement set categories = '{roster,contact}' where owner_id = %s", [world.NORTH])
    assert seen(Guardian, world.MILO) == {world.GUARDIAN_NORTH}
    until = Agreement.objects.filter(owner_id=world.NORTH)
    with enter(person=world.CORA, purpose="test"):
        last = until.get().until
    for model in (Student, Guardian, Note, Caseload):
        assert seen(model, world.MILO, on=last - DAY), model
        assert seen(model, world.MILO, on=last) == set(), model


def test_nobody_writes_either_table_past_its_functions(world, beside_amina):  # noqa: F811
    note = write(world.AMINA, world.MILO)
    for person in (world.CORA, world.MILO):
        for statement in (
            "update mentoring_caseload set until = null",
            "delete from mentoring_caseload",
            f"update mentoring_note set talked_about = 'else' where id = '{note}'",
            "delete from mentoring_note",
            "insert into mentoring_note select * from mentoring_note",
        ):
            with enter(person=person, purpose="test"), pytest.raises(ProgrammingError), transaction.atomic():
                connection.cursor().execute(statement)


def test_notes_are_written_by_those_beside_the_child_alone(world, beside_amina):  # noqa: F811
    for person in (world.CORA, world.CLEO, world.PRIYA, world.THEO, world.ALI, world.OMAR):
        with (
            enter(person=person, purpose="test"),
            pytest.raises(DatabaseError, match="not_yours"),
            transaction.atomic(),
        ):
            connection.cursor().execute(
                "select cg.write_note(gen_random_uuid(), %s, cg.today(), 'x', '', 'beside')", [world.AMINA]
            )


def test_the_ledger_of_changes_keeps_that_a_note_changed_and_never_what_it_said(world, beside_amina, outside):  # noqa: F811
    from commonground.apps.mentoring import actions

    pk = write(world.AMINA, world.MILO, said="Grasshopper")
    with enter(person=world.MILO, purpose="test"):
        said = actions.Said(timezone.localdate(), "Ladybird")
        actions.correct_note(note=Note.objects.get(pk=pk), said=said, by=world.MILO)

    rows = outside.execute("select operation, old from core_change where table_name = 'mentoring_note' order by number")
    assert rows.fetchall() == [("I", None), ("U", None)]


def test_a_note_is_corrected_for_a_day_by_its_author_and_struck_ever_after(world, beside_amina, outside):  # noqa: F811
    from commonground.apps.mentoring import actions

    give(world.AMINA, world.CLEO, by=world.CORA)
    pk = write(world.AMINA, world.MILO)
    said = actions.Said(timezone.localdate(), "Better.")

    def correct(person):
        with enter(person=person, purpose="test"):
            actions.correct_note(note=Note.objects.get(pk=pk), said=said, by=person)

    with pytest.raises(Refused, match="not yours"):
        correct(world.CLEO)
    correct(world.MILO)
    outside.execute("update mentoring_note set written_at = written_at - interval '1 day'")
    with pytest.raises(Refused, match="corrected for a day"):
        correct(world.MILO)
    with enter(person=world.MILO, purpose="test"):
        actions.strike_note(note=Note.objects.get(pk=pk), by=world.MILO)
        struck = Note.objects.get(pk=pk)
    assert (struck.talked_about, struck.struck_at is None) == ("Better.", False)
    with pytest.raises(Refused, match="ended already"), enter(person=world.MILO, purpose="test"):
        actions.strike_note(note=struck, by=world.MILO)


def test_a_meeting_lies_in_the_own_time_with_the_child(world, beside_amina, outside):  # noqa: F811
    today = timezone.localdate()
    begun(outside, beside_amina, 3)

    write(world.AMINA, world.MILO, met=today - 3 * DAY)
    for day in (today - 4 * DAY, today + DAY, datetime.date(2019, 1, 1)):
        with pytest.raises(Refused, match="day of the meeting"):
            write(world.AMINA, world.MILO, met=day)
