"""Reading text exactly: the quick way and the exact way give the same rows, and every row knows its line."""

import csv
import io
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commonground.formats import Refused
from commonground.formats.delimited import CHUNK_BYTES, LINE_BYTES, Delimited, load, survey

Row = tuple[int, str, *tuple[str | None, ...]]


def read(content: bytes, folder: Path, *, exactly: bool = False, delimiter: str = ",") -> tuple[Delimited, list[Row]]:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "table.csv"
    path.write_bytes(content)
    table = survey(path, name="table.csv", into=folder, delimiter=delimiter, always_rewrite=exactly)
    with duckdb.connect(config={"threads": 1}) as connection:
        load(connection, table, name="t", columns={f"f{place}": f"f{place}" for place in range(len(table.header))})
        return table, connection.execute("FROM t ORDER BY line").fetchall()


def attempt(content: bytes, folder: Path, *, exactly: bool = False) -> list[Row] | str:
    """The rows, or the code of the refusal."""
    try:
        return read(content, folder, exactly=exactly)[1]
    except Refused as refused:
        return refused.code


def refusal(content: bytes, folder: Path) -> tuple[str, int]:
    with pytest.raises(Refused) as refused:
        read(content, folder)
    return refused.value.code, refused.value.line


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_is_read(tmp_path, end):
    table, rows = read(end.join([b"id,name", b"1,Ana", b"2,Bo", b""]), tmp_path)

    assert table.header == ("id", "name")
    assert rows == [(2, "", "1", "Ana"), (3, "", "2", "Bo")]
    assert table.is_regular == (end != b"\r")


def test_a_last_line_without_an_end_is_read(tmp_path):
    assert read(b"id,name\n1,Ana\n2,Bo", tmp_path)[1] == [(2, "", "1", "Ana"), (3, "", "2", "Bo")]


def test_mixed_line_ends_are_counted_as_one_each(tmp_path):
    _, rows = read(b"id,name\r\n1,Ana\n2,Bo\r3,Cy\r\n", tmp_path)

    assert [row[0] for row in rows] == [2, 3, 4]


def test_a_row_with_line_breaks_in_a_value_knows_where_it_starts(tmp_path):
    _, rows = read(b'id,name\n1,"Ana\r\nMaria\n"\n2,Bo\n', tmp_path)

    assert rows == [(2, "", "1", "Ana\nMaria\n"), (5, "", "2", "Bo")]


def test_blank_lines_are_rows_that_say_so(tmp_path):
    _, rows = read(b"id,name\n\n1,Ana\n  \n", tmp_path)

    assert rows == [(2, "blank", None, None), (3, "", "1", "Ana"), (4, "blank", None, None)]


def test_blanks_around_values_are_cut_and_empty_is_nothing(tmp_path):
    assert read(b'id,name\n 1 ,""\n', tmp_path)[1] == [(2, "", "1", None)]


def test_rows_of_another_width_say_so(tmp_path):
    _, rows = read(b"id,name,grade\n1,Ana\n2,Bo,09,extra\n3,Cy,10,, \n", tmp_path)

    assert rows == [
        (2, "width", "1", "Ana", None),
        (3, "width", "2", "Bo", "09"),
        (4, "trailing", "3", "Cy", "10"),
    ]


def test_a_quote_that_does_not_match_spoils_only_its_line(tmp_path):
    _, rows = read(b'id,name\n1,"Ana\n2,Bo\n3,"C"y\n4,5" pipe\n', tmp_path)

    assert [(row[0], row[1]) for row in rows] == [(2, "quotes"), (3, ""), (4, "quotes"), (5, "")]
    assert rows[3][3] == '5" pipe'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_in_every_form_is_recognized(tmp_path, encoding):
    table, rows = read("id,name\n1,Ångström\n2,Nguyễn\n".encode(encoding), tmp_path)

    assert rows == [(2, "", "1", "Ångström"), (3, "", "2", "Nguyễn")]
    assert table.encoding == ("utf-16" if encoding.startswith("utf-16") else "utf-8")


def test_windows_1252_is_recognized_for_a_file_and_for_single_rows(tmp_path):
    whole, rows = read("id,name\n1,José\n2,Bo\n".encode("cp1252"), tmp_path / "1")
    mixed, both = read("id,name\n1,José\n".encode("cp1252") + "2,Zoë\n".encode(), tmp_path / "2")

    assert (whole.encoding, rows) == ("windows-1252", [(2, "windows", "1", "José"), (3, "", "2", "Bo")])
    assert (mixed.encoding, both) == ("mixed", [(2, "windows", "1", "José"), (3, "", "2", "Zoë")])


def test_bytes_that_no_encoding_has_are_marked(tmp_path):
    _, rows = read(b"id,name\n1,Jos\x81\n", tmp_path)

    assert rows == [(2, "characters", "1", "Jos�")]


