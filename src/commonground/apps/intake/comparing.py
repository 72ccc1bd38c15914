"""What a bundle would change: its rows against those accepted before, table by table, as sets.

Everything happens in DuckDB over Parquet files of the batch's folder; PostgreSQL is only asked what is known. The result
is up to three files per table, ready to be applied: `<table>.new.csv`, `<table>.changed.csv`, `<table>.gone.csv` (ids).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
from django.db import connection as database

from commonground.apps.intake.tables import BY_NAME, TABLES, Table
from commonground.apps.roster.grades import GRADES, is_one_higher
from commonground.apps.roster.names import name_key
from commonground.formats import Reading

LEAVERS_SHARE = 0.10  # strictly more than this share of a school's students: those leavers wait for a person

ARRIVED_WITHIN_DAYS = 30
KNOWN_AT_ONCE = 10_000
PARENTS = frozenset(parent for table in TABLES for parent in table.references.values())
# In a first bundle nobody is new to us; who began later than half of the school, and lately, is new to the school.
ARRIVALS = """
    WITH begun AS (
        SELECT student_source_id, school_source_id, min(begins_on) AS begun_on
          FROM row_enrollment WHERE begins_on IS NOT NULL GROUP BY student_source_id, school_source_id),
    usual AS (SELECT school_source_id, median(begun_on) AS begun_on FROM begun GROUP BY school_source_id)
    SELECT b.student_source_id, b.school_source_id, b.begun_on
      FROM begun b JOIN usual u USING (school_source_id) WHERE b.begun_on > u.begun_on
"""


@dataclass(frozen=True)
class Effect:
    """Rows of one table: new, changed, back (ended before and here again), gone, unchanged."""

    new: int = 0
    changed: int = 0
    back: int = 0
    gone: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class Leavers:
    """Students of one school whom the bundle no longer holds. waits: more than a tenth, and nobody has confirmed."""

    school_source_id: str
    school_name: str
    count: int
    known_count: int
    waits: bool


@dataclass(frozen=True)
class Promotion:
    """A new school year against the last: students one grade higher, in the same grade, elsewhere, finished."""

    from_year: str
    to_year: str
    one_higher_count: int
    same_count: int
    other_count: int
    finished_count: int


@dataclass(frozen=True)
class Comparison:
    effects: Mapping[str, Effect]
    leavers: tuple[Leavers, ...]
    promotion: Promotion | None

    @property
    def is_nothing(self) -> bool:
        """Whether applying would write no row."""
        return all(e.new == e.changed == e.back == e.gone == 0 for e in self.effects.values())


def open_duckdb(folder: Path, *, memory_limit: str = "280MB", threads: int = 1) -> duckdb.DuckDBPyConnection:
    """A DuckDB of its own, bounded in memory, spilling into the batch's folder."""
    engine = duckdb.connect(":memory:", config={"threads": threads, "memory_limit": memory_limit})
    engine.execute(f"SET temp_directory = '{folder}/spill'; SET preserve_insertion_order = false; SET TimeZone = 'UTC'")
    engine.create_function("name_key_exactly", name_key, ["VARCHAR"], "VARCHAR")
    engine.execute(
        "CREATE MACRO name_key(t) AS CASE WHEN regexp_full_match(t, '[ -~]*')"
        " THEN trim(regexp_replace(regexp_replace(lower(t), '[''`]', '', 'g'), '[-,. ]+', ' ', 'g'))"
        " ELSE name_key_exactly(t) END"
    )
    return engine


def fetch_known(engine: duckdb.DuckDBPyConnection, owner_id: UUID, *, into: Path) -> None:
    """Bring what is known of the owner to DuckDB: `known_<table>` (id, source_id, digest, ended). Inside the walls."""
    for table in TABLES:
        texts = ("source_id", "grade") if table.name == "student" else ("source_id",)
        types = {"id": "UUID", "digest": "UUID", **dict.fromkeys(texts, "VARCHAR"), "ended": "BOOLEAN"}
        _fetch(engine, f"known_{table.name}", table, types, owner_id=owner_id, into=into)


def _fetch(
    engine: duckdb.DuckDBPyConnection,
    name: str,
    table: Table,
    types: Mapping[str, str],
    *,
    owner_id: UUID,
    into: Path,
) -> None:
    """Bring columns of an owner's rows to DuckDB as a view over a file of their own: they may be more than memory holds."""
    lines, rows = into / f"{name}.csv", into / f"{name}.parquet"
    with database.cursor() as cursor, lines.open("w", encoding="utf-8") as file:
        file.writelines(_known_lines(cursor, table, types, owner_id=owner_id))
    engine.execute(
        f"COPY (FROM read_csv('{lines}', header=false, auto_detect=false, columns={dict(types)}, nullstr='',"
        f" quote='\"', escape='\"')) TO '{rows}' (FORMAT parquet)"
    )
    engine.execute(f"CREATE VIEW {name} AS FROM read_parquet('{rows}')")
    lines.unlink()


