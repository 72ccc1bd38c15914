"""`commonground isolation`: which districts are racially isolated and which schools racially identifiable, by a state's file."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from commonground.apps.measures.state_file import StateTables, pairs_in, read_tables, state_pictures
from commonground.engine.law.states.mn.enrollment import both_ways
from commonground.engine.law.states.mn.isolation import IsolationPicture
from commonground.engine.law.states.mn.isolation_findings import DistrictFinding, SchoolFinding
from commonground.engine.values import InputError
from commonground.facts import neighbors
from commonground.formats.reading import Refused

HELP = "Test the districts and schools of a state's enrollment tables for racial isolation, every year they hold."


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
    listed = arguments.classification
    try:
        borders = both_ways(pairs_in(arguments.adjacency) if arguments.adjacency else neighbors())
        tables = read_tables(arguments.files)
        _tell_left_out(tables)
        found = state_pictures(
            tables.years,
            borders=borders,
            rule=arguments.rule,
            base=arguments.base,
            classifications=[code.strip() for code in listed.split(",") if code.strip()] if listed else None,
        )
    except Refused as refused:
        print(f"This is no enrollment table that can be read: {refused}.", file=sys.stderr)
        return 1
    except (InputError, OSError) as error:
        print(f"This cannot be calculated: {error}.", file=sys.stderr)
        return 1
    for year, why in found.silent.items():
        print(f"School year ending {year or 'unknown'}: {why}.", file=sys.stderr)
    if arguments.json:
        print(json.dumps(as_json(found.years)))
    else:
        print("\n".join(_in_words(found.years)))
    return 0


def _tell_left_out(tables: StateTables) -> None:
    for rows in tables.left_out:
        if rows.held:
            print(f"{rows.file}: {rows.held} rows cannot be read and are left out.", file=sys.stderr)
        if rows.silent:
            print(
                f"{rows.file}: {rows.silent} rows do not say how many students are protected, or in all.",
                file=sys.stderr,
            )


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
