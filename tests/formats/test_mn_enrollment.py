"""Minnesota's enrollment tables: published totals, and the traps of the layout."""

import csv
import gzip
from pathlib import Path

import duckdb
import pytest

from commonground.formats import Reading, Refused, digest, read, recognize
from tests.formats.bundles import rows_of
from tests.shared import shared_data

HEAD = (
    "DataYear|districtNumber|districtType|DistrictName|schoolNumber|SchoolName|Grade|AMI_Male|AMI_Female|WHT_Male|WHT_Female|"
    "TotalMinority|TotalStudents|SchoolClassification\n"
)
ROW = "12-13|0001|01|AITKIN   |001|AITKIN SECONDARY    |07|1|2|10|20|3|33|33\n"


def table(text: str, folder: Path, *, name: str = "table.txt") -> Reading:
    source = folder / name
    source.write_bytes(text.encode())
    return read(source, into=folder / "out")


def one(reading: Reading, columns: str) -> tuple:
    (row,) = rows_of(reading, "enrollment_count", columns)
    return row


def totals(reading: Reading, columns: str, where: str = "TRUE") -> tuple:
    found = duckdb.sql(f"SELECT {columns} FROM '{reading.table('enrollment_count')}' WHERE {where}").fetchone()
    assert found
    return found


def state(name: str, into: Path) -> Reading:
    return read(shared_data("enrolment", "mn-2012-13-school-grade", f"2012-2013-enrollment-{name}.csv.gz"), into=into)


def test_a_padded_row_is_read_with_full_ids(tmp_path):
    reading = table(HEAD + ROW, tmp_path)

    assert one(reading, "school_year, district_id, district_name, school_id, school_name, classification, grade") == (
        "2013",
        "0001-01",
        "AITKIN",
        "0001-01-001",
        "AITKIN SECONDARY",
        "33",
        "07",
    )
    # 1 + 2 girls and boys; 10 + 20; the table has no column for other groups, which is not zero.
    assert one(reading, "american_indian, white, black, protected, total, line") == (3, 30, None, 3, 33, 2)
    assert reading.school_years == ("2013",)
    assert reading.digest == digest(tmp_path / "table.txt")


def test_the_state_of_2012_13_adds_up_to_what_was_published(tmp_path):
    reading = state("ethnicity", tmp_path)

    # Minnesota Department of Education, enrollment 2012-13, All Grades: 845,177 students, 228,384 of them protected.
    assert totals(reading, "sum(total), sum(protected)") == (845_177, 228_384)
    assert totals(reading, "sum(american_indian), sum(asian), sum(hispanic), sum(black), sum(white)") == (
        19_352,
        57_843,
        61_417,
        89_772,
        616_793,
    )
    assert totals(reading, "count(DISTINCT district_id), count(DISTINCT school_id)") == (518, 2169)
    assert totals(reading, "bool_and(has_five_groups)") == (True,)
    assert (reading.read, reading.accepted, reading.held, reading.left_out) == (13_177, 13_177 - 2_169, 0, 2_169)
    assert totals(reading, "count(DISTINCT school_id), sum(total), sum(protected)", "district_id = '0347-01'") == (
        9,
        4197,
        1835,
    )


def test_blank_counts_of_the_state_are_unknown_and_not_zero(tmp_path):
    reading = state("special-populations", tmp_path)

    with gzip.open(
        shared_data("enrolment", "mn-2012-13-school-grade", "2012-2013-enrollment-special-populations.csv.gz"), "rt"
    ) as opened:
        rows = [row for row in csv.DictReader(opened, delimiter="|") if row["Grade"] != "All Grades"]
    for column, head in {
        "free_meals": "FreeK12",
        "reduced_meals": "RedK12",
        "english_learners": "LEPIdentifiedK12",
        "special_education": "SPEK12",
    }.items():
        blanks = sum(not row[head].strip() for row in rows)
        zeros = sum(row[head].strip() == "0" for row in rows)
        assert totals(reading, f"count(*) - count({column}), count(*) FILTER (WHERE {column} = 0)") == (blanks, zeros)
        assert blanks > 0
    assert totals(reading, "sum(k12_total), sum(free_meals), sum(reduced_meals)") == (830_482, 257_894, 60_235)
    assert totals(reading, "sum(english_learners), sum(special_education)") == (65_083, 111_221)


