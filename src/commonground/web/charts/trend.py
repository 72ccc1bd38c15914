"""Trend: lines over time with ribbons for intervals, a shape for each group, and labels where the line ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from commonground.engine.values import InputError
from commonground.web.charts.scale import Scale, axis_range, round_ticks, spread_labels
from commonground.web.charts.telling import Cell, Chart, Telling, Tick, Unit, group_class, known_width, mark

LEFT, TOP, BOTTOM = 56, 28, 282
LETTER = 7.6
MOST_SERIES = 4


@dataclass(frozen=True)
class Point:
    """One period of a series. value None: hidden or missing, the line breaks, and `note` says why.

    starts_anew: the test or the definition changed before this period, so the line breaks here as well.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""
    starts_anew: bool = False

    def __post_init__(self) -> None:
        if self.value is None and not self.note:
            raise InputError("a period without a value needs a note that says why")


@dataclass(frozen=True)
class Series:
    """One line. group: 1 to 7 for color and shape, 0 for the accent. points: one for each period, in order."""

    name: str
    points: tuple[Point, ...]
    group: int = 0


@dataclass(frozen=True)
class LineDrawing:
    """A series in drawing units. ribbons and lines: SVG path data, one for each unbroken piece."""

    css: str
    dash: str
    ribbons: tuple[str, ...]
    lines: tuple[str, ...]
    marks: tuple[dict[str, Any], ...]
    label: str
    label_y: float
    end_y: float


@dataclass(frozen=True)
class TrendDrawing:
    """Everything the template draws; all places in drawing units."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    ticks: tuple[Tick, ...]
    periods: tuple[Tick, ...]
    lines: tuple[LineDrawing, ...]
    start_x: float | None
    start_label: str
    axis_label: str


def trend(
    periods: Sequence[str],
    series: Sequence[Series],
    *,
    telling: Telling,
    unit: Unit = Unit.SHARE,
    start: tuple[int, str] | None = None,
    axis_label: str = "",
    width: int = 720,
) -> Chart:
    """Lines over at least two periods. width: one of WIDTHS. start: a plan begins before the period of this index (from 1), and its label.

    Raises InputError with more than four series (use small multiples), fewer than two periods, or a series whose
    points do not match the periods.
    """
    if len(periods) < 2:
        raise InputError("a trend needs at least two periods")
    if not 1 <= len(series) <= MOST_SERIES:
        raise InputError(f"a trend shows one to {MOST_SERIES} series, not {len(series)}: use small multiples")
    for line in series:
        if len(line.points) != len(periods):
            raise InputError(f"series {line.name!r} has {len(line.points)} points for {len(periods)} periods")
    if start is not None and not 1 <= start[0] < len(periods):
        raise InputError(f"a start lies between two periods: {start[0]} is none of 1 to {len(periods) - 1}")
    values = [value for line in series for point in line.points for value in (point.value, point.low, point.high)]
    shown = [value for value in values if value is not None] or [0.0, 1.0]
    low, high = axis_range(shown, from_zero=False, room=0.05)
    if unit is Unit.SHARE:
        low, high = max(0.0, low), min(1.0, high)
    labels = [_end_label(line, unit=unit) for line in series]
    right = known_width(width) - 24 - LETTER * max(len(label) for label in labels)
    across, up = Scale(0, len(periods) - 1, LEFT, right), Scale(low, high, BOTTOM, TOP)
    ticks = round_ticks(low, high, most=6)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else high - low
    ends = [_end_place(line, up=up) for line in series]
    label_places = spread_labels(ends, apart=17, low=TOP, high=BOTTOM)

    drawing = TrendDrawing(
        width=width,
        height=BOTTOM + (58 if axis_label else 36),
        left=LEFT,
        right=across.end,
        top=TOP - 8,
        bottom=BOTTOM,
        ticks=tuple(Tick(up.place(tick), unit.tick_text(tick, step=step)) for tick in ticks),
        periods=tuple(Tick(across.place(index), text) for index, text in enumerate(periods)),
        lines=tuple(
            _line(line, order=order, across=across, up=up, label=labels[order], label_y=label_places[order])
            for order, line in enumerate(series)
        ),
        start_x=across.place(start[0] - 0.5) if start else None,
        start_label=start[1] if start else "",
        axis_label=axis_label,
    )
    return Chart(
        telling=telling,
        template="web/charts/trend.html",
        drawing=drawing,
        columns=(axis_label or _("Period"), *(line.name for line in series)),
        rows=tuple(
            (Cell(period), *(_table_cell(line.points[index], unit=unit) for line in series))
            for index, period in enumerate(periods)
        ),
    )


def unbroken_pieces(points: Sequence[Point]) -> list[list[int]]:
    """Indexes of the points that a line may join: it breaks at a missing value and where the measure starts anew."""
    pieces: list[list[int]] = [[]]
    for index, point in enumerate(points):
        if (point.value is None or point.starts_anew) and pieces[-1]:
            pieces.append([])
        if point.value is not None:
            pieces[-1].append(index)
    return [piece for piece in pieces if piece]


def _line(line: Series, *, order: int, across: Scale, up: Scale, label: str, label_y: float) -> LineDrawing:
    pieces = unbroken_pieces(line.points)
    marks = [
        mark(line.group, x=across.place(index), y=up.place(point.value), size=4.5)
        for index, point in enumerate(line.points)
        if point.value is not None
    ]
    return LineDrawing(
        css=group_class(line.group),
        dash=("", "7 4", "2 4", "10 3 2 3")[order],
        ribbons=tuple(path for piece in pieces if (path := _ribbon(line, piece, across=across, up=up))),
        lines=tuple(_path([(i, line.points[i].value) for i in piece], across=across, up=up) for piece in pieces),
        marks=tuple(marks),
        label=label,
        label_y=round(label_y + 4, 1),
        end_y=_end_place(line, up=up),
    )


def _path(places: Sequence[tuple[int, float | None]], *, across: Scale, up: Scale) -> str:
    steps = [f"{across.place(index)} {up.place(value)}" for index, value in places if value is not None]
    return "M" + "L".join(steps)


def _ribbon(line: Series, piece: Sequence[int], *, across: Scale, up: Scale) -> str:
    known = [index for index in piece if line.points[index].low is not None and line.points[index].high is not None]
    if len(known) < 2:
        return ""
    above = [(index, line.points[index].high) for index in known]
    below = [(index, line.points[index].low) for index in reversed(known)]
    return _path([*above, *below], across=across, up=up) + "Z"


def _last_value(line: Series) -> float | None:
    return next((point.value for point in reversed(line.points) if point.value is not None), None)


def _end_label(line: Series, *, unit: Unit) -> str:
    value = _last_value(line)
    return line.name if value is None else f"{line.name} {unit.text(value, decimals=0 if unit is Unit.SHARE else 1)}"


def _end_place(line: Series, *, up: Scale) -> float:
    value = _last_value(line)
    return up.place(up.low if value is None else value)


def _table_cell(point: Point, *, unit: Unit) -> Cell:
    if point.value is None:
        return Cell(point.note, is_hidden=True)
    text = unit.text(point.value)
    if point.low is not None and point.high is not None:
        text += f" ({unit.range_text(point.low, point.high)})"
    return Cell(text)
