"""How much of the segregation lies between districts, between schools in a district, between sections in a school.

M is the only index for which the sentence "so much lies between, so much within" is exactly true, at any depth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commonground.engine.integration.counts import (
    Floats,
    checked_counts,
    checked_labels,
    described,
    ratio,
    share_of,
    times_log,
)
from commonground.engine.integration.multigroup import NO_STUDENTS, entropy_kernel, mutual_information_kernel
from commonground.engine.values import Explanation, InputError, NotCalculated, Result

SOURCE = "Theil 1971; Mora & Ruiz-Castillo 2011; Reardon & Firebaugh 2002"


@dataclass(frozen=True, slots=True)
class LevelSegregation:
    """The part of the segregation between the units of one level inside one unit of the level above.

    units: how many units the level has. m, h: the terms of M and of H. share: of the whole, None when there is none.
    """

    name: str
    units: int
    m: float
    h: float | None
    share: float | None


@dataclass(frozen=True, slots=True)
class NestedSegregation:
    """M and H of the lowest level, split into one term per level, outermost first.

    h is None where every student is in one group. The terms sum to the whole.
    """

    m: float
    h: float | None
    entropy: float
    levels: tuple[LevelSegregation, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The segregation inside one parent. weight: its share of all students; h: None where it holds one group only."""

    parent: Any
    weight: float
    m: float
    h: float | None


