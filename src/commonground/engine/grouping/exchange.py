"""Exchange annealing: two students of different groups change places, many times, ever more carefully.

The state is a table of whole counts (group x level), so a trial costs a few additions whatever the number of students.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from commonground.engine.compiled import jit
from commonground.engine.grouping.task import HARD, Task

ALONE, LONELY = 4.0, 1.0
LAST_TEMPERATURE, TINY, FEW = 0.002, 1e-9, 500
WORD = 0xFFFFFFFF


@jit
def next_random(state):  # type: ignore[no-untyped-def]
    """The next of 2**32 - 1 states (xorshift: Marsaglia 2003); whole numbers only, the same compiled or not."""
    state ^= (state << 13) & WORD
    state ^= state >> 17
    return state ^ ((state << 5) & WORD)


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """The wishes of a task as arrays for the loop.

    pair_start, pair_other, pair_cost: for each student those it is tied to; a positive cost counts when they are
    apart, a negative one (as positive) when they share a group. friend_start, friend_other: whom each student named;
    namer_start, namer_other: who named each student. preference: cost per student and group, width 0 for none.
    alone: per column, whether nobody may be the only one.
    """

    pair_start: NDArray[np.int64]
    pair_other: NDArray[np.int64]
    pair_cost: NDArray[np.float64]
    friend_start: NDArray[np.int64]
    friend_other: NDArray[np.int64]
    namer_start: NDArray[np.int64]
    namer_other: NDArray[np.int64]
    preference: NDArray[np.float64]
    alone: NDArray[np.bool_]


def _lists(edges: list[tuple[int, int, float]], count: int) -> tuple[NDArray, NDArray, NDArray]:
    edges = sorted(edges)
    start = np.searchsorted(np.array([one for one, _, _ in edges], np.int64), np.arange(count + 1))
    other = np.array([other for _, other, _ in edges], np.int64)
    return start.astype(np.int64), other, np.array([cost for _, _, cost in edges], np.float64)


def terms_of(task: Task) -> Terms:
    """The wishes of a task as arrays."""
    wishes, count = task.wishes, task.student_count
    tied: dict[tuple[int, int], float] = {}
    for blocks, cost in ((wishes.together, HARD), (wishes.apart, -HARD)):
        for block in blocks:
            for one, other in combinations(sorted(set(block)), 2):
                tied[one, other] = tied[other, one] = cost
    pairs = _lists([(one, other, cost) for (one, other), cost in tied.items()], count)
    named = [(one, friend, 0.0) for one, friends in wishes.friends.items() for friend in friends]
    friends, namers = _lists(named, count), _lists([(friend, one, 0.0) for one, friend, _ in named], count)
    width = (count, 0)
    total = np.bincount(task.codes.ravel(), minlength=len(task.labels))
    return Terms(
        *pairs,
        *friends[:2],
        *namers[:2],
        preference=np.zeros(width) if wishes.preferences is None else np.array(wishes.preferences, float),
        alone=np.array([name in wishes.not_alone for name, _ in task.labels], bool) & (total > 1),
    )


@jit
def _wish_cost(one, group, pair_start, pair_other, pair_cost):  # type: ignore[no-untyped-def]
    cost = 0.0
    for at in range(pair_start[one], pair_start[one + 1]):
        is_same = group[pair_other[at]] == group[one]
        if pair_cost[at] > 0 and not is_same:
            cost += pair_cost[at]
        if pair_cost[at] < 0 and is_same:
            cost -= pair_cost[at]
    return cost


@jit
def _is_lonely(one, group, friend_start, friend_other):  # type: ignore[no-untyped-def]
    for at in range(friend_start[one], friend_start[one + 1]):
        if group[friend_other[at]] == group[one]:
            return False
    return friend_start[one] < friend_start[one + 1]


@jit
def _loneliness(one, other, group, friend_start, friend_other, namer_start, namer_other):  # type: ignore[no-untyped-def]
    """How many of the two and of those who named them have no named friend with them; some count twice."""
    lonely = 0
    for student in (one, other):
        if _is_lonely(student, group, friend_start, friend_other):
            lonely += 1
        for at in range(namer_start[student], namer_start[student + 1]):
            namer = namer_other[at]
            if namer in (one, other):
                continue
            is_first = student == one or not _named(namer, one, friend_start, friend_other)
            if is_first and _is_lonely(namer, group, friend_start, friend_other):
                lonely += 1
    return lonely


@jit
def _named(one, other, friend_start, friend_other):  # type: ignore[no-untyped-def]
    found = False
    for at in range(friend_start[one], friend_start[one + 1]):
        found = found or friend_other[at] == other
    return found


@jit
def swap_change(  # type: ignore[no-untyped-def]
    one,
    other,
    group,
    codes,
    weights,
    deviation,
    count,
    numbers,
    number_weights,
    sums,
    sizes,
    pair_start,
    pair_other,
    pair_cost,
    friend_start,
    friend_other,
    namer_start,
    namer_other,
    preference,
    alone,
):
    """By how much the whole cost changes when two students of different groups change places."""
    here, there = group[one], group[other]
    change = 0.0
    for attribute in range(codes.shape[1]):
        mine, theirs = codes[one, attribute], codes[other, attribute]
        if mine == theirs:
            continue
        change += (
            2.0
            * weights[mine]
            * (
                deviation[there, mine]
                - deviation[here, mine]
                + deviation[here, theirs]
                - deviation[there, theirs]
                + 2.0
            )
        )
        if alone[mine]:
            change += ALONE * ((count[here, mine] == 2) * 1.0 - (count[here, mine] == 1))
            change += ALONE * ((count[there, mine] == 0) * 1.0 - (count[there, mine] == 1))
        if alone[theirs]:
            change += ALONE * ((count[there, theirs] == 2) * 1.0 - (count[there, theirs] == 1))
            change += ALONE * ((count[here, theirs] == 0) * 1.0 - (count[here, theirs] == 1))
    for column in range(numbers.shape[1]):
        moved = numbers[other, column] - numbers[one, column]
        change += number_weights[column] * (
            (2.0 * sums[here, column] + moved) * moved / sizes[here]
            - (2.0 * sums[there, column] - moved) * moved / sizes[there]
        )
    if preference.shape[1]:
        change += preference[one, there] + preference[other, here] - preference[one, here] - preference[other, there]
    has_pairs, has_friends = pair_other.size > 0, friend_other.size > 0
    if has_pairs or has_friends:
        for sign in (-1.0, 1.0):
            if has_pairs:
                change += sign * _wish_cost(one, group, pair_start, pair_other, pair_cost)
                change += sign * _wish_cost(other, group, pair_start, pair_other, pair_cost)
            if has_friends:
                change += (
                    sign * LONELY * _loneliness(one, other, group, friend_start, friend_other, namer_start, namer_other)
                )
            group[one], group[other] = group[other], group[one]
    return change


@jit
def exchange(  # type: ignore[no-untyped-def]
    group,
    home,
    most_moves,
    free,
    codes,
    weights,
    deviation,
    count,
    numbers,
    number_weights,
    sums,
    sizes,
    pair_start,
    pair_other,
    pair_cost,
    friend_start,
    friend_other,
    namer_start,
    namer_other,
    preference,
    alone,
    trials,
    hottest,
    coldest,
    seed,
    kept,
):
    """Anneal by exchanges; `group` and the tables are changed in place, `kept` becomes the best grouping there was.

    Returns by how much the cost of the best one lies below that of the first.

    home, most_moves: at no time are more than so many students away from home; most_moves < 0 for no limit.
    free: students who may move. deviation, count: shape (groups, columns). sums: of the numbers per group.
    trials: how many exchanges are tried, the last tenth of them only accepted when nothing gets worse. The best one is
    looked for from the start among up to 500 students, else in the second half.
    """
    state, moved = seed, 0
    cost = best = 0.0
    kept[:] = group
    looked_for = 0 if group.size <= FEW else trials // 2
    for student in range(group.size):
        moved += group[student] != home[student]
    annealed = trials - trials // 10
    temperature, steps = hottest, max(1, annealed // 200)
    cooling = (coldest / hottest) ** (1.0 / 200.0)
    for trial in range(trials):
        if cost < best - TINY and trial >= looked_for:
            best = cost
            kept[:] = group
        if trial % steps == 0:
            temperature *= cooling
        state = next_random(state)
        one = free[(state * free.size) >> 32]
        state = next_random(state)
        other = free[(state * free.size) >> 32]
        here, there = group[one], group[other]
        if here == there:
            continue
        if most_moves >= 0:
            after = moved - (here != home[one]) - (there != home[other]) + (there != home[one]) + (here != home[other])
            if after > most_moves:
                continue
        change = swap_change(
            one,
            other,
            group,
            codes,
            weights,
            deviation,
            count,
            numbers,
            number_weights,
            sums,
            sizes,
            pair_start,
            pair_other,
            pair_cost,
            friend_start,
            friend_other,
            namer_start,
            namer_other,
            preference,
            alone,
        )
        if change > TINY:
            if trial >= annealed or change > 15.0 * temperature:
                continue
            state = next_random(state)
            if state > WORD * np.exp(-change / temperature):
                continue
        elif trial >= annealed and change > -TINY:
            continue
        cost += change
        if most_moves >= 0:
            moved = after
        group[one], group[other] = there, here
        for attribute in range(codes.shape[1]):
            mine, theirs = codes[one, attribute], codes[other, attribute]
            if mine != theirs:
                deviation[here, mine] -= 1.0
                deviation[there, mine] += 1.0
                deviation[here, theirs] += 1.0
                deviation[there, theirs] -= 1.0
                count[here, mine] -= 1
                count[there, mine] += 1
                count[here, theirs] += 1
                count[there, theirs] -= 1
        for column in range(numbers.shape[1]):
            step = numbers[other, column] - numbers[one, column]
            sums[here, column] += step
            sums[there, column] -= step
    if cost < best - TINY:
        best = cost
        kept[:] = group
    return best


def tables_of(task: Task, group: NDArray[np.int64]) -> tuple[NDArray, NDArray, NDArray]:
    """Deviations from the ideal, counts, and sums of the numbers of each group."""
    count = np.zeros((task.group_count, len(task.labels)), np.int64)
    for attribute in range(task.codes.shape[1]):
        np.add.at(count, (group, task.codes[:, attribute]), 1)
    sums = np.zeros((task.group_count, task.numbers.shape[1]))
    np.add.at(sums, group, task.numbers)
    return count - task.ideal, count, sums


def cost_in_numpy(task: Task, group: NDArray[np.int64]) -> float:
    """The whole cost of a grouping, from its definition: the oracle of `swap_change`.

    Weighted squared deviations of counts, size-weighted squared means of the standardized numbers and half of that for
    their squares, 20 per broken pair, 4 per student alone, 1 per student without a named friend, and preferences.
    """
    deviation, count, sums = tables_of(task, group)
    wishes = task.wishes
    cost = float((task.weights * deviation**2).sum() + (task.number_weights * sums**2 / task.sizes[:, None]).sum())
    pairs = {frozenset(pair): True for block in wishes.together for pair in combinations(set(block), 2)}
    pairs |= {frozenset(pair): False for block in wishes.apart for pair in combinations(set(block), 2)}
    for (one, other), is_together in ((tuple(pair), kept) for pair, kept in pairs.items()):
        cost += HARD * ((group[one] == group[other]) != is_together)
    cost += ALONE * float((count[:, terms_of(task).alone] == 1).sum())
    cost += LONELY * sum(
        all(group[friend] != group[one] for friend in friends) for one, friends in wishes.friends.items()
    )
    if wishes.preferences is not None:
        cost += float(np.asarray(wishes.preferences)[np.arange(len(group)), group].sum())
    return cost


def exchange_in_numpy(
    task: Task,
    group: NDArray[np.int64],
    home: NDArray[np.int64],
    *,
    most_moves: int,
    free: NDArray[np.int64],
    trials: int,
    hottest: float,
    seed: int,
) -> NDArray[np.int64]:
    """The same annealing with the whole cost worked out again at every trial: the oracle of `exchange`."""
    group, state = group.copy(), seed
    cost = best = cost_in_numpy(task, group)
    kept = group.copy()
    looked_for = 0 if len(group) <= FEW else trials // 2
    annealed = trials - trials // 10
    temperature, steps = hottest, max(1, annealed // 200)
    for trial in range(trials):
        if cost < best - TINY and trial >= looked_for:
            best, kept = cost, group.copy()
        if trial % steps == 0:
            temperature *= (LAST_TEMPERATURE / hottest) ** (1.0 / 200.0)
        state = next_random(state)
        one = free[(state * len(free)) >> 32]
        state = next_random(state)
        other = free[(state * len(free)) >> 32]
        if group[one] == group[other]:
            continue
        group[one], group[other] = group[other], group[one]
        change = cost_in_numpy(task, group) - cost
        is_wanted = 0 <= most_moves < (group != home).sum()
        if is_wanted or (trial >= annealed and change > -TINY) or change > 15.0 * temperature:
            group[one], group[other] = group[other], group[one]
            continue
        if change > TINY:
            state = next_random(state)
            if state > WORD * np.exp(-change / temperature):
                group[one], group[other] = group[other], group[one]
                continue
        cost += change
    return group.copy() if cost < best - TINY else kept
