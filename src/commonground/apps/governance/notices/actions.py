"""Recording that the yearly notice was given out."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import Organization
from commonground.apps.governance.models import Notice


class RecordedAlready(Exception):
    """The same way on the same day stands there already."""


@transaction.atomic
def record_given(*, district: Organization, ends_in: int, given_on: date, way: str, by: UUID, now: datetime) -> Notice:
    """Write down when and how the notice of a school year went to families. Inside the walls. Raises RecordedAlready."""
    wanted = {"owner": district, "ends_in": ends_in, "given_on": given_on, "way": way}
    if Notice.objects.filter(**wanted).exists():
        raise RecordedAlready(_("That is recorded already."))
    made = Notice.objects.create(**wanted, recorded_by_id=by, recorded_at=now)
    record_event(
        EventKind.NOTICE_GIVEN,
        person_id=by,
        organization_id=district.pk,
        about=str(made.pk),
        detail={"ends_in": ends_in, "on": given_on.isoformat(), "way": way},
    )
    return made
