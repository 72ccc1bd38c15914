"""What people write down about the state's decisions. The database asks once more who is acting."""

from datetime import date
from uuid import UUID

from django.db import transaction

from commonground.apps.core.asking import ask_database
from commonground.apps.core.events import EventKind, record_event


@transaction.atomic
def record_letter(*, collaborative_id: UUID, district_id: UUID, decision: str, dated_on: date, by: UUID) -> UUID:
    """Add what the state's letter says of a member, and the event that somebody did so."""
    letter_id: UUID = ask_database("record_letter", collaborative_id, district_id, decision, dated_on)
    _say(EventKind.LETTER_RECORDED, by=by, district_id=district_id, detail={"letter": str(letter_id)})
    return letter_id


@transaction.atomic
def record_exemption(
    *, collaborative_id: UUID, district_id: UUID, school: str, school_year: int, applies: bool, reason: str, by: UUID
) -> UUID:
    """Add what people judged about the American Indian exemption of a member, and the event that somebody did so.

    school: one of the member's, by its id in the counts; "" for the district itself.
    """
    exemption_id: UUID = ask_database(
        "record_exemption", collaborative_id, district_id, school, school_year, applies, reason
    )
    _say(EventKind.EXEMPTION_JUDGED, by=by, district_id=district_id, detail={"exemption": str(exemption_id)})
    return exemption_id


def _say(kind: EventKind, *, by: UUID, district_id: UUID, detail: dict[str, str]) -> None:
    record_event(kind, person_id=by, organization_id=district_id, about="measures:districts", detail=detail)
