"""An incident: whose records were opened and whose could have been, told apart by district, and to nobody else.

The named cast: Dana directs; North shares its roster with the collaborative, South shares nothing. North has Amina, Bjorn
and Chue at North School (Chue is new there) and Dee elsewhere; South has Elia. Theo teaches Amina and Bjorn.
"""

import uuid

import pytest
from django.utils import timezone
from tests.apps.governance.incidents import DAY, HOUR, ROSTER, file_it, filed, look, packet_of
from tests.apps.mentoring.conftest import end, give, write
from tests.world import WEST

from commonground.apps.core.asking import Refused
from commonground.apps.core.models import Agreement
from commonground.apps.governance.breach import queries
from commonground.apps.governance.models import Incident, Packet, PacketLine
from commonground.store.walls import enter

pytestmark = pytest.mark.database


def test_looks_are_told_apart_from_what_was_within_reach_by_hand(world, arrange):
    now = timezone.now()
    look(arrange, world, world.AMINA, at=now - 3 * HOUR, page="home:students")
    look(arrange, world, world.AMINA, at=now - 2 * HOUR)
    look(arrange, world, world.DEE, at=now - 2 * HOUR)
    look(arrange, world, world.BJORN, at=now - 2 * DAY)  # before the window
    look(arrange, world, world.CHUE, at=now - HOUR, person=world.ANN, role="analyst")  # somebody else's

    file_it(world, account=world.DANA)

    # Opened: Amina twice, Dee once. Bjorn and Chue were shared and nobody opened them in the window.
    seen, reached, lines = packet_of(arrange, world.NORTH)
    assert (seen, reached) == (2, 2)
    assert lines == {
        world.AMINA: (2, 0, ["home:student", "home:students"], ["roster"]),
        world.DEE: (1, 0, ["home:student"], ["roster"]),
        world.BJORN: (0, 0, [], ["roster"]),
        world.CHUE: (0, 0, [], ["roster"]),
    }
    assert packet_of(arrange, world.SOUTH) is None
    ((days,),) = arrange("select days from governance_packet")
    assert [(one["looks"], one["students"]) for one in days] in ([(3, 2)], [(1, 1), (2, 2)])


@pytest.mark.parametrize(
    ("account", "categories", "north", "south"),
    [
        ("OTTO", ROSTER, set(), {"ELIA"}),  # a coordinator: the whole own district
        ("PRIYA", ROSTER, {"AMINA", "BJORN", "CHUE"}, set()),  # a principal: the own school
        ("THEO", ROSTER, {"AMINA", "BJORN"}, set()),  # a teacher: the own sections
        ("LENA", ROSTER, {"CHUE"}, set()),  # a liaison: who is new
        ("ALI", ROSTER, {"AMINA"}, {"ELIA"}),  # a family: the own children in every district
        ("DANA", ROSTER, {"AMINA", "BJORN", "CHUE", "DEE"}, set()),  # by the agreement
        ("DANA", ("contact",), set(), set()),  # which does not name contacts
        ("THEO", ("contact",), set(), set()),  # a teacher sees none
        ("OMAR", ROSTER, set(), set()),  # an operator sees no child
    ],
)
def test_what_each_role_had_within_reach(world, arrange, account, categories, north, south):
    file_it(world, account=getattr(world, account), categories=categories)

    for district, names in ((world.NORTH, north), (world.SOUTH, south)):
        found = packet_of(arrange, district)
        assert (set(found[2]) if found else set()) == {getattr(world, name) for name in names}


def test_reach_is_what_the_database_shows_today(world, arrange):
    """Where the window is today, the packet names exactly the students whom the walls show to the account."""
    from commonground.apps.roster.models import Student

    give(world.AMINA, world.MILO, by=world.CORA)
    give(world.DEE, world.LENA, by=world.CORA)
    for key in ("DANA", "ANN", "CORA", "OTTO", "PRIYA", "THEO", "LENA", "ALI", "SVEN", "PETE", "MILO", "CLEO"):
        who = getattr(world, key, None) or world.fixed(f"person-{key.lower()}")
        with enter(person=who, purpose="test"):
            shown = set(Student.objects.values_list("pk", flat=True))
        arrange("truncate governance_packetline, governance_packet")

        file_it(world, account=who, first=timezone.now() - 0.001 * HOUR)

        assert {one for (one,) in arrange("select student_id from governance_packetline")} == shown, key


def test_a_caseload_ended_this_morning_was_open_before_and_its_notes_with_it(world, arrange):
    end(give(world.AMINA, world.MILO, by=world.CORA), by=world.CORA)

    file_it(world, account=world.MILO, categories=("roster", "contact", "notes"), first=timezone.now() - HOUR)

    assert packet_of(arrange, world.NORTH)[2] == {world.AMINA: (0, 0, [], ["contact", "notes", "roster"])}


