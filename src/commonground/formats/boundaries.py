"""District borders (GeoJSON, TopoJSON) as pairs of districts that share a line.

Two districts adjoin when their borders have a line in common; meeting in a point is not adjoining. In TopoJSON a common
line is a common arc; in GeoJSON it is a common segment, whose two ends are the same to a tenth of a meter.
Source of the layouts: RFC 7946 (GeoJSON); TopoJSON specification 1.0.
"""

import json
import re
import time
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import duckdb

from commonground.formats.archives import file_digest
from commonground.formats.books import Books, Rule
from commonground.formats.delimited import quoted
from commonground.formats.folders import workplace
from commonground.formats.reading import Decision, FileShape, Format, Reading, Refused, Root

KEY = "district-borders"
FILE_BYTES = 64 << 20
DECIMALS = 6  # of a degree: about a tenth of a meter
ID = re.compile(r"\d{4}-\d{2}")
NAME_PROPERTIES = ("name", "district", "prefname", "namelsad", "sdprefname", "shortname", "distname")
# The Census draws lakes and unorganized land as districts of this name.
NOT_A_DISTRICT = "not defined"
EMPTY_WORDS = re.compile(r"\b(independent|public|school|schools|district|isd|area)\b")


@dataclass(frozen=True, slots=True)
class Borders:
    """Areas and which of them adjoin.

    names: per area, in the file's order, "" where it has none. ids: `DDDD-TT`, or None where the file does not tell.
    pairs: positions of two areas each, the smaller first, sorted.
    """

    names: tuple[str, ...]
    ids: tuple[str | None, ...]
    pairs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Adjacency:
    """pairs: ids of two districts that adjoin, the smaller first, sorted. unmatched: names for which there is no id."""

    pairs: tuple[tuple[str, str], ...]
    unmatched: tuple[str, ...]


def read_borders(path: Path) -> Borders:
    """Read a GeoJSON or TopoJSON file. Raises Refused for anything else or for more than 64 MB."""
    if path.stat().st_size > FILE_BYTES:
        raise Refused("archive_size", file=path.name)
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        if document["type"] == "Topology":
            areas = [area for layer in document["objects"].values() for area in layer["geometries"]]
            lines: Iterable[Iterable[Hashable]] = (_arcs(area) for area in areas)
        elif document["type"] == "FeatureCollection":
            areas = document["features"]
            lines = (_segments(area["geometry"]) for area in areas)
        else:
            raise Refused("format_unknown", file=path.name)
        owners: dict[Hashable, set[int]] = defaultdict(set)
        for place, found in enumerate(lines):
            for line in found:
                owners[line].add(place)
        properties = [area.get("properties") or {} for area in areas]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise Refused("format_unknown", file=path.name) from error
    pairs = {pair for places in owners.values() if len(places) > 1 for pair in combinations(sorted(places), 2)}
    return Borders(tuple(map(_name, properties)), tuple(map(_id, properties)), tuple(sorted(pairs)))


def _arcs(area: Mapping[str, Any]) -> Iterator[int]:
    """Numbers of the arcs an area is drawn with, whichever way round."""

    def numbers(nested: Any) -> Iterator[int]:
        for item in nested:
            if isinstance(item, int):
                yield item if item >= 0 else ~item
            else:
                yield from numbers(item)

    return numbers(area.get("arcs") or ())


def _segments(geometry: Mapping[str, Any] | None) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """The straight pieces of an area's border, each with its smaller end first."""
    if geometry is None:
        return
    kind, coordinates = geometry["type"], geometry.get("coordinates") or ()
    polygons = coordinates if kind == "MultiPolygon" else [coordinates] if kind == "Polygon" else ()
    for polygon in polygons:
        for ring in polygon:
            points = [(round(float(point[0]), DECIMALS), round(float(point[1]), DECIMALS)) for point in ring]
            for start, end in pairwise(points):
                if start != end:
                    yield (start, end) if start < end else (end, start)


def _name(properties: Mapping[str, Any]) -> str:
    by_name = {str(key).lower().replace("_", ""): value for key, value in properties.items()}
    found = next((by_name[name] for name in NAME_PROPERTIES if isinstance(by_name.get(name), str)), "")
    return found.strip()


def _id(properties: Mapping[str, Any]) -> str | None:
    for value in properties.values():
        if isinstance(value, str) and ID.fullmatch(value.strip()):
            return value.strip()
    by_name = {str(key).lower(): str(value).strip() for key, value in properties.items()}
    number, kind = by_name.get("uni_maj", ""), by_name.get("uni_typ", "")
    return f"{number.zfill(4)}-{kind.zfill(2)}" if number.isdigit() and kind.isdigit() else None


def plain_name(name: str) -> str:
    """A district's name without case, signs and the words that all districts have, to compare by."""
    words = EMPTY_WORDS.sub(" ", name.casefold().replace("saint ", "st "))
    return re.sub(r"[^\w]", "", words)


