"""Who may give and end which role where: asked of the database itself, as the acting person."""

import datetime

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from commonground.apps.core.asking import Refused
from commonground.apps.core.models import Agreement, Event, Membership, Organization, Person, RoleGrant
from commonground.apps.core.people import actions
from commonground.apps.core.roles import ROLES
from commonground.apps.roster.models import Student
from commonground.store.walls import enter

pytestmark = pytest.mark.database
DAY = datetime.timedelta(days=1)


def today():
    from django.utils import timezone

    return timezone.localdate()


def give(by, role, place, *, email="nia@example.org", since=None, until=None):
    with enter(person=by, purpose="test"):
        return actions.give_role(
            email=email,
            name="Nia Berg",
            role=role,
            organization=Organization.objects.get(pk=place),
            since=since or today(),
            until=until,
            by=by,
        )


def end(by, grant, *, last_day=None):
    with enter(person=by, purpose="test"):
        actions.end_role(grant=grant, last_day=last_day or today(), by=by)


def grant_of(person, **more):
    return RoleGrant.objects.select_related("person").get(person_id=person, **more)


# Giving


@pytest.mark.parametrize(
    ("by", "role", "place"),
    [
        ("DANA", "analyst", "COLLABORATIVE"),
        ("DANA", "director", "COLLABORATIVE"),
        ("DANA", "board_member", "COLLABORATIVE"),
        ("CORA", "coordinator", "NORTH"),
        ("CORA", "superintendent", "NORTH"),
        ("CORA", "principal", "NORTH_SCHOOL"),
        ("CORA", "teacher", "NORTH_OTHER_SCHOOL"),
    ],
)
def test_the_owner_of_an_organization_gives_what_is_held_there(world, by, role, place):
    grant = give(getattr(world, by), role, getattr(world, place))

    assert (grant.role, grant.organization_id) == (role, getattr(world, place))
    assert grant.person.is_active is False
    assert Event.objects.filter(kind="account.role_given", person_id=grant.person_id).count() == 1


@pytest.mark.parametrize(
    ("by", "role", "place"),
    [
        ("CORA", "coordinator", "SOUTH"),  # another district
        ("CORA", "principal", "SOUTH_SCHOOL"),  # its school
        ("CORA", "analyst", "COLLABORATIVE"),  # the collaborative
        ("CORA", "principal", "NORTH"),  # not a role of districts
        ("DANA", "coordinator", "NORTH"),  # somebody leads it: the director could not see its children by this door
        ("DANA", "principal", "NORTH_SCHOOL"),
        ("DANA", "coordinator", "WEST"),  # no member
        ("DANA", "superintendent", "NORTH"),
        ("ANN", "analyst", "COLLABORATIVE"),
        ("PRIYA", "teacher", "NORTH_SCHOOL"),
        ("OMAR", "operator", "COLLABORATIVE"),
        ("ALI", "family", "NORTH"),
    ],
)
def test_nobody_gives_beyond_the_own_right(world, by, role, place):
    before = Person.objects.count(), RoleGrant.objects.count()

    with pytest.raises(Refused, match="not yours to give"):
        give(getattr(world, by), role, getattr(world, place))

    assert (Person.objects.count(), RoleGrant.objects.count()) == before


def test_python_cannot_write_a_role_past_the_functions(world):
    for statement in (
        "insert into core_rolegrant (id, person_id, role, organization_id, since) values"
        f" (gen_random_uuid(), '{world.CORA}', 'coordinator', '{world.SOUTH}', '2020-01-01')",
        "update core_rolegrant set role = 'director'",
        "delete from core_rolegrant",
        "insert into core_rolegiving (giver, role, reach, kind) values ('teacher', 'director', 'here', 'collaborative')",
        f"insert into core_membership (id, collaborative_id, organization_id, standing, since) values (gen_random_uuid(), '{world.COLLABORATIVE}', '{world.WEST}', 'member', '2020-01-01')",
        "update core_organization set name = 'x'",
    ):
        with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert "permission denied" in str(refused.value)


