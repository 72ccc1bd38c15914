"""Gaps between two groups' scores: in standard deviations, and from proficiency levels alone."""

from dataclasses import dataclass
from functools import partial
from math import exp, lgamma, log, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from commonground.engine.disparity.numbers import Floats, checked_count, checked_numbers, critical
from commonground.engine.values import Explanation, InputError, Interval, NotCalculated, Result

SHARES_SUM_TO_ONE = 1e-6


@dataclass(frozen=True, slots=True)
class StandardizedGap:
    """A difference of means in pooled standard deviations.

    d, var_d: Cohen's d and its variance. g, var_g: Hedges' g, corrected for small samples. correction: g / d;
    exact_correction: the same by the gamma function, which the usual formula approximates.
    """

    pooled_sd: float
    d: float
    var_d: float
    correction: float
    exact_correction: float
    g: float
    var_g: float


@dataclass(frozen=True, slots=True)
class LevelGap:
    """A gap from proficiency levels.

    v: in standard deviations, above 0 when the reference group is ahead. chance_ahead: that a student of the reference
    group scores above one of the focal group. cuts: how many cut scores told something. sd_ratio: the focal group's
    spread over the reference group's; 1 by assumption with a single cut.
    """

    v: float
    chance_ahead: float
    cuts: int
    sd_ratio: float


def standardized_gap(
    means: tuple[float, float],
    sds: tuple[float, float],
    counts: tuple[int, int],
    *,
    confidence: float = 0.95,
) -> Result:
    """The first mean less the second, in pooled standard deviations: a `StandardizedGap` with the interval of g.

    Not calculated when a group has fewer than 2 students or nobody differs from anybody.
    Raises InputError for numbers that are missing, a negative standard deviation, or counts that are not whole.
    Source: Hedges 1981; Borenstein et al. 2009, chapter 4.

    >>> gap = standardized_gap((103, 100), (5.5, 4.5), (50, 50)).value
    >>> round(gap.d, 4), round(gap.g, 4)
    (0.597, 0.5924)
    """
    (m1, m2), (s1, s2), (n1, n2) = (
        checked_numbers(pair, name=name, least=2, length=2).tolist()
        for name, pair in (("means", means), ("standard deviations", sds), ("counts", counts))
    )
    if n1 % 1 or n2 % 1 or min(n1, n2) < 0:
        raise InputError(f"the counts are {n1:g} and {n2:g}; give whole numbers of students")
    if min(s1, s2) < 0:
        raise InputError(f"the standard deviations are {s1:g} and {s2:g}; they start at 0")
    explain = partial(
        Explanation,
        what="Difference of two means in pooled standard deviations.",
        inputs={"means": f"{m1:g}, {m2:g}", "standard deviations": f"{s1:g}, {s2:g}", "students": f"{n1:g}, {n2:g}"},
        rule="hedges-g",
        source="Hedges 1981; Borenstein et al. 2009, chapter 4",
    )
    z, freedom = critical(confidence), n1 + n2 - 2
    if min(n1, n2) < 2 or max(s1, s2) == 0:
        reason = "a standard deviation needs two students in each group who do not all score the same"
        return Result(None, explain(), not_calculated=NotCalculated(reason))
    pooled = sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / freedom)
    d = (m1 - m2) / pooled
    var_d = (n1 + n2) / (n1 * n2) + d**2 / (2 * (n1 + n2))
    correction = 1 - 3 / (4 * freedom - 1)
    exact = exp(lgamma(freedom / 2) - lgamma((freedom - 1) / 2) - log(freedom / 2) / 2) if freedom > 1 else 0.0
    g, var_g = correction * d, correction**2 * var_d
    reach = z * sqrt(var_g)
    steps = (f"pooled standard deviation = {pooled:.6g}", f"d = {d:.6g}", f"g = {correction:.6g} x d = {g:.6g}")
    value = StandardizedGap(pooled, d, var_d, correction, exact, g, var_g)
    return Result(value, explain(steps=steps), Interval(g - reach, g + reach, confidence))


def cox_index(events: int, of: int, against: int, against_of: int) -> Result:
    """The gap between two rates in standard deviations, so that it can stand beside Hedges' g: ln(odds ratio) / 1.65.

    Corrected for small samples as g is. Not calculated when a group is empty, or when nobody or everybody of one had the
    event. Raises InputError for counts that are missing, negative or not whole, or more events than people.
    Source: Cox 1970; Sanchez-Meca, Marin-Martinez & Chacon-Moscoso 2003; WWC Procedures Handbook, version 5.0.

    >>> round(cox_index(60, 100, 50, 100).value, 4)
    0.2448
    """
    x1, n1 = checked_count(events, of)
    x2, n2 = checked_count(against, against_of, name="the comparison group")
    explain = partial(
        Explanation,
        what="Gap between two rates in standard deviations.",
        inputs={"events": x1, "people": n1, "comparison events": x2, "comparison people": n2},
        rule="cox-index",
        source="Cox 1970; WWC Procedures Handbook, version 5.0",
    )
    if not (0 < x1 < n1 and 0 < x2 < n2):
        reason = "odds need people with and without the event in both groups"
        return Result(None, explain(), not_calculated=NotCalculated(reason))
    odds_ratio = x1 * (n2 - x2) / ((n1 - x1) * x2)
    correction = 1 - 3 / (4 * (n1 + n2) - 9)
    value = correction * log(odds_ratio) / 1.65
    steps = (f"odds ratio = {odds_ratio:.6g}", f"{correction:.6g} x ln({odds_ratio:.6g}) / 1.65 = {value:.6g}")
    return Result(value, explain(steps=steps))


