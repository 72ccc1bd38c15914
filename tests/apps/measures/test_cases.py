"""The cases of the rule on the page itself, each from a public table that went through intake. Counts of students at the
edge are the state's own for 2017-18 where a district is named; what is invented is said."""

import re
from fractions import Fraction

import pytest
from tests.apps.measures.test_districts import cells, page_of, rounded, words

pytestmark = pytest.mark.database
HEAD = "DataYear|districtNumber|districtType|DistrictName|schoolNumber|SchoolName|Grade|AMI_Male|BLK_Male|WHT_Male|TotalStudents|TotalMinority|SchoolClassification\n"


def row(place, grade, protected, total, *, native=0, school="", name="", year="17-18", classification=""):
    """A line of the state's table: protected students are American Indian or, for these tests, Black."""
    number, kind = place.split("-")
    return (
        f"{year}|{number}|{kind}|D{number}   |{school}|{name}|{grade}|{native}|{protected - native}|{total - protected}"
        f"|{total}|{protected}|{classification}\n"
    )


@pytest.fixture
def told(world, arrange, sent, tmp_path):
    """`told(members, lines)`: these districts are Dana's members, and this public table is applied."""

    def tell(members, lines):
        arrange("delete from core_membership")
        arrange(
            "insert into core_membership (id, collaborative_id, organization_id, standing, since)"
            " select gen_random_uuid(), %s, id, 'member', '2024-07-01' from core_organization"
            " where owner_id is null and state_id = any(%s)",
            [world.COLLABORATIVE, list(members)],
        )
        # Cora coordinates the first of them: none but members say what Dana's pages show.
        owner = arrange("select id from core_organization where owner_id is null and state_id = %s", [members[0]])[0][0]
        arrange("update core_rolegrant set organization_id = %s where person_id = %s", [owner, world.CORA])
        path = tmp_path / "enrollment.txt"
        path.write_text(HEAD + "".join(lines))
        assert sent(path=path, apply=True, owner=owner, by=world.CORA).status == "applied"
        return page_of("dana", "?year=2018")

    return tell


@pytest.mark.parametrize(
    ("case", "here", "there", "isolated", "points", "near"),
    [
        # Owatonna beside New Richland-Hartland-Ellendale-Geneva, early childhood to grade 12.
        ("4", ("0761-01", 1348, 4976), ("2168-01", 63, 892), True, "20.0", True),
        ("6", ("0833-01", 6189, 18924), ("0200-01", 558, 4416), True, "20.1", True),
        ("7", ("0709-01", 2076, 8844), ("0381-01", 63, 1388), False, "18.9", True),
        ("9", ("0347-01", 2565, 4382), ("0345-01", 116, 1518), True, "50.9", False),
        # Invented: one below, at and above the edge, and where it matters that numbers are whole: 0.9 - 0.7 > 0.2 in floats.
        ("below", ("0347-01", 299, 1000), ("0345-01", 100, 1000), False, "19.9", True),
        ("at", ("0347-01", 300, 1000), ("0345-01", 100, 1000), False, "20.0", True),
        ("above", ("0347-01", 301, 1000), ("0345-01", 100, 1000), True, "20.1", True),
        ("float", ("0761-01", 9, 10), ("2168-01", 7, 10), False, "20.0", True),
    ],
)
def test_a_district_at_the_edge(told, case, here, there, isolated, points, near):
    page = told([here[0]], [row(here[0], "01", *here[1:]), row(there[0], "01", *there[1:])])
    line = cells(page, here[0])
    gap = Fraction(*here[1:]) - Fraction(*there[1:])

    assert line[1:4] == [f"{here[1]:,}", f"{here[2]:,}", f"{rounded(100 * Fraction(*here[1:]))}%"]
    assert line[5] == points == rounded(100 * gap)
    assert ("Isolated" in line[6]) is isolated is (gap > Fraction(1, 5))
    assert ("Between 18.5 and 21.5 points:" in words(page)) is near
    assert ("Nobody is in the warning band" in words(page)) is not near