def test_nobody_gives_a_role_to_themselves(world):
    with pytest.raises(Refused, match="to themselves"):
        give(world.CORA, "superintendent", world.NORTH, email=world.address("cora"))


def test_a_role_begins_today_or_later_and_ends_after_its_beginning(world):
    for since, until in ((today() - DAY, None), (today() + 3 * DAY, today() + 3 * DAY)):
        with pytest.raises(Refused, match="days do not fit"):
            give(world.CORA, "superintendent", world.NORTH, since=since, until=until)


def test_the_same_role_twice_in_the_same_days_is_refused(world):
    give(world.CORA, "superintendent", world.NORTH, until=today() + 10 * DAY)

    with pytest.raises(Refused, match="already"):
        give(world.CORA, "superintendent", world.NORTH, since=today() + 9 * DAY)
    assert give(world.CORA, "superintendent", world.NORTH, since=today() + 10 * DAY).until is None


def test_a_role_called_off_before_its_first_day_is_given_from_today(world):
    planned = give(world.CORA, "superintendent", world.NORTH, since=today() + 5 * DAY)
    end(world.CORA, planned)

    assert give(world.CORA, "superintendent", world.NORTH).since == today()

    with pytest.raises(Refused, match="already"), enter(person=world.CORA, purpose="test"):
        actions.reopen_role(grant=planned, by=world.CORA)


def test_the_first_coordinator_of_a_member_is_named_by_the_director_and_the_second_by_the_first(world):
    with enter(person=world.DANA, purpose="test"):
        actions.join_house(
            house=Organization.objects.get(pk=world.COLLABORATIVE),
            place=Organization.objects.get(pk=world.WEST),
            standing="voluntary",
            since=today(),
            by=world.DANA,
        )

    first = give(world.DANA, "coordinator", world.WEST, email="wes@example.org")

    with pytest.raises(Refused):
        give(world.DANA, "coordinator", world.WEST, email="second@example.org")
    Person.objects.filter(pk=first.person_id).update(is_active=True)
    assert give(first.person_id, "coordinator", world.WEST, email="second@example.org")


# Ending


def test_an_ended_role_shows_nothing_at_once_and_can_be_taken_back(world):
    grant = give(world.CORA, "coordinator", world.NORTH)
    Person.objects.filter(pk=grant.person_id).update(is_active=True)
    with enter(person=grant.person_id, purpose="test"):
        assert Student.objects.count() == 4

    end(world.CORA, grant)

    with enter(person=grant.person_id, purpose="test"):
        assert Student.objects.count() == 0
    with enter(person=world.CORA, purpose="test"):
        actions.reopen_role(grant=grant, by=world.CORA)
    with enter(person=grant.person_id, purpose="test"):
        assert Student.objects.count() == 4


def test_only_who_ended_a_role_takes_it_back(world):
    grant = give(world.CORA, "superintendent", world.NORTH)
    end(world.CORA, grant)

    with pytest.raises(Refused), enter(person=world.OTTO, purpose="test"):
        actions.reopen_role(grant=grant, by=world.OTTO)


@pytest.mark.parametrize(("person", "by"), [("CORA", "CORA"), ("DANA", "DANA")])
def test_the_last_owner_cannot_be_ended(world, person, by):
    with pytest.raises(Refused, match="last owner"):
        end(getattr(world, by), grant_of(getattr(world, person)))


def test_an_owner_whose_account_is_not_open_yet_does_not_count(world):
    second = give(world.CORA, "coordinator", world.NORTH)
    with pytest.raises(Refused, match="last owner"):
        end(world.CORA, grant_of(world.CORA))

    Person.objects.filter(pk=second.person_id).update(is_active=True)
    end(world.CORA, grant_of(world.CORA))

    assert not RoleGrant.objects.in_force(today()).filter(person_id=world.CORA).exists()


def test_an_owner_who_leaves_before_does_not_count(world):
    """The second coordinator leaves in ten days; the first cannot leave in twenty."""
    second = give(world.CORA, "coordinator", world.NORTH, until=today() + 10 * DAY)
    Person.objects.filter(pk=second.person_id).update(is_active=True)

    with pytest.raises(Refused, match="last owner"):
        end(world.CORA, grant_of(world.CORA), last_day=today() + 20 * DAY)


