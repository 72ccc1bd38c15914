"""Whether a rate, or a gap, rises or falls over years; and many such questions asked at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from commonground.engine.disparity.numbers import checked_count, checked_numbers, critical
from commonground.engine.values import Explanation, InputError, Interval, NotCalculated, Result


@dataclass(frozen=True, slots=True)
class RateTrend:
    """A linear trend of rates. slope: change of the rate per unit of score; z, chi_squared, p_value: of the test."""

    slope: float
    z: float
    chi_squared: float
    p_value: float


@dataclass(frozen=True, slots=True)
class GapTrend:
    """A line through gaps of independent cohorts. slope: per unit of time; p_value: that there is no slope.

    heterogeneity: weighted squared distance of the gaps from the line; about years - 2 when chance alone explains it.
    """

    slope: float
    standard_error: float
    p_value: float
    heterogeneity: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One test of a family. adjusted: the smallest false-discovery rate at which it is found; is_found: at the stated."""

    name: str
    p_value: float
    adjusted: float
    is_found: bool


@dataclass(frozen=True, slots=True)
class Family:
    """All tests that were declared together. found, found_by_bonferroni: how many stand out under either rule."""

    name: str
    rate: float
    findings: tuple[Finding, ...]
    found: int
    found_by_bonferroni: int


