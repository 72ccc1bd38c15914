"""Who meets whom: exposure of every group to every group."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from commonground.engine.integration.counts import checked_counts, described, share_of, table_lines
from commonground.engine.integration.two_groups import DISSIMILARITY
from commonground.engine.values import Explanation, NotCalculated, Result

Table = tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, slots=True)
class NormalizedExposure:
    """One group against all others.

    isolation: average share of the group around its own members. share: of all students.
    value: (isolation - share) / (1 - share).
    """

    isolation: float
    share: float
    value: float


def exposure_matrix(units_by_groups: ArrayLike) -> Result:
    """Exposure of each group (row) to each group (column): average share of the column in the unit of a row's member.

    Every row of a group with students sums to 1; the diagonal is isolation. A group without students has None in its
    row. units_by_groups: shape (units, groups). Raises InputError for a table that is none.
    Source: Bell 1954; Lieberson 1981.

    >>> exposure_matrix([[30, 10], [10, 30]]).value
    ((0.625, 0.375), (0.375, 0.625))
    """
    counts = checked_counts(units_by_groups)
    totals = counts.sum(axis=0)
    met = counts.T @ share_of(counts, counts.sum(axis=1, keepdims=True))
    rows = share_of(met, totals[:, None]).tolist()
    value = tuple(
        tuple(row) if total > 0 else (None,) * len(totals) for row, total in zip(rows, totals.tolist(), strict=True)
    )
    explanation = Explanation(
        what="For each group, the average share of every group in the unit of one of its members.",
        inputs=described(counts),
        steps=(*table_lines(counts), "exposure of x to y = sum over units of (x / X) (y / t)"),
        rule="exposure_matrix",
        source="Bell 1954; Lieberson 1981",
    )
    return Result(value, explanation)


def normalized_exposure_by_group(units_by_groups: ArrayLike) -> Result:
    """Normalized exposure of each group against all others: a tuple of `NormalizedExposure`, one per column.

    Shape (units, groups). None in place of a group that holds no student or all of them. Source: Coleman, Kelly & Moore 1975.

    >>> normalized_exposure_by_group([[30, 10], [10, 30]]).value[0].value
    0.25
    """
    counts = checked_counts(units_by_groups)
    shares = share_of(counts.sum(axis=0), counts.sum())
    isolation = np.diagonal(np.array(exposure_matrix(counts).value, dtype=float))
    value = tuple(
        NormalizedExposure(own, share, (own - share) / (1 - share)) if 0 < share < 1 else None
        for own, share in zip(isolation.tolist(), shares.tolist(), strict=True)
    )
    explanation = Explanation(
        what="For each group, how much more it meets itself than an even spread would have it.",
        inputs=described(counts),
        steps=(*table_lines(counts), "normalized exposure = (isolation - share) / (1 - share)"),
        rule="normalized_exposure",
        source="Coleman, Kelly & Moore 1975",
    )
    return Result(value, explanation)


def dissimilarity_of_pairs(units_by_groups: ArrayLike) -> Result:
    """Dissimilarity of every two groups, as a symmetric table with 0 on its diagonal.

    Shape (units, groups) becomes (groups, groups). None where a group has no students; not calculated when nobody has.
    Source: Duncan & Duncan 1955.

    >>> dissimilarity_of_pairs([[100, 0], [60, 40], [40, 60], [0, 100]]).value
    ((0.0, 0.6), (0.6, 0.0))
    """
    counts = checked_counts(units_by_groups)
    explanation = Explanation(
        what="For every two groups, the share of either that would have to change unit for an even spread.",
        inputs=described(counts),
        steps=(*table_lines(counts), DISSIMILARITY.formula),
        rule="dissimilarity",
        source=DISSIMILARITY.source,
    )
    if counts.sum() == 0:
        return Result(None, explanation, not_calculated=NotCalculated("there are no students"))
    groups = range(counts.shape[1])
    pairs = [[float(DISSIMILARITY.kernel(counts[:, [a, b]])) for b in groups] for a in groups]
    return Result(tuple(tuple(None if np.isnan(d) else d for d in row) for row in pairs), explanation)
