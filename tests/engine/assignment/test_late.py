"""Late applicants: numbers of the same draw, and the place in line that the sealed notice announced."""

import copy
import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.assignment.markets import markets

from commonground.engine.assignment import (
    Applicant,
    Program,
    begin_waitlists,
    build_market,
    commitment,
    deferred_acceptance,
    drand_beacon,
    draw,
    join_late,
    market_of,
    roll,
    seal,
    verify,
    with_reserves,
)
from commonground.engine.values import InputError

BEACON = "9d" * 32
ARTS = [Program("arts", 1)]


def drawn_from(market, *, late="behind everyone", **more):
    sealed = seal(
        market,
        rules={},
        engine="1",
        sealed_at=datetime(2027, 1, 25, 17, tzinfo=UTC),
        beacon=drand_beacon(datetime(2027, 2, 1, 18, tzinfo=UTC)),
        fallback=drand_beacon(datetime(2027, 2, 2, 18, tzinfo=UTC)),
        late=late,
        secret_commitment=commitment("the secret behind the pseudonyms"),
        **more,
    )
    return draw(sealed, beacon_value=BEACON)


def applicants(*names, programs=ARTS, **more):
    return market_of([Applicant(name, tuple(one.name for one in programs), **more) for name in names], programs)


def line(lists, program=0):
    return [lists.market.name(applicant) for applicant, _ in lists.waiting(program)]


def by_value(*names, scope="all"):
    """Lottery order worked out with nothing but Python's own HMAC."""
    key = bytes.fromhex(BEACON)
    return sorted(names, key=lambda name: hmac.new(key, f"{scope}|{name}".encode(), hashlib.sha256).hexdigest())


NAMES = ("a", "b", "c", "d", "e", "f")


def test_late_applicants_stand_behind_everyone_whatever_their_class():
    # Class 0 is served first, but the notice says that late applicants stand behind everyone.
    drawn = drawn_from(applicants(*NAMES, classes={"arts": 1}))

    lists = join_late(begin_waitlists(drawn.assignment), applicants("x", "y", classes={"arts": 0}), drawn=drawn)

    assert line(lists) == [*by_value(*NAMES)[1:], *by_value("x", "y")]


def test_late_applicants_can_stand_behind_their_own_class_only():
    drawn = drawn_from(applicants(*NAMES, classes={"arts": 1}), late="behind their class")

    lists = join_late(begin_waitlists(drawn.assignment), applicants("x", classes={"arts": 0}), drawn=drawn)
    lists = join_late(lists, applicants("y", classes={"arts": 1}), drawn=drawn)

    assert line(lists) == ["x", *by_value(*NAMES)[1:], "y"]


def test_among_the_others_the_value_itself_decides_and_nobody_else_changes_places():
    drawn = drawn_from(applicants(*NAMES), late="among their class")

    lists = join_late(begin_waitlists(drawn.assignment), applicants("x", "y"), drawn=drawn)

    holder = by_value(*NAMES)[0]
    assert line(lists) == [name for name in by_value(*NAMES, "x", "y") if name != holder]
    assert [name for name in line(lists) if name in NAMES] == by_value(*NAMES)[1:]


def test_a_second_batch_stands_behind_the_first():
    drawn = drawn_from(applicants("a", "b"))
    lists = join_late(begin_waitlists(drawn.assignment), applicants("x", "y"), drawn=drawn)

    lists = join_late(lists, applicants("v", "w"), drawn=drawn)

    assert line(lists) == [by_value("a", "b")[1], *by_value("x", "y"), *by_value("v", "w")]


def test_every_program_has_its_own_late_numbers_when_it_drew_its_own():
    two = [Program("arts", 1), Program("stem", 1)]
    drawn = drawn_from(applicants(*NAMES, programs=two), late="among their class", tie_breaking="multiple")

    lists = join_late(begin_waitlists(drawn.assignment), applicants("x", programs=two), drawn=drawn)

    for number, name in enumerate(("arts", "stem")):
        order = by_value(*NAMES, "x", scope=name)
        assert line(lists, number) == [one for one in order if one in line(lists, number)]
        assert "x" in line(lists, number)
    assert set(lists.late[0]["values"]) == {"arts", "stem"}


