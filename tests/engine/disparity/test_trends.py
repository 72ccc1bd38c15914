"""Trends of rates and of gaps, and many tests at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2
from statsmodels.api import WLS
from statsmodels.stats.contingency_tables import Table
from statsmodels.stats.multitest import multipletests

from commonground.engine.disparity import benjamini_hochberg, gap_trend, rate_trend
from commonground.engine.values import InputError


def test_published_trend():
    # R's documentation of prop.trend.test (smokers among patients): X-squared 8.2249, p 0.004132.
    trend = rate_trend([83, 90, 129, 70], [86, 93, 136, 82]).value

    assert trend.chi_squared == pytest.approx(8.2249, abs=5e-5)
    assert trend.p_value == pytest.approx(0.004132, abs=5e-7)
    assert trend.p_value == pytest.approx(chi2.sf(trend.chi_squared, 1))


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), min_size=3, max_size=6))
def test_it_agrees_with_statsmodels(cohorts):
    events = [with_event for with_event, _ in cohorts]
    of = [sum(cohort) for cohort in cohorts]
    linear = Table(np.array(cohorts, dtype=float)).test_ordinal_association(np.arange(len(cohorts)), np.array([1, 0]))

    # statsmodels divides by n - 1 people where Cochran and Armitage divide by n.
    expected = linear.zscore * np.sqrt(sum(of) / (sum(of) - 1))
    assert rate_trend(events, of).value.z == pytest.approx(expected, abs=1e-7)


def test_the_slope_by_hand():
    # Rates 0.2, 0.3, 0.4 of a hundred each: a tenth per year, and years may have any names.
    result = rate_trend([20, 30, 40], [100, 100, 100], scores=[2024, 2025, 2026])

    assert result.value.slope == pytest.approx(0.1)
    assert result.interval.low < 0.1 < result.interval.high


def test_no_trend_without_two_times_or_with_everyone_alike():
    for events, of, scores in (
        ([1, 2], [5, 0], None),
        ([1, 2], [5, 5], [1, 1]),
        ([0, 0], [5, 5], None),
        ([], [], None),
    ):
        if not events:
            with pytest.raises(InputError, match="scores has 0 numbers"):
                rate_trend(events, of)
            continue
        if of[1] == 0:
            events = [1, 0]
        assert "a trend needs" in rate_trend(events, of, scores=scores).not_calculated.reason
    assert rate_trend([0, 0], [0, 0]).value is None


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0.01, 0.5)), min_size=3, max_size=7))
def test_a_gap_trend_is_weighted_least_squares(cohorts):
    gaps, errors = zip(*cohorts, strict=True)
    times = np.arange(len(gaps), dtype=float)
    design = np.column_stack([np.ones(len(gaps)), times])
    fitted = WLS(gaps, design, weights=1 / np.square(errors)).fit(cov_type="fixed scale")

    trend = gap_trend(gaps, errors, times=times).value

    assert trend.slope == pytest.approx(fitted.params[1], abs=1e-9)
    assert trend.standard_error == pytest.approx(fitted.bse[1], rel=1e-9)
    assert trend.heterogeneity == pytest.approx(float((fitted.wresid**2).sum()), abs=1e-7)


def test_a_gap_at_one_time_has_no_trend():
    assert gap_trend([1, 2], [1, 1], times=[3, 3]).value is None
    with pytest.raises(InputError, match="position 0 is not above 0"):
        gap_trend([1, 2], [0, 1], times=[1, 2])


def test_published_family():
    # Benjamini & Hochberg 1995: fifteen tests, four stand out; three by Bonferroni.
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.324,
        0.4262,
        0.5719,
        0.6528,
        0.759,
        1,
    ]
    family = benjamini_hochberg({str(k): value for k, value in enumerate(p)}, family="thrombolysis").value

    assert (family.found, family.found_by_bonferroni) == (4, 3)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.sampled_from([0.01, 0.05, 0.2]))
def test_adjusted_p_values_agree_with_statsmodels(p, rate):
    _, adjusted, _, _ = multipletests(p, alpha=rate, method="fdr_bh")

    family = benjamini_hochberg({str(k): value for k, value in enumerate(p)}, family="any", rate=rate).value

    assert [finding.adjusted for finding in family.findings] == pytest.approx(adjusted.tolist(), abs=1e-12)
    assert all(f.is_found == (f.adjusted <= rate) for f in family.findings if abs(f.adjusted - rate) > 1e-12)


def test_a_test_exactly_at_its_limit_is_found():
    # 0.1 is third of six: 0.1 x 6 / 3 = 0.2, which binary floating point makes a hair more.
    family = benjamini_hochberg(dict(zip("abcdef", [0, 0, 1, 1, 1, 0.1], strict=True)), family="any", rate=0.2).value

    assert family.findings[5].is_found
    assert family.found == 3


def test_p_values_that_are_none_are_refused():
    with pytest.raises(InputError, match="p-values has 0 numbers"):
        benjamini_hochberg({}, family="empty")
    with pytest.raises(InputError, match="lie from 0 to 1"):
        benjamini_hochberg({"A": 1.5}, family="wrong")
    with pytest.raises(InputError, match="lie from 0 to 1"):
        benjamini_hochberg({"A": 0.5}, family="wrong", rate=0)
    with pytest.raises(InputError, match="give both for each cohort"):
        rate_trend([1], [1, 2])


def test_a_family_without_a_name_is_refused():
    with pytest.raises(InputError, match="the family has no name"):
        benjamini_hochberg({"a": 0.2}, family=" ")
