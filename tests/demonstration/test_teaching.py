"""How grades are cut into sections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.demonstration.teaching import cut, homeroom_count, pools, section_count


@pytest.mark.parametrize(
    ("students", "count"),
    # 18 to 28 fill one section, 36 to 56 two; between 29 and 35 one is too large and two are too small.
    [(17, None), (18, 1), (28, 1), (29, None), (35, None), (36, 2), (56, 2), (57, 2 + 1), (473, 20)],
)
def test_sections_hold_18_to_28(students, count):
    assert section_count(students) == count


def test_a_grade_that_fills_no_section_joins_its_neighbor():
    # 10 seniors fill nothing; with 20 juniors they are 30, still nothing; with 24 sophomores they are 54: two of 27.
    by_grade = {"10": list(range(24)), "11": list(range(20)), "12": list(range(10))}

    assert [(grades, len(pool)) for grades, pool in pools(by_grade)] == [(("10", "11", "12"), 54)]


def test_homerooms_are_even_and_never_above_24():
    assert [len(part) for part in cut(list(range(50)), homeroom_count(50))] == [17, 17, 16]


@given(st.lists(st.integers(0, 300), min_size=1, max_size=7))
def test_pools_keep_every_student_and_fill_whole_sections(sizes):
    by_grade = {f"{grade:02d}": list(range(size)) for grade, size in enumerate(sizes, start=6)}

    done = pools(by_grade)

    assert sum(len(pool) for _, pool in done) == sum(sizes)
    if sum(sizes) >= 36:  # from two sections on, every number can be cut into sections of 18 to 28
        assert all(section_count(len(pool)) for _, pool in done)
