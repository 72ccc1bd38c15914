"""A bundle's files as DuckDB tables, and the bookkeeping of what becomes of each row.

Every file that is read becomes a table named by its kind (`users`), with the columns line, flaw, those of the standard and
`unknown_0`, ... for the rest. Rows that are left out are moved out of it. `problem` collects what is wrong; once a file is
*settled*, `accepted_<kind>` holds the ids that other files may refer to and `held` the rows that wait.
"""

# ruff: noqa: S608 - every name in this module's SQL is our own; texts from files are quoted or bound.

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from commonground.formats.delimited import Delimited, load, quoted
from commonground.formats.oneroster.layout import Layout
from commonground.formats.oneroster.values import create_macros
from commonground.formats.problems import PROBLEMS, Choice, Outcome
from commonground.formats.reading import Decision, FileCount, Refused

BOOKS = """
CREATE TABLE problem (kind VARCHAR, line BIGINT, code VARCHAR, outcome VARCHAR, field VARCHAR, value_kind VARCHAR,
                      root_kind VARCHAR, root_line BIGINT);
CREATE TABLE left_out (kind VARCHAR, line BIGINT, id VARCHAR, code VARCHAR, gives VARCHAR);
CREATE TABLE held (kind VARCHAR, line BIGINT, id VARCHAR, code VARCHAR, root_kind VARCHAR, root_line BIGINT);
CREATE TABLE file_of (kind VARCHAR, file VARCHAR);
CREATE TABLE decision (code VARCHAR, file VARCHAR, line BIGINT, choice VARCHAR);
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that is judged of a row by itself. where: SQL over the file's columns; NULL counts as no."""

    code: str
    column: str
    where: str


