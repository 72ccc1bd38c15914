"""Minnesota's public enrollment tables: school (or district) by grade, with counts by group and sex, or by program.

The state publishes them as workbooks; people pass them on as text with bars, commas or tabs, often packed. Text is
padded with blanks, one table may hold several years, and a blank is unknown, never zero. District numbers repeat between
types (0001-01 Aitkin, 0001-03 Minneapolis), so the type is part of every id.
"""

# ruff: noqa: S608 - every name in this module's SQL is our own; texts from files are quoted or bound.

import gzip
import re
import time
import zlib
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from commonground.formats.archives import CHUNK_BYTES, LIMITS, BundleFile, Limits, file_digest, first_bytes, open_bundle
from commonground.formats.books import Books, Rule
from commonground.formats.delimited import Delimited, load, quoted, survey
from commonground.formats.folders import workplace
from commonground.formats.reading import Decision, FileShape, Format, Reading, Refused, Root

KEY = "mn-enrollment"
TABLE = "enrollment_count"
DELIMITERS = "|,\t;"

GROUPS = ("american_indian", "asian", "black", "hispanic", "pacific_islander", "two_or_more", "white")
FIVE_GROUPS = ("american_indian", "asian", "black", "hispanic", "white")
PROGRAMS = ("k12_total", "free_meals", "reduced_meals", "english_learners", "special_education")
COUNTS = (*GROUPS, "male", "female", "protected", "total", *PROGRAMS)
# What the rows of `enrollment_count.parquet` hold after source_id, file, line and digest. Counts are whole numbers, NULL
# where the table is blank, has no such column, or hides the count; `suppressed` names the hidden ones. In tables with five
# groups `asian` counts Pacific Islanders too, and `has_five_groups` says so.
COLUMNS = (
    "school_year",
    "district_id",
    "district_name",
    "school_id",
    "school_name",
    "classification",
    "grade",
    "has_five_groups",
    *COUNTS,
    "suppressed",
)

# Headings without case, blanks and signs.
TEXT_HEADS = {
    "year": ("datayear", "schoolyear", "year"),
    "district_number": ("districtnumber", "districtnum"),
    "district_type": ("districttype", "districttypecode"),
    "district_id": ("districtid",),
    "district_name": ("districtname", "district"),
    "school_number": ("schoolnumber", "schoolnum"),
    "school_id": ("schoolid",),
    "school_name": ("schoolname", "school"),
    "classification": ("schoolclassification", "classification"),
    "grade": ("grade",),
}
GROUP_HEADS = {
    "american_indian": ("ami", "amind", "americanindian", "americanindianalaskanative", "americanindianoralaskanative"),
    "asian": ("api", "asi", "asn", "asian", "asianpacific", "asianpacificislander"),
    "black": ("blk", "black", "blackorafricanamerican", "africanamerican"),
    "hispanic": ("his", "hispanic", "hispanicorlatino"),
    "pacific_islander": (
        "pac",
        "hpi",
        "nhp",
        "pacificislander",
        "nativehawaiianpacificislander",
        "hawaiianpacificislander",
    ),
    "two_or_more": ("mul", "two", "tom", "multi", "multiracial", "twoormore", "twoormoreraces"),
    "white": ("wht", "white"),
}
COUNT_HEADS = {
    "male": ("totalmale", "male"),
    "female": ("totalfemale", "female"),
    "protected": ("totalminority", "protected"),
    "total": ("totalstudents", "total", "totalenrollment"),
    "k12_total": ("k12enr", "k12enrollment"),
    "free_meals": ("freek12",),
    "reduced_meals": ("redk12", "reducedk12"),
    "english_learners": ("lepidentifiedk12", "elidentifiedk12", "elk12"),
    "special_education": ("spek12", "spedk12"),
}
HIDDEN = "('*', '**', '-', 'n/a', 'ctstr', '<10', '< 10', 'fewer than 10')"

MACROS = rf"""
CREATE OR REPLACE MACRO is_hidden(x) AS coalesce(lower(x) IN {HIDDEN}, FALSE);
CREATE OR REPLACE MACRO is_count(x) AS coalesce(regexp_full_match(x, '\d{{1,7}}|\d{{1,3}}(,\d{{3}}){{1,2}}'), FALSE);
CREATE OR REPLACE MACRO count_of(x) AS CASE WHEN is_count(x) THEN replace(x, ',', '')::INTEGER END;
CREATE OR REPLACE MACRO ending_year(x) AS CASE
    WHEN regexp_full_match(x, '\d{{2}}\s*[-–/]\s*\d{{2}}') THEN CASE WHEN right(x, 2) >= '80' THEN '19' ELSE '20' END || right(x, 2)
    WHEN regexp_full_match(x, '(19|20)\d{{2}}\s*[-–/]\s*\d{{2}}') THEN (x[1:4]::INTEGER + 1)::VARCHAR
    WHEN regexp_full_match(x, '(19|20)\d{{2}}\s*[-–/]\s*(19|20)\d{{2}}') THEN right(x, 4)
    WHEN regexp_full_match(x, '(19|20)\d{{2}}') THEN x END;
"""


