"""Wishes that cannot all be met are found, and named, before anything is solved."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from commonground.engine.grouping.task import Task
from commonground.engine.values import InputError

MOST_WORK = 20.0  # in CP-SAT's deterministic seconds, the same on every machine


class ImpossibleWishes(InputError):
    """Wishes that no grouping can meet. conflicts: one sentence for each that was found."""

    def __init__(self, conflicts: Iterable[str]) -> None:
        self.conflicts = tuple(conflicts)
        super().__init__("; ".join(self.conflicts))


def blocks_of(task: Task) -> list[list[int]]:
    """Students who must share a group, everyone in exactly one block; a block of one has no such wish."""
    parent = list(range(task.student_count))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for block in task.wishes.together:
        for other in block[1:]:
            parent[root(other)] = root(block[0])
    blocks: dict[int, list[int]] = {}
    for student in range(task.student_count):
        blocks.setdefault(root(student), []).append(student)
    return list(blocks.values())


def conflicts(task: Task) -> list[str]:
    """Sentences for wishes that contradict each other or the rooms; empty when none was found.

    Found are: a block larger than every group, a block locked to two groups, apart inside a block, apart but locked
    together, more locked students than a group has places, and more students who must all be kept apart than groups.

    >>> from commonground.engine.grouping import Wishes, grouping_task
    >>> wishes = Wishes(apart=((0, 1), (1, 2), (0, 2)))
    >>> conflicts(grouping_task([2, 2], attributes={"district": ["W", "W", "S", "S"]}, wishes=wishes))
    ['students [0, 1, 2] must all be apart from each other, and there are 2 groups']
    """
    blocks, wishes, found = blocks_of(task), task.wishes, []
    block_of = {student: number for number, block in enumerate(blocks) for student in block}
    largest = int(task.sizes.max())
    for block in blocks:
        groups = {wishes.locks[student] for student in block if student in wishes.locks}
        if len(block) > largest:
            found.append(f"students {block} must share a group, and the largest group has {largest} places")
        if len(groups) > 1:
            found.append(f"students {block} must share a group and are locked to groups {sorted(groups)}")
    enemies: dict[int, set[int]] = {number: set() for number in range(len(blocks))}
    for one, other in _apart(task):
        if block_of[one] == block_of[other]:
            found.append(f"students {one} and {other} must be apart and must share a group")
        elif one in wishes.locks and wishes.locks[one] == wishes.locks.get(other):
            found.append(f"students {one} and {other} must be apart and are both locked to group {wishes.locks[one]}")
        else:
            enemies[block_of[one]].add(block_of[other])
            enemies[block_of[other]].add(block_of[one])
    for group in sorted(set(wishes.locks.values())):
        locked = {s for block in blocks for s in block if any(wishes.locks.get(one) == group for one in block)}
        if len(locked) > task.sizes[group]:
            found.append(f"{len(locked)} students belong to group {group}, which has {task.sizes[group]} places")
    clique = _clique(enemies, more_than=task.group_count)
    if clique:
        students = sorted(blocks[number][0] for number in clique)
        found.append(f"students {students} must all be apart from each other, and there are {task.group_count} groups")
    return found


def _apart(task: Task) -> list[tuple[int, int]]:
    pairs = {(min(a, b), max(a, b)) for block in task.wishes.apart for a in block for b in block if a != b}
    return sorted(pairs)


def _clique(enemies: dict[int, set[int]], *, more_than: int) -> set[int]:
    """A set of mutual enemies with more members than asked for, or the empty set (Bron & Kerbosch 1973)."""
    open_sets: list[tuple[set[int], set[int]]] = [(set(), {one for one in enemies if len(enemies[one]) >= more_than})]
    while open_sets:
        chosen, possible = open_sets.pop()
        if len(chosen) > more_than:
            return chosen
        possible = set(possible)
        while possible and len(chosen) + len(possible) > more_than:
            one = possible.pop()
            open_sets.append((chosen | {one}, possible & enemies[one]))
    return set()


def first_grouping(task: Task, *, most_work: float = MOST_WORK) -> NDArray[np.int64]:
    """A grouping that keeps every "together", "apart" and lock, found exactly.

    Raises ImpossibleWishes when there is none, InputError when neither could be shown within the work allowed.
    Uses OR-Tools' CP-SAT with one worker and a fixed seed.
    """
    from ortools.sat.python import cp_model

    blocks = blocks_of(task)
    block_of = {student: number for number, block in enumerate(blocks) for student in block}
    model = cp_model.CpModel()
    here = [[model.new_bool_var("") for _ in range(task.group_count)] for _ in blocks]
    for block, places in zip(blocks, here, strict=True):
        model.add_exactly_one(places)
        for student in block:
            if student in task.wishes.locks:
                model.add(places[task.wishes.locks[student]] == 1)
    for group in range(task.group_count):
        filled = sum(len(block) * places[group] for block, places in zip(blocks, here, strict=True))
        model.add(filled == int(task.sizes[group]))
        for one, other in _apart(task):
            model.add_at_most_one(here[block_of[one]][group], here[block_of[other]][group])
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = most_work
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        raise ImpossibleWishes(
            ["the wishes to be together, apart and locked cannot all be met with these group sizes; drop one of them"]
        )
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise InputError("it could not be shown whether these wishes can be met; drop some of together, apart or locks")
    found = np.empty(task.student_count, np.int64)
    for block, places in zip(blocks, here, strict=True):
        found[block] = next(number for number, place in enumerate(places) if solver.value(place))
    return found
