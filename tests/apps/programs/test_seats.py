"""Who gets a seat: worked by hand, under a rush, on the release day; nothing is sold twice and nobody is lost.

A district's seats used are those taken, or those kept for it where that is more; a family is seated when the sum over
the districts with it in is at most the capacity.
"""

import datetime
import threading
import uuid

import pytest
from django.db import connection, connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.world import LENA, NORTH, SOUTH

from commonground.apps.programs.queries import seats_left
from commonground.store.walls import enter

pytestmark = pytest.mark.database
TODAY = timezone.localdate


@pytest.fixture
def offer(world, outside):
    """`offer(capacity, kept=[(NORTH, 1)], released=False)`: an offering in 90 days. Its id."""
    from tests.apps.programs import arranged

    arranged.share(outside.execute, NORTH, SOUTH)

    def make(capacity, *, kept=(), released=False):
        pk = uuid.uuid4()
        release_in = 120 if released else 30
        first = TODAY() + datetime.timedelta(90)
        arranged.offer(outside.execute, pk, first=first, capacity=capacity, kept=kept, release_in=release_in)
        return pk

    return make


@pytest.fixture
def ask(world, outside):
    """`ask(offering, [NORTH, SOUTH])`: a family with a child in each of these districts asks for seats. Its children."""
    from tests.world import _student

    def one_family(offering, owners, *, settle=True):
        unit, children = uuid.uuid4(), []
        for owner in owners:
            student, registration = uuid.uuid4(), uuid.uuid4()
            _student(outside.execute, student, owner, f"{student}", "Child", _school(owner), None)
            outside.execute(
                "insert into programs_registration (id, owner_id, student_id, offering_id, family_unit, grade, way, language,"
                " entered_by_id, entered_at) values (%s, %s, %s, %s, %s, '08', 'staff', 'en', %s, now())",
                [registration, owner, student, offering, unit, LENA],
            )
            outside.execute(
                "insert into programs_seat (id, owner_id, registration_id, offering_id, state, received_at)"
                " values (gen_random_uuid(), %s, %s, %s, 'waiting', clock_timestamp())",
                [owner, registration, offering],
            )
            children.append(registration)
        if settle:
            decide(offering)
        return children

    return one_family


def _school(owner):
    from tests.world import NORTH_SCHOOL, SOUTH_SCHOOL

    return NORTH_SCHOOL if owner == NORTH else SOUTH_SCHOOL


def decide(offering, *, on=None):
    """Give out free seats, as the job does; on another day when asked."""
    with enter(person=uuid.UUID(int=0), purpose="test", role="job"), connection.cursor() as cursor:
        if on is not None:
            cursor.execute("select set_config('cg.clock', %s, true)", [on.isoformat()])
        cursor.execute("select cg.decide_seats(%s)", [offering])
        return cursor.fetchone()[0]


def states(outside, children):
    rows = dict(outside.execute("select registration_id, state from programs_seat").fetchall())
    return [rows[child] for child in children]


def test_seats_go_by_receipt_until_there_are_none(offer, ask, outside):
    """Capacity 2, nothing kept: 1 used, 2 used, 3 > 2 waits."""
    offering = offer(2)

    first, second, third = (ask(offering, [NORTH]) for _ in range(3))

    assert states(outside, first + second + third) == ["seated", "seated", "waiting"]


def test_nobody_is_seated_after_the_districts_agreement_ended(offer, ask, outside):
    """Capacity 1. South's agreement ends: its family keeps its place, North's behind it is seated; shared again, and with
    a seat more, South's is seated.
    """
    offering = offer(1)
    south = ask(offering, [SOUTH], settle=False)
    both = ask(offering, [NORTH, SOUTH], settle=False)
    north = ask(offering, [NORTH], settle=False)
    outside.execute("update core_agreement set until = %s where owner_id = %s", [TODAY(), SOUTH])

    decide(offering)
    assert states(outside, south + both + north) == ["waiting", "waiting", "waiting", "seated"]

    outside.execute("update core_agreement set until = '2099-07-01' where owner_id = %s", [SOUTH])
    outside.execute("update programs_offering set capacity = 2 where id = %s", [offering])
    decide(offering)
    assert states(outside, south + both + north) == ["seated", "waiting", "waiting", "seated"]