@dataclass
class Staging:
    """One bundle being read. modes: per kind; layouts: of the bundle's version; unknown_columns: by kind, name to header."""

    connection: duckdb.DuckDBPyConnection
    layouts: dict[str, Layout]
    modes: dict[str, str]
    known: Path | None = None
    files: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    unknown_columns: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        create_macros(self.connection)
        self.connection.execute(BOOKS)

    # --- files --------------------------------------------------------------------------------------------------------
    def add_file(self, kind: str, file: str, rows: int) -> None:
        """Remember a file and its number of rows."""
        self.files[kind], self.rows[kind] = file, rows
        self.run("INSERT INTO file_of VALUES (?, ?)", kind, file)

    def load(self, layout: Layout, table: Delimited) -> None:
        """Load a file, find its columns, and note what is unusual about its heading. Raises Refused for a heading."""
        heads = self._heads(layout, table)
        columns = {name: f"f{heads[name]}" if name in heads else "NULL::VARCHAR" for name in _read_columns(layout)}
        passwords = [position for position, cell in enumerate(table.header) if "password" in cell.lower()]
        columns["has_password"] = " OR ".join(f"f{position} IS NOT NULL" for position in passwords) or "FALSE"
        taken = {*heads.values(), *passwords}
        unknown = {
            f"unknown_{position}": cell or f"column {position + 1}"
            for position, cell in enumerate(table.header)
            if position not in taken
        }
        columns |= {name: f"f{name.removeprefix('unknown_')}" for name in unknown}
        self.unknown_columns[layout.kind] = unknown
        load(self.connection, table, name=layout.kind, columns=columns)
        self.add_file(layout.kind, table.name, table.rows)
        self._note_heading(layout, table, heads=heads, unknown=unknown)

    def load_nothing(self, layout: Layout) -> None:
        """An empty table for a file that the bundle does not bring."""
        columns = "".join(f', NULL::VARCHAR AS "{name}"' for name in _read_columns(layout))
        self.run(
            f"CREATE TABLE {layout.kind} AS SELECT NULL::BIGINT AS line, '' AS flaw{columns}, "
            "FALSE AS has_password LIMIT 0"
        )
        self.unknown_columns[layout.kind] = {}

    def _heads(self, layout: Layout, table: Delimited) -> dict[str, int]:
        canonical = {name.lower(): name for name in (*layout.columns, *layout.extensions)}
        heads: dict[str, int] = {}
        for position, cell in enumerate(table.header):
            name = canonical.get(cell.lower())
            if name is None or name == "password":
                continue
            if name in heads:
                raise Refused("column_repeated", file=table.name, line=1, column=name)
            heads[name] = position
        missing = [name for name in layout.required if name not in heads]
        if missing:
            raise Refused("column_missing", file=table.name, line=1, column=missing[0])
        return heads

    def _note_heading(
        self, layout: Layout, table: Delimited, *, heads: dict[str, int], unknown: dict[str, str]
    ) -> None:
        for cell in unknown.values():
            if not cell.lower().startswith("metadata."):
                self.note_file(layout.kind, "column_unknown", column=cell, line=1)
        for name, position in heads.items():
            if table.header[position] != name:
                self.note_file(layout.kind, "column_case", column=name, line=1)
        for name in layout.columns:
            if name not in heads and name != "password":
                self.note_file(layout.kind, "column_optional_missing", column=name, line=1)
        found = [heads[name] for name in layout.columns if name in heads]
        if found != sorted(found):
            self.note_file(layout.kind, "column_order", line=1)
        if self.one(f"SELECT bool_or(has_password) FROM {layout.kind}"):
            self.note_file(layout.kind, "password_column", line=1)
        if table.encoding in ("utf-16", "windows-1252"):
            self.note_file(layout.kind, "encoding_other", line=0)
        if not table.rows:
            self.note_file(layout.kind, "file_without_rows", line=0)

    # --- problems -----------------------------------------------------------------------------------------------------
    def note_file(self, kind: str, code: str, *, column: str = "", line: int = 0) -> None:
        """Note something about a whole file."""
        outcome = PROBLEMS[code].outcome
        self.run(
            "INSERT INTO problem VALUES (?, ?, ?, ?, ?, NULL, NULL, NULL)",
            kind,
            line,
            code,
            outcome.value,
            column or None,
        )

    def report(self, kind: str, code: str, *, column: str = "", where: str) -> None:
        """Give every row of a file that fits `where` (SQL over its columns) a problem, once."""
        value = f'kind_of("{column}")' if column else "NULL"
        self.run(
            f"""
            INSERT INTO problem
            SELECT {quoted(kind)}, line, {quoted(code)}, {quoted(PROBLEMS[code].outcome.value)},
                   {quoted(column) if column else "NULL"}, {value}, NULL, NULL
            FROM {kind} WHERE {where}
            """
        )

    def report_all(self, kind: str, rules: Sequence[Rule]) -> None:
        """Report the rules that any row breaks. All are counted in one pass, because nearly all are kept everywhere."""
        counts = ", ".join(f"count(*) FILTER (WHERE {rule.where})" for rule in rules)
        found = self.connection.execute(f"SELECT {counts} FROM {kind}").fetchone() or ()
        for rule, times in zip(rules, found, strict=True):
            if times:
                self.report(kind, rule.code, column=rule.column, where=rule.where)

    def is_absent(self, kind: str) -> bool:
        """Whether the bundle declares that it does not bring a file."""
        return self.modes.get(kind) == "absent"

    def leave_out(self, kind: str, code: str, *, where: str) -> None:
        """Move rows of a file out of it, remembering the role that tells which table each would have been in."""
        layout = self.layouts.get(kind)
        gives = "lower(role)" if layout and "role" in layout.columns else "NULL"
        chosen = f"SELECT line FROM {kind} WHERE {where}"
        if not self.one(f"SELECT count(*) FROM ({chosen})"):
            return
        self.run(
            f"""
            CREATE OR REPLACE TEMP TABLE leaving AS {chosen};
            INSERT INTO left_out SELECT {quoted(kind)}, line, "sourcedId", {quoted(code)}, {gives}
                FROM {kind} WHERE line IN (FROM leaving);
            INSERT INTO problem SELECT {quoted(kind)}, line, {quoted(code)}, {quoted(Outcome.LEFT_OUT.value)},
                NULL, NULL, NULL, NULL FROM {kind} WHERE line IN (FROM leaving);
            DELETE FROM {kind} WHERE line IN (FROM leaving);
            """
        )

    # --- decisions ----------------------------------------------------------------------------------------------------
    def add_decisions(self, decisions: Iterable[Decision]) -> None:
        """Remember what people decided. Raises ValueError for a choice that the code does not offer."""
        for decision in decisions:
            choices = PROBLEMS[decision.code].choices if decision.code in PROBLEMS else ()
            if decision.choice not in choices:
                raise ValueError(f"{decision.code} offers {list(choices)}, not {decision.choice!r}")
            self.run(
                "INSERT INTO decision VALUES (?, ?, ?, ?)", decision.code, decision.file, decision.line, decision.choice
            )

    def decide(self, kind: str) -> None:
        """Carry out the decisions about a file's held rows; a problem that is decided becomes a note."""
        if not self.one("SELECT count(*) FROM decision WHERE file = ?", self.files.get(kind, "")):
            return
        self.run(
            """
            CREATE OR REPLACE TEMP TABLE decided AS
            SELECT DISTINCT p.line, p.code, p.field, first(d.choice) AS choice
            FROM problem p JOIN decision d ON d.code = p.code AND d.file = ? AND coalesce(d.line, p.line) = p.line
            WHERE p.kind = ? AND p.outcome = 'held' GROUP BY ALL
            """,
            self.files[kind],
            kind,
        )
        self._take_last(kind)
        for column in self.column("SELECT DISTINCT field FROM decided WHERE field IS NOT NULL"):
            mine = f"SELECT line FROM decided WHERE field = {quoted(column)} AND choice = "
            self.run(f'UPDATE {kind} SET "{column}" = NULL WHERE line IN ({mine} {quoted(Choice.LEAVE_EMPTY)})')
            for choice in (Choice.MONTH_FIRST, Choice.DAY_FIRST):
                read = f'{choice.value}_day(full_year("{column}"))::VARCHAR'
                self.run(f'UPDATE {kind} SET "{column}" = {read} WHERE line IN ({mine} {quoted(choice)})')
        self.run(
            """
            UPDATE problem SET outcome = 'note' FROM decided
            WHERE problem.kind = ? AND problem.line = decided.line AND problem.code = decided.code
              AND problem.field IS NOT DISTINCT FROM decided.field
            """,
            kind,
        )

    def _take_last(self, kind: str) -> None:
        """Of rows with one id, of which a person decided any, keep the last."""
        ids = f"""SELECT "sourcedId" FROM {kind}
                  WHERE line IN (SELECT line FROM decided WHERE code = 'id_repeated')"""
        self.run(
            f"""
            CREATE OR REPLACE TEMP TABLE kept AS
            SELECT "sourcedId" AS id, max(line) AS line FROM {kind} WHERE "sourcedId" IN ({ids}) GROUP BY ALL;
            INSERT INTO decided
            SELECT p.line, p.code, p.field, 'take_last' FROM problem p JOIN {kind} k ON k.line = p.line
            WHERE p.kind = {quoted(kind)} AND p.code = 'id_repeated' AND k."sourcedId" IN (SELECT id FROM kept)
              AND p.line NOT IN (SELECT line FROM decided WHERE code = 'id_repeated');
            """
        )
        self.run(
            f"""
            CREATE OR REPLACE TEMP TABLE superseded AS
            SELECT k.line FROM {kind} k JOIN kept ON kept.id = k."sourcedId" AND kept.line <> k.line;
            UPDATE problem SET outcome = 'note' WHERE kind = {quoted(kind)} AND outcome = 'held'
                AND line IN (FROM superseded);
            """
        )
        self.leave_out(kind, "row_repeated", where="line IN (FROM superseded)")

    # --- settling -----------------------------------------------------------------------------------------------------
    def settle(self, kind: str) -> None:
        """Decide which rows of a file wait and which ids it offers to others."""
        self.decide(kind)
        self.run(f"DELETE FROM held WHERE kind = {quoted(kind)}")
        self.run(
            f"""
            INSERT INTO held
            SELECT {quoted(kind)}, k.line, k."sourcedId", p.code, p.root_kind, p.root_line
            FROM {kind} k JOIN (
                SELECT line, arg_min(code, rank) AS code, arg_min(root_kind, rank) AS root_kind,
                       arg_min(root_line, rank) AS root_line
                FROM (SELECT *, (code = 'depends_on_held')::INT AS rank FROM problem
                      WHERE kind = {quoted(kind)} AND outcome = 'held')
                GROUP BY line
            ) p ON p.line = k.line;
            CREATE OR REPLACE TABLE accepted_{kind} AS
            SELECT "sourcedId" AS id FROM {kind}
            WHERE line NOT IN (SELECT line FROM held WHERE kind = {quoted(kind)});
            """
        )
        # In a file that only adds, what was accepted earlier is still there unless this bundle ends it.
        if self.modes.get(kind) != "bulk":
            self.run(
                f"""
                INSERT INTO accepted_{kind}
                SELECT source_id FROM known_{kind}
                WHERE source_id NOT IN (SELECT id FROM left_out WHERE kind = {quoted(kind)} AND code = 'to_be_deleted'
                                        AND id IS NOT NULL)
                  AND source_id NOT IN (SELECT id FROM accepted_{kind} WHERE id IS NOT NULL)
                """
            )

    def counts(self) -> tuple[FileCount, ...]:
        """Every file of the bundle, to the row."""
        counts = []
        for kind, file in self.files.items():
            left_out = self.number("SELECT count(*) FROM left_out WHERE kind = ?", kind)
            held = self.number("SELECT count(*) FROM held WHERE kind = ?", kind)
            read = self.rows[kind]
            counts.append(
                FileCount(file, kind, self.modes.get(kind, "bulk"), read, read - held - left_out, held, left_out)
            )
        return tuple(counts)

    # --- SQL ----------------------------------------------------------------------------------------------------------
    def run(self, sql: str, *values: object) -> None:
        self.connection.execute(sql, values) if values else self.connection.execute(sql)

    def one(self, sql: str, *values: object) -> object:
        """The first value of the first row, or None."""
        row = self.connection.execute(sql, values).fetchone() if values else self.connection.execute(sql).fetchone()
        return row[0] if row else None

    def number(self, sql: str, *values: object) -> int:
        found = self.one(sql, *values)
        return found if isinstance(found, int) else 0

    def column(self, sql: str) -> Sequence[str]:
        """The first column of every row."""
        return [row[0] for row in self.connection.execute(sql).fetchall()]


def _read_columns(layout: Layout) -> tuple[str, ...]:
    return tuple(name for name in (*layout.columns, *layout.extensions) if name != "password")
