"""What people do with a district's files: send, tie, decide, apply, undo, set aside."""

import logging
import os
import shutil
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import SchoolYear
from commonground.apps.intake import folders
from commonground.apps.intake.applying import hold_owner, unwrite_batch, write_batch
from commonground.apps.intake.checking import LEAVERS, keep_findings, read_and_compare, summary
from commonground.apps.intake.effects import following
from commonground.apps.intake.models import Batch, Decision, Tie
from commonground.apps.intake.queries import is_first, latest_applied
from commonground.formats import Refused
from commonground.formats.problems import PROBLEMS
from commonground.store.walls import enter

LARGEST_FILE_BYTES = 2 * 1024**3

logger = logging.getLogger(__name__)


class FileTooLarge(Exception):
    """The file is larger than this installation accepts."""


class NotNow(Exception):
    """The batch is not in a state in which this can be done; the message says what to do."""


class TieNeeded(Exception):
    """The first bundle of a district must be tied to it by a person."""


class PreviewIsOld(Exception):
    """Another batch was applied after this one was checked: it must be checked again."""


def receive_file(*, owner_id: UUID, blocks: Iterable[bytes] | Path, label: str, by: UUID, now: datetime) -> Batch:
    """Keep a sent file in a folder of its own and open a batch for it. Inside the walls, as a sender.

    blocks: the file's bytes, or the path of a file or folder. Raises FileTooLarge; nothing is kept then.
    """
    batch = _open_batch(owner_id=owner_id, label=label, by=by, now=now)
    path = folders.original(batch.pk)
    try:
        if isinstance(blocks, Path):
            batch.size_bytes = _keep_path(blocks, path)
        else:
            batch.size_bytes = _keep_blocks(blocks, path)
    except BaseException:
        folders.discard(batch.pk)
        raise
    batch.save(update_fields=["size_bytes"])
    record_event(EventKind.BATCH_RECEIVED, person_id=by, organization_id=owner_id, about=str(batch.pk))
    return batch


def _open_batch(*, owner_id: UUID, label: str, by: UUID, now: datetime, follows: Batch | None = None) -> Batch:
    with transaction.atomic():
        hold_owner(owner_id)
        last = Batch.objects.filter(owner_id=owner_id).aggregate(last=Max("number"))["last"] or 0
        return Batch.objects.create(
            owner_id=owner_id, number=last + 1, label=label[:200], sent_by_id=by, sent_at=now, follows=follows
        )


def _keep_blocks(blocks: Iterable[bytes], path: Path) -> int:
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for block in blocks:
            size += len(block)
            if size > LARGEST_FILE_BYTES:
                raise FileTooLarge(_("The file is larger than 2 GB. Export one district at a time."))
            file.write(block)
    return size


def _keep_path(source: Path, path: Path) -> int:
    if source.is_dir():
        shutil.copytree(source, path, symlinks=True)
        return sum(p.lstat().st_size for p in path.rglob("*"))
    with source.open("rb") as file:
        return _keep_blocks(iter(lambda: file.read(1 << 20), b""), path)


def check_batch(*, batch_id: UUID, by: UUID, now: datetime) -> Batch:
    """Read, check and compare a batch, for the person. Opens its own transactions, so that progress can be seen.

    Ends in *checked*, *refused* or, after an error of ours, *failed*; running it again gives the same.
    """
    with enter(person=by, purpose=f"check batch {batch_id}", role="job"):
        batch = Batch.objects.select_for_update().get(pk=batch_id)
        if batch.status not in {
            Batch.Status.RECEIVED,
            Batch.Status.CHECKING,
            Batch.Status.CHECKED,
            Batch.Status.FAILED,
        }:
            return batch
        batch.status = Batch.Status.CHECKING
        batch.save(update_fields=["status"])
    try:
        with enter(person=by, purpose=f"check batch {batch_id}", role="job"):
            batch = _check(batch, by=by, now=now)
    except Exception:
        with enter(person=by, purpose=f"check batch {batch_id}", role="job"):
            Batch.objects.filter(pk=batch_id).update(status=Batch.Status.FAILED)
        logger.exception("batch %s could not be checked", batch_id)
        raise
    return batch