def test_a_caseload_across_district_lines_was_open_by_the_agreement_and_no_further(world, arrange):
    """North's agreement names the roster alone: students and the notes about them, no contacts."""
    arrange("update core_agreement set ground = 'school_official' where owner_id = %s", [world.NORTH])
    arrange("update core_rolegrant set organization_id = %s where person_id = %s", [world.COLLABORATIVE, world.MILO])
    give(world.DEE, world.MILO, by=world.CORA)

    file_it(world, account=world.MILO, categories=("roster", "contact", "notes"))

    assert packet_of(arrange, world.NORTH)[2] == {world.DEE: (0, 0, [], ["notes", "roster"])}


@pytest.mark.parametrize("account", ["MILO", "CORA"])
def test_a_note_written_and_a_child_given_count_as_opened(world, arrange, account):
    give(world.AMINA, world.MILO, by=world.CORA)
    write(world.AMINA, world.MILO)

    file_it(world, account=getattr(world, account))

    looks, changes, _pages, _reached = packet_of(arrange, world.NORTH)[2][world.AMINA]
    assert (looks, changes) == (0, 1)


def test_programs_put_registered_children_within_reach(world, arrange, gamma):
    """Pete teaches in the program: both districts' registered children, and nobody else."""
    everybody = {
        one
        for (one,) in arrange(
            "select student_id from programs_registration r join programs_seat s"
            " on s.registration_id = r.id where s.state = 'seated'"
        )
    }

    file_it(world, account=world.PETE, categories=("registration",))

    lines = {one for (one,) in arrange("select student_id from governance_packetline")}
    assert everybody <= lines
    assert lines <= {one for (one,) in arrange("select student_id from programs_registration")}


def test_an_agreement_that_had_ended_opens_nothing_and_one_of_those_days_does(world, arrange):
    arrange("update core_agreement set until = cg.today() - 10, destroy_by = cg.today() - 10")
    now = timezone.now()

    file_it(world, account=world.DANA)
    assert packet_of(arrange, world.NORTH) is None

    file_it(world, account=world.DANA, first=now - 20 * DAY, last=now - 12 * DAY)
    assert packet_of(arrange, world.NORTH)[:2] == (0, 4)


def test_a_role_that_had_ended_counts_in_the_days_in_which_it_was_held(world, arrange):
    arrange("update core_rolegrant set until = cg.today() - 10 where person_id = %s", [world.OTTO])
    now = timezone.now()

    with pytest.raises(Refused):
        file_it(world, account=world.OTTO)
    assert packet_of(arrange, world.SOUTH) is None

    file_it(world, account=world.OTTO, first=now - 20 * DAY, last=now - 12 * DAY)
    assert packet_of(arrange, world.SOUTH)[:2] == (0, 1)


def test_an_emergency_access_counts_while_it_was_open(world, arrange):
    now = timezone.now()
    arrange(
        "insert into core_breakglass (id, person_id, district_id, categories, reason, asked_at, approved_by_id, approved_at, until)"
        " values (gen_random_uuid(), %s, %s, '{roster}', 'a reason of twenty letters', %s, %s, %s, %s)",
        [world.OMAR, world.SOUTH, now - 6 * HOUR, world.DANA, now - 6 * HOUR, now - 2 * HOUR],
    )

    file_it(world, account=world.OMAR, first=now - HOUR)
    assert packet_of(arrange, world.SOUTH) is None

    file_it(world, account=world.OMAR, first=now - 3 * HOUR)
    assert packet_of(arrange, world.SOUTH)[:2] == (0, 1)


def test_by_agreement_alone_everybody_who_used_it_counts_and_nothing_else(world, arrange):
    now = timezone.now()
    look(arrange, world, world.AMINA, at=now - HOUR)
    look(arrange, world, world.BJORN, at=now - HOUR, person=world.ANN, role="analyst")
    look(arrange, world, world.ELIA, owner=world.SOUTH, at=now - HOUR, agreement=uuid.uuid4())

    file_it(world, agreement=Agreement.objects.get(owner_id=world.NORTH))

    assert packet_of(arrange, world.NORTH)[:2] == (2, 2)
    assert packet_of(arrange, world.SOUTH) is None


