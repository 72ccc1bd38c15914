"""Every broken file that the issue names, as a maker of a file, and the outcome that is fixed for it."""

import json
import os
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.formats.bundles import Bundle, absent, small, with_row, with_text, write_folder, write_zip

LONG_LINE_BYTES = 2_000_000_000


@dataclass(frozen=True)
class Broken:
    """make: writes the file into a folder and returns its path. refused: the code, or None when rows can be taken.

    found: the (outcome, code, file, first line) that must be told, of an accepted file. held: rows that wait.
    by_command: made another way for the command, which takes folders as well. sender: West's coordinator, or South's, where
    nothing was sent yet.
    """

    name: str
    make: Callable[[Path], Path]
    refused: str | None = None
    where: tuple[str, int] = ("", 0)
    found: tuple[tuple[str, str, str, int], ...] = ()
    held: int = 0
    by_command: Callable[[Path], Path] | None = None
    sender: str = "wanda"


def zipped(bundle: Bundle) -> Callable[[Path], Path]:
    return lambda folder: write_zip(bundle, folder / "bundle.zip")


def bomb(folder: Path) -> Path:
    """A gigabyte of zeros in a megabyte."""
    path = folder / "bundle.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in small().items():
            archive.writestr(name, content)
        with archive.open("demographics2.csv", "w") as entry:
            for _ in range(1000):
                entry.write(bytes(1 << 20))
    return path


def overlapping_bomb(folder: Path) -> Path:
    """Directory entries that share the same packed bytes, as in Fifield's "A better zip bomb" (2019)."""
    path = write_zip({**small(), "a.csv": os.urandom(4000), "b.csv": b"x"}, folder / "bundle.zip")
    content = bytearray(path.read_bytes())
    first = content.index(b"a.csv", content.index(b"PK\x01\x02")) - 46
    second = content.index(b"b.csv", first) - 46
    content[second + 16 : second + 28] = content[first + 16 : first + 28]  # checksum and both sizes
    content[second + 42 : second + 46] = content[first + 42 : first + 46]  # where the bytes are
    path.write_bytes(content)
    return path


def lying_bomb(folder: Path) -> Path:
    """A megabyte behind a directory that declares ten bytes."""
    path = write_zip({**small(), "users.csv": small()["users.csv"] + b"x" * (1 << 20)}, folder / "bundle.zip")
    content = bytearray(path.read_bytes())
    entry = content.index(b"users.csv", content.index(b"PK\x01\x02")) - 46
    content[entry + 24 : entry + 28] = struct.pack("<I", 10)
    path.write_bytes(content)
    return path


def slip(name: str) -> Callable[[Path], Path]:
    return lambda folder: write_zip({**small(), name: b"x"}, folder / "bundle.zip")


def nested(folder: Path) -> Path:
    inner = write_zip(small(), folder / "inner.zip")
    return write_zip({**small(), "inner.zip": inner.read_bytes()}, folder / "bundle.zip")


def nested_in_disguise(folder: Path) -> Path:
    inner = write_zip(small(), folder / "inner.zip")
    return write_zip({**small(), "users.csv": inner.read_bytes()}, folder / "bundle.zip")


