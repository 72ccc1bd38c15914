"""Whatever arrives: a fixed outcome, no crash, nothing half read, and every row counted once."""

import random
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonground.formats import Reading, Refused, delimited, read, rewriting
from commonground.formats.delimited import survey
from commonground.formats.problems import PROBLEMS, Outcome
from tests import drills
from tests.formats.bundles import Bundle, counts, heading, rows_of, small, with_row, with_text, write_folder, write_zip
from tests.formats.spoiling import real_bundles, spoil

pytestmark = pytest.mark.slow


def attempt(source: Path, into: Path) -> Reading | str:
    """The reading, or the code of the refusal; checks what holds for both."""
    try:
        reading = read(source, into=into)
    except Refused as refused:
        code = refused.code
    else:
        assert_whole(reading, into)
        return reading
    assert PROBLEMS[code].outcome is Outcome.REFUSED
    assert not into.exists() or list(into.iterdir()) == []
    return code


def assert_whole(reading: Reading, into: Path) -> None:
    """Every row is counted once, every problem has its code, and nothing refers to nothing."""
    assert not (into / "work").exists()
    for count in reading.files:
        assert count.read == count.accepted + count.held + count.left_out
        assert min(count.read, count.accepted, count.held, count.left_out) >= 0
    for book, number in (("held", reading.held), ("left_out", reading.left_out)):
        rows = rows_of(reading, book, "file, line")
        assert len(rows) == len(set(rows)) == number
    outcomes = set(rows_of(reading, "problems", "code, outcome, severity"))
    assert all(code in PROBLEMS for code, _, _ in outcomes)
    assert set(rows_of(reading, "held", "file, line")) == {
        row[:2] for row in rows_of(reading, "problems", "file, line, outcome") if row[2] == "held"
    }
    assert_references_hold(reading)


REFERENCES = {
    ("section", "school"),
    ("section", "course"),
    ("demographics", "student"),
    ("staff_role", "staff"),
    ("staff_role", "school"),
    ("guardianship", "guardian"),
    ("guardianship", "student"),
    ("school_enrollment", "student"),
    ("school_enrollment", "school"),
    ("enrollment", "student"),
    ("enrollment", "section"),
    ("enrollment", "school"),
    ("teaching", "staff"),
    ("teaching", "section"),
    ("teaching", "school"),
}


def assert_references_hold(reading: Reading) -> None:
    """The rows could be stored under foreign and unique keys (no row accepted earlier is known here)."""
    for table, target in REFERENCES:
        dangling = duckdb.sql(
            f"SELECT count(*) FROM '{reading.table(table)}' WHERE {target}_source_id IS NOT NULL "
            f"AND {target}_source_id NOT IN (SELECT source_id FROM '{reading.table(target)}')"
        ).fetchone()
        assert dangling == (0,), (table, target)
    for table in reading.tables:
        keys = f"SELECT count(*), count(DISTINCT source_id) FROM '{reading.table(table)}'"
        every, distinct = duckdb.sql(keys).fetchone() or (0, 0)
        assert every == distinct, table


def users(text: str, encoding: str) -> Bundle:
    return {**small(), "users.csv": text.encode(encoding)}


