"""Our own reader finds in every bundle exactly what was planted, to the file, the row and the line."""

from collections import Counter

import duckdb
import pytest

from commonground import formats
from commonground.demonstration.places import PLANS

DISTRICTS = [plan.id for plan in PLANS]


@pytest.fixture(scope="module")
def readings(world, tmp_path_factory):
    """Every district's bundle, read."""
    return {
        district: formats.read(bundle, into=tmp_path_factory.mktemp(district))
        for district, bundle in world.bundles.items()
    }


@pytest.mark.parametrize("district", DISTRICTS)
def test_every_file_has_the_expected_outcomes_to_the_row(world, readings, district):
    found = {
        count.kind: (count.file, count.read, count.accepted, count.held, count.left_out)
        for count in readings[district].files
    }

    assert found == {
        kind: (count.file, count.read, count.accepted, count.held, count.left_out)
        for kind, count in world.expected[district].files.items()
    }


@pytest.mark.parametrize("district", DISTRICTS)
def test_every_roster_table_has_the_expected_rows(world, readings, district):
    expected = {table: rows for table, rows in world.expected[district].tables.items() if rows}

    assert {table: rows for table, rows in readings[district].tables.items() if rows} == expected


@pytest.mark.parametrize("district", DISTRICTS)
@pytest.mark.parametrize("outcome", ["held", "left_out"])
def test_held_and_left_out_rows_are_the_planted_ones(world, readings, district, outcome):
    planted = Counter(
        (defect.file, defect.line, defect.code)
        for defect in world.defects
        if (defect.district_id, defect.outcome) == (district, outcome)
    )

    path = readings[district].table(outcome)
    rows = duckdb.sql(f"SELECT file, line, code FROM '{path}'").fetchall() if path.is_file() else []
    assert Counter(rows) == planted


@pytest.mark.parametrize("district", DISTRICTS)
def test_nothing_is_found_that_was_not_planted(world, readings, district):
    planted = {defect.code for defect in world.defects if defect.district_id == district}

    assert set(readings[district].problems) == planted


def test_no_defect_costs_a_student(world, readings):
    assert sum(reading.tables["student"] for reading in readings.values()) == world.students == 10_273
    assert not {
        (defect.kind, defect.line)
        for defect in world.defects
        if defect.kind == "users" and defect.outcome == "left_out" and defect.code != "blank_line"
    }


def test_every_outcome_occurs(world):
    assert {defect.outcome for defect in world.defects} == {"held", "left_out", "note"}
    assert {code: _refused(path) for code, path in world.refused.items()} == {code: code for code in world.refused}


def _refused(path) -> str:
    with pytest.raises(formats.Refused) as refused:
        formats.read(path, into=path.parent / "nothing")
    return refused.value.code


def test_the_next_bundle_differs_as_told(world, readings, tmp_path):
    first = readings[world.follow_up.district_id]

    following = formats.read(world.follow_up.path, into=tmp_path)

    differences = {
        table: duckdb.sql(
            f"""SELECT count(*) FILTER (old.source_id IS NULL), count(*) FILTER (old.digest <> new.digest),
                       count(*) FILTER (new.source_id IS NULL)
                FROM '{first.table(table)}' AS old FULL JOIN '{following.table(table)}' AS new USING (source_id)"""
        ).fetchone()
        for table in first.tables
    }
    told = world.follow_up
    assert differences == {
        table: (told.new.get(table, 0), told.changed.get(table, 0), told.missing.get(table, 0))
        for table in first.tables
    }


def test_passwords_never_reach_a_table(world, readings):
    for reading in readings.values():
        for path in reading.folder.glob("*.parquet"):
            text = duckdb.sql(f"SELECT count(*) FROM '{path}' AS r WHERE to_json(r)::VARCHAR LIKE '%never-keep%'")
            assert text.fetchone() == (0,)
