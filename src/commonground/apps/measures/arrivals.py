"""What measures do when intake reads, applies or takes back a file: count rosters, keep public tables and borders."""

# ruff: noqa: S608 - every name in this module's SQL is our own; values are bound.

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
from django.db import connection
from django.utils import timezone

from commonground.apps.core.models import SchoolYear
from commonground.apps.intake import folders
from commonground.apps.intake.effects import ROSTER
from commonground.apps.intake.models import Batch
from commonground.apps.measures.counting import SECTIONS, STUDENTS, TOTALS
from commonground.apps.measures.models import (
    Border,
    CountedFile,
    EnrollmentCount,
    ProgramCount,
    RosterCount,
    SchoolMixing,
)
from commonground.apps.measures.models.tables import TableRow
from commonground.apps.measures.sections import spreads
from commonground.facts import ids_by_name
from commonground.formats import Reading, boundaries, mn_enrollment

Kind = CountedFile.Kind
Place = tuple[int | None, str]  # school year and district
Effects = Mapping[str, Mapping[str, int]]
KEPT = 30  # of an owner's counted rosters, besides the last of each school year
BLOCK = 1 << 20
CSV = "(FORMAT csv, HEADER false, NULLSTR '\\N', FORCE_QUOTE *)"


class Rosters:
    """Counts an owner's students after every roster that changed something."""

    formats = frozenset({ROSTER})

    def check(self, batch: Batch, reading: Reading) -> Effects:
        """Nothing of its own: the counts follow from the rows."""
        return {}

    def apply(self, batch: Batch) -> None:
        """Count the owner's roster as this batch left it."""
        counted = CountedFile.objects.filter(owner_id=batch.owner_id, kind=Kind.ROSTER)
        if batch.summary["changes_nothing"] and counted.exists():
            return
        count_roster(batch)
        kept = {one.batch_id for one in counted.order_by("-number")[:KEPT]}
        kept |= {one.batch_id for one in _last_of_each_year(counted.order_by("number"))}
        _forget(RosterCount, batch.owner_id, counted.exclude(batch_id__in=kept).values_list("batch_id", flat=True))

    def undo(self, batch: Batch) -> None:
        """Forget what was counted after the batch; the earlier count stands again."""
        _forget(RosterCount, batch.owner_id, [batch.pk])
        before = Batch.objects.applied().of_source(owner_id=batch.owner_id, format=ROSTER).first()
        if before and not CountedFile.objects.filter(owner_id=batch.owner_id, kind=Kind.ROSTER).exists():
            count_roster(before)


def count_roster(batch: Batch) -> None:
    """Write the owner's counts under this batch's name. Inside the walls, as the loader."""
    values = {"owner": batch.owner_id, "batch": batch.pk}
    with connection.cursor() as cursor:
        cursor.execute(STUDENTS, values)
        cursor.execute(SECTIONS, values)
        mixed = [
            SchoolMixing(owner_id=batch.owner_id, batch_id=batch.pk, **vars(one)) for one in spreads(cursor.fetchall())
        ]
        cursor.execute(TOTALS, values)
        students, guardians, schools, sections = cursor.fetchone()
    SchoolMixing.objects.bulk_create(mixed)
    day = timezone.localdate(batch.applied_at)
    years = _years(batch.summary.get("school_years", ()))
    _counted(
        batch,
        Kind.ROSTER,
        years=years or [_school_year(day)],
        students=students,
        guardians=guardians,
        schools=schools,
        sections=sections,
    )


def _school_year(day: date) -> int:
    """The school year of a day, by the calendar year in which it ends."""
    known = SchoolYear.objects.filter(starts_on__lte=day, ends_on__gte=day).values_list("ends_in", flat=True).first()
    return known or day.year + (day.month >= 7)


def _years(texts: Iterable[str | None]) -> list[int]:
    return sorted({int(text) for text in texts if text and text.isdecimal()})


def _last_of_each_year(counted: Iterable[CountedFile]) -> Iterable[CountedFile]:
    return {one.school_year: one for one in counted}.values()


def _counted(batch: Batch, kind: Kind, *, years: Sequence[int], **totals: int) -> None:
    applied_at = batch.applied_at or timezone.now()
    CountedFile.objects.create(
        owner_id=batch.owner_id,
        batch_id=batch.pk,
        kind=kind,
        number=batch.number,
        label=batch.label,
        school_years=list(years),
        counted_on=timezone.localdate(applied_at),
        applied_at=applied_at,
        files=[
            {key: file[key] for key in ("read", "accepted", "held", "left_out")}
            | {"file": folders.sent_name(batch, file["file"])}
            for file in batch.summary.get("files", ())
        ],
        **totals,
    )


