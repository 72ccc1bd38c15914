"""Borders as neighbors: a drawing small enough to check by eye, and the state's own files."""

import json
from pathlib import Path

import pytest

from commonground.cli import main
from commonground.formats import Refused, digest, read
from commonground.formats.boundaries import adjacency, plain_name, read_borders
from tests.formats.bundles import rows_of
from tests.shared import shared_data


def square(left: float, bottom: float, *, clockwise: bool = False) -> list[list[float]]:
    ring = [[left, bottom], [left + 1, bottom], [left + 1, bottom + 1], [left, bottom + 1], [left, bottom]]
    return ring[::-1] if clockwise else ring


def collection(**squares: list[list[float]]) -> dict:
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
            for name, ring in squares.items()
        ],
    }


# Four unit squares: B is right of A, C is above A, D touches A only in a corner (and B and C along lines).
DRAWN = collection(A=square(0, 0), B=square(1, 0, clockwise=True), C=square(0, 1), D=square(1, 1))


def written(document: object, folder: Path) -> Path:
    path = folder / "borders.json"
    path.write_text(json.dumps(document))
    return path


def test_a_common_line_makes_neighbors_and_a_common_corner_does_not(tmp_path):
    borders = read_borders(written(DRAWN, tmp_path))

    named = {(borders.names[one], borders.names[other]) for one, other in borders.pairs}
    assert named == {("A", "B"), ("A", "C"), ("B", "D"), ("C", "D")}


def test_an_arc_used_from_either_side_makes_neighbors(tmp_path):
    topology = {
        "type": "Topology",
        "arcs": [[], [], []],
        "objects": {
            "districts": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Polygon", "arcs": [[0, 1]], "properties": {"District": "A"}},
                    {"type": "MultiPolygon", "arcs": [[[~1, 2]]], "properties": {"District": "B"}},
                    {"type": "Polygon", "arcs": [], "properties": {"District": "C"}},
                ],
            }
        },
    }

    borders = read_borders(written(topology, tmp_path))

    assert (borders.names, borders.pairs) == (("A", "B", "C"), ((0, 1),))


def test_names_are_matched_without_the_words_that_all_have(tmp_path):
    drawn = collection(**{"St. Cloud Public School District": square(0, 0), "Ada-Borup Schools": square(1, 0)})
    drawn["features"][0]["properties"]["id"] = 27

    found = adjacency(read_borders(written(drawn, tmp_path)), ids={"Saint Cloud": "0742-01", "ADA BORUP": "2854-01"})

    assert found.pairs == (("0742-01", "2854-01"),)
    assert found.unmatched == ()


def test_names_that_match_nothing_are_listed_and_undefined_land_is_not(tmp_path):
    drawn = collection(**{"Nowhere": square(0, 0), "School District Not Defined": square(1, 0), "Here": square(0, 1)})

    found = adjacency(read_borders(written(drawn, tmp_path)), ids={"Here": "0001-01"})

    assert (found.pairs, found.unmatched) == ((), ("Nowhere",))


def test_ids_in_the_file_come_before_names(tmp_path):
    drawn = collection(A=square(0, 0), B=square(1, 0))
    drawn["features"][0]["properties"]["code"] = "0001-03"
    drawn["features"][1]["properties"] |= {"UNI_TYP": "1", "UNI_MAJ": "2"}

    assert adjacency(read_borders(written(drawn, tmp_path)), ids={}).pairs == (("0001-03", "0002-01"),)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"type": "Feature"}', b"\xff\xfe", b'{"type": "FeatureCollection"}', b"[" * 100_000]
)
def test_what_is_no_file_of_borders_is_refused(tmp_path, content):
    path = tmp_path / "borders.json"
    path.write_bytes(content)

    with pytest.raises(Refused) as refused:
        read_borders(path)

    assert refused.value.code == "format_unknown"


def test_the_districts_of_2016_have_925_pairs_and_willmar_six_neighbors():
    borders = read_borders(shared_data("geo", "mn-school-districts", "MN_Districts_2016.topojson"))

    assert (len(borders.names), len(borders.pairs)) == (332, 925)
    willmar = borders.names.index("Willmar Public School District")
    neighbors = {borders.names[other] for pair in borders.pairs if willmar in pair for other in pair} - {
        borders.names[willmar]
    }
    assert {plain_name(name) for name in neighbors} == {
        "acgc",
        "birdislandolivialakelillian",
        "kerkhovenmurdocksunburg",
        "maccray",
        "newlondonspicer",
        "renvillecountywest",
    }


def test_the_districts_of_2012_have_944_pairs():
    borders = read_borders(shared_data("geo", "mn-school-districts", "MN_Districts_2012_25pct.topojson"))

    assert (len(borders.names), len(borders.pairs)) == (338, 944)


def test_borders_go_through_intake_with_lineage(tmp_path):
    reading = read(written(DRAWN, tmp_path), into=tmp_path / "out")

    assert (reading.format, reading.read, reading.accepted, reading.tables) == ("district-borders", 4, 4, {"border": 4})
    assert reading.digest == digest(tmp_path / "borders.json")
    assert rows_of(reading, "border", "source_id, file, line")[0] == ("A|B", "borders.json", 1)


def test_an_area_without_a_name_is_held(tmp_path):
    drawn = collection(A=square(0, 0), B=square(1, 0))
    drawn["features"][1]["properties"] = None

    reading = read(written(drawn, tmp_path), into=tmp_path / "out")

    assert (reading.accepted, reading.held, reading.tables["border"]) == (1, 1, 0)


def test_the_command_prints_each_pair_once_and_fails_for_a_name_it_does_not_know(tmp_path, capsys):
    names = tmp_path / "names.csv"
    names.write_text("id,name\n0001-01,A\n0002-01,B\n0003-01,C\n")
    path = written(DRAWN, tmp_path)

    status = main(["adjacency", str(path), "--names", str(names)])

    printed = capsys.readouterr()
    assert (status, printed.out) == (1, "id,neighbor_id\n0001-01,0002-01\n0001-01,0003-01\n")
    assert "no district is called: D" in printed.err


def test_the_command_knows_every_district_of_2016(capsys):
    path = shared_data("geo", "mn-school-districts", "MN_Districts_2016.topojson")

    assert main(["adjacency", str(path)]) == 0
    pairs = capsys.readouterr().out.splitlines()[1:]
    assert {pair for pair in pairs if "0347-01" in pair} == {
        "0345-01,0347-01",
        "0347-01,0775-01",
        "0347-01,2180-01",
        "0347-01,2396-01",
        "0347-01,2534-01",
        "0347-01,2890-01",
    }
