"""What becomes of the rows of a OneRoster bundle: references, holding, and what is never kept."""

from datetime import date

import duckdb
import pytest

from commonground.formats import Decision, Refused, digest, read
from tests.formats.bundles import (
    absent,
    counts,
    held,
    known,
    rows_of,
    small,
    with_row,
    with_text,
    without,
    write_folder,
    write_zip,
)


def test_a_bundle_becomes_roster_rows(reading):
    found = reading(small())

    assert rows_of(found, "school", "source_id, name") == [("s1", "First School"), ("s2", "Second School")]
    assert rows_of(found, "term", "source_id, kind, starts_on, school_year, parent_source_id") == [
        ("t1", "term", date(2026, 8, 31), "2027", "y1"),
        ("y1", "schoolYear", date(2026, 8, 31), "2027", None),
    ]
    assert rows_of(found, "section", "source_id, course_source_id, school_source_id, term_source_ids") == [
        ("k1", "c1", "s1", "t1"),
        ("k2", "c1", "s1", "t1"),
    ]
    assert rows_of(found, "course", "source_id, school_source_id") == [("c1", None)]  # the district's
    assert rows_of(found, "student", "source_id, given_name, family_name, grade, enabled, line") == [
        ("u1", "One", "Example", "09", True, 2),
        ("u4", "Four", "Example", "09", True, 5),
    ]
    assert rows_of(found, "guardian", "source_id, relation") == [("u3", "parent")]
    assert rows_of(found, "guardianship", "source_id, guardian_source_id, student_source_id") == [("u3:u1", "u3", "u1")]
    assert rows_of(found, "school_enrollment", "source_id, grade, is_primary") == [
        ("u1:s1", "09", True),
        ("u4:s1", "09", True),
    ]
    assert rows_of(found, "staff_role", "source_id, school_source_id, role") == [
        ("u2:s1:teacher", "s1", "teacher"),
        ("u5:s1:teacher", "s1", "teacher"),
    ]
    assert rows_of(found, "enrollment", "source_id, student_source_id, section_source_id") == [
        ("e1", "u1", "k1"),
        ("e3", "u4", "k2"),
    ]
    assert rows_of(found, "teaching", "source_id, staff_source_id, is_primary") == [("e2", "u5", True)]
    assert rows_of(found, "demographics", "source_id, birth_on, sex, white, hispanic") == [
        ("u1", date(2011, 2, 3), "female", True, False)
    ]
    assert (found.root.source_ids, found.root.names, found.school_years) == (("d1",), ("Lake District",), ("2027",))


def test_both_versions_give_the_same_people(reading):
    old, new = reading(small("1.1")), reading(small("1.2"))

    for table, columns in {
        "student": "source_id, given_name, family_name, grade",
        "guardian": "source_id, relation",
        "school_enrollment": "source_id, grade, is_primary",
        "staff_role": "staff_source_id, school_source_id, role, is_primary",
        "enrollment": "source_id, student_source_id",
        "guardianship": "source_id",
    }.items():
        assert rows_of(old, table, columns) == rows_of(new, table, columns)


def test_one_person_may_be_staff_and_guardian(reading):
    bundle = with_row(small("1.2"), "roles.csv", "r9,,,u3,secondary,aide,,,s1,")

    found = reading(bundle)

    assert ("u3",) in rows_of(found, "guardian", "source_id")
    assert ("u3",) in rows_of(found, "staff", "source_id")
    assert ("r9", "u3", "aide", False) in rows_of(found, "staff_role", "source_id, staff_source_id, role, is_primary")


def test_a_link_told_by_both_sides_is_one_link(reading):
    bundle = with_text(small(), "users.csv", "three,,Three,Example,,,,,,,,", "three,,Three,Example,,,,,,u1,,")

    assert rows_of(reading(bundle), "guardianship", "source_id, line") == [("u3:u1", 2)]


def test_a_student_at_two_schools_belongs_to_both(reading):
    bundle = with_text(small(), "users.csv", "u1,,,true,s1,", 'u1,,,true,"s2, s1",')

    assert rows_of(reading(bundle), "school_enrollment", "source_id, is_primary")[:2] == [
        ("u1:s1", False),
        ("u1:s2", True),
    ]


def test_staff_of_the_district_have_no_school(reading):
    bundle = with_text(small(), "users.csv", "u2,,,true,s1,", "u2,,,true,d1,")

    assert rows_of(reading(bundle), "staff_role", "source_id, school_source_id")[0] == ("u2:d1:teacher", None)