def test_the_base_turns_owatonna(told):
    # Cases 4 and 5: with early childhood 1,348 of 4,976 beside 63 of 892; without it 1,318 of 4,853 beside 63 of 875.
    told(
        ["0761-01"],
        [
            row("0761-01", "EC", 30, 123),
            row("0761-01", "05", 1318, 4853),
            row("2168-01", "EC", 0, 17),
            row("2168-01", "05", 63, 875),
        ],
    )

    assert "Isolated" in cells(page_of("dana", "?year=2018"), "0761-01")[6]
    from_kindergarten = cells(page_of("dana", "?year=2018&base=K-12"), "0761-01")
    assert from_kindergarten[1:3] == ["1,318", "4,853"]
    assert "Isolated" not in from_kindergarten[6]


def test_exactly_twenty_points_shows_both_readings(told):
    page = words(told(["0347-01"], [row("0347-01", "01", 300, 1000), row("0345-01", "01", 100, 1000)]))

    assert "Predicted: no member is racially isolated by our count" in page
    assert "By the department's wording (at least 20 points; " in page
    assert "the answer would be the opposite. The rule is followed here." in page


def test_five_students_here_or_next_door(told):
    # 298 of 1,000 beside 100 of 1,000: five more here make 303, a gap of 20.3. Next door five more only close the gap.
    page = told(["0347-01", "0345-01"], [row("0347-01", "01", 298, 1000), row("0345-01", "01", 100, 1000)])
    assert cells(page, "0347-01")[8] == "here would change it"

    # 303 beside 100: five more next door make 105, a gap of 19.8.
    page = told(["0347-01"], [row("0347-01", "01", 303, 1000, year="17-18"), row("0345-01", "01", 100, 1000)])
    assert cells(page, "0347-01")[8] == "next door would change it"


def test_cloquet_is_a_candidate_and_a_person_records_the_judgment(told, arrange, world):
    # Case 8: 743 of 2,625 with 328 American Indian beside Esko's 90 of 1,267 with 5; Cromwell-Wright's counts are invented.
    from tests.signing_in import signed_in

    told(
        ["0094-01"],
        [
            row("0094-01", "01", 743, 2625, native=328),
            row("0099-01", "01", 90, 1267, native=5),
            row("0095-01", "01", 30, 267, native=20),
        ],
    )
    page = words(page_of("dana", "?year=2018"))
    without = Fraction(743 - 328, 2625) - Fraction(10, 267)
    assert f"21.20 points above its lowest neighbor; {rounded(100 * without, 2)} points when only other" in page
    assert "No judgment is recorded." in page
    assert "The state’s letter is not recorded." in page

    district = str(arrange("select id from core_organization where state_id = '0094-01' and owner_id is null")[0][0])
    sent = {
        "exemption-place": f"{district}/",
        "exemption-applies": "yes",
        "exemption-reason": "The parent committee agreed.",
    }
    dana = signed_in("dana@example.org")
    assert dana.post("/districts/exemptions/?year=2018", sent | {"exemption-reason": " "}).status_code == 422
    assert dana.post("/districts/exemptions/?year=2018", sent).status_code == 302
    assert signed_in("ann@example.org").post("/districts/exemptions/?year=2018", sent).status_code == 403

    page = words(page_of("ann", "?year=2018"))
    assert "Judged: the exemption applies. The parent committee agreed." in page
    assert re.search(r"Recorded by Dana Director, \w+ \d+, \d{4}\.", page)
    # The judgment stands beside the count, which stays what it is, and belongs to its school year.
    assert "Predicted: 1 district is racially isolated by our count: Cloquet" in page
    assert "Judged:" not in words(page_of("ann", "?year=2013"))
    assert arrange("select person_id from core_event where kind = 'exemption.judged'") == [(world.DANA,)]


