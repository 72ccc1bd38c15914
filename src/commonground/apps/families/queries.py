"""Families as their district sees them, and what they have asked to have corrected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from commonground.apps.core.models import Invitation, Organization
from commonground.apps.families.models import Correction
from commonground.apps.roster.languages import language_name
from commonground.apps.roster.models import Guardian, Guardianship, Link, Student
from commonground.apps.roster.queries import Sight, StudentFilter, list_students, own_children


@dataclass(frozen=True)
class Adult:
    """A guardian of a child. has_account: signs in. printed_until: an open sheet's last day, None without one."""

    guardian: Guardian
    has_account: bool
    printed_until: datetime | None

    @property
    def language(self) -> str:
        return language_name(self.guardian.home_language)


@dataclass(frozen=True)
class ChildRow:
    """A child and the adults of its family, by name."""

    student: Student
    adults: tuple[Adult, ...]


def families_of(districts: Sequence[UUID], *, letters: str, school_id: UUID | None, now: datetime) -> list[ChildRow]:
    """Children by the beginning of their name, with their guardians; the first fifty. Inside the walls, five queries."""
    page = list_students(Sight(tuple(districts), ()), StudentFilter(letters=letters, school_id=school_id))
    students = [row.student for row in page.rows]
    ties = list(
        Guardianship.objects.filter(student_id__in=[one.pk for one in students], ended_on=None).select_related(
            "guardian"
        )
    )
    guardians = {tie.guardian_id for tie in ties}
    linked = set(Link.objects.filter(guardian_id__in=guardians, until=None).values_list("guardian_id", flat=True))
    printed = dict(
        Invitation.objects.open_at(now).filter(guardian_id__in=guardians).values_list("guardian_id", "expires_at")
    )
    adults: dict[UUID, list[Adult]] = {}
    for tie in sorted(ties, key=lambda one: one.guardian.listed_name):
        adult = Adult(tie.guardian, tie.guardian_id in linked, printed.get(tie.guardian_id))
        adults.setdefault(tie.student_id, []).append(adult)
    return [ChildRow(one, tuple(adults.get(one.pk, ()))) for one in students]


@dataclass(frozen=True)
class Asked:
    """A correction as a page shows it. is_late: its last day has passed without an answer."""

    correction: Correction
    child: str
    district: str
    is_late: bool


def listed(rows: QuerySet[Correction], *, today: date) -> list[Asked]:
    """Open ones first, the soonest due on top; then the answered, the latest on top. Three queries."""
    found = list(rows.select_related("asked_by", "answered_by").order_by("due_on", "asked_at")[:200])
    names = {one.pk: one.full_name for one in Student.objects.filter(pk__in={row.student_id for row in found})}
    districts = dict(Organization.objects.filter(pk__in={row.owner_id for row in found}).values_list("pk", "name"))
    asked = [
        Asked(
            row,
            names.get(row.student_id, ""),
            districts.get(row.owner_id, ""),
            row.outcome == Correction.Outcome.OPEN and row.due_on < today,
        )
        for row in found
    ]
    waiting = [one for one in asked if one.correction.outcome == Correction.Outcome.OPEN]
    answered = [one for one in asked if one.correction.answered_at is not None]
    return [*waiting, *sorted(answered, key=lambda one: str(one.correction.answered_at), reverse=True)]


def own_corrections(*, today: date) -> list[Asked]:
    """What has been asked about the acting family's own children."""
    children = [student.pk for student in own_children()]
    return listed(Correction.objects.filter(student_id__in=children), today=today)


def district_corrections(districts: Sequence[UUID], *, today: date) -> list[Asked]:
    """What families of these districts have asked."""
    return listed(Correction.objects.filter(owner_id__in=districts), today=today)
