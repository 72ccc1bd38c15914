"""What a market refuses, and how it reads names."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.assignment import (
    Applicant,
    Block,
    Program,
    build_market,
    deferred_acceptance,
    draw_numbers,
    market_of,
    with_ceilings,
    with_overlapping_reserves,
    with_reserves,
)
from commonground.engine.assignment.lottery import in_order
from commonground.engine.assignment.market import layout
from commonground.engine.values import InputError

ONE = [Program("arts", 1)]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Block(-1), "seats in a block is -1; give a whole number from 0"),
        (lambda: with_reserves("arts", 2, {"north": 0.5}), "seats in a block is 0.5"),
        (lambda: with_reserves("arts", None, {}), "'arts': its capacity is None"),
        (lambda: Program("", 1), "a program has no name"),
        (lambda: Block(1, "north", "lost"), "not 'lost'"),
        (lambda: Program("arts", -1), "'arts': its capacity is -1"),
        (lambda: Program("arts", 3, (Block(1), Block(1))), "add up to 2 seats and its capacity is 3"),
        (lambda: Program("arts", 0, (Block(0),) * 16), "it has 16 blocks"),
        (lambda: Program("arts", 1, rule="whim"), "rule 'whim' is unknown"),
        (lambda: Program("arts", 1, (Block(1),), "ceilings"), "every block names its category"),
        (lambda: with_reserves("arts", 2, {"north": 3}), "'arts': 3 reserved seats, capacity 2"),
        (lambda: with_overlapping_reserves("arts", 2, {"W": 2, "D": 1}), "3 reserved seats, capacity 2"),
    ],
)
def test_a_program_that_cannot_be_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"programs": ONE * 2, "choices": [[0]]}, "same name"),
        ({"choices": [0]}, r"shape \(1,\)"),
        ({"choices": np.zeros((2, 0))}, "at least one choice"),
        ({"choices": [[0], [3]]}, "applicant 1 asks for program number 3"),
        ({"choices": [[0, 0]]}, "applicant 0 lists program 'arts' twice"),
        ({"choices": [[-1, 0]]}, "applicant 0 has a gap"),
        ({"choices": [[0]], "classes": [[0, 1]]}, "classes have shape"),
        ({"choices": [[0]], "classes": [[0.5]]}, "whole numbers"),
        ({"choices": [[0]], "classes": [[-2]]}, "from -1"),
        ({"choices": [[0]], "classes": [[2**30]]}, "from -1"),
        ({"choices": [[0]], "members": [[0, 1]]}, "members have shape"),
        ({"choices": [[0]], "names": ["a", "b"]}, "2 different names for 1"),
        ({"choices": [[0], [0]], "names": ["a", "a"]}, "1 different names for 2"),
        ({"choices": [[0]], "families": [[1]]}, "families have shape"),
        ({"choices": [[0], [0, 1]]}, "choices: rows differ in length"),
        ({"choices": [[np.nan]]}, "choices must be whole numbers; one is missing"),
        ({"choices": [[0.5]]}, "choices must be whole numbers"),
        ({"choices": None}, "choices must be whole numbers"),
        ({"choices": [["arts"]]}, "choices must be whole numbers"),
        ({"choices": [[0]], "members": [[-1]]}, "members run from 0 to 255"),
        ({"choices": [[0]], "members": [[256]]}, "members run from 0 to 255"),
        ({"choices": [[0]], "families": [1.5]}, "families must be whole numbers"),
    ],
)
def test_a_market_that_cannot_be_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        build_market(**{"programs": ONE, **arguments})


def test_whole_numbers_written_with_a_point_are_whole():
    assert build_market(ONE, [[0.0], [-1.0]]).choices.tolist() == [[0], [-1]]


def test_two_ceilings_for_one_applicant_are_refused():
    with pytest.raises(InputError, match="falls under two ceilings"):
        market_of([Applicant("a", ("arts",), ("N", "S"))], [with_ceilings("arts", 2, {"N": 1, "S": 1})])


def test_many_classes_and_many_blocks_need_wider_numbers():
    blocks = tuple(Block(1, f"c{number}") for number in range(9))
    market = market_of([Applicant("a", ("arts",), ("c8",), {"arts": 500})], [Program("arts", 9, blocks)])

    assert market.classes.dtype == np.int32
    assert market.members.dtype == np.uint16
    assert market.members[0, 0] == 1 << 8
    assert market.name(0) == "a"


def test_a_program_without_reserves_of_its_own_kind_still_has_room():
    assert layout((Program("arts", 2, rule="ceilings"),)).start.tolist() == [0, 3]


def test_families_are_told_apart_from_applicants_of_the_same_name():
    people = [Applicant("a", ("arts",)), Applicant("b", ("arts",), family="a"), Applicant("c", ("arts",), family="a")]

    assert market_of(people, ONE).families.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("lottery", "message"),
    [
        (None, "applicants '0' and '1' have the same priority at program 'arts'; give lottery numbers"),
        ([1, 1], "every lottery number may be drawn once"),
        ([[0, 1, 2]] * 2, r"lottery numbers have shape \(2, 3\)"),
        ([-1, 0], "run from 0"),
        ([0, 2**31], "run from 0"),
        ([0.5, 1], "lottery numbers must be whole numbers"),
        ([0, np.nan], "lottery numbers must be whole numbers"),
        (["first", "second"], "lottery numbers must be whole numbers"),
    ],
)
def test_a_lottery_that_decides_nothing_is_refused(lottery, message):
    with pytest.raises(InputError, match=message):
        deferred_acceptance(build_market([*ONE, Program("stem", 1)], [[0, 1], [0, 1]]), lottery)


def test_equal_numbers_are_fine_where_classes_decide():
    assert deferred_acceptance(build_market(ONE, [[0], [0]], classes=[[1], [0]]), [5, 5]).position.tolist() == [-1, 0]


@pytest.mark.parametrize("is_multiple", [False, True])
def test_children_of_a_family_draw_neighboring_numbers(is_multiple):
    market = build_market(ONE, [[0]] * 30, families=[*range(15), *range(15)])

    numbers = draw_numbers(market, seed=3, is_multiple=is_multiple)[:, 0]

    assert sorted(numbers.tolist()) == list(range(30))
    assert (numbers[15:] - numbers[:15] == 1).all()


def test_the_same_seed_gives_the_same_numbers_and_another_draw_does_not():
    market = build_market(ONE, [[0]] * 50)

    first, again, other = (draw_numbers(market, seed=3, draw=draw) for draw in (0, 0, 1))

    assert (first == again).all()
    assert (first != other).any()


@given(
    st.integers(0, 40).flatmap(
        lambda count: st.tuples(
            st.lists(st.integers(0, 4), min_size=count, max_size=count),
            st.lists(st.integers(-1, 3), min_size=count, max_size=count),
            st.lists(st.integers(0, 200), min_size=count, max_size=count, unique=True)
            | st.lists(st.integers(0, 5), min_size=count, max_size=count),
        )
    ),
    st.sampled_from([1, 20_000]),
)
def test_the_quick_order_is_that_of_program_class_and_number(columns, far):
    program, classes, numbers = (np.array(column, np.int32) for column in columns)

    assert in_order(program * far, classes, numbers).tolist() == np.lexsort((numbers, classes, program)).tolist()


def test_a_number_that_comes_twice_is_seen_whether_near_or_far_apart():
    market = build_market([Program("x", 1)], [[0], [0], [0]])

    for numbers in ([0, 1, 1], [0, 10**9, 10**9]):
        with pytest.raises(InputError, match="drawn once"):
            deferred_acceptance(market, numbers)
    assert deferred_acceptance(market, [5, 10**9, 0]).position.tolist() == [-1, -1, 0]
