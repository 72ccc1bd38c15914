"""Everything a district owns in one zip: a CSV per table, the files it sent, its signed papers, a manifest.

Rows are read by `cg.owned_rows` and written as they come, so that memory does not grow with the district.
"""

import csv
import hashlib
import io
import json
import os
import secrets
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from commonground.apps.core.asking import ask_database
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.spreadsheets import safe_cell
from commonground.apps.governance.leaving.catalog import owned_tables
from commonground.apps.governance.leaving.places import export_path
from commonground.apps.governance.models import Leaving
from commonground.apps.intake.models import Batch
from commonground.store.walls import enter

ROWS_AT_ONCE = 2_000
BLOCK = 1 << 20
README = """\
Everything that {district} owned in Commonground, as of {day}.

tables/      one CSV file per table: UTF-8, commas, a header, one line per row, in the order of the ids. Empty tables too.
files/sent/  the files as your district sent them, by the number of the batch.
files/agreements/  the signed papers of your agreements.
manifest.json  rows, bytes and SHA-256 of every file.
number.txt   the number to type on the page "Leave with everything": it is the last part, so the whole file arrived.

An empty cell is a value that was never given. Lists and other structures stand in a cell as JSON. A cell that a spreadsheet
program could run as a formula begins with a quote mark (') that is not part of the value.
core_change is what changed, with the row as it was before (old); core_disclosureline is who from outside your district
looked at which child. What families said about school meals is left out, and so is which of them answered: programs_mealsanswer
is empty, because families were told that nobody but the child's guardians reads it. So is coaching_entry: what a coach and a
teacher wrote is read by the two alone. A teacher prints it before the district leaves.
"""
NUMBER = """\
The number of this export: {number}

Type it on the page "Leave with everything". This is the last part of the file: whoever reads it has the file whole.
"""


@dataclass
class _Digesting:
    """A file to write to that counts bytes and their SHA-256."""

    file: IO[bytes]
    size_bytes: int = 0

    def __post_init__(self) -> None:
        self.sha256 = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        self.size_bytes += len(data)
        return self.file.write(data)


def write_export(*, leaving_id: UUID, by: UUID, now: datetime) -> None:
    """Write the export of an open way out, in place of the one before, and note that it is whole.

    Twice is once: one that is whole stays as it is, until another is asked for. Raises Refused where the way out is not the
    person's district's, or was confirmed or called off.
    """
    leaving = Leaving.objects.select_related("place").get(pk=leaving_id)
    path = export_path(leaving.place_id, leaving_id)
    if leaving.exported_at is not None and path.is_file():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    manifest: dict[str, Any] = {"district": leaving.place.name, "made_at": now.isoformat(), "tables": {}, "files": {}}
    number = f"{secrets.randbelow(10**8):08}"
    written = 0
    with (
        os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        archive.writestr("README.txt", README.format(district=leaving.place.name, day=f"{now:%Y-%m-%d}"))
        for table in owned_tables():
            # Each table in a transaction of its own, so that the page can tell how far it is.
            with enter(person=by, purpose=f"export {leaving_id}", role="job"):
                ask_database("note_export", leaving_id, written, "", "")
                told = _write_table(archive, leaving_id, table)
            manifest["tables"][table] = told
            written += told["rows"]
        for name, source in _files(leaving, by=by):
            manifest["files"][name] = _write_file(archive, name, source)
        archive.writestr("manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False))
        archive.writestr("number.txt", NUMBER.format(number=f"{number[:4]} {number[4:]}"))
    digest = _digest_of(part)
    part.replace(path)
    with enter(person=by, purpose=f"export {leaving_id}", role="job"):
        ask_database("note_export", leaving_id, written, digest, number)
        record_event(
            EventKind.LEAVING_EXPORTED,
            person_id=by,
            organization_id=leaving.place_id,
            about=str(leaving_id),
            detail={"rows": written, "files": len(manifest["files"]), "sha256": digest},
        )


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped"
            " order by attnum",
            [f"public.{table}"],
        )
        return [row[0] for row in cursor.fetchall()]


def _rows(leaving_id: UUID, table: str) -> Iterator[dict[str, Any]]:
    """The district's rows of one table, a few at a time."""
    with connection.cursor() as cursor:
        cursor.execute("declare owned no scroll cursor for select * from cg.owned_rows(%s, %s)", [leaving_id, table])
        while True:
            cursor.execute(f"fetch {ROWS_AT_ONCE} from owned")
            rows = cursor.fetchall()
            if not rows:
                break
            for (text,) in rows:
                yield json.loads(text)
        cursor.execute("close owned")


def cell(value: object) -> str:
    """A value as it stands in the CSV: "" for none, JSON for lists and structures, never a formula."""
    if isinstance(value, dict | list | bool):
        value = json.dumps(value, ensure_ascii=False)
    return safe_cell(value)


def _write_table(archive: zipfile.ZipFile, leaving_id: UUID, table: str) -> dict[str, Any]:
    columns: Sequence[str] = _columns(table)
    count = 0
    name = f"tables/{table}.csv"
    with archive.open(name, "w", force_zip64=True) as file:
        counted = _Digesting(file)
        # The mark tells spreadsheet programs that the text is UTF-8.
        counted.write("\ufeff".encode())
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(columns)
        for row in _rows(leaving_id, table):
            writer.writerow([cell(row[column]) for column in columns])
            count += 1
            if count % ROWS_AT_ONCE == 0:
                counted.write(text.getvalue().encode())
                text.seek(0)
                text.truncate()
        counted.write(text.getvalue().encode())
    return {"file": name, "rows": count, "bytes": counted.size_bytes, "sha256": counted.sha256.hexdigest()}


def _files(leaving: Leaving, *, by: UUID) -> Iterator[tuple[str, Path]]:
    """Names in the zip and places on disk of the files that the district sent, and of its signed papers."""
    with enter(person=by, purpose=f"export {leaving.pk}", role="job"):
        batches = list(Batch.objects.filter(owner_id=leaving.place_id).order_by("number").values_list("pk", "number"))
    for batch_id, number in batches:
        sent = Path(settings.BATCH_FOLDER) / str(batch_id) / "sent"
        for path in [sent] if sent.is_file() else sorted(sent.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield f"files/sent/{number}/{path.relative_to(sent.parent)}", path
    for path in sorted((Path(settings.AGREEMENT_FOLDER) / str(leaving.place_id)).glob("*.pdf")):
        yield f"files/agreements/{path.name}", path


def _write_file(archive: zipfile.ZipFile, name: str, source: Path) -> dict[str, Any]:
    with source.open("rb") as sent, archive.open(name, "w", force_zip64=True) as file:
        counted = _Digesting(file)
        while block := sent.read(BLOCK):
            counted.write(block)
    return {"bytes": counted.size_bytes, "sha256": counted.sha256.hexdigest()}


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
