"""A checked batch goes in, and out again: each in one transaction, as the loader, for the acting person."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from commonground.apps.intake.tables import TABLES, Table

BLOCK = 1 << 20


@dataclass(frozen=True)
class Written:
    """Rows that an application wrote: inserted, updated, ended."""

    inserted: int = 0
    updated: int = 0
    ended: int = 0


@dataclass(frozen=True)
class StillNeeded:
    """Rows of an undone batch that other work points to: they were ended, not deleted. needed_by: that work's table."""

    table: str
    needed_by: str
    count: int


def hold_owner(owner_id: UUID) -> None:
    """Wait until no other batch of this owner is being written; until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"intake {owner_id}"])


def expect_many_rows() -> None:
    """Have PostgreSQL plan for many rows, until the transaction ends.

    After an earlier undo or a crash, its statistics call the tables empty that this transaction fills or clears. It would
    then go through one of them for every row of the other, and a few seconds would become many minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")


def refresh_statistics() -> None:
    """Have PostgreSQL count the roster's tables anew where they have grown much. In a transaction of its own.

    For every deleted row it asks each table that may point to it. After a first load nobody has counted yet, and the
    tables were read from one end to the other for each of the rows: 26 s to undo 63,000 rows, 3.5 s when they are counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cg.refresh_statistics(%s::regclass[])", [[f"public.{table.db_table}" for table in TABLES]]
        )


def write_batch(*, batch_id: UUID, owner_id: UUID, folder: Path, day: date) -> dict[str, Written]:
    """Write the compared files of a batch. Inside `enter(role="loader")`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('cg.batch', %s, true)", [str(batch_id)])
        written = {
            table.name: Written(
                inserted=_insert(cursor, table, folder, owner_id=owner_id, batch_id=batch_id),
                updated=_update(cursor, table, folder, owner_id=owner_id, batch_id=batch_id),
                ended=_end(cursor, table, folder, owner_id=owner_id, batch_id=batch_id, day=day),
            )
            for table in TABLES
        }
        cursor.execute("SELECT set_config('cg.batch', '', true)")
    return written


def _copy(cursor: Any, path: Path, statement: str) -> None:
    with path.open("rb") as file, cursor.copy(statement) as copy:
        while block := file.read(BLOCK):
            copy.write(block)