def _forget(table: Any, owner_id: UUID, batch_ids: Iterable[UUID]) -> None:
    gone = list(batch_ids)
    if not gone:
        return
    for model in (table, SchoolMixing, CountedFile) if table is RosterCount else (table, CountedFile):
        model.objects.filter(owner_id=owner_id, batch_id__in=gone).delete()


KEY = ("school_year", "district_id", "school_id", "grade")
PLACE = ("file", "line", "digest", *KEY, "district_name", "school_name", "classification")
GROUPS = ("has_five_groups", *mn_enrollment.GROUPS, "male", "female", "protected", "total")
TABLES: tuple[tuple[str, Kind, type[TableRow], tuple[str, ...]], ...] = (
    ("enrollment_count", Kind.ENROLLMENT, EnrollmentCount, GROUPS),
    ("program_count", Kind.PROGRAMS, ProgramCount, mn_enrollment.PROGRAMS),
)


class PublicTables:
    """Keeps the state's public enrollment tables; of a district and year its newest table stands."""

    formats = frozenset({mn_enrollment.KEY})

    def check(self, batch: Batch, reading: Reading) -> Effects:
        """Write the rows to apply beside the batch, and compare them with the sender's that stand for the same years."""
        ready = folders.batch_folder(batch.pk) / "ready"
        effects: dict[str, Mapping[str, int]] = {}
        with duckdb.connect() as engine:
            for name, kind, model, values in TABLES:
                counts = [value for value in values if value != "has_five_groups"]
                engine.execute(
                    f"CREATE TABLE row_{name} AS SELECT digest::UUID AS digest, * EXCLUDE (digest, school_year, file),"
                    " CASE WHEN file = ? THEN ? ELSE file END AS file,"
                    f" try_cast(school_year AS SMALLINT) AS school_year FROM read_parquet(?) WHERE coalesce({', '.join(counts)}) IS NOT NULL",
                    [folders.original(batch.pk).name, batch.label, str(reading.table(mn_enrollment.TABLE))],
                )
                columns = ", ".join((*PLACE, *values))
                engine.execute(f"COPY (SELECT {columns} FROM row_{name}) TO '{ready / name}.csv' {CSV}")
                places = engine.execute(f"SELECT DISTINCT school_year, district_id FROM row_{name}").fetchall()
                batch.summary[f"{name}_years"] = sorted({year for year, _district in places if year})
                effects[name] = _compare(
                    engine, name, known=_standing(kind, model, owner_id=batch.owner_id, places=places)
                )
        return effects

    def apply(self, batch: Batch) -> None:
        """Keep the rows, unless every one of them stands already."""
        ready = folders.batch_folder(batch.pk) / "ready"
        for name, kind, model, values in TABLES:
            effect = batch.summary["effects"][name]
            if any(count for word, count in effect.items() if word != "unchanged"):
                _copy_in(model, ready / f"{name}.csv", columns=(*PLACE, *values), batch=batch)
                _counted(batch, kind, years=batch.summary[f"{name}_years"])

    def undo(self, batch: Batch) -> None:
        """Forget the batch's rows; the table before it stands again."""
        for _name, _kind, model, _values in TABLES:
            _forget(model, batch.owner_id, [batch.pk])


def _standing(kind: Kind, model: type[TableRow], *, owner_id: UUID, places: Iterable[Place]) -> list[tuple[Any, ...]]:
    """Key and digest of the owner's rows that stand now for these school years and districts."""
    wanted: dict[int | None, set[str]] = {}
    for year, district_id in places:
        wanted.setdefault(year, set()).add(district_id)
    rows: list[tuple[Any, ...]] = []
    for counted in CountedFile.objects.filter(kind=kind, owner_id=owner_id).order_by("-applied_at", "-number"):
        for year in {*(counted.school_years or [None])} & set(wanted):
            found = list(
                model.objects.filter(  # type: ignore[attr-defined]
                    batch_id=counted.batch_id, school_year=year, district_id__in=list(wanted[year])
                ).values_list(*KEY, "digest")
            )
            rows += found
            # Of a district the rows of the newest table stand, and none of the tables before it.
            wanted[year] -= {row[KEY.index("district_id")] for row in found}
    return rows


