"""A state's whole file on its page: the figures of the raw rows, refusals in a sentence, and nothing left behind."""

import base64
import csv
import gzip
import io
import tempfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.apps.measures.test_districts import words
from tests.cli.test_isolation import HEAD, state_file
from tests.signing_in import signed_in, visitor

from commonground.apps.measures import state_file_views

pytestmark = pytest.mark.database
ADDRESS = "/districts/state-file/"
TWO = (
    HEAD + "17-18|0001|01|OAK|010|ELM|KG|0|0|{protected}|100|10\n" + "17-18|0002|01|ASH|010|FIR|KG|0|0|10|100|10\n"
).encode()
BORDERS = b"id,neighbor_id\n0001-01,0002-01\n"


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Where temporary files go in this test."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def run(content: bytes, *, name="table.csv", by="ann", borders: bytes | None = None, **asked):
    sent = {"rule": "mn-3535", "base": "PK-12", "file": SimpleUploadedFile(name, content), **asked}
    if borders is not None:
        sent["borders"] = SimpleUploadedFile("borders.csv", borders)
    return signed_in(f"{by}@example.org").post(ADDRESS, sent)


def two(protected: int) -> bytes:
    return TWO.replace(b"{protected}", str(protected).encode())


def download_of(page: str) -> list[dict[str, str]]:
    address = page.split('href="data:text/csv;charset=utf-8;base64,', 1)[1].split('"', 1)[0]
    return list(csv.DictReader(io.StringIO(base64.b64decode(address.replace("&#x3D;", "=")).decode())))


def test_the_whole_state_is_told_as_the_state_judged_it(world, scratch):
    answer = run(state_file().read_bytes(), name="state.csv.gz", rule="mn-3535-2013")

    assert answer.status_code == 200
    page = answer.content.decode()
    told = words(page)
    assert "Predicted 2012–13: 46 of 334 districts racially isolated" in told
    assert "Predicted 2012–13: 49 of 1,419 schools racially identifiable" in told
    assert "Nothing of the file is kept." in told
    rows = download_of(page)
    assert [sum(row["kind"] == kind for row in rows) for kind in ("district", "school")] == [46, 49]

    # Willmar's line, added up here from the raw rows of the file.
    with gzip.open(state_file(), "rt", encoding="utf-8", errors="replace", newline="") as opened:
        own = [
            (int(row["TotalMinority"]), int(row["TotalStudents"]))
            for row in csv.DictReader(opened, delimiter="|")
            if (row["districtNumber"], row["districtType"]) == ("0347", "01") and row["Grade"].strip() != "All Grades"
            if row["SchoolClassification"].strip() in ("10", "20", "31", "32", "33")
        ]
    (willmar,) = [row for row in rows if row["id"] == "0347-01"]
    protected, total = (sum(row[place] for row in own) for place in range(2))
    assert (willmar["protected"], willmar["total"]) == (str(protected), str(total))
    assert f"{protected:,} of {total:,}" in told
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(("protected", "isolated"), [(29, 0), (30, 0), (31, 1)])
def test_borders_sent_along_at_below_and_above_twenty_points(world, scratch, protected, isolated):
    answer = run(two(protected), borders=BORDERS)

    assert f"Predicted 2017–18: {isolated} of 2 districts racially isolated" in words(answer.content.decode())
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(("asked", "isolated"), [("", 0), ("41", 0), (" 10 , 41", 0), ("10", 1)])
def test_only_schools_of_the_classifications_asked_for_count(world, scratch, asked, isolated):
    # Both schools: 31 of 200 protected, 15.5 %, beside 10 %. The first alone: 31 %, more than 20 points apart.
    rows = two(31) + b"17-18|0001|01|OAK|020|YEW|KG|0|0|0|100|41\n17-18|0002|01|ASH|020|BOX|KG|0|0|10|100|41\n"

    told = words(run(rows, borders=BORDERS, classifications=asked).content.decode())

    assert f"Predicted 2017–18: {isolated} of 2 districts racially isolated" in told
    assert ("Only schools of these classifications are counted" in told) is bool(asked)


