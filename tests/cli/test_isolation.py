"""`commonground isolation`: a whole state, recomputed here from the raw counts, and the cases at, below and above the rule."""

import csv
import gzip
import json
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import pytest
from tests.shared import shared_data

from commonground.cli import main

HEAD = "DataYear|districtNumber|districtType|DistrictName|schoolNumber|SchoolName|Grade|AMI_Male|AMI_Female|TotalMinority|TotalStudents|SchoolClassification\n"


def state_file() -> Path:
    return shared_data("enrolment", "mn-2012-13-school-grade", "2012-2013-enrollment-ethnicity.csv.gz")


def isolation(capsys, *words: object) -> dict:
    assert main(["isolation", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def table(folder: Path, *rows: str, name: str = "table.txt") -> Path:
    path = folder / name
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def borders(folder: Path, *pairs: str) -> Path:
    path = folder / "borders.csv"
    path.write_text("id,neighbor_id\n" + "".join(f"{pair}\n" for pair in pairs), encoding="utf-8")
    return path


def one(rows: list[dict], key: str) -> dict:
    (row,) = [row for row in rows if row["id"] == key]
    return row


def test_a_whole_state_equals_the_raw_counts(capsys):
    found = isolation(capsys, state_file(), "--rule", "mn-3535-2013")

    # Recomputed with the csv module alone: school -> grade -> (protected, all, American Indian).
    schools: dict[str, dict[str, tuple[int, int, int]]] = defaultdict(dict)
    with gzip.open(state_file(), "rt", encoding="utf-8", errors="replace", newline="") as opened:
        for row in csv.DictReader(opened, delimiter="|"):
            text = {key: (value or "").strip() for key, value in row.items() if key}
            if text["districtType"] not in ("01", "03") or text["Grade"] == "All Grades":
                continue
            if text["SchoolClassification"] not in ("10", "20", "31", "32", "33") or not int(text["TotalStudents"]):
                continue
            key = f"{text['districtNumber']}-{text['districtType']}-{text['schoolNumber']}"
            native = int(text["AMI_Male"]) + int(text["AMI_Female"])
            schools[key][text["Grade"]] = int(text["TotalMinority"]), int(text["TotalStudents"]), native
    grade_protected: dict[tuple[str, str], int] = defaultdict(int)
    grade_total: dict[tuple[str, str], int] = defaultdict(int)
    for key, grades in schools.items():
        for grade, (protected, total, _) in grades.items():
            grade_protected[key[:7], grade] += protected
            grade_total[key[:7], grade] += total

    assert found["rule"] == "mn-3535-2013"
    assert found["years"] == ["2013"]
    assert {row["id"] for row in found["schools"]} == set(schools)
    for row in found["schools"]:
        grades = schools[row["id"]]
        protected, total, native = (sum(grade[place] for grade in grades.values()) for place in range(3))
        counted = protected - native if native > protected - native else protected
        in_district = Fraction(
            sum(grade_protected[row["id"][:7], grade] for grade in grades),
            sum(grade_total[row["id"][:7], grade] for grade in grades),
        )
        assert (row["protected"], row["protected_counted"], row["total"]) == (protected, counted, total), row["id"]
        assert set(row["grades"]) == set(grades)
        assert row["share"] == counted / total
        assert row["district_share"] == float(in_district)
        assert row["identifiable"] is (Fraction(counted, total) - in_district > Fraction(1, 5)), row["id"]

    for row in found["districts"]:
        own = [grade for key, grade in grade_total if key == row["id"]]
        assert row["protected"] == sum(grade_protected[row["id"], grade] for grade in own)
        assert row["total"] == sum(grade_total[row["id"], grade] for grade in own)
    assert {row["id"] for row in found["districts"]} == {key[:7] for key in schools}


def test_the_west_central_districts_equal_the_raw_counts(capsys):
    path = shared_data("enrolment", "mn-2017-18-west-central", "enrollment_2017_18.csv")
    found = isolation(capsys, path)

    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    with path.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            totals[row["district_id"]][0] += int(row["protected"])
            totals[row["district_id"]][1] += int(row["total"])
    assert {row["id"]: [row["protected"], row["total"]] for row in found["districts"]} == totals
    willmar = one(found["districts"], "0347-01")
    assert (willmar["isolated"], willmar["neighbor"]) == (True, "0345-01")
    # 2,565 of 4,382 less 116 of 1,518, as the state published them.
    assert willmar["gap"] == pytest.approx(2565 / 4382 - 116 / 1518, abs=1e-12)
    assert round(100 * willmar["gap"], 2) == 50.89
    # Prinsburg has no row: MACCRAY is compared with its other neighbors, and the note says so.
    assert "0815-02" in one(found["districts"], "2180-01")["note"]
    assert found["schools"] == []


@pytest.mark.parametrize(("protected", "identifiable"), [(449, False), (450, False), (451, True)])
def test_a_school_at_below_and_above_twenty_points(capsys, tmp_path, protected, identifiable):
    # 450 of 600 is 75 percent; the district's 1,650 of 3,000 is 55 percent: exactly 20 points are not more than 20.
    path = table(
        tmp_path,
        f"17-18|0001|01|OAK|010|ELM   |KG|0|0|{protected}|600|10",
        "17-18|0001|01|OAK|020|ASH   |KG|0|0|1200|2400|10",
    )
    assert one(isolation(capsys, path)["schools"], "0001-01-010")["identifiable"] is identifiable


@pytest.mark.parametrize(("protected", "isolated"), [(29, False), (30, False), (31, True)])
def test_a_district_at_below_and_above_twenty_points(capsys, tmp_path, protected, isolated):
    path = table(
        tmp_path,
        f"17-18|0001|01|OAK|010|ELM|KG|0|0|{protected}|100|10",
        "17-18|0002|01|ASH|010|FIR|KG|0|0|10|100|10",
    )
    found = isolation(capsys, path, "--adjacency", borders(tmp_path, "0002-01,0001-01"))
    assert one(found["districts"], "0001-01")["isolated"] is isolated


def test_the_base_can_turn_the_answer(capsys, tmp_path):
    # Owatonna and its neighbor in 2017-18: 1,348 of 4,976 less 63 of 892 is 20.03; K-12 1,318 of 4,853 less 63 of 875 is 19.96.
    path = table(
        tmp_path,
        "17-18|0761|01|OWATONNA||All of it|EC|0|0|30|123|",
        "17-18|0761|01|OWATONNA||All of it|KG|0|0|1318|4853|",
        "17-18|2168|01|NRHEG||All of it|PK|0|0|0|17|",
        "17-18|2168|01|NRHEG||All of it|KG|0|0|63|875|",
    )
    beside = ("--adjacency", borders(tmp_path, "0761-01,2168-01"))
    assert one(isolation(capsys, path, *beside)["districts"], "0761-01")["isolated"] is True
    found = isolation(capsys, path, *beside, "--base", "K-12")
    assert found["base"] == "K-12"
    assert one(found["districts"], "0761-01")["isolated"] is False


def test_american_indian_students_leave_a_school_only_when_they_outnumber(capsys, tmp_path):
    path = table(
        tmp_path,
        "12-13|0001|01|OAK|010|ELM|KG|30|31|121|200|10",  # 61 against 60 others
        "12-13|0001|01|OAK|020|ASH|KG|30|30|120|200|10",  # 60 against 60: not outnumbered
        "12-13|0001|01|OAK|030|FIR|KG|0|0|0|400|41",  # no school of the listed classifications
    )
    found = isolation(capsys, path, "--rule", "mn-3535-2013")
    assert [(row["id"], row["protected_counted"]) for row in found["schools"]] == [
        ("0001-01-010", 60),
        ("0001-01-020", 120),
    ]
    assert one(found["districts"], "0001-01")["total"] == 400
    # The rule itself never exempts: a person records that judgment.
    assert one(isolation(capsys, path)["schools"], "0001-01-010")["protected_counted"] == 121
    assert [row["id"] for row in isolation(capsys, path, "--classification", "41")["schools"]] == ["0001-01-030"]


def test_every_year_is_judged_for_itself(capsys, tmp_path):
    path = table(
        tmp_path,
        "11-12|0001|01|OAK|010|ELM|KG|0|0|31|100|10",
        "11-12|0002|01|ASH|010|FIR|KG|0|0|10|100|10",
        "12-13|0001|01|OAK|010|ELM|KG|0|0|30|100|10",
        "12-13|0002|01|ASH|010|FIR|KG|0|0|10|100|10",
    )
    found = isolation(capsys, path, "--adjacency", borders(tmp_path, "0001-01,0002-01"))
    assert [(row["year"], row["isolated"]) for row in found["districts"] if row["id"] == "0001-01"] == [
        ("2012", True),
        ("2013", False),
    ]


def test_without_counts_next_door_nothing_is_said(capsys, tmp_path):
    path = table(tmp_path, "17-18|0001|01|OAK|010|ELM|KG|0|0|31|100|10")
    row = one(isolation(capsys, path, "--adjacency", borders(tmp_path, "0001-01,0002-01"))["districts"], "0001-01")
    assert (row["isolated"], row["neighbor"], row["gap"]) == (None, None, None)
    assert row["note"]


def test_a_blank_is_not_zero(capsys, tmp_path):
    path = table(tmp_path, "17-18|0001|01|OAK|010|ELM|KG|0|0|31|100|10", "17-18|0001|01|OAK|010|ELM|01|0|0||90|10")
    assert main(["isolation", str(path), "--json"]) == 0
    said = capsys.readouterr()
    assert one(json.loads(said.out)["schools"], "0001-01-010")["grades"] == ["KG"]
    assert "1 rows do not say" in said.err


@pytest.mark.parametrize("words", [["--rule", "mn-9"], []])
def test_refusals_say_why(capsys, tmp_path, words):
    path = table(tmp_path, "17-18|0001|01|OAK|010|ELM|KG|0|0|31|100|10")
    if not words:
        path.write_text("name,color\nOak,green\n", encoding="utf-8")
    assert main(["isolation", str(path), *words]) == 1
    assert capsys.readouterr().err.startswith("This ")


def test_words_call_it_a_prediction(capsys):
    assert main(["isolation", str(state_file()), "--rule", "mn-3535-2013"]) == 0
    said = capsys.readouterr().out
    assert "These are predictions; the state decides." in said
    assert "Predicted racially isolated:" in said


def test_a_table_without_classifications_is_no_result_for_a_rule_that_asks_for_them(capsys, tmp_path):
    path = table(tmp_path, "12-13|0001|01|OAK|010|ELM|KG|0|0|31|100|")

    assert main(["isolation", str(path), "--rule", "mn-3535-2013"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "no row names a classification" in said.err


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("12-13|0001|01|OAK|010|ELM|KG|0|0|31|100|41", "has a classification of 10, 20, 31, 32, 33"),
        ("12-13|0001|07|OAK||All of it|KG|0|0|31|100|", "no row is of a district that mn-3535-2013 counts"),
    ],
)
def test_nothing_that_counts_is_no_result(capsys, tmp_path, row, why):
    assert main(["isolation", str(table(tmp_path, row)), "--rule", "mn-3535-2013"]) == 1
    assert why in capsys.readouterr().err


def test_a_year_in_which_nothing_counts_is_told_beside_the_others(capsys, tmp_path):
    path = table(
        tmp_path,
        "11-12|0001|01|OAK|010|ELM|KG|0|0|31|100|",
        "12-13|0001|01|OAK|010|ELM|KG|0|0|31|100|10",
    )

    assert main(["isolation", str(path), "--rule", "mn-3535-2013"]) == 0
    assert "School year ending 2012: no row names a classification" in capsys.readouterr().err
