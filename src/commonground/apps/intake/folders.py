"""Where a batch's files lie: a folder of its own, readable by nobody else, with names of our making."""

import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings


def batch_folder(batch_id: UUID) -> Path:
    """The folder of a batch, made when it is missing."""
    folder = Path(settings.BATCH_FOLDER) / str(batch_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def original(batch_id: UUID) -> Path:
    """The file as it was sent."""
    return batch_folder(batch_id) / "sent"


def fresh(batch_id: UUID, name: str) -> Path:
    """An empty folder below the batch's; whatever it held is gone."""
    folder = batch_folder(batch_id) / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def discard(batch_id: UUID) -> None:
    """Destroy everything the batch's folder holds."""
    shutil.rmtree(Path(settings.BATCH_FOLDER) / str(batch_id), ignore_errors=True)