def test_state_and_federal_ids_are_recognized_by_their_form(reading):
    bundle = with_text(small(), "orgs.csv", "First School,school,,d1", "First School,school,0347-01-010,d1")
    bundle = with_text(bundle, "orgs.csv", "Second School,school,,d1", "Second School,school,270001800001,d1")

    assert rows_of(reading(bundle), "school", "state_id, nces_id, identifier") == [
        ("0347-01-010", None, "0347-01-010"),
        (None, "270001800001", "270001800001"),
    ]


@pytest.mark.parametrize(
    ("written", "grade"), [("09", "09"), ("9", "09"), ("K", "KG"), ("Kindergarten", "KG"), ("EC", "EC"), ("nine", None)]
)
@pytest.mark.slow
def test_grades_are_written_as_the_standard_does(reading, written, grade):
    found = reading(with_text(small(), "users.csv", "u3,09,", f"u3,{written},"))

    assert rows_of(found, "student", "source_id, grade")[0] == ("u1", grade)
    assert found.held == 0


@pytest.mark.slow
def test_days_in_other_forms_are_read_where_only_one_reading_is_possible(reading):
    for written in ("2/13/2011", "13.2.2011", "2011/2/13", "20110213", "2011-02-13T00:00:00Z"):
        found = reading(with_text(small(), "demographics.csv", "2011-02-03", written))

        assert rows_of(found, "demographics", "birth_on") == [(date(2011, 2, 13),)]
        assert found.problems == {"date_form": 1}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2/3/2011", "date_ambiguous"),
        ("13/2/11", "date_ambiguous"),
        ("2011-02-30", "date_impossible"),
        ("31/31/2011", "date_impossible"),
        ("1011-02-03", "date_impossible"),
        ("soon", "date_impossible"),
    ],
)
@pytest.mark.slow
def test_days_that_cannot_be_read_in_one_way_are_held(reading, written, code):
    found = reading(with_text(small(), "demographics.csv", "2011-02-03", written))

    assert held(found) == [("demographics", 2, code, "demographics.csv", 2, True)]
    assert found.tables["demographics"] == 0


@pytest.mark.slow
def test_files_are_recognized_by_their_headings_whatever_they_are_called(reading):
    for version in ("1.1", "1.2"):
        renamed = {f"part {number}.csv": content for number, content in enumerate(small(version).values())}

        found = reading(renamed)

        assert found.tables == reading(small(version)).tables
        assert found.problems == {"file_name_other": len(renamed)}


@pytest.mark.slow
def test_a_row_with_unreadable_characters_may_be_taken(reading):
    bundle = small()
    bundle["users.csv"] = bundle["users.csv"].replace(b"four,,Four", b"four,,Fo\x81r")

    waiting = reading(bundle)
    taken = reading(bundle, decisions=[Decision("row_characters", "users.csv", 5, "take")])

    assert [(row[1], row[2]) for row in held(waiting)] == [(5, "row_characters"), (4, "depends_on_held")][::-1]
    assert rows_of(taken, "student", "source_id, given_name")[1] == ("u4", "Fo�r")


def test_a_file_or_folder_whose_name_is_a_pattern_is_only_itself(tmp_path):
    folder = write_folder({**without(small(), "users.csv"), "*.csv": small()["users.csv"]}, tmp_path / "in [1]*?")

    found = read(folder, into=tmp_path / "out [1]*?", known=known(tmp_path / "known [1]*?", student=["u9"]))

    assert found.tables["student"] == 2
    assert found.problems == {"file_name_other": 1}


# --- holding --------------------------------------------------------------------------------------------------------------
def test_all_that_depends_on_a_held_row_is_held_and_knows_it(reading):
    # A term without a possible first day holds both classes; they hold all three enrollments.
    found = reading(with_text(small(), "academicSessions.csv", "Fall,term,2026-08-31", "Fall,term,2026-09-31"))

    root = ("academicSessions.csv", 3, True)
    assert held(found) == [
        ("enrollment", 2, "depends_on_held", *root),
        ("enrollment", 4, "depends_on_held", *root),
        ("section", 2, "depends_on_held", *root),
        ("section", 3, "depends_on_held", *root),
        ("teaching", 3, "depends_on_held", *root),
        ("term", 3, "date_impossible", *root),
    ]
    assert (found.tables["student"], found.tables["section"], found.tables["enrollment"]) == (2, 0, 0)


