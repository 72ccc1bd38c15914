"""Scoring methods that follow a trend: a straight line, the power law, and whichever fits best.

Everything is decimal arithmetic, so the same scores give the same hundredths on every machine. The power law has no
value at a score of zero, so scores below a floor count as the floor, and the result never leaves the scale.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from commonground.engine.mastery.evidence import Evidence, Scale, in_order, result, rounded
from commonground.engine.values import InputError, Result

MARZANO = "Marzano 2006, Classroom Assessment and Grading That Work"
FLOOR = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class _Fit:
    """A fitted trend: its name, how it reads, and its value at every piece of evidence, oldest first."""

    name: str
    words: str
    values: tuple[Decimal, ...]

    def misfit(self, given: Sequence[Decimal]) -> Decimal:
        """Sum of the distances between the trend and the scores."""
        return sum((abs(value - score) for value, score in zip(self.values, given, strict=True)), Decimal(0))


def linear_trend(evidence: Sequence[Evidence], *, scale: Scale, least: int = 3) -> Result:
    """The last value of the straight line of least squares, kept on the scale.

    least: scores that are needed, 2 or more. Source: Marzano 2006.

    >>> from commonground.engine.mastery.evidence import scores
    >>> linear_trend(scores(2, 2, 3, 3), scale=Scale()).value
    Decimal('3.10')
    """
    return _ended("linear trend", evidence, scale, least, _line)


def power_law(evidence: Sequence[Evidence], *, scale: Scale, least: int = 3, floor: Decimal = FLOOR) -> Result:
    """The last value of y = a × x to the power b, fitted to the logarithms by least squares, kept on the scale.

    least: scores that are needed, 2 or more. floor: what a lower score counts as, above zero, because zero has no
    logarithm. Raises InputError for a floor of zero or below. Source: Marzano 2006.

    >>> from commonground.engine.mastery.evidence import scores
    >>> power_law(scores(1, 2, 2, 3, "3.5"), scale=Scale()).value
    Decimal('3.43')
    """
    return _ended("power law", evidence, scale, least, lambda given: _power(given, floor))


def best_fit(evidence: Sequence[Evidence], *, scale: Scale, least: int = 3, floor: Decimal = FLOOR) -> Result:
    """The last value of whichever misses the scores least in all: the mean, the straight line or the power law.

    Misses are added up as distances. Equal misses go to the simpler: mean, then line. Otherwise as `power_law`.
    Source: Empower, score estimator.

    >>> from commonground.engine.mastery.evidence import scores
    >>> best_fit(scores("1.5", 2, "2.5", 3), scale=Scale()).value
    Decimal('3.00')
    """
    given = _enough("best fit", evidence, scale, least)
    if isinstance(given, Result):
        return given
    fits = [_flat(given), _line(given), _power(given, floor)]
    best = min(fits, key=lambda fit: fit.misfit(given))
    steps = [f"{fit.name}: {fit.words}; misses the scores by {rounded(fit.misfit(given))} in all." for fit in fits]
    value = _kept(best.values[-1], scale)
    steps.append(f"The {best.name} misses least and ends at {rounded(best.values[-1])}; on the scale {rounded(value)}.")
    return result("best fit", rounded(value), evidence=evidence, steps=steps, source="Empower, score estimator")


def _ended(
    name: str, evidence: Sequence[Evidence], scale: Scale, least: int, fit: Callable[[Sequence[Decimal]], _Fit]
) -> Result:
    given = _enough(name, evidence, scale, least)
    if isinstance(given, Result):
        return given
    trend = fit(given)
    value = _kept(trend.values[-1], scale)
    steps = [f"{trend.words}.", f"It ends at {rounded(trend.values[-1])}; on the scale {rounded(value)}."]
    return result(name, rounded(value), evidence=evidence, steps=steps, source=MARZANO)


def _enough(name: str, evidence: Sequence[Evidence], scale: Scale, least: int) -> list[Decimal] | Result:
    if least < 2:
        raise InputError(f"a trend through {least} scores is none; ask for 2 or more")
    given = in_order(evidence, scale)
    if len(given) < least:
        steps = [f"A trend needs {least} scores; there are {len(given)}."]
        return result(name, None, evidence=evidence, steps=steps, source=MARZANO)
    return given


def _kept(value: Decimal, scale: Scale) -> Decimal:
    return min(max(value, scale.lowest), scale.highest)


def _flat(given: Sequence[Decimal]) -> _Fit:
    mean = sum(given, Decimal(0)) / len(given)
    return _Fit("mean", f"the mean is {rounded(mean)}", (mean,) * len(given))


def _line(given: Sequence[Decimal]) -> _Fit:
    places = [Decimal(place) for place in range(1, len(given) + 1)]
    start, slope = _least_squares(places, given)
    return _Fit(
        "straight line",
        f"y = {rounded(start)} + {rounded(slope)} × x",
        tuple(start + slope * place for place in places),
    )


def _power(given: Sequence[Decimal], floor: Decimal) -> _Fit:
    if floor <= 0:
        raise InputError(f"the floor is {floor}; zero and below have no logarithm, choose more")
    raised = [max(score, floor) for score in given]
    places = [Decimal(place) for place in range(1, len(given) + 1)]
    start, power = _least_squares([place.ln() for place in places], [score.ln() for score in raised])
    lifted = sum(score < floor for score in given)
    words = f"y = {rounded(start.exp())} × x to the power {rounded(power)}"
    return _Fit(
        "power law",
        words + (f", with {lifted} scores below {floor} counted as {floor}" if lifted else ""),
        tuple((start + power * place.ln()).exp() for place in places),
    )


def _least_squares(x: Sequence[Decimal], y: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """Start and slope of the line of least squares."""
    mean_x, mean_y = sum(x, Decimal(0)) / len(x), sum(y, Decimal(0)) / len(y)
    across = sum(((one - mean_x) * (other - mean_y) for one, other in zip(x, y, strict=True)), Decimal(0))
    along = sum(((one - mean_x) ** 2 for one in x), Decimal(0))
    slope = across / along
    return mean_y - slope * mean_x, slope