@dataclass(frozen=True, slots=True)
class BetweenWithin:
    """M split in two. total = between + within; within = sum of weight x m over the parts."""

    total: float
    between: float
    within: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Units in an order in which every level is one run after the other.

    order: units, sorted; None when they are so already. starts: for each level above the units, outermost first, where
    its runs start, counted in runs of the next level below.
    """

    order: NDArray[np.intp] | None
    starts: tuple[NDArray[np.intp], ...]

    def levels(self, counts: Floats) -> list[Floats]:
        """Tables of every level, outermost first, from counts of shape (..., units, groups)."""
        tables = [counts if self.order is None else np.take(counts, self.order, axis=-2)]
        for starts in reversed(self.starts):
            tables.append(np.add.reduceat(tables[-1], starts, axis=-2))
        return tables[::-1]


def checked_levels(levels: Mapping[str, Any], unit: str) -> tuple[str, ...]:
    """Names of all levels, outermost first. Raises InputError when the lowest is called like one above."""
    if unit in levels:
        raise InputError(f"the lowest level is called {unit!r} like a level above it; give each level its own name")
    return (*levels, unit)


def hierarchy(levels: Mapping[str, Sequence[Any] | NDArray[Any]], *, units: int) -> Hierarchy:
    """The nesting of units; see `nested_segregation` for levels."""
    codes = np.zeros(units, dtype=np.intp)
    each: list[NDArray[np.intp]] = []
    for name, labels in levels.items():
        # The same label under two parents is two units: schools named Lincoln do not become one.
        own = checked_labels(labels, length=units, name=name)
        codes = codes * (int(own.max()) + 1) + own
        if len(each) + 1 < len(levels):
            # Renumbering keeps the product of many levels from overflowing.
            codes = np.unique(codes, return_inverse=True)[1].reshape(-1)
        each.append(codes)
    if not each:
        return Hierarchy(None, ())
    order = None if (np.diff(codes) >= 0).all() else np.argsort(codes, kind="stable")
    changes = [np.flatnonzero(np.diff(c if order is None else c[order], prepend=-1)) for c in each]
    below = [np.searchsorted(lower, upper) for upper, lower in pairwise(changes)]
    return Hierarchy(order, (*below, changes[-1]))


def nested_kernel(counts: Floats, nesting: Hierarchy) -> Floats:
    """Terms of M per level, outermost first, shape (..., levels), from counts of shape (..., units, groups)."""
    tables = nesting.levels(counts)
    groups = tables[0].sum(axis=-2)
    total = groups.sum(axis=-1)
    # Everything cancels but the sums of n ln n of each level.
    sums = [times_log(groups).sum(axis=-1) - times_log(total)]
    sums += [times_log(table).sum(axis=(-1, -2)) - times_log(table.sum(axis=-1)).sum(axis=-1) for table in tables]
    terms = np.stack([ratio(lower - upper, total) for upper, lower in pairwise(sums)], axis=-1)
    # Without any segregation at a level its term may come out a rounding error below zero.
    return np.maximum(terms, 0.0)


def nested_segregation(
    units_by_groups: ArrayLike,
    *,
    levels: Mapping[str, Sequence[Any] | NDArray[Any]],
    unit: str = "school",
) -> Result:
    """M and H between units, split over any number of levels above them: a `NestedSegregation`.

    units_by_groups: students, shape (units, groups). levels: for each level above, outermost first, its name and one
    label per unit; equal labels under different parents are different units. unit: name of the lowest level.
    The terms sum to the whole to rounding. Not calculated without students; h is None with one group only.
    Raises InputError for a table that is none, a missing label, or two levels of one name.
    Source: Theil 1971; Mora & Ruiz-Castillo 2011.

    >>> result = nested_segregation([[10, 0], [0, 10], [5, 5]], levels={"district": ["A", "A", "B"]})
    >>> [(level.name, round(level.m, 4)) for level in result.value.levels]
    [('district', 0.0), ('school', 0.4621)]
    """
    counts = checked_counts(units_by_groups)
    names = checked_levels(levels, unit)
    nesting = hierarchy(levels, units=len(counts))
    steps = ["M of a level = (sum of n ln n over its cells - sum of t ln t over its units + constants) / N"]
    explain = partial(
        Explanation,
        what="Segregation between units, split into the part between the units of each level inside the level above.",
        inputs={**described(counts), "levels": ", ".join(names)},
        rule="nested_mutual_information",
        source=SOURCE,
    )
    if counts.sum() == 0:
        reason = NotCalculated(NO_STUDENTS)
        return Result(None, explain(steps=tuple(steps)), not_calculated=reason)
    terms = nested_kernel(counts, nesting).tolist()
    diversity = float(entropy_kernel(counts.sum(axis=0)))
    whole = sum(terms)
    sizes = (*(len(starts) for starts in nesting.starts), len(counts))
    parts = tuple(
        LevelSegregation(name, size, m, m / diversity if diversity > 0 else None, m / whole if whole > 0 else None)
        for name, size, m in zip(names, sizes, terms, strict=True)
    )
    steps += [f"between {part.name} units: M = {part.m:.10g}" for part in parts]
    steps.append(f"sum: M = {whole:.10g}; entropy of the groups = {diversity:.10g}")
    value = NestedSegregation(whole, whole / diversity if diversity > 0 else None, diversity, parts)
    return Result(value, explain(steps=tuple(steps)))


def between_within(units_by_groups: ArrayLike, *, parents: Sequence[Any] | NDArray[Any]) -> Result:
    """M between parents, and inside each of them: a `BetweenWithin`.

    units_by_groups: shape (units, groups). parents: one label per unit (row). Transpose the table to split over supergroups of the groups instead.
    The whole H is between / entropy plus the sum of weight x (own entropy / whole entropy) x h.
    Not calculated without students. Raises InputError for a table that is none or a missing label.
    Source: Mora & Ruiz-Castillo 2011.

    >>> split = between_within([[10, 0], [0, 10], [5, 5]], parents=["A", "A", "B"]).value
    >>> [(part.parent, round(part.h, 9)) for part in split.parts]
    [('A', 1.0), ('B', 0.0)]
    """
    counts = checked_counts(units_by_groups)
    codes = checked_labels(parents, length=len(counts), name="parents")
    explain = partial(
        Explanation,
        what="Segregation between parents and, weighted by their students, inside each of them.",
        inputs={**described(counts), "parents": int(codes.max()) + 1},
        rule="mutual_information",
        source=SOURCE,
    )
    everyone = counts.sum()
    if everyone == 0:
        return Result(None, explain(), not_calculated=NotCalculated(NO_STUDENTS))
    labels = np.asarray(parents)
    parts, parent_counts = [], []
    for code in range(int(codes.max()) + 1):
        inside = counts[codes == code]
        parent_counts.append(inside.sum(axis=0))
        m = float(np.nan_to_num(mutual_information_kernel(inside)))
        diversity = float(np.nan_to_num(entropy_kernel(parent_counts[-1])))
        label = labels[int(np.argmax(codes == code))].item()
        weight = float(share_of(inside.sum(), everyone))
        parts.append(Part(label, weight, m, m / diversity if diversity > 0 else None))
    between = float(mutual_information_kernel(np.array(parent_counts)))
    within = sum(part.weight * part.m for part in parts)
    steps = (
        f"between: M = {between:.10g}",
        f"within: sum of weight x M = {within:.10g}",
        f"whole: M = {between + within:.10g}",
    )
    return Result(BetweenWithin(between + within, between, within, tuple(parts)), explain(steps=steps))