def _check(batch: Batch, *, by: UUID, now: datetime) -> Batch:
    batch.checked_at = now
    try:
        reading, comparison = read_and_compare(batch, day=timezone.localdate(now))
    except Refused as refused:
        batch.status = Batch.Status.REFUSED
        batch.refusal = {"code": refused.code, "file": refused.file, "line": refused.line, "column": refused.column}
        batch.summary = {}
        record_event(EventKind.BATCH_REFUSED, person_id=by, organization_id=batch.owner_id, about=str(batch.pk))
    else:
        batch.status = Batch.Status.CHECKED
        batch.format, batch.version, batch.digest = reading.format, reading.version, reading.digest
        batch.refusal = None
        batch.summary = summary(reading, comparison, is_first=is_first(batch)) | {"base": _base(batch)}
        keep_findings(batch, reading)
        for follower in following(batch.format):
            effects = follower.check(batch, reading)
            batch.summary["effects"] |= {name: dict(effect) for name, effect in effects.items()}
            writes = any(count for effect in effects.values() for kind, count in effect.items() if kind != "unchanged")
            batch.summary["changes_nothing"] = batch.summary["changes_nothing"] and not writes
        record_event(EventKind.BATCH_CHECKED, person_id=by, organization_id=batch.owner_id, about=str(batch.pk))
    batch.save()
    return batch


def _base(batch: Batch) -> list[int]:
    """The numbers of the applied batches that this one was compared with."""
    applied = Batch.objects.applied().filter(owner_id=batch.owner_id).exclude(pk=batch.pk)
    return sorted(applied.values_list("number", flat=True))


def begin(*, batch_id: UUID, status: Batch.Status, expected: Batch.Status) -> Batch:
    """Mark a batch as being worked on. Raises NotNow when somebody else was faster."""
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    if batch.status != expected:
        raise NotNow(_("This batch has changed meanwhile. Look at it again."))
    batch.status = status
    batch.save(update_fields=["status"])
    return batch


def apply_batch(*, batch_id: UUID, by: UUID, now: datetime, tie: bool = False) -> Batch:
    """Write all accepted rows of a checked batch, in one transaction or not at all.

    tie: the person says that this first bundle is the district's. Raises TieNeeded, NotNow, PreviewIsOld.
    """
    with enter(person=by, purpose=f"apply batch {batch_id}", role="loader"):
        batch = Batch.objects.select_for_update().get(pk=batch_id)
        if batch.status == Batch.Status.APPLIED:
            return batch
        if batch.status not in {Batch.Status.CHECKED, Batch.Status.APPLYING}:
            raise NotNow(_("Only a batch that has been checked can be applied."))
        hold_owner(batch.owner_id)
        if _base(batch) != batch.summary["base"]:
            raise PreviewIsOld(
                _("Another batch was applied meanwhile. This one is checked again; look at it once more.")
            )
        if is_first(batch):
            if not tie:
                raise TieNeeded(_("This is the district's first bundle. Say that it is this district's."))
            _tie(batch, by=by, now=now)
        written = write_batch(
            batch_id=batch.pk,
            owner_id=batch.owner_id,
            folder=folders.batch_folder(batch.pk) / "ready",
            day=timezone.localdate(now),
        )
        batch.status, batch.applied_by_id, batch.applied_at = Batch.Status.APPLIED, by, now
        batch.summary["written"] = {name: vars(rows) for name, rows in written.items()}
        batch.save()
        for follower in following(batch.format):
            follower.apply(batch)
        _remember_years(batch.summary["school_years"])
        record_event(EventKind.BATCH_APPLIED, person_id=by, organization_id=batch.owner_id, about=str(batch.pk))
    return batch


def _tie(batch: Batch, *, by: UUID, now: datetime) -> None:
    Tie.objects.create(
        owner_id=batch.owner_id,
        format=batch.format,
        root=batch.summary["root"]["source_ids"],
        batch=batch,
        tied_by_id=by,
        tied_at=now,
    )
    record_event(EventKind.BATCH_TIED, person_id=by, organization_id=batch.owner_id, about=str(batch.pk))


def _remember_years(years: Iterable[str]) -> None:
    """School years run from July 1 to June 30 and are named by the year they end in."""
    for year in years:
        if year.isdecimal() and 1990 < int(year) < 2200:
            SchoolYear.objects.get_or_create(
                ends_in=int(year), defaults={"starts_on": date(int(year) - 1, 7, 1), "ends_on": date(int(year), 6, 30)}
            )


