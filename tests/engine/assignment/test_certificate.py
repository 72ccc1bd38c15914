"""The certificate notices everything that can be wrong with an outcome."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.assignment.markets import is_stable, markets

from commonground.engine.assignment import Applicant, Block, Program, build_market, market_of, with_overlapping_reserves
from commonground.engine.assignment.certificate import (
    EFFICIENT,
    certify,
    passed_over_in_numpy,
    seat_in_order_in_numpy,
)
from commonground.engine.assignment.choice import choose, key_to_beat
from commonground.engine.assignment.kernels import EVERYONE, NO_ONE, count_passed_over, seat_in_order
from commonground.engine.assignment.lottery import priority_keys


def checks(market, lottery, position, **more):
    made = certify(market, np.array(lottery, np.int32).reshape(-1, 1), np.array(position, np.int32), **more)
    return {check.name: check for check in made.checks}


@given(markets(), st.data())
@settings(deadline=None)
def test_it_holds_exactly_for_stable_outcomes(drawn, data):
    market, lottery = drawn
    position = np.full(market.applicant_count, -1, np.int32)
    for row in range(market.applicant_count):
        listed = int((market.choices[row] >= 0).sum())
        position[row] = data.draw(st.integers(-1, listed - 1))

    assert certify(market, lottery, position).holds == is_stable(market, lottery, position)


@given(markets(), st.data())
@settings(deadline=None)
def test_the_loops_of_the_check_and_their_twins_agree(drawn, data):
    market, lottery = drawn
    layout = market.layout
    listed = (market.choices >= 0).sum(axis=1)
    held = np.array([data.draw(st.integers(0, int(most))) for most in listed], np.int32)
    keys = priority_keys(market, lottery)
    placed = np.flatnonzero(
        (held < listed) & (market.classes[np.arange(len(held)), np.minimum(held, market.choice_count - 1)] >= 0)
    )
    program, key = market.choices[placed, held[placed]], keys[placed, held[placed]]
    order = np.lexsort((key, program))
    placed, key, masks = placed[order], key[order], market.members[placed, held[placed]][order].astype(np.int64)
    start = np.concatenate([[0], np.cumsum(np.bincount(program, minlength=len(market.programs)))]).astype(np.int64)
    seat, cutoff = np.full(market.applicant_count, -1, np.int8), np.full(len(layout.seats), NO_ONE, np.int64)
    example = np.full(2, -1, np.int64)

    seat_in_order(placed, start, key, masks, layout.first, layout.seats, layout.kind, seat, cutoff)
    found = count_passed_over(
        market.choices, market.classes, market.members, lottery, held, layout.rule, layout.first, layout.kind,
        cutoff, example,
    )  # fmt: skip

    twin_seat, twin_cutoff = seat_in_order_in_numpy(placed, start, key, masks, layout)
    passed = passed_over_in_numpy(market, lottery, held, cutoff)
    is_block = layout.rule[np.searchsorted(layout.first, np.arange(len(cutoff)), side="right") - 1] == 0
    assert seat[placed].tolist() == twin_seat[placed].tolist()
    assert cutoff[is_block].tolist() == twin_cutoff[is_block].tolist()
    assert found == passed.sum()
    assert example.tolist() == (np.argwhere(passed)[0].tolist() if found else [-1, -1])


def test_an_overfull_program_is_named():
    market = build_market([Program("arts", 1)], [[0], [0]])

    found = checks(market, [0, 1], [0, 0])

    assert not found["capacity"].holds
    assert "'arts' holds 2" in found["capacity"].detail
    assert "applicant 1 holds a place without a seat" in found["reserves"].detail


def test_a_place_where_the_applicant_may_not_be_taken_is_named():
    market = build_market([Program("arts", 1)], [[0]], classes=[[-1]])

    assert "applicant 0" in checks(market, [0], [0])["eligibility"].detail


def test_a_reserved_seat_taken_by_someone_else_is_named():
    market = market_of([Applicant("a", ("arts",))], [Program("arts", 1, (Block(1, "north", "empty"),))])

    found = checks(market, [0], [0])

    assert found["capacity"].holds
    assert not found["reserves"].holds


def test_someone_passed_over_is_named():
    market = build_market([Program("arts", 1)], [[0], [0]])

    assert "first: applicant 0 at program 'arts'" in checks(market, [0, 1], [-1, 0])["no blocking pair"].detail


def test_someone_passed_over_on_an_overlapping_reserve_is_named():
    people = [Applicant("m", ("arts",), ("W",)), Applicant("a", ("arts",)), Applicant("n", ("arts",), ("W",))]
    market = market_of(people, [with_overlapping_reserves("arts", 1, {"W": 1})])

    assert "2 passed over; first: applicant m" in checks(market, [0, 1, 2], [-1, 0, -1])["no blocking pair"].detail


def test_two_kinds_of_program_count_together():
    people = [Applicant("m", ("x", "arts"), ("W",)), Applicant("a", ("arts",))]
    market = market_of(people, [with_overlapping_reserves("arts", 1, {"W": 1}), Program("x", 1)])

    detail = checks(market, [0, 1], [-1, 0])["no blocking pair"].detail

    assert detail == "2 passed over; first: applicant m at program 'x'"


def test_a_ring_of_gains_is_found():
    market = build_market([Program("x", 1), Program("y", 1)], [[0, 1], [1, 0]])

    assert "ring" in checks(market, [0, 1], [1, 1], promises=EFFICIENT)["no trade left"].detail
    assert "free seat" in checks(market, [0, 1], [-1, 0], promises=EFFICIENT)["no trade left"].detail
    assert checks(market, [0, 1], [0, 0], promises=EFFICIENT)["no trade left"].holds


def test_the_key_to_beat_is_that_of_the_last_one_who_would_make_room():
    program = Program("arts", 2)

    assert key_to_beat(program, [], [], 0) == EVERYONE
    assert key_to_beat(program, [4, 9], [0, 0], 0) == 9
    assert key_to_beat(Program("none", 0), [], [], 0) == NO_ONE


def test_a_member_must_beat_less_than_others():
    # One overlapping reserve for W among two seats, held by a non-member (4) and a non-member (9): any W is taken.
    program = with_overlapping_reserves("arts", 2, {"W": 1})

    assert key_to_beat(program, [4, 9], [0, 0], 1) == EVERYONE
    assert key_to_beat(program, [4, 9], [0, 0], 0) == 9
    assert choose(program, [4, 9, 20], [0, 0, 1]) == [1, -1, 0]
