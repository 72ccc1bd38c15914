"""The smallest OneRoster bundles that mean something, and ways to spoil them. All people are invented."""

import csv
import io
import zipfile
from pathlib import Path

import duckdb

from commonground.formats import Reading
from commonground.formats.oneroster.layout import layouts

Bundle = dict[str, bytes]

MANIFEST_11 = """propertyName,value
manifest.version,1.0
oneroster.version,1.1
file.orgs,bulk
file.academicSessions,bulk
file.courses,bulk
file.classes,bulk
file.users,bulk
file.enrollments,bulk
file.demographics,bulk
"""
# One district, two schools, a year with a term, a course with two classes; two students, two teachers, a parent.
ROWS_11 = {
    "orgs": ["d1,,,Lake District,district,,", "s1,,,First School,school,,d1", "s2,,,Second School,school,,d1"],
    "academicSessions": [
        "y1,,,Year,schoolYear,2026-08-31,2027-06-04,,2027",
        "t1,,,Fall,term,2026-08-31,2027-01-15,y1,2027",
    ],
    "courses": ["c1,,,,Art,A1,09,d1,,"],
    "classes": ["k1,,,Art 1,09,c1,A1-1,scheduled,,s1,t1,,,", "k2,,,Art 2,09,c1,A1-2,scheduled,,s1,t1,,,"],
    "users": [
        "u1,,,true,s1,student,one,,One,Example,,,,,,u3,09,",
        "u2,,,true,s1,teacher,two,,Two,Example,,,,,,,,",
        "u3,,,true,s1,parent,three,,Three,Example,,,,,,,,",
        "u4,,,true,s1,student,four,,Four,Example,,,,,,,09,",
        "u5,,,true,s1,teacher,five,,Five,Example,,,,,,,,",
    ],
    "enrollments": ["e1,,,k1,s1,u1,student,,,", "e2,,,k1,s1,u5,teacher,true,,", "e3,,,k2,s1,u4,student,,,"],
    "demographics": ["u1,,,2011-02-03,female,false,false,false,false,true,false,false,,,,"],
}
ROWS_12 = {
    **ROWS_11,
    "users": [
        "u1,,,true,one,,One,Example,,,,,,u3,09,,,,,,s1,",
        "u2,,,true,two,,Two,Example,,,,,,,,,,,,,s1,",
        "u3,,,true,three,,Three,Example,,,,,,,,,,,,,s1,",
        "u4,,,true,four,,Four,Example,,,,,,,09,,,,,,s1,",
        "u5,,,true,five,,Five,Example,,,,,,,,,,,,,s1,",
    ],
    "roles": [
        "r1,,,u1,primary,student,,,s1,",
        "r2,,,u2,primary,teacher,,,s1,",
        "r3,,,u3,primary,parent,,,s1,",
        "r4,,,u4,primary,student,,,s1,",
        "r5,,,u5,primary,teacher,,,s1,",
    ],
}


def heading(kind: str, version: str = "1.1") -> str:
    return ",".join(layouts(version)[kind].columns)


def small(version: str = "1.1") -> Bundle:
    """A clean bundle: file name to bytes."""
    rows = ROWS_11 if version == "1.1" else ROWS_12
    manifest = MANIFEST_11.replace("1.1\n", f"{version}\n")
    if version == "1.2":
        manifest += "file.roles,bulk\n"
    return {
        "manifest.csv": manifest.encode(),
        **{f"{kind}.csv": _text([heading(kind, version), *lines]) for kind, lines in rows.items()},
    }


def _text(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def with_row(bundle: Bundle, file: str, *rows: str) -> Bundle:
    """The bundle with rows at the end of a file."""
    return {**bundle, file: bundle[file] + _text(list(rows))}


def with_text(bundle: Bundle, file: str, old: str, new: str) -> Bundle:
    """The bundle with a text replaced in a file; it must be there."""
    assert old.encode() in bundle[file]
    return {**bundle, file: bundle[file].replace(old.encode(), new.encode())}


def without(bundle: Bundle, *files: str) -> Bundle:
    return {name: content for name, content in bundle.items() if name not in files}


def absent(bundle: Bundle, kind: str) -> Bundle:
    """The bundle without a file, and the manifest says so."""
    return with_text(without(bundle, f"{kind}.csv"), "manifest.csv", f"file.{kind},bulk", f"file.{kind},absent")


def as_delta(bundle: Bundle) -> Bundle:
    return {**bundle, "manifest.csv": bundle["manifest.csv"].replace(b",bulk", b",delta")}


def write_folder(bundle: Bundle, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in bundle.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def write_zip(bundle: Bundle, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in bundle.items():
            archive.writestr(name, content)
    return path


def rows_of(reading: Reading, table: str, columns: str = "*") -> list[tuple]:
    """Rows of one of the Parquet files, in order."""
    return duckdb.sql(f"SELECT {columns} FROM '{reading.table(table)}' ORDER BY ALL").fetchall()


def counts(reading: Reading) -> dict[str, tuple[int, int, int, int]]:
    """Read, accepted, held and left out, per kind of file."""
    return {count.kind: (count.read, count.accepted, count.held, count.left_out) for count in reading.files}


def raw_rows(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file by the standard library alone; surplus fields are under None."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def held(found: Reading) -> list[tuple]:
    return rows_of(found, "held", '"table", line, code, root_file, root_line, releasable')


def known(folder: Path, **tables: list[str]) -> Path:
    """A folder that names what was accepted earlier."""
    folder.mkdir()
    for table, ids in tables.items():
        values = ", ".join(f"('{source_id}')" for source_id in ids)
        duckdb.sql(f"COPY (FROM (VALUES {values}) t(source_id)) TO '{folder / table}.parquet'")
    return folder


# --- the tables -----------------------------------------------------------------------------------------------------------
