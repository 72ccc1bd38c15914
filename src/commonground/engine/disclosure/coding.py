"""Percentages that do not say "everybody" or "nobody": top and bottom coding by the size of the group."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from commonground.engine.values import Explanation, InputError, whole_number


@dataclass(frozen=True, slots=True)
class Band:
    """Groups of at least so many students show nothing beyond `top` percent, nor below 100 less `top`."""

    students: int
    top: int


# The bands for 10 to 39 students follow the same form but were not read in a policy; pass your own to change them.
BANDS = (Band(300, 99), Band(100, 98), Band(40, 95), Band(20, 90), Band(10, 80))


@dataclass(frozen=True, slots=True)
class CodedPercent:
    """A percentage as it may be shown, such as "94", ">=95", "<=5" or "n<10"."""

    text: str
    explanation: Explanation


def coded_percent(
    share: Fraction | Decimal | float, *, students: int, threshold: int = 10, bands: Sequence[Band] = BANDS
) -> CodedPercent:
    """A share of a group as a whole percentage, coded at both ends.

    share: 0 to 1; a float counts as the decimal number it prints as. students: size of the group. threshold: smaller
    groups show no percentage. bands: largest groups first.
    Raises InputError for a share outside 0 to 1, a size that is no whole number from 0, or a size that no band covers.
    Source: NCES 2011-603; the bands from 40 students on as used by a Utah district.

    >>> [coded_percent(share, students=60).text for share in (0.94, 0.95, 0.05, 0.5)]
    ['94', '>=95', '<=5', '50']
    """
    try:
        exact = Fraction(str(share))
    except ValueError:
        raise InputError(f"the share is {share}; give a number from 0 to 1") from None
    if not 0 <= exact <= 1:
        raise InputError(f"the share is {share}; it must lie between 0 and 1")
    whole_number(students, name="the size of the group")
    if students < threshold:
        return _coded(f"n<{threshold}", students, f"Fewer than {threshold} students: no percentage is shown.")
    band = next((band for band in bands if students >= band.students), None)
    if band is None:
        raise InputError(f"no band covers a group of {students} students; add one that starts at {threshold} or less")
    rule = (
        f"At least {band.students} students: nothing above {band.top} or below {100 - band.top} percent is told apart."
    )
    if exact >= Fraction(band.top, 100):
        return _coded(f">={band.top}", students, rule)
    if exact <= Fraction(100 - band.top, 100):
        return _coded(f"<={100 - band.top}", students, rule)
    return _coded(str(int(100 * exact + Fraction(1, 2))), students, rule)


def _coded(text: str, students: int, step: str) -> CodedPercent:
    return CodedPercent(
        text,
        Explanation(
            what="A percentage that may be shown",
            inputs={"students": students},
            steps=(step, f"Shown: {text}."),
            rule="top and bottom coding",
            source="NCES 2011-603",
        ),
    )
