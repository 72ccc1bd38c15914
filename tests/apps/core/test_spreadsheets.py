"""Cells that no spreadsheet program runs."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as some

from commonground.apps.core.spreadsheets import csv_answer, safe_cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_what_could_be_a_formula_becomes_text(start):
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize(("value", "cell"), [(None, ""), (5, "5"), ("Åsen, Bjørn", "Åsen, Bjørn"), ("", "")])
def test_everything_else_stays_as_it_is(value, cell):
    assert safe_cell(value) == cell


@given(some.lists(some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
def test_no_cell_of_a_file_begins_like_a_formula_and_none_is_lost(cells):
    text = csv_answer(["a"] * len(cells), [cells], name="x").content.decode("utf-8-sig")

    read = list(csv.reader(StringIO(text, newline="")))[1:]
    assert len(read) == 1 or cells == [""]
    for cell, was in zip(read[0] if read else [""], cells, strict=True):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert cell in {was, f"'{was}"}
