"""Bars from zero, plain or stacked: how much lies between districts, and how much within."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from commonground.engine.values import InputError
from commonground.web.charts.scale import Scale, axis_range, round_ticks
from commonground.web.charts.telling import Cell, Chart, Telling, Tick, Unit, cells, known_width

ROW = 44
THICK = 26
LETTER = 7.4
PART_CLASSES = ("s1", "s2", "s3")


@dataclass(frozen=True)
class Bar:
    """One bar. parts: lengths from zero in the order of the legend, none below zero; empty when hidden.

    note: words after the bar ("97% between districts"), or why it is hidden.
    expected: the length that chance alone would give, None when it was not calculated.
    """

    name: str
    parts: tuple[float, ...]
    note: str = ""
    expected: float | None = None

    def __post_init__(self) -> None:
        if not self.parts and not self.note:
            raise InputError(f"bar {self.name!r} has no value: its note must say why")
        if any(part < 0 for part in self.parts):
            raise InputError(f"bar {self.name!r} has a part below zero: bars start at zero")


@dataclass(frozen=True)
class BarPart:
    """A rectangle of a bar, in drawing units."""

    css: str
    x: float
    width: float


@dataclass(frozen=True)
class BarRow:
    """A bar in drawing units. expected_x: where chance alone would end, None when it was not calculated."""

    bar: Bar
    y: float
    parts: tuple[BarPart, ...]
    end: float
    expected_x: float | None

    @property
    def above_y(self) -> float:
        """Upper end of the line where chance alone would end."""
        return self.y - 4

    @property
    def below_y(self) -> float:
        """Lower end of that line."""
        return self.y + THICK + 4

    @property
    def hatch_y(self) -> float:
        """Top of the hatched strip of a hidden bar."""
        return self.y + 4


@dataclass(frozen=True)
class BarDrawing:
    """Everything the template draws; all places in drawing units."""

    width: int
    height: float
    left: float
    right: float
    bottom: float
    thick: int
    ticks: tuple[Tick, ...]
    rows: tuple[BarRow, ...]
    legend: tuple[tuple[str, str, float], ...]
    legend_y: float

    @property
    def plot_width(self) -> float:
        """Width of the part that holds bars."""
        return self.right - self.left

    @property
    def hidden_middle(self) -> float:
        """Where the words over a hatched strip stand."""
        return (self.left + self.right) / 2


def bars(
    entries: Sequence[Bar],
    *,
    telling: Telling,
    parts: Sequence[str],
    unit: Unit = Unit.NUMBER,
    decimals: int = 1,
    width: int = 720,
) -> Chart:
    """Bars in the order given. parts: what each part of a bar means, one to three of them. width: one of WIDTHS.

    Raises InputError without a bar, with more than three parts, or when a bar has another number of parts.
    """
    if not entries:
        raise InputError("a bar chart needs at least one bar")
    if not 1 <= len(parts) <= len(PART_CLASSES):
        raise InputError(f"a bar has one to three parts, not {len(parts)}")
    for entry in entries:
        if entry.parts and len(entry.parts) != len(parts):
            raise InputError(f"bar {entry.name!r} has {len(entry.parts)} parts, the legend has {len(parts)}")
    left = min(240.0, max(60.0, 20 + LETTER * max(len(entry.name) for entry in entries)))
    right = known_width(width) - 24 - LETTER * max(len(entry.note) for entry in entries) * 0.9
    lengths = [sum(entry.parts) for entry in entries] + [entry.expected or 0.0 for entry in entries]
    low, high = axis_range(lengths, from_zero=True)
    scale = Scale(low, high, left, max(right, left + 200))
    ticks = round_ticks(low, high, most=5)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else high - low

    rows = tuple(_row(entry, scale=scale, y=8.0 + ROW * place) for place, entry in enumerate(entries))
    bottom = 8.0 + ROW * len(entries)
    has_legend = len(parts) > 1 or any(entry.expected is not None for entry in entries)
    drawing = BarDrawing(
        width=width,
        height=bottom + (62 if has_legend else 28),
        left=left,
        right=scale.end,
        bottom=bottom,
        thick=THICK,
        ticks=tuple(Tick(scale.place(tick), unit.tick_text(tick, step=step)) for tick in ticks),
        rows=rows,
        legend=_legend(parts, left=left) if has_legend else (),
        legend_y=bottom + 44,
    )
    has_expected = any(entry.expected is not None for entry in entries)
    total = (_("Together"),) if len(parts) > 1 else ()
    chance = (_("By chance alone"),) if has_expected else ()
    return Chart(
        telling=telling,
        template="web/charts/bars.html",
        drawing=drawing,
        columns=(_("Name"), *parts, *total, *chance),
        rows=tuple(
            _table_row(entry, part_count=len(parts), has_expected=has_expected, unit=unit, decimals=decimals)
            for entry in entries
        ),
    )


def _row(entry: Bar, *, scale: Scale, y: float) -> BarRow:
    drawn, reached = [], 0.0
    for css, part in zip(PART_CLASSES, entry.parts, strict=False):
        start, end = scale.place(reached), scale.place(reached + part)
        gap = 1.5 if reached else 0.0  # a hairline of background between two parts
        if end - start > gap:
            drawn.append(BarPart(css, round(start + gap, 1), round(end - start - gap, 1)))
        reached += part
    expected = scale.place(entry.expected) if entry.expected is not None else None
    return BarRow(bar=entry, y=y, parts=tuple(drawn), end=scale.place(reached), expected_x=expected)


def _legend(parts: Sequence[str], *, left: float) -> tuple[tuple[str, str, float], ...]:
    entries, x = [], left
    for css, part in zip(PART_CLASSES, parts, strict=False):
        entries.append((css, part, round(x, 1)))
        x += 40 + LETTER * len(part)
    return tuple(entries)


def _table_row(entry: Bar, *, part_count: int, has_expected: bool, unit: Unit, decimals: int) -> tuple[Cell, ...]:
    columns = part_count + int(part_count > 1)
    if not entry.parts:
        shown: tuple[Cell, ...] = (Cell(entry.note, is_hidden=True), *cells(*["–"] * (columns - 1)))
    else:
        values = [*entry.parts, sum(entry.parts)] if part_count > 1 else list(entry.parts)
        shown = cells(*(unit.text(value, decimals=decimals) for value in values))
    if not has_expected:
        return (Cell(entry.name), *shown)
    chance = unit.text(entry.expected, decimals=decimals) if entry.expected is not None else _("not calculated")
    return (Cell(entry.name), *shown, Cell(chance))
