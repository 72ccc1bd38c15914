"""Delimited text of any origin, as rows with exact line numbers, in bounded memory.

A file is first *surveyed*: one pass over its bytes that proves (or does not) that it is regular: UTF-8, one kind of line end,
well-formed quotes, no line break inside a value, no blank line, every line as wide as the heading. DuckDB then reads
it as it is, and a row's line is its position. Any other file is *rewritten*, record by record, into a clean file that
carries each row's line and flaw. Both ways give the same rows; a property test holds them to it.
Source of the syntax: RFC 4180.
"""

# ruff: noqa: S608 - every name in this module's SQL is our own; texts from files are quoted or bound.

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from commonground.formats.archives import file_digest
from commonground.formats.reading import Refused
from commonground.formats.rewriting import CHUNK_BYTES, LINE_BYTES, LINE_END, rewrite

NEWLINE, RETURN, QUOTE, BLANK = (np.uint8(byte) for byte in b'\n\r" ')


@dataclass(frozen=True, slots=True)
class Delimited:
    """A table that can be loaded. header: as found, stripped. path: what DuckDB reads: the file, or the rewritten one.

    name: of the file, for messages. is_trimmed: no value has blanks around it. is_regular: the file itself is read; every
    row is one line. encoding: `utf-8`, `utf-16`, `windows-1252`, or `mixed` (UTF-8, single rows Windows-1252). digest:
    SHA-256 of the bytes as sent. rows: their number.
    """

    name: str
    path: Path
    header: tuple[str, ...]
    is_regular: bool
    encoding: str
    digest: str
    rows: int
    delimiter: str = ","
    is_trimmed: bool = False


def survey(path: Path, *, name: str, into: Path, delimiter: str = ",", always_rewrite: bool = False) -> Delimited:
    """Find out how a file must be read, rewriting it below `into` where it is not regular.

    always_rewrite: take the exact way even for a regular file; for tests.
    Raises Refused: file_empty, zero_bytes, line_too_long, encoding_unreadable, file_truncated, columns_too_many.
    """
    with path.open("rb") as opened:
        start = opened.read(4096)
    if not start.strip():
        raise Refused("file_empty", file=name)
    encoding, source = "utf-8", path
    digest = None
    wide = _wide_encoding(start, name=name)
    if wide:
        digest = file_digest(path)
        source = into / f"{path.name}.utf8"
        _transcode(path, source, encoding=wide, name=name)
        encoding = "utf-16"
        with source.open("rb") as opened:
            start = opened.read(4096)
    facts = _Survey(source, name=name, delimiter=delimiter)
    digest = digest or facts.digest
    if facts.is_regular and not always_rewrite:
        return Delimited(
            name, source, facts.header, True, encoding, digest, facts.rows, delimiter, not facts.has_blanks
        )
    clean = into / f"{path.name}.clean"
    header, rows, rewritten = rewrite(source, clean, name=name, delimiter=delimiter)
    return Delimited(name, clean, header, False, encoding if wide else rewritten, digest, rows, is_trimmed=True)


