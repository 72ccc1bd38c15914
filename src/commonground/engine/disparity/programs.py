"""What a program may have done, and what could have been seen at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment
from scipy.stats import norm, t

from commonground.engine.disparity.gaps import cox_index, standardized_gap
from commonground.engine.disparity.numbers import Floats, checked_numbers, critical
from commonground.engine.values import Explanation, InputError, Interval, NotCalculated, Result

RATINGS = ("satisfied", "adjust", "not_satisfied")


@dataclass(frozen=True, slots=True)
class SegmentedLine:
    """An interrupted series. level_change: at the start of the program; slope_change: per period from then on.

    Standard errors hold under autocorrelation up to `lag` periods; None when the line fits with nothing left to judge.
    """

    level: float
    slope: float
    level_change: float
    slope_change: float
    level_change_error: float | None
    slope_change_error: float | None
    lag: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """How alike the groups were before on one measure. g: Hedges' g, of a measure of zeros and ones the Cox index.

    rating: see `baseline_rating`. Both are None where no gap can be calculated.
    """

    name: str
    g: float | None
    rating: str | None


@dataclass(frozen=True, slots=True)
class Matched:
    """A matched comparison. effect: mean difference of the pairs; pairs: (treated, comparison) positions.

    unmatched: treated positions without a partner; the effect says nothing about them.
    """

    effect: float
    standard_error: float
    pairs: tuple[tuple[int, int], ...]
    unmatched: tuple[int, ...]
    baseline: tuple[Baseline, ...]


def minimum_detectable_change(
    standard_error: float,
    *,
    power: float = 0.80,
    significance: float = 0.05,
    degrees_of_freedom: float | None = None,
) -> Result:
    """The smallest true change that would be seen with the stated power. Show it before a goal is approved.

    standard_error: of the estimated change. degrees_of_freedom: None for many. Two-sided.
    Raises InputError for numbers outside their range. Source: Bloom 1995, 2005.

    >>> round(minimum_detectable_change(1.0).value, 3)
    2.802
    """
    if not standard_error > 0 or not 0 < power < 1 or not 0 < significance < 1:
        raise InputError("the standard error must be above 0, power and significance between 0 and 1")
    if degrees_of_freedom is not None and degrees_of_freedom <= 0:
        raise InputError(f"degrees of freedom are {degrees_of_freedom}; with none left nothing can be detected")
    quantile = norm.ppf if degrees_of_freedom is None else partial(t.ppf, df=degrees_of_freedom)
    multiplier = float(quantile(1 - significance / 2) + quantile(power))
    explanation = Explanation(
        what="Smallest true change that would be seen with the stated power.",
        inputs={"standard error": standard_error, "power": power, "significance": significance},
        steps=(f"{multiplier:.4f} standard errors", f"= {multiplier * standard_error:.6g}"),
        rule="bloom-minimum-detectable",
        source="Bloom 1995, 2005",
    )
    return Result(multiplier * standard_error, explanation)


def minimum_detectable_effect_in_schools(
    *,
    schools: int,
    students_per_school: float,
    intraclass_correlation: float,
    treated_share: float = 0.5,
    explained_between: float = 0.0,
    explained_within: float = 0.0,
    covariates: int = 0,
    power: float = 0.80,
    significance: float = 0.05,
) -> Result:
    """The smallest effect, in standard deviations, that a comparison of whole schools would show.

    intraclass_correlation: share of the variance between schools. explained_between, explained_within: shares that
    covariates explain. covariates: how many at the school level. Not calculated with no degree of freedom left.
    Raises InputError for shares outside 0 to 1. Source: Bloom 2005; Dong & Maynard 2013.

    >>> result = minimum_detectable_effect_in_schools(schools=14, students_per_school=60, intraclass_correlation=0.2)
    >>> round(result.value, 2)
    0.75
    """
    shares = (intraclass_correlation, explained_between, explained_within)
    if not all(0 <= share <= 1 for share in shares) or not 0 < treated_share < 1 or students_per_school <= 0:
        raise InputError("shares lie from 0 to 1, the treated share between them, and schools have students")
    left = schools - covariates - 2
    between = intraclass_correlation * (1 - explained_between)
    within = (1 - intraclass_correlation) * (1 - explained_within) / students_per_school
    inputs = {"schools": schools, "students per school": students_per_school, "intraclass correlation": shares[0]}
    if left <= 0:
        explanation = Explanation("Smallest effect that could be seen.", inputs, (), "bloom-clusters", "Bloom 2005")
        return Result(None, explanation, not_calculated=NotCalculated(f"{schools} schools leave nothing to judge by"))
    error = sqrt((between + within) / (treated_share * (1 - treated_share) * schools))
    seen = minimum_detectable_change(error, power=power, significance=significance, degrees_of_freedom=left)
    explanation = Explanation(
        what="Smallest effect in standard deviations that a comparison of whole schools would show.",
        inputs=inputs,
        steps=(
            f"standard error = {error:.6g}; the part between schools is {between / (between + within):.0%}",
            *seen.explanation.steps,
        ),
        rule="bloom-clusters",
        source="Bloom 2005; Dong & Maynard 2013",
    )
    return Result(seen.value, explanation)


def difference_in_differences(
    treated: tuple[float, float],
    comparison: tuple[float, float],
    *,
    standard_errors: tuple[float, float, float, float] | None = None,
    confidence: float = 0.95,
) -> Result:
    """The change of the treated less the change of the comparison group; each given as (before, after).

    standard_errors: of the four means in that order, from different people; without them there is no interval.
    It is the program's effect only if both would have changed alike without it.
    Raises InputError for numbers that are missing or negative errors. Source: Card & Krueger 1994; Angrist & Pischke 2009.

    >>> round(difference_in_differences((20.44, 21.03), (23.33, 21.17)).value, 2)
    2.75
    """
    (before, after), (other_before, other_after) = (
        checked_numbers(pair, name=name, least=2, length=2).tolist()
        for name, pair in (("treated", treated), ("comparison", comparison))
    )
    value = (after - before) - (other_after - other_before)
    explanation = Explanation(
        what="Change of the treated group less the change of the comparison group.",
        inputs={"treated": f"{before:g} to {after:g}", "comparison": f"{other_before:g} to {other_after:g}"},
        steps=(f"{after - before:.6g} - {other_after - other_before:.6g} = {value:.6g}", "assumes parallel change"),
        rule="difference-in-differences",
        source="Card & Krueger 1994; Angrist & Pischke 2009",
    )
    z = critical(confidence)
    if standard_errors is None:
        return Result(value, explanation)
    errors = checked_numbers(standard_errors, name="standard errors", length=4)
    if errors.min() < 0:
        raise InputError("a standard error is negative; errors start at 0")
    reach = z * float(np.sqrt((errors**2).sum()))
    return Result(value, explanation, Interval(value - reach, value + reach, confidence))


def interrupted_series(values: ArrayLike, *, start: int, lag: int = 1, confidence: float = 0.95) -> Result:
    """A line before and a line from the start of a program: a `SegmentedLine`, with the interval of the level change.

    values: one per period, in order. start: position of the first period with the program. lag: periods over which
    errors may hang together (Newey-West, with the small-sample factor n / (n - 4)). The interval is Student's with n - 4
    degrees of freedom: school series are short, and a normal one would claim too much.
    Not calculated with fewer than two periods on either side. Raises InputError for values that are missing, a start that
    is none of the periods, or a lag that is negative or as long as the series. Source: Wagner et al. 2002; Newey & West 1987.

    >>> result = interrupted_series([10, 10.5, 11, 14, 14.2, 14.4], start=3).value
    >>> round(result.level_change, 6), round(result.slope_change, 6)
    (2.5, -0.3)
    """
    y = checked_numbers(values, name="values")
    if not 0 <= lag < len(y):
        raise InputError(f"lag is {lag}; give 0 or more, fewer than the {len(y)} periods")
    if not 0 <= start <= len(y):
        raise InputError(f"the program would start at position {start} of {len(y)} periods; they are numbered from 0")
    critical(confidence)
    n = len(y)
    explain = partial(
        Explanation,
        what="Level and slope of a series before and from the start of a program.",
        inputs={"periods": n, "start": start, "lag": lag},
        rule="segmented-regression, newey-west",
        source="Wagner et al. 2002; Newey & West 1987",
    )
    if start < 2 or n - start < 2:
        reason = NotCalculated("a line needs two periods before the start and two from it on")
        return Result(None, explain(), not_calculated=reason)
    time = np.arange(n, dtype=float)
    since = (time >= start).astype(float)
    design = np.column_stack([np.ones(n), time, since, since * (time - start)])
    inverse = np.linalg.inv(design.T @ design)
    level, slope, step, bend = (inverse @ design.T @ y).tolist()
    step_error: float | None = None
    bend_error: float | None = None
    if n > design.shape[1]:
        residuals = y - design @ np.array([level, slope, step, bend])
        step_error, bend_error = _newey_west(design, residuals, inverse, lag)
    value = SegmentedLine(level, slope, step, bend, step_error, bend_error, lag)
    steps = (f"level change at the start = {step:.6g}", f"slope change from then on = {bend:.6g} per period")
    interval = None
    if step_error is not None:
        reach = float(t.ppf((1 + confidence) / 2, n - design.shape[1])) * step_error
        interval = Interval(step - reach, step + reach, confidence)
    return Result(value, explain(steps=steps), interval)


def _newey_west(design: Floats, residuals: Floats, inverse: Floats, lag: int) -> tuple[float, float]:
    """Standard errors of the change of level and of slope."""
    n, k = design.shape
    scores = design * residuals[:, None]
    middle = scores.T @ scores
    for back in range(1, min(lag, n - 1) + 1):
        lagged = scores[back:].T @ scores[:-back]
        middle += (1 - back / (lag + 1)) * (lagged + lagged.T)
    covariance = inverse @ middle @ inverse * n / (n - k)
    step, bend = np.sqrt(np.maximum(np.diagonal(covariance)[2:], 0)).tolist()
    return step, bend


def baseline_rating(g: float) -> str:
    """How the What Works Clearinghouse rates a baseline difference of g standard deviations.

    "satisfied" up to 0.05, "adjust" up to 0.25 (only with the measure as a covariate), else "not_satisfied".
    Raises InputError when g is missing. Source: WWC Standards Handbook, version 5.0.

    >>> baseline_rating(0.05), baseline_rating(-0.25), baseline_rating(0.26)
    ('satisfied', 'adjust', 'not_satisfied')
    """
    size = abs(checked_numbers([g], name="g")[0])
    return RATINGS[0] if size <= 0.05 else RATINGS[1] if size <= 0.25 else RATINGS[2]


def matched_comparison(
    treated: ArrayLike,
    comparison: ArrayLike,
    *,
    baseline: Sequence[str],
    outcomes: tuple[ArrayLike, ArrayLike],
    exact: tuple[Sequence[Any], Sequence[Any]] | None = None,
    caliper: float | None = None,
    confidence: float = 0.95,
) -> Result:
    """Each treated student beside the most alike comparison student, used once: a `Matched` with its paired interval.

    treated, comparison: baseline measures, shape (students, measures), named by `baseline`. outcomes: of both groups.
    exact: labels (such as grade) that must agree, of both groups. caliper: the furthest a pair may be apart, in
    standard deviations over all measures; None for any. All pairs together are as close as they can be.
    Not calculated with fewer than two pairs. Read `baseline` first: a rating of "not_satisfied" means that the groups
    were not alike and the effect is not evidence. Raises InputError for shapes that do not belong together, and a negative
    caliper.
    Source: Rosenbaum 1989 (optimal matching); WWC Standards Handbook 5.0 (ratings).

    >>> result = matched_comparison([[1.0], [2.0]], [[2.1], [0.9], [9.0]], baseline=["pre"], outcomes=([5, 7], [4, 4, 0]))
    >>> result.value.pairs, result.value.effect
    (((0, 1), (1, 0)), 2.0)
    """
    before = [
        _measures(group, len(baseline), name) for group, name in ((treated, "treated"), (comparison, "comparison"))
    ]
    after = [
        checked_numbers(values, name=f"outcomes of the {name}", length=len(group))
        for values, group, name in zip(outcomes, before, ("treated", "comparison"), strict=True)
    ]
    if caliper is not None and not caliper >= 0:
        raise InputError(f"caliper is {caliper}; give 0 or more standard deviations, or None for any")
    spread = np.vstack(before).std(axis=0)
    apart = [group / np.where(spread > 0, spread, 1.0) for group in before]
    distance = np.sqrt(((apart[0][:, None, :] - apart[1][None, :, :]) ** 2).sum(axis=2))
    may_pair = distance <= (np.inf if caliper is None else caliper)
    if exact is not None:
        labels = [np.asarray(labels, dtype=object) for labels in exact]
        if [len(part) for part in labels] != [len(group) for group in before]:
            raise InputError("exact needs one label per treated and one per comparison student")
        may_pair &= labels[0][:, None] == labels[1][None, :]
    # A pair that may not be costs more than all that may together, so that as many as possible are matched first.
    cost = np.where(may_pair, distance, 1 + distance[may_pair].sum())
    pairs = tuple((int(i), int(j)) for i, j in zip(*linear_sum_assignment(cost), strict=True) if may_pair[i, j])
    explain = partial(
        Explanation,
        what="Outcome of treated students less that of the most alike comparison students.",
        inputs={"treated": len(before[0]), "comparison": len(before[1]), "pairs": len(pairs), "caliper": str(caliper)},
        rule="optimal-pair-matching, wwc-5.0",
        source="Rosenbaum 1989; WWC Standards Handbook 5.0",
    )
    if len(pairs) < 2:
        return Result(None, explain(), not_calculated=NotCalculated("fewer than two treated students have a partner"))
    critical(confidence)
    chosen = [np.array([pair[side] for pair in pairs]) for side in (0, 1)]
    differences = after[0][chosen[0]] - after[1][chosen[1]]
    effect, error = float(differences.mean()), float(differences.std(ddof=1) / sqrt(len(pairs)))
    reach = float(t.ppf((1 + confidence) / 2, len(pairs) - 1)) * error
    rated = tuple(
        _rated(name, *(group[at, k] for group, at in zip(before, chosen, strict=True)))
        for k, name in enumerate(baseline)
    )
    unmatched = tuple(sorted(set(range(len(before[0]))) - set(chosen[0].tolist())))
    steps = (
        f"{len(pairs)} pairs, {len(unmatched)} treated without a partner",
        *(f"baseline {b.name}: g = {b.g if b.g is None else round(b.g, 4)}, {b.rating}" for b in rated),
        f"mean difference = {effect:.6g}, standard error {error:.6g}",
    )
    interval = Interval(effect - reach, effect + reach, confidence)
    return Result(Matched(effect, error, pairs, unmatched, rated), explain(steps=steps), interval)


def _measures(values: ArrayLike, columns: int, name: str) -> Floats:
    try:
        table = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name}: baseline measures must be a table of numbers") from None
    if table.ndim != 2 or table.shape[1] != columns or not len(table):
        raise InputError(f"{name}: baseline measures have shape {table.shape}; give (students, {columns})")
    wrong = np.argwhere(~np.isfinite(table))
    if len(wrong):
        raise InputError(f"{name}: the measure of student {wrong[0][0]} is missing")
    return table


def _rated(name: str, first: Floats, second: Floats) -> Baseline:
    means, sds = ((float(f(first)), float(f(second))) for f in (np.mean, partial(np.std, ddof=1)))
    if means[0] == means[1]:
        return Baseline(name, 0.0, RATINGS[0])
    if np.isin([*first, *second], (0.0, 1.0)).all():
        g = cox_index(int(first.sum()), len(first), int(second.sum()), len(second)).value
    else:
        gap = standardized_gap(means, sds, (len(first), len(second))).value
        g = None if gap is None else gap.g
    return Baseline(name, g, None if g is None else baseline_rating(g))
