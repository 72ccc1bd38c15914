"""The table of problem codes: complete, and every example in it really brings its problem about."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from commonground.formats import Refused, oneroster, read
from commonground.formats.problems import PROBLEMS, Outcome
from commonground.formats.problems.reference import reference_page
from tests.formats.bundles import (
    Bundle,
    absent,
    as_delta,
    heading,
    rows_of,
    small,
    with_row,
    with_text,
    without,
    write_zip,
)


def _nested(path: Path) -> Path:
    return write_zip({"export.zip": write_zip(small(), path.with_suffix(".inner")).read_bytes()}, path)


def _truncated(path: Path) -> Path:
    write_zip(small(), path)
    path.write_bytes(path.read_bytes()[:-40])
    return path


def _encrypted(path: Path) -> Path:
    write_zip(small(), path)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    return path


def _named(name: str, mode: int = 0) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        write_zip(small(), path)
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(entry, b"x")
        return path

    return make


def _sized(size: int) -> Callable[[Path], Path]:
    """The directory declares more than it holds; nothing is unpacked to find out."""

    def make(path: Path) -> Path:
        write_zip(small(), path)
        content = bytearray(path.read_bytes())
        entry = content.index(b"PK\x01\x02")
        content[entry + 24 : entry + 28] = size.to_bytes(4, "little")
        path.write_bytes(content)
        return path

    return make


def _bundle(bundle: Bundle) -> Callable[[Path], Path]:
    return lambda path: write_zip(bundle, path)


def _in_folders(*folders: str) -> Bundle:
    return {f"{folder}/{name}": content for folder in folders for name, content in small().items()}


HEAD_ONLY = {
    name: content if name == "manifest.csv" else content.split(b"\n")[0] + b"\n" for name, content in small().items()
}
USERS_12 = small("1.2")

STATE = "districtNumber,districtType,schoolNumber,Grade,AMI_Male,WHT_Male,TotalStudents\n1,1,1,07,3,30,33\n"


def _state(row: str) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_text(STATE + row + "\n", encoding="utf-8")
        return path

    return make


def _borders(*lefts: int, repeated: int = 1) -> Callable[[Path], Path]:
    """Squares side by side where their left edges are one apart, each drawn a number of times."""

    def make(path: Path) -> Path:
        features = []
        for left in lefts:
            ring = [[left, 0], [left + 1, 0], [left + 1, 1], [left, 1], [left, 0]]
            shape = {"type": "Polygon", "coordinates": [ring]}
            features += [{"type": "Feature", "properties": {"name": f"A{left}"}, "geometry": shape}] * repeated
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
        return path

    return make


# What brings about the codes that no single row can.
MADE = {
    "archive_unreadable": _truncated,
    "archive_encrypted": _encrypted,
    "archive_name_unsafe": _named("../users.csv"),
    "archive_link": _named("link.csv", 0o120777),
    "archive_nested": _nested,
    "archive_ratio": _bundle({**small(), "users.csv": b"0" * 10_000_000}),
    "archive_entries": _bundle({**small(), **{f"{number}.txt": b"" for number in range(1000)}}),
    "archive_size": _sized(3 << 30),
    "archive_name_repeated": _bundle({**small(), "Users.csv": b"x"}),
    "archive_folders": _bundle(_in_folders("east", "west")),
    "borders_too_detailed": _borders(0, repeated=21),
    "border_alone": _borders(0, 1, 5),
    "format_unknown": _bundle({"lunch.csv": b"day,meal\nMonday,soup\n"}),
    "bundle_empty": _bundle(HEAD_ONLY),
    "manifest_missing": _bundle(without(small(), "manifest.csv")),
    "not_csv_binding": _bundle({**small(), "enrollments.csv": b"sourcedId,user,class,school,role\ne1,u1,k1,s1,student\n"}),
    "column_missing": _bundle(with_text(small(), "users.csv", "sourcedId", "id")),
    "column_repeated": _bundle(with_text(small(), "users.csv", "username", "role")),
    "columns_too_many": _bundle(with_text(small(), "users.csv", "password", "password" + ",x" * 6000)),
    "file_empty": _bundle({**small(), "users.csv": b""}),
    "file_truncated": _bundle({**small(), "users.csv": small()["users.csv"][:-12]}),
    "zero_bytes": _bundle(with_text(small(), "users.csv", "Example", "Exam\0ple")),
    "line_too_long": _bundle(with_row(small(), "users.csv", "".join(f"{number:x}" for number in range(400_000)))),
    "encoding_unreadable": _bundle({**small(), "users.csv": small()["users.csv"].decode().encode("utf-32")}),
    "row_characters": _bundle({**small(), "orgs.csv": small()["orgs.csv"] + b"s9,,,Lake\x81side,school,,d1\n"}),
    "role_missing": _bundle(with_row(USERS_12, "users.csv", "u9,,,true,nine,,Nine,Example,,,,,,,09,,,,,,s1,")),
    "depends_on_held": _bundle(with_text(small(), "classes.csv", "k1,,,Art 1,09,c1", "k1,,,Art 1,09,c404")),
    "folder_nested": _bundle(_in_folders("export")),
    "file_ignored": _bundle({**small(), "readme.txt": b"x"}),
    "file_name_case": _bundle({"USERS.CSV": small()["users.csv"], **without(small(), "users.csv")}),
    "file_name_other": _bundle({"people 2026.csv": small()["users.csv"], **without(small(), "users.csv")}),
    "file_without_rows": _bundle({**small(), "demographics.csv": (heading("demographics") + "\n").encode()}),
    "column_unknown": _bundle(with_text(small(), "orgs.csv", "parentSourcedId", "parentSourcedId,shoe_size")),
    "column_order": _bundle(with_text(small(), "orgs.csv", "status,dateLastModified", "dateLastModified,status")),
    "column_case": _bundle(with_text(small(), "demographics.csv", "birthDate", "birthdate")),
    "column_optional_missing": _bundle(with_text(small(), "users.csv", "grades", "metadata.grades")),
    "password_column": _bundle(
        with_row(small(), "users.csv", "u9,,,true,s1,student,nine,,Nine,Example,,,,,,,09,never-keep")
    ),
    "encoding_other": _bundle({**small(), "users.csv": small()["users.csv"].decode().encode("utf-16")}),
    "encoding_mixed": _bundle(
        {**small(), "orgs.csv": small()["orgs.csv"] + "s8,,,Zoë,school,,d1\n".encode() + "s9,,,José,school,,d1\n".encode("cp1252")}
    ),
    "language_form": _bundle(
        {
            **small(),
            "users.csv": small()["users.csv"].replace(b"password\n", b"password,metadata.homeLanguage\n").replace(b",09,\n", b",09,,spoken at home\n").replace(b",,,,\n", b",,,,,\n"),
        }
    ),
    "file_absent": _bundle(absent(small(), "courses")),
    "count_unreadable": _state("1,1,1,08,12.5,30,43"),
    "count_suppressed": _state("1,1,1,08,*,30,33"),
    "totals_differ": _state("1,1,1,08,3,30,60"),
    "total_row": _state("1,1,1,All Grades,3,30,33"),
    "profile_left_out": _bundle({**USERS_12, "userProfiles.csv": b"sourcedId,password\np1,never-keep\n"}),
    "file_not_used": _bundle({**small(), "results.csv": b"sourcedId,score\nx1,5\n"}),
}  # fmt: skip


def _example(code: str) -> Callable[[Path], Path]:
    if code in MADE:
        return MADE[code]
    file, row = PROBLEMS[code].example
    return _bundle(with_row(small(), file, row))


@pytest.mark.parametrize("code", [code for code, problem in PROBLEMS.items() if problem.found_by == "formats"])
@pytest.mark.slow
def test_the_example_brings_the_problem_about_with_its_outcome(tmp_path, code):
    source = _example(code)(tmp_path / "bundle.zip")
    outcome = PROBLEMS[code].outcome

    if outcome is Outcome.REFUSED:
        with pytest.raises(Refused) as refused:
            read(source, into=tmp_path / "out")
        assert refused.value.code == code
        assert not list((tmp_path / "out").rglob("*.parquet"))
        return
    reading = read(source, into=tmp_path / "out")
    found = rows_of(reading, "problems", "code, severity, outcome, file, line")
    mine = [row for row in found if row[0] == code]
    assert mine, found
    assert {row[1:3] for row in mine} == {(PROBLEMS[code].severity.value, outcome.value)}
    assert reading.read == reading.accepted + reading.held + reading.left_out
    assert (reading.held > 0) == any(row[2] == "held" for row in found)


def test_the_small_bundles_have_no_problem(tmp_path):
    for version in ("1.1", "1.2"):
        reading = read(write_zip(small(version), tmp_path / f"{version}.zip"), into=tmp_path / version)

        assert rows_of(reading, "problems") == []
        assert reading.accepted == reading.read


def test_codes_are_told_apart_and_say_what_to_do():
    for code, problem in PROBLEMS.items():
        assert code == problem.code
        assert problem.wrong.endswith(".")
        assert problem.remedy.endswith(".")
        assert "{" not in problem.wrong + problem.remedy
        assert problem.choices == () or problem.outcome is Outcome.HELD
        assert problem.kind in ("archive", "file", "row", "field", "reference", "district")
    assert len({problem.wrong for problem in PROBLEMS.values()}) == len(PROBLEMS)


def test_a_delta_first_or_not_is_read_the_same(tmp_path):
    whole = read(write_zip(small(), tmp_path / "a.zip"), into=tmp_path / "a")
    delta = read(write_zip(as_delta(small()), tmp_path / "b.zip"), into=tmp_path / "b")

    assert whole.tables == delta.tables
    assert (whole.is_delta, delta.is_delta) == (False, True)


def test_this_module_recognizes_by_content_only(tmp_path):
    source = write_zip(small(), tmp_path / "lunch-menu.pdf")

    assert oneroster.recognize(source)


def test_the_reference_page_is_written_from_the_table():
    page = Path(__file__).resolve().parents[2] / "docs/reference/problem-codes.md"

    assert page.read_text(encoding="utf-8") == reference_page(), (
        "Run: python -m commonground.formats.problems.reference > docs/reference/problem-codes.md"
    )