def test_west_central_2017_18_has_10_273_students(tmp_path):
    reading = read(shared_data("enrolment", "mn-2017-18-west-central", "enrollment_2017_18.csv"), into=tmp_path)

    members = "('0347-01', '0345-01', '0129-01', '2396-01', '2534-01', '0775-01', '2180-01')"
    assert totals(reading, "sum(total)", f"district_id IN {members}") == (10_273,)
    groups = "sum(american_indian), sum(asian), sum(black), sum(hispanic), sum(pacific_islander), sum(two_or_more), sum(white)"
    # Willmar by group, from the state's table.
    assert totals(reading, groups, "district_id = '0347-01'") == (20, 95, 886, 1492, 16, 56, 1817)
    assert totals(reading, "count(school_id), bool_or(has_five_groups)") == (0, False)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_change_nothing(tmp_path, encoding, end):
    source = tmp_path / "table"
    source.write_bytes((HEAD + ROW.replace("AITKIN  ", "ÅITKIN  ")).replace("\n", end).encode(encoding))

    assert one(read(source, into=tmp_path / "out"), "district_name, total, line") == ("ÅITKIN", 33, 2)


@pytest.mark.parametrize("sign", [",", "\t", ";"])
def test_other_signs_between_fields_are_recognized(tmp_path, sign):
    assert one(table((HEAD + ROW).replace("|", sign), tmp_path), "total") == (33,)


def test_rows_of_all_grades_are_left_out(tmp_path):
    reading = table(HEAD + ROW + ROW.replace("|07|", "|All Grades|"), tmp_path)

    assert (reading.read, reading.accepted, reading.left_out) == (2, 1, 1)
    assert rows_of(reading, "left_out", "line, code") == [(3, "total_row")]


def test_one_table_may_hold_several_years(tmp_path):
    reading = table(HEAD + ROW + ROW.replace("12-13", "2013-2014"), tmp_path)

    assert reading.school_years == ("2013", "2014")
    assert reading.accepted == 2


def test_numbers_that_lost_their_zeros_find_them_again(tmp_path):
    reading = table(HEAD + ROW.replace("|0001|01|", "|1|1|").replace("|001|", "|1|"), tmp_path)

    assert one(reading, "district_id, school_id") == ("0001-01", "0001-01-001")


def test_a_district_row_has_no_school(tmp_path):
    assert one(table(HEAD + ROW.replace("|001|", "|000|"), tmp_path), "district_id, school_id") == ("0001-01", None)


def test_hidden_counts_are_unknown_and_named(tmp_path):
    reading = table(HEAD + ROW.replace("|1|2|", "|*|2|"), tmp_path)

    assert one(reading, "american_indian, white, total, suppressed") == (None, 30, 33, "american_indian")
    assert reading.problems == {"count_suppressed": 1}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("|10|20|", "|ten|20|", "count_unreadable"),
        ("|10|20|", "|10.5|20|", "count_unreadable"),
        ("|10|20|", "|-10|20|", "count_unreadable"),
        ("|0001|01|", "|   |01|", "id_missing"),
        ("|07|", "||", "id_missing"),
        ("|33|33", "|33|33|1", "row_width"),
        ("AITKIN SECONDARY    |", "AITKIN| SECONDARY    |", "row_width"),
    ],
)
def test_rows_that_cannot_be_trusted_are_held(tmp_path, old, new, code):
    reading = table(HEAD + ROW.replace(old, new), tmp_path)

    assert rows_of(reading, "held", '"table", line, code') == [("enrollment_count", 2, code)]
    assert (reading.accepted, reading.tables["enrollment_count"]) == (0, 0)


