"""What a person decides about held rows of a OneRoster bundle: releases, readings of a day, repeated rows."""

from datetime import date

import pytest

from commonground.formats import Decision
from tests.formats.bundles import (
    counts,
    held,
    rows_of,
    small,
    with_row,
    with_text,
)


def test_a_released_row_brings_its_dependents_along(reading):
    bundle = with_text(small(), "classes.csv", "k1,,,Art 1,09,c1", "k1,,,Art 1,09,c404")
    waiting = reading(bundle)

    released = reading(bundle, decisions=[Decision("course_unknown", "classes.csv", 2, "leave_empty")])

    assert (waiting.held, released.held) == (3, 0)
    assert rows_of(released, "section", "source_id, course_source_id") == [("k1", None), ("k2", "c1")]
    assert rows_of(released, "problems", "code, severity, outcome") == [("course_unknown", "warning", "note")]
    assert released.read == released.accepted


@pytest.mark.parametrize(("choice", "day"), [("month_first", date(2011, 2, 3)), ("day_first", date(2011, 3, 2))])
@pytest.mark.slow
def test_a_person_decides_how_a_day_is_read(reading, choice, day):
    bundle = with_text(small(), "demographics.csv", "2011-02-03", "2/3/2011")

    found = reading(bundle, decisions=[Decision("date_ambiguous", "demographics.csv", None, choice)])

    assert rows_of(found, "demographics", "birth_on") == [(day,)]


def test_a_decided_day_may_still_be_before_the_first(reading):
    bundle = with_row(small(), "enrollments.csv", "e9,,,k1,s1,u4,student,,2027-03-01,2/4/2027")

    found = reading(bundle, decisions=[Decision("date_ambiguous", "enrollments.csv", 5, "month_first")])

    assert [(row[1], row[2]) for row in held(found)] == [(5, "dates_reversed")]


def test_a_name_may_be_left_empty(reading):
    bundle = with_text(small(), "users.csv", "four,,Four,Example", "four,,Four,")

    found = reading(bundle, decisions=[Decision("name_missing", "users.csv", 5, "leave_empty")])

    assert rows_of(found, "student", "source_id, given_name, family_name")[1] == ("u4", "Four", None)


def test_the_last_of_repeated_rows_may_be_taken(reading):
    bundle = with_row(small(), "users.csv", "u4,,,true,s2,student,four,,Fourth,Example,,,,,,,10,")

    found = reading(bundle, decisions=[Decision("id_repeated", "users.csv", 5, "take_last")])

    assert counts(found)["users"] == (6, 5, 0, 1)
    assert rows_of(found, "student", "source_id, given_name, grade, line")[1] == ("u4", "Fourth", "10", 7)
    assert rows_of(found, "left_out", "line, code") == [(5, "row_repeated")]
    assert found.held == 0


def test_a_choice_that_the_code_does_not_offer_is_an_error(reading):
    with pytest.raises(ValueError, match="user_unknown offers"):
        reading(small(), decisions=[Decision("user_unknown", "enrollments.csv", 2, "leave_empty")])


def test_a_decision_about_another_line_changes_nothing(reading):
    bundle = with_text(small(), "users.csv", "four,,Four,Example", "four,,Four,")

    found = reading(bundle, decisions=[Decision("name_missing", "users.csv", 99, "leave_empty")])

    assert found.held == 2


# --- deltas ---------------------------------------------------------------------------------------------------------------