def _known_lines(cursor: Any, table: Table, types: Mapping[str, str], *, owner_id: UUID) -> Iterator[str]:
    """CSV of the known rows, thousands at a time: fetched one by one they would cost more than everything else."""
    fields = {
        "ended": "ended_on IS NOT NULL",
        **{c: f"'\"' || replace({c}, '\"', '\"\"') || '\"'" for c, kind in types.items() if kind == "VARCHAR"},
    }
    line = ", ',', ".join(fields.get(column, column) for column in types)
    cursor.execute(
        "SELECT string_agg(line, '') FROM (SELECT concat("
        f"{line}, E'\n') AS line, row_number() OVER () / {KNOWN_AT_ONCE} AS part FROM {table.db_table}"
        " WHERE owner_id = %s) lines GROUP BY part",
        [owner_id],
    )
    return (block for (block,) in cursor)


def write_known_ids(engine: duckdb.DuckDBPyConnection, *, root: list[str], into: Path) -> None:
    """The source ids accepted earlier, for the reader: a delta may refer to them. root: of the tied district."""
    engine.execute(f"COPY (SELECT unnest(?::VARCHAR[]) AS source_id) TO '{into}/org.parquet' (FORMAT parquet)", [root])
    for table in TABLES:
        engine.execute(
            f"COPY (SELECT source_id FROM known_{table.name} WHERE NOT ended)"
            f" TO '{into}/{table.name}.parquet' (FORMAT parquet)"
        )


def compare(
    engine: duckdb.DuckDBPyConnection,
    reading: Reading,
    *,
    owner_id: UUID,
    known: Path,
    into: Path,
    confirmed_schools: frozenset[str],
    is_first: bool,
    day: str,
    last_year: str | None,
) -> Comparison:
    """Compare a reading with what `fetch_known` brought to the folder `known`, and write the files to apply.

    confirmed_schools: source ids of schools whose leavers a person confirmed, "" for all. day: of the batch, ISO.
    last_year: the school year of the last applied batch, None for a first one.
    """
    work = _Work(engine, reading, owner_id, known, into, is_first=is_first, day=day)
    promotion = work.promotion(last_year)
    for table in TABLES:
        work.load(table)
    work.end_with_parents()
    leavers = work.leavers(confirmed_schools, finished=promotion is not None)
    effects = {table.name: work.write(table) for table in TABLES}
    return Comparison(effects, leavers, promotion)


