"""The borders drawn as crossed are those of two districts more than 20 points apart, and no others."""

import csv
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import combinations, pairwise

import pytest
from tests.shared import shared_data
from tests.signing_in import signed_in

from commonground.facts import districts

pytestmark = pytest.mark.database
Pair = frozenset[str]
WEST_CENTRAL = ("enrolment", "mn-2017-18-west-central", "enrollment_2017_18.csv")
# Who adjoins each member, as the note beside the shared table says it. Prinsburg has no row.
ADJOINS = {
    "Willmar": "Atwater-Cosmos-Grove City, New London-Spicer, Renville County West, Kerkhoven-Murdock-Sunburg, MACCRAY, BOLD",
    "Atwater-Cosmos-Grove City": "New London-Spicer, Willmar, Buffalo Lake-Hector-Stewart, Eden Valley-Watkins, Paynesville, Hutchinson,"
    " Litchfield, BOLD",
    "BOLD": "Atwater-Cosmos-Grove City, Willmar, Cedar Mountain, Redwood Area, Renville County West, Buffalo Lake-Hector-Stewart",
    "Kerkhoven-Murdock-Sunburg": "Benson, Belgrade-Brooten-Elrosa, New London-Spicer, Willmar, MACCRAY",
    "MACCRAY": "Benson, Willmar, Yellow Medicine East, Renville County West, Kerkhoven-Murdock-Sunburg, Montevideo",
    "Montevideo": "Benson, Dawson-Boyd, Yellow Medicine East, Lac qui Parle Valley, MACCRAY",
    "New London-Spicer": "Belgrade-Brooten-Elrosa, Atwater-Cosmos-Grove City, Willmar, Kerkhoven-Murdock-Sunburg, Paynesville",
}
STATE = ("enrolment", "mn-2012-13-school-grade", "2012-2013-enrollment-ethnicity.csv.gz")
BORDERS = ("geo", "mn-school-districts", "MN_Districts_2016.topojson")
# Six districts of the Twin Cities, as the state numbers them.
METRO = {
    "Edina": "0273-01",
    "Hopkins": "0270-01",
    "Minneapolis": "0001-03",
    "Richfield": "0280-01",
    "Robbinsdale": "0281-01",
    "St. Louis Park": "0283-01",
}


def apart(shares: Mapping[str, Fraction], pairs: Iterable[Pair]) -> set[Pair]:
    """The pairs whose shares differ by strictly more than 20 points."""
    return {pair for pair in pairs if pair <= set(shares) and max(gaps(shares, pair)) > Fraction(1, 5)}


def gaps(shares: Mapping[str, Fraction], pair: Pair) -> list[Fraction]:
    one, other = (shares[key] for key in pair)
    return [one - other, other - one]


def corners(path: str) -> list[tuple[str, str]]:
    return [(x, y) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path)]


def edges(path: str) -> set[frozenset[tuple[str, str]]]:
    """The straight pieces of an outline, each without a direction."""
    found = set()
    for ring in path.split("Z"):
        places = corners(ring)
        around = [*places, places[0]] if places and "Z" in path else places
        found |= {frozenset(piece) for piece in pairwise(around) if piece[0] != piece[1]}
    return found


def drawn(query: str = "") -> set[Pair]:
    """Names of the two districts on either side of each thick line, read from the lines themselves."""
    answer = signed_in("dana@example.org").get(f"/districts/{query}")
    drawing = answer.context["map"].drawing
    shown = answer.content.decode()
    assert re.findall(r'<path class="cross" d="([^"]+)"', shown) == list(drawing.crossed)
    outlines = {one.region.name: edges(one.path) for one in drawing.regions}
    assert all(f'd="{one.path}"' in shown for one in drawing.regions)
    found = set()
    for line in drawing.crossed:
        sides = {name for name, outline in outlines.items() if edges(line) <= outline}
        assert len(sides) == 2, sides
        found.add(frozenset(sides))
    return found


def told(query: str = "") -> set[Pair]:
    """The pairs that the words under the map name."""
    return listed(words_of(query), "crossed by more than 20 points")


def words_of(query: str) -> str:
    return str(signed_in("dana@example.org").get(f"/districts/{query}").context["map"].telling.words)


def listed(words: str, said: str) -> set[Pair]:
    """The pairs that stand behind what is said of them."""
    pairs = words.split(f"{said}: ", 1)[1].split(". On the map", 1)[0].rstrip(".")
    return {frozenset(pair.split(" – ")) for pair in pairs.split("; ")}


