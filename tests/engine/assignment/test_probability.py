"""Admission chances."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from tests.engine.assignment.markets import markets

from commonground.engine.assignment import (
    Applicant,
    Block,
    Program,
    admission_chances,
    build_market,
    exact_admission_chances,
    market_of,
)
from commonground.engine.values import InputError


def test_walk_zone_seats_first_or_last_give_other_chances():
    # Two seats, one for walkers; walkers w1 and w2, three others; after Dur, Kominers, Pathak & Sönmez 2018.
    # Walk first: w1 is ahead of w2 with chance 1/2 and takes the walk seat. Behind w2 it needs the open seat, before
    # all three others: the order w2 w1 n n n, 3! of 5! orders = 1/20. Together 11/20.
    # Open first: w1 gets in unless it is behind w2 and a third person took the open seat: behind w2 with chance 1/2,
    # and an "n" is first of all with chance 3/5: 1 - 3/10 = 7/10.
    people = [
        Applicant(name, ("S",), ("walk",) if name.startswith("w") else ()) for name in ("w1", "w2", "n1", "n2", "n3")
    ]

    def chance(*order):
        blocks = tuple(Block(1, name, "others") for name in order)
        return exact_admission_chances(market_of(people, [Program("S", 2, blocks)])).share[0][0]

    assert chance("walk", None) == Fraction(11, 20)
    assert chance(None, "walk") == Fraction(7, 10)


def test_children_of_a_family_draw_together():
    market = build_market([Program("x", 2)], [[0], [0], [0], [0]], families=[0, 0, 1, 1])

    exact = exact_admission_chances(market)

    assert exact.orders == 2
    assert {shares[0] for shares in exact.share} == {Fraction(1, 2)}


@pytest.mark.parametrize("is_multiple", [False, True])
def test_the_counts_are_the_same_for_any_number_of_threads(is_multiple):
    rng = np.random.default_rng(5)
    choices = np.argsort(rng.random((40, 6)), axis=1)[:, :4]
    market = build_market([Program(f"p{n}", 5) for n in range(6)], choices, classes=rng.integers(0, 2, (40, 4)))

    counts = [admission_chances(market, draws=25, seed=9, threads=n, is_multiple=is_multiple).count for n in (1, 2, 5)]

    assert (counts[0] == counts[1]).all()
    assert (counts[0] == counts[2]).all()
    assert (counts[0].sum(axis=1) == 25).all()


@given(markets(most=4))
@settings(deadline=None, max_examples=15)
def test_many_draws_come_near_the_exact_chances(drawn):
    market, _ = drawn

    exact = np.array(exact_admission_chances(market).share, float).reshape(-1, market.choice_count + 1)
    share = admission_chances(market, draws=400, seed=1).share

    # Five standard errors of the widest share: 5 * 0.5 / 20.
    assert np.abs(exact - share).max(initial=0) <= 0.125


def test_the_interval_is_wilsons():
    # Wilson 1927, 95 %: 5 of 10 gives 0.2366 to 0.7634 (Brown, Cai & DasGupta 2001 use the same formula).
    market = build_market([Program("x", 1)], [[0]] * 2)
    chances = admission_chances(market, draws=10, seed=4)
    fixed = type(chances)(np.array([[5, 5], [10, 0]], np.int32), 10, chances.explanation)

    interval = fixed.interval(0, 0)

    assert (interval.low, interval.high) == pytest.approx((0.236593, 0.763407), abs=1e-6)
    assert fixed.interval(1, 0).high == pytest.approx(1.0)


@pytest.mark.parametrize("arguments", [{"draws": 0}, {"draws": 5, "threads": 0}])
def test_nothing_to_draw_is_refused(arguments):
    with pytest.raises(InputError, match="at least 1"):
        admission_chances(build_market([Program("x", 1)], [[0]]), seed=1, **arguments)


def test_too_many_orders_are_refused():
    with pytest.raises(InputError, match="9 applicants have 362880 lottery orders"):
        exact_admission_chances(build_market([Program("x", 1)], [[0]] * 9))
