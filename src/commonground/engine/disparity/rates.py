"""Rates of two groups: each with its interval, their difference, their ratio."""

from collections.abc import Callable
from functools import partial
from math import exp, inf, log, sqrt

from scipy.optimize import brentq

from commonground.engine.disparity.numbers import checked_count, critical
from commonground.engine.values import Explanation, InputError, Interval, NotCalculated, Result

RATIO_METHODS = ("koopman", "katz")
NOBODY = "there is nobody in the group"


def wilson(events: int, of: int, z: float) -> tuple[float, float]:
    """The limits of the Wilson score interval; of must be above 0."""
    share = events / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    reach = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    # Nobody and everybody have exact limits that rounding would miss.
    return (0.0 if events == 0 else middle - reach, 1.0 if events == of else middle + reach)


def rate(events: int, of: int, *, confidence: float = 0.95) -> Result:
    """The share of a group with an event, and its Wilson interval.

    events, of: whole numbers, events <= of. Not calculated when nobody is in the group.
    Raises InputError for counts that are missing, negative or not whole, or more events than people.
    Source: Wilson 1927; Newcombe 1998, Statistics in Medicine 17:857.

    >>> result = rate(81, 263)
    >>> round(result.value, 4), round(result.interval.low, 4), round(result.interval.high, 4)
    (0.308, 0.2553, 0.3662)
    """
    events, of = checked_count(events, of)
    z = critical(confidence)
    explain = partial(
        Explanation,
        what="Share of the group with the event.",
        inputs={"events": events, "people": of},
        rule="wilson",
        source="Wilson 1927; Newcombe 1998, Statistics in Medicine 17:857",
    )
    if of == 0:
        return Result(None, explain(), not_calculated=NotCalculated(NOBODY))
    steps = (f"rate = {events} / {of}", f"Wilson score interval, z = {z:.4f}")
    return Result(events / of, explain(steps=steps), Interval(*wilson(events, of, z), confidence))