@pytest.mark.parametrize(("query", "without"), [("", ()), ("?base=K-12", ("EC", "PK")), ("?year=2018", ())])
def test_the_crossed_borders_are_the_pairs_more_than_twenty_points_apart(west_central, query, without):
    counts = defaultdict(lambda: [0, 0])
    with shared_data(*WEST_CENTRAL).open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            if row["grade"] not in without:
                counts[row["district"]][0] += int(row["protected"])
                counts[row["district"]][1] += int(row["total"])
    shares = {name: Fraction(*numbers) for name, numbers in counts.items()}
    assert {name for names in ADJOINS.values() for name in names.split(", ")} | set(ADJOINS) == set(shares)
    pairs = {frozenset({one, other}) for one, names in ADJOINS.items() for other in names.split(", ")}

    crossed = apart(shares, pairs)

    assert 0 < len(crossed) < len(pairs)
    assert drawn(query) == told(query) == crossed


@pytest.fixture
def metro(world, arrange, sent):
    """Six districts of the Twin Cities are Dana's members, and the state's table of 2012-13 is applied.

    `metro(path)` has a file of borders sent for Edina and applied.
    """
    arrange("delete from core_membership")
    arrange(
        "insert into core_membership (id, collaborative_id, organization_id, standing, since)"
        " select gen_random_uuid(), %s, id, 'member', '2010-07-01' from core_organization"
        " where owner_id is null and state_id = any(%s)",
        [world.COLLABORATIVE, list(METRO.values())],
    )
    ((edina,),) = arrange("select id from core_organization where owner_id is null and state_id = %s", [METRO["Edina"]])
    arrange("update core_rolegrant set organization_id = %s where person_id = %s", [edina, world.CORA])

    def send(path):
        batch = sent(path=path, apply=True, owner=edina, by=world.CORA)
        assert batch.status == "applied"

    send(shared_data(*STATE))
    return send


@pytest.fixture
def shares() -> dict[str, Fraction]:
    """Protected students as a part of all, of every district in the state's table of 2012-13, by the name on the page."""
    counts = defaultdict(lambda: [0, 0])
    names = {one.id: one.name for one in districts().values()}
    with gzip.open(shared_data(*STATE), "rt", encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened, delimiter="|"):
            district = names.get(f"{row['districtNumber']}-{row['districtType']}")
            if row["Grade"] != "All Grades" and district:
                counts[district][0] += int(row["TotalMinority"])
                counts[district][1] += int(row["TotalStudents"])
    return {name: Fraction(*numbers) for name, numbers in counts.items() if numbers[1]}


def arcs_of(geometry) -> set[int]:
    """The numbers of an area's arcs, whichever way round each is drawn."""
    if isinstance(geometry, int):
        return {max(geometry, ~geometry)}
    return set().union(*map(arcs_of, geometry))


def test_with_a_real_file_of_borders_they_are_drawn_for_districts_that_are_not_west_central(metro, shares):
    metro(shared_data(*BORDERS))
    areas = json.loads(shared_data(*BORDERS).read_text())["objects"]["districts"]["geometries"]
    arcs = {
        re.sub(r" (Public School|School|Area).*", "", one["properties"]["name"]): arcs_of(one["arcs"]) for one in areas
    }
    assert set(METRO) <= set(arcs)
    # Two areas adjoin where they share an arc; at least one of them is a member.
    pairs = {
        frozenset({one, other})
        for one, other in combinations(arcs, 2)
        if {one, other} & set(METRO) and arcs[one] & arcs[other] and "School District Not Defined" not in (one, other)
    }

    crossed = apart(shares, pairs)

    assert {name for pair in pairs for name in pair} <= set(shares)
    assert any(not pair <= set(METRO) for pair in crossed)
    assert drawn("?year=2013") == told("?year=2013") == crossed
    lines = signed_in("dana@example.org").get("/districts/?year=2013").context["map"].telling.lines
    assert "Borders: bundle.zip, file 2" in lines


def test_the_pairs_of_a_generated_file_of_borders_take_the_place_of_the_shipped_ones(metro, shares, tmp_path):
    # By this file the districts lie in a row, each beside the next.
    row = ["Edina", "Minneapolis", "Robbinsdale", "Hopkins", "Richfield", "St. Louis Park"]
    path = tmp_path / "borders.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [square(n, x) for x, n in enumerate(row)]}))
    metro(path)

    crossed = apart(shares, map(frozenset, pairwise(row)))

    # Hopkins and St. Louis Park touch Richfield nowhere on the map of 2016: of them no line can be drawn, and words say so.
    nowhere = {frozenset({"Hopkins", "Richfield"}), frozenset({"Richfield", "St. Louis Park"})}
    assert told("?year=2013") == crossed
    assert drawn("?year=2013") == crossed - nowhere
    assert listed(words_of("?year=2013"), "so no line is drawn") == crossed & nowhere
    assert crossed & nowhere
    assert frozenset({"Edina", "Minneapolis"}) in crossed
    assert frozenset({"Edina", "Richfield"}) not in crossed


def square(name: str, x: int) -> dict:
    ring = [[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]]
    return {"type": "Feature", "properties": {"NAME": name}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
