"""New groups every day, so that students meet as many peers from other districts as possible."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commonground.engine.compiled import jit
from commonground.engine.grouping.exchange import TINY, WORD, next_random
from commonground.engine.values import Explanation, InputError, whole_numbers

SAME_DISTRICT = 1.001
FIRST, LAST = 1.0, 0.02


@jit
def _pair_change(one, other, step, met, district, outside, weight):  # type: ignore[no-untyped-def]
    """Count one meeting more (step 1) or less (step -1) and say by how much the cost changes.

    A pair of one district costs a little more than 1 each time; a pair of two districts costs 0, 1, 2, ... for its
    first, second, third meeting. weight: what a further outside peer is worth to a student who has few.
    """
    if district[one] == district[other]:
        return SAME_DISTRICT * step
    before = met[one, other]
    met[one, other] = met[other, one] = before + step
    if step > 0:
        change = float(before)
        gained = 1 if before == 0 else 0
    else:
        change = -(before - 1.0)
        gained = -1 if before == 1 else 0
    if gained != 0 and weight > 0:
        for student in (one, other):
            change -= weight * gained / (1.0 + outside[student] + (gained - 1) // 2)
    outside[one] += gained
    outside[other] += gained
    return change


@jit
def _swap(day, at, to, seats, group_of_seat, met, district, outside, weight, seats_of_group):  # type: ignore[no-untyped-def]
    """Let two seats of one day change students; returns the change of cost."""
    change = 0.0
    for step in (-1, 1):
        for seat in (at, to):
            student = seats[day, seat]
            begin = seats_of_group[group_of_seat[seat]]
            end = seats_of_group[group_of_seat[seat] + 1]
            for beside in range(begin, end):
                if beside != seat:
                    change += _pair_change(student, seats[day, beside], step, met, district, outside, weight)
        if step < 0:
            seats[day, at], seats[day, to] = seats[day, to], seats[day, at]
    return change


@jit
def meet(seats, group_of_seat, seats_of_group, met, district, outside, weight, fixed_days, trials, seed):  # type: ignore[no-untyped-def]
    """Anneal a plan of days in place. seats: the student on each seat of each day, shape (days, students).

    met: how often two students of different districts meet; outside: different peers of other districts per student.
    fixed_days: the first so many days stay as they are. Returns the number of accepted exchanges.
    """
    days, students = seats.shape
    state, accepted = seed, 0
    annealed = trials - trials // 10
    temperature, steps = FIRST, max(1, annealed // 200)
    cooling = (LAST / FIRST) ** (1.0 / 200.0)
    for trial in range(trials):
        if trial % steps == 0:
            temperature *= cooling
        state = next_random(state)
        day = fixed_days + ((state * (days - fixed_days)) >> 32)
        state = next_random(state)
        at = (state * students) >> 32
        state = next_random(state)
        to = (state * students) >> 32
        if group_of_seat[at] == group_of_seat[to]:
            continue
        change = _swap(day, at, to, seats, group_of_seat, met, district, outside, weight, seats_of_group)
        is_kept = change <= TINY
        if change > TINY and trial < annealed and change < 15.0 * temperature:
            state = next_random(state)
            is_kept = state <= WORD * np.exp(-change / temperature)
        if is_kept:
            accepted += 1
        else:
            _swap(day, at, to, seats, group_of_seat, met, district, outside, weight, seats_of_group)
    return accepted


@dataclass(frozen=True, slots=True, eq=False)
class DayPlan:
    """Groups for each day.

    group: of each student on each day, shape (days, students). met_pairs: different pairs of two districts that share a
    group at least once; bound: the most there could be. new_peers: different peers from other districts per student;
    most_peers: the most each could meet. least_served: the students with the smallest share of what they could meet.
    """

    group: NDArray[np.int64]
    met_pairs: int
    bound: int
    repeats: int
    new_peers: NDArray[np.int64]
    most_peers: NDArray[np.int64]
    least_served: tuple[int, ...]
    explanation: Explanation


def pairs_bound(districts: ArrayLike, sizes: Sequence[int], *, days: int) -> int:
    """The most pairs of two districts that can share a group within so many days.

    The pairs there are, or days x (pairs in the groups of a day - pairs of one district that no spreading avoids),
    whichever is less. Each district spread as evenly as the groups allow is the least of it. districts: of each student,
    shape (students,). sizes: students per group. Raises InputError when sizes do not add up or there is no day.

    >>> pairs_bound([0, 0, 1, 1], [2, 2], days=1)
    2
    """
    district = _districts(districts)
    _check_sizes(sizes, students=len(district), days=days)
    return _pairs_bound(district, sizes, days=days)


def _pairs_bound(district: NDArray[np.int64], sizes: Sequence[int], *, days: int) -> int:
    people = np.bincount(district)
    everyone = len(district)
    available = (everyone * (everyone - 1) - int((people * (people - 1)).sum())) // 2
    per_day = sum(size * (size - 1) // 2 for size in sizes) - sum(_unavoidable(int(count), sizes) for count in people)
    return min(available, days * per_day)


def _districts(districts: ArrayLike) -> NDArray[np.int64]:
    """Districts numbered from 0. Raises InputError where one is missing or there is nobody."""
    given = np.asarray(districts)
    if given.ndim != 1 or not given.size:
        raise InputError(f"districts have shape {given.shape}; give one for each student")
    missing = [place for place, one in enumerate(given.tolist()) if one is None or one != one]
    if missing:
        raise InputError(f"the district of student {missing[0]} is missing; a student of none gets one of its own")
    return np.unique(given, return_inverse=True)[1].astype(np.int64)


def _check_sizes(sizes: Sequence[int], *, students: int, days: int) -> None:
    if sum(sizes) != students or min(sizes, default=0) < 1:
        raise InputError(f"group sizes {list(sizes)} are for {students} students; give sizes that add up")
    if days < 1:
        raise InputError(f"{days} days; give at least 1")


def _unavoidable(people: int, sizes: Sequence[int]) -> int:
    """Pairs of one district that share a group when it is spread as evenly as the groups have places."""
    held = [0] * len(sizes)
    for _ in range(people):
        held[min((g for g in range(len(sizes)) if held[g] < sizes[g]), key=held.__getitem__)] += 1
    return sum(one * (one - 1) // 2 for one in held)


def plan_days(
    districts: ArrayLike,
    sizes: Sequence[int],
    *,
    days: int,
    seed: int,
    trials_per_seat: int = 2000,
    starts: int = 6,
    favor_least_served: float = 0.0,
    earlier: ArrayLike | None = None,
) -> DayPlan:
    """Groups for each day in which as many different pairs of two districts as possible meet.

    districts: of each student; give every student a district of its own for groups without any repeated pair (the
    social golfer problem). sizes: students per group, the same every day. trials_per_seat: exchanges tried for each seat
    of each day; starts: how often to begin again when the bound was not reached, the best is kept. favor_least_served: above 0, a new peer
    counts more for a student who has met few. earlier: groups of days that have passed, shape (days, students); they
    stay and are counted.
    Raises InputError when sizes do not add up, there is no day, or earlier days do not fit.

    >>> plan = plan_days([0, 0, 1, 1], [2, 2], days=2, seed=1)
    >>> plan.met_pairs, plan.bound
    (4, 4)
    """
    district = _districts(districts)
    passed = np.empty((0, len(district)), np.int64) if earlier is None else np.array(earlier, np.int64)
    _check_sizes(sizes, students=len(district), days=days)
    if trials_per_seat < 1 or starts < 1:
        raise InputError(f"{trials_per_seat} trials per seat, {starts} starts; give at least 1 of each")
    if not 0 <= favor_least_served < np.inf:
        raise InputError(f"favor_least_served is {favor_least_served}; give 0 or more")
    if passed.shape[1:] != district.shape or any(
        (np.bincount(day, minlength=len(sizes)) != sizes).any() for day in passed
    ):
        raise InputError("the earlier days are for other students or other group sizes; give them in the same form")
    plans: list[DayPlan] = []
    while len(plans) < starts and not any(plan.met_pairs == plan.bound for plan in plans):
        random = np.random.Generator(np.random.Philox(key=[seed % 2**64, len(plans)]))
        group = _annealed(district, sizes, passed, days, random, trials_per_seat, favor_least_served)
        plans.append(_plan(group, district, sizes, seed=seed))
    return max(plans, key=lambda plan: (plan.met_pairs, favor_least_served * int(plan.new_peers.min()), -plan.repeats))


def _annealed(
    district: NDArray,
    sizes: Sequence[int],
    passed: NDArray[np.int64],
    days: int,
    random: np.random.Generator,
    trials_per_seat: int,
    weight: float,
) -> NDArray[np.int64]:
    """Group of each student on each day, the passed days first."""
    group_of_seat, starts = np.repeat(np.arange(len(sizes)), sizes), np.concatenate([[0], np.cumsum(sizes)])
    dealt = [random.permutation(len(district)) for _ in range(days)]
    seats = np.array([*(np.argsort(day, kind="stable") for day in passed), *dealt])
    met, outside = _meetings(seats, group_of_seat, district)
    trials, state = trials_per_seat * days * len(district), int(random.integers(1, WORD))
    meet(seats, group_of_seat, starts, met, district, outside, float(weight), len(passed), trials, state)
    return _group_of(seats, group_of_seat)


def _group_of(seats: NDArray[np.int64], group_of_seat: NDArray[np.int64]) -> NDArray[np.int64]:
    group = np.empty_like(seats)
    np.put_along_axis(group, seats, np.broadcast_to(group_of_seat, seats.shape), axis=1)
    return group


def plan_cost_in_numpy(group: NDArray[np.int64], district: NDArray[np.int64], *, weight: float = 0.0) -> float:
    """The whole cost of a plan from its definition: the oracle of the loop. group: shape (days, students)."""
    together = sum((day[:, None] == day).astype(np.int64) for day in group)
    is_same = district[:, None] == district
    met = np.where(is_same, 0, together)
    same = (np.where(is_same, together, 0).sum() - len(group) * len(district)) / 2
    worth = sum(1.0 / place for peers in (met > 0).sum(axis=1) for place in range(1, peers + 1))
    return float(SAME_DISTRICT * same + (met * (met - 1)).sum() / 4 - weight * worth)


def meet_in_numpy(
    seats: NDArray[np.int64],
    group_of_seat: NDArray[np.int64],
    district: NDArray[np.int64],
    *,
    weight: float,
    fixed_days: int,
    trials: int,
    seed: int,
) -> NDArray[np.int64]:
    """The same annealing with the whole cost worked out again at every trial: the oracle of `meet`."""
    seats, state, annealed = seats.copy(), seed, trials - trials // 10
    days, students = seats.shape
    cost = plan_cost_in_numpy(_group_of(seats, group_of_seat), district, weight=weight)
    temperature, steps = FIRST, max(1, annealed // 200)
    for trial in range(trials):
        if trial % steps == 0:
            temperature *= (LAST / FIRST) ** (1.0 / 200.0)
        places = []
        for width in (days - fixed_days, students, students):
            state = next_random(state)
            places.append((state * width) >> 32)
        day, at, to = fixed_days + places[0], places[1], places[2]
        if group_of_seat[at] == group_of_seat[to]:
            continue
        seats[day, [at, to]] = seats[day, [to, at]]
        change = plan_cost_in_numpy(_group_of(seats, group_of_seat), district, weight=weight) - cost
        is_kept = change <= TINY
        if change > TINY and trial < annealed and change < 15.0 * temperature:
            state = next_random(state)
            is_kept = state <= WORD * np.exp(-change / temperature)
        if is_kept:
            cost += change
        else:
            seats[day, [at, to]] = seats[day, [to, at]]
    return seats


def measure_days(districts: ArrayLike, groups: ArrayLike) -> DayPlan:
    """A plan made elsewhere, measured in the same way.

    districts: one per student. groups: shape (days, students), numbered from 0. Raises InputError for another shape.

    >>> int(measure_days([0, 0, 1, 1], [[0, 0, 1, 1]]).met_pairs)
    0
    """
    district = _districts(districts)
    group = whole_numbers(groups, name="groups").astype(np.int64)
    if group.ndim != 2 or group.shape[1] != len(district) or not len(group) or group.min() < 0:
        raise InputError(f"groups have shape {group.shape}; give (days, students), numbered from 0")
    return _plan(group, district, np.bincount(group[0]).tolist(), seed=None)


def _meetings(seats: NDArray, group_of_seat: NDArray, district: NDArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    group = _group_of(seats, group_of_seat)
    met = np.zeros((len(district), len(district)), np.int64)
    for day in group:
        met += day[:, None] == day
    met[district[:, None] == district] = 0
    return met, (met > 0).sum(axis=1)


def _plan(group: NDArray[np.int64], district: NDArray, sizes: Sequence[int], *, seed: int | None) -> DayPlan:
    seats = np.argsort(group, axis=1, kind="stable")
    met, outside = _meetings(seats, np.sort(group[0]), district)
    strangers = len(district) - np.bincount(district)[district]
    most = np.minimum(strangers, len(group) * (max(sizes) - 1))
    share = np.where(most > 0, outside / np.maximum(most, 1), 1.0)
    pairs, bound = int((met > 0).sum()) // 2, _pairs_bound(district, sizes, days=len(group))
    least = tuple(np.flatnonzero(share == share.min()).tolist())
    explanation = Explanation(
        what=f"{pairs} different pairs of two districts meet in {len(group)} days; at most {bound} could",
        inputs={"students": len(district), "districts": int(district.max()) + 1, "group sizes": str(list(sizes))},
        steps=(
            f"new peers from other districts per student: least {int(outside.min())}, mean {outside.mean():.1f}",
            f"least served: {len(least)} students with {share.min():.0%} of what they could meet",
            "students of a large district have fewer outside peers to meet in each group",
        ),
        rule="exchange annealing over days 1",
        seed=seed,
    )
    repeats = int(np.maximum(met - 1, 0).sum()) // 2
    return DayPlan(group, pairs, bound, repeats, outside, most, least, explanation)


def first_repeat(days: Sequence[Sequence[Sequence[str]]]) -> str | None:
    """The first pair that shares a group twice, in words; None when nobody meets twice. days: groups of names.

    >>> first_repeat([["AB", "CD"], ["AB", "CD"]])
    'A and B meet on day 1 and day 2'
    """
    seen: dict[tuple[str, str], int] = {}
    for number, day in enumerate(days, start=1):
        for group in day:
            for place, one in enumerate(group):
                for other in group[place + 1 :]:
                    pair = (min(one, other), max(one, other))
                    if pair in seen:
                        return f"{pair[0]} and {pair[1]} meet on day {seen[pair]} and day {number}"
                    seen[pair] = number
    return None


def most_days_without_repeats(students: int, size: int) -> int:
    """How many days of groups of one size can pass at most before some pair must meet again.

    Every day each student meets size - 1 of the others. The bound is not always reached.
    Raises InputError for groups of fewer than two, or students that do not fill whole groups.

    >>> most_days_without_repeats(32, 4)
    10
    """
    if size < 2 or students < size or students % size:
        raise InputError(
            f"{students} students do not form groups of {size}; give a size of 2 or more that divides them"
        )
    return (students - 1) // (size - 1)
