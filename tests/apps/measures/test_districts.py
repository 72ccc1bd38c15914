"""The page of districts: who may see it, and every figure recomputed from the raw counts."""

import html
import re
from collections import defaultdict
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.signing_in import signed_in, visitor
from tests.west_central import YOUNG, count, raw_rows

from commonground.facts import neighbors

pytestmark = pytest.mark.database
TAGS = re.compile(r"<[^>]+>|\s+")


def words(text: str) -> str:
    return html.unescape(" ".join(TAGS.sub(" ", text).split()))


def page_of(person: str, query: str = "") -> str:
    answer = signed_in(f"{person}@example.org").get(f"/districts/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def cells(page: str, district: str) -> list[str]:
    """The cells of a district's row, as words."""
    row = page.split(f'id="district-{district}"', 1)[1].split("</tr>", 1)[0]
    return [words("<" + cell) for cell in re.split(r"<(?=t[hd])", row)[1:]]


def totals(*, without: tuple[str, ...] = ()) -> dict[str, list[int]]:
    """Protected and all students of each district, added up here."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in raw_rows():
        if row["grade"] not in without:
            found[row["district_id"]][0] += int(row["protected"])
            found[row["district_id"]][1] += int(row["total"])
    return found


def beside(district: str) -> list[str]:
    return [b if a == district else a for a, b in neighbors() if district in (a, b)]


def rounded(share: Fraction, digits: int = 1) -> str:
    """Half up, as people round."""
    scaled = 10**digits * share
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return f"{whole / 10**digits:.{digits}f}"


@pytest.mark.parametrize("query", ["", "?base=K-12", "?base=nonsense"])
def test_every_figure_of_the_table_is_that_of_the_raw_counts(west_central, query):
    page = page_of("dana", query)
    counts = totals(without=("EC", "PK") if query == "?base=K-12" else ())

    for district in west_central:
        protected, total = counts[district]
        shares = {other: Fraction(*counts[other]) for other in beside(district) if other in counts}
        gap = Fraction(protected, total) - min(shares.values())
        row = cells(page, district)
        assert row[1:4] == [f"{protected:,}", f"{total:,}", f"{rounded(100 * Fraction(protected, total))}%"]
        assert f" {rounded(100 * min(shares.values()))}%" in row[4]
        assert row[5] == rounded(100 * gap)
        assert ("Isolated" in row[6]) is (gap > Fraction(1, 5))
        assert row[7:9] == ["no letter recorded", "no change"]


def test_the_heading_is_the_finding_and_calls_it_predicted(west_central):
    page = words(page_of("dana"))

    assert "Predicted: 1 district is racially isolated by our count: Willmar" in page
    # As the state published them: 2,565 of 4,382 and 116 of 1,518.
    assert "2,565 of 4,382" in page
    assert "116 of 1,518" in page
    assert "50.89 points" in page
    assert "the state’s public enrollment table, 2017–18" in page
    assert "So the district is predicted racially isolated." in page


def test_who_adjoins_whom_and_who_takes_part_by_choice(west_central):
    page = page_of("dana")

    for district in ("2396-01", "0775-01", "0345-01"):
        assert cells(page, district)[6] == "Adjoins Willmar"
    # Renville County West, no member, lies 20.4 points above BOLD and 20.8 above MACCRAY: 204 of 563, 111 of 699, 111 of 717.
    for district in ("2534-01", "2180-01"):
        assert cells(page, district)[6] == "Adjoins Renville County West Adjoins Willmar"
    assert cells(page, "0129-01")[6] == "Voluntary"
    assert "lies more than 20 points above BOLD, MACCRAY: by these counts it is isolated too." in words(page)


def test_a_neighbor_without_a_row_is_said(west_central):
    assert "Prinsburg adjoins a member and has no counts here: it is compared with nobody." in words(page_of("dana"))


def test_a_school_is_judged_beside_its_own_district_in_the_same_grades(west_central):
    young = [row for row in raw_rows() if row["district_id"] == "0347-01" and row["grade"] in YOUNG]
    hispanic, protected, total = (sum(int(row[key]) for row in young) for key in ("hispanic", "protected", "total"))
    said = f"({hispanic:,} of {hispanic:,}; district in the same grades {protected:,} of {total:,})"

    is_identifiable = 1 - Fraction(protected, total) > Fraction(1, 5)
    assert (f"Little School 0347-01 {said}" in words(page_of("dana"))) is is_identifiable is True


@pytest.mark.parametrize(("protected", "isolated"), [(29, False), (30, False), (31, True)])
def test_at_below_and_above_twenty_points(west_central, arrange, protected, isolated):
    # Willmar keeps 100 students beside a New London-Spicer of 100 with 10; every other neighbor has more than 10 percent.
    for district, number in (("0347-01", protected), ("0345-01", 10)):
        arrange(
            "with kept as (select s.id, row_number() over (partition by d.hispanic order by s.id) as place, d.hispanic"
            " from roster_student s join roster_demographics d on d.student_id = s.id"
            " join core_organization o on o.id = s.owner_id and o.state_id = %s"
            " where d.hispanic or (d.white and not d.asian)) "
            "update roster_student s set ended_on = '2026-09-01' from core_organization o"
            " where o.id = s.owner_id and o.state_id = %s and s.id not in"
            " (select id from kept where place <= case when hispanic then %s else %s end)",
            [district, district, number, 100 - number],
        )
    count(arrange)
    row = cells(page_of("dana"), "0347-01")

    assert row[1:3] == [str(protected), "100"]
    assert ("Isolated" in row[6]) is isolated
    assert row[5] == str(protected - 10) + ".0"
    assert row[8] != "no change"
    assert "Between 18.5 and 21.5 points: Willmar." in words(page_of("dana"))


def test_a_child_without_a_race_is_left_out_and_told(west_central, arrange):
    arrange(
        "update roster_demographics d set white = null from core_organization o where o.id = d.owner_id and"
        " o.state_id = '0345-01' and d.source_id like '%%/01/white/1'"
    )
    count(arrange)
    page = page_of("dana")

    assert cells(page, "0345-01")[2] == "1,517"
    assert "New London-Spicer: 1 student has no race on file and is left out." in words(page)


def test_director_analyst_and_coordinator_see_the_same_public_counts(west_central):
    seen = {person: cells(page_of(person), "0347-01") for person in ("dana", "ann", "cora")}

    assert seen["dana"] == seen["ann"] == seen["cora"]


def district_id(arrange, state_id: str) -> str:
    return str(arrange("select id from core_organization where state_id = %s and owner_id is null", [state_id])[0][0])


def letter(district: str, decision: str = "isolated", dated_on: str = "2026-11-02") -> dict[str, str]:
    return {"letter-district": district, "letter-decision": decision, "letter-dated_on": dated_on}


def test_a_director_records_letters_and_the_last_one_stands(west_central, world, arrange):
    client = signed_in("dana@example.org")
    for decision, day in (("none", "2026-11-01"), ("isolated", "2026-11-02")):
        answer = client.post("/districts/letters/", letter(district_id(arrange, "0347-01"), decision, day))
        assert (answer.status_code, answer.url) == (302, "/districts/")

    page = page_of("cora")
    assert cells(page, "0347-01")[7] == "RI: racially isolated November 2, 2026"
    # One letter of seven: the heading stays a prediction.
    assert "Predicted: 1 district is racially isolated" in words(page)
    assert arrange("select decision from measures_letter order by recorded_at") == [("none",), ("isolated",)]
    assert (
        arrange("select person_id, organization_id::text from core_event where kind = 'letter.recorded'")
        == [(world.DANA, district_id(arrange, "0347-01"))] * 2
    )


def test_with_every_letter_the_heading_is_the_states(west_central, arrange):
    client = signed_in("dana@example.org")
    for member in west_central:
        decision = "isolated" if member == "0129-01" else "none"
        client.post("/districts/letters/", letter(district_id(arrange, member), decision))

    whole = page_of("dana")
    page = words(whole)
    assert "1 district is racially isolated by the state’s letter: Montevideo" in page
    assert "Predicted: 1 district" not in page
    # The headings of the map and of the members follow the letters; no letter says anything about schools.
    headings = [words(one) for one in re.findall(r"<h2.*?</h2>", whole, re.S)]
    assert [one for one in headings if "Predicted" in one and "school" not in one] == []
    assert "The state’s letters beside our count: the member districts" in headings


def test_a_letter_may_say_isolated_and_adjoining_and_the_chosen_year_stays(west_central, arrange):
    sent = letter(district_id(arrange, "0347-01"), "isolated_adjoining", "2017-11-02")
    answer = signed_in("dana@example.org").post("/districts/letters/?year=2018&base=K-12", sent)

    assert (answer.status_code, answer.url) == (302, "/districts/?year=2018&base=K-12")
    assert cells(page_of("dana", "?year=2018"), "0347-01")[7].startswith("RI, A: isolated and adjoining")


def test_a_year_without_counts_is_no_choice(west_central):
    page = page_of("dana", "?year=2199")

    assert 'value="2199"' not in page
    assert cells(page, "0347-01")[2] == "4,382"


def test_every_school_stands_beside_its_district(west_central, arrange):
    pk = str(arrange("select id from core_organization where name = 'Little School 0347-01'")[0][0])
    young = [row for row in raw_rows() if row["district_id"] == "0347-01" and row["grade"] in YOUNG]
    hispanic, protected, total = (sum(int(row[key]) for row in young) for key in ("hispanic", "protected", "total"))
    beside = Fraction(protected, total)
    page = page_of("dana")
    row = page.split(f'id="school-{pk}"', 1)[1].split("</tr>", 1)[0]
    told = [words("<" + cell) for cell in re.split(r"<(?=t[hd])", row)[1:]]

    assert told[0] == "Little School 0347-01 Willmar"
    assert told[2:6] == [
        f"{hispanic:,} of {hispanic:,}",
        "100.0%",
        f"{rounded(100 * beside)}%",
        rounded(100 * (1 - beside)),
    ]
    assert told[6] == "Identifiable"
    assert "So the school is predicted racially identifiable." in words(page)


def test_the_rule_of_2013_says_that_no_row_names_a_classification(west_central):
    said = "No row of these counts names a classification, so by this rule no school is judged."

    assert said in words(page_of("dana", "?rule=mn-3535-2013"))
    assert said not in words(page_of("dana"))


@pytest.mark.parametrize(
    "changed", [{"letter-dated_on": "2999-01-01"}, {"letter-dated_on": ""}, {"letter-decision": "x"}, {"other": "1"}]
)
def test_a_letter_that_cannot_be_is_not_recorded(west_central, world, arrange, changed):
    sent = letter(district_id(arrange, "0347-01")) | changed
    if "other" in changed:
        sent["letter-district"] = str(world.WEST)  # no member
    answer = signed_in("dana@example.org").post("/districts/letters/", sent)

    assert answer.status_code == 422
    assert arrange("select count(*) from measures_letter") == [(0,)]


@pytest.mark.parametrize("person", ["ann", "cora", "priya", "theo", "lena", "ali", "omar"])
def test_nobody_else_records_letters(world, person):
    client = signed_in(f"{person}@example.org")

    assert client.post("/districts/letters/", letter(str(world.NORTH))).status_code == 403
    assert "/districts/letters/" not in client.get("/districts/").content.decode()


def test_a_recorded_letter_cannot_be_changed(west_central, arrange):
    from django.db.utils import ProgrammingError

    from commonground.apps.measures.models import Letter

    signed_in("dana@example.org").post("/districts/letters/", letter(district_id(arrange, "0347-01")))
    with pytest.raises(ProgrammingError, match="permission denied"):
        Letter.objects.update(decision="none")


@pytest.mark.parametrize("person", ["priya", "theo", "lena", "ali", "omar"])
def test_other_roles_are_denied(world, person):
    assert signed_in(f"{person}@example.org").get("/districts/").status_code == 403


def test_signed_out_it_leads_to_the_sign_in(world):
    answer = visitor().get("/districts/")

    assert (answer.status_code, answer.url) == (302, "/account/sign-in/?next=/districts/")


def test_without_counts_nothing_is_predicted(world):
    page = words(page_of("dana"))

    assert "Nothing can be predicted yet" in page
    assert "North: no file has been counted for this choice, so nothing is said of it." in page


def test_a_roster_without_races_is_counted_and_nothing_is_predicted(world, arrange):
    count(arrange)
    page = words(page_of("dana"))

    assert "Nothing can be predicted yet" in page
    assert "North: 4 students have no race on file and are left out." in page


def test_the_page_asks_at_most_twelve_questions(west_central):
    client = signed_in("dana@example.org")
    with CaptureQueriesContext(connection) as asked:
        client.get("/districts/")

    assert len(asked) <= 12, [query["sql"][:90] for query in asked]


def test_counts_are_read_once_and_a_districts_next_file_anew(west_central, arrange):
    client, read = signed_in("dana@example.org"), []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            before = cells(client.get("/districts/").content.decode(), "0345-01")
        read.append(sum("measures_rostercount" in query["sql"] for query in asked))
    arrange(
        "update roster_student s set ended_on = '2026-09-01' from core_organization o where o.id = s.owner_id"
        " and o.state_id = '0345-01' and s.source_id like '%%/01/white/1'"
    )
    count(arrange)
    after = cells(client.get("/districts/").content.decode(), "0345-01")

    assert read == [1, 0]
    assert (before[1:3], after[1:3]) == (["116", "1,518"], ["116", "1,517"])


def test_no_program_acting_for_a_page_writes_a_letter_past_the_function(world):
    from django.db.utils import ProgrammingError

    from commonground.apps.measures.models import Exemption, Letter
    from commonground.store.walls import enter

    decided = {"collaborative_id": world.COLLABORATIVE, "district_id": world.NORTH, "recorded_by_id": world.DANA}
    letter = Letter(**decided, decision="none", dated_on="2026-11-01", recorded_at="2026-11-01T12:00Z")
    judgment = Exemption(**decided, school_year=2027, applies=True, reason="x", recorded_at="2026-11-01T12:00Z")
    for row in (letter, judgment):
        with pytest.raises(ProgrammingError, match="permission denied"), enter(person=world.DANA, purpose="test"):
            row.save(force_insert=True)


@pytest.mark.parametrize(("person", "district"), [("cora", "NORTH"), ("ann", "NORTH"), ("dana", "WEST")])
def test_the_function_refuses_whoever_does_not_direct_the_districts_collaborative(world, person, district):
    from django.db.utils import ProgrammingError

    from commonground.apps.measures.actions import record_letter
    from commonground.store.walls import enter

    acting = getattr(world, person.upper())
    with pytest.raises(ProgrammingError, match="no such decision"), enter(person=acting, purpose="test"):
        record_letter(
            collaborative_id=world.COLLABORATIVE,
            district_id=getattr(world, district),
            decision="none",
            dated_on="2026-11-01",
            by=acting,
        )


def test_a_district_in_two_collaboratives_gets_its_letter_from_the_director_of_either(west_central, world, arrange):
    other = world.fixed("another-collaborative")
    arrange(
        "insert into core_organization (id, kind, name, file, invented) values (%s, 'collaborative', 'Another', '', true)",
        [other],
    )
    for house in (other, world.fixed("a-third-collaborative")):
        arrange(
            "insert into core_organization (id, kind, name, file, invented) values (%s, 'collaborative', 'X', '', true)"
            " on conflict do nothing",
            [house],
        )
        arrange(
            "insert into core_membership (id, collaborative_id, organization_id, standing, since)"
            " select gen_random_uuid(), %s, id, 'member', '2020-07-01' from core_organization where state_id = '0347-01'"
            " and owner_id is null",
            [house],
        )
    answer = signed_in("dana@example.org").post("/districts/letters/", letter(district_id(arrange, "0347-01")))

    assert answer.status_code == 302
    assert arrange("select collaborative_id from measures_letter") == [(world.COLLABORATIVE,)]
    assert cells(page_of("dana"), "0347-01")[7].startswith("RI: racially isolated")
