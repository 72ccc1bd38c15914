"""Dot plot: one axis, a wide pale bar for the interval, a line to what is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from commonground.engine.values import InputError
from commonground.web.charts.scale import Scale, axis_range, round_ticks
from commonground.web.charts.telling import Cell, Chart, Telling, Tick, Unit, cells, known_width, mark

SIDE = 110  # room for values and intervals at the end
TOP = 34
LETTER = 7.4  # average width of a letter at 14 px
TALL, LOW, HATCHED = 46, 31, 34  # rows with an interval, without, and with hidden values


@dataclass(frozen=True)
class Dot:
    """One row. value None: nothing is drawn, and `note` says why ("Fewer than 10 students").

    low, high: interval. detail: small words under the name ("23 of 48"). group: 1 to 7, or 0 for the accent color.
    after: small words after the value. strong: the row the finding is about.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    detail: str = ""
    note: str = ""
    group: int = 0
    after: str = ""
    strong: bool = False

    def __post_init__(self) -> None:
        if self.value is None and not self.note:
            raise InputError(f"row {self.name!r} has no value: its note must say why")
        if (self.low is None) != (self.high is None):
            raise InputError(f"row {self.name!r} has half an interval")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise InputError(f"row {self.name!r}: its interval starts at {self.low}, above its end {self.high}")


@dataclass(frozen=True)
class Reference:
    """What the dots are compared with: everyone shown, never a group."""

    value: float
    label: str


@dataclass(frozen=True)
class Edge:
    """A limit written in a rule, with the band around it in which a handful of students decides."""

    value: float
    label: str
    band: tuple[float, float] | None = None
    band_label: str = ""


@dataclass(frozen=True)
class DotRow:
    """A row in drawing units."""

    dot: Dot
    y: float
    mark: dict[str, Any] | None
    stem: tuple[float, float] | None
    interval: tuple[float, float] | None
    value_text: str
    interval_text: str
    value_x: float
    value_anchor: str

    @property
    def name_down(self) -> int:
        """How far below the middle of the row the name stands: higher when small words follow under it."""
        return -1 if self.dot.detail else 5

    @property
    def value_down(self) -> int:
        """The same for the value, above its interval."""
        return -1 if self.interval else 5

    @property
    def hatch_y(self) -> float:
        """Top of the hatched strip of a hidden row."""
        return self.y - 9


@dataclass(frozen=True)
class DotDrawing:
    """Everything the template draws; all places in drawing units."""

    width: int
    height: float
    left: float
    right: float
    top: float
    bottom: float
    ticks: tuple[Tick, ...]
    rows: tuple[DotRow, ...]
    reference_x: float | None
    reference_text: str
    edge_x: float | None
    edge_label: str
    band: tuple[float, float] | None
    band_label: str
    has_intervals: bool
    axis_label: str

    @property
    def plot_width(self) -> float:
        """Width of the part that holds marks."""
        return self.right - self.left

    @property
    def plot_height(self) -> float:
        """Height of the part that holds marks."""
        return self.bottom - self.top

    @property
    def hidden_middle(self) -> float:
        """Where the words over a hatched strip stand."""
        return (self.left + self.right) / 2


