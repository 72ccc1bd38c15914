"""The engine gives the known answer to every shared case, and would be caught at every wrong one."""

import json
from functools import cache
from pathlib import Path

import pytest
from tests.engine.cases.perturbation import perturbations
from tests.shared import shared_data, shared_folder

from commonground.cli.cases import find_cases
from commonground.engine.cases import Case, answer, why_not_a_calculation
from commonground.engine.cases.comparison import differences, is_compared

FOLDERS = ("equity", "optimisation", "school-choice")


@cache
def shared_cases() -> dict[str, Case]:
    folder = shared_folder()
    cases = [case for name in FOLDERS for case in find_cases(folder / "data" / name)] if folder else []
    return {case.identity: case for case in cases if why_not_a_calculation(case) is None}


def marked(identity: str):
    """Matching 300,000 children takes its time, and an extra that not everybody has installed."""
    is_linkage = identity.startswith("record_linkage/")
    return pytest.param(identity, marks=[pytest.mark.slow] if is_linkage else [])


@pytest.mark.parametrize("identity", [marked(identity) for identity in sorted(shared_cases())] or ["none"])
def test_shared_case_passes_and_no_changed_answer_does(identity):
    shared_data()
    if identity.startswith("record_linkage/"):
        pytest.importorskip("splink")
    case = shared_cases()[identity]

    given = answer(case)

    assert differences(case.expected, given, tolerance=case.tolerance) == []
    changed = list(perturbations(case.expected, given, case.tolerance))
    assert changed or not any(map(is_compared, case.expected))
    for wrong in changed:
        assert differences(wrong, given, tolerance=case.tolerance), json.dumps(wrong)[:500]


def test_every_case_file_is_found():
    folder = shared_data()

    stems = {Path(identity).parent.name for identity in shared_cases()} | {"security"}

    assert stems == {file.stem for name in FOLDERS for file in (folder / name).glob("*.json")}
