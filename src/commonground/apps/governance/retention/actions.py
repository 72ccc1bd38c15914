"""Destroying what is past, every night; changing how long a class is kept; placing and ending legal holds."""

import json
import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from commonground.apps.core.asking import Refused, ask_database
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import Organization
from commonground.apps.governance.models import Keeping, LegalHold
from commonground.apps.governance.retention.classes import CLASSES
from commonground.apps.governance.retention.queries import coordinators, may_end
from commonground.apps.intake import folders
from commonground.store.walls import NOBODY, enter

logger = logging.getLogger(__name__)


def destroy_what_is_past() -> dict[str, int]:
    """Of everybody who is or was in a collaborative, by class; returns rows by table. Twice is once.

    Each class is a transaction of its own; one that the database refuses is told in the log, and the others go on.
    """
    total: dict[str, int] = {}
    for place_id in owners():
        with enter(person=NOBODY, purpose="retention of the sign-in", role="job"):
            ask_database("forget_sign_in", place_id)
        for key, one in CLASSES.items():
            if one.days is None:
                continue
            try:
                gone = _destroy_class(place_id, key)
            except Refused as refused:
                logger.error("nothing of class %s of %s was destroyed: %s", key, place_id, refused.word)  # noqa: TRY400
                continue
            for table, count in gone.items():
                total[table] = total.get(table, 0) + count
    return total


def owners() -> list[UUID]:
    """Whoever is or was in a collaborative, and the collaboratives: nobody else owns anything here. One query."""
    known = Organization.objects.filter(Q(memberships__isnull=False) | Q(joined_by__isnull=False), owner=None)
    return list(known.distinct().values_list("pk", flat=True))


def _destroy_class(place_id: UUID, key: str) -> dict[str, int]:
    with enter(person=NOBODY, purpose=f"retention {key}", role="job"):
        gone = _destroy_files(place_id) if key == "files" else json.loads(ask_database("destroy_past", place_id, key))
        if gone:
            record_event(
                EventKind.PAST_DESTROYED, organization_id=place_id, about=key, detail={"class": key, "rows": gone}
            )
    return {table: count for table, count in gone.items() if isinstance(count, int)}


def _destroy_files(place_id: UUID) -> dict[str, int]:
    past = [one for one in ask_database("past_files", place_id) if folders.has_files(one)]
    for batch_id in past:
        folders.discard(batch_id)
    return {"files": len(past)} if past else {}


@transaction.atomic
def change_keeping(*, place_id: UUID, data_class: str, days: int, by: UUID, now: datetime) -> None:
    """The district keeps this class for so many days from now on."""
    Keeping.objects.update_or_create(
        owner_id=place_id, data_class=data_class, defaults={"days": days, "changed_by_id": by, "changed_at": now}
    )
    record_event(
        EventKind.KEEPING_CHANGED, person_id=by, organization_id=place_id, about=data_class, detail={"days": days}
    )


@transaction.atomic
def place_hold(
    *, place_id: UUID, data_class: str, student_id: UUID | None, reason: str, by: UUID, now: datetime
) -> LegalHold:
    """Nothing of this class ("" for all) about this student (None for all) is destroyed until the hold is ended."""
    # A destruction that runs ends first: what this hold covers is not pulled away while it is being written.
    ask_database("lock_holds", place_id)
    made = LegalHold.objects.create(
        owner_id=place_id,
        data_class=data_class,
        student_id=student_id,
        reason=reason,
        placed_by_id=by,
        placed_at=now,
    )
    record_event(
        EventKind.HOLD_PLACED,
        person_id=by,
        organization_id=place_id,
        about=str(made.pk),
        detail={"class": data_class, "one_student": student_id is not None},
    )
    return made


@transaction.atomic
def end_hold(*, hold: LegalHold, by: UUID, now: datetime) -> None:
    """From the next night on what is past is destroyed again. Raises Refused where it is somebody else's to end."""
    if not may_end(hold, by=by, coordinators=coordinators(hold.owner_id)):
        raise Refused("legal_hold")
    hold.ended_by_id, hold.ended_at = by, now
    hold.save(update_fields=["ended_by", "ended_at"])
    record_event(EventKind.HOLD_ENDED, person_id=by, organization_id=hold.owner_id, about=str(hold.pk))
