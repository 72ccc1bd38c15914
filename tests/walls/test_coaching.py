"""Who coaches whom exists for the two of them, for the teacher's district and for the coach's house, and for nobody else."""

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.utils import timezone
from tests.apps.coaching.conftest import DAY, becomes, coached, end, give, outside, role  # noqa: F401
from tests.walls.test_mentoring import seen
from tests.world import PEOPLE

from commonground.apps.coaching.models import Coaching
from commonground.apps.core.asking import Refused, ask_database
from commonground.apps.core.models import RoleGrant
from commonground.apps.core.people.actions import end_role
from commonground.apps.roster.models import Guardian, StaffMember, Student
from commonground.store.walls import enter

pytestmark = pytest.mark.database


def test_it_exists_for_the_two_and_the_teachers_coordinator_and_for_nobody_else(world, coached):  # noqa: F811
    found = {key for key in PEOPLE if seen(Coaching, getattr(world, key.upper()))}

    assert found == {"cora", "coco", "theo"}


def test_a_coach_sees_no_child_and_no_other_record_of_the_district(world, coached):  # noqa: F811
    for model in (Student, Guardian, StaffMember):
        assert seen(model, world.COCO) == set(), model


def test_the_director_sees_what_coaches_of_the_own_house_do_and_no_other_coaching(world, coached, outside):  # noqa: F811
    by_house = becomes(outside, world.MILO, "coach", world.COLLABORATIVE)
    line = give(world.THEO, world.MILO, by=world.CORA, as_coach=by_house)

    assert seen(Coaching, world.DANA) == seen(Coaching, world.MILO) == {line}
    assert seen(Coaching, world.OTTO) == set()


def test_the_membership_of_the_district_ends_it_for_a_coach_of_the_house(world, outside):  # noqa: F811
    by_house = becomes(outside, world.MILO, "coach", world.COLLABORATIVE)
    line = give(world.THEO, world.MILO, by=world.CORA, as_coach=by_house)
    outside.execute("update core_membership set until = cg.today() where organization_id = %s", [world.NORTH])

    assert (seen(Coaching, world.MILO), seen(Coaching, world.DANA)) == (set(), set())
    assert seen(Coaching, world.CORA) == seen(Coaching, world.THEO) == {line}


def test_nothing_exists_for_the_coach_before_the_first_day_or_after_the_last(world):
    today = timezone.localdate()
    give(world.THEO, world.COCO, by=world.CORA, since=today + 3 * DAY, last_day=today + 5 * DAY)

    days = [today + number * DAY for number in range(2, 7)]
    assert [bool(seen(Coaching, world.COCO, on=day)) for day in days] == [False, True, True, True, False]


def test_an_ended_line_is_gone_for_the_coach_from_that_moment_and_stays_the_teachers(world, coached):  # noqa: F811
    end(coached, by=world.CORA)

    assert seen(Coaching, world.COCO) == set()
    assert seen(Coaching, world.THEO) == {coached}


@pytest.mark.parametrize(("person", "key"), [("COCO", "coach"), ("THEO", "teacher")])
def test_it_ends_with_either_role(world, coached, person, key):  # noqa: F811
    grant = RoleGrant.objects.get(person_id=getattr(world, person), role=key)
    with enter(person=world.CORA, purpose="test"):
        end_role(grant=grant, last_day=timezone.localdate(), by=world.CORA)

    assert seen(Coaching, world.COCO) == set()


def test_a_new_role_as_coach_brings_nothing_back(world, coached, outside):  # noqa: F811
    outside.execute("update core_rolegrant set until = cg.today() where person_id = %s", [world.COCO])
    becomes(outside, world.COCO, "coach", world.NORTH)

    assert seen(Coaching, world.COCO) == set()


@pytest.mark.parametrize("by", ["OTTO", "DANA", "OMAR", "PRIYA", "COCO", "THEO"])
def test_only_the_districts_coordinator_gives_and_ends(world, coached, by):  # noqa: F811
    ids = [role(world.THEO, "teacher"), role(world.COCO, "coach")]
    for statement, values in (
        ("select cg.give_teacher(%s, %s, cg.today(), null)", ids),
        ("select cg.end_coaching(%s)", [coached]),
    ):
        with (
            enter(person=getattr(world, by), purpose="test"),
            pytest.raises(DatabaseError, match="not_yours"),
            transaction.atomic(),
        ):
            connection.cursor().execute(statement, values)


def test_a_teacher_goes_to_nobody_in_another_role_or_of_another_district(world, outside):  # noqa: F811
    elsewhere = becomes(outside, world.MILO, "coach", world.SOUTH_SCHOOL)

    for grant in (elsewhere, role(world.PRIYA, "principal")):
        with pytest.raises(Refused, match="not a coach on that day"):
            give(world.THEO, world.COCO, by=world.CORA, as_coach=grant)


def test_nobody_but_a_teacher_is_given(world):
    ids = [role(world.PRIYA, "principal"), role(world.COCO, "coach")]

    with enter(person=world.CORA, purpose="test"), pytest.raises(Refused, match="not a teacher of your district"):
        ask_database("give_teacher", *ids, timezone.localdate(), None)


def test_nobody_coaches_themselves(world, outside):  # noqa: F811
    own = becomes(outside, world.THEO, "coach", world.NORTH)

    with pytest.raises(Refused, match="themselves"):
        give(world.THEO, world.THEO, by=world.CORA, as_coach=own)


def test_a_teacher_is_given_once_in_the_same_days_and_again_after_an_end(world, coached):  # noqa: F811
    with pytest.raises(Refused, match="already"):
        give(world.THEO, world.COCO, by=world.CORA)

    end(coached, by=world.CORA)
    again = give(world.THEO, world.COCO, by=world.CORA)
    assert seen(Coaching, world.COCO) == {again}
    with pytest.raises(Refused, match="ended already"):
        end(coached, by=world.CORA)


def test_a_teacher_is_given_from_today_on_and_not_backwards(world):
    today = timezone.localdate()
    for since, last_day in ((today - DAY, None), (today, today - DAY)):
        with pytest.raises(Refused, match="days do not fit"):
            give(world.THEO, world.COCO, by=world.CORA, since=since, last_day=last_day)


def test_nobody_writes_the_table_past_its_functions(world, coached):  # noqa: F811
    for person in (world.CORA, world.COCO, world.THEO):
        for statement in (
            "update coaching_coaching set until = null",
            "delete from coaching_coaching",
            "insert into coaching_coaching select * from coaching_coaching",
        ):
            with enter(person=person, purpose="test"), pytest.raises(ProgrammingError), transaction.atomic():
                connection.cursor().execute(statement)


@pytest.mark.parametrize("change", ["until = since - 1", "ended_at = now()"])
def test_the_database_keeps_its_days_and_its_end_whole(world, coached, outside, change):  # noqa: F811
    import psycopg

    with pytest.raises(psycopg.errors.CheckViolation):
        outside.execute(f"update coaching_coaching set {change} where id = %s", [coached])
