"""Keeping a file that somebody sends, and opening a batch for it; a file that cannot be taken is destroyed."""

import errno
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.events import EventKind, record_event
from commonground.apps.intake import folders
from commonground.apps.intake.models import Batch
from commonground.formats import Refused

LARGEST_FILE_BYTES = 2 * 1024**3


class FileNotKept(Exception):
    """The file could not be kept, and nothing of it was; the message says why and what to do."""


class FileTooLarge(FileNotKept):
    """The file is larger than this installation accepts."""


class NoRoom(FileNotKept):
    """The disk is full."""


def receive_file(*, owner_id: UUID, blocks: Iterable[bytes] | Path, label: str, by: UUID, now: datetime) -> Batch:
    """Keep a sent file in a folder of its own and open a batch for it. Inside the walls, as a sender.

    blocks: the file's bytes, or the path of a file or folder. A folder that is unsafe to copy comes back refused.
    Raises FileNotKept; nothing is kept then.
    """
    batch = Batch(owner_id=owner_id, label=label[:200], sent_by_id=by, sent_at=now)
    try:
        batch.size_bytes = folders.keep(blocks, folders.original(batch.pk), most=LARGEST_FILE_BYTES)
        _open(batch)
    except Refused as refused:
        folders.discard(batch.pk)
        refuse(batch, refused, by=by, now=now)
        _open(batch)
    except folders.TooLarge as too_large:
        folders.discard(batch.pk)
        raise FileTooLarge(_("The file is larger than 2 GB. Export one district at a time.")) from too_large
    except OSError as error:
        folders.discard(batch.pk)
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise NoRoom(
                _("There is no room for this file on the server. Nothing was kept. Tell the operator.")
            ) from error
        raise
    except BaseException:
        folders.discard(batch.pk)
        raise
    record_event(EventKind.BATCH_RECEIVED, person_id=by, organization_id=owner_id, about=str(batch.pk))
    return batch


def _open(batch: Batch) -> None:
    """Give the batch the owner's next number and store it. Two that are sent at once wait for each other here only."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"intake number {batch.owner_id}"])
        last = Batch.objects.filter(owner_id=batch.owner_id).aggregate(last=Max("number"))["last"] or 0
        batch.number = last + 1
        batch.save(force_insert=True)


def refuse(batch: Batch, refused: Refused, *, by: UUID, now: datetime) -> None:
    """Mark a batch as refused; what lies in its folder is left to the caller."""
    batch.status, batch.checked_at, batch.summary = Batch.Status.REFUSED, now, {}
    batch.refusal = {"code": refused.code, "file": refused.file, "line": refused.line, "column": refused.column}
    record_event(EventKind.BATCH_REFUSED, person_id=by, organization_id=batch.owner_id, about=str(batch.pk))
