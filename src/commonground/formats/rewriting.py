"""A file that is not regular, rewritten record by record into a clean one that carries each row's line and flaw.

Bounded memory: a chunk, and the lines of one record. Source of the syntax: RFC 4180.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from commonground.formats.reading import Refused

CHUNK_BYTES = 4 << 20
LINE_BYTES = 1 << 20
RECORD_LINES = 1000
COLUMNS = 5000
LINE_END = re.compile(rb"\r\n|\n|\r")


def rewrite(source: Path, target: Path, *, name: str, delimiter: str) -> tuple[tuple[str, ...], int, str]:
    """Write line, flaw and the values of every record. Returns the header, the number of rows and the encoding."""
    header: tuple[str, ...] = ()
    rows = 0
    is_windows = is_wide = False
    with target.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        for record in _records(source, name=name, delimiter=delimiter):
            if record.flaw == "windows":
                is_windows = True
            elif not is_wide:
                is_wide = not all(value.isascii() for value in record.values)
            if not header:
                if record.flaw == "blank":
                    continue
                header = tuple(cell.strip() for cell in record.values)
                if len(header) > COLUMNS:
                    raise Refused("columns_too_many", file=name, line=record.line)
                continue
            flaw, values = record.flaw, record.values
            surplus = len(values) - len(header)
            if flaw != "blank" and surplus:
                if record.is_last_unended and surplus < 0:
                    raise Refused("file_truncated", file=name, line=record.line)
                if surplus > 0 and not any(value.strip() for value in values[len(header) :]):
                    flaw = flaw or "trailing"
                else:
                    flaw = flaw if flaw == "quotes" else "width"
            row = [*values[: len(header)], *[""] * -surplus] if surplus else values
            writer.writerow([record.line, flaw, *(value.strip(" ") for value in row)])
            rows += 1
    if not header:
        raise Refused("file_empty", file=name)
    encoding = ("mixed" if is_wide else "windows-1252") if is_windows else "utf-8"
    return header, rows, encoding


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    values: list[str]
    flaw: str
    is_last_unended: bool


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    flaw: str
    is_ended: bool


def _records(source: Path, *, name: str, delimiter: str) -> Iterator[_Record]:
    """Every record, one that spans several lines in one piece. A quote that never closes spoils only its own line."""
    mark = re.escape(delimiter)
    field = rf'(?:"(?:[^"]|"")*+"|[^"{mark}\r\n][^{mark}\r\n]*+|)'
    one = re.compile(field)
    whole = re.compile(rf"(?:{field}{mark})*+{field}")
    unclosed = re.compile(rf'(?:{field}{mark})*+"(?:[^"]|"")*+')
    waiting: list[_Line] = []
    lines = _lines(source, name=name)
    while True:
        line = waiting.pop(0) if waiting else next(lines, None)
        if line is None:
            return
        text, flaw, last = line.text, line.flaw, line
        if '"' not in text:
            values = text.split(delimiter)
            flaw = flaw or ("" if text.strip() else "blank")
            yield _Record(line.number, values, flaw, not line.is_ended)
            continue
        gathered: list[_Line] = []
        is_whole = whole.fullmatch(text) is not None
        while not is_whole and unclosed.fullmatch(text) and len(gathered) < RECORD_LINES and len(text) < LINE_BYTES:
            following = waiting.pop(0) if waiting else next(lines, None)
            if following is None:
                break
            gathered.append(following)
            text += "\n" + following.text
            if '"' in following.text:
                is_whole = whole.fullmatch(text) is not None
        if is_whole:
            last = gathered[-1] if gathered else line
            flaws = {part.flaw for part in (line, *gathered)} - {""}
            flaw = "characters" if "characters" in flaws else next(iter(flaws), "")
            yield _Record(line.number, _split(text, field=one), flaw, not last.is_ended)
        else:
            waiting[:0] = gathered
            if not line.is_ended:
                raise Refused("file_truncated", file=name, line=line.number)
            yield _Record(line.number, line.text.split(delimiter), "quotes", is_last_unended=False)


def _split(text: str, *, field: re.Pattern[str]) -> list[str]:
    """The values of a well-formed record, also one that holds line breaks."""
    values, position = [], 0
    while True:
        found = field.match(text, position)
        value = found.group() if found else ""
        values.append(value[1:-1].replace('""', '"') if value.startswith('"') else value)
        position += len(value) + 1
        if position > len(text):
            return values


def _lines(source: Path, *, name: str) -> Iterator[_Line]:
    """Every line with its number, whatever ends it: CR LF, LF or CR alone. Never holds more than a line and a chunk."""
    number = 0
    rest = b""
    with source.open("rb") as opened:
        if opened.read(3) != b"\xef\xbb\xbf":
            opened.seek(0)
        while True:
            chunk = opened.read(CHUNK_BYTES)
            data = rest + chunk
            rest = b""
            if chunk and data.endswith(b"\r"):
                data, rest = data[:-1], b"\r"  # the line feed may be in the next chunk
            start = 0
            for end in LINE_END.finditer(data):
                number += 1
                yield _decoded(data[start : end.start()], number=number, name=name, is_ended=True)
                start = end.end()
            rest = data[start:] + rest
            if len(rest) > LINE_BYTES:
                raise Refused("line_too_long", file=name, line=number + 1)
            if not chunk:
                break
    if rest:
        yield _decoded(rest, number=number + 1, name=name, is_ended=False)


def _decoded(line: bytes, *, number: int, name: str, is_ended: bool) -> _Line:
    if len(line) > LINE_BYTES:
        raise Refused("line_too_long", file=name, line=number)
    try:
        return _Line(number, line.decode("utf-8"), "", is_ended)
    except UnicodeDecodeError:
        pass
    try:
        return _Line(number, line.decode("cp1252"), "windows", is_ended)
    except UnicodeDecodeError:
        return _Line(number, line.decode("cp1252", errors="replace"), "characters", is_ended)