@pytest.mark.parametrize("asked", ["primary; 10", "١٠, ٢٠"])
def test_classifications_that_no_file_could_hold_are_refused_in_a_sentence(world, scratch, asked):
    answer = run(two(31), classifications=asked)

    assert answer.status_code == 422
    assert "Write numbers with commas between them" in words(answer.content.decode())
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"name,color\nOak,green\n", "table.csv", "The column is grade."),
        (b"\x1f\x8bbroken", "state.csv.gz", "The file is damaged or is not a zip archive."),
        (b"PK\x03\x04broken", "state.zip", "The file is damaged or is not a zip archive."),
        (gzip.compress(b"0" * 10_000_000), "state.csv.gz", "more than a hundred times its packed size"),
        (b"", "table.csv", "The file is empty."),
        (HEAD.encode() + b"17-18|0001|07|OAK|010|ELM|KG|0|0|31|100|10\n", "table.csv", "no row is of a district"),
    ],
)
def test_a_broken_file_is_refused_in_a_sentence_and_leaves_nothing(world, scratch, content, name, sentence):
    answer = run(content, name=name)

    assert answer.status_code == 422
    assert sentence in words(answer.content.decode())
    assert list(scratch.iterdir()) == []


def test_broken_borders_are_refused_in_a_sentence(world, scratch):
    for borders in (b"one,two\n1,2\n", b"\xff\xfe\x00"):
        answer = run(two(31), borders=borders)

        assert answer.status_code == 422
        assert "columns id and neighbor_id" in words(answer.content.decode())
    assert list(scratch.iterdir()) == []


def test_more_than_can_be_counted_at_once_is_refused(world, scratch, monkeypatch):
    monkeypatch.setattr(state_file_views, "MOST_ROWS", 1)
    assert "can be counted at once" in words(run(two(31)).content.decode())

    monkeypatch.setattr(state_file_views, "UNPACKED", state_file_views.Limits(file_size=50, total_size=50))
    answer = run(gzip.compress(two(31)), name="state.csv.gz")
    assert "larger than this installation accepts" in words(answer.content.decode())
    assert list(scratch.iterdir()) == []


def test_while_another_file_is_run_one_is_asked_to_wait(world, scratch, monkeypatch):
    monkeypatch.setattr(state_file_views, "SECONDS_TO_WAIT", 0)
    with state_file_views._turn:
        answer = run(two(31))

    assert answer.status_code == 503
    assert "Try again in a minute." in words(answer.content.decode())
    assert run(two(31)).status_code == 200


def test_a_file_without_a_year_is_told_without_one(world, scratch):
    answer = run(two(31).replace(b"17-18", b""), borders=BORDERS)

    assert "Predicted year not named: 1 of 2 districts racially isolated" in words(answer.content.decode())


def test_a_rule_that_is_none_is_refused(world, scratch):
    assert run(two(31), rule="mn-9").status_code == 422


def test_a_name_from_the_file_is_no_formula(world, scratch):
    rows = download_of(run(two(31).replace(b"OAK", b"=1+1"), borders=BORDERS).content.decode())

    assert [row["name"] for row in rows if row["kind"] == "district"] == ["'=1+1"]


@pytest.mark.parametrize("person", ["priya", "theo", "lena", "ali", "omar"])
def test_other_roles_are_denied(world, scratch, person):
    assert signed_in(f"{person}@example.org").get(ADDRESS).status_code == 403
    assert run(two(31), by=person).status_code == 403
    assert list(scratch.iterdir()) == []


def test_signed_out_it_leads_to_the_sign_in(world, scratch):
    assert visitor().get(ADDRESS).status_code == 302
    assert visitor().post(ADDRESS, {"file": SimpleUploadedFile("table.csv", two(31))}).status_code == 302
    assert list(scratch.iterdir()) == []


def test_the_page_of_districts_leads_there(world):
    page = signed_in("ann@example.org").get("/districts/").content.decode()

    assert f'href="{ADDRESS}"' in page
