from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.allocation import (
    Basis,
    Period,
    SharesDoNotSum,
    cost_shares,
    largest_remainder,
    yearly_cost_shares,
)
from commonground.engine.values import InputError

SEVEN = ("A", "B", "C", "D", "E", "F", "G")
ENROLLMENT = dict(zip(SEVEN, (4210, 1385, 910, 640, 520, 455, 298), strict=True))


def test_three_equal_shares_of_a_hundred_dollars():
    assert cost_shares(10000, bases=[Basis("equal", {"A": 1, "B": 1, "C": 1})]).cents == {
        "A": 3334,
        "B": 3333,
        "C": 3333,
    }


def test_a_credit_is_shared_like_a_bill():
    assert largest_remainder(-10000, [1, 1, 1]) == (-3334, -3333, -3333)


def test_us_house_of_1790_by_hamilton():
    # Electorate of the fifteen states, 60 seats (Balinski & Young 1982).
    people = [
        630560,
        475327,
        432879,
        353523,
        331589,
        278514,
        236841,
        206236,
        179570,
        141822,
        85533,
        70835,
        68705,
        68446,
        55540,
    ]

    assert largest_remainder(60, people) == (11, 8, 7, 6, 6, 5, 4, 3, 3, 2, 1, 1, 1, 1, 1)


def test_a_larger_house_can_cost_a_party_a_seat():
    # 25 seats: quotas 7.35, 7.35, 4.41, 2.45, 2.45, 0.98. 26 seats: 7.65, 7.65, 4.59, 2.55, 2.55, 1.02, so that the
    # fourth and fifth lose the seats they had by their fractions (Alabama paradox).
    parties = [1500, 1500, 900, 500, 500, 200]

    assert largest_remainder(25, parties) == (7, 7, 4, 3, 3, 1)
    assert largest_remainder(26, parties) == (8, 8, 5, 2, 2, 1)


def test_who_pays_less_under_a_larger_bill_is_named():
    basis = [Basis("people", dict(zip("ABCDEF", (1500, 1500, 900, 500, 500, 200), strict=True)))]

    before, after = cost_shares(25, bases=basis), cost_shares(26, bases=basis)

    assert before.lowered_by(after) == tuple(name for name in "ABCDEF" if after.cents[name] < before.cents[name])
    assert before.lowered_by(after) == ("D", "E")


# Reference, section 7: recomputed by hand there.
def test_shares_by_days():
    found = cost_shares(8_450_000, bases=[Basis("days", {"A": 90, "B": 54, "C": 36})])

    assert list(found.cents.values()) == [4_225_000, 2_535_000, 1_690_000]


def test_shares_by_enrollment():
    found = cost_shares(10_000_000, bases=[Basis("enrollment", ENROLLMENT)])

    assert list(found.cents.values()) == [5_001_188, 1_645_284, 1_081_017, 760_276, 617_724, 540_508, 354_003]


def test_a_fifth_equal_and_the_rest_by_enrollment():
    # $100.00: 20 equal, 80 by 3 to 1. A: 10 + 60, B: 10 + 20.
    blend = [Basis("equal", {"A": 1, "B": 1}, "0.2"), Basis("enrollment", {"A": 300, "B": 100}, Decimal("0.8"))]

    found = cost_shares(10_000, bases=blend)

    assert found.cents == {"A": 7000, "B": 3000}
    assert found.explanation.steps[0] == "equal: 1/5 of the cost, by A 1, B 1 (together 2)."


def test_a_blend_is_rounded_once():
    # One cent in halves: A has 1/2 × 1 + 1/2 × 1/3 = 2/3 of it. Rounding each basis first would need two cents.
    blend = [Basis("use", {"A": 1, "B": 0}, "1/2"), Basis("people", {"A": 1, "B": 2}, "1/2")]

    assert cost_shares(1, bases=blend).cents == {"A": 1, "B": 0}


def test_the_statement_shows_how_each_share_came_about():
    basis = Basis("days of service", {"A": 2, "B": 1}, read_on=date(2026, 10, 1))

    assert cost_shares(10000, bases=[basis]).explanation.steps == (
        "days of service: 1 of the cost, by A 2, B 1 (together 3, read on 2026-10-01).",
        "A: 2/3 of $100.00 = 66.6667 dollars, $66.67.",
        "B: 1/3 of $100.00 = 33.3333 dollars, $33.33.",
        "Cents that were left after rounding down went one each to the 1 largest fractions. "
        "A larger bill can therefore lower one member's share by a cent.",
    )


