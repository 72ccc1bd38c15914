"""Counts and lists of numbers: how they are checked before anything is calculated."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from commonground.engine.values import InputError

Floats = NDArray[np.float64]


def checked_count(events: Any, of: Any, *, name: str = "the group") -> tuple[int, int]:
    """How many of how many, as whole numbers.

    Raises InputError when one is missing, not whole or negative, or there are more events than people.
    """
    for what, count in (("events", events), ("people", of)):
        if isinstance(count, str):
            raise InputError(f"{name}: the number of {what} is {count!r}; it must be a whole number")
        if count is None or count != count:
            raise InputError(f"{name}: the number of {what} is missing; leave it out or ask for it")
        if not isinstance(count, int | np.integer) and not float(count).is_integer():
            raise InputError(f"{name}: the number of {what} is {count}; it must be a whole number")
        if count < 0:
            raise InputError(f"{name}: the number of {what} is {count}; counts start at 0")
    if events > of:
        raise InputError(f"{name}: {events} events among {of} people; count each person once")
    return int(events), int(of)


def checked_numbers(values: ArrayLike, *, name: str, least: int = 1, length: int | None = None) -> Floats:
    """A list of finite numbers. Raises InputError when one is missing, or there are too few or not as many as asked."""
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be a list of numbers") from None
    if numbers.ndim != 1:
        raise InputError(f"{name} has shape {numbers.shape}; give one list of numbers")
    if len(numbers) < least:
        raise InputError(f"{name} has {len(numbers)} numbers; at least {least} are needed")
    if length is not None and len(numbers) != length:
        raise InputError(f"{name} has {len(numbers)} numbers where {length} are needed")
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        raise InputError(f"{name}: the number at position {wrong[0]} is missing")
    return numbers


def checked_names(names: Sequence[str], *, length: int) -> tuple[str, ...]:
    """Different names, as many as asked for. Raises InputError otherwise."""
    if len(names) != length or len(set(names)) != len(names):
        raise InputError(f"{len(set(names))} different names for {length} groups; give each its own")
    return tuple(names)


def critical(confidence: float) -> float:
    """How many standard errors an interval of that confidence reaches to each side: 1.96 for 0.95.

    Raises InputError when confidence is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise InputError(f"confidence is {confidence}; it must lie between 0 and 1")
    return float(norm.ppf((1 + confidence) / 2))
