"""Indices of any number of groups. Tables have shape (units, groups); a group without students changes nothing."""

import numpy as np
from numpy.typing import ArrayLike

from commonground.engine.integration.counts import Floats, checked_counts, described, ratio, share_of, times_log
from commonground.engine.integration.index import Index, measure
from commonground.engine.integration.two_groups import gini_kernel
from commonground.engine.values import Explanation, NotCalculated, Result

ONE_GROUP = "every student is in the same group, so there is nothing to compare"
NO_STUDENTS = "there are no students"
FAMILY = "Reardon & Firebaugh 2002"


def entropy_kernel(counts: Floats) -> Floats:
    """Entropy of counts of shape (..., groups), in natural units."""
    total = counts.sum(axis=-1)
    return np.log(np.where(total > 0, total, np.nan)) - ratio(times_log(counts).sum(axis=-1), total)


def mutual_information_kernel(n: Floats) -> Floats:
    """M from sums of n ln n, which need no division per cell."""
    units, groups = n.sum(axis=-1), n.sum(axis=-2)
    total = units.sum(axis=-1)
    sums = times_log(n).sum(axis=(-1, -2)) - times_log(units).sum(axis=-1) - times_log(groups).sum(axis=-1)
    # The sums cancel: a table without any segregation may come out a rounding error below zero.
    return np.maximum(ratio(sums + times_log(total), total), 0.0)


def _theil_h(n: Floats) -> Floats:
    return ratio(mutual_information_kernel(n), entropy_kernel(n.sum(axis=-2)))


