"""Giving children to those who walk beside them, and notes about meetings. The database decides who may; all inside the walls."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from commonground.apps.core.asking import ask_database
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.mentoring.models import Caseload, Note
from commonground.apps.roster.models import Student


@dataclass(frozen=True)
class Said:
    """What a note says: the day of the meeting, what was talked about, what comes next ("" for nothing), and who reads it."""

    met_on: date
    talked_about: str
    next_step: str = ""
    reach: str = Note.Reach.BESIDE


@transaction.atomic
def give_child(*, student: Student, grant_id: UUID, since: date, last_day: date | None, by: UUID) -> UUID:
    """The new line: the holder of this role walks beside the child until the last day, None for no end. Raises Refused."""
    day_after = last_day + timedelta(days=1) if last_day else None
    made = ask_database("give_child", student.pk, grant_id, since, day_after)
    record_event(EventKind.CASELOAD_GIVEN, person_id=by, organization_id=student.owner_id, about=str(made))
    return made


@transaction.atomic
def end_caseload(*, line: Caseload, today: date, by: UUID) -> None:
    """From this moment the child does not exist for the person by this line. Raises Refused."""
    ask_database("end_caseload", line.pk, today)
    record_event(EventKind.CASELOAD_ENDED, person_id=by, organization_id=line.owner_id, about=str(line.pk))


@transaction.atomic
def write_note(*, student: Student, said: Said, by: UUID, note_id: UUID | None = None) -> UUID:
    """The new note. note_id: chosen by the page, so that a form that is sent twice writes one. Raises Refused."""
    made: UUID = note_id or uuid4()
    if Note.objects.filter(pk=made, author_id=by, student=student).exists():
        return made
    ask_database("write_note", made, student.pk, said.met_on, said.talked_about, said.next_step, said.reach)
    record_event(EventKind.NOTE_WRITTEN, person_id=by, organization_id=student.owner_id, about=str(made))
    return made


@transaction.atomic
def correct_note(*, note: Note, said: Said, by: UUID) -> None:
    """Within a day, by its author. Raises Refused."""
    ask_database("correct_note", note.pk, said.met_on, said.talked_about, said.next_step, said.reach)
    record_event(EventKind.NOTE_CORRECTED, person_id=by, organization_id=note.owner_id, about=str(note.pk))


@transaction.atomic
def strike_note(*, note: Note, by: UUID) -> None:
    """By its author; nothing is deleted. Raises Refused."""
    ask_database("strike_note", note.pk)
    record_event(EventKind.NOTE_STRUCK, person_id=by, organization_id=note.owner_id, about=str(note.pk))
