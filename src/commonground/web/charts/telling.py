"""What a chart says besides its marks, and how its values are printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commonground.engine.values import InputError

GROUP_COUNT = 7
WIDTHS = (480, 560, 720, 900)  # each has its smallest size on a screen in theme.css: letters stay above 12 px


class Unit(Enum):
    """What a value counts: a share from 0 to 1 (printed as percent), percentage points, or a plain number."""

    SHARE = "share"
    POINTS = "points"
    NUMBER = "number"

    def text(self, value: float, *, decimals: int = 1) -> str:
        """A value as people read it, in the language of the page."""
        if self is Unit.SHARE:
            return _("%(number)s%%") % {"number": number_text(value * 100, decimals=decimals)}
        return number_text(value, decimals=decimals)

    def range_text(self, low: float, high: float) -> str:
        """An interval as people read it: an en dash between whole percents, one decimal otherwise."""
        if self is Unit.SHARE:
            ends = {"low": number_text(low * 100, decimals=0), "high": number_text(high * 100, decimals=0)}
            return _("%(low)s–%(high)s%%") % ends
        return _("%(low)s to %(high)s") % {"low": number_text(low, decimals=1), "high": number_text(high, decimals=1)}

    def tick_text(self, value: float, *, step: float) -> str:
        """A value beside an axis, with no more decimals than the step between two of them needs."""
        shown = value * 100 if self is Unit.SHARE else value
        size = step * 100 if self is Unit.SHARE else step
        decimals = next((places for places in range(4) if abs(size - round(size, places)) < 1e-9), 3)
        text = number_text(shown, decimals=decimals)
        return _("%(number)s%%") % {"number": text} if self is Unit.SHARE else text


def number_text(value: float, *, decimals: int) -> str:
    """A number rounded half up and written as the language of the page writes it, thousands apart.

    Django's own number_format cuts digits off instead of rounding.
    """
    return _written(repr(value), decimals, get_language())


@lru_cache(maxsize=4096)
def _written(digits: str, decimals: int, _language: str | None) -> str:
    """A page of counts writes hundreds of numbers, many of them again and again."""
    rounded = Decimal(digits).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return number_format(rounded, decimals, force_grouping=True)


@dataclass(frozen=True)
class Telling:
    """The sentences of a chart.

    key: unique id on the page. title: the answer or the question. subtitle: what a mark means, and the order of
    groups. label: what a person who cannot see the drawing hears. words: the finding in a sentence, with "how many
    students is that". caption: of the table. lines: where from. hidden_lines: why something is hidden.
    """

    key: str
    title: str
    label: str
    words: str
    caption: str
    subtitle: str = ""
    lines: tuple[str, ...] = ()
    hidden_lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """A cell of the table. is_hidden: the text says why there is no number, and is drawn hatched."""

    text: str
    is_hidden: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart with its four parts. template: the drawing under web/charts/. columns: heads of the table.

    rows: the first cell of each is its head. drawing: what the template reads.
    """

    telling: Telling
    template: str
    drawing: Any
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Tick:
    """A printed value at a place along an axis."""

    place: float
    text: str


def cells(*texts: str) -> tuple[Cell, ...]:
    """A row of shown cells."""
    return tuple(Cell(text) for text in texts)


def known_width(width: int) -> int:
    """The width itself. Raises InputError for one that the theme does not know."""
    if width not in WIDTHS:
        raise InputError(f"a drawing is {', '.join(map(str, WIDTHS))} wide, not {width}")
    return width


def group_class(group: int) -> str:
    """CSS class of a group: "g1" to "g7", "acc" for 0 (no group). Raises InputError beyond."""
    if not 0 <= group <= GROUP_COUNT:
        raise InputError(f"group {group}: there are {GROUP_COUNT} colors and shapes, use small multiples")
    return f"g{group}" if group else "acc"


def mark(group: int, *, x: float, y: float, size: float) -> dict[str, Any]:
    """The shape of a group around a point: circle, square, diamond, triangle up, triangle down, cross, hexagon.

    size: half the width. Returns the SVG element's name and the numbers it needs.
    """
    name = group_class(group)
    corners = _CORNERS.get(group)
    if group == 2:
        return {"shape": "rect", "css": name, "x": round(x - size, 1), "y": round(y - size, 1), "width": 2 * size}
    if corners is None:
        return {"shape": "circle", "css": name, "x": x, "y": y, "r": size}
    points = " ".join(f"{x + dx * size:.1f},{y + dy * size:.1f}" for dx, dy in corners)
    return {"shape": "polygon", "css": name, "points": points}


_CORNERS: dict[int, Sequence[tuple[float, float]]] = {
    3: ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    4: ((0, -1.2), (1.2, 1), (-1.2, 1)),
    5: ((0, 1.2), (1.2, -1), (-1.2, -1)),
    6: (
        (-0.4, -1.2),
        (0.4, -1.2),
        (0.4, -0.4),
        (1.2, -0.4),
        (1.2, 0.4),
        (0.4, 0.4),
        (0.4, 1.2),
        (-0.4, 1.2),
        (-0.4, 0.4),
        (-1.2, 0.4),
        (-1.2, -0.4),
        (-0.4, -0.4),
    ),
    7: ((1.15, 0), (0.575, 1), (-0.575, 1), (-1.15, 0), (-0.575, -1), (0.575, -1)),
}
