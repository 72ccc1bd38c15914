"""Small frozen values and errors that every module of the engine shares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class InputError(ValueError):
    """A calculation was given something it cannot answer. Says what is wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a result came about, so that a person can check it by hand.

    what: one sentence that says what was calculated.
    inputs: what it was calculated from, by name (numbers and short texts only).
    steps: the working, one line each, in order.
    rule: name of the rule or method version, such as "mn-3535" or "wilson".
    source: primary source of the formula or law.
    seed: the seed of the random numbers used, None when none were.
    """

    what: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    rule: str | None = None
    source: str | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """A range that holds the true value with the stated confidence.

    low, high: in the unit of the estimate. confidence: between 0 and 1.
    """

    low: float
    high: float
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class NotCalculated:
    """There is no number, and why. Never to be shown or summed as zero."""

    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """A calculated value with its explanation.

    value: the number or structure; None only together with `not_calculated`.
    interval: None where the method has none.
    """

    value: Any
    explanation: Explanation
    interval: Interval | None = None
    not_calculated: NotCalculated | None = None
