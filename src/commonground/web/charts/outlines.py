"""A map from simplified outlines: regions with their words, and the borders that a rule looks at."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from commonground.engine.values import InputError
from commonground.web.charts.scale import Scale
from commonground.web.charts.telling import Cell, Chart, Telling

WIDTH = 560
MARGIN = 14
LETTER, LINE = 6.6, 15  # of the words on the map, 12 px
KINDS = ("iso", "adj", "land", "out")  # filled, tinted, plain, outside the collaborative

Place = tuple[float, float]
Ring = Sequence[Place]


@dataclass(frozen=True)
class Region:
    """A district on the map. rings: closed, y down, without the repeated last point.

    kind: "iso" filled, "adj" tinted, "land" plain, "out" context without words. value: the printed number, "" for none;
    note: what the table says about it. label: a shorter name on the map, "" for the name itself.
    """

    key: str
    name: str
    rings: Sequence[Ring]
    kind: str = "land"
    value: str = ""
    note: str = ""
    label: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"region {self.name!r}: kind {self.kind!r} is none of {', '.join(KINDS)}")


@dataclass(frozen=True)
class RegionDrawing:
    """A region in drawing units. path: SVG path data. x: middle of its words. lines: each with the height it stands at."""

    region: Region
    path: str
    x: float
    lines: tuple[tuple[str, float], ...]
    value_y: float


@dataclass(frozen=True)
class MapDrawing:
    """Everything the template draws; all places in drawing units."""

    width: int
    height: float
    regions: tuple[RegionDrawing, ...]
    crossed: tuple[str, ...]
    legend: tuple[tuple[str, str], ...]


def district_map(
    regions: Sequence[Region],
    *,
    telling: Telling,
    crossed: Collection[tuple[str, str]] = (),
    legend: Sequence[tuple[str, str]] = (),
    value_column: str = "",
    note_column: str = "",
) -> Chart:
    """A map fitted to the regions that are not context. crossed: pairs of keys whose common border is drawn thick.

    legend: pairs of kind and words. Raises InputError when nothing but context is given, or for an unknown key.
    """
    main = [region for region in regions if region.kind != "out"]
    if not main:
        raise InputError("a map needs at least one region that is not context")
    across, down, height = _fit([place for region in main for ring in region.rings for place in ring])
    by_key = {region.key: region for region in regions}
    for key in {key for pair in crossed for key in pair} - set(by_key):
        raise InputError(f"a crossed border names {key!r}, which is not on the map")
    drawn = [_region(region, across=across, down=down) for region in regions]
    drawing = MapDrawing(
        width=WIDTH,
        height=height,
        regions=tuple(sorted(drawn, key=lambda one: one.region.kind != "out")),
        crossed=tuple(
            _path(line, across=across, down=down, close="")
            for first, second in sorted(crossed)
            for line in shared_border(by_key[first].rings, by_key[second].rings)
        ),
        legend=tuple(legend),
    )
    has_note = any(region.note for region in main)
    return Chart(
        telling=telling,
        template="web/charts/map.html",
        drawing=drawing,
        columns=(_("District"), value_column or _("Value"), *((note_column or _("Note"),) if has_note else ())),
        rows=tuple(
            (Cell(region.name), Cell(region.value or "–"), *((Cell(region.note or "–"),) if has_note else ()))
            for region in sorted(main, key=lambda region: region.name)
        ),
    )


def shared_border(first: Sequence[Ring], second: Sequence[Ring]) -> list[list[Place]]:
    """The lines that two outlines have in common, joined end to end; empty when they only meet in a point.

    The outlines must come from shared arcs: a common border has the same corners in both.
    """
    edges = _edges(first) & _edges(second)
    meeting: dict[Place, list[Place]] = {}
    for edge in sorted(edges, key=sorted):
        start, end = sorted(edge)
        meeting.setdefault(start, []).append(end)
        meeting.setdefault(end, []).append(start)
    lines = []
    left = {frozenset(edge) for edge in edges}
    ends = [place for place, others in meeting.items() if len(others) == 1]
    for start in [*ends, *meeting]:
        line = _walk(start, meeting=meeting, left=left)
        if len(line) > 1:
            lines.append(line)
    return lines


def _walk(start: Place, *, meeting: dict[Place, list[Place]], left: set[frozenset[Place]]) -> list[Place]:
    line = [start]
    while True:
        here = line[-1]
        following = next((place for place in meeting[here] if frozenset((here, place)) in left), None)
        if following is None:
            return line
        left.remove(frozenset((here, following)))
        line.append(following)


def _edges(rings: Sequence[Ring]) -> set[frozenset[Place]]:
    return {
        frozenset((tuple(ring[index - 1]), tuple(ring[index])))  # type: ignore[arg-type]
        for ring in rings
        for index in range(len(ring))
        if tuple(ring[index - 1]) != tuple(ring[index])
    }


def label_place(rings: Sequence[Ring]) -> Place:
    """Where the words of a region stand: the centroid of its largest ring.

    >>> label_place([[(0, 0), (4, 0), (4, 2), (0, 2)]])
    (2.0, 1.0)
    """
    ring = max(rings, key=lambda ring: abs(_doubled_area(ring)))
    area = _doubled_area(ring)
    if area == 0:
        return (sum(x for x, _y in ring) / len(ring), sum(y for _x, y in ring) / len(ring))
    x = y = 0.0
    for index, (x2, y2) in enumerate(ring):
        x1, y1 = ring[index - 1]
        cross = x1 * y2 - x2 * y1
        x, y = x + (x1 + x2) * cross, y + (y1 + y2) * cross
    return (x / (3 * area), y / (3 * area))


def _doubled_area(ring: Ring) -> float:
    return sum(ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1] for i in range(len(ring)))


def _fit(places: Sequence[Place]) -> tuple[Scale, Scale, float]:
    xs, ys = [x for x, _y in places], [y for _x, y in places]
    across = Scale(min(xs), max(xs), MARGIN, WIDTH - MARGIN)
    ratio = (across.end - across.start) / (across.high - across.low)
    height = round((max(ys) - min(ys)) * ratio + 2 * MARGIN, 1)
    return across, Scale(min(ys), max(ys), MARGIN, height - MARGIN), height


def _region(region: Region, *, across: Scale, down: Scale) -> RegionDrawing:
    x, y = (scale.place(value) for scale, value in zip((across, down), label_place(region.rings), strict=True))
    places = [across.place(x) for ring in region.rings for x, _y in ring]
    words = wrapped(region.label or region.name, letters=int(0.8 * (max(places) - min(places)) / LETTER))
    top = y - LINE * (len(words) + int(bool(region.value)) - 2) / 2
    path = "".join(_path(ring, across=across, down=down, close="Z") for ring in region.rings)
    lines = tuple((line, round(top + LINE * place, 1)) for place, line in enumerate(words))
    return RegionDrawing(region=region, path=path, x=x, lines=lines, value_y=round(top + LINE * len(words), 1))


def wrapped(name: str, *, letters: int) -> list[str]:
    """A name in lines of at most so many letters, broken after spaces and hyphens only.

    >>> wrapped("Kerkhoven-Murdock-Sunburg", letters=18)
    ['Kerkhoven-Murdock-', 'Sunburg']
    """
    lines = [""]
    for piece in re.findall(r"[^\s-]+-?", name):
        glue = "" if lines[-1].endswith("-") or not lines[-1] else " "
        if lines[-1] and len(lines[-1] + glue + piece) > letters:
            lines.append(piece)
        else:
            lines[-1] += glue + piece
    return lines


def _path(places: Sequence[Place], *, across: Scale, down: Scale, close: str) -> str:
    return "M" + "L".join(f"{across.place(x)} {down.place(y)}" for x, y in places) + close