def _compare(engine: duckdb.DuckDBPyConnection, name: str, *, known: Sequence[tuple[Any, ...]]) -> Mapping[str, int]:
    engine.execute(
        f"CREATE TABLE known_{name} (school_year SMALLINT, district_id VARCHAR, school_id VARCHAR, grade VARCHAR, digest UUID)"
    )
    if known:
        columns = [list(column) for column in zip(*known, strict=True)]
        columns[-1] = [str(digest) for digest in columns[-1]]
        engine.execute(
            f"INSERT INTO known_{name} SELECT unnest(?::SMALLINT[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]),"
            " unnest(?::VARCHAR[]), unnest(?::UUID[])",
            columns,
        )
    same = " AND ".join(f"r.{column} IS NOT DISTINCT FROM k.{column}" for column in KEY)
    row = engine.execute(
        f"""SELECT count(*) FILTER (k.grade IS NULL), count(*) FILTER (k.digest <> r.digest),
                   count(*) FILTER (r.grade IS NULL), count(*) FILTER (k.digest = r.digest)
              FROM row_{name} r FULL JOIN known_{name} k ON {same}"""
    ).fetchone()
    new, changed, gone, unchanged = row or (0, 0, 0, 0)
    return {"new": new, "changed": changed, "back": 0, "gone": gone, "unchanged": unchanged}


def _copy_in(model: Any, path: Path, *, columns: Sequence[str], batch: Batch) -> None:
    table = model._meta.db_table
    listed = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE arriving ON COMMIT DROP AS SELECT {listed} FROM {table} LIMIT 0")
        with (
            path.open("rb") as file,
            cursor.copy(f"COPY arriving ({listed}) FROM STDIN (FORMAT csv, NULL '\\N')") as copy,
        ):
            while block := file.read(BLOCK):
                copy.write(block)
        cursor.execute(
            f"INSERT INTO {table} (id, owner_id, batch_id, {listed}) SELECT gen_random_uuid(), %s, %s, {listed} FROM arriving",
            [batch.owner_id, batch.pk],
        )
        cursor.execute("DROP TABLE arriving")


class Borders:
    """Keeps which districts adjoin, from a file of borders; the last file applied stands."""

    formats = frozenset({boundaries.KEY})

    def check(self, batch: Batch, reading: Reading) -> Effects:
        """Match the areas with districts. Names that match none are listed in the batch's summary."""
        rows = duckdb.execute(
            "SELECT file, line, name, district_id, neighbor_name, neighbor_id FROM read_parquet(?)",
            [str(reading.table("border"))],
        ).fetchall()
        ids = {boundaries.plain_name(name): district_id for name, district_id in ids_by_name().items()}
        found: dict[str, tuple[str, int]] = {}
        unmatched: set[str] = set()
        for file, line, name, district_id, neighbor_name, neighbor_id in rows:
            ends = []
            for words, given in ((name, district_id), (neighbor_name, neighbor_id)):
                matched = given or ids.get(boundaries.plain_name(words or ""))
                ends.append(matched)
                if matched is None and boundaries.NOT_A_DISTRICT not in (words or "").casefold():
                    unmatched.add(words or "")
            one, other = ends
            if one and other and one != other:
                found.setdefault("|".join(sorted((one, other))), (folders.sent_name(batch, file), line))
        batch.summary["unmatched_names"] = sorted(unmatched)
        batch.summary["borders"] = [[*pair.split("|"), file, line] for pair, (file, line) in sorted(found.items())]
        last = CountedFile.objects.filter(kind=Kind.BORDERS, owner_id=batch.owner_id).order_by("applied_at").last()
        known = {f"{b.one}|{b.other}" for b in Border.objects.filter(batch_id=last.batch_id)} if last else set()
        new, gone = len(set(found) - known), len(known - set(found))
        return {"border": {"new": new, "changed": 0, "back": 0, "gone": gone, "unchanged": len(found) - new}}

    def apply(self, batch: Batch) -> None:
        """Keep the pairs, unless all of them stand already."""
        effect = batch.summary["effects"]["border"]
        if effect["new"] or effect["gone"]:
            Border.objects.bulk_create(
                Border(owner_id=batch.owner_id, batch_id=batch.pk, one=one, other=other, file=file, line=line)
                for one, other, file, line in batch.summary["borders"]
            )
            _counted(batch, Kind.BORDERS, years=[])

    def undo(self, batch: Batch) -> None:
        """Forget the pairs; the borders before them stand again."""
        _forget(Border, batch.owner_id, [batch.pk])
