"""What a program may have done, and what could have been seen."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_rel
from statsmodels.api import OLS

from commonground.engine.disparity import (
    baseline_rating,
    difference_in_differences,
    interrupted_series,
    matched_comparison,
    minimum_detectable_change,
    minimum_detectable_effect_in_schools,
)
from commonground.engine.values import InputError


def test_published_multiplier():
    # Bloom 1995: 2.8 standard errors at 80 % power, two-sided 5 %, with many degrees of freedom.
    assert minimum_detectable_change(0.5).value == pytest.approx(2.8 * 0.5, abs=0.005)


def test_whole_schools_by_hand():
    # (0.2 + 0.8 / 60) / (0.25 x 14) = 0.060952, root 0.24689; 12 degrees: (2.1788 + 0.8726) x 0.24689.
    result = minimum_detectable_effect_in_schools(schools=14, students_per_school=60, intraclass_correlation=0.2)

    assert result.value == pytest.approx((2.1788 + 0.8726) * 0.24689, abs=1e-4)


def test_a_few_schools_see_little_and_covariates_help():
    few = minimum_detectable_effect_in_schools(schools=7, students_per_school=500, intraclass_correlation=0.2).value
    helped = minimum_detectable_effect_in_schools(
        schools=7, students_per_school=500, intraclass_correlation=0.2, explained_between=0.8, covariates=1
    ).value

    assert few > 0.5
    assert helped < few


def test_with_nothing_left_to_judge_by_nothing_is_calculated():
    result = minimum_detectable_effect_in_schools(schools=2, students_per_school=5, intraclass_correlation=0.1)

    assert result.not_calculated.reason == "2 schools leave nothing to judge by"


def test_published_difference_in_differences():
    # Card & Krueger 1994, table 3: 2.76 with standard error 1.36 from unrounded means.
    errors = (0.51, 0.52, 1.35, 0.94)
    result = difference_in_differences((20.44, 21.03), (23.33, 21.17), standard_errors=errors)

    assert result.value == pytest.approx(2.76, abs=0.015)
    assert result.interval.high - result.value == pytest.approx(1.96 * np.sqrt(np.square(errors).sum()), abs=1e-3)
    assert difference_in_differences((1, 2), (1, 2)).interval is None


@pytest.mark.filterwarnings("ignore:invalid value")  # statsmodels takes the root of a rounding error below zero
@given(st.lists(st.floats(-5, 5), min_size=8, max_size=14), st.integers(2, 5), st.integers(0, 3))
def test_an_interrupted_series_agrees_with_statsmodels(values, start, lag):
    n = len(values)
    time = np.arange(n)
    since = (time >= start).astype(float)
    design = np.column_stack([np.ones(n), time, since, since * (time - start)])
    fitted = OLS(values, design).fit(cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": True}, use_t=True)

    result = interrupted_series(values, start=start, lag=lag)
    line = result.value

    assert (line.level, line.slope, line.level_change, line.slope_change) == pytest.approx(fitted.params, abs=1e-7)
    assert (line.level_change_error, line.slope_change_error) == pytest.approx(np.nan_to_num(fitted.bse[2:]), abs=1e-6)
    if np.isfinite(fitted.bse).all():
        # With few periods a normal quantile would claim too much: Student's, with periods less four degrees of freedom.
        assert (result.interval.low, result.interval.high) == pytest.approx(fitted.conf_int()[2], abs=1e-5)


def test_an_exact_series_by_hand():
    # 10, 10.5 ... 12.5 then 16 where 13 was due, rising by 0.25 instead of 0.5.
    values = [10 + 0.5 * k for k in range(6)] + [16 + 0.25 * k for k in range(6)]
    result = interrupted_series(values, start=6)

    assert (result.value.level_change, result.value.slope_change) == pytest.approx((3, -0.25))
    assert result.interval.low == pytest.approx(3)


def test_four_periods_fit_exactly_and_leave_no_error():
    result = interrupted_series([1, 2, 5, 7], start=2)

    assert result.value.level_change_error is None
    assert result.interval is None


@pytest.mark.parametrize("start", [1, 5])
def test_a_side_without_two_periods_is_not_calculated(start):
    assert interrupted_series([1, 2, 3, 4, 5, 6], start=start).value is None


@pytest.mark.parametrize(
    ("g", "rating"),
    [(0, "satisfied"), (0.05, "satisfied"), (0.0501, "adjust"), (-0.25, "adjust"), (0.2501, "not_satisfied")],
)
def test_baseline_ratings_at_their_borders(g, rating):
    assert baseline_rating(g) == rating


@given(st.lists(st.integers(0, 20), min_size=2, max_size=4), st.lists(st.integers(0, 20), min_size=4, max_size=5))
def test_pairs_are_as_close_as_any_could_be(treated, comparison):
    result = matched_comparison(
        [[x] for x in treated],
        [[x] for x in comparison],
        baseline=["pre"],
        outcomes=(range(len(treated)), [3 * k for k in range(len(comparison))]),
    ).value

    total = sum(abs(treated[i] - comparison[j]) for i, j in result.pairs)
    assert total == min(
        sum(abs(a - b) for a, b in zip(treated, order, strict=False))
        for order in permutations(comparison, len(treated))
    )


def test_a_matched_effect_is_that_of_the_paired_test():
    treated, comparison = [[1.0], [2.0], [3.0]], [[3.1], [1.1], [2.2], [50.0]]
    result = matched_comparison(treated, comparison, baseline=["pre"], outcomes=([5, 7, 9], [6, 4, 6, 0]))

    # Partners by nearness: 1.1, 2.2, 3.1 with outcomes 4, 6, 6; differences 1, 1, 3.
    test = ttest_rel([5, 7, 9], [4, 6, 6])
    assert result.value.pairs == ((0, 1), (1, 2), (2, 0))
    assert result.value.effect == pytest.approx(5 / 3)
    interval = test.confidence_interval()
    assert (result.interval.low, result.interval.high) == pytest.approx((interval.low, interval.high))
    assert result.value.baseline[0].rating == baseline_rating(result.value.baseline[0].g)


def test_a_baseline_of_zeros_and_ones_is_rated_by_its_odds():
    # Partners agree on the test score; three of four treated and two of four others had meals: odds 3 against 1, and
    # 1 - 3 / (4 x 8 - 9) = 0.869565, so the index is 0.869565 x 1.098612 / 1.65 = 0.578979.
    treated = [[1.0, 1], [2.0, 1], [3.0, 1], [4.0, 0]]
    comparison = [[1.0, 1], [2.0, 1], [3.0, 0], [4.0, 0]]
    result = matched_comparison(
        treated, comparison, baseline=["test", "meals"], outcomes=([1, 2, 3, 4], [1, 2, 3, 5]), caliper=9.0
    ).value

    assert result.baseline[1].g == pytest.approx(0.578979, abs=1e-6)
    assert result.baseline[1].rating == "not_satisfied"
    everyone = [[score, 1] for score, _ in treated]
    unclear = matched_comparison(everyone, comparison, baseline=["test", "meals"], outcomes=([1] * 4, [2] * 4)).value
    assert (unclear.baseline[1].g, unclear.baseline[1].rating) == (None, None)


def test_labels_must_agree_and_a_caliper_leaves_far_ones_out():
    treated, comparison = [[1.0, 0], [2.0, 0], [30.0, 0]], [[1.0, 0], [2.0, 0], [3.0, 0]]
    outcomes = ([1, 2, 3], [1, 1, 1])

    near = matched_comparison(treated, comparison, baseline=["a", "b"], outcomes=outcomes, caliper=0.5).value
    graded = matched_comparison(
        treated, comparison, baseline=["a", "b"], outcomes=outcomes, exact=(["5", "6", "6"], ["6", "5", "6"])
    ).value

    assert near.unmatched == (2,)
    assert near.baseline[0].g == near.baseline[1].g == 0
    assert dict(graded.pairs)[0] == 1
    assert graded.unmatched == ()


def test_constant_but_different_baselines_have_no_rating():
    result = matched_comparison([[1.0], [1.0]], [[2.0], [2.0]], baseline=["pre"], outcomes=([1, 2], [1, 1]))

    assert (result.value.baseline[0].g, result.value.baseline[0].rating) == (None, None)


def test_without_two_pairs_nothing_is_calculated():
    result = matched_comparison([[1.0], [9.0]], [[1.0], [1.0]], baseline=["a"], outcomes=([1, 2], [1, 2]), caliper=0.1)

    assert result.not_calculated.reason == "fewer than two treated students have a partner"


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: minimum_detectable_change(0), "above 0"),
        (lambda: minimum_detectable_change(1, degrees_of_freedom=0), "with none left"),
        (
            lambda: minimum_detectable_effect_in_schools(schools=9, students_per_school=5, intraclass_correlation=2),
            "from 0 to 1",
        ),
        (lambda: difference_in_differences((1, 2), (1, 2), standard_errors=(1, 1, 1, -1)), "negative"),
        (lambda: interrupted_series([1, 2, 3, 4], start=2, lag=-1), "lag is -1"),
        (
            lambda: interrupted_series([1, 2, 3, 4], start=2, lag=4),
            "lag is 4; give 0 or more, fewer than the 4 periods",
        ),
        (lambda: interrupted_series([1, 2, 3, 4], start=9), "position 9 of 4 periods"),
        (lambda: interrupted_series([1, 2, 3, 4], start=-1), "position -1 of 4 periods"),
        (
            lambda: matched_comparison([[1]], [[1]], baseline=["a"], outcomes=([1], [1]), caliper=-1),
            "caliper is -1; give 0 or more",
        ),
        (lambda: baseline_rating(float("nan")), "g: the number at position 0 is missing"),
        (lambda: matched_comparison([["x"]], [[1]], baseline=["a"], outcomes=([1], [1])), "table of numbers"),
        (lambda: matched_comparison([[1, 2]], [[1]], baseline=["a"], outcomes=([1], [1])), "treated: baseline"),
        (lambda: matched_comparison([[np.nan]], [[1]], baseline=["a"], outcomes=([1], [1])), "student 0 is missing"),
        (lambda: matched_comparison([[1]], [[1]], baseline=["a"], outcomes=([1, 2], [1])), "outcomes of the treated"),
        (
            lambda: matched_comparison([[1]], [[1]], baseline=["a"], outcomes=([1], [1]), exact=(["x"], [])),
            "one label per treated",
        ),
    ],
)
def test_what_is_none_is_refused(call, says):
    with pytest.raises(InputError, match=says):
        call()