def dot_plot(
    dots: Sequence[Dot],
    *,
    telling: Telling,
    unit: Unit = Unit.SHARE,
    reference: Reference | None = None,
    edge: Edge | None = None,
    from_zero: bool = False,
    axis_label: str = "",
    value_column: str = "",
    width: int = 900,
) -> Chart:
    """A dot plot in the order given: alphabetical, or the order that the community has set.

    width: in drawing units, one of WIDTHS; 900 fills a page, 480 half of one.

    Raises InputError without any row, and for a row that has neither value nor note.
    """
    if not dots:
        raise InputError("a dot plot needs at least one row")
    right = known_width(width) - SIDE
    has_intervals = any(dot.low is not None for dot in dots)
    left = min(260.0, max(90.0, 20 + LETTER * max(len(dot.name) for dot in dots)))
    low, high = axis_range(_shown_values(dots, reference=reference, edge=edge), from_zero=from_zero, room=0.02)
    if unit is Unit.SHARE:
        low, high = max(0.0, low), min(1.0, high)
    scale = Scale(low, high, left, right)
    ticks = round_ticks(low, high)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else high - low

    # A line starts at what is compared with, else at zero; from a zoomed axis it would show a length that means nothing.
    start = scale.place(reference.value) if reference else scale.place(0.0) if low <= 0 <= high else None
    rows, y = [], float(TOP)
    for dot in dots:
        tall = HATCHED if dot.value is None else TALL if has_intervals or dot.detail else LOW
        rows.append(_row(dot, scale=scale, y=y + tall / 2, start=start, unit=unit, width=width, sides=has_intervals))
        y += tall
    drawing = DotDrawing(
        width=width,
        height=y + (56 if axis_label else 36),
        left=left,
        right=right,
        top=TOP,
        bottom=y + 6,
        ticks=tuple(Tick(scale.place(tick), unit.tick_text(tick, step=step)) for tick in ticks),
        rows=tuple(rows),
        reference_x=start if reference else None,
        reference_text=f"{reference.label} {unit.text(reference.value)}" if reference else "",
        edge_x=scale.place(edge.value) if edge else None,
        edge_label=edge.label if edge else "",
        band=_band(edge, scale=scale),
        band_label=edge.band_label if edge else "",
        has_intervals=has_intervals,
        axis_label=axis_label,
    )
    return Chart(
        telling=telling,
        template="web/charts/dots.html",
        drawing=drawing,
        columns=_columns(dots, has_intervals=has_intervals, value_column=value_column),
        rows=tuple(_table_row(dot, dots=dots, unit=unit, has_intervals=has_intervals) for dot in dots),
    )


def _shown_values(dots: Sequence[Dot], *, reference: Reference | None, edge: Edge | None) -> list[float]:
    values = [value for dot in dots if dot.value is not None for value in (dot.value, dot.low, dot.high)]
    values += [reference.value] if reference else []
    values += [edge.value, *(edge.band or ())] if edge else []
    return [value for value in values if value is not None] or [0.0, 1.0]


def _row(dot: Dot, *, scale: Scale, y: float, start: float | None, unit: Unit, width: int, sides: bool) -> DotRow:
    if dot.value is None:
        return DotRow(dot, y, None, None, None, "", "", width, "end")
    x = scale.place(dot.value)
    is_interval = dot.low is not None and dot.high is not None
    value_text = unit.text(dot.value)
    beside = x + 12 if x + 24 + LETTER * len(value_text + dot.after) < width else x - 12
    return DotRow(
        dot=dot,
        y=y,
        mark=mark(dot.group, x=x, y=y, size=5.5 if dot.group == 2 else 6),
        stem=None if start is None else (start, x),
        interval=(scale.place(dot.low), scale.place(dot.high)) if is_interval else None,  # type: ignore[arg-type]
        value_text=value_text,
        interval_text=unit.range_text(dot.low, dot.high) if is_interval else "",  # type: ignore[arg-type]
        value_x=width if sides else beside,
        value_anchor="end" if sides or beside < x else "start",
    )


def _band(edge: Edge | None, *, scale: Scale) -> tuple[float, float] | None:
    if edge is None or edge.band is None:
        return None
    start, end = scale.place(edge.band[0]), scale.place(edge.band[1])
    return start, round(end - start, 1)


def _columns(dots: Sequence[Dot], *, has_intervals: bool, value_column: str) -> tuple[str, ...]:
    counted = (_("Students"),) if any(dot.detail for dot in dots) else ()
    between = (_("95% interval"),) if has_intervals else ()
    return (_("Group") if any(dot.group for dot in dots) else _("Name"), *counted, value_column or _("Value"), *between)


def _table_row(dot: Dot, *, dots: Sequence[Dot], unit: Unit, has_intervals: bool) -> tuple[Cell, ...]:
    counted = (dot.detail or "–",) if any(other.detail for other in dots) else ()
    if dot.value is None:
        blank = ("–",) if has_intervals else ()
        return (Cell(dot.name), *cells(*counted), Cell(dot.note, is_hidden=True), *cells(*blank))
    between = ""
    if dot.low is not None and dot.high is not None:
        between = unit.range_text(dot.low, dot.high)
    value = unit.text(dot.value) + (f" {dot.after}" if dot.after else "")
    return cells(dot.name, *counted, value, *((between or "–",) if has_intervals else ()))
