"""A state's whole enrollment file judged for racial isolation, every year it holds: read, counted, and nothing kept."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from commonground.engine.law.states.mn.enrollment import (
    Count,
    DistrictEnrollment,
    SchoolEnrollment,
)
from commonground.engine.law.states.mn.isolation import IsolationPicture, isolation_picture
from commonground.engine.law.states.mn.isolation_rules import Base, IsolationRule, isolation_rule
from commonground.engine.values import InputError
from commonground.formats import mn_enrollment
from commonground.formats.archives import LIMITS, Limits


class NothingCounted(InputError):
    """The rule counts none of the schools and districts of the tables, so that it can say nothing."""


class BordersUnreadable(InputError):
    """The file of borders is no CSV table with the columns id and neighbor_id."""


class TooManyRows(InputError):
    """The tables hold more rows than may be counted at once."""


@dataclass
class YearOfCounts:
    """What the tables say of one school year.

    schools: school id → (name, district id, classification, counts by grade). districts: the same for rows that are of
    no school. names: district names by id.
    """

    schools: dict[str, tuple[str, str, str | None, dict[str, Count]]] = field(default_factory=dict)
    districts: dict[str, dict[str, Count]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowsLeftOut:
    """Rows of a file that count nowhere. held: those that cannot be read. silent: those without one of the two counts."""

    file: str
    held: int
    silent: int


@dataclass(frozen=True, slots=True)
class StateTables:
    """Counts by the calendar year in which the school year ends, "" where a table names none; and what was left out."""

    years: Mapping[str, YearOfCounts]
    left_out: tuple[RowsLeftOut, ...]


@dataclass(frozen=True, slots=True)
class StatePictures:
    """What the rule says of each year, earliest first. silent: years in which it counts no district, each with the reason."""

    years: Mapping[str, IsolationPicture]
    silent: Mapping[str, str]


def pairs_in(path: Path) -> list[tuple[str, str]]:
    """Pairs of ids from a CSV file with the columns id and neighbor_id. Raises BordersUnreadable."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            return [(row["id"] or "", row["neighbor_id"] or "") for row in csv.DictReader(opened)]
    except (KeyError, UnicodeDecodeError, csv.Error) as error:
        raise BordersUnreadable("the file of borders has no columns id and neighbor_id that can be read") from error


def read_tables(files: Iterable[Path], *, limits: Limits = LIMITS, most_rows: int | None = None) -> StateTables:
    """Counts of every year in these tables; what is unpacked on the way is gone when this returns or raises.

    A row without a count of protected or of all students is left out: a blank is unknown, never zero.
    Raises Refused, TooManyRows, and InputError when a school or district has two rows for one grade of a year.
    """
    years: dict[str, YearOfCounts] = {}
    left_out = []
    for path in files:
        rows, held = _rows(path, limits=limits, most_rows=most_rows)
        left_out.append(RowsLeftOut(path.name, held, _add(rows, years)))
    return StateTables(years, tuple(left_out))


def _rows(path: Path, *, limits: Limits, most_rows: int | None) -> tuple[list[tuple[Any, ...]], int]:
    """The rows that can be read, and how many cannot."""
    with TemporaryDirectory() as folder:
        reading = mn_enrollment.read(path, into=Path(folder), limits=limits)
        if most_rows is not None and reading.accepted > most_rows:
            raise TooManyRows(f"the file has {reading.accepted:,} rows, and {most_rows:,} can be counted at once")
        with duckdb.connect(config={"memory_limit": "240MB", "threads": 1}) as engine:
            rows = (
                engine.read_parquet(str(reading.table(mn_enrollment.TABLE)))
                .project(
                    "school_year, district_id, district_name, school_id, school_name, classification, grade, protected, "
                    "total, american_indian"
                )
                .fetchall()
            )
        return rows, reading.held


def _add(rows: Iterable[tuple[Any, ...]], years: dict[str, YearOfCounts]) -> int:
    """Add the rows to their years; returns how many do not say enough."""
    silent = 0
    for year, district, name, school, school_name, kind, grade, protected, total, native in rows:
        if protected is None or total is None:
            silent += 1
            continue
        counts = years.setdefault(year or "", YearOfCounts())
        counts.names.setdefault(district, name or district)
        if school:
            known = counts.schools.setdefault(school, (school_name or school, district, kind, {}))
            grades = known[3]
        else:
            grades = counts.districts.setdefault(district, {})
        if grade in grades:
            raise InputError(f"{school or district} has two rows for grade {grade} of {year or 'one year'}")
        grades[grade] = Count(protected, total, native or 0)
    return silent


def state_pictures(
    years: Mapping[str, YearOfCounts],
    *,
    borders: Mapping[str, set[str]],
    rule: str,
    base: Base,
    classifications: Sequence[str] | None = None,
) -> StatePictures:
    """What the rule of this name says of every year.

    borders: which districts adjoin which, both ways. classifications: count only schools of these; None for the rule's own.
    Raises NothingCounted when it counts no district of any year, and InputError for another name or base.
    """
    if not years:
        raise NothingCounted("the tables hold no counts of protected and of all students")
    pictures = {
        year: _picture(counts, rule=_rule_of(year, rule, base, classifications), borders=borders)
        for year, counts in sorted(years.items())
    }
    if not any(picture.districts for picture in pictures.values()):
        raise NothingCounted(_why_nothing_counts(years.values(), next(iter(pictures.values())).rule))
    silent = {
        year: _why_nothing_counts([years[year]], picture.rule)
        for year, picture in pictures.items()
        if not picture.districts
    }
    return StatePictures(pictures, silent)


def _rule_of(year: str, name: str, base: Base, classifications: Sequence[str] | None) -> IsolationRule:
    # The fall count on which the state decides; a table without a year is judged by the latest rule.
    day = date(int(year) - 1, 10, 1) if year else date.max
    return isolation_rule(name, on=day, base=base, classifications=classifications)


def _picture(counts: YearOfCounts, *, rule: IsolationRule, borders: Mapping[str, set[str]]) -> IsolationPicture:
    by_school = {district for _, district, _, _ in counts.schools.values()}
    return isolation_picture(
        [
            SchoolEnrollment(school, name, district, grades, kind)
            for school, (name, district, kind, grades) in sorted(counts.schools.items())
        ],
        rule=rule,
        borders=borders,
        districts=[
            DistrictEnrollment(district, counts.names[district], grades)
            for district, grades in sorted(counts.districts.items())
            if district not in by_school
        ],
        names=counts.names,
    )


def _why_nothing_counts(years: Iterable[YearOfCounts], rule: IsolationRule) -> str:
    kinds = {kind for counts in years for _, _, kind, _ in counts.schools.values()}
    if rule.classifications is None or not kinds:
        return f"no row is of a district that {rule.name} counts (types {', '.join(sorted(rule.district_types))})"
    listed = ", ".join(sorted(rule.classifications))
    if kinds == {None}:
        return f"no row names a classification, and {rule.name} counts only schools of {listed}"
    return f"no school in a district of {rule.name} has a classification of {listed}"