def adjacency(borders: Borders, *, ids: Mapping[str, str]) -> Adjacency:
    """Match areas with districts by id, else by name. ids: name → `DDDD-TT`; several names may have one id."""
    by_name = {plain_name(name): district_id for name, district_id in ids.items()}
    found: list[str | None] = []
    unmatched = []
    for name, district_id in zip(borders.names, borders.ids, strict=True):
        matched = district_id or by_name.get(plain_name(name))
        found.append(matched)
        if matched is None and NOT_A_DISTRICT not in name.casefold():
            unmatched.append(name)
    pairs = set()
    for first, second in borders.pairs:
        one, other = found[first], found[second]
        if one and other and one != other:
            pairs.add((min(one, other), max(one, other)))
    return Adjacency(tuple(sorted(pairs)), tuple(sorted(unmatched)))


# --- as a format ----------------------------------------------------------------------------------------------------------
def recognize(source: Path) -> bool:
    """Whether a file begins as GeoJSON or TopoJSON does."""
    if source.is_dir():
        return False
    with source.open("rb") as opened:
        start = opened.read(4096).lstrip(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"{") and re.search(rb'"type"\s*:\s*"(Topology|FeatureCollection)"', start) is not None


def read(
    source: Path,
    *,
    into: Path,
    known: Path | None = None,
    decisions: Sequence[Decision] = (),
    memory_limit: str = "240MB",
    threads: int = 1,
) -> Reading:
    """Read borders into `border.parquet` (source_id, file, line, digest, name, district_id, neighbor_name, neighbor_id).

    One row of the source is one area; its line is its place in the file, from 1. Every pair of neighbors is one row of
    the table, told by the area that stands first. Raises Refused.
    """
    began = time.perf_counter()
    borders = read_borders(source)
    if not borders.names:
        raise Refused("bundle_empty", file=source.name)
    with (
        workplace(into) as place,
        duckdb.connect(
            config={"memory_limit": memory_limit, "threads": threads, "temp_directory": str(place.work)}
        ) as connection,
    ):
        books = Books(connection=connection, modes={"areas": "bulk"}, table="border")
        books.add_decisions(decisions)
        rows = _load(books, borders, file=source.name)
        tables = {"border": books.write(place.ready, "border", rows)}
        problems = books.write_books(place.ready)
        waiting = "SELECT 'border' AS \"table\", id AS source_id FROM held WHERE id IS NOT NULL"
        books.write(place.ready, "waiting", waiting)
        files = books.counts()
    return Reading(
        format=KEY,
        version="1",
        folder=into,
        root=Root((), (), is_district=False),
        files=files,
        tables=tables,
        problems=problems,
        school_years=(),
        digest=file_digest(source),
        seconds={"read": time.perf_counter() - began},
    )


def _load(books: Books, borders: Borders, *, file: str) -> str:
    """Load and judge the areas; returns SQL for the table of borders."""
    books.run('CREATE TABLE areas (line BIGINT, "sourcedId" VARCHAR, name VARCHAR, district_id VARCHAR)')
    areas = [
        (place, district_id or name or None, name or None, district_id)
        for place, (name, district_id) in enumerate(zip(borders.names, borders.ids, strict=True), 1)
    ]
    books.connection.executemany("INSERT INTO areas VALUES (?, ?, ?, ?)", areas)
    books.add_file("areas", file, len(areas))
    books.report_all("areas", (Rule("name_missing", "name", '"sourcedId" IS NULL'),))
    books.settle("areas")
    books.run("CREATE TABLE pair (first BIGINT, second BIGINT)")
    if borders.pairs:
        books.connection.executemany(
            "INSERT INTO pair VALUES (?, ?)", [(one + 1, other + 1) for one, other in borders.pairs]
        )
    return f"""
        SELECT a."sourcedId" || '|' || b."sourcedId" AS source_id, {quoted(file)} AS file, a.line,
               md5(concat_ws(chr(31), a.name, a.district_id, b.name, b.district_id)) AS digest,
               a.name, a.district_id, b.name AS neighbor_name, b.district_id AS neighbor_id
        FROM pair JOIN areas a ON a.line = pair.first JOIN areas b ON b.line = pair.second
        WHERE a."sourcedId" IS NOT NULL AND b."sourcedId" IS NOT NULL
        ORDER BY a.line, b.line
        """  # noqa: S608 - the file's name is quoted


FORMAT = Format(
    key=KEY,
    title="District borders (GeoJSON, TopoJSON)",
    recognize=recognize,
    read=read,
    digest=file_digest,
    files=(
        FileShape(
            "a FeatureCollection or a Topology; properties of each area",
            dict.fromkeys(NAME_PROPERTIES, "the district's name: the first of these"),
        ),
    ),
)