def long_line_zipped(folder: Path) -> Path:
    """One line of two gigabytes that packs to a fiftieth: under the ratio that unpacking refuses."""
    path = folder / "bundle.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in small().items():
            if name != "users.csv":
                archive.writestr(name, content)
        with archive.open("users.csv", "w", force_zip64=True) as entry:
            entry.write(small()["users.csv"])
            for _ in range(LONG_LINE_BYTES // (31_000 * 32)):
                entry.write(b"".join(b"x" * 30_000 + os.urandom(500).hex().encode() for _ in range(32)))
    return path


def long_line_folder(folder: Path) -> Path:
    path = write_folder(small(), folder / "bundle")
    with (path / "users.csv").open("ab") as users:
        for _ in range(LONG_LINE_BYTES >> 20):
            users.write(b"x" * (1 << 20))
    return path


def truncated_archive(folder: Path) -> Path:
    path = write_zip(small(), folder / "bundle.zip")
    path.write_bytes(path.read_bytes()[:-60])
    return path


def written(content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "bundle.zip"
        path.write_bytes(content)
        return path

    return make


def recoded(bundle: Bundle, encoding: str) -> Bundle:
    return {name: content.decode().encode(encoding) for name, content in bundle.items()}


def another_root() -> Bundle:
    bundle = with_text(small(), "orgs.csv", "d1,", "dx,")
    return {name: content.replace(b",d1", b",dx") for name, content in bundle.items()}


# The teacher's name in UTF-8 on line 3, the parent's in Windows-1252 on line 4.
PEOPLE = small()["users.csv"]
MIXED = PEOPLE.replace(b"Two,Example", "Zoë,Example".encode()).replace(b"Three,Example", "Zoë,Example".encode("cp1252"))
NULL = PEOPLE.replace(b"Four,", b"Fo\0ur,")


# --- borders and state tables ---------------------------------------------------------------------------------------
KEPT = "sent"  # a file that is no archive is told by the name it has among the kept files


def sent_as(name: str, content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return make


def squares(*lefts: int, names: str = "ABCDEFGH") -> bytes:
    """Unit squares side by side where their left edges are one apart, as GeoJSON."""
    features = []
    for left, name in zip(lefts, names, strict=False):
        ring = [[left, 0], [left + 1, 0], [left + 1, 1], [left, 1], [left, 0]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"name": name}, "geometry": shape})
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def coast(folder: Path) -> Path:
    """One area with more than 4 MB of points."""
    path = folder / "borders.json"
    points = ",".join(f"[{place / 1000},{place % 7}]" for place in range(400_000))
    shape = f'{{"type":"Polygon","coordinates":[[{points}]]}}'
    path.write_text(
        f'{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"name":"A"}},"geometry":{shape}}}]}}'
    )
    return path


DEEP = b'{"type": "FeatureCollection", "features": [{"geometry": ' + b"[" * 1_000_000
DEEP_AND_CLOSED = DEEP + b"]" * 1_000_000 + b"}]}"

BORDERS = (
    Broken("borders, no area", sent_as("borders.json", squares()), "bundle_empty", (KEPT, 0)),
    Broken("borders, truncated", sent_as("borders.json", squares(0, 1)[:-30]), "format_unknown", (KEPT, 0)),
    Broken(
        "borders, not UTF-8",
        sent_as("borders.json", squares(0, 1).replace(b'"A"', b'"Zo\xeb"')),
        "encoding_unreadable",
        (KEPT, 0),
    ),
    Broken("borders, nested bomb", sent_as("borders.json", DEEP), "format_unknown", (KEPT, 0)),
    Broken("borders, nested, closed", sent_as("borders.json", DEEP_AND_CLOSED), "format_unknown", (KEPT, 0)),
    Broken(
        "borders, letters in numbers",
        sent_as("borders.json", squares(0, 1).replace(b"[1, 0]", b'["east", 0]')),
        "format_unknown",
        (KEPT, 0),
    ),
    Broken(
        "borders, wrong members",
        sent_as("borders.json", squares(0, 1).replace(b'"geometry"', b'"shape"')),
        "format_unknown",
        (KEPT, 0),
    ),
    Broken("borders, a coast in every detail", coast, "borders_too_detailed", (KEPT, 0)),
    Broken(
        "borders, one area a hundred thousand times",
        sent_as(
            "borders.json",
            squares(0)[:-2] + b", " + b", ".join([squares(0)[squares(0).index(b"[") + 1 : -2]] * 100_000) + b"]}",
        ),
        "borders_too_detailed",
        (KEPT, 0),
    ),
    Broken(
        # C, the third area, stands apart.
        "borders, an area apart",
        sent_as("borders.json", squares(0, 1, 5)),
        found=(("note", "border_alone", KEPT, 3),),
    ),
    Broken(
        "borders, an area without a name",
        sent_as("borders.json", squares(0, 1).replace(b'"name": "B"', b'"color": "B"')),
        found=(("held", "name_missing", KEPT, 2),),
        held=1,
    ),
)

STATE = "DataYear,districtNumber,districtType,schoolNumber,Grade,AMI,ASN,BLK,HIS,WHT,TotalMinority,TotalStudents\n"
GOOD = "17-18,1,1,1,07,1,2,3,4,10,10,20\n"


def state(*rows: str, head: str = STATE) -> Callable[[Path], Path]:
    return sent_as("counts.csv", (head + GOOD + "".join(f"{row}\n" for row in rows)).encode())


TABLES = (
    Broken("state table, headings only", sent_as("counts.csv", STATE.encode()), "bundle_empty"),
    Broken(
        "state table, broken off",
        sent_as("counts.csv", (STATE + GOOD)[:-9].encode()),
        "file_truncated",
        (KEPT, 2),
    ),
    Broken(
        "state table, wrong columns",
        sent_as("counts.csv", (STATE.replace("districtNumber", "county") + GOOD).encode()),
        "format_unknown",
    ),
    Broken(
        "state table, NUL",
        sent_as("counts.csv", (STATE + GOOD + "17-18,1,1,1,0\0,1\n").encode()),
        "zero_bytes",
        (KEPT, 3),
    ),
    Broken(
        "state table, not UTF-8",
        sent_as(
            "counts.csv",
            (STATE.replace("DataYear", "DataYear,DistrictName") + GOOD.replace("17-18", "17-18,Zoë")).encode("cp1252"),
        ),
        found=(("note", "encoding_other", KEPT, 0),),
    ),
    Broken(
        "state table, negative counts",
        state("17-18,1,1,1,08,-1,2,3,4,10,10,20"),
        found=(("held", "count_unreadable", KEPT, 3),),
        held=1,
    ),
    Broken(
        "state table, letters in counts",
        state("17-18,1,1,1,08,one,2,3,4,10,10,20", "17-18,1,1,1,09,1,2,3,4,10,10,2O"),
        found=(("held", "count_unreadable", KEPT, 3),),
        held=2,
    ),
    Broken(
        "state table, a row twice",
        state(GOOD.strip()),
        found=(("left_out", "row_repeated", KEPT, 3),),
    ),
    Broken(
        # Lines 2 and 3 say different things of one school and grade: both wait.
        "state table, two rows that differ",
        state("17-18,1,1,1,07,1,2,3,5,10,11,21"),
        found=(("held", "id_repeated", KEPT, 2),),
        held=2,
    ),
    Broken(
        "state table, school without district",
        state("17-18,,,1,08,1,2,3,4,10,10,20"),
        found=(("held", "id_missing", KEPT, 3),),
        held=1,
    ),
    Broken(
        "state table, a row too wide",
        state("17-18,1,1,1,08,1,2,3,4,10,10,20,30,40"),
        found=(("held", "row_width", KEPT, 3),),
        held=1,
    ),
)

CASES = (
    Broken("zip bomb", bomb, "archive_ratio", ("demographics2.csv", 0)),
    Broken("zip bomb, overlapping", overlapping_bomb, "archive_unreadable"),
    Broken("zip bomb, lying", lying_bomb, "archive_unreadable", ("users.csv", 0)),
    Broken("zip-slip, up", slip("../../users.csv"), "archive_name_unsafe"),
    Broken("zip-slip, absolute", slip("/etc/users.csv"), "archive_name_unsafe"),
    Broken("zip-slip, backslash", slip("..\\users.csv"), "archive_name_unsafe"),
    Broken("nested archive", nested, "archive_nested", ("inner.zip", 0)),
    Broken("nested in disguise", nested_in_disguise, "archive_nested", ("users.csv", 0)),
    # The small bundle's users end in line 6; the long line is the seventh.
    Broken("2 GB line", long_line_zipped, "line_too_long", ("users.csv", 7), by_command=long_line_folder),
    Broken("NUL", zipped({**small(), "users.csv": NULL}), "zero_bytes", ("users.csv", 5)),
    Broken(
        "mixed encodings",
        zipped({**small(), "users.csv": MIXED}),
        found=(("note", "encoding_mixed", "users.csv", 4),),
    ),
    Broken("UTF-16", zipped(recoded(small(), "utf-16")), found=(("note", "encoding_other", "users.csv", 0),)),
    Broken("UTF-32", zipped(recoded(small(), "utf-32")), "encoding_unreadable", ("manifest.csv", 0)),
    Broken("truncated archive", truncated_archive, "archive_unreadable"),
    Broken("truncated file", zipped({**small(), "users.csv": PEOPLE[:-15]}), "file_truncated", ("users.csv", 6)),
    Broken(
        # Line 5 is u4; the new line 7 says something else about the same id, so both wait, and e3 with them.
        "duplicate ids",
        zipped(with_row(small(), "users.csv", "u4,,,true,s1,student,four,,Fore,Example,,,,,,,09,")),
        found=(("held", "id_repeated", "users.csv", 5),),
        held=3,
    ),
    Broken(
        "dangling references",
        zipped(
            with_row(
                small(),
                "enrollments.csv",
                "e8,,,k404,s1,u1,student,,,",
                "e9,,,k1,s1,u404,student,,,",
            )
        ),
        found=(
            ("held", "class_unknown", "enrollments.csv", 5),
            ("held", "user_unknown", "enrollments.csv", 6),
        ),
        held=2,
    ),
    Broken(
        # The course of line 4 is in no file; the bundle brings no file of courses at all.
        "dangling, file absent",
        zipped(with_row(absent(small(), "courses"), "classes.csv", "k9,,,Art 3,09,c404,A1-3,scheduled,,s1,t1,,,")),
        found=(("note", "file_absent", "classes.csv", 4),),
    ),
    Broken(
        "unknown enums",
        zipped(with_text(small(), "classes.csv", "A1-1,scheduled", "A1-1,workshop")),
        found=(("note", "enum_unknown", "classes.csv", 2),),
    ),
    Broken(
        # u3 is nobody's role now: she waits; u1 names her as guardian and is taken without that.
        "unknown role",
        zipped(with_text(small(), "users.csv", "s1,parent", "s1,neighbor")),
        found=(("held", "role_unknown", "users.csv", 4),),
        held=1,
    ),
    Broken(
        "impossible dates",
        zipped(
            with_row(
                small(),
                "enrollments.csv",
                "e8,,,k2,s1,u1,student,,2026-02-30,",
                "e9,,,k1,s1,u4,student,,1/05/2026,",
            )
        ),
        found=(
            ("held", "date_impossible", "enrollments.csv", 5),
            ("held", "date_ambiguous", "enrollments.csv", 6),
        ),
        held=2,
    ),
    Broken(
        "wrong version",
        zipped(with_text(small(), "manifest.csv", "version,1.1", "version,2.0")),
        "version_unknown",
        ("manifest.csv", 0),
    ),
    Broken("empty archive", zipped({}), "format_unknown"),
    Broken("empty file", zipped({**small(), "users.csv": b""}), "file_empty", ("users.csv", 0)),
    Broken(
        "headings only",
        zipped(
            {
                name: content if name == "manifest.csv" else content.splitlines(keepends=True)[0]
                for name, content in small().items()
            }
        ),
        "bundle_empty",
    ),
    Broken("no archive at all", written(os.urandom(5000)), "format_unknown"),
    Broken("another district's root", zipped(another_root()), "root_differs"),
    Broken("another district's tie", zipped(small()), "root_differs", sender="otto"),
    Broken("another district's children", zipped(another_root()), "students_of_another_district", sender="otto"),
    *BORDERS,
    *TABLES,
)