def test_zero_bytes_are_refused_with_their_line(tmp_path):
    assert refusal(b"id,name\r\n1,Ana\r\n2,B\0o\r\n", tmp_path) == ("zero_bytes", 3)


@pytest.mark.parametrize("content", [b"", b" \r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(tmp_path, content):
    assert refusal(content, tmp_path)[0] == "file_empty"


def test_a_file_that_breaks_off_inside_a_row_is_refused(tmp_path):
    assert refusal(b"id,name,grade\n1,Ana,09\n2,B", tmp_path) == ("file_truncated", 3)
    assert refusal(b'id,name,grade\n1,Ana,09\n2,"B', tmp_path) == ("file_truncated", 3)


def test_a_line_without_end_is_refused_in_bounded_memory(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("wb") as opened:
        opened.write(b"id,name\n1,")
        opened.truncate(10)
        for _ in range(4):
            opened.write(b"x" * CHUNK_BYTES)

    with pytest.raises(Refused) as refused:
        survey(path, name="long.csv", into=tmp_path)

    assert (refused.value.code, refused.value.line) == ("line_too_long", 2)


def test_the_longest_line_allowed_is_read(tmp_path):
    content = b"id,name\n1," + b"x" * (LINE_BYTES - 10) + b"\n2,Bo\n"

    table, rows = read(content, tmp_path)

    assert table.is_regular
    assert [row[0] for row in rows] == [2, 3]


def test_utf_32_is_refused(tmp_path):
    assert refusal("id,name\n1,Ana\n".encode("utf-32"), tmp_path)[0] == "encoding_unreadable"


def test_more_columns_than_any_real_file_has_are_refused(tmp_path):
    assert refusal(b'"' + b"a" + b'",' + b"b," * 6000 + b"c\n", tmp_path)[0] == "columns_too_many"


def test_another_delimiter_is_read(tmp_path):
    assert read(b"id|name\n1|Ana, Bo\n", tmp_path, delimiter="|")[1] == [(2, "", "1", "Ana, Bo")]


def test_the_digest_is_that_of_the_bytes(tmp_path):
    first, again, other = (
        read(content, tmp_path / str(place))[0].digest
        for place, content in enumerate((b"id\n1\n", b"id\n1\n", b"id\r\n1\r\n"))
    )

    assert first == again != other


def test_a_row_across_two_chunks_is_one_row(tmp_path):
    line = b"1," + b"x" * 997 + b"\n"
    content = b"id,name\n" + line * (CHUNK_BYTES // len(line) + 5)

    table, rows = read(content, tmp_path)

    assert table.is_regular
    assert {row[2:] for row in rows} == {("1", "x" * 997)}
    assert [row[0] for row in rows] == list(range(2, len(rows) + 2))


# A small alphabet that is all trouble: quotes, delimiters, line ends, blanks, accents.
cells = st.text(alphabet="ab\",\n é|'", max_size=6)
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8)
)
raw_lines = st.lists(st.text(alphabet='ab",\r\n é', max_size=12), max_size=8).map("\n".join)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.slow
@quick
@given(rows=tables, end=st.sampled_from(["\n", "\r\n"]))
def test_a_well_formed_table_reads_as_the_standard_library_does(tmp_path_factory, rows, end):
    width = len(rows[0])
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator=end)
    writer.writerow([f"c{place}" for place in range(width)])
    writer.writerows(rows)

    _, found = read(written.getvalue().encode(), tmp_path_factory.mktemp("t"))

    # A table of one column cannot tell a row of "" from a blank line: csv writes '""' for it, so only truly blank text is blank.
    assert [list(row[2:]) for row in found] == [[cell.strip(" ") or None for cell in row] for row in rows]


@pytest.mark.slow
@quick
@given(rows=tables, end=st.sampled_from(["\n", "\r\n"]), is_ended=st.booleans())
def test_the_quick_way_and_the_exact_way_agree(tmp_path_factory, rows, end, is_ended):
    lines = [",".join(cell.replace("\n", "").replace('"', "") for cell in row) for row in rows]
    content = end.join(["h" + ",h" * (len(rows[0]) - 1), *lines]) + (end if is_ended else "")

    folder = tmp_path_factory.mktemp("t")

    assert attempt(content.encode(), folder / "1") == attempt(content.encode(), folder / "2", exactly=True)


@quick
@given(text=raw_lines, exactly=st.booleans())
def test_any_text_is_read_or_refused_and_no_line_is_lost(tmp_path_factory, text, exactly):
    content = ("id,name\n" + text).encode()

    rows = attempt(content, tmp_path_factory.mktemp("t"), exactly=exactly)

    if isinstance(rows, str):
        assert rows == "file_truncated"
        return
    lines = [row[0] for row in rows]
    assert lines == sorted(set(lines))
    if '"' not in text:
        ends = text.replace("\r\n", "\n").replace("\r", "\n")
        assert len(rows) == len(ends.split("\n")) - (ends.endswith("\n") or not ends)
