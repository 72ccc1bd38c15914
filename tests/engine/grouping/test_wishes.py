"""Wishes are met, or named as impossible before anything is solved."""

import numpy as np
import pytest
from hypothesis import given, settings
from tests.engine.grouping.tasks import tasks

from commonground.engine.grouping import ImpossibleWishes, Wishes, balance_groups, conflicts, grouping_of, grouping_task
from commonground.engine.grouping import balance as balance_module
from commonground.engine.grouping.feasible import first_grouping
from commonground.engine.values import InputError


def task_of(sizes, wishes, attributes=None):
    count = sum(sizes)
    return grouping_task(sizes, attributes=attributes or {"grade": [0] * count}, wishes=wishes)


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        (Wishes(together=[[0, 1], [1, 2]]), r"students \[0, 1, 2\] must share a group, and the largest group has 2"),
        (Wishes(together=[[0, 1]], locks={0: 0, 1: 1}), r"locked to groups \[0, 1\]"),
        (Wishes(together=[[0, 1]], apart=[[0, 1]]), "students 0 and 1 must be apart and must share a group"),
        (Wishes(apart=[[0, 1]], locks={0: 1, 1: 1}), "are both locked to group 1"),
        (Wishes(locks={0: 1, 1: 1, 2: 1}), "3 students belong to group 1, which has 2 places"),
        (Wishes(together=[[0, 1], [2, 3]], locks={0: 1, 2: 1}), "4 students belong to group 1"),
        (Wishes(apart=[[0, 1, 2]]), r"students \[0, 1, 2\] must all be apart from each other, and there are 2 groups"),
    ],
)
def test_impossible_wishes_are_named_before_solving(monkeypatch, wishes, message):
    monkeypatch.setattr(balance_module, "exchange", None)

    with pytest.raises(ImpossibleWishes, match=message) as refused:
        balance_groups(task_of([2, 2], wishes), seed=1)

    assert len(refused.value.conflicts) == 1


def test_a_clique_hidden_among_other_wishes_is_found():
    # 0-1-2-3 all apart pair by pair, among pairs that are harmless; three groups.
    pairs = [[a, b] for a in range(4) for b in range(a)] + [[4, 0], [5, 1], [4, 5]]

    assert conflicts(task_of([3, 3, 3], Wishes(apart=pairs)))[0].startswith("students [0, 1, 2, 3]")


def test_what_only_a_search_can_see_is_still_refused():
    # A ring of five apart from the next: no three are mutual enemies, yet two groups are not enough.
    ring = [[one, (one + 1) % 5] for one in range(5)]
    task = task_of([3, 3], Wishes(apart=ring))

    assert conflicts(task) == []
    with pytest.raises(ImpossibleWishes, match="cannot all be met with these group sizes"):
        balance_groups(task, seed=1, trials_per_student=20)


def test_an_undecided_search_is_refused_too():
    task = task_of([10] * 4, Wishes(apart=[[one, one + 1] for one in range(39)]))

    with pytest.raises(InputError, match="could not be shown"):
        first_grouping(task, most_work=0.0)


def test_hard_wishes_are_kept_even_when_annealing_found_none():
    # So few trials that annealing cannot meet them: the exact search has to.
    wishes = Wishes(together=[[0, 1, 2], [3, 4]], apart=[[0, 3], [0, 5], [3, 5]], locks={6: 0})
    task = task_of([4, 4, 4], wishes, {"grade": [n % 3 for n in range(12)]})

    groups = balance_groups(task, seed=1, trials_per_student=0, starts=1)

    group = groups.group
    assert group[0] == group[1] == group[2]
    assert group[3] == group[4]
    assert len({int(group[one]) for one in (0, 3, 5)}) == 3
    assert group[6] == 0
    assert np.bincount(group).tolist() == [4, 4, 4]


@given(tasks())
@settings(deadline=None, max_examples=30)
def test_hard_wishes_hold_or_are_refused(task):
    try:
        groups = balance_groups(task, seed=1, trials_per_student=30)
    except ImpossibleWishes:
        return

    for block in task.wishes.together:
        assert len({int(groups.group[one]) for one in block}) == 1
    for block in task.wishes.apart:
        assert len({int(groups.group[one]) for one in block}) == len(block)
    assert (np.bincount(groups.group, minlength=task.group_count) == task.sizes).all()


def test_an_unmet_friend_comes_with_the_cheapest_exchange():
    # 0 wants 1. Exchanging 0 with 2 (who sits with 1) costs balance in grade; exchanging with 3 does not.
    task = task_of([3, 3], Wishes(friends={0: [1]}), {"grade": list("abcabc")})
    apart = grouping_of(task, [0, 1, 1, 1, 0, 0])

    (unmet,) = apart.unmet
    one, other, change = unmet.cheapest

    assert unmet.wish == "student 0 with one of [1]"
    assert (one, other) == (0, 3)
    # Same grade, so balance stays; one lonely student fewer.
    assert change == pytest.approx(-1.0)
    assert balance_groups(task, seed=1, trials_per_student=100).unmet == ()


def test_an_unmet_preference_names_the_groups_liked_best():
    preferences = np.zeros((4, 2))
    preferences[0] = [5, 0]
    task = task_of([2, 2], Wishes(preferences=preferences, locks={3: 1}))

    (unmet,) = grouping_of(task, [0, 0, 1, 1]).unmet

    assert unmet.wish == "student 0 in group [1]"
    assert unmet.cheapest == (0, 2, pytest.approx(-5.0))


def test_a_locked_student_has_no_exchange():
    task = task_of([2, 2], Wishes(friends={0: [2]}, locks={0: 0}))

    assert grouping_of(task, [0, 0, 1, 1]).unmet[0].cheapest is None
