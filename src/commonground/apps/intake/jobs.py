"""Intake's background work. Each job carries ids, acts as the person who asked, and may be run twice."""

from uuid import UUID

from django.utils import timezone

from commonground.apps.intake import actions
from commonground.apps.intake.models import Batch
from commonground.store.jobs import job
from commonground.store.walls import enter


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
        _back_to(batch, person, Batch.Status.RECEIVED)
        actions.check_batch(batch_id=batch, by=person, now=now)
    except (actions.TieNeeded, actions.NotNow):
        _back_to(batch, person, Batch.Status.CHECKED)
    except Exception:
        # Nothing was written: the batch can be looked at and applied again.
        _back_to(batch, person, Batch.Status.CHECKED)
        raise


@job("intake.undo")
def undo(*, batch_id: str, person_id: str) -> None:
    """Undo a batch."""
    batch, person = UUID(batch_id), UUID(person_id)
    try:
        actions.undo_batch(batch_id=batch, by=person, now=timezone.now())
    except actions.NotNow:
        _back_to(batch, person, Batch.Status.APPLIED)
    except Exception:
        _back_to(batch, person, Batch.Status.APPLIED)
        raise


def _back_to(batch_id: UUID, person_id: UUID, status: Batch.Status) -> None:
    with enter(person=person_id, purpose=f"return batch {batch_id}", role="job"):
        working = {Batch.Status.APPLYING, Batch.Status.UNDOING}
        Batch.objects.filter(pk=batch_id, status__in=working).update(status=status)
