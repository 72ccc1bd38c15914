"""How much of a small school's number to believe."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.disparity import shrunken_means, shrunken_rates
from commonground.engine.values import InputError

HITS = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]


def test_published_batting_averages():
    # Efron & Morris 1975: Clemente 0.400 becomes 0.294 (0.290 by their arcsine scale), the mean is 0.265.
    result = shrunken_rates(HITS, [45] * 18).value

    assert result.mean == pytest.approx(0.265, abs=5e-4)
    assert result.schools[0].raw == 0.4
    assert result.schools[0].value == pytest.approx(0.294, abs=5e-4)


def test_shrinking_by_hand():
    # Mean 15, squares 25 + 9 + 1 + 81 = 116, error variance 4: drawn by (4 - 3) x 4 / 116 of the way.
    result = shrunken_means([10, 12, 14, 24], [2, 2, 2, 2]).value

    assert result.schools[0].value == pytest.approx(10 + 5 * 4 / 116)
    assert result.schools[0].reliability == pytest.approx(1 - 4 / 116)
    assert result.true_sd == pytest.approx(np.sqrt(116 / 3 - 4))


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(0.5, 9)), min_size=4, max_size=9))
def test_a_shrunken_value_lies_between_the_raw_one_and_the_mean(schools):
    values, errors = zip(*schools, strict=True)
    result = shrunken_means(values, errors).value

    for school in result.schools:
        low, high = sorted((school.raw, result.mean))
        assert low - 1e-9 <= school.value <= high + 1e-9
        assert 0 <= school.reliability <= 1
        assert school.interval.low <= school.value <= school.interval.high


def test_the_less_certain_school_is_drawn_further():
    result = shrunken_rates([5, 50, 100, 400], [10, 100, 500, 1000]).value

    kept = [school.reliability for school in result.schools]
    assert kept == sorted(kept)


def test_a_school_without_students_has_none_and_changes_nothing():
    without, with_one = shrunken_rates([5, 3, 2, 9], [10] * 4), shrunken_rates([5, 0, 3, 2, 9], [10, 0, 10, 10, 10])

    assert with_one.value.schools[1].raw is None
    assert with_one.value.schools[0] == without.value.schools[0]


def test_chance_alone_is_said_to_be_no_true_difference():
    result = shrunken_means([10, 10.1, 9.9, 10], [5, 5, 5, 5]).value

    assert result.true_sd == 0


def test_the_search_for_the_true_spread_ends(monkeypatch):
    monkeypatch.setattr("commonground.engine.disparity.shrinkage.ROUNDS", 1)

    assert shrunken_means([10, 12, 14, 30], [2, 1, 3, 2]).value.true_sd > 0


def test_too_few_schools_or_all_alike_are_not_calculated():
    assert "too few" in shrunken_means([1, 2, 3], [1, 1, 1]).not_calculated.reason
    assert "too few" in shrunken_rates([0, 0], [0, 0]).not_calculated.reason
    assert "rate of 0 or 1" in shrunken_rates([0] * 4, [5] * 4).not_calculated.reason


def test_numbers_that_are_none_are_refused():
    with pytest.raises(InputError, match="position 1 is not above 0"):
        shrunken_means([1, 2, 3, 4], [1, 0, 1, 1])
    with pytest.raises(InputError, match="give both for each school"):
        shrunken_rates([1], [1, 2])
    with pytest.raises(InputError, match="school 1: 3 events among 2"):
        shrunken_rates([1, 3], [1, 2])
