"""Who is where: every number recomputed from the raw counts, small ones hidden across a district's line and in files."""

import csv
import io
import re
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.apps.measures.test_arrivals import ENROLLMENT, PROGRAMS
from tests.apps.measures.test_districts import rounded, words
from tests.signing_in import signed_in, visitor
from tests.west_central import GROUPS, YOUNG, count, raw_rows

pytestmark = pytest.mark.database
FIGURE = re.compile(r"[\d,]+")


@pytest.fixture
def table(tmp_path, sent, world):
    """`table(text)`: North's coordinator sends it and it is applied; `owner` and `by` for somebody else's."""

    def send(text, *, owner=world.NORTH, by=world.CORA):
        path = tmp_path / "table.csv"
        path.write_text(text)
        assert sent(path=path, apply=True, owner=owner, by=by).status == "applied"

    return send


def page_of(person, query=""):
    answer = signed_in(f"{person}@example.org").get(f"/districts/composition/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def line_of(page, key):
    """The cells of a line, as words."""
    row = page.split(f'id="line-{key}"', 1)[1].split("</tr>", 1)[0]
    return [words("<" + cell) for cell in re.split(r"<(?=t[hd])", row)[1:]]


def numbers(cells):
    return [int(FIGURE.search(cell)[0].replace(",", "")) if FIGURE.match(cell) else None for cell in cells[1:]]


def raw(**wanted):
    found = Counter()
    for row in raw_rows():
        if all(row[key] == value for key, value in wanted.items()):
            found.update({group: int(row[group]) for group in GROUPS})
    return found


@pytest.mark.parametrize("person", ["dana", "ann", "cora"])
def test_every_district_is_told_as_the_state_counted_it(west_central, person):
    page = page_of(person)
    whole = Counter()
    for district in west_central:
        groups = raw(district_id=district)
        whole.update(groups)
        told = numbers(line_of(page, district))
        assert told == [groups.total(), *(groups[group] for group in GROUPS), groups.total() - groups["white"]]
        white = line_of(page, district)[8]
        from fractions import Fraction

        assert white.endswith(f" {rounded(100 * Fraction(groups['white'], groups.total()))}%")
    assert whole.total() == 10_273
    assert "33.5% of 10,273 students in the members together are protected" in words(page)


def test_a_district_is_told_school_by_school(west_central, arrange):
    page = page_of("dana", "?district=0347-01")
    schools = dict(arrange("select name, id::text from core_organization where name like '%% School 0347-01'"))
    told = [numbers(line_of(page, pk)) for pk in schools.values()]

    groups = raw(district_id="0347-01")
    assert [sum(column) for column in zip(*told, strict=True)] == [
        groups.total(),
        *(groups[group] for group in GROUPS),
        groups.total() - groups["white"],
    ]


def test_grades_are_told_by_race_in_the_own_district_alone(west_central):
    own, outside = (page_of(person, "?district=0347-01&by=grade") for person in ("cora", "dana"))
    for grade in ("KG", "05", "12"):
        groups = raw(district_id="0347-01", grade=grade)
        assert numbers(line_of(own, grade)) == [
            groups.total(),
            *(groups[group] for group in GROUPS),
            groups.total() - groups["white"],
        ]
        # One and the same word, small or not, so that no word says which of them are small.
        assert line_of(outside, grade)[1:] == [str(groups.total()), *["hidden"] * 8]
    assert "hidden" not in words(own)


def test_what_the_state_publishes_by_grade_is_told_to_everyone(west_central):
    page = page_of("dana", "?district=0347-01&by=grade&year=2018")

    assert numbers(line_of(page, "12"))[1:8] == [raw(district_id="0347-01", grade="12")[group] for group in GROUPS]


def test_a_schools_small_count_does_not_follow_from_its_districts(west_central, arrange):
    # The district's kindergarten has 43 Hispanic children, school A 40 of them: B's 3 would follow by subtraction, and
    # the district's 43 by subtracting every other member from all members. So no page but the own district's tells any.
    lines = [("0347-01", "KG", "hispanic", f"{size} School 0347-01", n) for size, n in (("Big", 40), ("Little", 3))]
    arrange("update roster_student set ended_on = now()")
    from tests.west_central import STUDENTS

    lines = [(*line[:3], line[3], line[4]) for line in lines]
    arrange("delete from roster_demographics")
    arrange("delete from roster_schoolenrollment")
    arrange(
        STUDENTS.replace("concat_ws('/', school, grade, race, n)", "concat_ws('/', school, grade, race, n, 'two')"),
        [list(column) for column in zip(*lines, strict=True)],
    )
    count(arrange)
    schools = [str(pk) for (pk,) in arrange("select id from core_organization where name like '%% School 0347-01'")]
    questions = ["by=grade", "by=grade&district=0347-01"]
    questions += [f"by=grade&district=0347-01&school={school}" for school in schools]
    for person in ("dana", "ann", "otto"):
        for question in (*questions, *(f"{one}&base=K-12" for one in questions)):
            page = page_of(person, f"?{question}")
            if 'id="line-KG"' in page:
                assert set(line_of(page, "KG")[2:]) == {"hidden"}, question
            file = signed_in(f"{person}@example.org").get(f"/districts/composition/file/?{question}").content.decode()
            assert all(set(row[2:]) == {"hidden"} for row in list(csv.reader(io.StringIO(file)))[1:])
    assert numbers(line_of(page_of("cora", f"?{questions[1]}"), "KG"))[:5] == [43, 0, 0, 0, 43]


def test_a_file_is_guarded_even_for_the_own_district(west_central, arrange):
    client = signed_in("cora@example.org")
    answer = client.get("/districts/composition/file/?district=0347-01&by=grade")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert sum(int(row["students"]) for row in rows) == 4382
    assert {row[column] for row in rows for column in (*GROUPS, "protected")} == {"hidden"}
    assert arrange("select count(*) from core_event where kind = 'export.made'") == [(1,)]


def foot_of(page):
    """The cells of the last line, all together."""
    row = page.split("<tfoot>", 1)[1].split("</tfoot>", 1)[0]
    return [words("<" + cell) for cell in re.split(r"<(?=t[hd])", row)[1:]]


def test_early_childhood_by_race_does_not_follow_from_two_choices_of_grades(west_central, arrange):
    # Early childhood to grade 12 less kindergarten to grade 12 is early childhood: in Willmar 161 children, some groups of 1.
    early = raw(district_id="0347-01", grade="EC") + raw(district_id="0347-01", grade="PK")
    assert early.total() == 4382 - 4221
    assert 0 < min(number for number in early.values() if number) < 10
    big = str(arrange("select id from core_organization where name = 'Big School 0347-01'")[0][0])
    year = "2027"
    for person in ("dana", "ann"):
        for question, line in (
            ("", "0347-01"),
            ("district=0347-01", big),
            ("district=0347-01&by=year", year),
            ("by=year", year),
            ("by=grade&district=0347-01", "KG"),
        ):
            page = page_of(person, f"?{question}&base=K-12")
            assert set(line_of(page, line)[2:]) == {"hidden"}, question
            assert set(foot_of(page)[2:]) == {"hidden"} if "<tfoot>" in page else "year" in question
            file = signed_in(f"{person}@example.org").get(f"/districts/composition/file/?{question}&base=K-12")
            told = {row[0]: row[2:] for row in csv.reader(io.StringIO(file.content.decode()))}
            name = {"0347-01": "Willmar", big: "Big School 0347-01", year: "2026–27", "KG": "Kindergarten"}[line]
            assert set(told[name]) == {"hidden"}


def test_the_heading_over_years_says_which_share_is_hidden(west_central):
    assert "in 2017–18, hidden in 2026–27" in words(page_of("dana", "?by=year&base=K-12"))
    assert "33.5% in 2017–18, 33.5% in 2026–27" in words(page_of("dana", "?by=year"))


def test_from_kindergarten_on_is_told_where_it_tells_nothing_more(west_central, arrange):
    little = str(arrange("select id from core_organization where name = 'Little School 0347-01'")[0][0])
    young = Counter()
    for grade in YOUNG:
        young["hispanic"] += raw(district_id="0347-01", grade=grade)["hispanic"]
    # A school without early childhood is told as before; so are public tables, and the own district in its own page.
    assert numbers(line_of(page_of("dana", "?district=0347-01&base=K-12"), little))[4] == young["hispanic"]
    own = raw(district_id="0347-01") - raw(district_id="0347-01", grade="EC") - raw(district_id="0347-01", grade="PK")
    for person, question in (("cora", ""), ("dana", "&year=2018"), ("cora", "&year=2018")):
        told = numbers(line_of(page_of(person, f"?base=K-12{question}"), "0347-01"))
        assert told[:8] == [own.total(), *(own[group] for group in GROUPS)]


def test_from_kindergarten_on_early_childhood_is_left_out(west_central):
    page = page_of("dana", "?base=K-12")

    assert numbers(line_of(page, "0347-01"))[0] == 4221


def test_over_years_only_those_in_which_all_have_counts(west_central, arrange):
    # Rosters stand in 2026-27, the shipped public counts in 2017-18; both say the same here.
    page = page_of("dana", "?by=year")
    assert numbers(line_of(page, "2018"))[0] == numbers(line_of(page, "2027"))[0] == 10_273

    arrange(
        "delete from measures_countedfile where owner_id = (select id from core_organization where state_id = '0347-01' and owner_id is null)"
    )
    assert 'id="line-2027"' not in page_of("dana", "?by=year")


def test_meals_and_language_come_from_the_public_table_and_small_ones_do_not(table, world, arrange):
    assert "no public table tells it yet" in words(page_of("dana", "?what=meals"))
    table(ENROLLMENT)
    table(PROGRAMS)

    assert line_of(page_of("dana", "?what=english"), "9002-01")[1:] == ["40", "12 30.0%"]
    assert line_of(page_of("dana", "?what=english"), "9001-01")[2] == "not in the table"
    assert line_of(page_of("dana", "?what=meals"), "9002-01")[2] == "hidden"
    assert line_of(page_of("otto", "?what=meals"), "9002-01")[2] == "9 22.5%"
    file = signed_in("dana@example.org").get("/districts/composition/file/?what=meals").content.decode()
    assert "South,40,hidden" in file


def test_a_table_from_outside_the_collaborative_changes_nobodys_numbers(table, west, world):
    table(ENROLLMENT)
    table(PROGRAMS)
    # West is no member; its coordinator sends other numbers for everybody.
    forged = {"owner": world.WEST, "by": west}
    table(ENROLLMENT.replace("|40|0|10", "|41|1|10"), **forged)
    table(PROGRAMS.replace("|40|9|", "|40|30|").replace("|12|11", "|33|33"), **forged)

    assert line_of(page_of("dana", "?year=2013"), "9002-01")[1] == "40"
    assert line_of(page_of("dana", "?what=english"), "9002-01")[2] == "12 30.0%"


def test_a_table_of_one_district_leaves_the_others_numbers(table, world):
    table(ENROLLMENT)
    table(PROGRAMS)
    head, north, *_rest = PROGRAMS.splitlines(keepends=True)
    table(head + north.replace("|25|10|", "|25|14|"))

    page = page_of("dana", "?what=meals")
    assert line_of(page, "9001-01")[2] == "hidden"  # 18 of 25 leave 7
    assert line_of(page_of("cora", "?what=meals"), "9001-01")[2] == "18 72.0%"
    assert line_of(page_of("dana", "?what=english"), "9002-01")[2] == "12 30.0%"


def test_a_blank_is_not_in_the_table_and_never_zero(table, world):
    # North's second line has no number of Black students; the table's own total and protected stand.
    table(ENROLLMENT.replace("|||20||10", "|||20|0|10"))
    line = line_of(page_of("dana", "?year=2013"), "9001-01")

    # American Indian 1, white 39 of 45; Black unknown; no column at all for the other groups.
    assert line[1:4] == ["45", "1 2.2%", "not in the table"]
    assert line[4] == "not in the table"
    assert line[8:10] == ["39 86.7%", "6"]
    assert line_of(page_of("dana", "?by=year&district=9001-01"), "2013")[4] == "not in the table"
    mixing = words(signed_in("dana@example.org").get("/districts/mixing/?year=2013").content.decode())
    assert "North: its table does not tell every group" in mixing


def test_a_table_of_five_groups_says_who_is_counted_as_asian(table, world):
    five = ENROLLMENT.replace("BLK_Male|BLK_Female", "API_Male|API_Female")
    table(five)

    assert "Asian counts Pacific Islander students too" in words(page_of("dana", "?year=2013"))
    assert "Asian counts Pacific Islander students too" not in words(page_of("dana", "?year=2018"))


def test_whole_district_rows_beside_school_rows_count_once(table, world):
    table(ENROLLMENT + "12-13|9002|01|SOUTH      |000|SOUTH  |01|0|0|20|20|0|0|40|0|10\n")

    assert line_of(page_of("dana", "?year=2013"), "9002-01")[1] == "40"


@pytest.mark.parametrize("what", ["meals", "special"])
def test_a_file_hides_the_small_programs_of_the_own_district_too(table, world, what):
    table(ENROLLMENT)
    table(PROGRAMS.replace("|12|11", "|12|9"))
    otto = signed_in("otto@example.org")
    query = f"?what={what}&district=9002-01"

    # On the page South's own coordinator sees 9 of 40; in the file, which leaves, nobody does.
    page = words(page_of("otto", query))
    assert "9 22.5%" in page
    assert "Counts of fewer than 10 students are hidden" not in page
    file = otto.get(f"/districts/composition/file/{query}").content.decode()
    assert "ELM,40,hidden" in file
    assert "South,40,hidden" in otto.get(f"/districts/composition/file/?what={what}").content.decode()


@pytest.mark.parametrize("person", ["priya", "theo", "lena", "ali", "omar"])
@pytest.mark.parametrize("path", ["composition/", "composition/file/", "mixing/"])
def test_other_roles_are_denied(world, person, path):
    assert signed_in(f"{person}@example.org").get(f"/districts/{path}").status_code == 403


def test_signed_out_they_lead_to_the_sign_in(world):
    for path in ("composition/", "mixing/"):
        assert visitor().get(f"/districts/{path}").status_code == 302


def test_another_collaboratives_district_is_not_told(west_central, arrange):
    # Otto's South is in no collaborative now: he sees nobody's counts.
    page = words(page_of("otto", "?district=0347-01"))

    assert "No counts" in page
    assert "4,382" not in page


@pytest.mark.parametrize(
    "path",
    [
        "",
        "composition/",
        "composition/?by=grade",
        "composition/?by=year",
        "composition/?what=meals",
        "composition/?district=0347-01",
        "mixing/",
    ],
)
def test_each_page_asks_at_most_twelve_questions(west_central, path):
    client = signed_in("dana@example.org")
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/districts/{path}").status_code == 200

    assert len(asked) <= 12, [query["sql"][:90] for query in asked]


def test_a_name_from_a_file_is_no_formula(west_central, arrange):
    arrange("update core_organization set name = '=1+1' where name = 'Little School 0347-01'")
    count(arrange)
    file = signed_in("dana@example.org").get("/districts/composition/file/?district=0347-01").content.decode()

    assert "'=1+1," in file
