"""Whether the questions of a scale hang together."""

import json
from math import sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize
from scipy.stats import f
from tests.shared import shared_data

from commonground.engine.surveys import cronbach_alpha, item_analysis, omega_total
from commonground.engine.values import InputError

# Two questions of four people: variances 5/3 and 9/4, of the sum 91/12.
FOUR_PEOPLE = [[1, 2], [2, 2], [3, 4], [4, 5]]

answers = arrays(np.int64, st.tuples(st.integers(4, 12), st.integers(2, 5)), elements=st.integers(1, 5))


def people_with(correlations, count=40):
    """Answers whose correlations are exactly these."""
    rng = np.random.default_rng(3)
    raw = rng.normal(size=(count, len(correlations)))
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw, rowvar=False))).T
    return white @ np.linalg.cholesky(correlations).T


def test_alpha_by_hand():
    # 2 x (1 - (5/3 + 9/4) / (91/12)) = 2 x (1 - 47/91) = 88/91.
    result = cronbach_alpha(FOUR_PEOPLE)

    assert result.value.raw == pytest.approx(88 / 91, abs=1e-12)
    # The correlation is (91/12 - 47/12) / 2 over the root of 5/3 x 9/4; with two questions 2r / (1 + r).
    r = (44 / 12 / 2) / sqrt(5 / 3 * 9 / 4)
    assert result.value.standardized == pytest.approx(2 * r / (1 + r), abs=1e-12)


def test_published_items():
    # psych::alpha on R's attitude data: item-rest correlations and alpha if an item is dropped, two decimals.
    case = json.loads(shared_data("optimisation", "surveys.json").read_text())["cases"][0]

    items = item_analysis(case["data"], names=case["items"]).value

    assert [round(item.item_total, 2) for item in items] == [0.67, 0.74, 0.56, 0.71, 0.79, 0.27, 0.46]
    assert [round(item.alpha_without, 2) for item in items] == [0.81, 0.80, 0.83, 0.80, 0.80, 0.86, 0.84]


@given(answers, st.integers(2, 4), st.integers(-5, 5))
def test_another_scale_of_all_questions_changes_nothing(table, factor, shift):
    before, after = cronbach_alpha(table), cronbach_alpha(table * factor + shift)

    assert (before.value is None) == (after.value is None)
    if before.value is not None:
        assert after.value.raw == pytest.approx(before.value.raw, abs=1e-9)


def test_the_interval_is_feldts():
    # (1 - alpha) / (1 - estimate) follows F with n - 1 and (n - 1)(k - 1) degrees of freedom.
    result = cronbach_alpha(FOUR_PEOPLE, confidence=0.9)

    left = 1 - result.value.raw
    assert f.cdf((1 - result.interval.low) / left, 3, 3) == pytest.approx(0.95)
    assert f.cdf((1 - result.interval.high) / left, 3, 3) == pytest.approx(0.05)


def test_a_missing_answer_leaves_the_person_out_and_is_not_zero():
    result = cronbach_alpha([*FOUR_PEOPLE, [5, None]])

    assert result.value.raw == pytest.approx(88 / 91)
    assert (result.value.people, result.value.incomplete) == (4, 1)
    assert item_analysis([*FOUR_PEOPLE, [5, None]]).value[1].missing_share == 0.2


def test_a_question_without_spread_has_no_correlation():
    table = [[1, 2, 3], [2, 2, 3], [3, 4, 3], [4, 5, 3]]

    assert cronbach_alpha(table).value.standardized is None
    assert item_analysis(table).value[2].item_total is None
    assert "same answer to a question" in omega_total(table).not_calculated.reason


def test_without_any_spread_alpha_is_not_zero_but_not_calculated():
    assert "everybody answered the same" in cronbach_alpha([[3, 3], [3, 3], [3, 3]]).not_calculated.reason
    assert "everybody answered the same" in cronbach_alpha([[1, 3], [3, 1], [2, 2]]).not_calculated.reason


@pytest.mark.parametrize("calculate", [cronbach_alpha, omega_total, item_analysis])
@pytest.mark.parametrize("table", [[[1], [2], [3], [4]], [[1, 2, 3], [2, 3, 4]], [[1, None, 2]] * 5])
def test_too_few_people_or_questions_are_not_calculated(calculate, table):
    assert calculate(table).value is None


def test_a_scale_of_two_has_no_alpha_without_one():
    assert item_analysis(FOUR_PEOPLE).value[0].alpha_without is None


@pytest.mark.parametrize("loadings", [[0.8, 0.7, 0.6, 0.5], [0.9, 0.4, 0.6], [0.5] * 6, [-0.8, -0.7, -0.6]])
def test_a_true_factor_is_found_exactly(loadings):
    loading = np.array(loadings)
    correlations = np.outer(loading, loading)
    np.fill_diagonal(correlations, 1)

    omega = omega_total(people_with(correlations)).value

    assert omega.loadings == pytest.approx(np.abs(loading), abs=1e-9)
    assert omega.value == pytest.approx(loading.sum() ** 2 / correlations.sum(), abs=1e-9)


def test_with_three_questions_the_loadings_follow_by_hand():
    # r12 = r13 = root 1/2, r23 = 3/4: the first loading squared is r12 r13 / r23 = 2/3.
    omega = omega_total([[1, 2, 2], [2, 2, 1], [2, 2, 1], [3, 3, 4], [1, 1, 1], [3, 2, 3]]).value

    assert omega.loadings == pytest.approx((sqrt(2 / 3), sqrt(3 / 4), sqrt(3 / 4)), abs=1e-9)


@given(st.integers(0, 2**32))
def test_no_other_loadings_leave_smaller_residuals(seed):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(30, 1)) + rng.normal(size=(30, 4))
    omega = omega_total(table).value
    assume(omega is not None)
    correlations = np.corrcoef(table, rowvar=False)
    off = ~np.eye(4, dtype=bool)

    def left(loadings):
        return ((correlations - np.outer(loadings, loadings))[off] ** 2).sum()

    start = np.array(omega.loadings)
    nearby = minimize(left, start, method="BFGS").fun
    assert left(start) <= nearby + 1e-9


def test_alpha_and_omega_agree_when_all_questions_are_equally_good():
    correlations = np.full((5, 5), 0.36)
    np.fill_diagonal(correlations, 1)
    table = people_with(correlations)

    assert omega_total(table).value.value == pytest.approx(cronbach_alpha(table).value.raw, abs=1e-9)


def test_a_factor_that_explains_too_much_or_a_search_without_rest_is_not_calculated(monkeypatch):
    # r12 = r13 = 0.8 and r23 = 0.5: the first loading squared would be 1.28.
    heywood = people_with(np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]]))

    assert "Heywood" in omega_total(heywood).not_calculated.reason
    monkeypatch.setattr("commonground.engine.surveys.reliability.ROUNDS", 1)
    assert "did not come to rest" in omega_total(heywood).not_calculated.reason


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ([[1, 2], [3]], "equally long rows"),
        ([1, 2], r"shape \(2,\)"),
        ([[1, float("inf")]], "infinite"),
    ],
)
def test_tables_that_are_none_are_refused(table, says):
    with pytest.raises(InputError, match=says):
        cronbach_alpha(table)


def test_other_choices_that_are_none_are_refused():
    with pytest.raises(InputError, match="confidence is 0"):
        cronbach_alpha(FOUR_PEOPLE, confidence=0)
    with pytest.raises(InputError, match="1 names for 2 questions"):
        item_analysis(FOUR_PEOPLE, names=["only"])