def recognize(source: Path) -> bool:
    """Whether a text file, packed or not, or an archive or folder of such files has the headings of these tables."""
    try:
        return any(_is_heading(start) for start in _starts(source))
    except (Refused, OSError, EOFError, zlib.error):
        return False


def _starts(source: Path) -> list[bytes]:
    if source.is_dir() or _begins(source, b"PK"):
        return list(first_bytes(source).values())
    if _begins(source, b"\x1f\x8b"):
        with gzip.open(source) as packed:
            return [packed.read(4096)]
    with source.open("rb") as opened:
        return [opened.read(4096)]


def _begins(source: Path, mark: bytes) -> bool:
    with source.open("rb") as opened:
        return opened.read(len(mark)) == mark


def _is_heading(start: bytes) -> bool:
    line = re.split(rb"[\r\n]", start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe"), maxsplit=1)[0].decode(
        "latin-1"
    )
    heads = _heads(tuple(line.split(_delimiter(line))))
    has_district = "district_id" in heads or {"district_number", "district_type"} <= set(heads)
    return has_district and "grade" in heads and any(name.startswith("count_") for name in heads)


def _delimiter(line: str) -> str:
    return max(DELIMITERS, key=line.count)


def _heads(header: tuple[str, ...]) -> dict[str, list[int]]:
    """Where each known field stands. A group's count may be split by sex over two columns, which are added."""
    found: dict[str, list[int]] = {}
    for position, cell in enumerate(header):
        plain = re.sub(r"[^a-z0-9]", "", cell.lower())
        for name, forms in TEXT_HEADS.items():
            if plain in forms:
                found.setdefault(name, []).append(position)
        for name, forms in COUNT_HEADS.items():
            if plain in forms:
                found.setdefault(f"count_{name}", []).append(position)
        group = re.sub(r"(fe)?males?$", "", plain)
        for name, forms in GROUP_HEADS.items():
            if group in forms:
                found.setdefault(f"count_{name}", []).append(position)
    return found


def read(
    source: Path,
    *,
    into: Path,
    known: Path | None = None,
    decisions: Sequence[Decision] = (),
    memory_limit: str = "200MB",
    threads: int = 1,
    limits: Limits = LIMITS,
) -> Reading:
    """Read one table, or several in an archive, into `enrollment_count.parquet` and its books. Raises Refused.

    limits: of what a packed file may unpack to.
    """
    began = time.perf_counter()
    with (
        workplace(into) as place,
        duckdb.connect(
            config={"memory_limit": memory_limit, "threads": threads, "temp_directory": str(place.work)}
        ) as connection,
    ):
        connection.execute(MACROS)
        books = Books(connection=connection, modes={}, table=TABLE)
        books.add_decisions(decisions)
        of_files: list[str] = []
        for file in _files(source, work=place.work, limits=limits):
            of_files.append(_read_file(books, file, kind=f"table_{len(of_files)}", work=place.work))
        if not any(books.rows.values()):
            raise Refused("bundle_empty")
        rows = books.write(place.ready, TABLE, _selection(books))
        problems = books.write_books(place.ready)
        waiting = f'SELECT {quoted(TABLE)} AS "table", id AS source_id FROM held WHERE id IS NOT NULL'
        books.write(place.ready, "waiting", waiting)
        years = books.column(
            f"SELECT DISTINCT school_year FROM ({_selection(books)}) WHERE school_year IS NOT NULL ORDER BY 1"
        )
        counts = books.counts()
    return Reading(
        format=KEY,
        version="1",
        folder=into,
        root=Root((), (), is_district=False),
        files=counts,
        tables={TABLE: rows},
        problems=problems,
        school_years=tuple(years),
        digest=sha256("".join(sorted(of_files)).encode()).hexdigest(),
        seconds={"read": time.perf_counter() - began},
    )


def digest(source: Path) -> str:
    """What `read` gives as the digest, without reading the tables."""
    with TemporaryDirectory() as folder:
        found = sorted(file_digest(file.path) for file in _files(source, work=Path(folder)))
    return sha256("".join(found).encode()).hexdigest()


