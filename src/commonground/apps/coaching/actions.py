"""Giving teachers to coaches, and what the two write. The database decides who may; all inside the walls."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from commonground.apps.coaching.models import Coaching, Entry
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


@dataclass(frozen=True)
class Said:
    """What an entry says, as `Entry` has it: "" and None for nothing."""

    kind: str
    day: date
    said: str
    next_step: str = ""
    step_by: str = ""
    measure: str = ""
    last_day: date | None = None

    @property
    def words(self) -> tuple[str | date | None, ...]:
        return self.kind, self.day, self.said, self.next_step, self.step_by, self.measure, self.last_day


@transaction.atomic
def write_entry(*, line: Coaching, said: Said, entry_id: UUID, by: UUID, about_id: UUID | None = None) -> UUID:
    """The new entry. entry_id: chosen by the page, so that a form that is sent twice writes one. Raises Refused.

    about_id: the entry on which the teacher looks back.
    """
    if Entry.objects.filter(pk=entry_id, author_id=by, coaching=line).exists():
        return entry_id
    ask_database("write_coaching", entry_id, line.pk, about_id, *said.words)
    record_event(EventKind.COACHING_WRITTEN, person_id=by, organization_id=line.owner_id, about=str(entry_id))
    return entry_id


@transaction.atomic
def correct_entry(*, entry: Entry, said: Said, by: UUID) -> None:
    """Within a day, by its author. Raises Refused."""
    ask_database("correct_coaching", entry.pk, *said.words)
    record_event(EventKind.COACHING_CORRECTED, person_id=by, organization_id=entry.owner_id, about=str(entry.pk))


@transaction.atomic
def judge_goal(*, goal: Entry, outcome: str, by: UUID) -> None:
    """How the goal went, as either of the two says; said again it counts anew. Raises Refused."""
    ask_database("judge_coaching", goal.pk, outcome)
    record_event(EventKind.COACHING_JUDGED, person_id=by, organization_id=goal.owner_id, about=str(goal.pk))


@transaction.atomic
def strike_entry(*, entry: Entry, by: UUID) -> None:
    """By its author; nothing is deleted. Raises Refused."""
    ask_database("strike_coaching", entry.pk)
    record_event(EventKind.COACHING_STRUCK, person_id=by, organization_id=entry.owner_id, about=str(entry.pk))
