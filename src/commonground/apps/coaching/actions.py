"""Giving teachers to coaches. The database decides who may; all inside the walls."""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from commonground.apps.coaching.models import Coaching
from commonground.apps.core.asking import ask_database
from commonground.apps.core.events import EventKind, record_event


@transaction.atomic
def give_teacher(*, teacher_grant_id: UUID, coach_grant_id: UUID, since: date, last_day: date | None, by: UUID) -> UUID:
    """The new line: the coach works with the teacher until the last day, None for no end. Raises Refused."""
    day_after = last_day + timedelta(days=1) if last_day else None
    made = ask_database("give_teacher", teacher_grant_id, coach_grant_id, since, day_after)
    owner_id = Coaching.objects.values_list("owner_id", flat=True).get(pk=made)
    record_event(EventKind.COACHING_GIVEN, person_id=by, organization_id=owner_id, about=str(made))
    return made


@transaction.atomic
def end_coaching(*, line: Coaching, by: UUID) -> None:
    """From this moment the coach works with the teacher no more by this line. Raises Refused."""
    ask_database("end_coaching", line.pk)
    record_event(EventKind.COACHING_ENDED, person_id=by, organization_id=line.owner_id, about=str(line.pk))
