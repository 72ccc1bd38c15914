"""The same comparison inside every school or grade, and the sign that turns when they are thrown together."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import exp, log, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

from commonground.engine.disparity.numbers import critical
from commonground.engine.values import Explanation, InputError, Interval, NotCalculated, Result


@dataclass(frozen=True, slots=True)
class Stratified:
    """A comparison of two groups, pooled and inside strata.

    first_rate, second_rate, pooled_ratio, pooled_odds_ratio: all strata thrown together. odds_ratio, risk_ratio:
    Mantel-Haenszel, the same comparison inside the strata. p_value: that the odds are the same in all strata.
    reverses: pooled and stratified odds ratios lie on different sides of 1 (Simpson's paradox).
    Ratios are None where the second group has no event to compare with.
    """

    first_rate: float
    second_rate: float
    pooled_ratio: float | None
    pooled_odds_ratio: float | None
    odds_ratio: float
    risk_ratio: float | None
    p_value: float
    reverses: bool


def mantel_haenszel(strata: Sequence[ArrayLike] | ArrayLike, *, confidence: float = 0.95) -> Result:
    """Two groups compared inside strata and pooled: a `Stratified`, with the interval of the odds ratio.

    strata: shape (strata, 2 groups, 2 outcomes), whole numbers: for each stratum the first group's with and without the
    event, then the second group's. Strata where a group is missing say nothing and change nothing.
    Not calculated when no stratum compares the groups or the odds ratio has nothing to divide by.
    Raises InputError for another shape or counts that are none.
    Source: Mantel & Haenszel 1959; Robins, Breslow & Greenland 1986 (interval).

    >>> result = mantel_haenszel([[[8, 2], [80, 20]], [[10, 90], [1, 9]]]).value
    >>> round(result.odds_ratio, 6), result.reverses, round(result.first_rate, 2), round(result.second_rate, 2)
    (1.0, False, 0.16, 0.74)
    """
    try:
        tables = np.asarray(strata, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("strata must be tables of 2 groups by 2 outcomes") from None
    if tables.ndim != 3 or tables.shape[1:] != (2, 2) or not len(tables):
        raise InputError(f"strata have shape {tables.shape}; give (strata, 2 groups, 2 outcomes)")
    wrong = np.argwhere(~(np.isfinite(tables) & (tables >= 0) & (tables == np.floor(tables))))
    if len(wrong):
        raise InputError(f"stratum {wrong[0][0]}: a count is missing, negative or not whole")
    z = critical(confidence)
    explain = partial(
        Explanation,
        what="Odds of the first group against the second inside each stratum, and thrown together.",
        inputs={"strata": len(tables), "people": int(tables.sum())},
        rule="mantel-haenszel",
        source="Mantel & Haenszel 1959; Robins, Breslow & Greenland 1986",
    )
    used = tables[(tables.sum(axis=2) > 0).all(axis=1)]
    (a, b), (c, d) = used.transpose(1, 2, 0)
    size = used.sum(axis=(1, 2))
    r, s = a * d / size, b * c / size
    if r.sum() == 0 or s.sum() == 0:
        reason = "no stratum has both groups with and without the event, so there are no odds to compare"
        return Result(None, explain(), not_calculated=NotCalculated(reason))
    odds_ratio = float(r.sum() / s.sum())
    interval = _interval(a, b, c, d, z, confidence)
    below = float((c * (a + b) / size).sum())
    (pa, pb), (pc, pd) = tables.sum(axis=0).tolist()
    first, second = pa / (pa + pb), pc / (pc + pd)
    pooled_odds = pa * pd / (pb * pc) if pb * pc else None
    value = Stratified(
        first_rate=first,
        second_rate=second,
        pooled_ratio=first / second if second else None,
        pooled_odds_ratio=pooled_odds,
        odds_ratio=odds_ratio,
        risk_ratio=float((a * (c + d) / size).sum()) / below if below else None,
        p_value=_p_value(a, b, c, d),
        reverses=pooled_odds is not None and (pooled_odds - 1) * (odds_ratio - 1) < 0,
    )
    steps = (
        f"pooled rates {first:.4f} and {second:.4f}",
        f"odds ratio inside strata = sum of a d / n over sum of b c / n = {odds_ratio:.6g}",
        "pooled and stratified lie on different sides of 1" if value.reverses else "no reversal",
    )
    return Result(value, explain(steps=steps), interval)


def _interval(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray, z: float, confidence: float) -> Interval:
    size = a + b + c + d
    r, s, p, q = a * d / size, b * c / size, (a + d) / size, (b + c) / size
    variance = (p * r).sum() / (2 * r.sum() ** 2) + (p * s + q * r).sum() / (2 * r.sum() * s.sum())
    variance += (q * s).sum() / (2 * s.sum() ** 2)
    middle, reach = log(r.sum() / s.sum()), z * sqrt(float(variance))
    return Interval(exp(middle - reach), exp(middle + reach), confidence)


def _p_value(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> float:
    """The Cochran-Mantel-Haenszel test without continuity correction."""
    size = a + b + c + d
    several = size > 1
    a, b, c, d, size = (part[several] for part in (a, b, c, d, size))
    expected = (a + b) * (a + c) / size
    variance = (a + b) * (c + d) * (a + c) * (b + d) / (size**2 * (size - 1))
    return float(chi2.sf((a - expected).sum() ** 2 / variance.sum(), 1))