def rate_trend(
    events: Sequence[int],
    of: Sequence[int],
    *,
    scores: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Result:
    """Whether a rate changes steadily over ordered cohorts (Cochran-Armitage): a `RateTrend` with its slope's interval.

    events, of: whole numbers per cohort. scores: when each was, such as years, one for each cohort; None for 0, 1, 2 ...
    Not calculated with fewer than two cohorts with people, equal scores, or when all or none had the event.
    The interval is the slope's own (weighted by people). Raises InputError for counts or scores that are none.
    Source: Cochran 1954; Armitage 1955.

    >>> round(rate_trend([83, 90, 129, 70], [86, 93, 136, 82]).value.chi_squared, 3)
    8.225
    """
    if len(events) != len(of):
        raise InputError(f"{len(events)} event counts and {len(of)} people counts; give both for each cohort")
    pairs = [checked_count(x, n, name=f"cohort {place}") for place, (x, n) in enumerate(zip(events, of, strict=True))]
    given = range(len(pairs)) if scores is None else scores
    times = checked_numbers(given, name="scores", length=len(pairs))
    x, n = (np.array([pair[k] for pair in pairs], dtype=float) for k in (0, 1))
    z = critical(confidence)
    explain = partial(
        Explanation,
        what="Whether a rate changes steadily from cohort to cohort.",
        inputs={"cohorts": len(pairs), "people": int(n.sum()), "events": int(x.sum())},
        rule="cochran-armitage",
        source="Cochran 1954; Armitage 1955",
    )
    everyone = n.sum()
    mean = float((n * times).sum() / everyone) if everyone else 0.0
    spread = float((n * (times - mean) ** 2).sum())
    overall = float(x.sum() / everyone) if everyone else 0.0
    if spread == 0 or overall in (0.0, 1.0):
        reason = "a trend needs two cohorts with people at different times, some with and some without the event"
        return Result(None, explain(), not_calculated=NotCalculated(reason))
    slope = float(((x - n * overall) * (times - mean)).sum()) / spread
    statistic = slope / sqrt(overall * (1 - overall) / spread)
    rates = np.divide(x, n, out=np.zeros_like(x), where=n > 0)
    error = sqrt(float((n * rates * (1 - rates) * (times - mean) ** 2).sum())) / spread
    value = RateTrend(slope, statistic, statistic**2, float(2 * norm.sf(abs(statistic))))
    steps = (f"slope of the rate = {slope:.6g} per unit of score", f"chi-squared = {statistic**2:.6g} with 1 degree")
    return Result(value, explain(steps=steps), Interval(slope - z * error, slope + z * error, confidence))


def gap_trend(gaps: ArrayLike, standard_errors: ArrayLike, *, times: ArrayLike, confidence: float = 0.95) -> Result:
    """Whether a gap closes: a line through each cohort's gap, weighted by its certainty; a `GapTrend` with interval.

    gaps, standard_errors, times: one per cohort; cohorts of different children, so that their errors are independent
    (the error of a difference of rates is the root of the two squared errors' sum). Not calculated with fewer than
    two different times. Raises InputError for numbers that are missing or errors that are not above 0.
    Source: weighted least squares with known variances, Aitken 1935.

    >>> trend = gap_trend([0.30, 0.28, 0.26], [0.01, 0.01, 0.01], times=[2024, 2025, 2026])
    >>> round(trend.value.slope, 6), round(trend.value.standard_error, 6)
    (-0.02, 0.007071)
    """
    y = checked_numbers(gaps, name="gaps")
    errors = checked_numbers(standard_errors, name="standard errors", length=len(y))
    t = checked_numbers(times, name="times", length=len(y))
    if errors.min() <= 0:
        raise InputError(f"the standard error at position {int(errors.argmin())} is not above 0")
    z, weights = critical(confidence), 1 / errors**2
    explain = partial(
        Explanation,
        what="Whether the gap between two groups changes steadily over cohorts.",
        inputs={"cohorts": len(y), "first": float(t.min()), "last": float(t.max())},
        rule="weighted-least-squares",
        source="Aitken 1935",
    )
    middle = float((weights * t).sum() / weights.sum())
    spread = float((weights * (t - middle) ** 2).sum())
    if len(set(t.tolist())) < 2:
        return Result(None, explain(), not_calculated=NotCalculated("a trend needs cohorts at two different times"))
    mean = float((weights * y).sum() / weights.sum())
    slope, error = float((weights * (t - middle) * (y - mean)).sum()) / spread, 1 / sqrt(spread)
    left = float((weights * (y - mean - slope * (t - middle)) ** 2).sum())
    value = GapTrend(slope, error, float(2 * norm.sf(abs(slope / error))), left)
    steps = (f"slope = {slope:.6g} per unit of time, standard error {error:.6g}",)
    return Result(value, explain(steps=steps), Interval(slope - z * error, slope + z * error, confidence))


def benjamini_hochberg(p_values: Mapping[str, float], *, family: str, rate: float = 0.05) -> Result:
    """Which of many tests stand out when no more than a stated share of the findings may be false: a `Family`.

    p_values: of every test that was made, by name, not only the interesting ones. family: what was declared to belong
    together before looking, such as "suspension, all districts and groups, 2026". rate: the false-discovery rate.
    Raises InputError when the family has no name, there is no test, or a p-value or rate is not between 0 and 1.
    Source: Benjamini & Hochberg 1995, Journal of the Royal Statistical Society B 57:289.

    >>> [f.is_found for f in benjamini_hochberg({"A": 0.01, "B": 0.03, "C": 0.5}, family="example").value.findings]
    [True, True, False]
    """
    if not family.strip():
        raise InputError("the family has no name; say what was declared to belong together before looking")
    p = checked_numbers(list(p_values.values()), name="p-values")
    if p.min() < 0 or p.max() > 1 or not 0 < rate < 1:
        raise InputError("p-values lie from 0 to 1, and the rate between them")
    # In decimals as they print: 0.1 at rank 3 of 6 is found at a rate of 0.2, not a rounding error above it.
    exact, limit = [Fraction(str(value)) for value in p.tolist()], Fraction(str(rate))
    order = sorted(range(len(p)), key=lambda place: exact[place])
    adjusted, smallest = [Fraction(1)] * len(p), Fraction(1)
    for rank, place in reversed(list(enumerate(order, start=1))):
        smallest = min(smallest, exact[place] * len(p) / rank)
        adjusted[place] = smallest
    findings = tuple(
        Finding(name, value, float(least), least <= limit)
        for name, value, least in zip(p_values, p.tolist(), adjusted, strict=True)
    )
    found = sum(finding.is_found for finding in findings)
    strict = sum(value <= limit / len(p) for value in exact)
    explanation = Explanation(
        what="Which tests of a declared family stand out.",
        inputs={"family": family, "tests": len(p), "false-discovery rate": rate},
        steps=(
            "adjusted p = smallest over it and all larger ones of p x tests / rank",
            f"{found} of {len(p)} stand out",
        ),
        rule="benjamini-hochberg",
        source="Benjamini & Hochberg 1995, Journal of the Royal Statistical Society B 57:289",
    )
    return Result(Family(family, rate, findings, found, strict), explanation)
