"""Segregation between districts, between schools in a district, and so on."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.integration.tables import schools, tables

from commonground.engine.integration import between_within, mutual_information, nested_segregation, theil_h
from commonground.engine.values import InputError


def test_two_districts_by_hand():
    # District A is half and half with two schools fully apart (M ln 2), B has one mixed school; both are alike.
    # Between districts nothing; between schools: 20 of 40 students x ln 2.
    result = nested_segregation([[10, 0], [0, 10], [10, 10]], levels={"district": ["A", "A", "B"]})

    district, school = result.value.levels
    assert (district.name, district.units, district.m) == ("district", 2, pytest.approx(0, abs=1e-14))
    assert school.m == pytest.approx(math.log(2) / 2, abs=1e-15)
    assert (school.units, school.h, school.share) == (3, pytest.approx(0.5), pytest.approx(1))


def test_schools_of_the_year_2000_split_as_published():
    # README of the R package `segregation`: 0.0992 between states, 0.326 inside them.
    units, _, counts = schools("schools00.csv")
    levels = {"state": [u[0] for u in units], "district": [u[1] for u in units]}

    whole = nested_segregation(counts, levels=levels).value

    state, district, school = whole.levels
    assert state.m == pytest.approx(0.0992, abs=5e-5)
    assert district.m + school.m == pytest.approx(0.326, abs=5e-4)
    assert [level.units for level in whole.levels] == [3, len(set(levels["district"])), 2045]


@given(tables(), st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(0, 2)), min_size=6, max_size=6))
def test_the_terms_sum_to_the_whole_in_any_order_of_the_units(counts, labels):
    top, middle, low = (list(column)[: len(counts)] for column in zip(*labels, strict=True))

    whole = nested_segregation(counts, levels={"a": top, "b": middle, "c": low}).value

    assert sum(level.m for level in whole.levels) == pytest.approx(mutual_information(counts).value, abs=1e-12)
    assert sum(level.h for level in whole.levels) == pytest.approx(theil_h(counts).value, abs=1e-12)
    between = between_within(counts, parents=top).value
    assert whole.levels[0].m == pytest.approx(between.between, abs=1e-12)
    assert between.total == pytest.approx(whole.m, abs=1e-12)
    assert sum(part.weight for part in between.parts) == pytest.approx(1, abs=1e-12)


def test_equal_labels_under_different_parents_are_different_units():
    counts = [[10, 0], [0, 10]]

    same_name = nested_segregation(counts, levels={"state": ["A", "B"], "district": ["Lincoln", "Lincoln"]})

    assert [level.units for level in same_name.value.levels] == [2, 2, 2]


def test_without_levels_everything_lies_between_units():
    whole = nested_segregation([[10, 0], [0, 10]], levels={}).value

    assert [(level.name, level.m) for level in whole.levels] == [("school", whole.m)]


def test_one_group_has_no_h_and_nobody_nothing():
    levels = {"district": ["A", "B"]}

    whole = nested_segregation([[3], [4]], levels=levels).value
    nobody = nested_segregation([[0, 0], [0, 0]], levels=levels)

    assert (whole.m, whole.h, whole.levels[0].h, whole.levels[0].share) == (0, None, None, None)
    assert nobody.value is None
    assert nobody.not_calculated.reason == "there are no students"
    assert between_within([[0, 0]], parents=["A"]).not_calculated.reason == "there are no students"


def test_a_parent_with_one_group_has_no_h_and_an_empty_one_no_weight():
    parts = between_within([[3, 0], [2, 2], [0, 0]], parents=["A", "B", "C"]).value.parts

    assert [(part.parent, part.h, part.weight) for part in parts] == [
        ("A", None, 3 / 7),
        ("B", 0, 4 / 7),
        ("C", None, 0),
    ]


def test_labels_that_are_missing_or_too_few_and_a_name_used_twice_are_refused():
    with pytest.raises(InputError, match="district: the label of unit 1 is missing"):
        nested_segregation([[1, 2], [3, 4]], levels={"district": ["A", None]})
    with pytest.raises(InputError, match=r"district: \(1,\) labels for 2 units"):
        nested_segregation([[1, 2], [3, 4]], levels={"district": ["A"]})
    with pytest.raises(InputError, match="'school' like a level above"):
        nested_segregation([[1, 2]], levels={"school": ["A"]})


def test_many_levels_do_not_overflow():
    counts = np.arange(1, 65).reshape(32, 2)
    levels = {f"level {k}": list(range(32)) for k in range(20)}

    whole = nested_segregation(counts, levels=levels).value

    assert whole.levels[0].m == pytest.approx(whole.m, abs=1e-12)


def test_a_label_that_is_no_number_is_missing():
    with pytest.raises(InputError, match="district: the label of unit 1 is missing"):
        nested_segregation([[3, 1], [1, 3]], levels={"district": [0, math.nan]})
