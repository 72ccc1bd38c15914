from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.warning import FutureInformation, PastStudent, time_honest_splits


def student(name, cohort, *, checked=None, until=None, known=None):
    checked = checked or date(cohort, 10, 1)
    return PastStudent(name, cohort, checked, until or checked, known or date(cohort + 1, 6, 1))


def test_a_cohort_is_tried_with_what_was_known_before_it():
    # The outcome of 2021 is known in June 2022, after the first check of October 2021 of cohort 2021 itself.
    students = [student("a", 2020), student("b", 2021), student("c", 2022)]

    splits = time_honest_splits(students)

    assert [(split.cohort, split.learn_from, split.try_on) for split in splits] == [
        (2021, (0,), (1,)),
        (2022, (0, 1), (2,)),
    ]


def test_an_outcome_known_too_late_teaches_nothing():
    students = [student("a", 2020, known=date(2024, 6, 1)), student("b", 2021)]

    assert time_honest_splits(students) == ()


def test_a_student_in_both_cohorts_is_left_out_of_the_earlier():
    students = [student("a", 2020), student("b", 2020), student("a", 2021)]

    (split,) = time_honest_splits(students)

    assert split.learn_from == (1,)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"until": date(2020, 10, 2)}, "position 0: the check of 2020-10-01 reads data up to 2020-10-02"),
        ({"known": date(2020, 9, 1)}, "the outcome was known on 2020-09-01, before the check"),
    ],
)
def test_looking_into_the_future_is_refused(options, says):
    with pytest.raises(FutureInformation, match=says):
        time_honest_splits([student("a", 2020, **options)])


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(2015, 2025)), max_size=30))
def test_no_split_learns_from_what_it_is_tried_on(rows):
    students = [student(str(name), cohort) for name, cohort in rows]

    for split in time_honest_splits(students):
        first = min(students[place].checked_on for place in split.try_on)
        assert all(students[place].known_on < first for place in split.learn_from)
        assert not {students[p].student for p in split.learn_from} & {students[p].student for p in split.try_on}