def _files(source: Path, *, work: Path, limits: Limits = LIMITS) -> tuple[BundleFile, ...]:
    if source.is_dir() or _begins(source, b"PK"):
        return open_bundle(source, into=work / "unpacked", limits=limits).files
    if not _begins(source, b"\x1f\x8b"):
        return (BundleFile(source.name, source),)
    target = work / "unpacked.txt"
    likely = max(limits.ratio_from, limits.ratio * source.stat().st_size)
    written = 0
    try:
        with gzip.open(source) as packed, target.open("wb") as unpacked:
            while chunk := packed.read(CHUNK_BYTES):
                written += len(chunk)
                if written > min(likely, limits.file_size):
                    raise Refused("archive_ratio" if written > likely else "archive_size", file=source.name)
                unpacked.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise Refused("archive_unreadable", file=source.name) from error
    return (BundleFile(source.name.removesuffix(".gz"), target),)


def _read_file(books: Books, file: BundleFile, *, kind: str, work: Path) -> str:
    """Load and judge one table; returns its digest."""
    with file.path.open("rb") as opened:
        line = re.split(rb"[\r\n]", opened.read(1 << 16), maxsplit=1)[0].replace(b"\0", b"").decode("latin-1")
    table = survey(file.path, name=file.name, into=work, delimiter=_delimiter(line))
    heads = _heads(table.header)
    if "grade" not in heads or not ("district_id" in heads or {"district_number", "district_type"} <= set(heads)):
        raise Refused(
            "column_missing", file=table.name, line=1, column="grade" if "grade" not in heads else "districtNumber"
        )
    _load(books, table, heads=heads, kind=kind)
    books.add_file(kind, table.name, table.rows)
    books.modes[kind] = "bulk"
    if table.encoding in ("utf-16", "windows-1252"):
        books.note_file(kind, "encoding_other")
    elif table.encoding == "mixed":
        books.report(kind, "encoding_mixed", where="flaw = 'windows'")
    _judge(books, kind, split={name: len(places) for name, places in heads.items() if name.startswith("count_")})
    return table.digest


def _load(books: Books, table: Delimited, *, heads: Mapping[str, list[int]], kind: str) -> None:
    columns = {name: f"f{heads[name][0]}" if name in heads else "NULL::VARCHAR" for name in TEXT_HEADS}
    for name in COUNTS:
        places = heads.get(f"count_{name}", [])
        columns |= {f"{name}_{nth}": f"f{place}" for nth, place in enumerate(places)}
        columns[f"has_{name}"] = "TRUE" if places else "FALSE"
    five = any(re.sub(r"[^a-z]", "", cell.lower()).startswith(("api", "asianpacific")) for cell in table.header)
    columns["has_five_groups"] = "TRUE" if five else "FALSE"
    load(books.connection, table, name=f"{kind}_raw", columns=columns)
    # A surplus blank field in single rows may mean that a sign inside a name has moved all counts.
    books.run(
        f"UPDATE {kind}_raw SET flaw = 'width' WHERE flaw = 'trailing' "
        f"AND EXISTS (SELECT 1 FROM {kind}_raw WHERE flaw NOT IN ('trailing', 'blank'))"
    )
    # A district is four digits and two of its type; a school three more. Numbers lose their zeros in spreadsheets.
    books.run(
        rf"""
        CREATE TABLE {kind} AS
        SELECT *, concat_ws(':', coalesce(ending_year(year), '?'), coalesce(school, district), grade) AS "sourcedId",
               flaw NOT IN ('width', 'quotes') AS sound
        FROM (
            SELECT *, CASE WHEN regexp_full_match(district_id, '\d{{4}}-\d{{2}}') THEN district_id
                           WHEN regexp_full_match(district_number, '\d{{1,4}}') AND regexp_full_match(district_type, '\d{{1,2}}')
                           THEN lpad(district_number, 4, '0') || '-' || lpad(district_type, 2, '0') END AS district,
                   CASE WHEN regexp_full_match(school_id, '\d{{4}}-\d{{2}}-\d{{3}}') THEN school_id
                        WHEN regexp_full_match(school_number, '\d{{1,3}}') AND school_number::INTEGER > 0
                        THEN district || '-' || lpad(school_number, 3, '0') END AS school
            FROM {kind}_raw
        )
        """
    )
    books.run(f"DROP TABLE {kind}_raw")


