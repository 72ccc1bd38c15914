"""Every real and generated bundle at hand, recounted by the standard library alone, to the row and with the reason."""

import csv
from collections import Counter
from collections.abc import Callable
from functools import cache

import pytest

from commonground.formats import Reading, read
from tests.formats.bundles import counts, raw_rows, rows_of
from tests.shared import shared_data

Raw = dict[str, list[dict[str, str]]]

NAMES = (
    "catalyst-v11-full",
    "catalyst-v11-minimal",
    "catalyst-v12-minimal",
    "gospelnerd-v11-district-medium",
    "snapwiz-v11",
)


def raw(name: str) -> Raw:
    folder = shared_data("oneroster", name)
    return {path.stem: raw_rows(path.read_bytes()) for path in sorted(folder.glob("*.csv")) if path.stem != "manifest"}


@pytest.fixture(scope="module")
def reading_of(tmp_path_factory) -> Callable[[str], Reading]:
    """Reads a bundle once for all tests."""
    return cache(lambda name: read(shared_data("oneroster", name), into=tmp_path_factory.mktemp(name)))


def held(reading: Reading) -> list[tuple[str, int, str]]:
    return rows_of(reading, "held", "file, line, code")


@pytest.mark.parametrize("name", NAMES)
def test_every_row_of_every_file_is_counted_once(reading_of, name):
    reading = reading_of(name)

    # Counted a second time without any reader of ours: lines of the csv module after the heading.
    for kind, rows in raw(name).items():
        assert counts(reading)[kind][0] == len(rows)
    assert all(count.read == count.accepted + count.held + count.left_out for count in reading.files)
    assert reading.read == sum(map(len, raw(name).values()))
    assert len(held(reading)) == reading.held
    assert len(rows_of(reading, "left_out")) == reading.left_out


def test_catalyst_full_has_a_deleted_class_and_a_teacher_who_sits_in_class(reading_of):
    reading = reading_of("catalyst-v11-full")
    bundle = raw("catalyst-v11-full")

    # By hand: the second class and the first session are to be deleted. Three enrollments name that class (lines 5 to 7),
    # and one enrolls a teacher as a student (line 3; line 6 does too, and is held for either reason).
    deleted = {row["sourcedId"] for row in bundle["classes"] if row["status"] == "tobedeleted"}
    roles = {row["sourcedId"]: row["role"] for row in bundle["users"]}
    of_deleted = [line for line, row in enumerate(bundle["enrollments"], 2) if row["classSourcedId"] in deleted]
    wrong_role = [
        line
        for line, row in enumerate(bundle["enrollments"], 2)
        if row["role"] == "student" and roles[row["userSourcedId"]] != "student" and line not in of_deleted
    ]
    assert (of_deleted, wrong_role) == ([5, 6, 7], [3])
    assert {(line, code) for file, line, code in held(reading) if file == "enrollments.csv"} == {
        (3, "role_differs"),
        (5, "class_unknown"),
        (6, "class_unknown"),
        (7, "class_unknown"),
    }
    assert counts(reading) == {
        "orgs": (1, 1, 0, 0),
        "academicSessions": (5, 4, 0, 1),
        "classes": (2, 1, 0, 1),
        "users": (6, 6, 0, 0),
        "enrollments": (6, 2, 4, 0),
    }
    # Notes: one organization and two sessions with an unknown parent (of the third the row itself is deleted), one
    # `inactive`, one `Scheduled`, one class into the courses that are declared absent.
    codes = reading.problems
    assert (codes["parent_unknown"], codes["status_unknown"], codes["enum_case"], codes["file_absent"]) == (3, 1, 1, 1)
    days = sum(len(row["dateLastModified"]) == 10 for rows in bundle.values() for row in rows)
    assert codes["changed_at_form"] == days == 7
    assert reading.school_years == ("2023",)


def test_catalyst_minimal_is_accepted_but_for_the_teacher_who_sits_in_class(reading_of):
    reading = reading_of("catalyst-v11-minimal")

    assert held(reading) == [("enrollments.csv", 3, "role_differs"), ("enrollments.csv", 6, "role_differs")]
    assert counts(reading) == {
        "orgs": (1, 1, 0, 0),
        "academicSessions": (5, 5, 0, 0),
        "classes": (2, 2, 0, 0),
        "users": (6, 6, 0, 0),
        "enrollments": (6, 4, 2, 0),
    }
    assert reading.tables == {
        "school": 1,  # a department, at which both classes are held
        "term": 5,
        "course": 0,
        "section": 2,
        "student": 3,
        "staff": 2,
        "guardian": 1,
        "demographics": 0,
        "school_enrollment": 3,
        "staff_role": 2,
        "guardianship": 0,
        "enrollment": 2,
        "teaching": 2,
    }


