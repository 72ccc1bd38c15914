"""Where a leaving district's files lie: its export, what it sent, its signed papers, its partitions of the lake."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.conf import settings

from commonground.apps.intake import folders


def exports() -> Path:
    """The folder of all exports, each district's in one of its own."""
    return Path(settings.DATA) / "exports"


def export_path(place_id: UUID, leaving_id: UUID) -> Path:
    """Where the export of one way out lies."""
    return exports() / str(place_id) / f"{leaving_id}.zip"


def lake_partitions(place_id: UUID) -> list[Path]:
    """Partitions of the lake that hold this owner's rows: files and folders named by its id, at any depth."""
    return sorted((Path(settings.DATA) / "lake").rglob(f"*{place_id}*"))


def destroy_files(place_id: UUID, batches: Iterable[UUID]) -> None:
    """Destroy everything on disk that is the district's. What is gone already is passed over."""
    for batch_id in batches:
        folders.discard(batch_id)
    for folder in (exports() / str(place_id), Path(settings.AGREEMENT_FOLDER) / str(place_id)):
        shutil.rmtree(folder, ignore_errors=True)
    for partition in lake_partitions(place_id):
        if partition.is_dir():
            shutil.rmtree(partition, ignore_errors=True)
        else:
            partition.unlink(missing_ok=True)
