"""A sent file is read, checked as a set and compared: everything a preview shows, and nothing written to the roster."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
from django.db import connection

from commonground import formats
from commonground.apps.intake import folders
from commonground.apps.intake.comparing import Comparison, compare, fetch_known, open_duckdb, write_known_ids
from commonground.apps.intake.models import Batch, Decision, HeldRow, Problem, Tie
from commonground.formats import Reading, Refused
from commonground.formats.problems import PROBLEMS

LINES_KEPT = 200  # of each problem code and file; all are counted
HELD_KEPT = 5_000  # of each problem code and file; all are counted
LEAVERS = "leavers_many"


def read_and_compare(batch: Batch, *, day: Any) -> tuple[Reading, Comparison]:
    """Read the batch's file and compare it with what is known. Inside the walls, as the sender. Raises Refused."""
    work, known, ready = (folders.fresh(batch.pk, name) for name in ("read", "known", "ready"))
    engine = open_duckdb(work)
    try:
        fetch_known(engine, batch.owner_id, into=known)
        root = sorted({source_id for tie in Tie.objects.filter(owner_id=batch.owner_id) for source_id in tie.root})
        write_known_ids(engine, root=root, into=known)
        decisions = tuple(_decisions(batch))
        reading = formats.read(
            folders.original(batch.pk),
            into=work,
            known=known,
            decisions=tuple(d for d in decisions if d.code != LEAVERS),
        )
        refuse_another_district(batch, reading, engine)
        last = _last_applied(batch, reading.format)
        comparison = compare(
            engine,
            reading,
            owner_id=batch.owner_id,
            known=known,
            into=ready,
            confirmed_schools=frozenset(d.file for d in decisions if d.code == LEAVERS),
            is_first=last is None,
            day=day.isoformat(),
            last_year=(last.summary.get("school_years") or [None])[-1] if last else None,
        )
    finally:
        engine.close()
    return reading, comparison


def _decisions(batch: Batch) -> Iterable[formats.Decision]:
    for decision in Decision.objects.filter(batch=batch).order_by("decided_at"):
        yield formats.Decision(decision.code, decision.file, decision.line, decision.choice)


def _last_applied(batch: Batch, format: str) -> Batch | None:
    return Batch.objects.applied().of_source(owner_id=batch.owner_id, format=format).exclude(pk=batch.pk).first()


def refuse_another_district(batch: Batch, reading: Reading, engine: duckdb.DuckDBPyConnection) -> None:
    """Raise Refused when the bundle's root is not the tied one, or when most of its students are another member's."""
    root = sorted(reading.root.source_ids)
    if root:
        tie = Tie.objects.filter(owner_id=batch.owner_id, format=reading.format).first()
        if tie is not None and tie.root != root:
            raise Refused("root_differs")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT cg.is_tied_elsewhere(%s, %s::jsonb, %s)", [reading.format, _json(root), batch.owner_id]
            )
            if cursor.fetchone()[0]:
                raise Refused("root_differs")
    path = reading.table("student")
    if path.exists() and not _are_mostly_here(path, engine):
        digests = [row[0] for row in engine.execute("SELECT digest FROM read_parquet(?)", [str(path)]).fetchall()]
        with connection.cursor() as cursor:
            cursor.execute("SELECT cg.are_mostly_elsewhere(%s::uuid[], %s)", [digests, batch.owner_id])
            if cursor.fetchone()[0]:
                raise Refused("students_of_another_district")


def _are_mostly_here(students: Path, engine: duckdb.DuckDBPyConnection) -> bool:
    """Whether more than half of these student rows stand in the sender's own roster, value for value.

    Then nobody else's roster is asked, which would mean reading every student of the collaborative.
    """
    found = engine.execute(
        "SELECT 2 * count(k.digest) > count(*) FROM read_parquet(?) s"
        " LEFT JOIN (SELECT DISTINCT digest FROM known_student WHERE NOT ended) k ON k.digest = s.digest",
        [str(students)],
    ).fetchone()
    return bool(found and found[0])


def _json(value: Any) -> str:
    import json

    return json.dumps(value)