def load(connection: duckdb.DuckDBPyConnection, table: Delimited, *, name: str, columns: Mapping[str, str]) -> None:
    """Create a table (line BIGINT, flaw VARCHAR, then `columns`) in the order of the file.

    columns: SQL expressions by name, over f0, f1, ... (the file's fields from the left; text without blanks around it,
    NULL when blank). Fields that no expression names are not kept.
    flaw: empty, or `width`, `trailing`, `quotes`, `characters`, `windows` or `blank` (what the row is known to suffer from).
    """
    values = [f"f{position}" for position in range(len(table.header))]
    found = values if table.is_regular else ["line", "flaw", *values]
    types = "{" + ", ".join(f"'{column}': 'VARCHAR'" for column in found) + "}"
    line = "(row_number() OVER () + 1)::BIGINT" if table.is_regular else "line::BIGINT"
    flaw = "''" if table.is_regular else "coalesce(flaw, '')"
    # Cutting blanks takes twice as long as reading, so it is only done where the survey saw any.
    trimmed = ", ".join(value if table.is_trimmed else f"nullif(trim({value}), '') AS {value}" for value in values)
    kept = "".join(f', {expression} AS "{column}"' for column, expression in columns.items())
    # Naming the line end explicitly makes DuckDB 1.5.5 return no rows at all for CR LF; left alone it is right.
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE {name} AS
        SELECT line, flaw{kept} FROM (
            SELECT {line} AS line, {flaw} AS flaw, {trimmed}
            FROM read_csv({file_literal(table.path)}, columns = {types}, auto_detect = false, header = false,
                          skip = {1 if table.is_regular else 0}, delim = {quoted(table.delimiter)}, quote = '"',
                          escape = '"', encoding = 'utf-8', strict_mode = true, null_padding = false,
                          max_line_size = {LINE_BYTES * 2}, parallel = false)
        )
        """
    )
    counted = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
    if counted is None or counted[0] != table.rows:
        raise RowsDiffer(f"{table.name}: surveyed {table.rows} rows, loaded {counted and counted[0]}")


class RowsDiffer(Exception):
    """The survey and DuckDB disagree about a file; a defect of ours, never of the file."""


def file_literal(path: Path) -> str:
    """A file's path as an SQL literal that names this one file, though DuckDB reads paths as patterns."""
    return quoted(re.sub(r"([\[*?])", r"[\1]", str(path)))


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _wide_encoding(start: bytes, *, name: str) -> str | None:
    """`utf-16...` where the first bytes show it; also without a byte order mark."""
    if start.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        raise Refused("encoding_unreadable", file=name)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if half >= 2 and odd > 0.4 * half and not even:
        return "utf-16-le"
    if half >= 2 and even > 0.4 * half and not odd:
        return "utf-16-be"
    return None


def _transcode(source: Path, target: Path, *, encoding: str, name: str) -> None:
    try:
        with (
            source.open(encoding=encoding, newline="") as wide,
            target.open("w", encoding="utf-8", newline="") as narrow,
        ):
            while text := wide.read(CHUNK_BYTES):
                narrow.write(text)
    except UnicodeError as error:
        raise Refused("encoding_unreadable", file=name) from error


def _line_of_zero(path: Path) -> int:
    """The line of the first zero byte, counted from 1."""
    line, was_return = 1, False
    with path.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            before = chunk.partition(b"\0")[0]
            line += len(LINE_END.findall(before)) - (was_return and before.startswith(b"\n"))
            if len(before) < len(chunk):
                break
            was_return = chunk.endswith(b"\r")
    return line


