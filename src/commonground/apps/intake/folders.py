"""Where a batch's files lie: a folder of its own, readable by nobody else, with names of our making."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.conf import settings

from commonground.apps.intake.models import Batch
from commonground.formats import Refused
from commonground.formats.archives import copy_folder

BLOCK = 1 << 20


class TooLarge(Exception):
    """There are more bytes than may be kept."""


def batch_folder(batch_id: UUID) -> Path:
    """The folder of a batch, made when it is missing."""
    folder = Path(settings.BATCH_FOLDER) / str(batch_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


SENT = "sent"


def original(batch_id: UUID) -> Path:
    """The file as it was sent."""
    return batch_folder(batch_id) / SENT


def sent_name(batch: Batch, file: str) -> str:
    """A file's name as its sender knows it: one that came alone lies here under a name of ours."""
    return batch.label if file == SENT else file


def keep(source: Iterable[bytes] | Path, path: Path, *, most: int) -> int:
    """Write a sent file, or a copy of a sent folder, to a path that is free. Returns its size in bytes.

    source: the file's bytes, or where the file or folder lies. most: bytes of a file; a folder is held to the limits of an
    unpacked archive. Raises TooLarge, OSError, and Refused for what cannot be copied safely; half a copy may be left.
    """
    if not isinstance(source, Path):
        return _write(source, path, most=most)
    if source.is_dir():
        return copy_folder(source, to=path)
    if not source.is_file():
        raise Refused("archive_unreadable")
    with source.open("rb") as file:
        return _write(iter(lambda: file.read(BLOCK), b""), path, most=most)


def _write(blocks: Iterable[bytes], path: Path, *, most: int) -> int:
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for block in blocks:
            size += len(block)
            if size > most:
                raise TooLarge
            file.write(block)
    return size


def fresh(batch_id: UUID, name: str) -> Path:
    """An empty folder below the batch's; whatever it held is gone."""
    folder = batch_folder(batch_id) / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def has_files(batch_id: UUID) -> bool:
    """Whether anything of the batch lies there."""
    return (Path(settings.BATCH_FOLDER) / str(batch_id)).is_dir()


def discard(batch_id: UUID) -> None:
    """Destroy everything the batch's folder holds."""
    shutil.rmtree(Path(settings.BATCH_FOLDER) / str(batch_id), ignore_errors=True)


def clear(batch_id: UUID) -> None:
    """Destroy everything in the batch's folder but the file as it was sent."""
    for path in (Path(settings.BATCH_FOLDER) / str(batch_id)).glob("*"):
        if path.name != SENT:
            shutil.rmtree(path, ignore_errors=True)


def untouched_for(*, hours: float) -> list[UUID]:
    """The batches whose folders nothing was put into or taken out of for so long."""
    before = time.time() - hours * 3600
    found = []
    for folder in Path(settings.BATCH_FOLDER).glob("*"):
        with contextlib.suppress(ValueError, FileNotFoundError):
            if folder.stat().st_mtime < before:
                found.append(UUID(folder.name))
    return found