def test_a_school_identifiable_through_american_indian_students_alone_gets_a_judgment_of_its_own(told, arrange):
    # Invented: Oak 60 of 100 with 45 American Indian, its district 100 of 400 in the same grade; without them 15 of 100.
    from tests.signing_in import signed_in

    told(
        ["0094-01"],
        [
            row("0094-01", "01", 60, 100, native=45, school="010", name="Oak"),
            row("0094-01", "01", 40, 300, school="020", name="Elm"),
            row("0099-01", "01", 90, 400),
        ],
    )
    page = page_of("dana", "?year=2018")
    assert "35.00 points above its district in the same grades; -10.00 points when only its other" in words(page)
    assert "No judgment is recorded." in words(page)

    (place,) = re.findall(r'<option value="([^"]+/0094-01-010)"[^>]*>[^<]*: Oak<', page)
    sent = {"exemption-place": place, "exemption-applies": "no", "exemption-reason": "No program of its own."}
    dana = signed_in("dana@example.org")
    for elsewhere in (place.replace("-010", "-020"), place.split("/")[0] + "/"):
        assert dana.post("/districts/exemptions/?year=2018", sent | {"exemption-place": elsewhere}).status_code == 422
    assert dana.post("/districts/exemptions/?year=2018", sent).status_code == 302

    page = words(page_of("ann", "?year=2018"))
    assert "Judged: the exemption does not apply. No program of its own." in page
    assert arrange("select school, applies from measures_exemption") == [("0094-01-010", False)]


def test_a_letter_of_another_school_year_does_not_decide_this_one(told, arrange):
    from tests.signing_in import signed_in

    told(["0347-01"], [row("0347-01", "01", 300, 1000), row("0345-01", "01", 100, 1000)])
    district = str(arrange("select id from core_organization where state_id = '0347-01' and owner_id is null")[0][0])
    letter = {"letter-district": district, "letter-decision": "isolated", "letter-dated_on": "2018-02-01"}
    assert signed_in("dana@example.org").post("/districts/letters/?year=2018", letter).status_code == 302

    assert "1 district is racially isolated by the state’s letter: Willmar" in words(page_of("dana", "?year=2018"))
    assert "the state’s letter: Willmar" not in words(page_of("dana"))


@pytest.mark.parametrize("lines", [[], [row("2168-01", "01", 0, 0)]])
def test_without_a_neighbor_that_has_students_nothing_is_determined(told, lines):
    page = told(["0761-01"], [row("0761-01", "01", 300, 1000), *lines])

    assert "cannot be said" in cells(page, "0761-01")[6]
    assert "Nothing can be predicted yet" in words(page)


def test_a_member_without_students_is_not_determined(told):
    page = told(["0761-01"], [row("0761-01", "01", 0, 0), row("2168-01", "01", 100, 1000)])

    assert cells(page, "0761-01")[3] == "–"
    assert "cannot be said" in cells(page, "0761-01")[6]


def school(number, name, grade, protected, total, *, native=0, classification="10"):
    return row(
        "0347-01", grade, protected, total, school=number, name=name, native=native, classification=classification
    )


@pytest.mark.parametrize(("protected", "district", "identifiable"), [(450, 1650, False), (451, 1651, True)])
def test_a_school_at_and_above_twenty_points_of_its_district(told, protected, district, identifiable):
    # Cases 1 and 2: a school of 600 in a district of 3,000 in the same grades: 75.0 against 55.0 percent, then 20.13 points.
    page = told(
        ["0347-01"],
        [
            school("010", "Oak", "KG", protected, 600),
            school("020", "Elm", "KG", 1200, 2400),
            school("030", "Ash", "09", 0, 500),
        ],
    )
    assert Fraction(protected, 600) - Fraction(district, 3000) - Fraction(1, 5) == (
        Fraction(1, 750) if identifiable else 0
    )

    said = f"Oak ({protected} of 600; district in the same grades {district:,} of 3,000)"
    assert (said in words(page)) is identifiable


