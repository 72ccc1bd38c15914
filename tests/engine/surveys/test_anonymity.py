"""Which groups may be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.surveys import may_show_open_text, shown_groups
from commonground.engine.values import InputError


def test_a_small_group_takes_the_next_smallest_with_it():
    groups = shown_groups({"A": 4, "B": 12, "C": 31}).value

    assert (groups.shown, groups.hidden, groups.merged_count) == (("C",), ("A", "B"), 16)


def test_two_small_groups_that_reach_the_threshold_need_no_third():
    groups = shown_groups({"A": 3, "B": 2, "C": 31}).value

    assert (groups.shown, groups.merged_count) == (("C",), 5)


def test_two_small_groups_below_the_threshold_take_a_third():
    assert shown_groups({"A": 1, "B": 2, "C": 31, "D": 9}).value.hidden == ("A", "B", "D")


def test_a_group_nobody_answered_in_hides_nothing():
    groups = shown_groups({"A": 0, "B": 12, "C": 31}).value

    assert (groups.shown, groups.hidden, groups.empty) == (("B", "C"), (), ("A",))


def test_when_even_all_are_too_few_there_is_no_merged_group():
    assert shown_groups({"A": 2, "B": 1}).value.merged_count is None
    assert shown_groups({"A": 4}).value.merged_count is None


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 40), max_size=8), st.integers(2, 12))
def test_subtracting_what_is_shown_never_reveals_a_small_number(answers, threshold):
    groups = shown_groups(answers, threshold=threshold).value

    assert {*groups.shown, *groups.hidden, *groups.empty} == set(answers)
    assert all(answers[name] >= threshold for name in groups.shown)
    left = sum(answers.values()) - sum(answers[name] for name in groups.shown)
    assert left == 0 or not groups.shown or (left >= threshold and len(groups.hidden) > 1)


@pytest.mark.parametrize(("responses", "shown"), [(9, False), (10, True), (11, True)])
def test_open_text_needs_ten(responses, shown):
    assert may_show_open_text(responses).value is shown


def test_counts_that_are_none_are_refused():
    with pytest.raises(InputError, match="group of one"):
        shown_groups({"A": 4}, threshold=1)
    with pytest.raises(InputError, match="A: the number of answers is -1"):
        shown_groups({"A": -1})
    with pytest.raises(InputError, match="B: the number of answers is None"):
        shown_groups({"A": 1, "B": None})
    with pytest.raises(InputError, match="responses is -1"):
        may_show_open_text(-1)
    with pytest.raises(InputError, match="threshold is 1; give a whole number from 2"):
        may_show_open_text(9, threshold=1)