def _shares(n: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Unit weights, shares in the unit, shares in all, and the chance that two students differ."""
    units = n.sum(axis=-1)
    weights = ratio(units, units.sum(axis=-1)[..., None])
    overall = ratio(n.sum(axis=-2), units.sum(axis=-1)[..., None])
    return weights, share_of(n, units[..., None]), overall, (overall * (1 - overall)).sum(axis=-1)


def _dissimilarity(n: Floats) -> Floats:
    weights, inside, overall, differ = _shares(n)
    apart = np.abs(inside - overall[..., None, :]).sum(axis=-1)
    return ratio((weights * apart).sum(axis=-1), 2 * differ)


def _gini(n: Floats) -> Floats:
    _, _, overall, differ = _shares(n)
    units = n.sum(axis=-1)
    pairs = (np.stack([n[..., g], units - n[..., g]], axis=-1) for g in range(n.shape[-1]))
    each = np.stack([np.nan_to_num(gini_kernel(pair)) for pair in pairs], axis=-1)
    return ratio((overall * (1 - overall) * each).sum(axis=-1), differ)


def _normalized_exposure(n: Floats) -> Floats:
    weights, inside, overall, differ = _shares(n)
    squares = (weights[..., None] * (inside - overall[..., None, :]) ** 2).sum(axis=-2)
    return np.where(differ > 0, share_of(squares, 1 - overall).sum(axis=-1), np.nan)


def _relative_diversity(n: Floats) -> Floats:
    weights, inside, overall, differ = _shares(n)
    squares = (weights[..., None] * (inside - overall[..., None, :]) ** 2).sum(axis=(-1, -2))
    return ratio(squares, differ)


def _squared_coefficient_of_variation(n: Floats) -> Floats:
    weights, inside, overall, _ = _shares(n)
    squares = (weights[..., None] * (inside - overall[..., None, :]) ** 2).sum(axis=-2)
    return ratio(share_of(squares, overall).sum(axis=-1), (overall > 0).sum(axis=-1) - 1)


MUTUAL_INFORMATION = Index(
    name="mutual_information",
    what="How much knowing a student's unit tells about the student's group, and the other way round.",
    formula="M = sum over units and groups of p ln(p / (unit's share x group's share)), p the share of all students",
    source="Theil 1971; Mora & Ruiz-Castillo 2011; Frankel & Volij 2011",
    undefined=NO_STUDENTS,
    kernel=mutual_information_kernel,
    perfect=None,
)
THEIL_H = Index(
    name="theil_h",
    what="Share of the diversity of all students that is lost inside the average unit.",
    formula="H = M / entropy of the groups",
    source="Theil & Finizza 1971; Reardon & Firebaugh 2002",
    undefined=ONE_GROUP,
    kernel=_theil_h,
)
MULTIGROUP_DISSIMILARITY = Index(
    name="multigroup_dissimilarity",
    what="Share of the students who would have to move for an even spread, of those if no groups mixed.",
    formula="D = sum over groups and units of t |p - P| / (2 T I), I = sum of P (1 - P)",
    source=FAMILY,
    undefined=ONE_GROUP,
    kernel=_dissimilarity,
)
MULTIGROUP_GINI = Index(
    name="multigroup_gini",
    what="Average difference in composition between two units, of the most there could be.",
    formula="G = sum over groups of P (1 - P) x Gini of the group against all others / I",
    source=FAMILY,
    undefined=ONE_GROUP,
    kernel=_gini,
)
MULTIGROUP_NORMALIZED_EXPOSURE = Index(
    name="multigroup_normalized_exposure",
    what="Average of the groups' normalized exposure, by group size.",
    formula="P = sum over groups and units of (t / T) (p - P)^2 / (1 - P)",
    source=FAMILY,
    undefined=ONE_GROUP,
    kernel=_normalized_exposure,
)
RELATIVE_DIVERSITY = Index(
    name="relative_diversity",
    what="How much less often two students of a unit differ than any two students do.",
    formula="R = sum over groups and units of t (p - P)^2 / (T I)",
    source=FAMILY,
    undefined=ONE_GROUP,
    kernel=_relative_diversity,
)
SQUARED_COEFFICIENT_OF_VARIATION = Index(
    name="squared_coefficient_of_variation",
    what="Spread of the units' composition relative to each group's share, averaged over groups.",
    formula="C = sum over groups and units of t (p - P)^2 / (T (K - 1) P), K groups with students",
    source=FAMILY,
    undefined=ONE_GROUP,
    kernel=_squared_coefficient_of_variation,
)


def entropy(counts: ArrayLike) -> Result:
    """Entropy of one row of counts, shape (groups,), in natural units: 0 when all are in one group.

    Not calculated when nobody is counted. Raises InputError for a missing or negative count.
    Source: Shannon 1948; Theil 1972.

    >>> round(entropy([10, 30]).value, 4)
    0.5623
    """
    row = checked_counts(np.atleast_2d(np.asarray(counts, dtype=object)))
    value = float(entropy_kernel(row[0]))
    explanation = Explanation(
        what="Diversity of the groups: the expected surprise in one student's group.",
        inputs=described(row),
        steps=("entropy = - sum over groups of P ln P", f"entropy = {value:.10g}"),
        rule="entropy",
        source="Shannon 1948; Theil 1972",
    )
    if np.isnan(value):
        return Result(None, explanation, not_calculated=NotCalculated(NO_STUDENTS))
    return Result(value, explanation)


def mutual_information(units_by_groups: ArrayLike) -> Result:
    """Mutual information M of unit and group, in natural units, from 0; shape (units, groups).

    The only index that splits exactly between and within both units and groups. Not calculated without students.
    Source: Theil 1971; Mora & Ruiz-Castillo 2011.

    >>> round(mutual_information([[10, 0], [0, 10]]).value, 6)
    0.693147
    """
    return measure(units_by_groups, MUTUAL_INFORMATION)


def theil_h(units_by_groups: ArrayLike) -> Result:
    """Theil's H, 0 to 1: M over the entropy of the columns. Rows and columns swapped give another H.

    Shape (units, groups). Not calculated when all are in one group. Raises InputError for a table that is none.
    Source: Theil & Finizza 1971.

    >>> round(theil_h([[10, 0], [0, 10]]).value, 9)
    1.0
    """
    return measure(units_by_groups, THEIL_H)


def multigroup_dissimilarity(units_by_groups: ArrayLike) -> Result:
    """D of any number of groups, 0 to 1; shape (units, groups). Not calculated as `theil_h`.

    Source: Morgan 1975; Reardon & Firebaugh 2002.

    >>> multigroup_dissimilarity([[10, 0], [0, 10]]).value
    1.0
    """
    return measure(units_by_groups, MULTIGROUP_DISSIMILARITY)


def multigroup_gini(units_by_groups: ArrayLike) -> Result:
    """Gini of any number of groups, 0 to 1; shape (units, groups). Not calculated as `theil_h`.

    Source: Reardon & Firebaugh 2002.

    >>> multigroup_gini([[10, 0], [0, 10]]).value
    1.0
    """
    return measure(units_by_groups, MULTIGROUP_GINI)


def multigroup_normalized_exposure(units_by_groups: ArrayLike) -> Result:
    """Normalized exposure P of any number of groups, 0 to 1; shape (units, groups). Not calculated as `theil_h`.

    Source: James 1986; Reardon & Firebaugh 2002.

    >>> multigroup_normalized_exposure([[30, 10], [10, 30]]).value
    0.25
    """
    return measure(units_by_groups, MULTIGROUP_NORMALIZED_EXPOSURE)


def relative_diversity(units_by_groups: ArrayLike) -> Result:
    """Relative diversity R, 0 to 1; shape (units, groups). Not calculated as `theil_h`.

    Source: Goodman & Kruskal 1954; Reardon & Firebaugh 2002.

    >>> relative_diversity([[30, 10], [10, 30]]).value
    0.25
    """
    return measure(units_by_groups, RELATIVE_DIVERSITY)


def squared_coefficient_of_variation(units_by_groups: ArrayLike) -> Result:
    """Squared coefficient of variation C, 0 to 1; shape (units, groups). Not calculated as `theil_h`.

    Source: Reardon & Firebaugh 2002.

    >>> squared_coefficient_of_variation([[30, 10], [10, 30]]).value
    0.25
    """
    return measure(units_by_groups, SQUARED_COEFFICIENT_OF_VARIATION)