@dataclass
class _Work:
    engine: duckdb.DuckDBPyConnection
    reading: Reading
    owner_id: UUID
    known: Path
    into: Path
    is_first: bool
    day: str
    fetched: set[str] = field(default_factory=set)

    def one(self, statement: str, *values: Any) -> tuple[Any, ...]:
        row = self.engine.execute(statement, list(values)).fetchone()
        assert row is not None  # noqa: S101 - every statement given here answers with a row
        return row

    def count(self, rows: str) -> int:
        """How many rows a table or a FROM clause has."""
        (number,) = self.one(f"SELECT count(*) FROM {rows}")
        return int(number)

    def references(self, table: Table) -> str:
        """What the known rows of a table point to (id, a column for each reference): fetched when first asked for."""
        name = f"references_{table.name}"
        if name not in self.fetched:
            types = {"id": "UUID", **dict.fromkeys(table.references, "UUID")}
            _fetch(self.engine, name, table, types, owner_id=self.owner_id, into=self.known)
            self.fetched.add(name)
        return name

    def load(self, table: Table) -> None:
        """`row_<table>`: the reading's rows with their ids, known or new; `gone_<table>`: what is no longer there."""
        path = self.reading.table(table.name)
        source = f"read_parquet('{path}')" if path.exists() else None
        if source is None:
            columns = ", ".join(f"NULL::{table.duckdb_type(c)} AS {c}" for c in table.values)
            references = "".join(f", NULL::VARCHAR AS {c.removesuffix('_id')}_source_id" for c in table.references)
            source = (
                f"(SELECT NULL::VARCHAR AS source_id, NULL::VARCHAR AS digest, NULL::VARCHAR AS file, NULL::INTEGER AS line,"
                f" NULL::VARCHAR AS extra{', ' if columns else ''}{columns}{references} LIMIT 0)"
            )
        self.engine.execute(
            f"CREATE TABLE row_{table.name} AS SELECT coalesce(k.id, gen_random_uuid()) AS id, k.id IS NULL AS is_new,"
            f" coalesce(k.ended, false) AS is_back, k.digest IS DISTINCT FROM r.digest::UUID AS differs, r.*"
            f" FROM {source} r LEFT JOIN known_{table.name} k USING (source_id)"
        )
        if table.name in PARENTS:
            self.engine.execute(
                f"CREATE TABLE id_of_{table.name} AS SELECT source_id, id FROM row_{table.name} UNION ALL"
                f" SELECT source_id, id FROM known_{table.name} ANTI JOIN row_{table.name} USING (source_id)"
            )
        self.engine.execute(f"CREATE TABLE gone_{table.name} AS {self._gone(table)}")

    def _gone(self, table: Table) -> str:
        """The known rows that the bundle's silence or its own word ends."""
        said = (
            f"SELECT k.id FROM known_{table.name} k JOIN read_parquet('{self.reading.table('left_out')}') l"
            f" ON l.source_id = k.source_id AND l.table = '{table.name}' AND l.code = 'to_be_deleted' WHERE NOT k.ended"
        )
        modes = {count.kind: count.mode for count in self.reading.files}
        speaking = next((modes[kind] for kind in table.spoken_for_by if kind in modes), None)
        if speaking != "bulk":
            return said
        return said + (
            f" UNION SELECT k.id FROM known_{table.name} k ANTI JOIN row_{table.name} r USING (source_id)"
            f" ANTI JOIN (SELECT source_id FROM read_parquet('{self.reading.table('waiting')}') WHERE \"table\" = '{table.name}') w"
            f" USING (source_id) WHERE NOT k.ended"
        )

    def end_with_parents(self) -> None:
        """A row whose student, class, guardian or staff member the district says has ended ends with it.

        Only where the file says so row by row (a delta): a whole file speaks for every row itself.
        """
        parents = {"student", "section", "guardian", "staff"}
        for table in TABLES:
            for column, parent in table.references.items():
                if parent not in parents or not self.count(f"gone_{parent}"):
                    continue
                left = (
                    f"known_{table.name} k ANTI JOIN row_{table.name} r USING (source_id)"
                    f" ANTI JOIN gone_{table.name} g USING (id) WHERE NOT k.ended"
                )
                if self.count(left):
                    self.engine.execute(
                        f"INSERT INTO gone_{table.name} SELECT id FROM (SELECT k.id FROM {left})"
                        f" JOIN {self.references(table)} p USING (id) WHERE p.{column} IN (FROM gone_{parent})"
                    )

    def leavers(self, confirmed: frozenset[str], *, finished: bool) -> tuple[Leavers, ...]:
        """Count leavers per school; where more than a tenth left and nobody confirmed, take them out of `gone`."""
        if not self.count("gone_school_enrollment"):
            return ()
        self.engine.execute(
            "CREATE VIEW known_place AS SELECT k.*, p.student_id, p.school_id FROM known_school_enrollment k"
            f" JOIN {self.references(BY_NAME['school_enrollment'])} p USING (id)"
        )
        # In a new school year the students of a school's highest grade are expected to go.
        expected = (
            f"AND s.grade IS DISTINCT FROM (SELECT arg_max(s2.grade, list_position({list(GRADES)}, s2.grade))"
            " FROM known_place e2"
            " JOIN known_student s2 ON s2.id = e2.student_id WHERE e2.school_id = e.school_id AND NOT e2.ended)"
            if finished
            else ""
        )
        self.engine.execute(
            "CREATE TABLE leaver AS SELECT e.id, e.student_id, e.school_id FROM known_place e"
            f" JOIN gone_school_enrollment g ON g.id = e.id JOIN known_student s ON s.id = e.student_id WHERE true {expected}"
        )
        rows = self.engine.execute(
            "SELECT e.school_id, k.source_id, coalesce(any_value(r.name), ''), count(l.id), count(*)"
            " FROM known_place e JOIN known_school k ON k.id = e.school_id"
            " LEFT JOIN row_school r ON r.id = e.school_id LEFT JOIN leaver l ON l.id = e.id"
            " WHERE NOT e.ended GROUP BY ALL HAVING count(l.id) > 0 ORDER BY 2"
        ).fetchall()
        found, waiting = [], []
        for school_id, source_id, name, count, known in rows:
            # Exact: ten times the leavers against the known students.
            waits = count * 10 > known and not ({"", source_id} & confirmed)
            found.append(Leavers(source_id, name, count, known, waits))
            if waits:
                waiting.append(school_id)
        if waiting:
            self.engine.execute(
                "CREATE TABLE staying AS SELECT student_id FROM leaver WHERE school_id IN (SELECT unnest(?))", [waiting]
            )
            for table in TABLES:
                if table.name == "student":
                    self.engine.execute("DELETE FROM gone_student WHERE id IN (SELECT student_id FROM staying)")
                elif "student_id" in table.references:
                    self.engine.execute(
                        f"DELETE FROM gone_{table.name} WHERE id IN (SELECT p.id FROM {self.references(table)} p"
                        " JOIN staying s USING (student_id))"
                    )
        return tuple(found)

    def promotion(self, last_year: str | None) -> Promotion | None:
        """How the grades moved, where the bundle brings a school year later than the last one applied."""
        years = [year for year in self.reading.school_years if year]
        path = self.reading.table("student")
        if last_year is None or not years or max(years) <= last_year or not path.exists():
            return None
        steps = [(a, b) for a in GRADES for b in GRADES if is_one_higher(b, before=a)]
        self.engine.execute("CREATE TABLE one_higher (before VARCHAR, after VARCHAR)")
        self.engine.executemany("INSERT INTO one_higher VALUES (?, ?)", steps)
        higher, same, other = self.one(
            f"""SELECT count(h.before), count(*) FILTER (k.grade = r.grade),
                       count(*) FILTER (h.before IS NULL AND k.grade IS DISTINCT FROM r.grade OR k.grade IS NULL)
                  FROM read_parquet('{path}') r JOIN known_student k USING (source_id)
                  LEFT JOIN one_higher h ON h.before = k.grade AND h.after = r.grade WHERE NOT k.ended"""
        )
        (finished,) = self.one(
            f"SELECT count(*) FROM known_student k ANTI JOIN read_parquet('{path}') r USING (source_id)"
            " WHERE NOT k.ended AND k.grade = '12'"
        )
        return Promotion(last_year, max(years), higher, same, other, finished)

    def write(self, table: Table) -> Effect:
        """Write the files of a table that have rows, and count them."""
        joins, columns = "", []
        for column in table.written:
            columns.append(f"{self._expression(table, column)} AS {column}")
        if "arrived_on" in table.written:
            joins += f" LEFT JOIN ({ARRIVALS}) arrival USING (student_source_id, school_source_id)"
        for number, (column, parent) in enumerate(table.references.items()):
            joins += f" LEFT JOIN id_of_{parent} p{number} ON p{number}.source_id = row.{column.removesuffix('_id')}_source_id"
        select = f"SELECT {', '.join(columns)} FROM row_{table.name} row{joins}"
        options = f"(FORMAT csv, HEADER false, NULLSTR '\\N', FORCE_QUOTE ({', '.join(table.texts)}))"
        new, changed, back, unchanged = self.one(
            "SELECT count(*) FILTER (is_new), count(*) FILTER (NOT is_new AND differs AND NOT is_back),"
            " count(*) FILTER (NOT is_new AND is_back), count(*) FILTER (NOT is_new AND NOT differs AND NOT is_back)"
            f" FROM row_{table.name}"
        )
        gone = self.count(f"gone_{table.name}")
        to_write = (
            ("new", new, f"{select} WHERE row.is_new", options),
            ("changed", changed + back, f"{select} WHERE NOT row.is_new AND (row.differs OR row.is_back)", options),
            ("gone", gone, f"SELECT id FROM gone_{table.name}", "(FORMAT csv, HEADER false)"),
        )
        for name, count, rows, how in to_write:
            if count:
                self.engine.execute(f"COPY ({rows}) TO '{self.into}/{table.name}.{name}.csv' {how}")
        return Effect(new, changed, back, gone, unchanged)

    def _expression(self, table: Table, column: str) -> str:
        if column in table.references:
            return f"p{list(table.references).index(column)}.id"
        if column == "arrived_on":
            later = "NULL::DATE" if self.is_first else f"DATE '{self.day}'"
            lately = f"arrival.begun_on > DATE '{self.day}' - {ARRIVED_WITHIN_DAYS}"
            return f"CASE WHEN {lately} THEN arrival.begun_on ELSE {later} END"
        if column == "invented":
            return "FALSE"
        return (
            {
                "id": "row.id",
                "file": "coalesce(row.file, '')",
                "digest": "row.digest::UUID",
            }.get(column)
            or table.computed.get(column)
            or f"row.{column}"
        )
