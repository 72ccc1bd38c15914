"""Intake's background work. Each job carries ids, acts as the person who asked, and may be run twice."""

from contextlib import suppress
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from commonground.apps.intake import actions, folders
from commonground.apps.intake.models import Batch
from commonground.store.jobs import job
from commonground.store.walls import enter

Status = Batch.Status


@job("intake.check")
def check(*, batch_id: str, person_id: str) -> None:
    """Read, check and compare a batch."""
    actions.check_batch(batch_id=UUID(batch_id), by=UUID(person_id), now=timezone.now())


@job("intake.apply")
def apply(*, batch_id: str, person_id: str, tie: int) -> None:
    """Apply a batch; where another one was applied meanwhile, check it again instead."""
    batch, person, now = UUID(batch_id), UUID(person_id), timezone.now()
    try:
        actions.apply_batch(batch_id=batch, by=person, now=now, tie=bool(tie))
    except actions.PreviewIsOld:
        _back(batch, person, Status.APPLYING, to=Status.RECEIVED)
        actions.check_batch(batch_id=batch, by=person, now=now)
    except (actions.TieNeeded, actions.NotNow):
        _back(batch, person, Status.APPLYING, to=Status.CHECKED)
    except Exception as error:  # noqa: BLE001 - raised again without its values
        # Nothing was written: the batch can be looked at and applied again.
        broke = actions.BrokeDown.because_of(error)
        _back_if_the_database_is_there(batch, person, Status.APPLYING, to=Status.CHECKED)
        raise broke from None


@job("intake.undo")
def undo(*, batch_id: str, person_id: str) -> None:
    """Undo a batch."""
    batch, person = UUID(batch_id), UUID(person_id)
    try:
        actions.undo_batch(batch_id=batch, by=person, now=timezone.now())
    except actions.NotNow:
        _back(batch, person, Status.UNDOING, to=Status.APPLIED)
    except Exception as error:  # noqa: BLE001 - raised again without its values
        broke = actions.BrokeDown.because_of(error)
        _back_if_the_database_is_there(batch, person, Status.UNDOING, to=Status.APPLIED)
        raise broke from None


def _back(batch_id: UUID, person_id: UUID, working: Status, *, to: Status) -> None:
    """Return a batch from what this job did to it. Another job's work on it is left alone: it may have been applied."""
    with enter(person=person_id, purpose=f"return batch {batch_id}", role="job"):
        Batch.objects.filter(pk=batch_id, status=working).update(status=to)


def _back_if_the_database_is_there(batch_id: UUID, person_id: UUID, working: Status, *, to: Status) -> None:
    """Where it is away, the batch stays as it is: its job runs again, or the sweep frees it."""
    with suppress(OperationalError, InterfaceError):
        _back(batch_id, person_id, working, to=to)


@job("intake.sweep", cron="*/5 * * * *")
def sweep() -> None:
    """Free batches whose work stopped with nobody to go on, and destroy files that no batch needs."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Nobody is acting yet: the function answers with ids alone.
        cursor.execute("set local role cg_job")
        cursor.execute("select batch_id, person_id from cg.abandoned_batches()")
        abandoned = cursor.fetchall()
    for batch_id, person_id in abandoned:
        actions.free_batch(batch_id=batch_id, by=person_id)
    old = folders.untouched_for(hours=1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local role cg_job")
        cursor.execute("select cg.batches_with_files(%s)", [old])
        needed = {row[0] for row in cursor.fetchall()}
        # Before the transaction ends: a hold that is placed meanwhile waits, and finds what is left.
        for batch_id in old:
            if batch_id not in needed:
                folders.discard(batch_id)