def test_the_12_bundle_is_a_delta_whose_profiles_are_left_out(reading_of):
    reading = reading_of("catalyst-v12-minimal")

    assert (reading.version, reading.is_delta) == ("1.2", True)
    assert counts(reading).pop("userProfiles") == (1, 0, 0, 1)
    assert (reading.read, reading.accepted, reading.held, reading.left_out) == (9, 8, 0, 1)
    assert rows_of(reading, "enrollment", "student_source_id, section_source_id") == [("USER_0", "CLASS_001")]


def test_the_generated_district_is_clean(reading_of):
    reading = reading_of("gospelnerd-v11-district-medium")
    bundle = raw("gospelnerd-v11-district-medium")

    roles = Counter(row["role"] for row in bundle["users"])
    seats = Counter(row["role"] for row in bundle["enrollments"])
    assert (roles["student"], roles["teacher"], roles["administrator"]) == (778, 50, 9)
    assert (reading.read, reading.accepted, reading.held, reading.left_out) == (7891, 7891, 0, 0)
    assert (reading.tables["student"], reading.tables["staff"]) == (778, 59)
    assert (
        (reading.tables["enrollment"], reading.tables["teaching"])
        == (seats["student"], seats["teacher"])
        == (5446, 364)
    )
    grades = Counter(row["grades"] for row in bundle["users"] if row["role"] == "student")
    assert Counter(grade for (grade,) in rows_of(reading, "student", "grade")) == grades
    races = Counter(row["asian"] for row in bundle["demographics"])
    assert sum(is_asian for (is_asian,) in rows_of(reading, "demographics", "asian")) == races["true"] == 148
    assert reading.root.is_district
    (district,) = (row for row in bundle["orgs"] if row["type"] == "district")
    assert reading.root.source_ids == (district["sourcedId"],)


def test_snapwiz_has_unknown_people_repetitions_and_its_own_columns(reading_of):
    reading = reading_of("snapwiz-v11")
    bundle = raw("snapwiz-v11")

    users = {row["sourcedId"] for row in bundle["users"]}
    unknown = [line for line, row in enumerate(bundle["demographics"], 2) if row["sourcedId"] not in users]
    seen: set[tuple[str, str, str]] = set()
    again = []
    for line, row in enumerate(bundle["enrollments"], 2):
        key = (row["userSourcedId"], row["classSourcedId"], row["role"])
        again += [line] if key in seen else []
        seen.add(key)
    assert (unknown, again) == ([13, 14, 15], [17, 18])
    assert held(reading) == [("demographics.csv", line, "user_unknown") for line in unknown]
    assert rows_of(reading, "left_out", "file, line, code") == [
        ("enrollments.csv", line, "enrollment_repeated") for line in again
    ]
    assert counts(reading) == {
        "orgs": (2, 2, 0, 0),
        "academicSessions": (4, 4, 0, 0),  # one row has a surplus empty field: read, with a note
        "courses": (4, 4, 0, 0),
        "classes": (3, 3, 0, 0),
        "users": (11, 11, 0, 0),
        "enrollments": (19, 17, 0, 2),
        "demographics": (14, 11, 3, 0),
    }
    assert reading.problems["field_trailing"] == 1
    # No district: the organization above which there is none.
    assert (reading.root.source_ids, reading.root.is_district) == (("54321",), False)


def test_unknown_columns_are_kept_and_passwords_are_not(reading_of):
    reading = reading_of("snapwiz-v11")

    ((extra,),) = [row for row in rows_of(reading, "student", "extra") if "metadata.value1" in row[0]]
    assert '"userId":"abc1"' in extra
    assert '"ext_tao_userMotherName":"metadata.value1"' in extra
    everything = "".join(str(rows_of(reading, table, "extra")) for table in ("student", "staff"))
    assert "assword" not in everything


@pytest.mark.parametrize("name", NAMES)
def test_every_accepted_row_knows_its_file_and_line(reading_of, name):
    reading = reading_of(name)
    folder = shared_data("oneroster", name)

    for table, file in (("student", "users.csv"), ("section", "classes.csv"), ("enrollment", "enrollments.csv")):
        with (folder / file).open(encoding="utf-8-sig", newline="") as opened:
            lines = {reader.line_num: row for reader in [csv.reader(opened)] for row in reader}
        for source_id, found_file, line in rows_of(reading, table, "source_id, file, line"):
            assert found_file == file
            assert lines[line][0] == source_id


def test_two_threads_read_what_one_reads(tmp_path, reading_of):
    name = "gospelnerd-v11-district-medium"

    found = read(shared_data("oneroster", name), into=tmp_path, threads=2)

    for table in found.tables:
        assert rows_of(found, table) == rows_of(reading_of(name), table)
