"""From a value to a place along an axis, and round values to print beside it."""

import math
from dataclasses import dataclass

from commonground.engine.values import InputError

ROUND_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """A straight axis: the value `low` stands at `start`, the value `high` at `end` (drawing units)."""

    low: float
    high: float
    start: float
    end: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise InputError(f"an axis needs a low below its high: got {self.low} and {self.high}")

    def place(self, value: float) -> float:
        """Where a value stands, to a tenth of a drawing unit. A value outside the axis stands outside the drawing."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def round_ticks(low: float, high: float, *, most: int = 6) -> tuple[float, ...]:
    """Round values between low and high, at most `most` of them, evenly apart; includes both ends where they are round.

    >>> round_ticks(0, 51)
    (0.0, 10.0, 20.0, 30.0, 40.0, 50.0)
    """
    if not low < high:
        raise InputError(f"an axis needs a low below its high: got {low} and {high}")
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    steps = (factor * power * larger for larger in (1, 10) for factor in ROUND_STEPS)
    for step in steps:
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            return tuple(round(place * step, 10) + 0.0 for place in range(first, last + 1))
    return (low, high)


def axis_range(values: list[float], *, from_zero: bool, room: float = 0.0) -> tuple[float, float]:
    """Low and high of an axis that shows every value, widened to round numbers. room: extra share at each end.

    from_zero: bars start at zero, dots may zoom. Equal values still give an axis with a length.
    """
    low, high = min(values), max(values)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = (low, high + 1.0) if from_zero else (low - 0.5, high + 0.5)
    spread = (high - low) * room
    low, high = (low if from_zero and low == 0 else low - spread), high + spread
    ticks = round_ticks(low, high)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else high - low
    return math.floor(low / step + 1e-9) * step + 0.0, math.ceil(high / step - 1e-9) * step + 0.0


def spread_labels(places: list[float], *, apart: float, low: float, high: float) -> list[float]:
    """Places for labels, each as near to its own as keeps them `apart`, in the order of the places given.

    Labels stay between low and high while there is room for them.
    """
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved = list(places)
    floor = low
    for index in order:
        moved[index] = max(places[index], floor)
        floor = moved[index] + apart
    ceiling = high
    for index in reversed(order):
        moved[index] = min(moved[index], ceiling)
        ceiling = moved[index] - apart
    return [round(place, 1) for place in moved]
