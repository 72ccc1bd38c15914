"""Small random grouping tasks."""

import numpy as np
from hypothesis import strategies as st

from commonground.engine.grouping import Wishes, grouping_task


@st.composite
def tasks(draw, *, with_wishes=True, most=9):
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=3))
    count = sum(sizes)
    students = st.integers(0, count - 1)
    attributes = {
        name: draw(st.lists(st.sampled_from("xyz"), min_size=count, max_size=count)) for name in ("district", "grade")
    }
    numbers = {"pretest": draw(st.lists(st.integers(0, 9), min_size=count, max_size=count))}
    wishes = Wishes()
    if with_wishes:
        friends = draw(st.dictionaries(students, st.lists(students, min_size=1, max_size=2, unique=True), max_size=3))
        wishes = Wishes(
            together=draw(st.lists(st.lists(students, min_size=2, max_size=2, unique=True), max_size=1)),
            apart=draw(st.lists(st.lists(students, min_size=2, max_size=3, unique=True), max_size=2)),
            not_alone=draw(st.sampled_from(((), ("district",)))),
            friends={one: [f for f in who if f != one] for one, who in friends.items() if any(f != one for f in who)},
            preferences=draw(st.none() | st.just(np.arange(count * len(sizes)).reshape(count, len(sizes)) % 3)),
        )
    return grouping_task(sizes, attributes=attributes, numbers=numbers, weights={"grade": 0.5}, wishes=wishes)


def dealt(task, seed):
    return np.random.default_rng(seed).permutation(np.repeat(np.arange(task.group_count), task.sizes))
