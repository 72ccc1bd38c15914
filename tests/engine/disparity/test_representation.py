"""Shares, ratios and screens."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.disparity import compare_rates, composition, four_fifths
from commonground.engine.values import InputError

NAMES = ["A", "B", "C"]


def test_composition_by_hand():
    # A: 200 of 1,000 people, 40 of 110 events; limit 0.2 + root of 0.2 x 0.8 / 110 = 0.2381.
    first, second, _ = composition([40, 60, 10], [200, 600, 200], names=NAMES).value

    assert (first.share_enrolled, first.share_of_events) == (0.2, 40 / 110)
    assert first.e_limit == pytest.approx(0.2381, abs=5e-5)
    assert (first.is_above_limit, second.is_above_limit) == (True, False)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=5))
def test_shares_sum_to_one(groups):
    events, of = [min(pair) for pair in groups], [max(pair) for pair in groups]
    result = composition(events, of, names=[str(k) for k in range(len(groups))])

    if sum(of) == 0:
        assert result.not_calculated.reason == "there are no people"
    else:
        assert sum(row.share_enrolled for row in result.value) == pytest.approx(1)
        parts = [row.share_of_events for row in result.value]
        assert parts == [None] * len(parts) if sum(events) == 0 else sum(parts) == pytest.approx(1)


def test_without_events_there_is_no_ratio_and_an_empty_group_has_none():
    assert composition([0, 0], [5, 5], names=["A", "B"]).value[0].is_above_limit is None
    assert composition([0, 2], [0, 5], names=["A", "B"]).value[0].composition_ratio is None


@pytest.mark.parametrize(
    ("comparison", "against", "ratio"),
    [
        ("rest", "all other groups", (40 / 200) / (70 / 800)),
        ("overall", "everyone", (40 / 200) / (110 / 1000)),
        ("largest", "B", (40 / 200) / (60 / 600)),
        ("highest", "A", 1.0),
        ("C", "C", (40 / 200) / (10 / 200)),
    ],
)
def test_the_comparison_is_chosen_and_stored_with_the_number(comparison, against, ratio):
    first = compare_rates([40, 60, 10], [200, 600, 200], names=NAMES, comparison=comparison).value[0]

    assert first.against == against
    assert first.ratio.value == pytest.approx(ratio)
    assert first.rate.value == 0.2
    assert first.difference.value == pytest.approx(0.2 - 0.2 / ratio)


def test_with_nobody_anywhere_the_highest_rate_is_everyones():
    (only,) = compare_rates([0], [0], names=["A"], comparison="highest").value

    assert only.against == "everyone"
    assert only.rate.value is None


def test_four_fifths_at_below_and_above_the_line():
    # Questions and answers 11: 48 of 80 against 60 of 80 is exactly four fifths.
    at = four_fifths({"A": (60, 100), "B": (48, 100)}).value
    below = four_fifths({"A": (60, 100), "B": (47, 100)}).value
    above = four_fifths({"A": Fraction(3, 5), "B": Decimal("0.49"), "C": (0, 0)}).value

    assert at.ratios["B"] == Fraction(4, 5)
    assert (at.adverse, below.adverse, above.adverse) == ((), ("B",), ())
    assert "C" not in above.ratios


def test_floats_are_read_as_the_decimals_they_print_as():
    # 0.48 / 0.60 in binary is not exactly 0.8 for every such pair; the decimals are.
    pairs = [(k / 100, 5 * k / 400) for k in range(4, 84, 4)]

    assert all(four_fifths({"A": high, "B": low}).value.adverse == () for low, high in pairs)


def test_nobody_selected_is_not_calculated():
    assert four_fifths({"A": 0, "B": (0, 5)}).value is None


def test_groups_that_do_not_belong_together_are_refused():
    with pytest.raises(InputError, match="give one each"):
        composition([1], [2, 3], names=["A"])
    with pytest.raises(InputError, match="give each its own"):
        composition([1, 1], [2, 3], names=["A", "A"])
    with pytest.raises(InputError, match="B: 4 events among 3"):
        compare_rates([1, 4], [2, 3], names=["A", "B"])
    with pytest.raises(InputError, match="comparison is 'D'"):
        compare_rates([1], [2], names=["A"], comparison="D")
    with pytest.raises(InputError, match="no group"):
        four_fifths({})
    with pytest.raises(InputError, match=r"B: the rate is 1\.2"):
        four_fifths({"A": 0.5, "B": 1.2})
    with pytest.raises(InputError, match="B: the rate is many"):
        four_fifths({"A": 0.5, "B": "many"})


def test_one_group_alone_has_nothing_to_compare_with():
    assert "only one group" in four_fifths({"A": 0.2, "B": (0, 0)}).not_calculated.reason
