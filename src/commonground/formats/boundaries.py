"""District borders (GeoJSON, TopoJSON) as pairs of districts that share a line.

Two districts adjoin when their borders have a line in common; meeting in a point is not adjoining. In TopoJSON a common
line is a common arc; in GeoJSON it is a common segment, whose two ends are the same to a tenth of a meter.
Source of the layouts: RFC 7946 (GeoJSON); TopoJSON specification 1.0.
"""

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from commonground.formats.archives import file_digest
from commonground.formats.books import Books, Rule
from commonground.formats.boundaries_lines import read_drawing
from commonground.formats.delimited import quoted
from commonground.formats.folders import workplace
from commonground.formats.reading import Decision, FileShape, Format, Reading, Refused, Root

KEY = "district-borders"
ID = re.compile(r"\d{4}-\d{2}")
NAME_PROPERTIES = ("name", "district", "prefname", "namelsad", "sdprefname", "shortname", "distname")
ID_PROPERTIES = ("districtid", "stateid", "sdid", "sdorgid", "formid", "distid", "id", "code", "districtcode")
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
    """pairs: ids of two districts that adjoin, the smaller first, sorted. unmatched: names for which there is no id.

    alone: names (ids where an area has none) of the districts beside which no other was found: islands, or lines that
    were simplified until they no longer meet.
    """

    pairs: tuple[tuple[str, str], ...]
    unmatched: tuple[str, ...]
    alone: tuple[str, ...]


def read_borders(path: Path) -> Borders:
    """Read a GeoJSON or TopoJSON file. Raises Refused for anything else, and for more detail than can be compared."""
    drawing = read_drawing(path)
    names = tuple(map(_name, drawing.properties))
    return Borders(names, _ids(drawing.properties, names), drawing.pairs)


def _name(properties: Mapping[str, Any]) -> str:
    by_name = {str(key).lower().replace("_", ""): value for key, value in properties.items()}
    found = next((by_name[name] for name in NAME_PROPERTIES if isinstance(by_name.get(name), str)), "")
    return found.strip()


def _ids(areas: Sequence[Mapping[str, Any]], names: Sequence[str]) -> tuple[str | None, ...]:
    """The district id of every area, None where the file does not tell.

    The state's own two numbers come first, then properties that are called like an id, then any other whose values are
    written like ids. A property that gives areas of different names the same value, or only school years such as 2016-17,
    is no id.
    """
    columns: dict[str, list[str | None]] = {}
    numbers: list[str | None] = []
    for place, properties in enumerate(areas):
        by_name = {_plain(key): str(value).strip() for key, value in properties.items()}
        number, kind = by_name.get("unimaj", ""), by_name.get("unityp", "")
        has_numbers = re.fullmatch(r"[0-9]{1,4}", number) and re.fullmatch(r"[0-9]{1,2}", kind)
        numbers.append(f"{number.zfill(4)}-{kind.zfill(2)}" if has_numbers else None)
        for key, value in by_name.items():
            if ID.fullmatch(value):
                columns.setdefault(key, [None] * len(areas))[place] = value
    like_ids = [key for key in ID_PROPERTIES if key in columns]
    others = [key for key in columns if key not in ID_PROPERTIES and not _are_school_years(columns[key])]
    trusted = [numbers, *(columns[key] for key in like_ids + others if _tells_apart(columns[key], names))]
    return tuple(next((column[place] for column in trusted if column[place]), None) for place in range(len(areas)))


def _plain(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


def _are_school_years(column: Iterable[str | None]) -> bool:
    values = [value for value in column if value]
    return all(value[:2] in ("19", "20") and (int(value[:4]) + 1) % 100 == int(value[5:]) for value in values)


def _tells_apart(column: Sequence[str | None], names: Sequence[str]) -> bool:
    """Whether no two areas of different names have the same value; a district may be drawn as several areas."""
    called: dict[str, str] = {}
    for place, (value, name) in enumerate(zip(column, names, strict=True)):
        own = plain_name(name) or f"area {place}"
        if value and called.setdefault(value, own) != own:
            return False
    return True


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
    beside = {district_id for pair in pairs for district_id in pair}
    alone = {
        name or matched for name, matched in zip(borders.names, found, strict=True) if matched and matched not in beside
    }
    return Adjacency(tuple(sorted(pairs)), tuple(sorted(unmatched)), tuple(sorted(alone)))


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
    memory_limit: str = "200MB",
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
    books.run("CREATE TABLE pair (first BIGINT, second BIGINT)")
    if borders.pairs:
        first, second = np.array(borders.pairs, dtype=np.int64).T + 1
        books.connection.register("found", {"first": first.copy(), "second": second.copy()})
        books.run("INSERT INTO pair SELECT first, second FROM found")
        books.connection.unregister("found")
    neighbors = "SELECT unnest([first, second]) FROM pair"
    is_district = f"coalesce(name, '') NOT ILIKE '%{NOT_A_DISTRICT}%'"
    books.report(
        "areas",
        "border_alone",
        column="name",
        where=f'"sourcedId" IS NOT NULL AND {is_district} AND line NOT IN ({neighbors})',
    )
    books.settle("areas")
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