def _through_cuts(reference: Floats, focal: Floats) -> tuple[float, float, int]:
    """V, the ratio of spreads and the number of cuts used, from the numbers or shares per level."""
    below = [levels.cumsum()[:-1] / levels.sum() for levels in (reference, focal)]
    inside = np.all([(share > 0) & (share < 1) for share in below], axis=0)
    x, y = (norm.ppf(share[inside]) for share in below)
    cuts = int(inside.sum())
    if cuts == 0:
        return np.nan, np.nan, 0
    spread = x.std()
    # The line that treats both groups alike (reduced major axis): swapped groups have the same gap with another sign.
    slope = float(y.std() / spread) if cuts > 1 and spread > 0 and y.std() > 0 else 1.0
    rise = float(y.mean() - slope * x.mean())
    return rise / sqrt((1 + slope**2) / 2), 1 / slope, cuts


def level_gap(
    reference: ArrayLike,
    focal: ArrayLike,
    *,
    draws: int = 0,
    seed: int | None = None,
    confidence: float = 0.95,
) -> Result:
    """The gap V between two groups from how many are at each proficiency level, lowest first: a `LevelGap`.

    Exact when both groups are normal on any common scale, wherever the cut scores lie; percent-proficient gaps are not.
    reference, focal: students (or shares) per level, shape (levels,), at least two. draws, seed: for an interval, draw both groups
    again so many times; needs whole students. Not calculated when a group is empty or no cut splits both groups.
    Raises InputError for levels that are missing or negative, of another length, shares that do not sum to 1, or draws
    without a seed.
    Source: Ho & Reardon 2012, Journal of Educational and Behavioral Statistics 37:489.

    >>> round(level_gap([16, 34, 34, 16], [31, 38, 23, 8]).value.v, 2)
    0.48
    """
    first = checked_numbers(reference, name="reference", least=2)
    second = checked_numbers(focal, name="focal", least=2, length=len(first))
    if min(first.min(), second.min()) < 0:
        raise InputError("a level has a negative number of students; counts start at 0")
    for name, levels in (("reference", first), ("focal", second)):
        if (levels % 1).any() and abs(levels.sum() - 1) > SHARES_SUM_TO_ONE:
            raise InputError(f"{name}: the shares sum to {levels.sum():g}; they must sum to 1, or be whole numbers")
    explain = partial(
        Explanation,
        what="Gap between two groups in standard deviations, from proficiency levels alone.",
        inputs={"levels": len(first), "reference": float(first.sum()), "focal": float(second.sum()), "draws": draws},
        rule="v-probit",
        source="Ho & Reardon 2012, Journal of Educational and Behavioral Statistics 37:489",
        seed=seed,
    )
    if min(first.sum(), second.sum()) == 0:
        return Result(None, explain(), not_calculated=NotCalculated("a group has no students"))
    v, sd_ratio, cuts = _through_cuts(first, second)
    if cuts == 0:
        reason = "no cut score splits both groups, so nothing tells them apart"
        return Result(None, explain(), not_calculated=NotCalculated(reason))
    value = LevelGap(v, float(norm.cdf(v / sqrt(2))), cuts, sd_ratio)
    interval = _drawn_again(first, second, draws, seed, confidence) if draws else None
    steps = (
        "share of each group below each cut, as a normal quantile",
        f"a line through {cuts} cuts: the focal group's spread is {sd_ratio:.4g} times the reference group's",
        f"V = gap in means / root mean square of the spreads = {v:.6g}",
    )
    return Result(value, explain(steps=steps), interval)


def _drawn_again(first: Floats, second: Floats, draws: int, seed: int | None, confidence: float) -> Interval:
    if seed is None:
        raise InputError("seed is missing; name one, so that the same interval comes out again")
    if (first % 1).any() or (second % 1).any():
        raise InputError("an interval needs whole numbers of students, not shares")
    critical(confidence)
    rng = np.random.default_rng(seed)
    tables = [rng.multinomial(int(levels.sum()), levels / levels.sum(), size=draws) for levels in (first, second)]
    drawn = np.array([_through_cuts(a.astype(float), b.astype(float))[0] for a, b in zip(*tables, strict=True)])
    low, high = np.nanquantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2]).tolist()
    return Interval(low, high, confidence)
