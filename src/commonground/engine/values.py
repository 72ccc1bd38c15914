"""Small frozen values and errors that every module of the engine shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class InputError(ValueError):
    """A calculation was given something it cannot answer. Says what is wrong, where, and what to do."""


def whole_number(number: Any, *, name: str, least: int = 0) -> int:
    """A count as a whole number. Raises InputError when it is missing, not whole or too small; name: what it counts.

    >>> whole_number(3.5, name="the capacity")
    Traceback (most recent call last):
        ...
    commonground.engine.values.InputError: the capacity is 3.5; give a whole number from 0
    """
    if not isinstance(number, Integral) or number < least:
        raise InputError(f"{name} is {number!r}; give a whole number from {least}")
    return int(number)


def whole_numbers(values: ArrayLike, *, name: str) -> NDArray[Any]:
    """An array of whole numbers in the shape given; 3.0 counts as 3. Raises InputError when rows differ in length or a number is not whole.

    >>> whole_numbers([[1, 2.0]], name="choices").tolist()
    [[1, 2]]
    """
    # Law and charts need the errors above and no arrays.
    import numpy as np

    try:
        given = np.asarray(values)
    except ValueError:
        raise InputError(f"{name}: rows differ in length; fill short ones up") from None
    if np.issubdtype(given.dtype, np.integer) or not given.size:
        return given if given.size else given.astype(np.int64)
    if not np.issubdtype(given.dtype, np.floating) or (given != np.floor(given)).any() or np.isinf(given).any():
        raise InputError(f"{name} must be whole numbers; one is missing, broken or no number")
    return given.astype(np.int64)


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
