"""Balanced groups: solve, place late arrivals, move at most a few, and explain what could not be met."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from commonground.engine.grouping.exchange import (
    LAST_TEMPERATURE,
    WORD,
    cost_in_numpy,
    exchange,
    swap_change,
    tables_of,
    terms_of,
)
from commonground.engine.grouping.feasible import ImpossibleWishes, conflicts, first_grouping
from commonground.engine.grouping.report import Balance, Cell, balance_of, cells
from commonground.engine.grouping.task import Task, Wishes, checked_group
from commonground.engine.values import Explanation, InputError, whole_numbers

GENTLE = 0.5


@dataclass(frozen=True, slots=True)
class Unmet:
    """A wish that is not met. cheapest: the two students whose exchange would meet it at the least cost, and what the
    whole cost would rise by; None when no single exchange does."""

    wish: str
    cheapest: tuple[int, int, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Groups and why they are as they are.

    group: of each student, from 0. cost: see `cost_in_numpy`. unmet: wishes not met; never a hard one.
    """

    task: Task
    group: NDArray[np.int64]
    cost: float
    balance: Balance
    unmet: tuple[Unmet, ...]
    explanation: Explanation

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Count, ideal and the whole numbers around it, for each group and level."""
        return cells(self.task, self.group)


def balance_groups(
    task: Task, *, seed: int, trials_per_student: int | None = None, starts: int | None = None
) -> Grouping:
    """Groups in which every attribute and number is spread as evenly as whole students allow.

    The same task and seed always give the same groups. trials_per_student: exchanges tried; None chooses by size.
    starts: how often to begin again; the best is kept; None chooses by size.
    Raises ImpossibleWishes when together, apart and locks cannot all be met: before solving where `conflicts` sees it,
    else when annealing leaves one broken and an exact search proves it. A hard wish is never left broken.
    Raises InputError for fewer than one start or a negative number of trials.
    Method: simulated annealing by exchanges (Kirkpatrick, Gelatt & Vecchi 1983) on integer counts.

    >>> from commonground.engine.grouping import grouping_task
    >>> task = grouping_task([2, 2], attributes={"district": ["W", "W", "S", "S"]})
    >>> groups = balance_groups(task, seed=1)
    >>> groups.balance.avoidable, groups.explanation.inputs["attributes seen"]
    (0, 'district')
    """
    trials_per_student, starts = _effort(task, trials_per_student, starts)
    if starts < 1 or trials_per_student < 0:
        raise InputError(f"{starts} starts of {trials_per_student} trials per student; give at least 1 and 0")
    is_hard = bool(task.wishes.together or task.wishes.apart or task.wishes.locks)
    found = conflicts(task) if is_hard else []
    if found:
        raise ImpossibleWishes(found)
    made: list[tuple[int, float, NDArray[np.int64]]] = []
    for start in range(starts):
        state = _state(seed, start)
        group = _dealt(task, state)
        _anneal(task, group, state, trials_per_student, hottest=6.0 if is_hard or task.wishes.friends else 2.0)
        made.append((_broken(task, group), cost_in_numpy(task, group), group))
    best = min(made, key=lambda one: one[:2])
    if best[0]:
        # At this temperature no gain of balance outweighs a hard wish: what the exact search met stays met.
        group = first_grouping(task)
        _anneal(task, group, _state(seed, starts), trials_per_student, hottest=GENTLE)
        best = (_broken(task, group), cost_in_numpy(task, group), group)
    return _result(task, best[2], seed=seed, what="Balanced groups by exchange annealing")


def improve(grouping: Grouping, *, most_moves: int, seed: int, trials_per_student: int = 1000) -> Grouping:
    """The same groups made better by moving at most so many students. Raises InputError below 0.

    >>> from commonground.engine.grouping import grouping_task, grouping_of
    >>> task = grouping_task([2, 2], attributes={"district": ["W", "W", "S", "S"]})
    >>> improve(grouping_of(task, [0, 0, 1, 1]), most_moves=2, seed=1).balance.avoidable
    0
    """
    if most_moves < 0:
        raise InputError(f"at most {most_moves} moves; give 0 or more")
    group = grouping.group.copy()
    _anneal(grouping.task, group, _state(seed, 0), trials_per_student, hottest=GENTLE, most_moves=most_moves)
    if (_broken(grouping.task, group), cost_in_numpy(grouping.task, group)) >= (
        _broken(grouping.task, grouping.group),
        grouping.cost,
    ):
        group = grouping.group
    moved = int((group != grouping.group).sum())
    return _result(grouping.task, group, seed=seed, what=f"Groups improved by moving {moved} of at most {most_moves}")


def place_late(task: Task, group: Sequence[int], *, capacities: Sequence[int]) -> Grouping:
    """Groups with late arrivals placed one by one where they cost least; nobody else moves.

    task: of everyone, late arrivals last; its sizes are what the groups will be measured against. group: of those who
    were there before. capacities: places per group. Raises InputError when there are too few places, groups that the task
    does not have, or more in a group already than it has places.

    >>> from commonground.engine.grouping import grouping_task
    >>> task = grouping_task([2, 2], attributes={"district": ["W", "S", "W", "S"]})
    >>> place_late(task, [0, 0], capacities=[4, 4]).group.tolist()
    [0, 0, 1, 1]
    """
    placed = whole_numbers(group, name="groups").tolist()
    if len(capacities) != task.group_count or len(placed) > task.student_count:
        raise InputError(
            f"{len(capacities)} capacities and {len(placed)} placed students, for {task.group_count} groups and "
            f"{task.student_count} students; give one capacity per group, and the late arrivals last"
        )
    if not set(placed) <= set(range(task.group_count)):
        raise InputError(
            f"a student is in a group that is not there; groups are numbered from 0 to {task.group_count - 1}"
        )
    count = np.bincount(np.array(placed, np.int64), minlength=task.group_count)
    if (count > capacities).any():
        at = int(np.argmax(count > capacities))
        raise InputError(f"group {at} holds {count[at]} students and has {capacities[at]} places; correct one of them")
    for _ in range(len(placed), task.student_count):
        best: tuple[float, int] | None = None
        for candidate in range(task.group_count):
            if count[candidate] < capacities[candidate]:
                cost = _partial_cost(task, [*placed, candidate])
                best = (cost, candidate) if best is None or cost < best[0] - 1e-12 else best
        if best is None:
            raise InputError(f"no place left for student {len(placed)}; the groups hold {sum(capacities)}")
        placed.append(best[1])
        count[best[1]] += 1
    resized = replace(task, sizes=np.maximum(np.bincount(np.array(placed), minlength=task.group_count), 1))
    return _result(resized, np.array(placed, np.int64), seed=None, what="Late arrivals placed without moving anyone")


def grouping_of(task: Task, group: Sequence[int] | NDArray[np.int64]) -> Grouping:
    """A grouping made by hand or elsewhere, measured and explained. Raises InputError when it does not fit the sizes.

    group: the number of each student's group, from 0.

    >>> from commonground.engine.grouping import grouping_task
    >>> task = grouping_task([2, 2], attributes={"district": ["W", "W", "S", "S"]})
    >>> grouping_of(task, [0, 0, 1, 1]).balance.avoidable
    4
    """
    given = checked_group(task, group)
    held = np.bincount(given, minlength=task.group_count)
    if (held != task.sizes).any():
        at = int(np.argmax(held != task.sizes))
        raise InputError(f"group {at} holds {held[at]} students; its size is {task.sizes[at]}")
    return _result(task, given, seed=None, what="Groups as given")


def _effort(task: Task, trials_per_student: int | None, starts: int | None) -> tuple[int, int]:
    return (
        trials_per_student if trials_per_student is not None else (3000 if 500 < task.student_count <= 5000 else 1000),
        starts if starts is not None else (1 if task.student_count > 500 else 3),
    )


def _state(seed: int, start: int) -> int:
    """A nonzero start of the random numbers, far from that of the next seed."""
    return int(np.random.Philox(key=[seed % 2**64, start]).random_raw()) & WORD or 1


def _dealt(task: Task, state: int) -> NDArray[np.int64]:
    """Everyone in a random group of the right size, the locked ones in theirs."""
    group = np.full(task.student_count, -1, np.int64)
    for student, place in task.wishes.locks.items():
        group[student] = place
    left = task.sizes - np.bincount(group[group >= 0], minlength=task.group_count)
    places = np.repeat(np.arange(task.group_count), left)
    group[group < 0] = np.random.Generator(np.random.Philox(state)).permutation(places)
    return group


def _anneal(
    task: Task, group: NDArray[np.int64], state: int, per_student: int, *, hottest: float, most_moves: int = -1
) -> None:
    deviation, count, sums = tables_of(task, group)
    terms = terms_of(task)
    free = np.array([one for one in range(task.student_count) if one not in task.wishes.locks], np.int64)
    if not len(free):
        return
    kept = group.copy()
    exchange(
        group,
        group.copy(),
        most_moves,
        free,
        task.codes,
        task.weights,
        deviation,
        count,
        task.numbers,
        task.number_weights,
        sums,
        task.sizes,
        terms.pair_start,
        terms.pair_other,
        terms.pair_cost,
        terms.friend_start,
        terms.friend_other,
        terms.namer_start,
        terms.namer_other,
        terms.preference,
        terms.alone,
        per_student * task.student_count,
        hottest,
        LAST_TEMPERATURE,
        state,
        kept,
    )
    group[:] = kept


def _broken(task: Task, group: NDArray[np.int64]) -> int:
    """Hard wishes that are not kept, counted by pairs."""
    together = sum(group[one] != group[block[0]] for block in task.wishes.together for one in block)
    apart = sum(
        group[one] == group[other] for block in task.wishes.apart for one in block for other in block if one < other
    )
    return int(together + apart)


def _partial_cost(task: Task, group: list[int]) -> float:
    """The cost of those placed so far, measured against groups of their present sizes."""
    placed = np.array(group, np.int64)
    sizes = np.maximum(np.bincount(placed, minlength=task.group_count), 1)
    part = replace(
        task,
        codes=task.codes[: len(group)],
        numbers=task.numbers[: len(group)],
        sizes=sizes,
        wishes=_among(task, len(group)),
    )
    return cost_in_numpy(part, placed)


def _among(task: Task, count: int) -> Wishes:
    wishes = task.wishes
    return replace(
        wishes,
        together=[[one for one in block if one < count] for block in wishes.together],
        apart=[[one for one in block if one < count] for block in wishes.apart],
        friends={
            one: [friend for friend in friends if friend < count]
            for one, friends in wishes.friends.items()
            if one < count and any(friend < count for friend in friends)
        },
        preferences=None if wishes.preferences is None else np.asarray(wishes.preferences)[:count],
    )


def _unmet(task: Task, group: NDArray[np.int64]) -> list[Unmet]:
    wishes, found = task.wishes, []
    for student, friends in wishes.friends.items():
        if all(group[friend] != group[student] for friend in friends):
            targets = {int(group[friend]) for friend in friends}
            found.append(
                Unmet(f"student {student} with one of {list(friends)}", _cheapest(task, group, student, targets))
            )
    if wishes.preferences is not None:
        table = np.asarray(wishes.preferences, float)
        for student in np.flatnonzero(table[np.arange(len(group)), group] > table.min(axis=1)).tolist():
            liked = set(np.flatnonzero(table[student] == table[student].min()).tolist())
            found.append(Unmet(f"student {student} in group {sorted(liked)}", _cheapest(task, group, student, liked)))
    return found


def _cheapest(task: Task, group: NDArray[np.int64], student: int, targets: set[int]) -> tuple[int, int, float] | None:
    """The exchange that brings a student into one of the groups and raises the whole cost least; locks are kept."""
    if student in task.wishes.locks:
        return None
    deviation, count, sums = tables_of(task, group)
    terms, best = terms_of(task), None
    friends = set(task.wishes.friends.get(student, ()))
    for other in range(task.student_count):
        # Changing places with the friend itself would not bring the two together.
        if int(group[other]) not in targets or other in task.wishes.locks or other in friends:
            continue
        change = float(
            swap_change(
                student,
                other,
                group,
                task.codes,
                task.weights,
                deviation,
                count,
                task.numbers,
                task.number_weights,
                sums,
                task.sizes,
                terms.pair_start,
                terms.pair_other,
                terms.pair_cost,
                terms.friend_start,
                terms.friend_other,
                terms.namer_start,
                terms.namer_other,
                terms.preference,
                terms.alone,
            )
        )
        if best is None or change < best[2]:
            best = (student, other, change)
    return best


def _result(task: Task, group: NDArray[np.int64], *, seed: int | None, what: str) -> Grouping:
    balance, unmet = balance_of(task, group), tuple(_unmet(task, group))
    inputs: Mapping[str, object] = {
        "students": task.student_count,
        "groups": task.group_count,
        "attributes seen": ", ".join(task.attributes) or "none",
        "numbers seen": ", ".join(task.number_names) or "none",
        "nobody alone by": ", ".join(task.wishes.not_alone) or "nothing",
        "decision": "none" if task.decision is None else f"{task.decision.on}, {task.decision.reference}",
        "fingerprint": task.fingerprint,
    }
    steps = (
        f"squared deviations {balance.sum_sq:.3f}, least possible attribute by attribute {balance.bound:.3f}",
        f"{balance.avoidable} students avoidably misplaced; largest deviation {balance.largest_deviation:.2f} students",
        *(
            f"{name}: {share:.4%} of its variance lies between groups"
            for name, share in balance.between_group_share.items()
        ),
        f"{len(unmet)} wishes not met, {_broken(task, group)} pairs of hard wishes broken",
    )
    explanation = Explanation(what=what, inputs=inputs, steps=steps, rule="exchange annealing 1", seed=seed)
    return Grouping(task, group, cost_in_numpy(task, group), balance, unmet, explanation)
