"""The areas of a GeoJSON or TopoJSON file one by one, and which of them have a line in common, in bounded memory.

The file is looked at in place: brackets are counted to find where each area begins and ends, and only that piece is decoded.
The lines go into a table on disk, so that a state drawn in every detail needs no more memory than a county.
Measured by `tests/formats/test_boundaries.py`: under 512 MB at the largest file that is taken.
"""

import json
import mmap
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from commonground.formats.reading import Refused

FILE_BYTES = 64 << 20
AREA_BYTES = 4 << 20
MOST_AREAS = 10_000
# Districts may be drawn in several layers (elementary over secondary); more at one line is no map.
MOST_AT_A_LINE = 20
MOST_PAIRS = 100_000
DECIMALS = 6  # of a degree: about a tenth of a meter
HELD_LINES = 200_000
MEMORY = "96MB"

Lines = npt.NDArray[np.float64]  # shape (lines, 4): two ends, the smaller first; of an arc its number and three zeros
# A whole ring, a text, or a bracket. Nothing here can be matched in two ways, so that no file makes the search slow.
PIECE = re.compile(rb'\[\s*+(?:\[[^\[\]{}"]*+\][\s,]*+)++\]|"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)
BLANK = re.compile(rb"[\s,:]*+")
PLAIN = re.compile(rb"[^\s,:\[\]{}\"]++")

Document = mmap.mmap


@dataclass(frozen=True, slots=True)
class Drawing:
    """properties: of every area, in the file's order. pairs: positions of two areas with a common line, sorted."""

    properties: tuple[Mapping[str, Any], ...]
    pairs: tuple[tuple[int, int], ...]


def read_drawing(path: Path) -> Drawing:
    """Every area and the pairs that have a line in common. Raises Refused.

    `borders_too_detailed`: more than 64 MB, 10,000 areas, or 4 MB in one area. `encoding_unreadable`: not UTF-8.
    """
    size = path.stat().st_size
    if size > FILE_BYTES:
        raise Refused("borders_too_detailed", file=path.name)
    if not size:
        raise Refused("format_unknown", file=path.name)
    try:
        with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as document:
            return _drawing(document, file=path.name)
    except UnicodeDecodeError as error:
        raise Refused("encoding_unreadable", file=path.name) from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OverflowError) as error:
        raise Refused("format_unknown", file=path.name) from error


def _drawing(document: Document, *, file: str) -> Drawing:
    begins = 3 if document[:3] == b"\xef\xbb\xbf" else 0
    parts, ends = _members(document, begins)
    if document[ends:].strip():
        raise ValueError("something follows the document")
    kind = _decoded(document, parts["type"])
    if kind == "Topology":
        layers, _ = _members(document, parts["objects"].start)
        shapes = [_members(document, span.start)[0]["geometries"] for span in layers.values()]
        spans: Iterator[slice] = chain.from_iterable(_items(document, shape.start) for shape in shapes)
        lines_of = _arcs
    elif kind == "FeatureCollection":
        spans, lines_of = _items(document, parts["features"].start), _segments
    else:
        raise Refused("format_unknown", file=file)
    properties: list[Mapping[str, Any]] = []
    with _table() as connection:
        _fill(connection, _lines(document, spans, lines_of=lines_of, properties=properties, file=file))
        return Drawing(tuple(properties), _pairs(connection, file=file))


def _lines(
    document: Document, spans: Iterable[slice], *, lines_of: Any, properties: list[Mapping[str, Any]], file: str
) -> Iterator[tuple[int, Lines]]:
    """Position and lines of every area; its properties are added to the list on the way."""
    for place, span in enumerate(spans):
        if place >= MOST_AREAS or span.stop - span.start > AREA_BYTES:
            raise Refused("borders_too_detailed", file=file)
        area = _decoded(document, span)
        found = area.get("properties") or {}
        properties.append(dict(found.items()))
        yield place, lines_of(area)


# --- where things stand in the file ---------------------------------------------------------------------------------------
def _decoded(document: Document, span: slice) -> Any:
    return json.loads(document[span].decode("utf-8"))


def _end(document: Document, start: int) -> int:
    """Where the value that starts here has ended. Raises ValueError when the file ends before."""
    sign = document[start : start + 1]
    if sign not in (b"{", b"[", b'"'):
        plain = PLAIN.match(document, start)
        if plain is None:
            raise ValueError("a value is missing")
        return plain.end()
    depth = 0
    for found in PIECE.finditer(document, start):
        piece = document[found.start()]
        if found.end() - found.start() == 1:
            depth += 1 if piece in b"{[" else -1
        if not depth:
            return found.end()
    raise ValueError("the file ends inside a value")


def _next(document: Document, start: int) -> int:
    blank = BLANK.match(document, start)
    return blank.end() if blank else start


