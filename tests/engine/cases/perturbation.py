"""Every way in which a known answer can be made wrong, one place at a time."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from re import fullmatch
from typing import Any

from commonground.engine.cases.comparison import BOUNDS, is_compared


def perturbations(expected: Any, actual: Any, tolerance: float | None) -> Iterator[Any]:
    """The expectation again and again, each time with one number, assignment, word or fraction changed.

    actual: what the engine answered; a bound is moved past it, for a bound that is not reached still passes.
    """
    if isinstance(expected, Mapping):
        for name, value in expected.items():
            if not is_compared(name):
                continue
            bound = next((end for end in BOUNDS if name.endswith(end)), None)
            given = actual.get(name, actual.get(name.removesuffix(bound or "")))
            if bound:
                yield {**expected, name: given + 1 if bound == "_at_least" else given - 1}
            else:
                for changed in perturbations(value, given, tolerance):
                    yield {**expected, name: changed}
        if not expected:
            yield {"something": 0}
    elif isinstance(expected, list):
        for place, value in enumerate(expected):
            for changed in perturbations(value, actual[place], tolerance):
                yield [*expected[:place], changed, *expected[place + 1 :]]
        yield [*expected, None]
    else:
        yield _changed(expected, tolerance)


def _changed(value: Any, tolerance: float | None) -> Any:
    if value is None:
        return 0
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + max(3 * (tolerance or 0), 1e-8 if isinstance(value, float) else 1)
    if fullmatch(r"-?\d+/\d+", value):
        fraction = Fraction(value)
        return f"{fraction.numerator + 1}/{fraction.denominator}"
    first, *rest = value.split(" ")
    return " ".join([f"{first}x", *rest])