def undo_batch(*, batch_id: UUID, by: UUID, now: datetime) -> Batch:
    """Put the roster back exactly as it was before the batch. Only the latest of its source; raises NotNow."""
    with enter(person=by, purpose=f"undo batch {batch_id}", role="loader"):
        batch = Batch.objects.select_for_update().get(pk=batch_id)
        if batch.status == Batch.Status.UNDONE:
            return batch
        hold_owner(batch.owner_id)
        if batch.status == Batch.Status.UNDOING:
            batch.status = Batch.Status.APPLIED
            batch.save(update_fields=["status"])
        latest = latest_applied(batch)
        if batch.status != Batch.Status.APPLIED or latest is None or latest.pk != batch.pk:
            raise NotNow(_("Undo the later batches of this source first, the newest one at the beginning."))
        undone, needed = unwrite_batch(batch_id=batch.pk, owner_id=batch.owner_id, day=timezone.localdate(now))
        Tie.objects.filter(owner_id=batch.owner_id, batch=batch).delete()
        batch.status, batch.undone_by_id, batch.undone_at = Batch.Status.UNDONE, by, now
        batch.undo_report = {
            "rows": {name: vars(rows) for name, rows in undone.items()},
            "still_needed": [vars(row) for row in needed],
        }
        batch.save()
        for follower in following(batch.format):
            follower.undo(batch)
        record_event(EventKind.BATCH_UNDONE, person_id=by, organization_id=batch.owner_id, about=str(batch.pk))
    return batch


def discard_batch(*, batch_id: UUID, by: UUID) -> Batch:
    """Set a batch aside that was not applied; its files are destroyed. Inside the walls."""
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    if batch.status not in {Batch.Status.CHECKED, Batch.Status.REFUSED, Batch.Status.FAILED}:
        raise NotNow(_("A batch that is being worked on, or was applied, cannot be set aside."))
    batch.status = Batch.Status.DISCARDED
    batch.save(update_fields=["status"])
    folders.discard(batch.pk)
    record_event(EventKind.BATCH_DISCARDED, person_id=by, organization_id=batch.owner_id, about=str(batch.pk))
    return batch


class ChoiceUnknown(Exception):
    """The problem's code does not offer this choice."""


def decide(*, batch_id: UUID, code: str, file: str, line: int | None, choice: str, by: UUID, now: datetime) -> Batch:
    """Record what a person decided about held rows and return the batch to check again. Inside the walls.

    line: None for every row of the file that the code holds. For leavers the file is the school's source id. A batch
    that was applied stays as it is: its file is read again as a new batch that carries all decisions.
    Raises ChoiceUnknown, NotNow.
    """
    problem = PROBLEMS.get(code)
    if problem is None or choice not in {str(c) for c in problem.choices}:
        raise ChoiceUnknown(_("This cannot be decided here."))
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    if batch.status == Batch.Status.APPLIED:
        batch = _follow(batch, by=by, now=now)
    elif batch.status != Batch.Status.CHECKED:
        raise NotNow(_("This batch has changed meanwhile. Look at it again."))
    Decision.objects.create(
        owner_id=batch.owner_id,
        batch=batch,
        code=code,
        file=file,
        line=line,
        choice=choice,
        decided_by_id=by,
        decided_at=now,
    )
    batch.status = Batch.Status.RECEIVED
    batch.save(update_fields=["status"])
    record_event(
        EventKind.ROWS_DECIDED, person_id=by, organization_id=batch.owner_id, about=str(batch.pk), detail={"code": code}
    )
    return batch


def _follow(batch: Batch, *, by: UUID, now: datetime) -> Batch:
    after = _open_batch(owner_id=batch.owner_id, label=batch.label, by=by, now=now, follows=batch)
    after.size_bytes = _keep_path(folders.original(batch.pk), folders.original(after.pk))
    after.save(update_fields=["size_bytes"])
    Decision.objects.bulk_create(
        Decision(
            owner_id=d.owner_id,
            batch=after,
            code=d.code,
            file=d.file,
            line=d.line,
            choice=d.choice,
            decided_by_id=d.decided_by_id,
            decided_at=d.decided_at,
        )
        for d in Decision.objects.filter(batch=batch).exclude(code=LEAVERS)
    )
    return after
