"""What people write down about the state's decisions."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from commonground.apps.core.events import EventKind, record_event
from commonground.apps.measures.models import Letter


@transaction.atomic
def record_letter(
    *, collaborative_id: UUID, district_id: UUID, decision: str, dated_on: date, by: UUID, now: datetime
) -> Letter:
    """Add what the state's letter says of a member, and the event that somebody did so."""
    letter = Letter.objects.create(
        collaborative_id=collaborative_id,
        district_id=district_id,
        decision=decision,
        dated_on=dated_on,
        recorded_by_id=by,
        recorded_at=now,
    )
    record_event(
        EventKind.LETTER_RECORDED,
        person_id=by,
        organization_id=district_id,
        about="measures:districts",
        detail={"letter": str(letter.pk)},
    )
    return letter
