"""OneRoster bundles that tell changes alone: they lean on what was accepted earlier."""

import pytest

from tests.formats.bundles import (
    as_delta,
    held,
    known,
    rows_of,
    small,
    with_row,
    with_text,
    without,
)


def test_a_delta_may_refer_to_what_was_accepted_earlier(reading, tmp_path):
    bundle = as_delta(
        without(small(), "orgs.csv", "academicSessions.csv", "courses.csv", "classes.csv", "demographics.csv")
    )
    bundle = with_text(bundle, "manifest.csv", "file.orgs,delta", "file.orgs,absent")
    earlier = known(
        tmp_path / "known", school=["s1", "s2"], org=["d1"], section=["k1", "k2"], term=["t1"], course=["c1"]
    )

    alone, together = reading(bundle), reading(bundle, known=earlier)

    assert alone.tables["enrollment"] == 0
    assert (together.held, together.tables["enrollment"], together.tables["teaching"]) == (0, 2, 1)


def test_what_a_delta_ends_is_no_longer_there(reading, tmp_path):
    bundle = as_delta(small())
    bundle = with_text(bundle, "classes.csv", "k1,,", "k1,tobedeleted,")

    found = reading(bundle, known=known(tmp_path / "known", section=["k1"]))

    assert rows_of(found, "left_out", '"table", source_id, code') == [("section", "k1", "to_be_deleted")]
    assert {(row[0], row[2]) for row in held(found)} == {("enrollment", "class_unknown"), ("teaching", "class_unknown")}


def test_a_complete_bundle_does_not_lean_on_what_was_there(reading, tmp_path):
    bundle = with_text(small(), "enrollments.csv", "e1,,,k1,s1,u1", "e1,,,k1,s1,u77")

    found = reading(bundle, known=known(tmp_path / "known", student=["u77"]))

    assert [(row[1], row[2]) for row in held(found)] == [(2, "user_unknown")]


@pytest.mark.slow
def test_a_known_student_needs_no_role_in_a_delta(reading, tmp_path):
    bundle = as_delta(without(small("1.2"), "roles.csv", "users.csv", "demographics.csv", "enrollments.csv"))
    bundle["users.csv"] = small("1.2")["users.csv"].split(b"\nu2")[0] + b"\n"
    bundle = with_text(bundle, "manifest.csv", "file.roles,delta", "file.roles,absent")

    alone = reading(bundle)
    together = reading(bundle, known=known(tmp_path / "known", student=["u1"], school=["s1"]))

    assert [row[2] for row in held(alone)] == ["role_missing"]
    assert rows_of(together, "student", "source_id, given_name") == [("u1", "One")]


@pytest.mark.slow
def test_what_a_file_says_of_a_person_counts_more_than_what_was(reading, tmp_path):
    earlier = known(tmp_path / "known", staff=["u4"])

    for bundle in (small(), as_delta(small())):
        found = reading(bundle, known=earlier)

        assert ("u4",) in rows_of(found, "student", "source_id")
        assert ("u4",) not in rows_of(found, "staff", "source_id")


def test_a_deleted_role_of_a_student_is_known_by_student_and_school(reading):
    bundle = with_row(as_delta(small("1.2")), "roles.csv", "r9,tobedeleted,,u1,secondary,student,,,s2,")

    assert rows_of(reading(bundle), "left_out", '"table", source_id') == [("school_enrollment", "u1:s2")]


def test_an_organization_that_is_no_school_is_known_by_its_own_file(reading, tmp_path):
    bundle = as_delta(with_text(small(), "users.csv", "u2,,,true,s1,", "u2,,,true,d1,"))
    bundle = with_text(without(bundle, "orgs.csv"), "manifest.csv", "file.orgs,delta", "file.orgs,absent")

    found = reading(bundle, known=known(tmp_path / "known", school=["s1"], org=["d1"]))

    assert found.problems == {}
    assert ("u2:d1:teacher", None) in rows_of(found, "staff_role", "source_id, school_source_id")


# --- digests, privacy -----------------------------------------------------------------------------------------------------
