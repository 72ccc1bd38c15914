"""The manifest, and which file of the bundle is which."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from commonground.formats.archives import BundleFile, Note
from commonground.formats.delimited import survey
from commonground.formats.oneroster.layout import MODES, VERSIONS, kinds
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
    """The files by kind, `manifest` among them, and notes about names. A name that fits no kind is ignored with a note."""
    known = {kind.lower(): kind for kind in ("manifest", *kinds())}
    found: dict[str, BundleFile] = {}
    notes = []
    for file in files:
        stem = PurePosixPath(file.name.replace("\\", "/")).name[: -len(".csv")]
        kind = known.get(stem.lower())
        if kind is None:
            notes.append(Note("file_ignored", file.name))
            continue
        if kind != stem:
            notes.append(Note("file_name_case", file.name))
        found[kind] = file
    return found, tuple(notes)
