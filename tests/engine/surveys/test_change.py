"""Before and after, of the same people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from commonground.engine.surveys import matched_change
from commonground.engine.values import InputError

# Hours of extra sleep of ten patients under two drugs (Student 1908).
FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_published_change():
    result = matched_change(dict(enumerate(FIRST)), dict(enumerate(SECOND)))

    assert result.value.mean_change == pytest.approx(1.58)
    assert result.value.t == pytest.approx(4.0621, abs=5e-5)
    assert result.value.p_value == pytest.approx(0.002833, abs=5e-7)
    assert (result.interval.low, result.interval.high) == pytest.approx((0.7001, 2.4599), abs=5e-5)


scores = st.lists(st.floats(-9, 9).map(lambda score: round(score, 2)), min_size=2, max_size=8)


@given(scores, scores)
def test_it_agrees_with_scipy(before, after):
    pairs = list(zip(before, after, strict=False))
    change = matched_change(dict(enumerate(before)), dict(enumerate(after))).value
    if change.t is None:
        return
    expected = ttest_rel([b for _, b in pairs], [a for a, _ in pairs])

    assert (change.t, change.p_value) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-6, abs=1e-9)
    assert change.effect == pytest.approx(change.t / len(pairs) ** 0.5)


def test_only_people_who_answered_both_times_are_compared_and_the_others_named():
    change = matched_change({"a": 1, "b": 2, "c": 9, "d": None}, {"d": 4, "b": 4, "a": 2, "e": float("nan")}).value

    assert (change.mean_change, change.matched, change.before_count, change.after_count) == (1.5, 2, 3, 3)
    assert (change.only_before, change.only_after, change.before_mean_of_leavers) == (("c",), ("d",), 9)


def test_equal_changes_have_no_test():
    result = matched_change({"a": 1, "b": 2, "c": 3}, {"a": 1.1, "b": 2.1, "c": 3.1})

    assert result.value.mean_change == pytest.approx(0.1)
    assert (result.value.t, result.value.p_value, result.value.effect) == (None, None, None)
    assert result.value.before_mean_of_leavers is None


def test_one_matched_person_is_not_calculated():
    assert "1 people answered both times" in matched_change({"a": 1, "b": 1}, {"a": 2}).not_calculated.reason


def test_scores_that_are_none_are_refused():
    with pytest.raises(InputError, match="after: the score at position 1 is no number"):
        matched_change({"a": 1}, {"a": 1, "b": "often"})
    with pytest.raises(InputError, match="confidence is 2"):
        matched_change({"a": 1}, {"a": 1}, confidence=2)
