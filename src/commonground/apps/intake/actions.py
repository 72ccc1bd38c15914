"""What people do with a batch: check, tie, decide, apply, undo, set aside."""

import json
import logging
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.asking import ask_database
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import SchoolYear
from commonground.apps.intake import folders
from commonground.apps.intake.applying import (
    Written,
    expect_many_rows,
    hold_owner,
    refresh_statistics,
    unwrite_batch,
    write_batch,
)
from commonground.apps.intake.checking import LEAVERS, keep_findings, read_and_compare, summary
from commonground.apps.intake.effects import following
from commonground.apps.intake.models import Batch, Decision, Tie
from commonground.apps.intake.queries import is_first, latest_applied
from commonground.apps.intake.receiving import receive_file, refuse
from commonground.apps.intake.repeats import keep_findings_again, reader, repeated, summary_again
from commonground.formats import Refused
from commonground.formats.problems import PROBLEMS
from commonground.store.walls import enter

logger = logging.getLogger(__name__)


class NotNow(Exception):
    """The batch is not in a state in which this can be done; the message says what to do."""


class BrokeDown(Exception):
    """An error of ours. The message names its kind and place, never a value: it may stand in logs."""

    @classmethod
    def because_of(cls, error: Exception) -> "BrokeDown":
        place = traceback.extract_tb(error.__traceback__)[-1]
        return cls(f"{type(error).__name__} in {place.name}, {Path(place.filename).name}, line {place.lineno}")


class TieNeeded(Exception):
    """The first bundle of a district must be tied to it by a person."""


class PreviewIsOld(Exception):
    """Another batch was applied after this one was checked: it must be checked again."""


CAN_BE_CHECKED = {Batch.Status.RECEIVED, Batch.Status.CHECKING, Batch.Status.CHECKED, Batch.Status.FAILED}


def check_batch(*, batch_id: UUID, by: UUID, now: datetime) -> Batch:
    """Read, check and compare a batch, for the person. Opens its own transactions, so that progress can be seen.

    Ends in *checked*, *refused* or, after an error of ours, *failed*; running it again gives the same. What a check that
    did not end well left in the batch's folder is destroyed, the file itself only when it was refused and no legal hold
    covers it. Raises BrokeDown.
    """
    with enter(person=by, purpose=f"check batch {batch_id}", role="job"):
        batch = Batch.objects.select_for_update().get(pk=batch_id)
        if batch.status not in CAN_BE_CHECKED:
            return batch
        batch.status = Batch.Status.CHECKING
        batch.save(update_fields=["status"])
    try:
        with enter(person=by, purpose=f"check batch {batch_id}", role="job"):
            # Held until the end: a job that runs twice, or somebody who sets the batch aside, must not pull files away.
            batch = Batch.objects.select_for_update().get(pk=batch_id)
            if batch.status in CAN_BE_CHECKED:
                _check(batch, by=by, now=now)
    except Exception as error:  # noqa: BLE001 - raised again without its values
        broke = BrokeDown.because_of(error)
        folders.clear(batch_id)
        # Where the database is away too, the batch stays as it is and its job runs again.
        with (
            suppress(OperationalError, InterfaceError),
            enter(person=by, purpose=f"check batch {batch_id}", role="job"),
        ):
            Batch.objects.filter(pk=batch_id, status=Batch.Status.CHECKING).update(status=Batch.Status.FAILED)
        logger.error("batch %s could not be checked: %s", batch_id, broke)  # noqa: TRY400 - a traceback may show values
        raise broke from None
    return batch


def _check(batch: Batch, *, by: UUID, now: datetime) -> None:
    batch.checked_at, batch.refusal = now, None
    base = _base(batch)  # before anything is compared: whatever is applied from now on makes this preview an old one
    try:
        last = repeated(batch)
        if last:
            _repeat(batch, last)
        else:
            _read(batch, day=timezone.localdate(now))
    except Refused as refused:
        refuse(batch, refused, by=by, now=now)
        _destroy_unless_held(batch)
    else:
        batch.status = Batch.Status.CHECKED
        batch.summary["base"] = base
        record_event(EventKind.BATCH_CHECKED, person_id=by, organization_id=batch.owner_id, about=str(batch.pk))
    batch.save()


def _destroy_unless_held(batch: Batch) -> None:
    """Nobody can use a refused file here, and the district has it. Under a legal hold the file stays as it was sent."""
    destroy = folders.clear if ask_database("files_held", batch.pk) else folders.discard
    transaction.on_commit(lambda: destroy(batch.pk))


def _repeat(batch: Batch, last: Batch) -> None:
    folders.clear(batch.pk)
    batch.format, batch.version, batch.digest = last.format, last.version, last.digest
    batch.summary = summary_again(last)
    keep_findings_again(batch, last)


def _read(batch: Batch, *, day: date) -> None:
    reading, comparison = read_and_compare(batch, day=day)
    batch.format, batch.version, batch.digest = reading.format, reading.version, reading.digest
    batch.summary = summary(reading, comparison, is_first=is_first(batch)) | {"reader": reader()}
    keep_findings(batch, reading)
    for follower in following(batch.format):
        effects = follower.check(batch, reading)
        batch.summary["effects"] |= {name: dict(effect) for name, effect in effects.items()}
        writes = any(count for effect in effects.values() for kind, count in effect.items() if kind != "unchanged")
        batch.summary["changes_nothing"] = batch.summary["changes_nothing"] and not writes


def _base(batch: Batch) -> list[int]:
    """The numbers of the applied batches that this one was compared with."""
    applied = Batch.objects.applied().filter(owner_id=batch.owner_id).exclude(pk=batch.pk)
    return sorted(applied.values_list("number", flat=True))


