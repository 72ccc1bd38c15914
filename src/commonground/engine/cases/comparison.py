"""Whether an answer is the expected one.

- A number may be off by the case's tolerance; without one, whole numbers are exact and others may be off by 1e-9. Yes
  and no are never 1 and 0.
- Nothing (`null`) and `"not_calculated"` are answered only by None or `NotCalculated`, never by zero; a number is never
  answered by nothing.
- A fraction written as text ("7/12") is answered by exactly that fraction.
- Words are answered by the same words; runs of spaces count as one.
- Lists agree place by place. An answer may hold more names than were asked for, never fewer.
- `..._at_least` and `..._at_most` bound the answer of that name or of the rest of the name.
- Limits of time or memory (`seconds...`, `memory...`) and remarks (`note`, `source`) are not part of passing.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from numbers import Real
from re import fullmatch
from typing import Any

import numpy as np

from commonground.engine.values import NotCalculated, Result

NOTHING = "not_calculated"
NOT_COMPARED = ("seconds", "memory", "note", "source")
BOUNDS = ("_at_least", "_at_most")


def differences(expected: Any, actual: Any, *, tolerance: float | None = None) -> list[str]:
    """One line for each place where an answer differs from what is expected; empty when they agree.

    >>> differences({"D": 0.6, "H": None}, {"D": 0.6000000001, "H": 0.0, "M": 0.4}, tolerance=1e-6)
    ['H: expected nothing, got 0.0']
    """
    return list(_compare(expected, actual, tolerance, ""))


def is_compared(name: str) -> bool:
    """Whether a field of an expectation is part of passing."""
    return not name.startswith(NOT_COMPARED)


def _simple(value: Any) -> Any:
    """Results, arrays and NumPy scalars as what they hold."""
    if isinstance(value, Result):
        return value.not_calculated if value.not_calculated is not None else _simple(value.value)
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return value


def _compare(expected: Any, actual: Any, tolerance: float | None, at: str) -> Iterator[str]:
    actual = _simple(actual)
    where = f"{at}: " if at else ""
    if isinstance(expected, Mapping):
        yield from _compare_mapping(expected, actual, tolerance, at)
    elif isinstance(expected, list):
        if not isinstance(actual, list | tuple) or len(actual) != len(expected):
            yield f"{where}expected {len(expected)} entries, got {actual!r}"
            return
        for place, (wanted, given) in enumerate(zip(expected, actual, strict=True)):
            yield from _compare(wanted, given, tolerance, f"{at}[{place}]")
    elif expected is None or expected == NOTHING:
        if not (actual is None or isinstance(actual, NotCalculated) or (expected is not None and actual == expected)):
            yield f"{where}expected nothing, got {actual!r}"
    elif not _agree(expected, actual, tolerance):
        yield f"{where}expected {expected!r}, got {actual!r}"


def _compare_mapping(expected: Mapping[str, Any], actual: Any, tolerance: float | None, at: str) -> Iterator[str]:
    if not isinstance(actual, Mapping):
        yield f"{at or 'answer'}: expected {', '.join(map(str, expected))}; got {actual!r}"
        return
    given = {str(name): value for name, value in actual.items()}
    for name, wanted in expected.items():
        if not is_compared(name):
            continue
        inside = f"{at}.{name}" if at else name
        bound = next((end for end in BOUNDS if name.endswith(end)), None)
        found = name if name in given else name.removesuffix(bound or "")
        if found not in given:
            yield f"{inside}: missing from the answer"
        elif bound is None:
            yield from _compare(wanted, given[found], tolerance, inside)
        elif not _is_within(bound, wanted, _simple(given[found])):
            yield f"{inside}: expected {wanted!r}, got {given[found]!r}"


def _is_within(bound: str, limit: Any, actual: Any) -> bool:
    if not isinstance(actual, Real) or isinstance(actual, bool):
        return False
    return bool(actual >= limit if bound == "_at_least" else actual <= limit)


def _agree(expected: Any, actual: Any, tolerance: float | None) -> bool:
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, int | float):
        if not isinstance(actual, int | float | Fraction | Decimal) or not isfinite(actual):
            return False
        if tolerance is None:
            tolerance = 0 if isinstance(expected, int) else 1e-9
        return bool(abs(Fraction(actual) - Fraction(expected)) <= Fraction(tolerance))
    if isinstance(actual, Real) and fullmatch(r"-?\d+(/\d+)?", expected):
        # A binary float is never "7/12": only whole numbers and fractions are exact.
        return not isinstance(actual, float) and Fraction(expected) == actual
    return isinstance(actual, str) and expected.split() == actual.split()