def _judge(books: Books, kind: str, *, split: Mapping[str, int]) -> None:
    parts = {name: [f"{name}_{nth}" for nth in range(split.get(f"count_{name}", 0))] for name in COUNTS}
    everything = [part for name in COUNTS for part in parts[name]]
    books.leave_out(
        kind,
        "blank_line",
        where=f"flaw = 'blank' OR coalesce(district_number, district_id, grade, {', '.join(everything)}) IS NULL",
    )
    books.leave_out(kind, "total_row", where="sound AND regexp_full_match(lower(grade), 'all( grades)?|total')")
    rules = [
        Rule("row_width", "", "flaw = 'width'"),
        Rule("row_quotes", "", "flaw = 'quotes'"),
        Rule("row_characters", "", "flaw = 'characters'"),
        Rule("field_trailing", "", "flaw = 'trailing'"),
        Rule("id_missing", "district_number", "sound AND district IS NULL"),
        Rule("id_missing", "grade", "sound AND grade IS NULL"),
        Rule("school_year_form", "year", "sound AND year IS NOT NULL AND ending_year(year) IS NULL"),
    ]
    for part in everything:
        odd = f"sound AND {part} IS NOT NULL AND NOT is_count({part})"
        rules.append(Rule("count_unreadable", part, f"{odd} AND NOT is_hidden({part})"))
        rules.append(Rule("count_suppressed", part, f"{odd} AND is_hidden({part})"))
    books.report_all(kind, rules)
    for name in COUNTS:
        # Of a count that is split by sex nothing is known when one of the parts is not.
        total = " + ".join(f"count_of({part})" for part in parts[name]) or "NULL::INTEGER"
        books.run(f"ALTER TABLE {kind} ADD COLUMN {name} INTEGER")
        books.run(f"UPDATE {kind} SET {name} = {total} WHERE sound")
    groups = [name for name in GROUPS if parts[name]]
    if groups and parts["total"]:
        books.report(kind, "totals_differ", where=f"sound AND {' + '.join(groups)} <> total")
    # A table without one of the five old groups does not tell everybody; of a blank group nothing is known.
    if not parts["protected"] and set(FIVE_GROUPS) - {"white"} <= set(groups):
        books.run(f"UPDATE {kind} SET protected = {' + '.join(name for name in groups if name != 'white')}")
    if not parts["total"] and set(FIVE_GROUPS) <= set(groups):
        books.run(f"UPDATE {kind} SET total = {' + '.join(groups)}")
    hidden = ", ".join(
        f"CASE WHEN is_hidden({part}) THEN {quoted(name)} END" for name in COUNTS for part in parts[name]
    )
    books.run(f"ALTER TABLE {kind} ADD COLUMN suppressed VARCHAR")
    books.run(f"UPDATE {kind} SET suppressed = nullif(concat_ws(',', {hidden}), '')")
    _judge_repeats(books, kind)
    books.settle(kind)


def _judge_repeats(books: Books, kind: str) -> None:
    """The same school and grade of a year twice: one row when they say the same, else all of them wait."""
    content = ", ".join((*COUNTS, "suppressed"))
    books.run(
        f"""
        CREATE OR REPLACE TEMP TABLE judged AS
        SELECT line, min(line) OVER same AS first_line, min(content) OVER same <> max(content) OVER same AS differs
        FROM (SELECT line, "sourcedId", ROW({content})::VARCHAR AS content FROM {kind}
              WHERE sound AND district IS NOT NULL AND grade IS NOT NULL
              QUALIFY count(*) OVER (PARTITION BY "sourcedId") > 1)
        WINDOW same AS (PARTITION BY "sourcedId")
        """
    )
    books.report(kind, "id_repeated", column="sourcedId", where="line IN (SELECT line FROM judged WHERE differs)")
    books.leave_out(
        kind, "row_repeated", where="line IN (SELECT line FROM judged WHERE NOT differs AND line <> first_line)"
    )


def _selection(books: Books) -> str:
    renamed = {"school_year": "ending_year(year)", "district_id": "district", "school_id": "school"}
    columns = ", ".join(f"{renamed.get(name, name)} AS {name}" for name in COLUMNS)
    content = ", ".join(f"coalesce({name}::VARCHAR, chr(30))" for name in COLUMNS)
    parts = [
        f"""
        SELECT "sourcedId" AS source_id, {quoted(file)} AS file, line, {columns} FROM {kind}
        WHERE line NOT IN (SELECT line FROM held WHERE kind = {quoted(kind)})
        """
        for kind, file in books.files.items()
    ]
    return f"""
        SELECT source_id, file, line, md5(concat_ws(chr(31), {content})) AS digest, {", ".join(COLUMNS)}
        FROM ({" UNION ALL ".join(parts)})
        """


def _shape() -> FileShape:
    """The headings, each with its other spellings; case, blanks and signs do not matter."""
    columns = {}
    for kind, heads in (("", TEXT_HEADS), ("students, by group", GROUP_HEADS), ("students", COUNT_HEADS)):
        for first, *others in heads.values():
            also = f"also: {', '.join(others)}" if others else ""
            columns[first] = "; ".join(text for text in (kind, also) if text)
    return FileShape("a table with commas, bars, semicolons or tabs", columns)


FORMAT = Format(
    key=KEY,
    title="Minnesota enrollment tables",
    recognize=recognize,
    read=read,
    digest=digest,
    files=(_shape(),),
)
