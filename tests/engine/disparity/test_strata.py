"""The same comparison inside every stratum."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from statsmodels.stats.contingency_tables import StratifiedTable

from commonground.engine.disparity import mantel_haenszel
from commonground.engine.values import InputError

# Admissions to Berkeley's six largest departments (Bickel, Hammel & O'Connell 1975): men, women; admitted, rejected.
BERKELEY = [
    [[512, 313], [89, 19]],
    [[353, 207], [17, 8]],
    [[120, 205], [202, 391]],
    [[138, 279], [131, 244]],
    [[53, 138], [94, 299]],
    [[22, 351], [24, 317]],
]


def test_published_reversal():
    # R's documentation of UCBAdmissions: pooled, men have the better odds (1.84); by department 0.90.
    value = mantel_haenszel(BERKELEY).value

    assert value.pooled_odds_ratio == pytest.approx(1.84, abs=5e-3)
    assert value.odds_ratio == pytest.approx(0.905, abs=5e-4)
    assert value.reverses


def test_two_strata_by_hand():
    # Sum of a d / n: 8 x 20 / 110 + 10 x 9 / 110; sum of b c / n: 2 x 80 / 110 + 90 x 1 / 110. Both 250 / 110.
    assert mantel_haenszel([[[8, 2], [80, 20]], [[10, 90], [1, 9]]]).value.odds_ratio == 1


@given(arrays(np.int64, (3, 2, 2), elements=st.integers(1, 60)))
def test_it_agrees_with_statsmodels(tables):
    expected = StratifiedTable([table.astype(float) for table in tables])

    result = mantel_haenszel(tables)

    assert result.value.odds_ratio == pytest.approx(expected.oddsratio_pooled, rel=1e-9)
    assert result.value.risk_ratio == pytest.approx(expected.riskratio_pooled, rel=1e-9)
    assert (result.interval.low, result.interval.high) == pytest.approx(expected.oddsratio_pooled_confint(), rel=1e-6)
    assert result.value.p_value == pytest.approx(expected.test_null_odds().pvalue, rel=1e-6)


@given(arrays(np.int64, (2, 2, 2), elements=st.integers(1, 60)))
def test_a_stratum_without_one_group_changes_nothing_inside_the_strata(tables):
    more = np.concatenate([tables, [[[5, 7], [0, 0]]]])

    assert mantel_haenszel(more).value.odds_ratio == pytest.approx(mantel_haenszel(tables).value.odds_ratio)


def test_without_events_in_the_second_group_there_is_no_pooled_ratio():
    value = mantel_haenszel([[[5, 5], [1, 9]], [[9, 0], [9, 0]]]).value
    none = mantel_haenszel([[[0, 5], [0, 9]]])

    assert value.risk_ratio is not None
    assert none.value is None
    assert "no odds to compare" in none.not_calculated.reason


def test_tables_that_are_none_are_refused():
    with pytest.raises(InputError, match="strata have shape"):
        mantel_haenszel([[1, 2], [3, 4]])
    with pytest.raises(InputError, match="must be tables"):
        mantel_haenszel([[["a", 1], [1, 1]]])
    with pytest.raises(InputError, match="stratum 1: a count is missing"):
        mantel_haenszel([[[1, 1], [1, 1]], [[1, -1], [1, 1]]])
