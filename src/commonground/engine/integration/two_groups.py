"""Indices that compare two groups: how far apart they are, and how much they meet.

Tables have shape (units, 2). A group against everyone else is the table of its counts and the others'.
"""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from commonground.engine.integration.counts import Floats, ratio, share_of
from commonground.engine.integration.index import Index, measure
from commonground.engine.values import InputError, Result

EMPTY_GROUP = "a group has no students, so there is nothing to compare"


def _dissimilarity(n: Floats) -> Floats:
    shares = ratio(n, n.sum(axis=-2, keepdims=True))
    answer: Floats = 0.5 * np.abs(shares[..., 0] - shares[..., 1]).sum(axis=-1)
    return answer


def gini_kernel(n: Floats) -> Floats:
    """Gini by one sort instead of all pairs of units: with units in order of the first group's share, the sum over
    pairs of a(v) b(u) - a(u) b(v) is a difference of running totals."""
    order = np.argsort(share_of(n[..., 0], n.sum(axis=-1)), axis=-1)
    first, second = (np.take_along_axis(n[..., group], order, axis=-1) for group in (0, 1))
    apart = first * (second.cumsum(axis=-1) - second) - second * (first.cumsum(axis=-1) - first)
    return ratio(apart.sum(axis=-1), first.sum(axis=-1) * second.sum(axis=-1))


def _normalized_exposure(n: Floats) -> Floats:
    total = n.sum(axis=-1)
    share = ratio(n[..., 0].sum(axis=-1), total.sum(axis=-1))
    spread = (total * (share_of(n[..., 0], total) - share[..., None]) ** 2).sum(axis=-1)
    return ratio(spread, total.sum(axis=-1) * share * (1 - share))


def _exposure(n: Floats, to: int) -> Floats:
    met = (n[..., 0] * share_of(n[..., to], n.sum(axis=-1))).sum(axis=-1)
    return ratio(met, n[..., 0].sum(axis=-1))


def _atkinson(n: Floats, shape: float) -> Floats:
    total = n.sum(axis=-1)
    inside = share_of(n[..., 0], total)
    share = ratio(n[..., 0].sum(axis=-1), total.sum(axis=-1))
    mean = (total * (1 - inside) ** (1 - shape) * inside**shape).sum(axis=-1)
    mean = ratio(mean, share * total.sum(axis=-1))
    answer: Floats = 1 - ratio(share, 1 - share) * mean ** (1 / (1 - shape))
    return answer


DISSIMILARITY = Index(
    name="dissimilarity",
    what="Share of either group that would have to change unit for both to be spread alike.",
    formula="D = half the sum over units of |first group's share here - second group's share here|",
    source="Duncan & Duncan 1955",
    undefined=EMPTY_GROUP,
    kernel=_dissimilarity,
    groups=2,
)
GINI = Index(
    name="gini",
    what="How far the two groups' running shares over units, in order of composition, are from an even line.",
    formula="G = sum over pairs of units of |a(u) b(v) - a(v) b(u)| / (A B)",
    source="Duncan & Duncan 1955; James & Taeuber 1985",
    undefined=EMPTY_GROUP,
    kernel=gini_kernel,
    groups=2,
)
NORMALIZED_EXPOSURE = Index(
    name="normalized_exposure",
    what="Share of the first group in the units of its own members, less that in the units of the others.",
    formula="V = sum over units of t (p - P)^2 / (T P (1 - P)) = (isolation - P) / (1 - P)",
    source="Coleman, Kelly & Moore 1975; Zoloth 1976",
    undefined=EMPTY_GROUP,
    kernel=_normalized_exposure,
    groups=2,
)
ISOLATION = Index(
    name="isolation",
    what="Average share of the first group in the unit of one of its members.",
    formula="xPx = sum over units of (a / A) (a / t)",
    source="Bell 1954; Massey & Denton 1988",
    undefined="the first group has no students",
    kernel=lambda n: _exposure(n, 0),
    groups=2,
)
INTERACTION = Index(
    name="interaction",
    what="Average share of the second group in the unit of a member of the first.",
    formula="xPy = sum over units of (a / A) (b / t)",
    source="Lieberson 1981; Massey & Denton 1988",
    undefined="the first group has no students",
    kernel=lambda n: _exposure(n, 1),
    groups=2,
    perfect=0.0,
)


@cache
def atkinson_index(shape: float = 0.5) -> Index:
    """The Atkinson index of one shape, above 0 and below 1. Raises InputError otherwise.

    >>> atkinson_index(0.1).name
    'atkinson_0.1'
    """
    if not 0 < shape < 1:
        raise InputError(f"the shape of the Atkinson index is {shape:g}; it must lie between 0 and 1")
    return Index(
        name=f"atkinson_{shape:g}",
        what="Unevenness with more weight on units where the first group is over-represented the higher the shape.",
        formula=f"A = 1 - P/(1-P) (sum of t (1-p)^(1-b) p^b / (P T))^(1/(1-b)), b = {shape:g}",
        source="Atkinson 1970; James & Taeuber 1985",
        undefined=EMPTY_GROUP,
        kernel=lambda n: _atkinson(n, shape),
        groups=2,
    )


def dissimilarity(units_by_groups: ArrayLike) -> Result:
    """Dissimilarity D of two groups, 0 (even) to 1 (fully apart).

    units_by_groups: students, shape (units, 2). Not calculated when a group is empty: D is then undefined, not zero.
    Biased upward in small units: show it with `random_floor`. Raises InputError for a table that is none.
    Source: Duncan & Duncan 1955.

    >>> dissimilarity([[100, 0], [60, 40], [40, 60], [0, 100]]).value
    0.6
    """
    return measure(units_by_groups, DISSIMILARITY)


def gini(units_by_groups: ArrayLike) -> Result:
    """Gini index of two groups, 0 (even) to 1 (fully apart); shape (units, 2), as `dissimilarity`.

    Source: James & Taeuber 1985.

    >>> gini([[10, 0], [0, 5]]).value
    1.0
    """
    return measure(units_by_groups, GINI)


def atkinson(units_by_groups: ArrayLike, *, shape: float = 0.5) -> Result:
    """Atkinson index of the first group against the second, 0 to 1; shape (units, 2).

    shape: above 0 and below 1. Unless it is a half, the two groups do not get the same value.
    Source: Atkinson 1970; James & Taeuber 1985.

    >>> round(atkinson([[30, 10], [10, 30]]).value, 6)
    0.25
    """
    return measure(units_by_groups, atkinson_index(shape))


def normalized_exposure(units_by_groups: ArrayLike) -> Result:
    """Normalized exposure of two groups (also variance ratio, eta squared), 0 to 1; shape (units, 2).

    Source: Coleman, Kelly & Moore 1975; Zoloth 1976.

    >>> normalized_exposure([[30, 10], [10, 30]]).value
    0.25
    """
    return measure(units_by_groups, NORMALIZED_EXPOSURE)


def isolation(units_by_groups: ArrayLike) -> Result:
    """Average share of the first group around one of its members; shape (units, 2). Depends on the group's size.

    Source: Bell 1954; Massey & Denton 1988.

    >>> isolation([[30, 10], [10, 30]]).value
    0.625
    """
    return measure(units_by_groups, ISOLATION)


def interaction(units_by_groups: ArrayLike) -> Result:
    """Average share of the second group around a member of the first; shape (units, 2). 1 less isolation.

    Source: Lieberson 1981; Massey & Denton 1988.

    >>> interaction([[30, 10], [10, 30]]).value
    0.375
    """
    return measure(units_by_groups, INTERACTION)
