"""Why segregation changed: other schools, other families, or other mixing."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from commonground.engine.integration.counts import Floats, checked_counts, described, share_of
from commonground.engine.integration.multigroup import NO_STUDENTS, mutual_information_kernel
from commonground.engine.values import Explanation, InputError, NotCalculated, Result

TOLERANCE = 1e-10
MOST_ROUNDS = 100_000


@dataclass(frozen=True, slots=True)
class Fitted:
    """A table with wanted margins. error: the largest gap to either margin; rounds: how often both were fitted."""

    table: Floats
    error: float
    rounds: int


@dataclass(frozen=True, slots=True)
class Change:
    """M of two years and what the difference is made of; the five terms sum to after - before.

    removals, additions: units (and groups) that are in one year only. group_margin: other sizes of the groups.
    unit_margin: other sizes of the units. structural: other mixing, sizes held fixed.
    error, rounds: the largest gap to a margin that was left, and the most rounds it took to get there.
    """

    before: float
    after: float
    removals: float
    additions: float
    group_margin: float
    unit_margin: float
    structural: float
    error: float
    rounds: int


def fit_margins(
    table: ArrayLike,
    *,
    units: ArrayLike,
    groups: ArrayLike,
    tolerance: float = TOLERANCE,
    most_rounds: int = MOST_ROUNDS,
) -> Fitted:
    """A table with the association of one and the margins of another, by iterative proportional fitting.

    table: shape (units, groups). units, groups: wanted row and column totals with the same sum. It stops when both
    margins are met to tolerance times the total, or after most_rounds: `error` (a share of the total) says which.
    Raises InputError when the margins have another length or sum, or without a tolerance or round. Source: Deming & Stephan 1940.

    >>> fit_margins([[1, 1], [1, 1]], units=[30, 10], groups=[20, 20]).table.tolist()
    [[15.0, 15.0], [5.0, 5.0]]
    """
    if not tolerance > 0 or most_rounds < 1:
        raise InputError(
            f"a tolerance of {tolerance} in {most_rounds} rounds; give a tolerance above 0 and at least 1 round"
        )
    fitted = checked_counts(table)
    wanted_units, wanted_groups = (checked_counts(np.atleast_2d(margin))[0] for margin in (units, groups))
    if fitted.shape != (len(wanted_units), len(wanted_groups)):
        raise InputError(f"the table is {fitted.shape}, the margins {len(wanted_units)} and {len(wanted_groups)} long")
    total = float(wanted_units.sum())
    if not np.isclose(total, wanted_groups.sum(), rtol=1e-9, atol=0) or total == 0:
        raise InputError(f"the margins sum to {total:g} and {wanted_groups.sum():g}; they must be equal and above 0")
    error, rounds = np.inf, 0
    while error > tolerance and rounds < most_rounds:
        fitted = fitted * share_of(wanted_units, fitted.sum(axis=1))[:, None]
        fitted = fitted * share_of(wanted_groups, fitted.sum(axis=0))
        gaps = np.abs(fitted.sum(axis=1) - wanted_units).max(), np.abs(fitted.sum(axis=0) - wanted_groups).max()
        error, rounds = float(max(gaps)) / total, rounds + 1
    return Fitted(fitted, error, rounds)


def change_in_segregation(
    before: ArrayLike,
    after: ArrayLike,
    *,
    tolerance: float = TOLERANCE,
    most_rounds: int = MOST_ROUNDS,
) -> Result:
    """The change of M between two years, split into five causes: a `Change`.

    before, after: students, both of shape (units, groups) with the same units and groups in the same order; a unit or
    group that a year does not have is a row or column of zeros there.
    tolerance: both margins of every swapped table are met to this share of the total before anything is said.
    Not calculated when a year has no students, the years share no unit or group, or fitting does not get there.
    Raises InputError when the tables differ in shape. Source: Elbers 2021.

    >>> change = change_in_segregation([[10, 0], [0, 10]], [[20, 0], [0, 20]]).value
    >>> round(change.structural, 9), round(change.after - change.before, 9)
    (0.0, 0.0)
    """
    tables = checked_counts(before), checked_counts(after)
    if tables[0].shape != tables[1].shape:
        raise InputError(
            f"before is {tables[0].shape}, after is {tables[1].shape}; give both the same units and groups, "
            f"with zeros where a year does not have one"
        )
    units = (tables[0].sum(axis=1) > 0) & (tables[1].sum(axis=1) > 0)
    groups = (tables[0].sum(axis=0) > 0) & (tables[1].sum(axis=0) > 0)
    common = tuple(table[units][:, groups] for table in tables)
    if min(table.sum() for table in tables) == 0:
        return _unknown(tables, tolerance, NO_STUDENTS + " in one of the years")
    # Taking away units can empty a group that both years had, and the other way round.
    if any(0 in (*table.sum(axis=0), *table.sum(axis=1)) for table in common) or common[0].size == 0:
        return _unknown(
            tables, tolerance, "what both years share is not enough to compare: a shared unit or group is empty"
        )
    shares = tuple(table / table.sum() for table in common)
    worst = Fitted(shares[0], 0.0, 0)
    m: dict[tuple[int, int, int], float] = {}
    for unit_year, group_year, mixing_year in product((0, 1), repeat=3):
        fitted = fit_margins(
            shares[mixing_year],
            units=shares[unit_year].sum(axis=1),
            groups=shares[group_year].sum(axis=0),
            tolerance=tolerance,
            most_rounds=most_rounds,
        )
        worst = Fitted(fitted.table, max(worst.error, fitted.error), max(worst.rounds, fitted.rounds))
        m[unit_year, group_year, mixing_year] = float(mutual_information_kernel(fitted.table))
    if worst.error > tolerance:
        return _unknown(
            tables,
            tolerance,
            f"after {most_rounds} rounds a margin is still off by {worst.error:.2g} of all students "
            f"(empty cells may make it unreachable)",
        )
    whole = [float(mutual_information_kernel(table)) for table in tables]
    shared = [float(mutual_information_kernel(table)) for table in common]
    value = Change(
        before=whole[0],
        after=whole[1],
        removals=shared[0] - whole[0],
        additions=whole[1] - shared[1],
        group_margin=_average(lambda u, s: m[u, 1, s] - m[u, 0, s]),
        unit_margin=_average(lambda g, s: m[1, g, s] - m[0, g, s]),
        structural=((m[0, 0, 1] - m[0, 0, 0]) + (m[1, 1, 1] - m[1, 1, 0])) / 2,
        error=worst.error,
        rounds=worst.rounds,
    )
    terms = ("removals", "additions", "group_margin", "unit_margin", "structural")
    steps = tuple(f"{term} = {getattr(value, term):.10g}" for term in terms)
    return Result(value, _explanation(tables, tolerance, steps, f"largest margin gap left: {worst.error:.2g}"))


def _average(difference: Callable[[int, int], float]) -> float:
    return sum(difference(a, b) for a, b in product((0, 1), repeat=2)) / 4


def _explanation(tables: tuple[Floats, ...], tolerance: float, steps: tuple[str, ...], last: str) -> Explanation:
    sizes = {
        f"{when}_{name}": n
        for when, t in zip(("before", "after"), tables, strict=True)
        for name, n in described(t).items()
    }
    return Explanation(
        what="Why M changed: units added or removed, sizes of groups and of units, and mixing itself.",
        inputs={**sizes, "tolerance": tolerance},
        steps=(*steps, "margins were swapped by iterative proportional fitting, both orders averaged", last),
        rule="elbers-2021-shapley",
        source="Elbers 2021, doi 10.1177/0049124121986204",
    )


def _unknown(tables: tuple[Floats, ...], tolerance: float, reason: str) -> Result:
    explanation = _explanation(tables, tolerance, (), f"not calculated: {reason}")
    return Result(None, explanation, not_calculated=NotCalculated(reason))
