"""Scores on a scale, as they were given: exact decimals, dated or not, and missing where there are none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from commonground.engine.values import Explanation, InputError, NotCalculated, Result

Score = Decimal | int | str
HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Scale:
    """A proficiency scale.

    lowest, highest: its ends. step: the smallest difference between two scores, such as 0.5 for half points; None allows
    any score between the ends. Raises InputError when the ends or the step cannot be.
    """

    lowest: Decimal = Decimal(0)
    highest: Decimal = Decimal(4)
    step: Decimal | None = Decimal("0.5")

    def __post_init__(self) -> None:
        if not self.lowest < self.highest:
            raise InputError(f"a scale cannot run from {self.lowest} to {self.highest}")
        if self.step is not None and (self.step <= 0 or (self.highest - self.lowest) % self.step):
            raise InputError(f"steps of {self.step} do not lead from {self.lowest} to {self.highest}")

    def nearest(self, value: Decimal) -> Decimal:
        """The score on the scale nearest to a value, half a step up.

        >>> Scale().nearest(Decimal("3.25"))
        Decimal('3.5')
        """
        value = min(max(value, self.lowest), self.highest)
        if self.step is None:
            return value
        steps = ((value - self.lowest) / self.step).to_integral_value(ROUND_HALF_UP)
        return self.lowest + steps * self.step

    def score(self, given: Score) -> Decimal:
        """A score as an exact decimal. Raises InputError off the scale, between its steps, or for a float."""
        if isinstance(given, bool) or not isinstance(given, Decimal | int | str):
            raise InputError(f"{given!r} is not exact: give a whole number, a Decimal or a text such as '2.5'")
        try:
            exact = Decimal(given)
        except ArithmeticError:
            raise InputError(f"{given!r} is not a score") from None
        if not exact.is_finite() or not self.lowest <= exact <= self.highest:
            raise InputError(f"{given} is not on the scale from {self.lowest} to {self.highest}")
        if self.step is not None and (exact - self.lowest) % self.step:
            raise InputError(f"{given} lies between the steps of {self.step} of the scale")
        return exact


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence for one standard.

    score: None when it is missing, which is never zero. given_on: the day or moment it was handed in, None when unknown.
    """

    score: Score | None
    given_on: date | datetime | None = None


def scores(*given: Score | None) -> tuple[Evidence, ...]:
    """Undated evidence, oldest first.

    >>> len(scores(2, None, 3))
    3
    """
    return tuple(Evidence(one) for one in given)


def in_order(evidence: Sequence[Evidence], scale: Scale) -> list[Decimal]:
    """The scores that are there, oldest first; what has no date is older than anything dated.

    Raises InputError for a score off the scale, or days mixed with moments.
    """
    kinds = {type(one.given_on) for one in evidence if one.given_on is not None}
    if len(kinds) > 1:
        raise InputError(
            "some evidence has a day and some a moment; give the same for all, so that it can be put in order"
        )
    undated = [one for one in evidence if one.given_on is None]
    dated = [one for one in evidence if one.given_on is not None]
    dated.sort(key=lambda one: one.given_on or date.min)
    return [scale.score(one.score) for one in (*undated, *dated) if one.score is not None]


def rounded(value: Decimal) -> Decimal:
    """A value to hundredths, half up: 4.125 is 4.13.

    >>> rounded(Decimal("4.125"))
    Decimal('4.13')
    """
    return value.quantize(HUNDREDTH, ROUND_HALF_UP)


def result(
    method: str, value: Decimal | None, *, evidence: Sequence[Evidence], steps: Sequence[str], source: str
) -> Result:
    """A score with its arithmetic; the last step says why where there is no value."""
    missing = sum(one.score is None for one in evidence)
    noted = [f"Missing, and not counted as zero: {missing}."] if missing else []
    return Result(
        value=value,
        explanation=Explanation(
            what=f"Proficiency by {method}",
            inputs={"scores": ", ".join("missing" if one.score is None else str(one.score) for one in evidence)},
            steps=(*noted, *steps),
            rule=method,
            source=source,
        ),
        not_calculated=NotCalculated(steps[-1]) if value is None else None,
    )


def convert(given: Score, *, of: Scale, to: Scale) -> Decimal:
    """A score moved to another scale in proportion, to hundredths half up; never rounded to the other scale's steps.

    >>> convert(2, of=Scale(highest=Decimal(5)), to=Scale())
    Decimal('1.60')
    """
    share = (of.score(given) - of.lowest) / (of.highest - of.lowest)
    return rounded(to.lowest + share * (to.highest - to.lowest))
