"""Whoever leaves a district leaves its children behind, whatever work follows elsewhere."""

import datetime
import uuid

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from commonground.apps.core.models import RoleGrant
from commonground.apps.core.people.actions import end_role, reopen_role
from commonground.apps.roster.models import Guardian, Section, StaffMember, Student
from commonground.store.walls import enter

pytestmark = pytest.mark.database
LAST_AT_NORTH = datetime.date(2031, 6, 1)
BEFORE, AFTER = LAST_AT_NORTH - datetime.timedelta(1), LAST_AT_NORTH


@pytest.fixture
def outside(world, databases):
    """A superuser's connection to the test's database."""
    with psycopg.connect(databases.server.dsn(database=connection.settings_dict["NAME"]), autocommit=True) as run:
        run.execute("update core_agreement set until = '2099-07-01'")
        yield run


def ends(outside, person, organization, day=LAST_AT_NORTH):
    outside.execute(
        "update core_rolegrant set until = %s where person_id = %s and organization_id = %s",
        [day, person, organization],
    )


def begins(outside, person, role, organization):
    outside.execute(
        "insert into core_rolegrant (id, person_id, role, organization_id, since) values (%s, %s, %s, %s, '2021-07-01')",
        [uuid.uuid4(), person, role, organization],
    )


def seen(person, on=None, model=Student):
    """The ids that exist for the person, on that day or today."""
    with enter(person=person, purpose="test"):
        if on is not None:
            connection.cursor().execute("select set_config('cg.clock', %s, true)", [on.isoformat()])
        return set(model.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("next_place", ["SOUTH_SCHOOL", "SOUTH", "NORTH"])
def test_a_teacher_who_left_for_another_district_keeps_nothing_of_the_first(world, outside, next_place):
    """At South Theo teaches nobody yet; with a role at North itself he is still a teacher of North."""
    ends(outside, world.THEO, world.NORTH_SCHOOL)
    begins(outside, world.THEO, "teacher", getattr(world, next_place))

    stays = next_place == "NORTH"
    assert seen(world.THEO, BEFORE) == {world.AMINA, world.BJORN}
    assert seen(world.THEO, AFTER) == ({world.AMINA, world.BJORN} if stays else set())
    assert seen(world.THEO, AFTER, Section) == ({world.SECTION} if stays else set())
    assert seen(world.THEO, AFTER, StaffMember) == ({world.TEACHER} if stays else set())


def test_a_teacher_who_becomes_a_parent_account_keeps_no_pupils(world, outside):
    ends(outside, world.THEO, world.NORTH_SCHOOL)
    begins(outside, world.THEO, "family", world.NORTH)

    assert seen(world.THEO, AFTER) == set()


def test_a_family_of_one_district_sees_its_child_in_another_member_district(world, outside):
    assert seen(world.ALI) == {world.AMINA, world.ELIA}


def test_a_family_keeps_no_child_in_a_district_that_left_the_collaborative(world, outside):
    outside.execute("update core_membership set until = %s where organization_id = %s", [LAST_AT_NORTH, world.SOUTH])

    assert seen(world.ALI, BEFORE) == {world.AMINA, world.ELIA}
    assert seen(world.ALI, AFTER) == {world.AMINA}
    assert seen(world.ALI, AFTER, Guardian) == {world.GUARDIAN_NORTH}


def test_a_family_whose_role_stands_at_a_stranger_sees_no_child(world, outside):
    ends(outside, world.ALI, world.NORTH)
    begins(outside, world.ALI, "family", world.WEST)

    assert seen(world.ALI, AFTER) == set()


def test_ending_the_last_role_in_a_district_ends_the_family_s_links_there(world, outside):
    """Ali keeps a role at South: Amina, of North, is gone all the same; reopening within the day brings her back."""
    begins(outside, world.ALI, "family", world.SOUTH)
    at_north = RoleGrant.objects.get(person=world.ALI, organization=world.NORTH)
    today = timezone.localdate()

    with enter(person=world.CORA, purpose="test"):
        end_role(grant=at_north, last_day=today, by=world.CORA)
    assert seen(world.ALI) == {world.ELIA}

    with enter(person=world.CORA, purpose="test"):
        reopen_role(grant=at_north, by=world.CORA)
    assert seen(world.ALI) == {world.AMINA, world.ELIA}


def test_while_another_role_in_the_district_goes_on_the_links_go_on(world, outside):
    begins(outside, world.ALI, "family", world.SOUTH)
    begins(outside, world.ALI, "council_member", world.NORTH)
    role = RoleGrant.objects.get(person=world.ALI, organization=world.NORTH, role="council_member")

    with enter(person=world.CORA, purpose="test"):
        end_role(grant=role, last_day=timezone.localdate(), by=world.CORA)

    assert seen(world.ALI) == {world.AMINA, world.ELIA}