def summary(reading: Reading, comparison: Comparison, *, is_first: bool) -> dict[str, Any]:
    """What a preview shows, as plain data: counts and names of files, columns and schools only."""
    problems = _problem_groups(reading)
    if is_first and reading.is_delta:
        first = PROBLEMS["first_is_delta"]
        problems.append(
            {
                "code": first.code,
                "severity": str(first.severity),
                "outcome": str(first.outcome),
                "file": "",
                "count": 1,
                "first_lines": [],
                "column": "",
                "kind": first.kind,
            }
        )
    return {
        "files": [asdict(count) for count in reading.files],
        "read": reading.read,
        "accepted": reading.accepted,
        "held": reading.held,
        "left_out": reading.left_out,
        "tables": dict(reading.tables),
        "problems": problems,
        "held_causes": _held_causes(reading),
        "effects": {name: asdict(effect) for name, effect in comparison.effects.items()},
        "leavers": [asdict(leavers) for leavers in comparison.leavers],
        "promotion": asdict(comparison.promotion) if comparison.promotion else None,
        "school_years": sorted(reading.school_years),
        "root": {"source_ids": sorted(reading.root.source_ids), "names": list(reading.root.names)},
        "is_delta": reading.is_delta,
        "changes_nothing": comparison.is_nothing,
        "seconds": dict(reading.seconds),
    }


def _problem_groups(reading: Reading) -> list[dict[str, Any]]:
    rows = duckdb.execute(
        'SELECT code, severity, outcome, file, count(*), list(line ORDER BY line)[1:5], any_value("column"), any_value(kind)'
        " FROM read_parquet(?) GROUP BY code, severity, outcome, file ORDER BY outcome, count(*) DESC, code, file",
        [str(reading.table("problems"))],
    ).fetchall()
    names = ("code", "severity", "outcome", "file", "count", "first_lines", "column", "kind")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _held_causes(reading: Reading) -> list[dict[str, Any]]:
    """Why rows are held: the rows that have the problem themselves, and those that wait for one of them."""
    rows = duckdb.execute(
        """WITH held AS (FROM read_parquet(?)),
                cause AS (SELECT file, line, min(code) AS code FROM held WHERE code <> 'depends_on_held' GROUP BY file, line)
           SELECT coalesce(c.code, h.code), coalesce(c.file, h.file), count(*) FILTER (h.code <> 'depends_on_held'),
                  count(*) FILTER (h.code = 'depends_on_held'), list(h.line ORDER BY h.line) FILTER (h.code <> 'depends_on_held')
             FROM held h LEFT JOIN cause c
               ON (h.code <> 'depends_on_held' AND c.file = h.file AND c.line = h.line)
               OR (h.code = 'depends_on_held' AND c.file = h.root_file AND c.line = h.root_line)
            GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2""",
        [str(reading.table("held"))],
    ).fetchall()
    return [
        {"code": code, "file": file, "count": count, "waiting": waiting, "first_lines": list(lines or [])[:5]}
        for code, file, count, waiting, lines in rows
    ]


def keep_findings(batch: Batch, reading: Reading) -> None:
    """Replace the batch's problems and held rows by what this reading found."""
    Problem.objects.filter(owner_id=batch.owner_id, batch=batch).delete()
    HeldRow.objects.filter(owner_id=batch.owner_id, batch=batch).delete()
    own = {"owner_id": batch.owner_id, "batch": batch}
    problems = _first(reading, "problems", 'code, severity, outcome, file, line, "column", kind', LINES_KEPT)
    Problem.objects.bulk_create(
        (
            Problem(**own, code=c, severity=s, outcome=o, file=f or "", line=line, column=col or "", kind=k or "")
            for c, s, o, f, line, col, k in problems
        ),
        batch_size=2_000,
    )
    held = _first(reading, "held", '"table", file, line, source_id, code, root_file, root_line, releasable', HELD_KEPT)
    HeldRow.objects.bulk_create(
        (
            HeldRow(
                **own,
                table_name=table or "",
                file=file,
                line=line,
                source_id=source_id or "",
                code=code,
                root_file=root_file or "",
                root_line=root_line,
                releasable=bool(releasable),
            )
            for table, file, line, source_id, code, root_file, root_line, releasable in held
        ),
        batch_size=2_000,
    )


def _first(reading: Reading, name: str, columns: str, most: int) -> list[tuple[Any, ...]]:
    """The first rows of each code and file."""
    return duckdb.execute(
        f"SELECT {columns} FROM read_parquet(?)"
        " QUALIFY row_number() OVER (PARTITION BY code, file ORDER BY line) <= ? ORDER BY file, line",
        [str(reading.table(name)), most],
    ).fetchall()