def test_a_held_student_waits_with_seat_school_and_guardian(reading):
    found = reading(with_text(small(), "users.csv", "one,,One,Example", "one,,One,"))

    assert set(rows_of(found, "waiting")) >= {
        ("student", "u1"),
        ("school_enrollment", "u1:s1"),
        ("guardianship", "u3:u1"),
        ("enrollment", "e1"),
        ("demographics", "u1"),
    }
    assert [row[0] for row in rows_of(found, "student", "source_id")] == ["u4"]


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        # A comma in the name moved the grade out of its column; the surplus field is blank all the same.
        ("u9,,,true,s1,student,nine,,Nine,Exa,mple,,,,,,,09,", "row_width"),
        ("u9,,,true,s1,student,nine,,Nine,Exa,mple,,,,,,u3,09,", "row_width"),
        # The grade stands where it belongs and behind it is nothing: only a surplus comma at the end.
        ("u9,,,true,s1,student,nine,,Nine,Example,,,,,,,09,,", "field_trailing"),
        # Without a grade nothing shows that the names are in their place.
        ("u9,,,true,s1,teacher,nine,,Nine,Example,,,,,,,,,", "row_width"),
    ],
)
@pytest.mark.slow
def test_surplus_fields_are_passed_over_only_when_nothing_can_have_moved(reading, row, outcome):
    found = reading(with_row(small(), "users.csv", row))

    assert found.problems[outcome] == 1
    assert found.held == (outcome == "row_width")


def test_a_surplus_comma_in_every_row_is_passed_over(reading):
    bundle = small()
    first, rest = bundle["users.csv"].split(b"\n", 1)
    bundle["users.csv"] = first + b"\n" + rest.replace(b"\n", b",\n")

    found = reading(bundle)

    assert (dict(found.problems), found.held, found.tables["student"]) == ({"field_trailing": 5}, 0, 2)


def test_what_was_known_of_a_student_whose_row_is_unreadable_waits_too(reading, tmp_path):
    bundle = with_text(small(), "users.csv", "one,,One,Example", "one,,One,Exa,mple")
    earlier = known(
        tmp_path / "known", student=["u1", "u4"], school_enrollment=["u1:s1", "u4:s1"], guardianship=["u3:u1", "u3:u4"]
    )

    found = reading(bundle, known=earlier)

    waiting = rows_of(found, "waiting")
    assert {("student", "u1"), ("school_enrollment", "u1:s1"), ("guardianship", "u3:u1")} <= set(waiting)
    assert not [row for row in waiting if "u4" in row[1]]


def test_a_role_that_waits_for_its_school_still_makes_a_student(reading):
    found = reading(with_text(small("1.2"), "roles.csv", "u1,primary,student,,,s1", "u1,primary,student,,,s404"))

    assert [(row[0], row[2]) for row in held(found)] == [("school_enrollment", "org_unknown")]
    assert rows_of(found, "student", "source_id") == [("u1",), ("u4",)]
    assert rows_of(found, "enrollment", "source_id") == [("e1",), ("e3",)]
    assert ("school_enrollment", "u1:s404") in rows_of(found, "waiting")


def test_every_row_with_a_repeated_id_is_held_and_equal_rows_are_one(reading):
    found = reading(
        with_row(
            small(),
            "users.csv",
            "u4,,,true,s2,student,four,,Four,Example,,,,,,,09,",
            "u1,active,2026-09-01T08:00:00.000Z,true,s1,student,one,,One,Example,,,,,,u3,09,",
        )
    )

    assert counts(found)["users"] == (7, 4, 2, 1)
    assert [(row[1], row[2]) for row in held(found) if row[0] == "student"] == [(5, "id_repeated"), (7, "id_repeated")]
    assert rows_of(found, "left_out", "line, code") == [(8, "row_repeated")]


def test_a_dangling_parent_is_only_noted(reading):
    found = reading(with_text(small(), "academicSessions.csv", "y1,2027", "y404,2027"))

    assert found.problems == {"parent_unknown": 1}
    assert rows_of(found, "term", "source_id, parent_source_id")[0] == ("t1", None)


def test_of_repeated_enrollments_the_first_sound_one_counts(reading):
    found = reading(
        with_row(small(), "enrollments.csv", "e8,,,k1,s1,u4,student,,1/05/2027,", "e9,,,k1,s1,u4,student,,,")
    )

    assert counts(found)["enrollments"] == (5, 4, 1, 0)
    assert ("e9",) in rows_of(found, "enrollment", "source_id")


