"""`commonground isolation`: which districts are racially isolated and which schools racially identifiable, by a state's file."""

import csv
import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
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
    both_ways,
)
from commonground.engine.law.states.mn.isolation import IsolationPicture, isolation_picture
from commonground.engine.law.states.mn.isolation_findings import DistrictFinding, SchoolFinding
from commonground.engine.law.states.mn.isolation_rules import IsolationRule, isolation_rule
from commonground.engine.values import InputError
from commonground.facts import neighbors
from commonground.formats import mn_enrollment
from commonground.formats.reading import Refused

HELP = "Test the districts and schools of a state's enrollment tables for racial isolation, every year they hold."


class NothingCounted(InputError):
    """The rule counts none of the schools and districts of the tables, so that it can say nothing."""


@dataclass
class YearOfCounts:
    """What the tables say of one school year.

    schools: school id → (name, district id, classification, counts by grade). districts: the same for rows that are of
    no school. names: district names by id.
    """

    schools: dict[str, tuple[str, str, str | None, dict[str, Count]]] = field(default_factory=dict)
    districts: dict[str, dict[str, Count]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="an enrollment table, packed or not")
    parser.add_argument("--rule", default="mn-3535", metavar="NAME", help="mn-3535 (default) or mn-3535-2013")
    parser.add_argument(
        "--adjacency",
        type=Path,
        metavar="CSV",
        help="id,neighbor_id as `adjacency` prints, instead of Minnesota's borders of 2016",
    )
    parser.add_argument(
        "--classification", metavar="LIST", help="count only schools of these classifications, such as 10,20,33"
    )
    parser.add_argument(
        "--base", choices=("PK-12", "K-12"), default="PK-12", help="count early childhood and prekindergarten, or not"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: Namespace) -> int:
    """Print the predictions. What the tables leave unknown goes to the error stream; a refused file is status 1."""
    try:
        borders = both_ways(pairs_in(arguments.adjacency) if arguments.adjacency else neighbors())
        years = read_years(arguments.files)
        pictures = {year: _picture(counts, year, borders, arguments) for year, counts in sorted(years.items())}
        if pictures and not any(picture.districts for picture in pictures.values()):
            raise NothingCounted(_why_nothing_counts(years.values(), next(iter(pictures.values())).rule))
    except Refused as refused:
        print(f"This is no enrollment table that can be read: {refused}.", file=sys.stderr)
        return 1
    except (InputError, OSError, KeyError) as error:
        print(f"This cannot be calculated: {error}.", file=sys.stderr)
        return 1
    for year, picture in pictures.items():
        if not picture.districts:
            why = _why_nothing_counts([years[year]], picture.rule)
            print(f"School year ending {year or 'unknown'}: {why}.", file=sys.stderr)
    if not pictures:
        print("The tables hold no counts of protected and of all students.", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(as_json(pictures)))
    else:
        print("\n".join(_in_words(pictures)))
    return 0


def pairs_in(path: Path) -> list[tuple[str, str]]:
    """Pairs of ids from a CSV file with the columns id and neighbor_id. Raises KeyError when a column is missing."""
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return [(row["id"], row["neighbor_id"]) for row in csv.DictReader(opened)]


def read_years(files: Iterable[Path]) -> dict[str, YearOfCounts]:
    """Counts by the calendar year in which the school year ends, "" where a table names none.

    A row without a count of protected or of all students is left out and told on the error stream: a blank is unknown,
    never zero. Raises Refused, and InputError when a school or district has two rows for one grade of a year.
    """
    years: dict[str, YearOfCounts] = {}
    for path in files:
        unknown = 0
        for year, district, name, school, school_name, kind, grade, protected, total, native in _rows(path):
            if protected is None or total is None:
                unknown += 1
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
        if unknown:
            print(
                f"{path.name}: {unknown} rows do not say how many students are protected, or in all.", file=sys.stderr
            )
    return years