def test_others_roles_are_not_ended(world):
    for by, person in (("OTTO", "CORA"), ("DANA", "CORA"), ("CORA", "DANA"), ("PRIYA", "THEO"), ("OMAR", "ANN")):
        with pytest.raises(Refused, match="not yours"):
            end(getattr(world, by), grant_of(getattr(world, person)))


def test_everybody_may_step_down(world):
    end(world.THEO, grant_of(world.THEO))

    assert grant_of(world.THEO).ended_by_id == world.THEO


def test_a_role_is_extended_by_who_may_give_it(world):
    grant = give(world.CORA, "superintendent", world.NORTH, until=today() + 10 * DAY)

    with enter(person=world.CORA, purpose="test"):
        actions.extend_role(grant=grant, until=today() + 20 * DAY, by=world.CORA)

    assert grant_of(grant.person_id).until == today() + 20 * DAY
    with pytest.raises(Refused), enter(person=world.OTTO, purpose="test"):
        actions.extend_role(grant=grant, until=None, by=world.OTTO)


def test_a_role_is_not_extended_into_the_days_of_the_next_one(world):
    """Held twice, the first could be ended and the person would go on seeing everything by the second."""
    first = give(world.CORA, "superintendent", world.NORTH, until=today() + 10 * DAY)
    give(world.CORA, "superintendent", world.NORTH, since=today() + 20 * DAY)

    for until in (today() + 21 * DAY, None):
        with pytest.raises(Refused, match="already"), enter(person=world.CORA, purpose="test"):
            actions.extend_role(grant=first, until=until, by=world.CORA)
    with enter(person=world.CORA, purpose="test"):
        actions.extend_role(grant=first, until=today() + 20 * DAY, by=world.CORA)


def test_nobody_extends_the_own_role(world):
    second = give(world.CORA, "coordinator", world.NORTH, until=today() + 10 * DAY)
    Person.objects.filter(pk=second.person_id).update(is_active=True)

    with pytest.raises(Refused, match="themselves"), enter(person=second.person_id, purpose="test"):
        actions.extend_role(grant=second, until=None, by=second.person_id)


@pytest.mark.parametrize("days", [10, 11, 400])
def test_nobody_lengthens_a_role_by_ending_it(world, days):
    second = give(world.CORA, "coordinator", world.NORTH, until=today() + 10 * DAY)
    Person.objects.filter(pk=second.person_id).update(is_active=True)

    for by in (second.person_id, world.CORA):
        with pytest.raises(Refused, match="days do not fit"):
            end(by, second, last_day=today() + days * DAY)

    assert grant_of(second.person_id).until == today() + 10 * DAY


# The first coordinator of a district


@pytest.fixture
def outside(world, databases):
    """A superuser's connection; West belongs to the collaborative, and nobody ever led it."""
    with psycopg.connect(databases.server.dsn(database=connection.settings_dict["NAME"]), autocommit=True) as run:
        run.execute(
            "insert into core_membership (id, collaborative_id, organization_id, standing, since)"
            " values (gen_random_uuid(), %s, %s, 'member', '2020-01-01')",
            [world.COLLABORATIVE, world.WEST],
        )
        yield run


def test_whoever_never_came_in_was_no_coordinator(world, outside):
    wrong = give(world.DANA, "coordinator", world.WEST)
    end(world.DANA, wrong)

    assert give(world.DANA, "coordinator", world.WEST, email="second@example.org")


def test_a_district_that_had_a_coordinator_gets_the_next_one_from_the_operator(world, outside):
    first = give(world.DANA, "coordinator", world.WEST)
    outside.execute("update core_person set is_active = true where id = %s", [first.person_id])
    outside.execute("update core_rolegrant set until = since where id = %s", [first.pk])

    with pytest.raises(Refused, match="had a coordinator"):
        give(world.DANA, "coordinator", world.WEST, email="second@example.org")