def test_the_only_school_of_its_grades_is_never_identifiable(told):
    # Case 3: it is compared with itself.
    page = words(told(["0347-01"], [school("010", "Oak", "KG", 600, 600), school("020", "Elm", "09", 0, 600)]))

    assert "Willmar none of 2 schools" in page


def test_the_rule_of_2013_counts_classified_schools_and_lets_american_indian_students_out(told):
    told(
        ["0347-01"],
        [
            # 40 American Indian of 50 protected: they outnumber the other ten and leave its numerator.
            school("010", "Oak", "KG", 50, 100, native=40),
            school("020", "Elm", "KG", 0, 100),
            # An area learning center is no school of this rule, so its children count for nothing.
            school("030", "Center", "KG", 100, 100, classification="41"),
            row("0345-01", "KG", 0, 100, school="010", name="Fir", classification="10"),
        ],
    )
    in_force, of_2013 = (page_of("dana", f"?year=2018&rule={rule}") for rule in ("mn-3535", "mn-3535-2013"))

    assert cells(in_force, "0347-01")[1:3] == ["150", "300"]
    assert cells(of_2013, "0347-01")[1:3] == ["50", "200"]
    assert "Center (100 of 100; district in the same grades 150 of 300)" in words(in_force)
    assert "Oak (" not in words(of_2013)
    assert "Willmar none of 2 schools" in words(of_2013)


def test_a_blank_is_unknown_and_said(told):
    blank = row("0347-01", "02", 0, 10).replace("|0|0|10|10|0|", "||||10||")
    page = words(told(["0347-01"], [row("0347-01", "01", 300, 1000), blank, row("0345-01", "01", 100, 1000)]))

    assert "1 row of the public table does not say how many students are protected" in page


def borders(tmp_path, *names):
    import json

    from tests.apps.measures.test_arrivals import square

    path = tmp_path / "borders.geojson"
    areas = [square(name, x) for x, name in enumerate(names)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": areas}))
    return path


LINES = (row("0347-01", "01", 300, 1000), row("0709-01", "01", 0, 1000), row("0345-01", "01", 300, 1000))


def test_borders_that_a_member_sent_take_the_place_of_those_that_ship(told, sent, tmp_path, world, arrange):
    told(["0347-01"], LINES)
    willmar = arrange("select organization_id from core_rolegrant where person_id = %s", [world.CORA])[0][0]
    sent(path=borders(tmp_path, "Willmar", "Duluth"), apply=True, owner=willmar, by=world.CORA)
    page = page_of("dana", "?year=2018")

    assert cells(page, "0347-01")[4].startswith("Duluth 0.0%")
    assert "Borders: bundle.zip, file 2" in words(page)


def test_borders_that_do_not_name_every_member_are_not_used(told, sent, tmp_path, world, arrange):
    told(["0347-01", "2396-01"], LINES)
    willmar = arrange("select organization_id from core_rolegrant where person_id = %s", [world.CORA])[0][0]
    sent(path=borders(tmp_path, "Willmar", "Duluth"), apply=True, owner=willmar, by=world.CORA)
    page = page_of("dana", "?year=2018")

    # By the borders that ship the lowest neighbor is Atwater-Cosmos-Grove City, 92 of 832 by the counts that ship.
    assert cells(page, "0347-01")[4].startswith("Atwater-Cosmos-Grove City 11.1%")
    assert "The borders in bundle.zip, file 2, do not name every member, so they are not used" in words(page)


def test_borders_from_outside_the_collaborative_are_nobodys(told, sent, tmp_path):
    told(["0347-01"], LINES)
    sent(path=borders(tmp_path, "Willmar", "Duluth"), apply=True)

    assert cells(page_of("dana", "?year=2018"), "0347-01")[4].startswith("Atwater-Cosmos-Grove City 11.1%")
