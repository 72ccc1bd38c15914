"""Indices of two and of many groups."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.integration.tables import FOUR_SCHOOLS, schools, tables

from commonground.engine.integration import (
    INDICES,
    atkinson,
    atkinson_index,
    contributions,
    dissimilarity,
    dissimilarity_of_pairs,
    entropy,
    exposure_matrix,
    gini,
    interaction,
    isolation,
    measure,
    multigroup_dissimilarity,
    multigroup_gini,
    multigroup_normalized_exposure,
    mutual_information,
    normalized_exposure,
    normalized_exposure_by_group,
    relative_diversity,
    squared_coefficient_of_variation,
    theil_h,
)
from commonground.engine.values import InputError

TWO = [name for name, index in INDICES.items() if index.groups == 2]
EVENNESS = [name for name in INDICES if name not in ("isolation", "interaction", "mutual_information")]


def test_dissimilarity_by_hand():
    # Shares of the first group 0.6 and 0.4, of the second 0.2 and 0.8: half of 0.4 + 0.4.
    result = dissimilarity([[60, 10], [40, 40]])

    assert result.value == pytest.approx(0.4, abs=1e-15)
    assert result.explanation.source == "Duncan & Duncan 1955"
    assert result.explanation.steps[:3] == ("unit 0: 60, 10", "unit 1: 40, 40", "group totals: 100, 50")


def test_a_long_table_is_explained_by_its_totals():
    assert dissimilarity([[1, 1]] * 20).explanation.steps[:2] == ("20 units", "group totals: 20, 20")


def test_exposure_by_hand():
    # A member of the first group meets it at 30/40 or 10/40: 30/40 of them the one, 10/40 the other.
    assert isolation([[30, 10], [10, 30]]).value == 30 / 40 * 30 / 40 + 10 / 40 * 10 / 40
    assert interaction([[30, 10], [10, 30]]).value == 30 / 40 * 10 / 40 + 10 / 40 * 30 / 40
    # Isolation 0.625 where an even spread gives 0.5: an eighth of the one half that is possible.
    assert normalized_exposure_by_group([[30, 10], [10, 30]]).value[0].value == 0.25


def test_theil_h_by_hand():
    # One school of the first group alone, one half and half: entropy ln 2 x (weighted 0 and 2/3), overall 2/3 : 1/3.
    whole = -(2 / 3 * math.log(2 / 3) + 1 / 3 * math.log(1 / 3))
    inside = 2 / 3 * math.log(2)

    assert mutual_information([[10, 0], [10, 10]]).value == pytest.approx(whole - inside, abs=1e-15)
    assert theil_h([[10, 0], [10, 10]]).value == pytest.approx(1 - inside / whole, abs=1e-15)


def test_schools_of_the_year_2000_have_the_published_values():
    # README of the R package `segregation`: M 0.426, H 0.419.
    _, groups, counts = schools("schools00.csv")

    assert mutual_information(counts).value == pytest.approx(0.426, abs=5e-4)
    assert theil_h(counts).value == pytest.approx(0.419, abs=5e-4)
    white_black = dissimilarity_of_pairs(counts).value[groups.index("white")][groups.index("black")]
    assert white_black == dissimilarity(counts[:, [groups.index("white"), groups.index("black")]]).value


@given(tables())
def test_multigroup_gini_is_the_mean_difference_over_all_pairs_of_units(counts):
    units, overall = counts.sum(axis=1), counts.sum(axis=0) / counts.sum()
    differ = (overall * (1 - overall)).sum()
    inside = [row / t if t else row for row, t in zip(counts, units, strict=True)]
    pairs = product(range(len(counts)), repeat=2)
    expected = sum(units[u] * units[v] * np.abs(inside[u] - inside[v]).sum() for u, v in pairs)

    assert multigroup_gini(counts).value == pytest.approx(expected / (2 * counts.sum() ** 2 * differ), abs=1e-9)


@given(tables(st.just(2)))
def test_two_group_gini_and_atkinson_agree_with_brute_force(counts):
    (a, b), total = counts.sum(axis=0), 0.0
    for u, v in product(counts, repeat=2):
        total += abs(u[0] * v[1] - v[0] * u[1])

    assert gini(counts).value == pytest.approx(total / (2 * a * b), abs=1e-9)
    # At a half the Atkinson index is 1 less the squared overlap of the two groups' distributions.
    overlap = np.sqrt(counts[:, 0] * counts[:, 1]).sum()
    assert atkinson(counts).value == pytest.approx(1 - overlap**2 / (a * b), abs=1e-9)


@given(tables(st.just(2)))
def test_with_two_groups_the_family_meets_the_two_group_indices(counts):
    assert multigroup_dissimilarity(counts).value == pytest.approx(dissimilarity(counts).value, abs=1e-9)
    assert multigroup_gini(counts).value == pytest.approx(gini(counts).value, abs=1e-9)
    for same in (multigroup_normalized_exposure, relative_diversity, squared_coefficient_of_variation):
        assert same(counts).value == pytest.approx(normalized_exposure(counts).value, abs=1e-9)


@given(tables())
def test_exposure_of_a_group_sums_to_one(counts):
    for row, total in zip(exposure_matrix(counts).value, counts.sum(axis=0), strict=True):
        if total:
            assert sum(row) == pytest.approx(1, abs=1e-12)
        else:
            assert set(row) == {None}


@pytest.mark.parametrize("name", sorted(INDICES))
@given(counts=tables(st.just(2)))
def test_an_empty_unit_another_order_and_a_split_of_alike_units_change_nothing(name, counts):
    index = INDICES[name]
    before = measure(counts, index).value
    changed = [np.vstack([counts, [0, 0]]), counts[::-1], np.vstack([counts * 1, counts]) * 3]

    for other in changed:
        after = measure(other, index).value
        assert after == (None if before is None else pytest.approx(before, abs=1e-9))


@pytest.mark.parametrize("name", EVENNESS)
def test_evenness_is_0_when_all_units_are_alike_and_1_when_no_two_groups_share_one(name):
    index = INDICES[name]
    spread = [[5, 5, 5, 5, 5, 5], [10] * 6] if index.groups is None else [[5, 5], [10, 10]]

    assert measure(spread, index).value == pytest.approx(0, abs=1e-9)
    assert measure(np.diag(spread[0]), index).value == pytest.approx(1, abs=1e-9)


@given(tables())
def test_a_group_without_students_changes_nothing(counts):
    wider = np.hstack([counts, np.zeros((len(counts), 1))])

    for name in EVENNESS:
        if INDICES[name].groups is None and not name.startswith(("rank_order", "ordinal")):
            assert measure(wider, INDICES[name]).value == pytest.approx(measure(counts, INDICES[name]).value, abs=1e-9)


@pytest.mark.parametrize("name", sorted(INDICES))
def test_an_undefined_index_is_not_calculated_rather_than_zero(name):
    index = INDICES[name]
    empty = [[0, 0], [0, 0]]
    second_only = [[0, 3], [0, 4]]

    result = measure(empty, index)
    assert result.value is None
    assert result.not_calculated.reason == index.undefined
    assert result.explanation.steps[-1] == f"not calculated: {index.undefined}"
    if name != "mutual_information":
        assert measure(second_only, index).value is None


def test_with_one_group_m_is_zero_and_h_is_undefined():
    assert mutual_information([[3], [4]]).value == 0
    assert theil_h([[3], [4]]).value is None


def test_a_group_without_students_has_no_exposure():
    assert exposure_matrix([[1, 0], [1, 0]]).value == ((1.0, 0.0), (None, None))
    assert normalized_exposure_by_group([[1, 0], [1, 0]]).value == (None, None)
    assert dissimilarity_of_pairs([[1, 0], [1, 0]]).value == ((0.0, None), (None, None))
    assert dissimilarity_of_pairs([[0, 0]]).not_calculated.reason == "there are no students"


def test_parts_of_a_seat_count_as_they_are():
    assert dissimilarity([[0.5, 0], [0, 0.25]]).value == 1
    assert dissimilarity([[0.5, 0], [0, 0.25]]).explanation.inputs["students"] == 0.75


def test_entropy_by_hand_and_of_nobody():
    assert entropy([5, 5]).value == pytest.approx(math.log(2), abs=1e-15)
    assert entropy([0, 0]).not_calculated.reason == "there are no students"


@pytest.mark.parametrize("index", ["mutual_information", "theil_h", "dissimilarity", "normalized_exposure"])
@given(counts=tables(st.just(2)))
def test_contributions_sum_to_their_index(index, counts):
    each = contributions(counts, index=index).value

    whole = measure(counts, INDICES[index]).value
    assert sum(unit.value for unit in each) == pytest.approx(whole, abs=1e-9)
    assert all((unit.share is None) == (sum(u.value for u in each) == 0) for unit in each)


@pytest.mark.parametrize("index", ["mutual_information", "theil_h", "dissimilarity", "normalized_exposure"])
def test_contributions_to_an_undefined_index_are_not_calculated(index):
    assert contributions([[0, 0], [0, 0]], index=index).not_calculated.reason == INDICES[index].undefined


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ([[1, 2], [3]], "equally long rows"),
        ([["a", 2]], "must be a table of numbers"),
        ([1, 2], r"shape \(2,\)"),
        ([[]], r"shape \(1, 0\)"),
        ([[1, 2, 3]], "3 columns; this index compares exactly 2"),
        ([[1, 2], [None, 4]], "unit 1, group 0 .* is missing"),
        ([[1, float("inf")]], "unit 0, group 1 .* is missing"),
        ([[1, -2]], "unit 0, group 1 .* is negative"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_place(counts, says):
    with pytest.raises(InputError, match=says):
        dissimilarity(counts)


def test_a_shape_outside_0_to_1_and_an_index_that_is_no_sum_are_refused():
    with pytest.raises(InputError, match="shape of the Atkinson"):
        atkinson_index(1.0)
    with pytest.raises(InputError, match="no sum over units"):
        contributions(FOUR_SCHOOLS, index="gini")