def test_groups_that_do_not_add_up_are_noted(tmp_path):
    reading = table(HEAD + ROW.replace("|3|33|33", "|3|34|33"), tmp_path)

    assert reading.problems == {"totals_differ": 1}
    assert one(reading, "total") == (34,)


def test_a_school_and_grade_twice_is_one_row_or_held(tmp_path):
    same = table(HEAD + ROW + ROW, tmp_path)
    (tmp_path / "2").mkdir()
    other = table(HEAD + ROW + ROW.replace("|10|20|3|33|", "|10|21|3|34|"), tmp_path / "2")

    assert (same.accepted, same.left_out, other.held) == (1, 1, 2)


def test_a_packed_bomb_is_refused(tmp_path):
    source = tmp_path / "bomb.gz"
    with gzip.open(source, "wb") as packed:
        packed.write((HEAD + ROW).encode() + b"0" * 20_000_000)

    with pytest.raises(Refused) as refused:
        read(source, into=tmp_path / "out")

    assert refused.value.code == "archive_ratio"


def test_a_roster_is_no_enrollment_table(tmp_path):
    source = tmp_path / "table.csv"
    source.write_text("sourcedId,grade,name\n1,07,Ana\n")

    with pytest.raises(Refused) as refused:
        recognize(source)

    assert refused.value.code == "format_unknown"


@pytest.mark.parametrize(
    ("written", "year"),
    [
        ("98-99", "1999"),
        ("99-00", "2000"),
        ("79-80", "1980"),
        ("78-79", "2079"),
        ("12-13", "2013"),
        ("1998-99", "1999"),
    ],
)
def test_two_digits_of_a_year_from_80_on_are_of_the_last_century(tmp_path, written, year):
    assert table(HEAD + ROW.replace("12-13", written), tmp_path).school_years == (year,)


GROUPS_ONLY = "districtNumber|districtType|schoolNumber|Grade|AMI|ASN|BLK|HIS|WHT\n"


def test_a_table_of_groups_without_a_total_is_added_up(tmp_path):
    # 1 + 2 + 3 + 4 protected and 10 white are 20.
    reading = table(GROUPS_ONLY + "1|1|1|07|1|2|3|4|10\n", tmp_path)

    assert one(reading, "protected, total") == (10, 20)


@pytest.mark.parametrize(("white", "protected"), [("", 10), ("*", 10)])
def test_no_total_is_made_of_a_blank_or_hidden_group(tmp_path, white, protected):
    reading = table(GROUPS_ONLY + f"1|1|1|07|1|2|3|4|{white}\n1|1|1|08|1||3|4|5\n", tmp_path)

    assert rows_of(reading, "enrollment_count", "grade, protected, total") == [
        ("07", protected, None),
        ("08", None, None),
    ]


def test_no_total_is_made_of_some_groups_only(tmp_path):
    reading = table("districtNumber|districtType|Grade|AMI|WHT\n1|1|07|1|10\n", tmp_path)

    assert one(reading, "protected, total") == (None, None)


def test_a_table_that_is_not_utf_8_says_so(tmp_path):
    source = tmp_path / "table"
    source.write_bytes((HEAD + ROW.replace("AITKIN  ", "ÅITKIN  ")).encode("cp1252"))
    mixed = tmp_path / "mixed"
    row = ROW.replace("AITKIN  ", "ÅITKIN  ")
    mixed.write_bytes(HEAD.encode() + row.encode() + row.replace("|07|", "|08|").encode("cp1252"))

    of_one, of_both = read(source, into=tmp_path / "one"), read(mixed, into=tmp_path / "both")

    assert rows_of(of_one, "problems", "code, outcome, line") == [("encoding_other", "note", 0)]
    assert rows_of(of_both, "problems", "code, outcome, line") == [("encoding_mixed", "note", 3)]
