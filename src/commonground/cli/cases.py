"""`commonground cases`: run worked cases with known answers through the engine."""

import argparse
import json
import sys
from functools import partial
from pathlib import Path

from commonground.engine import cases as engine_cases
from commonground.engine.cases import Case, NoCases, read_cases

HELP = "Run worked cases with known answers and list what passed."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files or folders of cases; the answer for people or for programs."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a JSON file of cases, or a folder of them")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def find_cases(path: Path) -> list[Case]:
    """The cases of a file, or of every JSON file below a folder; other JSON files in a folder are passed over.

    Raises OSError when the path is not there, NoCases when a named file or a whole folder holds no case.
    """
    if not path.is_dir():
        return _cases_of(path)
    found: list[Case] = []
    for file in sorted(path.rglob("*.json")):
        try:
            found += _cases_of(file)
        except NoCases:
            continue
    if not found:
        raise NoCases(f"{path}: no file of worked cases in this folder")
    return found


def _cases_of(file: Path) -> list[Case]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise NoCases(f"{file}: not JSON ({problem})") from problem
    return list(read_cases(document, stem=file.stem, neighbor=partial(_neighbor, file.parent)))


def _neighbor(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def run(arguments: argparse.Namespace) -> int:
    """Print the report; 0 when nothing failed and nothing lacks an adapter, 1 otherwise, 2 when there is no case."""
    try:
        cases = [case for path in arguments.paths for case in find_cases(path)]
    except (OSError, NoCases) as problem:
        print(problem, file=sys.stderr)
        return 2
    report = engine_cases.run(cases)
    lists = {
        "failed": report.failed,
        "no_adapter": report.no_adapter,
        "not_a_calculation": report.not_a_calculation,
    }
    if arguments.json:
        print(json.dumps({"passed": report.passed, **lists}))
    else:
        print(f"passed: {report.passed}")
        for name, identities in lists.items():
            print(f"{name.replace('_', ' ')}: {len(identities)}")
    for identity in (*report.failed, *report.no_adapter, *(() if arguments.json else report.not_a_calculation)):
        print(f"  {identity}: {report.reasons[identity]}", file=sys.stderr if arguments.json else sys.stdout)
    return 1 if report.failed or report.no_adapter else 0
