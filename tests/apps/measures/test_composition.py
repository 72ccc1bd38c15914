"""Who is where: every number recomputed from the raw counts, small ones hidden across a district's line and in files."""

# ruff: noqa: F811 - fixtures are taken from other modules

import csv
import io
import re
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.apps.measures.conftest import GROUPS, count, raw_rows
from tests.apps.measures.test_arrivals import ENROLLMENT, PROGRAMS, table  # noqa: F401 - a fixture
from tests.apps.measures.test_districts import rounded, words
from tests.signing_in import signed_in, visitor

from commonground.apps.measures.queries.composition import Line, _guarded

pytestmark = pytest.mark.database
FIGURE = re.compile(r"[\d,]+")


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


def test_grades_are_whole_for_the_own_district_and_guarded_for_others(west_central):
    own, outside = (page_of(person, "?district=0347-01&by=grade") for person in ("cora", "dana"))
    for grade in ("KG", "05", "12"):
        groups = raw(district_id="0347-01", grade=grade)
        assert numbers(line_of(own, grade))[1:8] == [groups[group] for group in GROUPS]
        for group, told in zip(GROUPS, line_of(outside, grade)[2:9], strict=True):
            if groups[group] < 10:
                assert told in ("Fewer than 10", "Hidden to protect another group")
            elif told == "Fewer than 10":
                pytest.fail("ten or more are not fewer than ten")
    assert "Fewer than 10" not in own


def test_a_file_is_guarded_even_for_the_own_district(west_central, arrange):
    client = signed_in("cora@example.org")
    answer = client.get("/districts/composition/file/?district=0347-01&by=grade")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert sum(int(row["students"]) for row in rows) == 4382
    small = [row[group] for row in rows for group in GROUPS if row[group] != "hidden"]
    assert all(int(value) >= 10 for value in small)
    assert arrange("select count(*) from core_event where kind = 'export.made'") == [(1,)]


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
    assert line_of(page_of("dana", "?what=meals"), "9002-01")[2] == "Fewer than 10"
    assert line_of(page_of("otto", "?what=meals"), "9002-01")[2] == "9 22.5%"
    file = signed_in("dana@example.org").get("/districts/composition/file/?what=meals").content.decode()
    assert "South,40,hidden" in file


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


tables = st.lists(st.lists(st.integers(0, 25), min_size=7, max_size=7), min_size=2, max_size=4).filter(
    lambda table: all(sum(row) for row in table)
)


@settings(max_examples=25, deadline=None)
@given(tables)
def test_no_small_count_is_told_and_none_follows_from_its_line_or_column(table):
    lines = [Line(str(n), dict(zip(GROUPS, row, strict=True)), sum(row), str(n)) for n, row in enumerate(table)]
    whole = Line("", {group: sum(row[n] for row in table) for n, group in enumerate(GROUPS)}, sum(map(sum, table)))
    told = _guarded(lines, whole)

    present = [group for group in GROUPS if whole.groups[group]]
    for line, original in zip(told, lines, strict=True):
        for group in present:
            shown = line.groups[group]
            assert shown is None or shown == original.groups[group] >= 10
        hidden = [group for group in present if line.groups[group] is None]
        # A line's total is told: a single hidden count in it would follow by subtraction.
        assert len(hidden) != 1 or len(present) == 1
    for group in present:
        hidden = [line for line in told if line.groups[group] is None]
        assert len(hidden) != 1
