"""Answers that were hardly read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.surveys import careless_answers
from commonground.engine.values import InputError


def test_a_straight_line_and_a_fast_person_by_hand():
    table = [[3, 3, 3, 3, 3], [3, 3, 3, 2, 3], [4, 4, None, 4, 4]]

    straight, nearly, gap = careless_answers(table, seconds=[5, 60, None], least_questions=5).value

    assert (straight.longest_run, straight.is_straight, straight.is_fast) == (5, True, True)
    assert (nearly.longest_run, nearly.is_straight, nearly.is_fast) == (3, False, False)
    assert (gap.longest_run, gap.is_straight, gap.is_fast, gap.missing_share) == (2, False, None, 0.2)


@pytest.mark.parametrize(("seconds", "is_fast"), [(9.9, True), (10, False), (10.1, False)])
def test_two_seconds_an_answer_are_enough(seconds, is_fast):
    assert careless_answers([[1, 2, 3, 4, 5]], seconds=[seconds]).value[0].is_fast is is_fast


def test_a_person_without_answers_is_neither_straight_nor_fast():
    (nobody,) = careless_answers([[None, None]], seconds=[1], least_questions=2).value

    assert (nobody.longest_run, nobody.is_straight, nobody.is_fast, nobody.missing_share) == (0, False, None, 1)


@given(st.lists(st.sampled_from([1, 2, None]), min_size=1, max_size=12))
def test_the_longest_run_is_that_of_the_written_out_answers(row):
    written = "".join({1: "a", 2: "b", None: "-"}[answer] for answer in row)
    longest = max((n for n in range(len(row) + 1) if "a" * n in written or "b" * n in written), default=0)

    assert careless_answers([row]).value[0].longest_run == longest


def test_times_and_lengths_that_are_none_are_refused():
    with pytest.raises(InputError, match="one answer alone is no line"):
        careless_answers([[1, 2]], least_questions=1)
    with pytest.raises(InputError, match="for 1 people"):
        careless_answers([[1, 2]], seconds=[1, 2])
    with pytest.raises(InputError, match="from 0"):
        careless_answers([[1, 2]], seconds=np.array([-1.0]))


def test_time_below_zero_is_refused():
    with pytest.raises(InputError, match="least_seconds is -1"):
        careless_answers([[1, 2]], seconds=[3], least_seconds=-1)
