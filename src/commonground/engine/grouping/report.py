"""How well groups are balanced, against what whole students make possible."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonground.engine.grouping.exchange import tables_of
from commonground.engine.grouping.task import Task, checked_group


@dataclass(frozen=True, slots=True)
class Cell:
    """One group and one level. ideal: its share of the group, in students; low, high: the whole numbers around it."""

    group: int
    attribute: str
    level: str
    count: int
    ideal: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Balance in numbers.

    sum_sq: squared deviations of all counts from their ideals. bound: the least that whole students allow, attribute by
    attribute (`joint_bound`). ratio: sum_sq / bound, and 1 + sum_sq when the bound is 0.
    avoidable: students by which counts lie outside the whole numbers around their ideals; 0 is perfect.
    largest_deviation: of any count, in students. between_group_share: for each number, the share of its variance that
    lies between the groups (eta squared), 0 when everyone is alike.
    """

    sum_sq: float
    bound: float
    ratio: float
    avoidable: int
    largest_deviation: float
    between_group_share: dict[str, float]


def cells(task: Task, group: NDArray[np.int64]) -> tuple[Cell, ...]:
    """Count, ideal and the whole numbers around it, for each group and level.

    group: the number of each student's group, from 0, shape (students,). Raises InputError for another shape or group.

    >>> from commonground.engine.grouping import grouping_task
    >>> task = grouping_task([2, 1], attributes={"district": ["W", "W", "S"]})
    >>> [(one.group, one.level, one.count, one.low, one.high) for one in cells(task, np.array([0, 0, 1]))]
    [(0, 'S', 0, 0, 1), (0, 'W', 2, 1, 2), (1, 'S', 1, 0, 1), (1, 'W', 0, 0, 1)]
    """
    _, count, _ = tables_of(task, checked_group(task, group))
    ideal = task.ideal
    low, high = np.floor(ideal + 1e-9).astype(int), np.ceil(ideal - 1e-9).astype(int)
    return tuple(
        Cell(
            row,
            attribute,
            level,
            int(count[row, column]),
            float(ideal[row, column]),
            int(low[row, column]),
            int(high[row, column]),
        )
        for row in range(task.group_count)
        for column, (attribute, level) in enumerate(task.labels)
    )


def least_squares_bound(sizes: NDArray[np.int64], share: NDArray[np.float64]) -> float:
    """The least sum of squared deviations with whole counts that add up to each level's total.

    Each level by itself: the parts that rounding down leaves go to the largest remainders, which is best because the
    cost is convex and the same for every group.

    >>> round(least_squares_bound(np.array([2, 2]), np.array([0.25, 0.75])), 6)
    1.0
    """
    bound = 0.0
    for one in share:
        ideal = sizes * one
        low = np.floor(ideal + 1e-9)
        left = round(float(ideal.sum() - low.sum()))
        remainder = np.sort(ideal - low)[::-1]
        bound += float(((remainder[:left] - 1) ** 2).sum() + (remainder[left:] ** 2).sum())
    return bound


def joint_bound(task: Task) -> float:
    """The least sum of squared deviations when groups keep their sizes and levels their totals, attribute by attribute.

    Never above what the best grouping has, and at least `least_squares_bound`, which takes each level by itself. It is
    reached whenever one attribute is given; several at once may need more. Groups of one size are alike: however many
    students of a level they hold together, spreading them evenly is best and can always be done. So each attribute is a
    small transport of whole students between sizes and levels, with rising costs, which linear programming solves
    exactly (Hoffman & Kruskal 1956).

    >>> from commonground.engine.grouping import grouping_task
    >>> round(joint_bound(grouping_task([3, 2], attributes={"district": list("WWWSS")})), 6)
    0.16
    """
    return sum(_transport(task, attribute) for attribute in task.attributes)


def _transport(task: Task, attribute: str) -> float:
    from scipy import sparse
    from scipy.optimize import linprog

    columns = [number for number, (name, _) in enumerate(task.labels) if name == attribute]
    sizes, groups = np.unique(task.sizes, return_counts=True)
    ideal = np.outer(sizes, task.share[columns])
    kinds, levels = ideal.shape
    # Exchanging along a cycle of cells that are all off in the direction of the exchange gains as soon as they are off
    # by more than half a student on average, and a cycle has at most two cells of a level or of a group: in the best
    # table no count is further from its ideal than this.
    reach = min(levels, task.group_count)
    lowest = np.maximum(np.floor(ideal + 1e-9) - reach, 0)
    # What each further student in a cell costs: rising, so that cheaper units are always used first.
    units = np.array([2 * (lowest + unit - ideal) + 1 for unit in range(2 * reach + 1)])
    rows = sparse.kron(sparse.eye(kinds), np.ones((1, levels)))
    totals = sparse.kron(np.ones((1, kinds)), sparse.eye(levels))
    constraints = sparse.hstack([sparse.vstack([rows, totals])] * len(units), format="csr")
    held = np.concatenate(
        [groups * (sizes - lowest.sum(axis=1)), task.student_count * task.share[columns] - groups @ lowest]
    )
    most = np.broadcast_to(groups[:, None], units.shape).ravel()
    solved = linprog(
        units.ravel(), A_eq=constraints, b_eq=np.round(held), bounds=np.stack([0 * most, most], axis=1), method="highs"
    )
    return float(units.ravel() @ np.round(solved.x) + (groups @ (lowest - ideal) ** 2).sum())


def balance_of(task: Task, group: NDArray[np.int64]) -> Balance:
    """The balance of a grouping: `Balance`. group: as in `cells`. Raises InputError for another shape or group.

    >>> from commonground.engine.grouping import grouping_task
    >>> task = grouping_task([2, 2], attributes={"district": ["W", "W", "S", "S"]})
    >>> balance_of(task, np.array([0, 1, 0, 1])).ratio
    1.0
    """
    deviation, count, sums = tables_of(task, checked_group(task, group))
    ideal = task.ideal
    low, high = np.floor(ideal + 1e-9), np.ceil(ideal - 1e-9)
    sum_sq, bound = float((deviation**2).sum()), joint_bound(task)
    # Standardized numbers have variance 1 (or 0): the between part of it is the mean of squared group means.
    between = (sums**2 / task.sizes[:, None]).sum(axis=0) / task.student_count
    return Balance(
        sum_sq=sum_sq,
        bound=bound,
        ratio=sum_sq / bound if bound > 1e-9 else 1.0 + sum_sq,
        avoidable=int((np.maximum(low - count, 0) + np.maximum(count - high, 0)).sum()),
        largest_deviation=float(np.abs(deviation).max(initial=0)),
        between_group_share={name: float(between[2 * place]) for place, name in enumerate(task.number_names)},
    )