def test_kept_seats_wait_for_their_district(offer, ask, outside):
    """Capacity 3, 2 kept for South. North's first: max(1,0) + max(0,2) = 3, fits. North's second: 2 + 2 = 4 > 3, waits.
    South's two: 1 + max(1,2) = 3 and 1 + max(2,2) = 3 fit. South's third: 1 + 3 = 4 > 3, waits.
    """
    offering = offer(3, kept=[(SOUTH, 2)])

    north = [ask(offering, [NORTH])[0] for _ in range(2)]
    south = [ask(offering, [SOUTH])[0] for _ in range(3)]

    assert states(outside, north) == ["seated", "waiting"]
    assert states(outside, south) == ["seated", "seated", "waiting"]


def test_on_the_release_day_kept_seats_go_to_those_who_wait(offer, ask, outside):
    """The same with nobody of South: on the day before release North's second waits, on the day it is seated."""
    offering = offer(3, kept=[(SOUTH, 2)])
    north = [ask(offering, [NORTH])[0] for _ in range(3)]
    release_on = TODAY() + datetime.timedelta(60)
    assert states(outside, north) == ["seated", "waiting", "waiting"]

    assert decide(offering, on=release_on - datetime.timedelta(1)) == 0
    assert decide(offering, on=release_on) == 2
    assert decide(offering, on=release_on) == 0

    assert states(outside, north) == ["seated", "seated", "seated"]


def test_brothers_and_sisters_wait_together_and_a_smaller_family_is_not_kept_waiting(offer, ask, outside):
    """Capacity 2, one taken: a pair (one child in each district) needs 2, waits whole; the next single child is seated."""
    offering = offer(2)
    ask(offering, [NORTH])

    pair = ask(offering, [NORTH, SOUTH])
    single = ask(offering, [SOUTH])

    assert states(outside, pair + single) == ["waiting", "waiting", "seated"]


def test_a_pair_that_waits_is_seated_whole_before_those_who_came_later(offer, ask, outside):
    offering = offer(2)
    first, second = ask(offering, [NORTH]), ask(offering, [NORTH])
    pair, later = ask(offering, [NORTH, SOUTH]), ask(offering, [NORTH])
    for child in (*first, *second):
        outside.execute(
            "update programs_seat set state = 'withdrawn', number = null, seated_at = null where registration_id = %s",
            [child],
        )

    assert decide(offering) == 2

    assert states(outside, pair + later) == ["seated", "seated", "waiting"]


def test_a_seat_given_back_goes_to_the_next_family(gamma, world, outside):
    """Two seats, both Ali's; Chue waits. Ali gives Elia's back: Chue has it. Asked again, Elia waits at the end."""
    with enter(person=world.ALI, purpose="test"), connection.cursor() as cursor:
        cursor.execute("select cg.give_back_seat(%s)", [gamma.registration("elia")])
        cursor.execute("select cg.give_back_seat(%s)", [gamma.registration("elia")])
    assert states(outside, [gamma.registration(name) for name in ("amina", "elia", "chue")]) == [
        "seated",
        "withdrawn",
        "seated",
    ]

    with enter(person=world.ALI, purpose="test"), connection.cursor() as cursor:
        for _ in range(2):
            cursor.execute("select cg.ask_for_seats(%s, %s)", [gamma.OFFERING, [gamma.registration("elia")]])
        cursor.execute("select registration_id, place from cg.waiting_places(%s)", [[gamma.registration("elia")]])
        assert cursor.fetchall() == [(gamma.registration("elia"), 1)]


def test_a_place_on_the_list_is_told_only_to_those_for_whom_the_registration_exists(gamma, world):
    with enter(person=world.ALI, purpose="test"), connection.cursor() as cursor:
        cursor.execute("select * from cg.waiting_places(%s)", [[gamma.registration("chue")]])
        assert cursor.fetchall() == []
    with enter(person=world.LENA, purpose="test"), connection.cursor() as cursor:
        cursor.execute("select * from cg.waiting_places(%s)", [[gamma.registration("chue")]])
        assert cursor.fetchall() == [(gamma.registration("chue"), 1)]


