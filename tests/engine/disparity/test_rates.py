"""Rates, differences and ratios with their intervals."""

from math import inf, isnan

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from commonground.engine.disparity import rate, rate_difference, rate_ratio
from commonground.engine.values import InputError


@st.composite
def counts(draw, least=0):
    of = draw(st.integers(1, 300))
    return draw(st.integers(min(least, of), of)), of


def limits(result):
    return result.interval.low, result.interval.high


def test_published_wilson_intervals():
    # Newcombe 1998, table I: 81/263, 15/148, 0/20, 1/29.
    printed = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }

    for (events, of), expected in printed.items():
        assert limits(rate(events, of)) == pytest.approx(expected, abs=5e-5)


def test_published_differences():
    # Newcombe 1998 (differences), table II, method 10.
    printed = {
        (56, 70, 48, 80): (0.0524, 0.3339),
        (9, 10, 3, 10): (0.1705, 0.8090),
        (10, 10, 0, 20): (0.6791, 1.0),
        (10, 10, 0, 10): (0.6075, 1.0),
    }

    for four, expected in printed.items():
        assert limits(rate_difference(*four)) == pytest.approx(expected, abs=5e-5)


def test_a_rate_by_hand_explains_itself():
    result = rate(1, 4)

    assert result.value == 0.25
    assert result.explanation.steps[0] == "rate = 1 / 4"
    assert result.explanation.rule == "wilson"


@given(counts(), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_agrees_with_statsmodels(one, confidence):
    expected = proportion_confint(*one, alpha=1 - confidence, method="wilson")

    assert limits(rate(*one, confidence=confidence)) == pytest.approx(expected, abs=1e-9)


@given(counts(), counts())
def test_newcombe_agrees_with_statsmodels_and_turns_with_the_groups(one, other):
    expected = confint_proportions_2indep(*one, *other, compare="diff", method="newcomb")
    assume(not any(isnan(limit) for limit in expected))

    forward, backward = rate_difference(*one, *other), rate_difference(*other, *one)

    assert limits(forward) == pytest.approx(expected, abs=1e-9)
    assert limits(backward) == pytest.approx((-expected[1], -expected[0]), abs=1e-9)


@given(counts(least=1), counts(least=1))
def test_katz_agrees_with_statsmodels(one, other):
    expected = confint_proportions_2indep(*one, *other, compare="ratio", method="log")
    assume(expected[1] - expected[0] > 1e-9)

    assert limits(rate_ratio(*one, *other, method="katz")) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("four", [(36, 40, 16, 80), (5, 50, 4, 60), (1, 30, 7, 25), (30, 31, 12, 40)])
def test_koopman_agrees_with_statsmodels(four):
    # statsmodels finds the limits only to about a thousandth part.
    expected = confint_proportions_2indep(*four, compare="ratio", method="score", correction=False)

    assert limits(rate_ratio(*four)) == pytest.approx(expected, rel=2e-3)


@given(counts(least=1), counts(least=1))
def test_koopman_turns_over_when_the_groups_are_swapped_and_holds_the_ratio(one, other):
    forward, backward = rate_ratio(*one, *other), rate_ratio(*other, *one)

    assert limits(forward) == pytest.approx((1 / backward.interval.high, 1 / backward.interval.low), rel=1e-6)
    assert forward.interval.low <= forward.value * (1 + 1e-8)
    assert forward.value <= forward.interval.high * (1 + 1e-8)


def test_koopman_with_both_groups_full_by_hand():
    # Below 1 the score statistic is n (1 - r) / r: it equals z squared at r = n / (n + z squared).
    result = rate_ratio(20, 20, 20, 20)

    z_squared = 1.959963984540054**2
    assert limits(result) == pytest.approx((20 / (20 + z_squared), (20 + z_squared) / 20), rel=1e-6)


def test_without_events_on_one_side_koopman_has_one_limit_and_katz_none():
    no_comparison, no_events = rate_ratio(5, 20, 0, 20), rate_ratio(0, 20, 5, 20)

    assert no_comparison.value is None
    assert no_comparison.interval.high == inf
    assert no_comparison.interval.low > 1
    assert "nobody in the comparison group" in no_comparison.not_calculated.reason
    assert no_events.value == 0
    assert no_events.interval.low == 0
    assert no_events.interval.high < 1
    assert rate_ratio(0, 20, 5, 20, method="katz").interval is None
    assert rate_ratio(0, 20, 0, 20).interval is None


def test_an_empty_group_is_not_calculated():
    for result in (rate(0, 0), rate_difference(0, 0, 1, 2), rate_difference(1, 2, 0, 0), rate_ratio(1, 2, 0, 0)):
        assert result.value is None
        assert result.not_calculated.reason == "there is nobody in the group"


@pytest.mark.parametrize(
    ("events", "of", "says"),
    [
        (None, 3, "events is missing"),
        (1, float("nan"), "people is missing"),
        (1.5, 3, "must be a whole number"),
        ("3", 5, "events is '3'; it must be a whole number"),
        (-1, 3, "counts start at 0"),
        (4, 3, "4 events among 3 people"),
    ],
)
def test_counts_that_are_none_are_refused(events, of, says):
    with pytest.raises(InputError, match=says):
        rate(events, of)


def test_whole_numbers_of_any_kind_are_counts_and_other_choices_are_refused():
    assert rate(np.int64(1), 4.0).value == 0.25
    with pytest.raises(InputError, match=r"confidence is 1\.0"):
        rate(1, 2, confidence=1.0)
    with pytest.raises(InputError, match="method is 'wald'"):
        rate_ratio(1, 2, 1, 2, method="wald")
    with pytest.raises(InputError, match="the comparison group: 3 events among 2"):
        rate_difference(1, 2, 3, 2)