def _has_rows(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _temporary(cursor: Any, table: Table, path: Path, name: str) -> None:
    columns = ", ".join(table.written)
    cursor.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS SELECT {columns} FROM {table.db_table} WITH NO DATA")
    _copy(cursor, path, f"COPY {name} FROM STDIN (FORMAT csv, NULL '\\N')")


def _insert(cursor: Any, table: Table, folder: Path, *, owner_id: UUID, batch_id: UUID) -> int:
    path = folder / f"{table.name}.new.csv"
    if not _has_rows(path):
        return 0
    name = f"new_{table.name}"
    _temporary(cursor, table, path, name)
    cursor.execute(f"GRANT SELECT ON {name} TO cg_keys")
    # The one function that may check a batch's keys as sets; `store/keys.sql`.
    cursor.execute(
        "SELECT cg.insert_rows(%s::regclass, %s::regclass, %s, %s)",
        [f"public.{table.db_table}", f"pg_temp.{name}", owner_id, batch_id],
    )
    count: int = cursor.fetchone()[0]
    cursor.execute(f"DROP TABLE {name}")
    return count


def _update(cursor: Any, table: Table, folder: Path, *, owner_id: UUID, batch_id: UUID) -> int:
    path = folder / f"{table.name}.changed.csv"
    if not _has_rows(path):
        return 0
    name = f"changed_{table.name}"
    _temporary(cursor, table, path, name)
    assignments = ", ".join(f"{column} = n.{column}" for column in table.updated)
    cursor.execute(
        f"UPDATE {table.db_table} t SET batch_id = %s, ended_on = NULL, {assignments}"
        f" FROM {name} n WHERE t.id = n.id AND t.owner_id = %s",
        [batch_id, owner_id],
    )
    count: int = cursor.rowcount
    cursor.execute(f"DROP TABLE {name}")
    return count


def _end(cursor: Any, table: Table, folder: Path, *, owner_id: UUID, batch_id: UUID, day: date) -> int:
    path = folder / f"{table.name}.gone.csv"
    if not _has_rows(path):
        return 0
    cursor.execute("CREATE TEMP TABLE gone (id uuid) ON COMMIT DROP")
    _copy(cursor, path, "COPY gone FROM STDIN (FORMAT csv, NULL '\\N')")
    cursor.execute(
        f"UPDATE {table.db_table} t SET ended_on = %s, batch_id = %s"
        " FROM gone WHERE t.id = gone.id AND t.owner_id = %s AND t.ended_on IS NULL",
        [day, batch_id, owner_id],
    )
    count: int = cursor.rowcount
    cursor.execute("DROP TABLE gone")
    return count


def unwrite_batch(*, batch_id: UUID, owner_id: UUID, day: date) -> tuple[dict[str, Written], tuple[StillNeeded, ...]]:
    """Put every row back as it was before the batch. Inside `enter(role="loader")`.

    Rows that came with the batch are deleted, children first; those that other work points to are ended and named.
    """
    undone: dict[str, Written] = {}
    needed: list[StillNeeded] = []
    with connection.cursor() as cursor:
        for table in reversed(TABLES):
            restored = _restore(cursor, table, batch_id=batch_id, owner_id=owner_id)
            deleted = _delete_new(cursor, table, batch_id=batch_id, owner_id=owner_id)
            by, ended = _end_needed(cursor, table, batch_id=batch_id, owner_id=owner_id, day=day)
            needed += [StillNeeded(table.name, child, count) for child, count in by.items()]
            undone[table.name] = Written(inserted=-deleted, updated=restored, ended=ended)
    return undone, tuple(needed)


def _restore(cursor: Any, table: Table, *, batch_id: UUID, owner_id: UUID) -> int:
    columns = [column for column in table.columns if column not in {"id", "owner_id"}]
    cursor.execute(
        f"UPDATE {table.db_table} t SET {', '.join(f'{c} = o.{c}' for c in columns)}"
        f" FROM (SELECT DISTINCT ON (c.row_id) (jsonb_populate_record(NULL::{table.db_table}, c.old)).*"
        "         FROM core_change c WHERE c.batch_id = %s AND c.owner_id = %s AND c.table_name = %s AND c.operation = 'U'"
        "        ORDER BY c.row_id, c.number) o"
        " WHERE t.id = o.id AND t.owner_id = %s",
        [batch_id, owner_id, table.db_table, owner_id],
    )
    count: int = cursor.rowcount
    return count


def _delete_new(cursor: Any, table: Table, *, batch_id: UUID, owner_id: UUID) -> int:
    spared = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {child} x WHERE x.{column} = t.id)" for child, column in _pointing(cursor, table)
    )
    cursor.execute(
        f"DELETE FROM {table.db_table} t WHERE t.batch_id = %s AND t.owner_id = %s {'AND ' + spared if spared else ''}",
        [batch_id, owner_id],
    )
    count: int = cursor.rowcount
    return count


def _end_needed(cursor: Any, table: Table, *, batch_id: UUID, owner_id: UUID, day: date) -> tuple[dict[str, int], int]:
    """End what could not be deleted. Rows by the table that needs them, and how many were ended in all."""
    by: dict[str, int] = {}
    ended = 0
    for child, column in _pointing(cursor, table):
        cursor.execute(
            f"SELECT count(*) FROM {table.db_table} t WHERE t.batch_id = %s AND t.owner_id = %s"
            f" AND EXISTS (SELECT 1 FROM {child} x WHERE x.{column} = t.id)",
            [batch_id, owner_id],
        )
        (count,) = cursor.fetchone()
        if count:
            by[child] = count
    if by:
        cursor.execute(
            f"UPDATE {table.db_table} SET ended_on = %s WHERE batch_id = %s AND owner_id = %s",
            [day, batch_id, owner_id],
        )
        ended = cursor.rowcount
    return by, ended


def _pointing(cursor: Any, table: Table) -> list[tuple[str, str]]:
    """Tables and columns that may point to a row of this one, from the database's own catalog."""
    cursor.execute(
        """SELECT DISTINCT c.conrelid::regclass::text, a.attname
             FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[array_upper(c.conkey, 1)]
            WHERE c.contype = 'f' AND c.confrelid = %s::regclass AND a.attname NOT IN ('owner_id')
            ORDER BY 1, 2""",
        [table.db_table],
    )
    return cursor.fetchall()