def test_a_district_that_shares_no_registrations_gets_no_seat(gamma, world, outside):
    """South's agreement ends today; Elia's registration is refused a seat, and nothing else changes."""
    from django.db import DatabaseError, transaction

    outside.execute("update core_agreement set until = %s where owner_id = %s", [TODAY(), SOUTH])
    with (
        enter(person=world.ALI, purpose="test"),
        pytest.raises(DatabaseError, match="not_shared"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("select cg.ask_for_seats(%s, %s)", [gamma.OFFERING, [gamma.registration("elia")]])


def test_the_database_refuses_the_same_seat_twice(gamma, outside):
    import psycopg

    with pytest.raises(psycopg.errors.UniqueViolation):
        outside.execute(
            "update programs_seat set state = 'seated', number = 1, seated_at = now() where registration_id = %s",
            [gamma.registration("chue")],
        )


def test_a_rush_sells_no_seat_twice_and_loses_nobody(offer, ask, outside):
    """40 families, 60 children, 20 seats, four at a time, each asking twice."""
    offering = offer(20, kept=[(NORTH, 5)])
    families = [ask(offering, [NORTH, SOUTH] if n % 2 else [SOUTH], settle=False) for n in range(40)]
    failures = []

    def rush():
        try:
            for _ in range(10):
                decide(offering)
        except Exception as error:  # noqa: BLE001 - told below, in the test's own thread
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=rush) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    everyone = [child for family in families for child in family]
    told = states(outside, everyone)
    assert len(told) == 60
    assert told.count("seated") == 20 - spare_of_north(outside, offering)
    for family in families:
        assert len(set(states(outside, family))) == 1


def spare_of_north(outside, offering):
    """Seats still kept for North."""
    taken = outside.execute(
        "select count(*) from programs_seat where offering_id = %s and owner_id = %s and state = 'seated'",
        [offering, NORTH],
    ).fetchone()[0]
    return max(5 - taken, 0)


def by_hand(families, *, capacity, kept):
    """The rule again in plain Python: which families are seated, by place in the list."""
    taken = {NORTH: 0, SOUTH: 0}
    seated = []
    for place, family in enumerate(families):
        with_it = {district: count + family.count(district) for district, count in taken.items()}
        if sum(max(count, kept[district]) for district, count in with_it.items()) <= capacity:
            taken = with_it
            seated.append(place)
    return seated


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    families=st.lists(st.lists(st.sampled_from([NORTH, SOUTH]), min_size=1, max_size=3), max_size=7),
    capacity=st.integers(1, 8),
    data=st.data(),
)
def test_the_databases_rule_is_the_rule_on_the_page(offer, ask, outside, families, capacity, data):
    north = data.draw(st.integers(0, capacity))
    south = data.draw(st.integers(0, capacity - north))
    kept = {NORTH: north, SOUTH: south}
    offering = offer(capacity, kept=[(district, seats) for district, seats in kept.items() if seats])
    registrations = [ask(offering, family, settle=False) for family in families]
    decide(offering)

    seated = [place for place, family in enumerate(registrations) if states(outside, family)[0] == "seated"]

    assert seated == by_hand(families, capacity=capacity, kept=kept)
    assert decide(offering) == 0


def test_free_seats_are_what_is_neither_taken_nor_kept(offer, ask, world):
    """Capacity 5, 2 kept for South, one of North seated: 5 - (1 + 2) = 2."""
    from commonground.apps.programs.models import Offering

    offering = offer(5, kept=[(SOUTH, 2)])
    ask(offering, [NORTH])

    with enter(person=world.ALI, purpose="test"):
        left = seats_left(Offering.objects.get(pk=offering))

    assert (left.seats_left, left.families_waiting) == (2, 0)


def test_the_order_of_race_changes_nothing(offer, ask, outside):
    """The same families with every race swapped: the same places are seated."""
    outcomes = []
    for hispanic in (True, False):
        offering = offer(2)
        families = [ask(offering, [NORTH], settle=False) for _ in range(4)]
        for place, (child,) in enumerate(families):
            outside.execute(
                "update roster_demographics set hispanic = %s where student_id ="
                " (select student_id from programs_registration where id = %s)",
                [hispanic == (place % 2 == 0), child],
            )
        decide(offering)
        outcomes.append([states(outside, family)[0] for family in families])

    assert outcomes[0] == outcomes[1] == ["seated", "seated", "waiting", "waiting"]
