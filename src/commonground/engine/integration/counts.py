"""Tables of students by unit and group: how they are checked before anything is calculated."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commonground.engine.values import InputError

Floats = NDArray[np.float64]
LINES_SHOWN = 12


def checked_counts(units_by_groups: ArrayLike, *, groups: int | None = None, whole: bool = False) -> Floats:
    """A table of students, shape (units, groups), as floating-point numbers.

    groups: how many columns there must be; None for any number from one.
    whole: whether every count must be a whole number; otherwise parts of a seat are counted as they are.
    Raises InputError when the table is empty or ragged, or a count is missing, negative or not a number.

    >>> checked_counts([[3, 1], [0, 2]]).shape
    (2, 2)
    """
    try:
        counts = np.asarray(units_by_groups, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise InputError(
            f"counts must be a table of numbers with equally long rows, one row per unit: {problem}"
        ) from None
    if counts.ndim != 2 or 0 in counts.shape:
        raise InputError(f"counts have shape {counts.shape}; give one row per unit and one column per group")
    if groups is not None and counts.shape[1] != groups:
        raise InputError(f"counts have {counts.shape[1]} columns; this index compares exactly {groups} groups")
    _refuse(counts, ~np.isfinite(counts), "is missing; leave the unit out or ask for the number")
    _refuse(counts, counts < 0, "is negative; counts start at 0")
    if whole:
        _refuse(counts, counts != np.floor(counts), "is not a whole number of students, which drawing at random needs")
    return counts


def _refuse(counts: Floats, wrong: NDArray[np.bool_], why: str) -> None:
    if wrong.any():
        unit, group = (int(place) for place in np.argwhere(wrong)[0])
        raise InputError(f"the count at unit {unit}, group {group} ({counts[unit, group]:g}) {why}")


def checked_labels(labels: Sequence[Any] | NDArray[Any], *, length: int, name: str) -> NDArray[np.intp]:
    """Whole-number codes of labels, one per unit, equal where the labels are equal.

    Raises InputError when there is not exactly one label per unit or one is missing.
    """
    given = np.asarray(labels)
    if given.shape != (length,):
        raise InputError(f"{name}: {given.shape} labels for {length} units; give one label per unit")
    missing = [place for place, label in enumerate(given.tolist()) if label is None or label != label]
    if missing:
        raise InputError(f"{name}: the label of unit {missing[0]} is missing")
    return np.unique(given, return_inverse=True)[1].reshape(-1)


def described(counts: Floats) -> dict[str, int | float]:
    """The size of a table, for an explanation."""
    students = float(counts.sum())
    return {
        "units": counts.shape[0],
        "groups": counts.shape[1],
        "students": int(students) if students.is_integer() else students,
    }


def table_lines(counts: Floats) -> tuple[str, ...]:
    """The table itself in words, or only its group totals when it is long."""
    totals = "group totals: " + ", ".join(f"{total:g}" for total in counts.sum(axis=0))
    if len(counts) > LINES_SHOWN:
        return (f"{len(counts)} units", totals)
    return (*(f"unit {u}: " + ", ".join(f"{n:g}" for n in row) for u, row in enumerate(counts)), totals)


def ratio(above: Any, below: Any) -> Floats:
    """Division where nothing by nothing is nothing known (nan), without a warning."""
    with np.errstate(divide="ignore", invalid="ignore"):
        answer: Floats = np.true_divide(above, below)
    return np.where(np.asarray(below) == 0, np.nan, answer)


def share_of(above: Any, below: Any) -> Floats:
    """Division where a share of an empty unit is zero, because it weighs nothing."""
    below = np.asarray(below, dtype=np.float64)
    return np.true_divide(above, np.where(below == 0, 1.0, below))


def times_log(values: Any) -> Floats:
    """x ln x, and 0 at 0."""
    answer: Floats = values * np.log(np.where(values > 0, values, 1.0))
    return answer
