"""How vendors pack a bundle: zip or folder, nested or miscased, with their own line ends, marks and columns."""

import io
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from commonground.demonstration.oneroster import Row, Tables


@dataclass(frozen=True)
class Layout:
    """line_end: what ends a line. mark: a byte order mark first. nested: a folder inside. miscased: file names in another case."""

    is_zip: bool = True
    line_end: str = "\n"
    mark: bool = False
    nested: str = ""
    miscased: bool = False


LAYOUTS = {
    "zip": Layout(),
    "nested": Layout(nested="OneRoster Export/", line_end="\r\n"),
    "marked": Layout(mark=True, line_end="\r\n"),
    "miscased": Layout(miscased=True),
    "folder": Layout(is_zip=False, line_end="\r\n"),
    "old_mac": Layout(line_end="\r"),
}


@dataclass(frozen=True)
class Packed:
    """A written bundle. files: OneRoster name -> path inside; lines: id(row) -> line on which a watched row starts (from 1)."""

    path: Path
    files: dict[str, str]
    lines: dict[int, int]


def _field(value: str) -> str:
    if any(letter in value for letter in ',"\n\r'):
        return '"' + value.replace('"', '""') + '"'
    return value


def _text(columns: tuple[str, ...], rows: list[Row], *, line_end: str, watched: set[int], lines: dict[int, int]) -> str:
    """The CSV text; a line break inside a value counts as a line, as an editor would count it."""
    out = io.StringIO()
    out.write(",".join(map(_field, columns)) + line_end)
    line = 2
    for row in rows:
        if id(row) in watched:
            lines[id(row)] = line
        joined = ",".join(row)
        if '"' in joined or "\n" in joined or joined.count(",") != len(row) - 1:
            joined = ",".join(map(_field, row))
            line += joined.count("\n")
        out.write(joined + line_end)
        line += 1
    return out.getvalue()


def pack(tables: Tables, folder: Path, *, name: str, layout: Layout, day: date, watched: list[Row]) -> Packed:
    """Writes the tables below `folder`; equal input gives equal bytes."""
    lines: dict[int, int] = {}
    ids = {id(row) for row in watched}
    inside = {
        table: f"{layout.nested}{table.lower() if layout.miscased else table}.{'CSV' if layout.miscased else 'csv'}"
        for table in tables
    }
    contents = {
        inside[table]: _text(content.columns, content.rows, line_end=layout.line_end, watched=ids, lines=lines).encode(
            "utf-8-sig" if layout.mark else "utf-8"
        )
        for table, content in tables.items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (f"{name}.zip" if layout.is_zip else name)
    if layout.is_zip:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for file, content in contents.items():
                entry = zipfile.ZipInfo(file, date_time=(day.year, day.month, day.day, 3, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, content, compresslevel=1)
    else:
        path.mkdir(parents=True, exist_ok=True)
        for file, content in contents.items():
            (path / file).write_bytes(content)
    return Packed(path=path, files=inside, lines=lines)