class _Survey:
    """One pass over the bytes: is the file regular, how is it headed, how many rows has it."""

    def __init__(self, path: Path, *, name: str, delimiter: str) -> None:
        self.name, self.delimiter = name, np.uint8(ord(delimiter))
        self.header: tuple[str, ...] = ()
        self.is_regular, self.has_returns, self.has_blanks, self.rows = True, False, False, 0
        self._open_bytes = 0  # of the line that goes on in the next chunk
        hasher = hashlib.sha256()
        lines = 0
        rest = b""
        with path.open("rb") as opened:
            while chunk := opened.read(CHUNK_BYTES):
                hasher.update(chunk)
                if b"\0" in chunk:
                    raise Refused("zero_bytes", file=name, line=_line_of_zero(path))
                if self._is_endless(chunk):
                    self.is_regular = False
                    break  # the exact reader refuses it and knows the line
                if not self.is_regular:
                    continue
                whole, found, rest_of = (rest + chunk).rpartition(b"\n")
                if len(rest_of) > LINE_BYTES or not found:
                    self.is_regular = False
                    continue
                rest = rest_of
                lines += self._judge(whole + b"\n", is_first=lines == 0)
        if self.is_regular and rest:
            lines += self._judge(rest + (b"\r\n" if self.has_returns else b"\n"), is_first=lines == 0)
        self.rows = lines - 1
        self.digest = hasher.hexdigest()

    def _is_endless(self, chunk: bytes) -> bool:
        """Whether a line is longer than any may be: there is no need to read the other gigabytes of it."""
        first, last = chunk.find(b"\n"), chunk.rfind(b"\n")
        if b"\r" in chunk:
            first = min(place for place in (first, chunk.find(b"\r")) if place >= 0)
            last = max(last, chunk.rfind(b"\r"))
        self._open_bytes += len(chunk) if first < 0 else first
        is_endless = self._open_bytes > LINE_BYTES
        if first >= 0:
            self._open_bytes = len(chunk) - last - 1
        return is_endless

    def _judge(self, block: bytes, *, is_first: bool) -> int:
        """Look at whole lines; returns their number. Sets is_regular to False at the first doubt."""
        if is_first:
            block = block.removeprefix(b"\xef\xbb\xbf")
            self._read_header(block)
        returns = block.count(b"\r")
        if is_first:
            self.has_returns = returns > 0
        if not self.is_regular:
            return 0
        try:
            if not block.isascii():
                block.decode("utf-8")
        except UnicodeDecodeError:
            self.is_regular = False
            return 0
        lines = block.count(b"\n")
        if returns and (returns != block.count(b"\r\n")):
            self.is_regular = False
        if self.has_returns != (returns == lines) or (returns and returns != lines):
            self.is_regular = False
        if self.is_regular and not self._is_even(np.frombuffer(block, dtype=np.uint8), lines=lines):
            self.is_regular = False
        return lines

    def _read_header(self, block: bytes) -> None:
        line = block.split(b"\n", 1)[0].rstrip(b"\r")
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            self.is_regular = False
            return
        if '"' in text or len(line) > LINE_BYTES or not text.strip():
            self.is_regular = False
            return
        self.header = tuple(cell.strip() for cell in text.split(chr(self.delimiter)))

    def _is_even(self, data: "np.ndarray[tuple[int], np.dtype[np.uint8]]", *, lines: int) -> bool:
        """Whether every line has the heading's width and every quote is where RFC 4180 wants it."""
        separators = np.flatnonzero((data == self.delimiter) | (data == NEWLINE))
        quotes = np.flatnonzero(data == QUOTE)
        if quotes.size:
            opening, closing = quotes[0::2], quotes[1::2]
            if opening.size != closing.size:
                return False
            before = data[np.maximum(opening - 1, 0)]
            before_fits = (opening == 0) | (before == self.delimiter) | (before == NEWLINE)
            before_fits[1:] |= closing[:-1] == opening[1:] - 1  # a doubled quote inside a value
            after = data[closing + 1]
            after_fits = (after == self.delimiter) | (after == NEWLINE) | (after == RETURN)
            after_fits[:-1] |= opening[1:] == closing[:-1] + 1
            inside = np.searchsorted(quotes, separators) % 2 == 1
            if not before_fits.all() or not after_fits.all() or (data[separators[inside]] == NEWLINE).any():
                return False
            separators = separators[~inside]
        # Inside quotes there may be blanks at the ends of a value, too.
        before, after = data[np.maximum(separators - 1, 0)], data[np.minimum(separators + 1, data.size - 1)]
        self.has_blanks |= bool(quotes.size or (before == BLANK).any() or (after == BLANK).any() or data[0] == BLANK)
        if self.has_returns:
            self.has_blanks |= bool((data[np.maximum(separators - 2, 0)] == BLANK).any())
        width = len(self.header)
        if width == 1 and self.has_blanks:
            return False  # a row of blanks is a blank line
        if separators.size != lines * width:
            return False
        ends = (data[separators] == NEWLINE).reshape(lines, width)
        if not ends[:, -1].all() or np.count_nonzero(ends) != lines:
            return False
        starts = separators.reshape(lines, width)[:, -1]
        lengths = np.diff(starts, prepend=-1)
        # A blank line is one line end after another; in a table of one column it would pass for a row.
        return int(lengths.min()) > (2 if self.has_returns else 1) and int(lengths.max()) <= LINE_BYTES
