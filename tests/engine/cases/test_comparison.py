"""When an answer counts as the expected one."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.cases.perturbation import perturbations

from commonground.engine.cases.comparison import differences
from commonground.engine.values import Explanation, NotCalculated, Result


def result(value, not_calculated=None):
    return Result(value, Explanation("made up"), not_calculated=not_calculated)


@pytest.mark.parametrize(
    ("expected", "actual", "tolerance"),
    [
        (0.6, 0.6000001, 1e-6),
        (0.6, np.float64(0.6), None),
        (3, Fraction(3), 0),
        (3, Decimal("3.00"), 0),
        (3, 3.0, None),
        (True, np.bool_(True), 0),
        ("7/12", Fraction(7, 12), None),
        ("2", 2, None),
        ("7/12", "7/12", None),
        ("sealed  bids", "sealed bids", None),
        (None, None, 1e-9),
        (None, NotCalculated("too few"), 1e-9),
        ("not_calculated", NotCalculated("too few"), 1e-9),
        ("not_calculated", "not_calculated", 1e-9),
        (None, result(None, NotCalculated("too few")), 1e-9),
        ([1, [2, "a"]], (1, [2, "a"]), None),
        ([1, 2], np.array([1, 2]), None),
        ({"0": 1}, {0: 1, 1: 2}, None),
        ({"D": 0.5}, result({"D": 0.5}), None),
        ({"pairs_at_least": 632, "seconds_at_most": 1, "note": "x"}, {"pairs": 645}, None),
        ({"ratio_at_most": 1.04}, {"ratio_at_most": 1.0}, None),
    ],
)
def test_these_agree(expected, actual, tolerance):
    assert differences(expected, actual, tolerance=tolerance) == []


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (None, 0),
        (None, 0.0),
        (None, "not_calculated"),
        ("not_calculated", 0),
        (0, None),
        (0, NotCalculated("too few")),
        (0.5, "0.5"),
        (0.5, float("nan")),
        (0.5, float("inf")),
        (1, True),
        (True, 1),
        (False, None),
        ("7/12", 7 / 12),
        ("7/12", Fraction(1, 2)),
        ("word", 3),
        ([1], [1, 2]),
        ([1], 1),
        ({"D": 1}, 1),
        ({"D": 1}, {"H": 1}),
        ({"pairs_at_least": 646}, {"pairs": 645}),
        ({"pairs_at_least": 1}, {"pairs": True}),
        ({"pairs_at_least": 1}, {"pairs": None}),
        ({"ratio_at_most": 1.0}, {"ratio": 1.1}),
        ({"pairs_at_least": 1}, {}),
        ({"a": {"b": 1}}, {"a": {"b": 2}}),
        ({"a": {"b": 1}}, {"a": 3}),
    ],
)
def test_these_differ(expected, actual):
    assert differences(expected, actual, tolerance=1e-9)


def test_the_place_of_a_difference_is_named():
    assert differences({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}) == ["a[1].b: expected 2, got 3"]


values = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.floats(-9, 9) | st.sampled_from(["one word", "1/3"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_a_value_agrees_with_itself_and_with_no_changed_copy(value):
    assert differences(value, value, tolerance=1e-9) == []
    for changed in perturbations(value, value, 1e-9):
        assert differences(changed, value, tolerance=1e-9)
