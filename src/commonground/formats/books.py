"""The bookkeeping of a source that is being read: what is wrong with which row, and what becomes of it.

Every file is a DuckDB table named by its kind, with at least the columns line, flaw and "sourcedId". Rows that are left out
are moved out of it. `problem` collects what is wrong; once a file is *settled*, `accepted_<kind>` holds the ids that other
files may refer to and `held` the rows that wait. In the end all of it is written beside the rows.
"""

# ruff: noqa: S608 - every name in this module's SQL is our own; texts from files are quoted or bound.

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from commonground.formats.delimited import quoted
from commonground.formats.problems import PROBLEMS, Choice, Outcome, Severity
from commonground.formats.reading import Decision, FileCount
from commonground.formats.values import create_macros

TABLES = """
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


@dataclass(kw_only=True)
class Books:
    """The books of one source. modes: bulk, delta, absent or missing, per kind of file. table: where all rows go, if one."""

    connection: duckdb.DuckDBPyConnection
    modes: dict[str, str]
    table: str | None = None
    files: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    decided_files: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        create_macros(self.connection)
        self.connection.execute(TABLES)

    # --- what a format may know better ---------------------------------------------------------------------------------
    def role_of(self, kind: str) -> str:
        """SQL over a file's columns that helps `table_of` to tell which table a row belongs to."""
        return "NULL::VARCHAR"

    def id_of(self, kind: str) -> str:
        """SQL over a file's columns for the id by which a row is known in its table."""
        return '"sourcedId"'

    def table_of(self, alias: str) -> str:
        """SQL for the table a row would have been in, from the alias's kind and role."""
        return quoted(self.table) if self.table else f"{alias}.kind"

    def earlier_ids(self, kind: str) -> str | None:
        """SQL for (source_id): what was accepted earlier and is still there. None where a file speaks for itself."""
        return None

    def roles(self) -> str:
        """SQL for (kind, line, role) of every row whose role is known."""
        return "SELECT NULL::VARCHAR AS kind, NULL::BIGINT AS line, NULL::VARCHAR AS role WHERE FALSE"

    # --- files --------------------------------------------------------------------------------------------------------
    def add_file(self, kind: str, file: str, rows: int) -> None:
        """Remember a file and its number of rows."""
        self.files[kind], self.rows[kind] = file, rows
        self.run("INSERT INTO file_of VALUES (?, ?)", kind, file)

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
        for rule, times in zip(rules, self.row(f"SELECT {counts} FROM {kind}"), strict=True):
            if times:
                self.report(kind, rule.code, column=rule.column, where=rule.where)

    def is_absent(self, kind: str) -> bool:
        """Whether the bundle declares that it does not bring a file."""
        return self.modes.get(kind) == "absent"

    def leave_out(self, kind: str, code: str, *, where: str) -> None:
        """Move rows of a file out of it, remembering the role that tells which table each would have been in."""
        gives = self.role_of(kind)
        chosen = f"SELECT line FROM {kind} WHERE {where}"
        if not self.one(f"SELECT count(*) FROM ({chosen})"):
            return
        self.run(
            f"""
            CREATE OR REPLACE TEMP TABLE leaving AS {chosen};
            INSERT INTO left_out SELECT {quoted(kind)}, line, {self.id_of(kind)}, {quoted(code)}, {gives}
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
            self.decided_files.add(decision.file)
            self.run(
                "INSERT INTO decision VALUES (?, ?, ?, ?)", decision.code, decision.file, decision.line, decision.choice
            )

    def decide(self, kind: str) -> None:
        """Carry out the decisions about a file's held rows; a problem that is decided becomes a note."""
        if self.files.get(kind) not in self.decided_files:
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
        earlier = self.earlier_ids(kind)
        if earlier:
            self.run(
                f"""
                INSERT INTO accepted_{kind}
                SELECT source_id FROM ({earlier})
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

    def row(self, sql: str) -> tuple[int, ...]:
        """The first row, of whole numbers."""
        return self.connection.execute(sql).fetchone() or ()

    def number(self, sql: str, *values: object) -> int:
        found = self.one(sql, *values)
        return found if isinstance(found, int) else 0

    def column(self, sql: str) -> Sequence[str]:
        """The first column of every row."""
        return [row[0] for row in self.connection.execute(sql).fetchall()]

    # --- writing ------------------------------------------------------------------------------------------------------
    def write(self, folder: Path, name: str, select: str) -> int:
        """Write the rows of a SELECT as `<name>.parquet` and return their number."""
        path = quoted(str(folder / f"{name}.parquet"))
        return self.number(f"COPY ({select}) TO {path} (FORMAT parquet, COMPRESSION snappy)")

    def write_books(self, folder: Path) -> dict[str, int]:
        """Write problems, held and left_out; returns the number of rows per problem code."""
        facts = ", ".join(
            f"({quoted(code)}, {quoted(problem.severity)}, {bool(problem.choices)})"
            for code, problem in PROBLEMS.items()
        )
        self.run(f"CREATE TABLE code_facts AS SELECT * FROM (VALUES {facts}) AS t(code, severity, releasable)")
        problems = f"""
            SELECT p.code,
                   CASE WHEN p.outcome = 'note' AND c.severity = 'error' THEN {quoted(Severity.WARNING)}
                        ELSE c.severity END AS severity,
                   p.outcome, coalesce(f.file, p.kind) AS file, p.line, p.field AS "column", p.value_kind AS kind
            FROM problem p JOIN code_facts c USING (code) LEFT JOIN file_of f USING (kind)
            ORDER BY file, line, code
            """
        self.write(folder, "problems", problems)
        held = f"""
            SELECT {self.table_of("h")} AS "table", f.file, h.line, h.id AS source_id, h.code,
                   coalesce(r.file, f.file) AS root_file, coalesce(h.root_line, h.line) AS root_line,
                   bool_or(c.releasable) AS releasable
            FROM ({self.held_with_role()}) h JOIN file_of f USING (kind)
            LEFT JOIN file_of r ON r.kind = h.root_kind
            LEFT JOIN held root ON root.kind = coalesce(h.root_kind, h.kind)
                               AND root.line = coalesce(h.root_line, h.line)
            LEFT JOIN code_facts c ON c.code = root.code
            GROUP BY ALL ORDER BY f.file, h.line
            """
        self.write(folder, "held", held)
        left_out = f"""
            SELECT {self.table_of("h")} AS "table", f.file, h.line, h.id AS source_id, h.code
            FROM (SELECT *, gives AS role FROM left_out) h JOIN file_of f USING (kind) ORDER BY f.file, h.line
            """
        self.write(folder, "left_out", left_out)
        found = self.connection.execute("SELECT code, count(*) FROM problem GROUP BY code ORDER BY code").fetchall()
        return dict(found)

    def held_with_role(self) -> str:
        """SQL for the held rows with their roles."""
        return f"""SELECT b.*, r.role FROM held b LEFT JOIN ({self.roles()}) r ON r.kind = b.kind AND r.line = b.line"""