@pytest.mark.parametrize("row", ["student", "guardian", "staffmember"])
def test_a_district_whose_records_are_here_gets_no_coordinator_from_the_director(world, outside, row):
    outside.execute("set session_replication_role = replica")  # The row alone moves, without what hangs on it.
    outside.execute(
        f"update roster_{row} set owner_id = %s where id = (select id from roster_{row} limit 1)", [world.WEST]
    )

    with pytest.raises(Refused, match="holds records"):
        give(world.DANA, "coordinator", world.WEST)


# The collaborative


def test_only_the_director_names_the_collaborative_and_its_members(world):
    house = Organization.objects.get(pk=world.COLLABORATIVE)
    west = Organization.objects.get(pk=world.WEST)
    for by in (world.CORA, world.OMAR, world.ANN):
        with pytest.raises(Refused), enter(person=by, purpose="test"):
            actions.name_house(house=house, name="Mine", by=by)
        with pytest.raises(Refused), enter(person=by, purpose="test"):
            actions.join_house(house=house, place=west, standing="member", since=today(), by=by)
        with pytest.raises(Refused), enter(person=by, purpose="test"):
            actions.leave_house(house=house, place=west, last_day=today(), by=by)


def test_a_member_that_leaves_shares_nothing_from_that_day_on(world):
    """North's agreement is in force; without a membership it opens nothing."""
    house = Organization.objects.get(pk=world.COLLABORATIVE)
    with enter(person=world.DANA, purpose="test"):
        assert Student.objects.count() == 4
        actions.leave_house(
            house=house, place=Organization.objects.get(pk=world.NORTH), last_day=today(), by=world.DANA
        )

    with enter(person=world.DANA, purpose="test"):
        assert Student.objects.count() == 0
    assert Membership.objects.get(organization_id=world.NORTH).until == today()


def test_a_member_that_is_added_again_shares_nothing_until_its_coordinator_signs_anew(world):
    """The director alone ends and adds; what the district once agreed to does not open again by that."""
    house, north = (Organization.objects.get(pk=one) for one in (world.COLLABORATIVE, world.NORTH))
    with enter(person=world.DANA, purpose="test"):
        actions.leave_house(house=house, place=north, last_day=today(), by=world.DANA)
        actions.join_house(house=house, place=north, standing="member", since=today(), by=world.DANA)

    with enter(person=world.DANA, purpose="test"):
        assert Student.objects.count() == 0
        agreement = Agreement.objects.get(owner=north)
    assert Membership.objects.in_force(today()).filter(organization=north).exists()
    assert (agreement.until, agreement.ended_by_id) == (today(), world.DANA)


def test_a_member_that_leaves_on_a_later_day_shares_until_then(world):
    house, north = (Organization.objects.get(pk=one) for one in (world.COLLABORATIVE, world.NORTH))
    with enter(person=world.DANA, purpose="test"):
        actions.leave_house(house=house, place=north, last_day=today() + 10 * DAY, by=world.DANA)
        assert Student.objects.count() == 4

    assert Agreement.objects.get(owner=north).until == today() + 10 * DAY


def test_a_member_called_off_before_its_first_day_belongs_when_it_is_added_again(world):
    house, west = (Organization.objects.get(pk=one) for one in (world.COLLABORATIVE, world.WEST))
    with enter(person=world.DANA, purpose="test"):
        actions.join_house(house=house, place=west, standing="member", since=today() + 30 * DAY, by=world.DANA)
        actions.leave_house(house=house, place=west, last_day=today(), by=world.DANA)

        actions.join_house(house=house, place=west, standing="member", since=today(), by=world.DANA)

    assert [one.since for one in Membership.objects.in_force(today()).filter(organization=west)] == [today()]


def test_every_role_of_the_mission_exists(world):
    """`mission.md`, "Who uses it"; the public needs no account."""
    wanted = (
        "director superintendent coordinator analyst coach teacher principal liaison mentor program_manager program_teacher"
        " magnet_officer pd_organizer business_manager board_member council_member counselor interpreter college_partner"
        " family student operator"
    )

    assert set(wanted.split()) <= set(ROLES)
