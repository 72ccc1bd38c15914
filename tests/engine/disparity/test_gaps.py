"""Gaps in standard deviations and from proficiency levels."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from commonground.engine.disparity import cox_index, level_gap, standardized_gap
from commonground.engine.values import InputError


def shares(mean, sd, cuts):
    return np.diff(norm.cdf([-np.inf, *cuts, np.inf], mean, sd))


def test_published_gap():
    # Borenstein et al. 2009, chapter 4: d 0.5970 with variance 0.0418, g 0.5924 with variance 0.0411.
    result = standardized_gap((103, 100), (5.5, 4.5), (50, 50))

    gap = result.value
    assert (gap.d, gap.var_d) == pytest.approx((0.5970, 0.0418), abs=5e-5)
    assert (gap.g, gap.var_g) == pytest.approx((0.5924, 0.0411), abs=5e-5)
    assert result.interval.low == pytest.approx(gap.g - 1.96 * sqrt(gap.var_g), abs=1e-4)


def test_the_smallest_groups_have_a_correction():
    gap = standardized_gap((1, 0), (1, 1), (2, 2)).value

    # Two degrees of freedom: gamma(1) / (gamma(1/2) x 1) = 1 / root pi.
    assert gap.exact_correction == pytest.approx(1 / sqrt(np.pi), abs=1e-12)


@given(st.floats(-1, 1), st.floats(0.6, 1.6), st.lists(st.floats(-1.2, 1.2), min_size=2, max_size=4, unique=True))
def test_normal_groups_are_recovered_exactly_wherever_the_cuts_lie(mean, sd, cuts):
    cuts = sorted(cuts)
    if min(np.diff(cuts)) < 0.05:
        return
    gap = level_gap(shares(0, 1, cuts), shares(mean, sd, cuts)).value

    assert gap.v == pytest.approx(-mean / sqrt((1 + sd**2) / 2), abs=1e-7)
    assert gap.sd_ratio == pytest.approx(sd, abs=1e-6)
    assert gap.chance_ahead == pytest.approx(norm.cdf(-mean / sqrt(1 + sd**2)), abs=1e-7)


@given(*[st.lists(st.integers(1, 60), min_size=4, max_size=4)] * 2)
def test_swapped_groups_have_the_same_gap_with_another_sign(first, second):
    forward, backward = level_gap(first, second).value, level_gap(second, first).value

    assert forward.v == pytest.approx(-backward.v, abs=1e-9)


def test_with_one_cut_the_spreads_are_taken_as_equal():
    gap = level_gap(shares(0, 1, [0.3]), shares(-0.5, 1, [0.3])).value

    assert (gap.cuts, gap.sd_ratio) == (1, 1)
    assert gap.v == pytest.approx(0.5, abs=1e-12)


def test_a_cut_that_does_not_split_both_groups_is_left_out():
    assert level_gap([10, 10, 20, 0], [5, 5, 5, 5]).value.cuts == 2
    assert level_gap([10, 10, 0, 0], [0, 0, 5, 5]).not_calculated.reason.startswith("no cut score")


def test_the_interval_holds_the_gap_and_repeats():
    first, second = [160, 340, 340, 160], [310, 380, 230, 80]

    result = level_gap(first, second, draws=200, seed=4)

    assert result.interval.low < result.value.v < result.interval.high
    assert result == level_gap(first, second, draws=200, seed=4)


def test_too_little_is_not_calculated():
    assert level_gap([0, 0], [1, 1]).not_calculated.reason == "a group has no students"
    assert standardized_gap((1, 2), (1, 1), (1, 5)).value is None
    assert standardized_gap((1, 2), (0, 0), (5, 5)).value is None


def test_numbers_that_are_none_are_refused():
    with pytest.raises(InputError, match="standard deviations are -1"):
        standardized_gap((1, 2), (-1, 1), (5, 5))
    with pytest.raises(InputError, match="means: the number at position 1 is missing"):
        standardized_gap((1, float("nan")), (1, 1), (5, 5))
    with pytest.raises(InputError, match="counts has 3 numbers where 2"):
        standardized_gap((1, 2), (1, 1), (5, 5, 5))
    with pytest.raises(InputError, match="focal has 2 numbers where 3"):
        level_gap([1, 2, 3], [1, 2])
    with pytest.raises(InputError, match="reference has 1 numbers; at least 2"):
        level_gap([1], [1])
    with pytest.raises(InputError, match="negative number"):
        level_gap([1, -1], [1, 1])
    with pytest.raises(InputError, match=r"focal: the shares sum to 0\.9"):
        level_gap([0.5, 0.5], [0.5, 0.4])
    with pytest.raises(InputError, match="reference must be a list of numbers"):
        level_gap(["few", "many"], [1, 1])
    with pytest.raises(InputError, match=r"reference has shape \(1, 2\)"):
        level_gap([[1, 2]], [1, 1])
    with pytest.raises(InputError, match="seed is missing"):
        level_gap([1, 1], [1, 1], draws=5)
    with pytest.raises(InputError, match="whole numbers of students"):
        level_gap([0.5, 0.5], [1, 1], draws=5, seed=1)


def test_the_cox_index_by_hand():
    # 60 of 100 against 50 of 100: odds 1.5 against 1, so ln(1.5) / 1.65 = 0.405465 / 1.65 = 0.245736. With 200 people the
    # small-sample factor is 1 - 3 / (4 x 200 - 9) = 0.996207: 0.244804.
    assert cox_index(60, 100, 50, 100).value == pytest.approx(0.244804, abs=1e-6)


@given(st.integers(1, 19), st.integers(1, 19))
def test_swapped_groups_have_the_opposite_cox_index(events, against):
    gap = cox_index(events, 20, against, 20).value

    assert gap == pytest.approx(-cox_index(against, 20, events, 20).value)
    assert (gap > 0) == (events > against)


def test_the_cox_index_is_near_the_gap_of_the_scores_behind_the_rates():
    # Scores of two normal groups half a standard deviation apart, cut at 0: the index estimates that gap (Cox 1970).
    shares = norm.cdf([0.25, -0.25])

    gap = cox_index(*(round(10**6 * share) if k == 0 else 10**6 for share in shares for k in (0, 1))).value

    assert gap == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("counts", [(0, 9, 3, 9), (9, 9, 3, 9), (3, 9, 0, 9), (3, 9, 9, 9), (0, 0, 3, 9)])
def test_odds_without_both_outcomes_are_not_calculated(counts):
    assert "with and without the event" in cox_index(*counts).not_calculated.reason


def test_parts_of_a_student_are_refused():
    with pytest.raises(InputError, match=r"the counts are 2\.5 and 5; give whole numbers"):
        standardized_gap((1, 2), (1, 1), (2.5, 5))
