"""OneRoster 1.1 and 1.2 CSV bundles: a zip archive or folder with a manifest and one file per kind of record."""

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from commonground.formats.archives import BundleFile, digests, file_digest, first_bytes, open_bundle
from commonground.formats.delimited import load, survey
from commonground.formats.folders import Workplace, workplace
from commonground.formats.oneroster.checks import check
from commonground.formats.oneroster.layout import PROFILES, SERVICE_COLUMNS, kinds, layouts, shapes
from commonground.formats.oneroster.manifest import Manifest, by_kind, heading, plain_text, read_manifest
from commonground.formats.oneroster.roster import root_of, school_years, write_books, write_tables
from commonground.formats.oneroster.staging import Staging
from commonground.formats.reading import Decision, Format, Reading, Refused

KEY = "oneroster"


def recognize(source: Path) -> bool:
    """Whether a zip archive or folder holds OneRoster tables. Raises Refused for an archive that is unsafe or unreadable."""
    if not source.is_dir():
        with source.open("rb") as opened:
            if opened.read(2) != b"PK":
                return False
    starts = [plain_text(start) for start in first_bytes(source).values()]
    if any(text.startswith("propertyname") and "oneroster.version" in text for text in starts):
        return True
    return sum("sourcedid" in text.splitlines()[0] for text in starts if text) >= 2


def read(
    source: Path,
    *,
    into: Path,
    known: Path | None = None,
    decisions: Sequence[Decision] = (),
    memory_limit: str = "200MB",
    threads: int = 1,
) -> Reading:
    """Read a bundle into Parquet files below `into` (see `formats.reading`). Raises Refused."""
    clock = _Clock()
    with workplace(into) as place:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "threads": threads,
            "temp_directory": str(place.work / "spilled"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        with duckdb.connect(config=config) as connection:
            reading = _read(source, place=place, known=known, decisions=decisions, connection=connection, clock=clock)
    return replace(reading, folder=into)


def digest(source: Path) -> str:
    """What `read` gives as the digest of a bundle, at a fraction of its time: to recognize one that was sent before."""
    return _joint_digest(digests(source).values())


def _joint_digest(of_files: Iterable[str]) -> str:
    """One digest for all files; their names and the way they are packed do not matter."""
    return hashlib.sha256("".join(sorted(of_files)).encode()).hexdigest()


class _Clock:
    """Seconds per step."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}
        self._last = time.perf_counter()

    def step(self, name: str) -> None:
        now = time.perf_counter()
        self.steps[name] = self.steps.get(name, 0.0) + now - self._last
        self._last = now


def _read(
    source: Path,
    *,
    place: Workplace,
    known: Path | None,
    decisions: Sequence[Decision],
    connection: duckdb.DuckDBPyConnection,
    clock: _Clock,
) -> Reading:
    bundle = open_bundle(source, into=place.work / "unpacked")
    files, notes = by_kind(bundle.files)
    clock.step("open")
    _refuse_service_tables(files)
    if "manifest" not in files:
        raise Refused("manifest_missing")
    manifest, manifest_notes = read_manifest(files.pop("manifest"), into=place.work)
    modes, promised = _modes(manifest, set(files))
    staging = Staging(connection=connection, layouts=layouts(manifest.version), modes=modes, known=known)
    staging.add_decisions(decisions)
    for note in (*bundle.notes, *notes, *manifest_notes):
        staging.note_file(note.file, note.code, column=note.column)
    for kind in promised:
        staging.note_file(manifest.file, "file_not_there", column=f"file.{kind}")
    taken = {manifest.file, *(file.name for file in files.values())}
    of_files = [manifest.digest, *(file_digest(file.path) for file in bundle.files if file.name not in taken)]
    for kind in (*staging.layouts, *sorted(set(files) - set(staging.layouts))):
        if kind in files:
            of_files.append(_load(staging, kind, files[kind], work=place.work))
            if manifest.modes.get(kind, "absent") == "absent":
                staging.note_file(kind, "file_not_in_manifest")
        else:
            staging.load_nothing(staging.layouts[kind])
    if not any(staging.rows.values()):
        raise Refused("bundle_empty")
    clock.step("load")
    check(staging)
    clock.step("check")
    tables = write_tables(staging, place.ready)
    problems = write_books(staging, place.ready)
    clock.step("write")
    return Reading(
        format=KEY,
        version=manifest.version,
        folder=place.ready,
        root=root_of(staging),
        files=staging.counts(),
        tables=tables,
        problems=problems,
        school_years=school_years(staging),
        digest=_joint_digest(of_files),
        seconds=clock.steps,
    )


def _refuse_service_tables(files: dict[str, BundleFile]) -> None:
    """Tables with the columns of the web service cannot be read as the CSV binding."""
    required = {kind: layout.required for version in ("1.1", "1.2") for kind, layout in layouts(version).items()}
    required["users"] = ("sourcedId", "givenName")
    for kind, file in files.items():
        cells = set(heading(file.path))
        lacks = [name for name in required.get(kind, ()) if name.lower() not in cells]
        if lacks and cells & {name.lower() for name in SERVICE_COLUMNS}:
            raise Refused("not_csv_binding", file=file.name, line=1, column=lacks[0])


def _modes(manifest: Manifest, present: set[str]) -> tuple[dict[str, str], list[str]]:
    """The mode of every kind of file, and the kinds that the manifest promises and that are not there.

    A promised file that is not there is `missing`: it says nothing about who left.
    """
    modes, promised = {}, []
    for kind in kinds():
        mode = manifest.modes.get(kind, "absent")
        if kind in present:
            modes[kind] = "bulk" if mode == "absent" else mode
        elif mode == "absent":
            modes[kind] = "absent"
        else:
            modes[kind] = "missing"
            promised.append(kind)
    return modes, promised


def _load(staging: Staging, kind: str, file: BundleFile, *, work: Path) -> str:
    """Load one file and return its digest. Of files that are not kept only the lines are counted."""
    surveyed = survey(file.path, name=file.name, into=work)
    if kind in staging.layouts:
        staging.load(staging.layouts[kind], surveyed)
    else:
        load(staging.connection, surveyed, name=kind, columns={"sourcedId": "NULL::VARCHAR"})
        staging.add_file(kind, file.name, surveyed.rows)
        staging.leave_out(kind, "profile_left_out" if kind == PROFILES else "file_not_used", where="TRUE")
    if not surveyed.is_regular:
        surveyed.path.unlink()
    return surveyed.digest


FORMAT = Format(
    key=KEY, title="OneRoster 1.1 and 1.2 (CSV)", recognize=recognize, read=read, digest=digest, files=shapes()
)

__all__ = ["FORMAT", "digest", "read", "recognize"]
