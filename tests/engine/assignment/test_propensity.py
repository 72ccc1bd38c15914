"""Chances read from cutoffs."""

import numpy as np
import pytest
from hypothesis import given, settings
from tests.engine.assignment.markets import markets

from commonground.engine.assignment import (
    Block,
    Program,
    admission_chances,
    build_market,
    deferred_acceptance,
    draw_numbers,
    immediate_acceptance,
    propensities,
    serial_dictatorship,
)
from commonground.engine.values import InputError

A, B, C = 0, 1, 2


def many(programs, choices, *, copies, seats=1, **tables):
    """The same small market many times over: the limit in which the formula is exact."""
    repeated = {name: np.repeat(np.array(table), copies, axis=0) for name, table in tables.items()}
    return build_market(programs(seats * copies), np.repeat(np.array(choices), copies, axis=0), **repeated)


def test_the_published_example_has_a_quarter_at_a_for_four_types():
    # Abdulkadiroğlu, Angrist, Narita & Pathak 2017, example 1: lists 1: a b; 2: a b, with priority at b; 3: a; 4: c a;
    # 5: c, with priority at c. One seat each. 5 always gets c, so 1 to 4 compete for a with equal chances: 1/4 each.
    # 2 gets b whenever not a (3/4), and then 1 gets nothing there; 1 gets b only when 2 has a: 1/4.
    market = many(
        lambda seats: [Program(name, seats) for name in "abc"],
        [[A, B], [A, B], [A, -1], [C, A], [C, -1]],
        copies=800,
        classes=[[1, 1], [1, 0], [1, 0], [1, 1], [0, 0]],
    )

    share = propensities(deferred_acceptance(market, draw_numbers(market, seed=4))).share[::800]

    expected = [[1 / 4, 1 / 4, 1 / 2], [1 / 4, 3 / 4, 0], [1 / 4, 0, 3 / 4], [0, 1 / 4, 3 / 4], [1, 0, 0]]
    assert share == pytest.approx(np.array(expected), abs=0.03)


def test_a_better_choice_takes_its_part_of_the_line_once():
    # Two programs with a quarter of the seats each, everyone lists both the same way: first quarter, next quarter.
    market = many(lambda seats: [Program("a", seats), Program("b", seats)], [[A, B]] * 4, copies=500)

    one = propensities(deferred_acceptance(market, draw_numbers(market, seed=1))).share[0]
    each = propensities(deferred_acceptance(market, draw_numbers(market, seed=1, is_multiple=True))).share[0]

    assert one.tolist() == [0.25, 0.25, 0.5]
    # With a number per program: b admits those left over, a third of all of b's numbers among the three quarters left.
    assert each == pytest.approx([0.25, 0.75 * (1 / 3), 0.5], abs=0.03)


def test_members_and_others_have_their_own_chances_at_reserved_seats():
    # Half of the seats for two walkers of five, each seat block filled in order; soft or hard changes who else gets in.
    def programs(seats):
        return [Program("x", 2 * seats, (Block(seats, "walk", "others"), Block(seats)))]

    market = many(programs, [[0]] * 5, copies=400, members=[[1], [1], [0], [0], [0]])

    share = propensities(deferred_acceptance(market, draw_numbers(market, seed=2))).share
    drawn = admission_chances(market, draws=200, seed=3).share

    assert share[0, 0] == pytest.approx(drawn[:800, 0].mean(), abs=0.03)
    assert share[-1, 0] == pytest.approx(drawn[800:, 0].mean(), abs=0.03)


@pytest.mark.parametrize("is_multiple", [False, True])
def test_they_come_near_many_draws_of_a_large_market(is_multiple):
    rng = np.random.default_rng(8)
    kinds = np.argsort(rng.random((30, 6)), axis=1)[:, :4]
    classes = rng.integers(0, 3, (30, 4))
    market = many(lambda seats: [Program(f"p{n}", 3 * seats) for n in range(6)], kinds, copies=150, classes=classes)

    share = propensities(deferred_acceptance(market, draw_numbers(market, seed=5, is_multiple=is_multiple))).share
    drawn = admission_chances(market, draws=60, seed=6, is_multiple=is_multiple).share

    by_kind = drawn.reshape(30, 150, -1).mean(axis=1)
    assert np.abs(share[::150] - by_kind).max() < 0.08


@given(markets())
@settings(deadline=None)
def test_every_row_sums_to_one_and_what_happened_was_possible(drawn):
    market, lottery = drawn
    run = deferred_acceptance(market, lottery)

    share = propensities(run).share

    assert share.sum(axis=1) == pytest.approx(np.ones(market.applicant_count))
    assert (share >= 0).all()
    if lottery.shape[1] == 1:
        got = np.where(run.position < 0, market.choice_count, run.position)
        assert (share[np.arange(market.applicant_count), got] > 0).all()


def test_one_order_for_all_is_the_same_without_classes():
    market = build_market([Program("a", 1)], [[0], [0]], classes=[[0], [5]])

    assert propensities(serial_dictatorship(market, [1, 0])).share[:, 0].tolist() == [0.5, 0.5]


def test_a_mechanism_without_cutoffs_is_refused():
    with pytest.raises(InputError, match="immediate acceptance has no cutoffs"):
        propensities(immediate_acceptance(build_market([Program("a", 1)], [[0]]), [0]))
