"""The evidence is true: each test it names is there, each requirement has an answer, each pinned package is listed."""

import ast
import json
import re
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from commonground.cli import evidence as command
from commonground.cli import main
from commonground.evidence.answers import NoAnswer, Standing, answer_of, answers, named_tests
from commonground.evidence.bill import bill_of_materials
from commonground.evidence.pages import checked_pages
from commonground.evidence.parts import FOR_TESTS, VENDORED, WEB, locked, vendored

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
# Requirements of levels 1 and 2 in each chapter of ASVS 5.0.0, 253 in all, counted in the standard's own table.
IN_CHAPTER = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13}
IN_CHAPTER |= {16: 16, 17: 7}
# Criteria of WCAG 2.2: 31 of level A (4.1.1 was taken out of 32), 24 of level AA.
IN_LEVEL = {"A": 31, "AA": 24}


def found_in(path: Path) -> set[str]:
    """Names of the tests of a file, as pytest collects them: functions, and methods as Class::method."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            found.add(node.name)
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            found.add(node.name)
            inside = (one for one in node.body if isinstance(one, ast.FunctionDef))
            found |= {f"{node.name}::{one.name}" for one in inside if one.name.startswith("test_")}
    return found


def is_there(test: str) -> bool:
    """Whether a named test, file of tests or folder of tests exists and would be collected."""
    place, _, name = test.partition("::")
    path = TESTS / place
    if path.is_dir():
        return not name and any(found_in(one) for one in path.rglob("test_*.py"))
    return (
        path.is_file() and path.name.startswith("test_") and (name in found_in(path) if name else bool(found_in(path)))
    )


def test_every_test_that_is_named_is_there():
    assert sorted(test for test in named_tests([answers("asvs"), answers("wcag")]) if not is_there(test)) == []


def test_a_test_that_is_gone_would_be_noticed():
    assert is_there("contracts/test_evidence.py::test_a_test_that_is_gone_would_be_noticed")
    assert not is_there("contracts/test_evidence.py::test_that_nobody_wrote")
    assert not is_there("contracts/nothing.py")
    assert not is_there("contracts/test_evidence.py::is_there")


def test_every_requirement_of_both_levels_has_an_answer_in_order():
    numbers = [tuple(map(int, one.number.split("."))) for one in answers("asvs").requirements]

    assert Counter(chapter for chapter, *_ in numbers) == IN_CHAPTER
    assert numbers == sorted(set(numbers))


def test_every_criterion_of_both_levels_has_an_answer():
    criteria = answers("wcag").requirements

    assert Counter(re.search(r"\((A{1,2})\)$", one.about)[1] for one in criteria) == IN_LEVEL
    assert len({one.number for one in criteria}) == sum(IN_LEVEL.values())


def test_what_is_not_wholly_met_says_why_in_words():
    for standard in (answers("asvs"), answers("wcag")):
        for one in (*standard.requirements, *standard.taken):
            assert one.tests or len(one.reason) >= 10, one.number
            assert one.standing is Standing.MET or len(one.reason) >= 10, one.number


@pytest.mark.parametrize(
    "line",
    [
        {"about": "x"},
        {"about": "x", "tests": []},
        {"about": "x", "why": "because", "unmet": "because not"},
        {"about": "x", "tests": ["a"], "maybe": "so"},
    ],
)
def test_a_line_without_one_clear_answer_is_refused(line):
    with pytest.raises(NoAnswer, match=r"^1\.2\.3: "):
        answer_of("1.2.3", line)


def test_the_bill_lists_each_pin_with_its_hashes_and_everything_hangs_on_the_product():
    lock = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    parts = [*locked(lock), *vendored(ROOT)]

    bill = bill_of_materials(parts, version="1", written_at="2026-11-24T00:00:00+00:00")

    pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", lock, re.MULTILINE)
    listed = [(one["name"], one["version"]) for one in bill["components"] if one["purl"].startswith("pkg:pypi/")]
    assert sorted(listed) == sorted((name.lower().replace("_", "-"), version) for name, version in pins)
    hashes = [one["content"] for part in bill["components"] for one in part.get("hashes", ())]
    assert sorted(hashes) == sorted(re.findall(r"--hash=sha256:(\w+)", lock))
    needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    reached, wave = set(), {"commonground@1"}
    while wave:
        reached |= wave
        wave = {below for one in wave for below in needs[one]} - reached
    assert reached == {"commonground@1", *(one["bom-ref"] for one in bill["components"])}


def test_a_pin_is_read_with_marker_hashes_and_who_needs_it():
    first, second = "a" * 64, "b" * 64
    (part,) = locked(
        f"Some_Package[extra]==1.2 ; sys_platform == 'win32' \\\n    --hash=sha256:{first} \\\n"
        f"    --hash=sha256:{second}\n    # via\n    #   commonground (pyproject.toml)\n    #   other\n"
    )

    assert (part.name, part.version, part.marker) == ("some-package", "1.2", "sys_platform == 'win32'")
    assert part.hashes == (first, second)
    assert part.needed_by == ("commonground", "other")
    assert part.url == "pkg:pypi/some-package@1.2"


def test_the_same_parts_have_the_same_serial_number_and_others_another():
    parts = vendored(ROOT)

    one, same, other = (
        bill_of_materials(parts[: 2 + more], version="1", written_at=moment)["serialNumber"]
        for more, moment in ((0, "2026-01-01"), (0, "2026-02-02"), (1, "2026-01-01"))
    )

    assert one == same != other


def test_every_file_that_stands_in_the_pages_belongs_to_a_listed_part():
    there = {path.relative_to(ROOT / WEB).as_posix() for path in (ROOT / WEB).rglob("*") if path.is_file()}
    listed = {path for part in vendored(ROOT) for path, _ in part.files}
    source = (ROOT / WEB / "SOURCE.md").read_text("utf-8")
    axe = (TESTS / "vendor/axe-core/axe.min.js").read_text("utf-8")[:40]

    assert there - listed == {"SOURCE.md"}
    assert [name for name, version, *_ in VENDORED if version and version not in source] == []
    assert [version for _, version, *_ in FOR_TESTS if f"axe v{version}\n" not in axe] == []


def test_the_pages_that_are_told_are_those_that_are_opened():
    spec = spec_from_file_location("every_page", TESTS / "journeys/test_every_page.py")
    opened = module_from_spec(spec)
    spec.loader.exec_module(opened)

    told = checked_pages(ROOT)

    wanted = Counter({"signed out": len(opened.SIGNED_OUT), "error": 1})
    for state, people in (
        ("full", opened.FULL),
        ("empty", opened.EMPTY),
        ("denied", opened.DENIED),
        ("missing", opened.MISSING),
    ):
        wanted[state] = sum(map(len, people.values()))
    assert Counter(state for state, *_ in told.pages) == wanted
    assert told.themes == ("light", "dark")
    assert "wcag22aa" in told.rules


def test_without_the_tests_the_report_says_so(tmp_path):
    assert checked_pages(tmp_path) is None


@pytest.mark.database
def test_into_a_folder_go_a_page_a_bill_and_the_whole(database, tmp_path):
    assert main(["evidence", "--into", str(tmp_path)]) == 0

    page = (tmp_path / command.PAGE).read_text("utf-8")
    whole = json.loads((tmp_path / command.WHOLE).read_text("utf-8"))
    assert "| 8.4.1 | One district cannot touch another's | met | `walls` |" in page
    assert len(whole["security"]["requirements"]) == 253
    assert sum(whole["security"]["counts"].values()) == 253
    assert json.loads((tmp_path / command.BILL).read_text("utf-8"))["specVersion"] == "1.6"
    assert whole["versions"]["PostgreSQL, the database here"].startswith("18.")
    assert f"| Django | {whole['versions']['Django']} |" in page


@pytest.mark.database
def test_it_is_printed_as_a_page_or_for_programs(database, capsys):
    assert main(["evidence"]) == 0
    assert capsys.readouterr().out.startswith("# Evidence about Commonground ")

    assert main(["evidence", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) >= {"versions", "bill_of_materials", "security", "accessibility"}
