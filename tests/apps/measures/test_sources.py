"""A number leads to the lines it was counted from, no more and no fewer of them."""

import html
import re

import pytest
from tests.apps.measures.test_cases import row, told  # noqa: F401 - a fixture
from tests.apps.measures.test_districts import cells, page_of, words
from tests.formats.bundles import small, with_row
from tests.signing_in import signed_in

pytestmark = pytest.mark.database


def addresses(page, district):
    """Of a district's row the addresses behind the protected and the enrolled."""
    found = page.split(f'id="district-{district}"', 1)[1].split("</tr>", 1)[0]
    return [html.unescape(address) for address in re.findall(r'href="([^"]+)"', found)][:2]


def lines(address):
    """The stretches of lines of a source page, as its table tells them."""
    answer = signed_in("dana@example.org").get(address)
    assert answer.status_code == 200
    body = answer.content.decode().split('id="lines"', 1)[1].split("<tbody>", 1)[1].split("</tbody>", 1)[0]
    return [[words("<" + cell) for cell in re.split(r"<(?=t[hd])", line)[1:]] for line in body.split("</tr>")[:-1]]


@pytest.mark.parametrize("query", ["", "?base=K-12"])
def test_as_many_lines_are_told_as_students_were_counted(sent, world, arrange, query):
    arrange(
        "insert into core_membership (id, collaborative_id, organization_id, standing, since)"
        " values (gen_random_uuid(), %s, %s, 'member', '2020-07-01')",
        [world.COLLABORATIVE, world.WEST],
    )
    bundle = small()
    # Two more with a race, one of them in prekindergarten; the bundle itself has one white child and one without a race.
    flags = {"p1": "false,false,true,false,false,false,false", "p2": "false,false,false,false,true,false,true"}
    for name, grade in (("p1", "PK"), ("p2", "09")):
        bundle = with_row(bundle, "users.csv", f"{name},,,true,s1,student,{name},,P,Example,,,,,,,{grade},")
        bundle = with_row(bundle, "demographics.csv", f"{name},,,2011-02-03,female,{flags[name]},,,,")
    sent(bundle, apply=True)
    page = page_of("dana", query)
    numbers = [int(cell) for cell in cells(page, "9003-01")[1:3]]

    assert numbers == ([1, 2] if query else [2, 3])
    told_lines = [lines(address) for address in addresses(page, "9003-01")]
    assert [sum(int(one[3]) for one in found) for found in told_lines] == numbers
    assert {one[0] for one in told_lines[0]} == {"demographics.csv"}
    assert {one[0] for one in told_lines[1]} == {"users.csv"}


def test_a_public_tables_number_leads_to_the_lines_of_its_year_and_grades(told):  # noqa: F811
    told(
        ["0347-01"],
        [
            row("0347-01", "EC", 5, 20),  # line 2
            row("0347-01", "01", 300, 1000),
            row("0347-01", "02", 1, 10).replace("|0|1|9|10|1|", "||||10||"),  # blank: who is protected is unknown
            row("0347-01", "03", 30, 100),
            row("0347-01", "01", 300, 1000, year="16-17"),
            row("0345-01", "01", 100, 1000),
        ],
    )
    whole, from_kindergarten = (page_of("dana", f"?year=2018{more}") for more in ("", "&base=K-12"))

    assert [one[2] for one in lines(addresses(whole, "0347-01")[1])] == ["2–3", "5"]
    assert [one[2] for one in lines(addresses(from_kindergarten, "0347-01")[1])] == ["3", "5"]
    assert cells(whole, "0347-01")[2] == "1,120"
    assert cells(from_kindergarten, "0347-01")[2] == "1,100"


def test_of_a_district_told_by_schools_only_the_rules_schools_are_told(told):  # noqa: F811
    told(
        ["0347-01"],
        [
            row("0347-01", "01", 20, 200, school="010", name="Oak", classification="10"),
            row("0347-01", "01", 10, 100, school="030", name="Center", classification="41"),
            row("0345-01", "01", 0, 100, school="010", name="Fir", classification="10"),
        ],
    )
    in_force, of_2013 = (page_of("dana", f"?year=2018&rule={rule}") for rule in ("mn-3535", "mn-3535-2013"))

    assert [one[2] for one in lines(addresses(in_force, "0347-01")[1])] == ["2–3"]
    assert [one[2] for one in lines(addresses(of_2013, "0347-01")[1])] == ["2"]
