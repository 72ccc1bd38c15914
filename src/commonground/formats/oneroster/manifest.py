"""The manifest, and which file of the bundle is which."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from commonground.formats.archives import BundleFile, Note
from commonground.formats.delimited import survey
from commonground.formats.oneroster.layout import MODES, VERSIONS, kinds, layouts
from commonground.formats.reading import Refused

MANIFEST_COLUMNS = ("propertyname", "value")


@dataclass(frozen=True, slots=True)
class Manifest:
    """version: `1.1` or `1.2`. modes: `bulk`, `delta` or `absent` per kind of file; a kind it does not mention is missing."""

    file: str
    version: str
    modes: dict[str, str]
    digest: str


def read_manifest(file: BundleFile, *, into: Path) -> tuple[Manifest, tuple[Note, ...]]:
    """The manifest and notes about it. Raises Refused("version_unknown" or "manifest_missing")."""
    surveyed = survey(file.path, name=file.name, into=into)
    if tuple(cell.lower() for cell in surveyed.header[:2]) != MANIFEST_COLUMNS:
        raise Refused("manifest_missing", file=file.name)
    with surveyed.path.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened))[1 if surveyed.is_regular else 0 :]
    pairs = [row[:2] if surveyed.is_regular else row[2:4] for row in rows]
    properties = {pair[0].strip().lower(): pair[1].strip() for pair in pairs if len(pair) == 2}
    version = properties.get("oneroster.version", "")
    if version not in VERSIONS:
        raise Refused("version_unknown", file=file.name, column="oneroster.version")
    notes, modes = [], {}
    for kind in kinds():
        value = properties.get(f"file.{kind}".lower())
        if value is None:
            continue
        if value.lower() not in MODES:
            notes.append(Note("mode_unknown", file.name, f"file.{kind}"))
        modes[kind] = value.lower() if value.lower() in MODES else "delta"
    return Manifest(file.name, version, modes, surveyed.digest), tuple(notes)


def by_kind(files: Sequence[BundleFile]) -> tuple[dict[str, BundleFile], tuple[Note, ...]]:
    """The files by kind, `manifest` among them, and notes about their names.

    A name of the standard is taken at its word. Another file is recognized by its heading, and ignored with a note when its
    heading is none of the standard's or belongs to a file that is there already.
    """
    known = {kind.lower(): kind for kind in ("manifest", *kinds())}
    found: dict[str, BundleFile] = {}
    notes, others = [], []
    for file in files:
        stem = PurePosixPath(file.name.replace("\\", "/")).name[: -len(".csv")]
        kind = known.get(stem.lower())
        if kind is None:
            others.append(file)
            continue
        if kind != stem:
            notes.append(Note("file_name_case", file.name))
        found[kind] = file
    for file in others:
        kind = _kind_of_heading(heading(file.path))
        notes.append(Note("file_name_other" if kind and kind not in found else "file_ignored", file.name))
        if kind:
            found.setdefault(kind, file)
    return found, tuple(notes)


def heading(path: Path) -> tuple[str, ...]:
    """The column names of a file in lower case, by a first look that takes any encoding."""
    with path.open("rb") as opened:
        lines = plain_text(opened.read(1 << 16)).splitlines()
    return tuple(cell.strip() for cell in lines[0].split(",")) if lines else ()


def plain_text(start: bytes) -> str:
    """The beginning of a file for a first look, whatever its encoding: lower case, without quotes."""
    text = start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe").decode("latin-1")
    return text.strip().lower().replace('"', "")


def _kind_of_heading(cells: tuple[str, ...]) -> str | None:
    """The kind of file whose columns these are for the most part, all required ones among them; None when in doubt."""
    if cells[:2] == MANIFEST_COLUMNS:
        return "manifest"
    shares: dict[str, float] = {}
    for version in VERSIONS:
        for kind, layout in layouts(version).items():
            if {name.lower() for name in layout.required} <= set(cells):
                columns = {name.lower() for name in layout.columns}
                shares[kind] = max(shares.get(kind, 0.0), len(columns & set(cells)) / len(columns))
    best = max(shares.values(), default=0.0)
    candidates = [kind for kind, share in shares.items() if share == best]
    return candidates[0] if best > 0.5 and len(candidates) == 1 else None