def _members(document: Document, start: int) -> tuple[dict[str, slice], int]:
    """Where the values of the object that starts here stand, by name, and where the object has ended."""
    place = _next(document, start)
    if document[place : place + 1] != b"{":
        raise ValueError("this is no object")
    found: dict[str, slice] = {}
    place = _next(document, place + 1)
    while document[place : place + 1] != b"}":
        ends = _end(document, place)
        name = _decoded(document, slice(place, ends))
        place = _next(document, ends)
        ends = _end(document, place)
        found[name] = slice(place, ends)
        if len(found) > MOST_AREAS:
            raise ValueError("an object has more members than a map has areas")
        place = _next(document, ends)
    return found, place + 1


def _items(document: Document, start: int) -> Iterator[slice]:
    """Where the items of the list that starts here stand."""
    if document[start : start + 1] != b"[":
        raise ValueError("this is no list")
    place = _next(document, start + 1)
    while document[place : place + 1] != b"]":
        ends = _end(document, place)
        yield slice(place, ends)
        place = _next(document, ends)


# --- the lines of an area -------------------------------------------------------------------------------------------------
def _arcs(area: Mapping[str, Any]) -> Lines:
    """Numbers of the arcs an area is drawn with, whichever way round."""

    def numbers(nested: Any) -> Iterator[int]:
        for item in nested:
            if isinstance(item, int):
                yield item if item >= 0 else ~item
            else:
                yield from numbers(item)

    found = np.unique(np.array(list(numbers(area.get("arcs") or ())), dtype=np.float64))
    return np.column_stack([found, *(np.zeros_like(found) for _ in range(3))])


def _segments(area: Mapping[str, Any]) -> Lines:
    """The straight pieces of an area's border, each with its smaller end first."""
    geometry = area["geometry"]
    kind = geometry["type"] if geometry is not None else ""
    coordinates = (geometry.get("coordinates") or ()) if geometry is not None else ()
    polygons = coordinates if kind == "MultiPolygon" else [coordinates] if kind == "Polygon" else ()
    found = [np.empty((0, 4))]
    for ring in chain.from_iterable(polygons):
        points = np.array([(point[0], point[1]) for point in ring], dtype=np.float64).reshape(-1, 2)
        if not np.isfinite(points).all():
            raise ValueError("a coordinate is no number")
        points = np.round(points, DECIMALS) + 0.0  # -0.0 becomes 0.0
        starts, ends = points[:-1], points[1:]
        turned = (starts[:, 0] > ends[:, 0]) | ((starts[:, 0] == ends[:, 0]) & (starts[:, 1] > ends[:, 1]))
        lines = np.where(turned[:, None], np.hstack([ends, starts]), np.hstack([starts, ends]))
        found.append(lines[(starts != ends).any(axis=1)])
    return np.unique(np.concatenate(found), axis=0)


# --- common lines ---------------------------------------------------------------------------------------------------------
@contextmanager
def _table() -> Iterator[duckdb.DuckDBPyConnection]:
    with (
        TemporaryDirectory(prefix="borders-") as folder,
        duckdb.connect(
            str(Path(folder, "lines.duckdb")),
            config={"memory_limit": MEMORY, "threads": 1, "temp_directory": folder, "preserve_insertion_order": False},
        ) as connection,
    ):
        connection.execute("SET enable_progress_bar = false")
        connection.execute("CREATE TABLE line (a DOUBLE, b DOUBLE, c DOUBLE, d DOUBLE, area INTEGER)")
        yield connection


def _fill(connection: duckdb.DuckDBPyConnection, areas: Iterable[tuple[int, Lines]]) -> None:
    waiting: list[tuple[int, Lines]] = []
    count = 0

    def write() -> None:
        lines = np.concatenate([lines for _, lines in waiting])
        columns = {name: np.ascontiguousarray(lines[:, place]) for place, name in enumerate("abcd")}
        columns["area"] = np.repeat([place for place, _ in waiting], [len(lines) for _, lines in waiting])
        connection.register("arriving", columns)
        connection.execute("INSERT INTO line SELECT a, b, c, d, area FROM arriving")
        connection.unregister("arriving")
        waiting.clear()

    for place, lines in areas:
        waiting.append((place, lines))
        count += len(lines)
        if count >= HELD_LINES:
            write()
            count = 0
    if count:
        write()


def _pairs(connection: duckdb.DuckDBPyConnection, *, file: str) -> tuple[tuple[int, int], ...]:
    connection.execute(
        "CREATE TABLE common AS SELECT a, b, c, d, count(*) AS areas FROM line GROUP BY a, b, c, d HAVING count(*) > 1"
    )
    most = connection.execute("SELECT coalesce(max(areas), 0) FROM common").fetchone()
    if most is not None and most[0] > MOST_AT_A_LINE:
        raise Refused("borders_too_detailed", file=file)
    connection.execute("CREATE TABLE shared AS SELECT a, b, c, d, area FROM line SEMI JOIN common USING (a, b, c, d)")
    found = connection.execute(
        f"""
        SELECT DISTINCT one.area, other.area FROM shared one JOIN shared other USING (a, b, c, d)
        WHERE one.area < other.area ORDER BY ALL LIMIT {MOST_PAIRS + 1}
        """  # noqa: S608 - a number of ours
    ).fetchall()
    if len(found) > MOST_PAIRS:
        raise Refused("borders_too_detailed", file=file)
    return tuple((one, other) for one, other in found)