PEOPLE = small()["users.csv"].decode().replace("Example", "Muñoz")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_names_survive_every_encoding(tmp_path, encoding):
    reading = attempt(write_folder(users(PEOPLE, encoding), tmp_path / "in"), tmp_path / "out")

    assert isinstance(reading, Reading)
    assert rows_of(reading, "student", "family_name") == [("Muñoz",), ("Muñoz",)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_right_with_every_line_end_and_quoted_breaks(tmp_path, end):
    text = small()["users.csv"].decode().replace("two,,Two", 'two,,"Tw\no"').replace("\n", end)

    reading = attempt(write_folder(users(text, "utf-8"), tmp_path / "in"), tmp_path / "out")

    assert isinstance(reading, Reading)
    # The teacher on line 3 has a line break in her name, so the student after the parent starts on line 6, not 5.
    assert rows_of(reading, "student", "source_id, line") == [("u1", 2), ("u4", 6)]


@pytest.mark.parametrize(
    ("bundle", "code"),
    [
        (with_text(small(), "manifest.csv", "version,1.1", "version,2.0"), "version_unknown"),
        ({**small(), "users.csv": b""}, "file_empty"),
        ({**small(), "users.csv": small()["users.csv"][:-15]}, "file_truncated"),
        (with_text(small(), "users.csv", "Example", "Ex\0mple"), "zero_bytes"),
        (dict.fromkeys(small(), b""), "format_unknown"),
        ({}, "format_unknown"),
        ({"manifest.csv": small()["manifest.csv"]}, "bundle_empty"),
    ],
)
def test_what_cannot_be_a_bundle_is_refused(tmp_path, bundle, code):
    assert attempt(write_zip(bundle, tmp_path / "a.zip"), tmp_path / "out") == code


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04", b"\0" * 5000, b"%PDF-1.7", b"sourcedId\n"])
def test_what_is_no_archive_is_refused(tmp_path, content):
    source = tmp_path / "a.zip"
    source.write_bytes(content)

    assert attempt(source, tmp_path / "out") in ("archive_unreadable", "format_unknown", "file_empty")


def test_unknown_enums_are_noted_or_held(tmp_path):
    bundle = with_text(small(), "classes.csv", "A1-1,scheduled", "A1-1,workshop")
    bundle = with_text(bundle, "users.csv", "s1,parent", "s1,neighbor")

    reading = attempt(write_folder(bundle, tmp_path / "in"), tmp_path / "out")

    assert isinstance(reading, Reading)
    assert (reading.problems["enum_unknown"], reading.problems["role_unknown"]) == (1, 1)
    assert rows_of(reading, "held", "file, line, code") == [("users.csv", 4, "role_unknown")]


# --- rows by a second, independent judge ----------------------------------------------------------------------------------
ids = st.sampled_from(["a", "b", "c", ""])
status = st.sampled_from(["", "", "active", "tobedeleted", "inactive"])
tables = st.fixed_dictionaries(
    {
        "orgs": st.lists(st.tuples(ids, status), max_size=3),
        "classes": st.lists(st.tuples(ids, status, ids), max_size=4),
        "users": st.lists(st.tuples(ids, status, ids, st.sampled_from(["student", "teacher"])), max_size=4),
        "enrollments": st.lists(st.tuples(ids, status, ids, ids, st.sampled_from(["student", "teacher"])), max_size=5),
        "demographics": st.lists(st.tuples(ids, status), max_size=3),
    }
)


def bundle_of(drawn: dict[str, list[tuple[str, ...]]]) -> Bundle:
    """Ids get a letter for their file; courses are absent."""

    def mark(letter: str, source_id: str) -> str:
        return source_id and letter + source_id

    lines = {
        "orgs": [f"{mark('o', i)},{s},,School,school,," for i, s in drawn["orgs"]],
        "classes": [f"{mark('k', i)},{s},,Art,,c,,scheduled,,{mark('o', o)},t,,," for i, s, o in drawn["classes"]],
        "users": [
            f"{mark('u', i)},{s},,true,{mark('o', o)},{r},n,,One,Example,,,,,,,,," for i, s, o, r in drawn["users"]
        ],
        "enrollments": [
            f"{mark('e', i)},{s},,{mark('k', k)},{mark('o', 'a')},{mark('u', u)},{r},,,"
            for i, s, k, u, r in drawn["enrollments"]
        ],
        "demographics": [f"{mark('u', i)},{s},,,female,,,,,,,,,,," for i, s in drawn["demographics"]],
    }
    manifest = "propertyName,value\noneroster.version,1.1\n" + "".join(f"file.{kind},bulk\n" for kind in lines)
    lines["users"] = [line[:-1] for line in lines["users"]]
    return {
        "manifest.csv": manifest.encode(),
        **{f"{kind}.csv": "\n".join([heading(kind), *rows, ""]).encode() for kind, rows in lines.items()},
    }


class Judge:
    """The law of outcomes, row by row and without SQL: file → line → accepted, held or left out."""

    def __init__(self, drawn: dict[str, list[tuple[str, ...]]]) -> None:
        self.outcome: dict[str, dict[int, str]] = {}
        orgs = self.judge("orgs", drawn["orgs"], lambda row: True)
        classes = self.judge("classes", drawn["classes"], lambda row: row[2] in orgs)
        users = self.judge("users", drawn["users"], lambda row: row[2] in orgs)
        roles = {
            row[0]: row[3] for line, row in enumerate(drawn["users"], 2) if self.outcome["users"][line] == "accepted"
        }

        def fits(row: tuple[str, ...]) -> bool:
            return row[2] in classes and row[3] in users and "a" in orgs and roles[row[3]] == row[4]

        self.judge("enrollments", drawn["enrollments"], fits, once=lambda row: row[2:])
        self.judge("demographics", drawn["demographics"], lambda row: row[0] in users)

    def judge(self, kind, rows, fits, once=None) -> set[str]:
        outcome: dict[int, str] = {}
        numbered = list(enumerate(rows, 2))
        living = [(line, row) for line, row in numbered if row[1] != "tobedeleted"]
        contents = {row[0]: {other[:1] + other[2:] for _, other in living if other[0] == row[0]} for _, row in living}
        seen: set[tuple[str, ...]] = set()
        sat: set[tuple[str, ...]] = set()
        for line, row in numbered:
            if row[1] == "tobedeleted":
                outcome[line] = "left_out"
            elif not row[0] or len(contents[row[0]]) > 1:
                outcome[line] = "held"
            elif row[:1] + row[2:] in seen:
                outcome[line] = "left_out"
            elif not fits(row):
                outcome[line] = "held"
            elif once and once(row) in sat:
                outcome[line] = "left_out"
            else:
                outcome[line] = "accepted"
                if once:
                    sat.add(once(row))
            if row[1] != "tobedeleted" and row[0]:
                seen.add(row[:1] + row[2:])
        self.outcome[kind] = outcome
        return {row[0] for line, row in numbered if outcome[line] == "accepted"}


@settings(max_examples=12, deadline=None)
@given(drawn=tables)
def test_a_second_judge_comes_to_the_same_outcome_for_every_row(tmp_path_factory, drawn):
    assert_judges_agree(drawn, tmp_path_factory.mktemp("t"))


@settings(max_examples=drills.of(whole=300, sample=100), deadline=None)
@given(drawn=tables)
def test_a_second_judge_comes_to_the_same_outcome_for_very_many_rows(tmp_path_factory, drawn):
    assert_judges_agree(drawn, tmp_path_factory.mktemp("t"))


def assert_judges_agree(drawn: dict[str, list[tuple[str, ...]]], folder: Path) -> None:

    reading = attempt(write_folder(bundle_of(drawn), folder / "in"), folder / "out")

    if reading == "bundle_empty":
        assert not any(drawn.values())
        return
    assert isinstance(reading, Reading)
    expected = Judge(drawn).outcome
    for book, outcome in (("held", "held"), ("left_out", "left_out")):
        found = set(rows_of(reading, book, "file, line"))
        assert found == {
            (f"{kind}.csv", line) for kind, lines in expected.items() for line, is_ in lines.items() if is_ == outcome
        }
    assert {kind: found[0] for kind, found in counts(reading).items()} == {
        kind: len(rows) for kind, rows in drawn.items()
    }


# --- spoiled bundles ------------------------------------------------------------------------------------------------------
def assert_spoiled_bundles_have_an_outcome(bundles: list[Bundle], seeds: range, folder: Path) -> None:
    for seed in seeds:
        rng = random.Random(seed)
        bundle = spoil(rng.choice(bundles), rng)
        attempt(write_folder(bundle, folder / f"in{seed}"), folder / f"out{seed}")


def test_spoiled_small_bundles_have_an_outcome(tmp_path):
    assert_spoiled_bundles_have_an_outcome([small("1.1"), small("1.2")], range(12), tmp_path)


def test_spoiled_real_bundles_have_an_outcome(tmp_path):
    assert_spoiled_bundles_have_an_outcome(real_bundles(), range(drills.of(whole=2_000, sample=200)), tmp_path)


def damaged_archives(folder: Path, seeds: range) -> None:
    content = write_zip(small(), folder / "sound.zip").read_bytes()
    for seed in seeds:
        rng = random.Random(seed)
        damaged = bytearray(content)
        for _ in range(rng.randint(1, 6)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        source = folder / f"{seed}.zip"
        source.write_bytes(damaged if rng.random() < 0.8 else damaged[: rng.randrange(len(damaged))])
        attempt(source, folder / f"out{seed}")


def test_damaged_archives_have_an_outcome(tmp_path):
    damaged_archives(tmp_path, range(15))


def test_many_damaged_archives_have_an_outcome(tmp_path):
    damaged_archives(tmp_path, range(drills.of(whole=1_000, sample=200)))


def test_a_row_of_each_kind_in_every_other_file_is_judged(tmp_path):
    for file in small():
        bundle = small()
        for other, content in small().items():
            bundle = with_row(bundle, file, content.decode().splitlines()[-1]) if other != file else bundle

        assert attempt(write_folder(bundle, tmp_path / file / "in"), tmp_path / file / "out")


# --- lines without an end -------------------------------------------------------------------------------------------------
@settings(max_examples=60, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 90), max_size=40),
    long=st.integers(80, 900),
    place=st.integers(0, 40),
    end=st.sampled_from(["\n", "\r", "\r\n"]),
    is_ended=st.booleans(),
)
def test_a_line_that_is_too_long_is_refused_where_it_stands_and_no_other(
    tmp_path_factory, lengths, long, place, end, is_ended
):
    # Chunks of 256 bytes and lines of at most 100, so that every way a line can lie across chunks is met.
    lengths.insert(min(place, len(lengths)), long)
    path = tmp_path_factory.mktemp("t") / "users.csv"
    path.write_bytes((end.join(["a,b", *("x" * length for length in lengths)]) + end * is_ended).encode())
    too_long = [line for line, length in enumerate(lengths, start=2) if length > 100]

    with pytest.MonkeyPatch.context() as patch:
        for module in (delimited, rewriting):
            patch.setattr(module, "CHUNK_BYTES", 256)
            patch.setattr(module, "LINE_BYTES", 100)
        try:
            survey(path, name="users.csv", into=path.parent)
        except Refused as refused:
            found = (refused.code, refused.line)
        else:
            found = None

    # A last row without an end that is too short for the heading is a file that broke off; it is found first only if
    # no line before it is too long.
    if too_long:
        assert found == ("line_too_long", too_long[0])
    else:
        assert found is None or found[0] == "file_truncated"