def test_a_late_sibling_stands_beside_the_child_already_in_line():
    people = [Applicant("a", ("arts",)), Applicant("c", ("arts",), family="f"), Applicant("d", ("arts",), family="f")]
    drawn = drawn_from(market_of(people, ARTS), late="among their class")
    begun = begin_waitlists(drawn.assignment)

    lists = join_late(begun, applicants("z"), drawn=drawn, siblings={"z": "d"})

    # The family's value is that of its code, c; whoever comes first of a, c, d and z holds the only seat.
    assert line(lists) == [name for unit in by_value("a", "c") for name in {"a": "a", "c": "cdz"}[unit]][1:]
    assert lists.late[0]["unit"] == "c"
    twins = market_of([Applicant("y", ("arts",), family="g"), Applicant("z", ("arts",), family="g")], ARTS)
    assert [one["unit"] for one in join_late(begun, twins, drawn=drawn).late] == ["y", "y"]
    assert [one["unit"] for one in join_late(begun, twins, drawn=drawn, siblings={"z": "a"}).late] == ["a", "a"]


def test_the_newspaper_checks_late_numbers_too():
    drawn = drawn_from(applicants(*NAMES))
    lists = join_late(begin_waitlists(drawn.assignment), applicants("x", "y"), drawn=drawn)
    transcript = copy.deepcopy({**drawn.transcript, "late": list(lists.late)})

    right = verify.check_transcript(transcript)
    transcript["late"][1]["values"]["all"] = "00" * 32
    wrong = verify.check_transcript(transcript)

    assert right[-1] == (True, "2 late applicants have numbers of the same draw")
    assert wrong[-1][0] is False


def test_a_reserved_seat_goes_to_a_late_member_before_others():
    arts = [with_reserves("arts", 2, {"north": 1})]
    people = [Applicant("n", ("arts",), ("north",)), Applicant("a", ("arts",)), Applicant("b", ("arts",))]
    drawn = drawn_from(market_of(people, arts))
    begun = begin_waitlists(drawn.assignment)
    assert drawn.assignment.by_name["n"] == "arts"

    lists = join_late(begun, market_of([Applicant("x", ("arts",), ("north",))], arts), drawn=drawn)
    north = list(lists.market.names).index("n")

    assert [lists.market.name(offer.applicant) for offer in lists.leave(north).offers()] == ["x"]


@given(markets(rules=("seat blocks",), most=5), st.data())
@settings(deadline=None)
def test_behind_everyone_means_that_no_one_in_time_loses_a_seat(drawn_market, data):
    market, _ = drawn_market
    open_seats = [Program(one.name, one.capacity) for one in market.programs]
    market = build_market(
        open_seats,
        market.choices,
        classes=market.classes,
        names=[f"a{number}" for number in range(market.applicant_count)],
    )
    drawn = drawn_from(market)
    begun = begin_waitlists(drawn.assignment)
    late = market_of([Applicant(name, tuple(one.name for one in open_seats)) for name in ("x", "y")], open_seats)
    joined = join_late(begun, late, drawn=drawn)
    for applicant in range(market.applicant_count):
        if data.draw(st.booleans()):
            begun, joined = begun.leave(applicant), joined.leave(applicant)

    assert roll(joined)[0].held[: market.applicant_count] == roll(begun)[0].held


def test_what_does_not_fit_the_draw_is_refused():
    drawn, other = drawn_from(applicants("a", "b")), drawn_from(applicants("a", "b"))
    begun, late = begin_waitlists(drawn.assignment), applicants("x")

    with pytest.raises(InputError, match="began with another run"):
        join_late(begin_waitlists(deferred_acceptance(drawn.assignment.market, [0, 1])), late, drawn=other)
    with pytest.raises(InputError, match="other programs than the draw's"):
        join_late(begun, applicants("x", programs=[Program("arts", 2)]), drawn=drawn)
    with pytest.raises(InputError, match="no pseudonyms"):
        join_late(begun, build_market(ARTS, [[0]]), drawn=drawn)
    with pytest.raises(InputError, match="'b' is in line already"):
        join_late(begun, applicants("b"), drawn=drawn)
    with pytest.raises(InputError, match="'q' is not in line"):
        join_late(begun, late, drawn=drawn, siblings={"x": "q"})
    with pytest.raises(InputError, match="'q' is not a late applicant"):
        join_late(begun, late, drawn=drawn, siblings={"q": "a"})