def _take(batch_id: UUID) -> Batch:
    """The batch, locked until the transaction ends. Raises NotNow while a check, an apply or an undo holds it."""
    try:
        with transaction.atomic():
            return Batch.objects.select_for_update(nowait=True).get(pk=batch_id)
    except OperationalError as error:
        raise NotNow(_("This batch is being worked on right now. Look at it again in a moment.")) from error


def begin(*, batch_id: UUID, status: Batch.Status, expected: Batch.Status) -> Batch:
    """Mark a batch as being worked on. Raises NotNow when somebody else was faster."""
    batch = _take(batch_id)
    if batch.status != expected:
        raise NotNow(_("This batch has changed meanwhile. Look at it again."))
    batch.status = status
    batch.save(update_fields=["status"])
    return batch


# What a batch becomes when the work on it stopped and nobody goes on with it. Nothing of the work was kept.
FREED = {
    Batch.Status.RECEIVED: Batch.Status.FAILED,
    Batch.Status.CHECKING: Batch.Status.FAILED,
    Batch.Status.APPLYING: Batch.Status.CHECKED,
    Batch.Status.UNDOING: Batch.Status.APPLIED,
}


def free_batch(*, batch_id: UUID, by: UUID) -> None:
    """Let people go on with a batch whose work was killed; one that somebody holds is being worked on and left alone."""
    with enter(person=by, purpose=f"free batch {batch_id}", role="job"):
        batch = Batch.objects.select_for_update(skip_locked=True).filter(pk=batch_id, status__in=FREED).first()
        if batch is not None:
            batch.status = FREED[Batch.Status(batch.status)]
            batch.save(update_fields=["status"])


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
        expect_many_rows()
        if _base(batch) != batch.summary["base"]:
            raise PreviewIsOld(
                _("Another batch was applied meanwhile. This one is checked again; look at it once more.")
            )
        first = is_first(batch)
        if first and not tie:
            raise TieNeeded(_("This is the district's first bundle. Say that it is this district's."))
        written = write_batch(
            batch_id=batch.pk,
            owner_id=batch.owner_id,
            folder=folders.batch_folder(batch.pk) / "ready",
            day=timezone.localdate(now),
        )
        _require_what_was_promised(batch, written)
        batch.status, batch.applied_by_id, batch.applied_at = Batch.Status.APPLIED, by, now
        batch.summary["written"] = {name: vars(rows) for name, rows in written.items()}
        batch.save()
        for follower in following(batch.format):
            follower.apply(batch)
        # Ties and ledgers are one for all districts: whoever holds them keeps every other district's batch waiting.
        if first:
            _tie(batch, by=by, now=now)
        _remember_years(batch.summary["school_years"])
        # New rows are not kept one by one: their lineage is the batch. This line of the ledger says how many and which.
        rows = {name: sum(vars(one)[name] for one in written.values()) for name in ("inserted", "updated", "ended")}
        record_event(
            EventKind.BATCH_APPLIED,
            person_id=by,
            organization_id=batch.owner_id,
            about=str(batch.pk),
            detail=rows | {"digest": batch.digest},
        )
    return batch


def _require_what_was_promised(batch: Batch, written: Mapping[str, Written]) -> None:
    """Raise PreviewIsOld when other rows were written than the preview shows: the prepared files are gone or others."""
    for name, rows in written.items():
        promised = Counter(batch.summary["effects"].get(name))
        if rows != Written(promised["new"], promised["changed"] + promised["back"], promised["gone"]):
            raise PreviewIsOld(
                _("The prepared rows are no longer there. The file is checked again; look at it once more.")
            )


def _tie(batch: Batch, *, by: UUID, now: datetime) -> None:
    """Tie the root to the owner. Raises PreviewIsOld when another district was tied to it since the check."""
    root = batch.summary["root"]["source_ids"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('intake tie', 0))")
        cursor.execute(
            "SELECT cg.is_tied_elsewhere(%s, %s::jsonb, %s)", [batch.format, json.dumps(root), batch.owner_id]
        )
        if root and cursor.fetchone()[0]:
            raise PreviewIsOld(
                _("Another district was tied to this root meanwhile. This file is checked again; look at it once more.")
            )
    Tie.objects.create(
        owner_id=batch.owner_id,
        format=batch.format,
        root=root,
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
    with enter(person=by, purpose=f"count the roster before batch {batch_id} is undone", role="loader"):
        refresh_statistics()
    with enter(person=by, purpose=f"undo batch {batch_id}", role="loader"):
        batch = Batch.objects.select_for_update().get(pk=batch_id)
        if batch.status == Batch.Status.UNDONE:
            return batch
        hold_owner(batch.owner_id)
        expect_many_rows()
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
    batch = _take(batch_id)
    if batch.status not in {Batch.Status.CHECKED, Batch.Status.REFUSED, Batch.Status.FAILED}:
        raise NotNow(_("A batch that is being worked on, or was applied, cannot be set aside."))
    if ask_database("files_held", batch.pk):
        raise NotNow(_("A legal hold covers the files that were sent. Nothing of them is destroyed until it ends."))
    batch.status = Batch.Status.DISCARDED
    batch.save(update_fields=["status"])
    transaction.on_commit(lambda: folders.discard(batch.pk))
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
    batch = _take(batch_id)
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
    after = receive_file(owner_id=batch.owner_id, blocks=folders.original(batch.pk), label=batch.label, by=by, now=now)
    after.follows = batch
    after.save(update_fields=["follows"])
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