def test_what_the_account_changed_counts_as_opened(world, arrange):
    for table, row, old in (
        ("roster_student", world.ELIA, "{}"),
        ("x", uuid.uuid4(), f'{{"student_id": "{world.ELIA}"}}'),
    ):
        arrange(
            "insert into core_change (owner_id, table_name, row_id, operation, old, person_id, purpose, at)"
            " values (%s, %s, %s, 'U', %s, %s, '', now())",
            [world.SOUTH, table, row, old, world.OTTO],
        )

    file_it(world, account=world.OTTO)

    assert packet_of(arrange, world.SOUTH) == (1, 0, {world.ELIA: (0, 2, [], ["roster"])})


def test_a_district_that_was_no_member_in_those_days_is_none_of_the_houses_business(world, arrange):
    arrange("update core_membership set until = cg.today() - 5 where organization_id = %s", [world.SOUTH])

    file_it(world, account=world.ALI)

    assert packet_of(arrange, world.NORTH) is not None
    assert packet_of(arrange, world.SOUTH) is None


@pytest.mark.parametrize(
    "change",
    [
        f"organization_id = '{WEST}'",  # no member
        "until = cg.today() - 3",  # over before the window
        "since = cg.today() + 1",  # begun after it
    ],
)
def test_an_account_that_had_nothing_to_do_with_the_house_in_those_days_is_refused(world, arrange, change):
    arrange(f"update core_rolegrant set {change} where person_id = %s", [world.PRIYA])

    with pytest.raises(Refused) as refused:
        file_it(world, account=world.PRIYA)

    assert refused.value.word == "no_account"
    assert arrange("select count(*) from governance_incident") == [(0,)]


def test_a_role_that_ended_on_the_first_day_of_the_window_still_counts(world, arrange):
    """Its looks of that morning do: the role was ended because of them."""
    arrange("update core_rolegrant set until = cg.today() - 1 where person_id = %s", [world.DANA])
    look(arrange, world, world.AMINA, at=timezone.now() - HOUR)

    file_it(world, account=world.DANA)

    assert packet_of(arrange, world.NORTH)[0] == 1


def test_an_unknown_account_and_a_foreign_one_are_answered_alike(world, arrange):
    """Also beside another mistake: then neither is looked up."""
    arrange(f"update core_rolegrant set organization_id = '{WEST}' where person_id = %s", [world.PRIYA])

    def answers(address):
        found = []
        for changed in ({}, {"said": "too short"}):
            answer = filed(world, account=address, **changed)
            found.append((answer.status_code, dict(answer.context["form"].errors)))
        return found

    assert answers("priya@example.org") == answers("nobody@example.org")
    assert "account" in answers("priya@example.org")[0][1]


@pytest.mark.parametrize("by", ["CORA", "OTTO", "ANN", "PRIYA", "ALI", "PAM"])
def test_nobody_but_director_and_operator_files(world, by):
    with pytest.raises(Refused):
        file_it(world, by=getattr(world, by), account=world.DANA)


def test_times_out_of_order_are_refused(world):
    now = timezone.now()
    for wrong in (
        {"first": now, "last": now - HOUR},
        {"last": now + HOUR},
        {"found": now + HOUR},
        {"found": now - 2 * DAY},
    ):
        with pytest.raises(Refused):
            file_it(world, account=world.DANA, **wrong)


def test_each_district_sees_its_own_packet_and_the_house_none(world, arrange):
    file_it(world, account=world.ALI)

    def seen(who):
        with enter(person=getattr(world, who), purpose="test"):
            tables = (Incident, Packet, PacketLine)
            return tuple(set(table.objects.values_list("owner_id", flat=True)) for table in tables)

    assert seen("OMAR") == seen("DANA") == ({world.COLLABORATIVE}, set(), set())
    assert seen("CORA") == (set(), {world.NORTH}, {world.NORTH})
    assert seen("OTTO") == (set(), {world.SOUTH}, {world.SOUTH})
    for who in ("ALI", "PRIYA", "THEO", "LENA", "ANN", "PAM", "PETE"):
        assert seen(who) == (set(), set(), set())


def test_counts_are_for_those_who_answer_for_the_house(world):
    incident = file_it(world, account=world.ALI)

    def counted(who):
        with enter(person=getattr(world, who), purpose="test"):
            return [(one.district, one.seen_count, one.reached_count) for one in queries.counts_of([incident])]

    assert counted("OMAR") == counted("DANA") == [("North", None, None), ("South", None, None)]
    assert counted("CORA") == counted("ALI") == []


def test_the_house_is_told_no_number_below_ten(world, arrange):
    incident = file_it(world, account=world.DANA)
    arrange("update governance_packet set seen_count = 10, reached_count = 9")

    with enter(person=world.OMAR, purpose="test"):
        assert [(one.seen_count, one.reached_count) for one in queries.counts_of([incident])] == [(10, None)]
