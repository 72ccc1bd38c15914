"""What each school adds."""

import math

import pytest
from hypothesis import given
from scipy.stats import hypergeom
from tests.engine.integration.tables import tables

from commonground.engine.integration import local_segregation, mutual_information
from commonground.engine.values import InputError


def test_local_segregation_by_hand():
    # All students are half and half. A school of one group: ln 2. One of 3 : 1: 0.75 ln 1.5 + 0.25 ln 0.5.
    first, _, third = local_segregation([[4, 0], [0, 8], [12, 4], [0, 4]]).value[:3]

    assert first.value == pytest.approx(math.log(2), abs=1e-15)
    assert third.value == pytest.approx(0.75 * math.log(1.5) + 0.25 * math.log(0.5), abs=1e-15)
    assert (first.weight, first.expected) == (4 / 32, None)


@given(tables())
def test_the_mean_of_local_segregation_is_m(counts):
    units = local_segregation(counts).value

    assert sum(u.weight * (u.value or 0) for u in units) == pytest.approx(mutual_information(counts).value, abs=1e-9)


def test_the_expected_value_is_that_of_the_hypergeometric_distribution():
    counts = [[3, 1], [10, 10], [2, 4]]
    first, whole = 15, 30

    def exact(size):
        chance = hypergeom(whole, first, size)
        return sum(
            chance.pmf(k) * sum(n / size * math.log(n / size / 0.5) for n in (k, size - k) if n)
            for k in range(size + 1)
        )

    units = local_segregation(counts, draws=4000, seed=7).value

    for unit, row in zip(units, counts, strict=True):
        assert unit.expected == pytest.approx(exact(sum(row)), rel=0.06)


def test_an_empty_unit_has_no_local_segregation_and_nobody_has_any():
    units = local_segregation([[3, 1], [0, 0]], draws=5, seed=1).value

    assert (units[1].value, units[1].expected, units[1].weight) == (None, None, 0)
    assert local_segregation([[0, 0]]).not_calculated.reason == "there are no students"


def test_draws_need_a_seed_and_whole_students():
    with pytest.raises(InputError, match="seed is missing"):
        local_segregation([[3, 1]], draws=5)
    with pytest.raises(InputError, match="not a whole number of students"):
        local_segregation([[0.5, 1]], draws=5, seed=1)


def test_draws_below_zero_are_refused():
    with pytest.raises(InputError, match="draws is -5"):
        local_segregation([[3, 1], [1, 3]], draws=-5, seed=1)
