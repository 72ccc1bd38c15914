"""Segregation by an ordered attribute: proficiency levels, meal-eligibility bands, income brackets.

Tables have shape (units, categories), the categories from lowest to highest.
"""

from collections.abc import Callable
from math import comb, log

import numpy as np
from numpy.typing import ArrayLike

from commonground.engine.integration.counts import Floats, ratio, share_of, times_log
from commonground.engine.integration.index import Index, measure
from commonground.engine.values import InputError, Result, whole_number

ONE_CATEGORY = "every student is in the same category, so there is nothing to compare"
HIGHEST_DEGREE = 4


def _binary_entropy(share: Floats) -> Floats:
    """In units of a coin toss: 1 at a half."""
    answer: Floats = -(times_log(share) + times_log(1 - share)) / log(2)
    return answer


VARIATION: dict[str, tuple[str, Callable[[Floats], Floats]]] = {
    "information": ("-(c log2 c + (1-c) log2 (1-c))", _binary_entropy),
    "variance": ("4 c (1-c)", lambda c: 4 * c * (1 - c)),
    "square_root": ("2 sqrt(c (1-c))", lambda c: 2 * np.sqrt(np.maximum(c * (1 - c), 0))),
    "absolute": ("1 - |2c - 1|", lambda c: 1 - np.abs(2 * c - 1)),
}


def _cumulative(n: Floats) -> tuple[Floats, Floats, Floats]:
    """Shares at or below each threshold in the units and in all, and the units' weights."""
    below = n.cumsum(axis=-1)[..., :-1]
    units = n.sum(axis=-1)
    everyone = units.sum(axis=-1)
    return (
        share_of(below, units[..., None]),
        ratio(below.sum(axis=-2), everyone[..., None]),
        ratio(units, everyone[..., None]),
    )


def _ordinal(n: Floats, variation: Callable[[Floats], Floats]) -> Floats:
    inside, overall, weights = _cumulative(n)
    most = variation(overall).sum(axis=-1)
    left = (weights * variation(inside).sum(axis=-1)).sum(axis=-1)
    return ratio(most - left, most)


def _ordinal_index(name: str) -> Index:
    formula, variation = VARIATION[name]
    return Index(
        name=f"ordinal_{name}",
        what="Share of the variation over ordered categories that lies between units rather than inside them.",
        formula=f"sum over units of (t / T) (v - v(unit)) / v, v = mean over thresholds of {formula}, c the share below",
        source="Reardon 2009",
        undefined=ONE_CATEGORY,
        kernel=lambda n: _ordinal(n, variation),
    )


ORDINAL = {name: _ordinal_index(name) for name in VARIATION}


def ordinal_segregation(units_by_categories: ArrayLike, *, variation: str = "information") -> Result:
    """Ordinal segregation, 0 (alike) to 1 (no unit has two categories); shape (units, categories).

    variation: "information" (H), "variance" (R), "square_root" (S) or "absolute" (L).
    Not calculated when all are in one category. Raises InputError for an unknown variation.
    Source: Reardon 2009.

    >>> ordinal_segregation([[10, 0, 0], [0, 0, 10]]).value
    1.0
    """
    if variation not in ORDINAL:
        raise InputError(f"variation is {variation!r}; choose one of {', '.join(ORDINAL)}")
    return measure(units_by_categories, ORDINAL[variation])


def _moments(index: str, degree: int) -> Floats:
    """Weighted integrals of 1, p, p^2 ... over all percentiles p, the weight being the index's own variation."""
    if index == "variance":
        return np.array([6 / ((m + 2) * (m + 3)) for m in range(degree + 1)])
    # The integral of -p ln p is 1/(m+2)^2; that of (1-p) ln (1-p) is expanded in powers of 1-p.
    return np.array(
        [
            2 / (m + 2) ** 2 + 2 * sum((-1) ** (m - n) * comb(m, n) / (m - n + 2) ** 2 for n in range(m + 1))
            for m in range(degree + 1)
        ]
    )


def _rank_order(n: Floats, index: str, degree: int, weighted: bool) -> Floats:
    inside, overall, weights = _cumulative(n)
    variation = VARIATION[index][1]
    most = variation(overall)
    at_threshold = 1 - share_of((weights[..., None] * variation(inside)).sum(axis=-2), most)
    # A threshold that nobody is below or above says nothing, and one below an empty category repeats the one before.
    steps = np.diff(overall, axis=-1, prepend=0)
    says_something = (overall > 0) & (overall < 1) & (steps > 0)
    trust = np.where(says_something, most if weighted else 1.0, 0.0)
    powers = overall[..., None] ** np.arange(degree + 1)
    fitted = np.linalg.pinv(np.nan_to_num(powers * trust[..., None])) @ np.nan_to_num(at_threshold * trust)[..., None]
    value = (fitted[..., 0] * _moments(index, degree)).sum(axis=-1)
    return np.where(says_something.sum(axis=-1) > degree, value, np.nan)


def rank_order_index(*, index: str = "information", degree: int = HIGHEST_DEGREE, weighted: bool = True) -> Index:
    """The rank-order index with a polynomial of one degree. Raises InputError for an unknown index or degree below 0.

    >>> rank_order_index(index="variance", degree=2).name
    'rank_order_variance'
    """
    if index not in ("information", "variance"):
        raise InputError(f"index is {index!r}; choose information or variance")
    whole_number(degree, name="the degree of the polynomial")
    by = "by its precision" if weighted else "equally"
    return Index(
        name=f"rank_order_{index}",
        what="Segregation by income rank, averaged over every way to split the ranks in two.",
        formula=(
            f"binary index at each threshold, a polynomial of degree {degree} through them weighted {by}, "
            f"integrated over all percentiles"
        ),
        source="Reardon 2011; Owens, Reardon & Jencks 2016",
        undefined=f"a polynomial of degree {degree} needs at least {degree + 1} different thresholds",
        kernel=lambda n: _rank_order(n, index, degree, weighted),
    )


def rank_order_segregation(
    units_by_brackets: ArrayLike,
    *,
    index: str = "information",
    degree: int = HIGHEST_DEGREE,
    weighted: bool = True,
) -> Result:
    """Rank-order income segregation, about 0 to 1, whatever the brackets; shape (units, brackets).

    index: "information" (H^R) or "variance" (R^R). degree: of the polynomial; it needs one threshold more.
    weighted: thresholds count by the square of the variation there (precise near the middle), else equally.
    Not calculated with too few thresholds that split the students. Raises InputError for an unknown index.
    Source: Reardon 2011; Owens, Reardon & Jencks 2016.

    >>> round(rank_order_segregation([[5, 5, 0, 0], [0, 0, 5, 5]], degree=2).value, 6)
    0.452168
    """
    return measure(units_by_brackets, rank_order_index(index=index, degree=degree, weighted=weighted))