def test_a_change_during_the_year_counts_its_days_first():
    # 365 days: 184 to December, 181 after. $3,650.00 is $10.00 a day: 1,840 and 1,810 dollars.
    # First half A and B equally, second half A 3 to B 1: A 920 + 1,357.50, B 920 + 452.50.
    periods = [
        Period(date(2026, 7, 1), date(2026, 12, 31), [Basis("equal", {"A": 1, "B": 1})]),
        Period(date(2027, 1, 1), date(2027, 6, 30), [Basis("days", {"A": 3, "B": 1})]),
    ]

    found = yearly_cost_shares(365_000, periods=periods)

    assert found.cents == {"A": 227_750, "B": 137_250}
    assert found.exact_cents == {"A": 227_750, "B": 137_250}
    assert found.explanation.steps[0] == "2026-07-01 to 2026-12-31: 184 of 365 days, $1,840.00."


def test_who_leaves_pays_for_its_own_days_only():
    periods = [
        Period(date(2026, 7, 1), date(2026, 7, 10), [Basis("equal", {"A": 1, "B": 1})]),
        Period(date(2026, 7, 11), date(2026, 7, 20), [Basis("equal", {"A": 1})]),
    ]

    assert yearly_cost_shares(4000, periods=periods).cents == {"A": 3000, "B": 1000}


@pytest.mark.parametrize(
    ("bases", "says"),
    [
        ([], "no basis is given"),
        ([Basis("a", {"A": 1}, "0.5"), Basis("b", {"A": 1}, "0.4")], r"0.5 \+ 0.4 = 9/10; they must make 1"),
        ([Basis("a", {"A": 1}, "1.5"), Basis("b", {"A": 1}, "-0.5")], "none below zero"),
        ([Basis("a", {"A": 1}, "0.5"), Basis("b", {"B": 1}, "0.5")], "b lists B; a lists A"),
        ([Basis("a", {"A": 1, "B": -1})], "a of B is -1"),
        ([Basis("a", {"A": 0, "B": 0})], "zero for everybody"),
        ([Basis("a", {"A": 0.5})], "0.5 is not exact"),
        ([Basis("a", {"A": "half"})], "'half' is not a number"),
    ],
)
def test_blends_that_cannot_be_are_refused(bases, says):
    with pytest.raises(InputError, match=says):
        cost_shares(100, bases=bases)


def test_parts_that_do_not_sum_have_an_error_of_their_own():
    with pytest.raises(SharesDoNotSum):
        cost_shares(100, bases=[Basis("a", {"A": 1}, "0.9")])


@pytest.mark.parametrize("total", [1.5, True, "100"])
def test_a_total_that_is_not_whole_cents_is_refused(total):
    with pytest.raises(InputError, match="give whole cents"):
        cost_shares(total, bases=[Basis("a", {"A": 1})])


@pytest.mark.parametrize(
    ("weights", "says"), [([1, -1], "position 1 is -1"), ([0, 0], "nobody has a weight"), ([], "nobody has a weight")]
)
def test_weights_that_cannot_be_are_refused(weights, says):
    with pytest.raises(InputError, match=says):
        largest_remainder(10, weights)


def test_parts_of_a_seat_and_fractions_of_nothing_are_refused():
    with pytest.raises(InputError, match=r"the total is 5\.5; give whole seats"):
        largest_remainder(5.5, [1, 2])
    with pytest.raises(InputError, match="'1/0' is not a number"):
        largest_remainder(5, ["1/0", 2])


def test_periods_must_follow_each_other():
    basis = [Basis("equal", {"A": 1})]
    first = Period(date(2026, 7, 1), date(2026, 7, 31), basis)

    with pytest.raises(InputError, match="close the gap"):
        yearly_cost_shares(100, periods=[first, Period(date(2026, 8, 2), date(2026, 8, 31), basis)])
    with pytest.raises(InputError, match="before it starts"):
        yearly_cost_shares(100, periods=[Period(date(2026, 7, 2), date(2026, 7, 1), basis)])
    with pytest.raises(InputError, match="at least one"):
        yearly_cost_shares(100, periods=[])


weights = st.lists(st.fractions(0, 1000, max_denominator=100), min_size=1, max_size=8).filter(any)


@given(st.integers(-(10**10), 10**10), weights)
def test_shares_add_up_and_are_within_a_cent_of_the_exact_share(total, parts):
    given_out = largest_remainder(total, parts)

    assert sum(given_out) == total
    assert all(abs(cents - total * part / sum(parts)) < 1 for cents, part in zip(given_out, parts, strict=True))


@given(st.integers(0, 10**8), weights)
def test_a_member_without_weight_pays_nothing_and_changes_nothing(total, parts):
    assert largest_remainder(total, [*parts, 0]) == (*largest_remainder(total, parts), 0)


@given(st.integers(0, 10**8), st.integers(1, 50), st.integers(1, 50))
def test_exact_shares_make_the_total(total, one, other):
    blend = [Basis("a", {"A": one, "B": other}, "1/3"), Basis("b", {"A": other, "B": one}, "2/3")]

    assert sum(cost_shares(total, bases=blend).exact_cents.values()) == Fraction(total)
