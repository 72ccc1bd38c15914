"""Small schools: how much of a number to believe (empirical Bayes)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from commonground.engine.disparity.numbers import Floats, checked_count, checked_numbers, critical
from commonground.engine.values import Explanation, InputError, Interval, NotCalculated, Result

LEAST = 4
ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class Shrunken:
    """One school's number, raw and drawn toward the mean of all.

    reliability: how much of the raw number's distance from the mean is kept, 0 to 1. interval: of the shrunken value.
    raw, value, reliability and interval are None for a school without students.
    """

    raw: float | None
    value: float | None
    reliability: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """All schools. mean: what they are drawn toward; true_sd: how much schools truly differ, 0 when chance explains all."""

    mean: float
    true_sd: float
    schools: tuple[Shrunken, ...]


def _spread(values: Floats, variances: Floats) -> tuple[float, float]:
    """The mean and the true variance, each from the other in turn."""
    k, truth = len(values), max(0.0, float(values.var(ddof=1) - variances.mean()))
    mean = float(values.mean())
    for _ in range(ROUNDS):
        weights = 1 / (truth + variances)
        mean = float((weights * values).sum() / weights.sum())
        excess = k / (k - 1) * (values - mean) ** 2 - variances
        updated = max(0.0, float((weights * excess).sum() / weights.sum()))
        if abs(updated - truth) <= 1e-15 * max(updated, truth):
            break
        truth = updated
    return mean, truth


def shrunken_means(values: ArrayLike, standard_errors: ArrayLike, *, confidence: float = 0.95) -> Result:
    """Each school's mean drawn toward the mean of all by as much as it is uncertain: a `Shrinkage`.

    values, standard_errors: one per school, errors above 0. Publish raw and shrunken side by side with the reliability.
    Not calculated for fewer than four schools: their spread cannot be estimated.
    With equal errors and schools that truly differ this is the estimator of James and Stein.
    Raises InputError for numbers that are missing or errors that are not above 0.
    Source: Morris 1983, Journal of the American Statistical Association 78:47; Efron & Morris 1975.

    >>> result = shrunken_means([10, 12, 14, 24], [2, 2, 2, 2]).value
    >>> [round(school.value, 2) for school in result.schools]
    [10.17, 12.1, 14.03, 23.69]
    """
    given = checked_numbers(values, name="values")
    errors = checked_numbers(standard_errors, name="standard errors", length=len(given))
    if errors.min() <= 0:
        raise InputError(f"the standard error at position {int(errors.argmin())} is not above 0")
    return _shrink(given, errors, list(range(len(given))), len(given), "Means", confidence)


def shrunken_rates(events: Sequence[int], of: Sequence[int], *, confidence: float = 0.95) -> Result:
    """Each school's rate drawn toward the mean of all: a `Shrinkage`, as `shrunken_means`.

    A school's error is that of the rate of all schools together among its own number of students, so that a school
    with no event is not certain. Schools without students get None. Not calculated for fewer than four schools with
    students, or when all or none had the event. Raises InputError for counts that are none.
    Source: Efron & Morris 1975; Morris 1983.

    >>> round(shrunken_rates([18, 14, 10, 7], [45, 45, 45, 45]).value.schools[0].value, 3)
    0.383
    """
    if len(events) != len(of):
        raise InputError(f"{len(events)} event counts and {len(of)} people counts; give both for each school")
    pairs = [checked_count(x, n, name=f"school {place}") for place, (x, n) in enumerate(zip(events, of, strict=True))]
    places = [place for place, (_, n) in enumerate(pairs) if n]
    x, n = (np.array([pairs[place][k] for place in places], dtype=float) for k in (0, 1))
    overall = float(x.sum() / n.sum()) if places else 0.0
    errors = np.sqrt(overall * (1 - overall) / n)
    return _shrink(x / n, errors, places, len(pairs), "Rates", confidence)


def _shrink(values: Floats, errors: Floats, places: list[int], count: int, noun: str, confidence: float) -> Result:
    z, k = critical(confidence), len(values)
    explain = partial(
        Explanation,
        what=f"{noun} of schools drawn toward their mean by as much as each is uncertain.",
        inputs={"schools": count, "schools with students": k},
        rule="morris-1983",
        source="Morris 1983, Journal of the American Statistical Association 78:47",
    )
    if k < LEAST:
        reason = NotCalculated(
            f"{k} schools with students are too few to estimate how schools differ; {LEAST} are needed"
        )
        return Result(None, explain(), not_calculated=reason)
    if errors.max() == 0:
        return Result(None, explain(), not_calculated=NotCalculated("all schools together have a rate of 0 or 1"))
    variances = errors**2
    mean, truth = _spread(values, variances)
    drawn = (k - 3) / (k - 1) * variances / (truth + variances)
    shrunken = values + drawn * (mean - values)
    # The last term is the price of having estimated how much to shrink.
    doubt = variances * (1 - (k - 1) / k * drawn) + 2 / (k - 3) * drawn**2 * (values - mean) ** 2
    reach = z * np.sqrt(doubt)
    schools: list[Shrunken] = [Shrunken(None, None, None, None)] * count
    for place, raw, value, kept, side in zip(places, values, shrunken, 1 - drawn, reach, strict=True):
        interval = Interval(float(value - side), float(value + side), confidence)
        schools[place] = Shrunken(float(raw), float(value), float(kept), interval)
    steps = (
        f"mean of all, weighted by certainty = {mean:.6g}; true spread between schools = {truth**0.5:.6g}",
        "kept of each distance = 1 - (k - 3) / (k - 1) x error variance / (true variance + error variance)",
    )
    return Result(Shrinkage(mean, truth**0.5, tuple(schools)), explain(steps=steps))