def _rows(path: Path) -> list[tuple[Any, ...]]:
    with TemporaryDirectory() as folder:
        reading = mn_enrollment.read(path, into=Path(folder))
        if reading.held:
            print(f"{path.name}: {reading.held} rows cannot be read and are left out.", file=sys.stderr)
        return (
            duckdb.read_parquet(str(reading.table(mn_enrollment.TABLE)))
            .project(
                "school_year, district_id, district_name, school_id, school_name, classification, grade, protected, total, "
                "american_indian"
            )
            .fetchall()
        )


def _picture(
    counts: YearOfCounts, year: str, borders: Mapping[str, set[str]], arguments: Namespace
) -> IsolationPicture:
    listed = arguments.classification
    rule: IsolationRule = isolation_rule(
        arguments.rule,
        # The fall count on which the state decides; a table without a year is judged by the latest rule.
        on=date(int(year) - 1, 10, 1) if year else date.max,
        base=arguments.base,
        classifications=[code.strip() for code in listed.split(",") if code.strip()] if listed else None,
    )
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
    return f"no school in a district of {rule.name} has a classification of {listed}; give others with --classification"


def as_json(pictures: Mapping[str, IsolationPicture]) -> dict[str, Any]:
    """The object that the command prints; every row says its year, null where the table names none."""
    rule = next(iter(pictures.values())).rule
    return {
        "rule": rule.name,
        "base": rule.base,
        "years": [year or None for year in pictures],
        "schools": [
            {"year": year or None, **_school(finding)}
            for year, picture in pictures.items()
            for finding in sorted(picture.schools, key=lambda finding: finding.id)
        ],
        "districts": [
            {"year": year or None, **_district(finding)}
            for year, picture in pictures.items()
            for finding in sorted(picture.districts, key=lambda finding: finding.id)
        ],
    }


def _school(finding: SchoolFinding) -> dict[str, Any]:
    row = {
        "id": finding.id,
        "name": finding.name,
        "grades": list(finding.grades),
        "protected": finding.count.protected,
        "protected_counted": finding.counted.protected,
        "total": finding.count.total,
        "share": float(finding.counted.share) if finding.counted.total else None,
        "district_share": float(finding.district.share) if finding.district.total else None,
        "identifiable": finding.identifiable,
    }
    return row | ({"note": finding.problem} if finding.problem else {})


def _district(finding: DistrictFinding) -> dict[str, Any]:
    row = {
        "id": finding.id,
        "name": finding.name,
        "protected": finding.count.protected,
        "total": finding.count.total,
        "share": float(finding.count.share) if finding.count.total else None,
        "isolated": finding.isolated,
        "neighbor": finding.neighbor.id if finding.neighbor else None,
        "gap": None if finding.gap is None else float(finding.gap),
    }
    return row | ({"note": finding.note} if finding.note else {})


def _in_words(pictures: Mapping[str, IsolationPicture]) -> Iterable[str]:
    for year, picture in pictures.items():
        isolated = [finding for finding in picture.districts if finding.isolated]
        identifiable = [finding for finding in picture.schools if finding.identifiable]
        if year:
            yield f"School year ending {year}"
        yield f"{picture.rule.title} ({picture.rule.name}, {picture.rule.base}). These are predictions; the state decides."
        yield f"Predicted racially isolated: {len(isolated)} of {len(picture.districts)} districts"
        for district in sorted(isolated, key=lambda finding: finding.id):
            beside = district.neighbor
            if beside and district.gap is not None:
                yield (
                    f"  {district.id} {district.name}: {district.count.protected:,} of {district.count.total:,}, "
                    f"{100 * float(district.gap):.2f} points above {beside.name}"
                )
        yield f"Predicted racially identifiable: {len(identifiable)} of {len(picture.schools)} schools"
        for school in sorted(identifiable, key=lambda finding: finding.id):
            if school.gap is not None:
                yield (
                    f"  {school.id} {school.name}: {school.counted.protected:,} of {school.counted.total:,}, "
                    f"{100 * float(school.gap):.2f} points above its district"
                )
