"""Segregation by ordered categories and by income rank."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from tests.engine.integration.tables import tables

from commonground.engine.integration import ordinal_segregation, rank_order_segregation, theil_h
from commonground.engine.integration.ordinal import _moments
from commonground.engine.values import InputError


def bits(share):
    return 0.0 if share in (0, 1) else -(share * np.log2(share) + (1 - share) * np.log2(1 - share))


def test_ordinal_variance_by_hand():
    # Thresholds at 1/2 in all (4 x 1/4 = 1 each); one unit at 3/4, 3/4, the other at 1/4, 1/4 (3/4 each): 1 - 3/4.
    assert ordinal_segregation([[3, 0, 1], [1, 0, 3]], variation="variance").value == pytest.approx(0.25, abs=1e-15)


@given(tables(st.just(2)))
def test_two_ordered_categories_are_two_groups(counts):
    assert ordinal_segregation(counts).value == pytest.approx(theil_h(counts).value, abs=1e-9)


def test_rank_order_of_fully_sorted_schools_is_1():
    assert rank_order_segregation(np.eye(8) * 5).value == pytest.approx(1, abs=1e-9)
    assert rank_order_segregation(np.eye(8) * 5, index="variance").value == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize(("index", "variation"), [("information", bits), ("variance", lambda p: 4 * p * (1 - p))])
def test_rank_order_agrees_with_polyfit_and_numerical_integration(index, variation, weighted):
    counts = np.array([[9, 7, 4, 2, 1, 1], [2, 3, 5, 5, 6, 4], [1, 1, 3, 6, 8, 9]])
    below = counts.cumsum(axis=1)[:, :-1]
    overall = below.sum(axis=0) / counts.sum()
    weights = counts.sum(axis=1) / counts.sum()
    at = [
        1 - sum(w * variation(c) for w, c in zip(weights, below[:, k] / counts.sum(axis=1), strict=True)) / variation(p)
        for k, p in enumerate(overall)
    ]
    trust = [variation(p) for p in overall] if weighted else None
    fitted = np.poly1d(np.polyfit(overall, at, 3, w=trust))
    expected = quad(lambda p: fitted(p) * variation(p), 0, 1)[0] / quad(variation, 0, 1)[0]

    result = rank_order_segregation(counts, index=index, degree=3, weighted=weighted)

    assert result.value == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("degree", range(6))
def test_moments_are_the_integrals_they_stand_for(degree):
    information = quad(lambda p: 2 * np.log(2) * bits(p) * p**degree, 0, 1)[0]
    variance = quad(lambda p: 6 * p * (1 - p) * p**degree, 0, 1)[0]

    assert _moments("information", degree)[degree] == pytest.approx(information, abs=1e-8)
    assert _moments("variance", degree)[degree] == pytest.approx(variance, abs=1e-8)


def test_empty_brackets_change_nothing():
    counts = np.array([[9, 7, 4, 2], [1, 2, 8, 9]])
    wider = np.insert(np.insert(counts, 2, 0, axis=1), 0, 0, axis=1)

    wide, narrow = (rank_order_segregation(table, degree=2).value for table in (wider, counts))

    assert wide == pytest.approx(narrow, abs=1e-9)


def test_too_few_thresholds_are_not_calculated():
    result = rank_order_segregation([[3, 1, 1], [1, 1, 3]])

    assert result.value is None
    assert "at least 5 different thresholds" in result.not_calculated.reason


def test_unknown_choices_are_refused():
    with pytest.raises(InputError, match="variation is 'gini'"):
        ordinal_segregation([[1, 2]], variation="gini")
    with pytest.raises(InputError, match="index is 'gini'"):
        rank_order_segregation([[1, 2]], index="gini")
    with pytest.raises(InputError, match="degree of the polynomial is -1"):
        rank_order_segregation([[1, 2]], degree=-1)