def rate_difference(events: int, of: int, against: int, against_of: int, *, confidence: float = 0.95) -> Result:
    """The rate of a group less that of a comparison group, with Newcombe's hybrid score interval (method 10).

    Not calculated when either group is empty. Raises InputError as `rate`.
    Source: Newcombe 1998, Statistics in Medicine 17:873.

    >>> result = rate_difference(56, 70, 48, 80)
    >>> round(result.value, 4), round(result.interval.low, 4), round(result.interval.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    events, of = checked_count(events, of)
    against, against_of = checked_count(against, against_of, name="the comparison group")
    z = critical(confidence)
    explain = partial(
        Explanation,
        what="Rate of the group less the rate of the comparison group.",
        inputs=_inputs(events, of, against, against_of),
        rule="newcombe-10",
        source="Newcombe 1998, Statistics in Medicine 17:873",
    )
    if of == 0 or against_of == 0:
        return Result(None, explain(), not_calculated=NotCalculated(NOBODY))
    first, second = events / of, against / against_of
    (low1, high1), (low2, high2) = wilson(events, of, z), wilson(against, against_of, z)
    difference = first - second
    interval = Interval(
        difference - sqrt((first - low1) ** 2 + (high2 - second) ** 2),
        difference + sqrt((high1 - first) ** 2 + (second - low2) ** 2),
        confidence,
    )
    steps = (
        f"{events} / {of} - {against} / {against_of} = {difference:.6g}",
        f"Wilson limits: {low1:.4f} to {high1:.4f}, and {low2:.4f} to {high2:.4f}",
        "each limit is as far from the difference as the two Wilson limits that pull that way, squared and added",
    )
    return Result(difference, explain(steps=steps), interval)


def rate_ratio(
    events: int,
    of: int,
    against: int,
    against_of: int,
    *,
    method: str = "koopman",
    confidence: float = 0.95,
) -> Result:
    """The rate of a group over that of a comparison group (risk ratio), with its interval.

    method: "koopman" (score; holds its confidence in small groups) or "katz" (logarithm; has no interval with no event
    on either side). When the comparison group has no event the ratio is not calculated; Koopman still gives the lower
    limit. Not calculated when either group is empty.
    Raises InputError as `rate`, and for another method.
    Source: Katz et al. 1978; Koopman 1984, Biometrics 40:513.

    >>> result = rate_ratio(36, 40, 16, 80)
    >>> round(result.value, 2), round(result.interval.low, 2), round(result.interval.high, 2)
    (4.5, 2.94, 7.15)
    """
    if method not in RATIO_METHODS:
        raise InputError(f"method is {method!r}; choose one of {', '.join(RATIO_METHODS)}")
    events, of = checked_count(events, of)
    against, against_of = checked_count(against, against_of, name="the comparison group")
    z = critical(confidence)
    explain = partial(
        Explanation,
        what="Rate of the group over the rate of the comparison group.",
        inputs=_inputs(events, of, against, against_of),
        rule=method,
        source="Katz et al. 1978" if method == "katz" else "Koopman 1984, Biometrics 40:513",
    )
    if of == 0 or against_of == 0:
        return Result(None, explain(), not_calculated=NotCalculated(NOBODY))
    limits = (_katz if method == "katz" else _koopman)(events, of, against, against_of, z)
    interval = Interval(*limits, confidence) if limits else None
    if against == 0:
        reason = NotCalculated("nobody in the comparison group had the event, so there is no ratio")
        return Result(None, explain(), interval, reason)
    ratio = events * against_of / (of * against)
    steps = (f"({events} / {of}) / ({against} / {against_of}) = {ratio:.6g}", f"{method} interval, z = {z:.4f}")
    return Result(ratio, explain(steps=steps), interval)


def _inputs(events: int, of: int, against: int, against_of: int) -> dict[str, int]:
    return {"events": events, "people": of, "comparison events": against, "comparison people": against_of}


def _katz(x1: int, n1: int, x2: int, n2: int, z: float) -> tuple[float, float] | None:
    if x1 == 0 or x2 == 0:
        return None
    ratio, error = x1 * n2 / (n1 * x2), sqrt(1 / x1 - 1 / n1 + 1 / x2 - 1 / n2)
    return ratio / exp(z * error), ratio * exp(z * error)


def _koopman(x1: int, n1: int, x2: int, n2: int, z: float) -> tuple[float, float] | None:
    """The ratios that a score test would not reject."""
    if x1 == 0 and x2 == 0:
        return None

    def excess(log_ratio: float) -> float:
        ratio = exp(log_ratio)
        # The likeliest comparison rate if this were the ratio: the smaller root of a quadratic, in the form that keeps
        # its digits for ratios near 0, 1 and infinity.
        up, down = (n1 + x2) * ratio, x1 + n2
        root = sqrt((up - down) ** 2 + 4 * ratio * (n1 - x1) * (n2 - x2))
        second = 2 * (x1 + x2) / (up + down + root)
        first = min(ratio * second, 1.0)
        variance = first * (1 - first) / n1 + ratio * ratio * second * (1 - second) / n2
        gap = x1 / n1 - ratio * x2 / n2
        return gap * gap - z * z * variance

    # The estimate itself is never rejected; a hair beside it, because with both groups full nothing is uncertain there.
    middle, hair, far = log(x1 * n2 / (n1 * x2)) if x1 and x2 else 0.0, 1e-9, 40.0
    low = 0.0 if x1 == 0 else exp(_crossing(excess, middle - far, middle - hair if x2 else far))
    high = inf if x2 == 0 else exp(_crossing(excess, middle + hair if x1 else -far, middle + far))
    return low, high


def _crossing(excess: Callable[[float], float], below: float, above: float) -> float:
    return float(brentq(excess, below, above, xtol=1e-14, rtol=1e-14, maxiter=500))
