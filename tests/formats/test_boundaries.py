"""Borders as neighbors: a drawing small enough to check by eye, and the state's own files."""

import json
import subprocess
import sys
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


def test_a_school_year_is_no_district_id(tmp_path):
    drawn = collection(A=square(0, 0), B=square(1, 0))
    for feature in drawn["features"]:
        feature["properties"] |= {"year": "2016-17", "id": "2016-17"}

    found = adjacency(read_borders(written(drawn, tmp_path)), ids={"A": "0001-01", "B": "0002-01"})

    assert found.pairs == (("0001-01", "0002-01"),)


def test_a_school_year_without_names_leaves_areas_unmatched(tmp_path):
    drawn = collection(A=square(0, 0), B=square(1, 0))
    for feature, year in zip(drawn["features"], ("2015-16", "2016-17"), strict=True):
        feature["properties"] = {"year": year}

    found = adjacency(read_borders(written(drawn, tmp_path)), ids={})

    assert (found.pairs, found.unmatched) == ((), ("", ""))


def test_one_id_for_areas_of_different_names_is_no_id(tmp_path):
    drawn = collection(A=square(0, 0), B=square(1, 0))
    for feature in drawn["features"]:
        feature["properties"]["region"] = "0347-01"

    assert read_borders(written(drawn, tmp_path)).ids == (None, None)


def test_a_district_drawn_as_two_areas_keeps_its_id(tmp_path):
    drawn = collection(A=square(0, 0), B=square(1, 0), C=square(2, 0))
    for feature, name, number in zip(drawn["features"], "ABA", ("0001-01", "0002-01", "0001-01"), strict=True):
        feature["properties"] = {"name": name, "code": number}

    assert adjacency(read_borders(written(drawn, tmp_path)), ids={}).pairs == (("0001-01", "0002-01"),)


def test_the_numbers_of_the_state_come_before_any_other_id(tmp_path):
    drawn = collection(A=square(0, 0))
    drawn["features"][0]["properties"] |= {"code": "0009-01", "UNI_TYP": "01", "UNI_MAJ": "347"}

    assert read_borders(written(drawn, tmp_path)).ids == ("0347-01",)


def test_a_district_whose_lines_meet_no_other_is_named(tmp_path, capsys):
    # B's left edge is drawn with a corner in the middle, A's right edge without one: the two do not meet.
    drawn = collection(A=square(0, 0), B=square(1, 0), C=square(2, 0))
    drawn["features"][1]["geometry"]["coordinates"][0].insert(4, [1, 0.5])
    path = written(drawn, tmp_path)
    names = tmp_path / "names.csv"
    names.write_text("id,name\n0001-01,A\n0002-01,B\n0003-01,C\n")

    assert adjacency(read_borders(path), ids={"A": "0001-01", "B": "0002-01", "C": "0003-01"}).alone == ("A",)
    assert main(["adjacency", str(path), "--names", str(names)]) == 0
    assert "no neighbor was found (an island, or lines that do not meet): A" in capsys.readouterr().err
    reading = read(path, into=tmp_path / "out")
    assert rows_of(reading, "problems", "code, outcome, line") == [("border_alone", "note", 1)]


@pytest.mark.parametrize("where", ["before", "after"])
def test_the_kind_of_a_document_may_stand_anywhere(tmp_path, where):
    drawn = DRAWN if where == "before" else dict(reversed(DRAWN.items()))
    indented = tmp_path / "indented.json"
    indented.write_text("\ufeff" + json.dumps(drawn, indent=2), encoding="utf-8")

    assert read_borders(indented).pairs == ((0, 1), (0, 2), (1, 3), (2, 3))


def test_a_name_with_brackets_and_quotes_is_kept(tmp_path):
    drawn = collection(**{'A "[{" \\': square(0, 0), "B": square(1, 0)})

    borders = read_borders(written(drawn, tmp_path))

    assert (borders.names, borders.pairs) == (('A "[{" \\', "B"), ((0, 1),))


def test_more_than_64_mb_is_refused_with_what_to_do(tmp_path, capsys):
    path = tmp_path / "borders.json"
    with path.open("wb") as opened:
        opened.truncate((64 << 20) + 1)

    assert main(["adjacency", str(path)]) == 1
    assert "Simplify them" in capsys.readouterr().err


def test_an_area_of_more_than_4_mb_is_refused(tmp_path):
    drawn = collection(A=square(0, 0))
    drawn["features"][0]["properties"]["note"] = "x" * (4 << 20)

    with pytest.raises(Refused) as refused:
        read_borders(written(drawn, tmp_path))

    assert refused.value.code == "borders_too_detailed"


def test_a_hundred_thousand_copies_of_one_area_are_refused(tmp_path):
    drawn = collection(A=square(0, 0))
    drawn["features"] *= 100_000

    with pytest.raises(Refused) as refused:
        read_borders(written(drawn, tmp_path))

    assert refused.value.code == "borders_too_detailed"


def test_letters_that_are_not_utf_8_are_refused(tmp_path):
    path = tmp_path / "borders.json"
    path.write_bytes(json.dumps(collection(Zoe=square(0, 0))).encode().replace(b"Zoe", b"Zo\xeb"))

    with pytest.raises(Refused) as refused:
        read_borders(path)

    assert refused.value.code == "encoding_unreadable"


MEASURED = """
import sys
from pathlib import Path
from commonground.formats.boundaries import read
reading = read(Path(sys.argv[1]), into=Path(sys.argv[2]))
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(reading.tables["border"], int(peak.split()[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("digits", [1, 6], ids=["short numbers", "long numbers"])
def test_the_largest_file_that_is_taken_needs_less_than_512_mb(tmp_path, digits):
    """Strips beside each other, each common side a zigzag of its own: 64 MB of points, just under 4 MB an area."""
    path = tmp_path / "borders.json"
    strips, longest = 0, (4 << 20) - 200

    def side(left: int, points: int) -> list[str]:
        return [f"[{left + (y % 7) / 10:.{digits}f},{y}]" for y in range(points)]

    points = 0
    while 2 * sum(map(len, side(40, points + 20_000))) + 4 * points < longest:
        points += 20_000
    sides = None
    with path.open("w") as out:
        out.write('{"type":"FeatureCollection","features":[')
        while out.tell() < (60 << 20):
            left = sides or side(10 + strips, points)
            right = side(11 + strips, points)
            ring = ",".join([*left, *reversed(right), left[0]])
            out.write("," if strips else "")
            out.write(
                f'{{"type":"Feature","properties":{{"name":"S{strips}"}},'
                f'"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}'
            )
            sides, strips = right, strips + 1
        out.write("]}")

    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path), str(tmp_path / "out")], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    pairs, peak = map(int, done.stdout.split())
    sys.stdout.write(f"{path.stat().st_size / 1e6:.1f} MB of borders: at most {peak} MB held\n")
    assert pairs == strips - 1
    assert peak < 512


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