def test_references_into_an_absent_file_are_noted(reading):
    found = reading(absent(small(), "courses"))

    assert found.problems == {"file_absent": 2}
    assert rows_of(found, "section", "source_id, course_source_id") == [("k1", None), ("k2", None)]


def test_a_promised_file_that_is_missing_is_noted_and_its_dependents_held(reading):
    found = reading(without(small(), "courses.csv"))

    assert found.problems["file_not_there"] == 1
    assert {row[2] for row in held(found)} == {"course_unknown", "depends_on_held"}


# --- decisions ------------------------------------------------------------------------------------------------------------
@pytest.mark.slow
def test_the_same_files_have_the_same_digest_however_packed(tmp_path):
    folder = read(write_folder(small(), tmp_path / "folder"), into=tmp_path / "1")
    packed = read(
        write_zip({f"x/{name}": content for name, content in small().items()}, tmp_path / "a.zip"), into=tmp_path / "2"
    )
    other = read(
        write_zip(with_row(small(), "orgs.csv", "s9,,,New,school,,d1"), tmp_path / "b.zip"), into=tmp_path / "3"
    )

    assert folder.digest == packed.digest != other.digest
    assert [digest(tmp_path / name) for name in ("folder", "a.zip", "b.zip")] == [
        folder.digest,
        packed.digest,
        other.digest,
    ]


@pytest.mark.slow
def test_a_row_is_recognized_wherever_it_stands_and_whenever_it_was_exported(reading):
    first = reading(small())
    moved = small()
    lines = moved["users.csv"].splitlines(keepends=True)
    moved["users.csv"] = b"".join([lines[0], *reversed(lines[1:])]).replace(
        b"u4,,,", b"u4,active,2027-01-01T00:00:00.000Z,"
    )
    again = reading(moved)
    changed = reading(with_text(small(), "users.csv", "Four", "Fore"))

    digests = [dict(rows_of(found, "student", "source_id, digest")) for found in (first, again, changed)]
    assert digests[0] == digests[1]
    assert digests[0]["u1"] == digests[2]["u1"]
    assert digests[0]["u4"] != digests[2]["u4"]


def test_passwords_are_stored_nowhere(tmp_path):
    bundle = with_text(small("1.2"), "users.csv", "u3,09,,", "u3,09,never-keep,")
    bundle = with_text(bundle, "users.csv", "pronouns", "pronouns,ext_studentPassword")
    bundle["users.csv"] = bundle["users.csv"].replace(b",s1,\n", b",s1,,never-keep\n")
    bundle["userProfiles.csv"] = b"sourcedId,userSourcedId,username,password\np1,u1,one,never-keep\n"

    found = read(write_zip(bundle, tmp_path / "a.zip"), into=tmp_path / "out")

    assert found.problems["password_column"] == 1
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".parquet"] * 18
    for path in (tmp_path / "out").iterdir():
        assert "never-keep" not in str(duckdb.sql(f"FROM '{path}'").fetchall())


def test_problems_never_hold_a_value(reading):
    bundle = small()
    for name in list(bundle):
        if name != "manifest.csv":
            bundle = with_row(bundle, name, "Zebulon,Zebulon,Zebulon,Zebulon,Zebulon,Zebulon,Zebulon")
    bundle = with_row(
        bundle, "users.csv", "z1,Zebulon,Zebulon,Zebulon,Zebulon,Zebulon,Zebulon,,Zebulon,,,,,,,Zebulon,Zebulon,"
    )
    bundle = with_row(bundle, "demographics.csv", "u4,,,Zebulon,Zebulon,Zebulon,,,,,,,,,,")

    found = reading(bundle)

    assert found.problems["role_unknown"] == 1
    assert "Zebulon" not in str(rows_of(found, "problems"))


def test_a_refused_bundle_leaves_nothing_behind(tmp_path):
    source = write_zip(with_text(small(), "users.csv", "sourcedId", "id"), tmp_path / "a.zip")

    with pytest.raises(Refused):
        read(source, into=tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []


def test_a_source_that_needs_more_memory_than_given_is_refused_and_leaves_nothing(tmp_path):
    source = write_zip(small(), tmp_path / "a.zip")

    with pytest.raises(Refused) as refused:
        read(source, into=tmp_path / "out", memory_limit="1MB")

    assert refused.value.code == "archive_size"
    assert list((tmp_path / "out").iterdir()) == []
