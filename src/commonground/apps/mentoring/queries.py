"""Reads of caseloads and notes. Which rows exist is decided by the walls: a mentor has those of the own children alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from commonground.apps.core.models import Agreement, Membership, RoleGrant
from commonground.apps.core.roles import ROLES
from commonground.apps.mentoring.models import Caseload, Note
from commonground.apps.roster.grades import grade_name
from commonground.apps.roster.languages import language_name
from commonground.apps.roster.models import Guardian, Guardianship, Student
from commonground.apps.roster.names import name_key
from commonground.apps.roster.queries import Place, schools_of

# Roles in which somebody walks beside children.
BESIDE = tuple(role.key for role in ROLES.values() if role.reads("roster", "caseload"))


@dataclass(frozen=True)
class Adult:
    """A guardian of a child, with the language spoken at home."""

    guardian: Guardian

    @property
    def language(self) -> str:
        return language_name(self.guardian.home_language)


@dataclass(frozen=True)
class Child:
    """A child of the own caseload."""

    line: Caseload
    schools: tuple[Place, ...]
    adults: tuple[Adult, ...]

    @property
    def student(self) -> Student:
        return self.line.student

    @property
    def grade(self) -> str:
        return grade_name(self.student.grade)

    @property
    def language(self) -> str:
        return language_name(self.student.home_language)


def own_lines(*, person_id: UUID, today: date) -> QuerySet[Caseload]:
    """The lines by which the acting person walks beside children today, by the child's name."""
    lines = Caseload.objects.in_force(today).filter(grant__person_id=person_id)
    return lines.select_related("student", "owner", "grant__organization").order_by("student__name_key", "student_id")


def own_caseload(*, person_id: UUID, today: date) -> tuple[Child, ...]:
    """The children beside whom the acting person walks today. Three queries."""
    lines = list(own_lines(person_id=person_id, today=today))
    students = [line.student for line in lines]
    schools = schools_of(students)
    adults: dict[UUID, list[Adult]] = {}
    ties = Guardianship.objects.current().filter(student_id__in=[one.pk for one in students])
    for tie in sorted(ties.select_related("guardian"), key=lambda one: one.guardian.listed_name):
        adults.setdefault(tie.student_id, []).append(Adult(tie.guardian))
    return tuple(
        Child(line, schools.get(line.student_id, ()), tuple(adults.get(line.student_id, ()))) for line in lines
    )


def beside(student: Student, *, today: date) -> list[Caseload]:
    """Who walks beside this child today, as far as the acting person may know."""
    lines = Caseload.objects.in_force(today).filter(student=student, owner_id=student.owner_id)
    return list(lines.select_related("grant__person", "grant__organization").order_by("since", "pk"))


def all_lines_of(student: Student) -> list[Caseload]:
    """Every line about a child, the latest first."""
    lines = Caseload.objects.filter(student=student, owner_id=student.owner_id)
    return list(lines.select_related("grant__person", "grant__organization").order_by("-since", "-given_at", "pk"))


@dataclass(frozen=True)
class Holder:
    """Somebody of a district's caseloads: by which role and where, and the children, by name."""

    grant: RoleGrant
    lines: tuple[Caseload, ...]

    @property
    def since(self) -> date:
        """The first day of the longest of them."""
        return min(line.since for line in self.lines)


def holders(districts: Sequence[UUID], *, letters: str, today: date) -> list[Holder]:
    """Who walks beside whom in these districts, today or soon, by the holder's name. One query.

    letters: beginnings of parts of the holder's or a child's name, in any order; "" for all.
    """
    lines = (
        Caseload.objects.not_over(today)
        .filter(owner_id__in=districts)
        .select_related("student", "grant__person", "grant__organization")
        .order_by("student__name_key", "student_id", "since")
    )
    wanted = name_key(letters).split()
    found: dict[UUID, list[Caseload]] = {}
    for line in lines:
        if _begin(wanted, line.grant.person.name) or _begin(wanted, line.student.full_name):
            found.setdefault(line.grant_id, []).append(line)
    made = [Holder(own[0].grant, tuple(own)) for own in found.values()]
    return sorted(made, key=lambda one: _by_holder(one.grant))


def _begin(wanted: Iterable[str], name: str) -> bool:
    parts = name_key(name).split()
    return all(any(part.startswith(letters) for part in parts) for letters in wanted)


def unseen(lines: Iterable[Caseload], *, today: date) -> set[UUID]:
    """Of lines that hold today, those by which nobody sees the child: no agreement carries it to where the role is held.

    One query, none where every role is held in the child's own district.
    """
    across = [one for one in lines if one.owner_id not in (one.grant.organization_id, one.grant.organization.owner_id)]
    if not across:
        return set()
    shared = _shared_today(today).filter(owner_id__in={one.owner_id for one in across})
    pairs = set(shared.values_list("owner_id", "collaborative_id"))
    return {one.pk for one in across if (one.owner_id, one.grant.organization_id) not in pairs}


def _shared_today(today: date) -> QuerySet[Agreement]:
    """Agreements by which a district's children may be given to somebody of a house, as `cg.caseload` has it."""
    member = Membership.objects.in_force(today).filter(
        collaborative=OuterRef("collaborative"), organization=OuterRef("owner")
    )
    return Agreement.objects.in_force(today).filter(
        Exists(member), categories__contains=["roster"], ground__in=Agreement.BESIDE_CHILDREN
    )


def may_walk_beside(student: Student, *, but: UUID, today: date) -> list[RoleGrant]:
    """Roles to whose holders the child may be given today, by name; without the acting person's own. Two queries."""
    shared = _shared_today(today).filter(owner_id=student.owner_id)
    places = Q(organization_id=student.owner_id) | Q(organization__owner_id=student.owner_id)
    places |= Q(organization_id__in=list(shared.values_list("collaborative_id", flat=True)))
    grants = RoleGrant.objects.in_force(today).filter(places, role__in=BESIDE, person__is_active=True)
    return sorted(
        grants.exclude(person_id=but).select_related("person", "organization"),
        key=_by_holder,
    )


def _by_holder(grant: RoleGrant) -> tuple[str, str, str]:
    return name_key(grant.person.name), grant.get_role_display(), grant.organization.name


@dataclass(frozen=True)
class ShownNote:
    """A note as a page shows it to one reader."""

    note: Note
    may_be_corrected: bool
    may_be_struck: bool


def notes_about(student: Student, *, person_id: UUID, now: datetime) -> list[ShownNote]:
    """What was written about meetings with the child, the latest meeting first. One query."""
    notes = Note.objects.filter(student=student, owner_id=student.owner_id).select_related("author")
    return [
        ShownNote(
            note,
            note.may_be_corrected(by=person_id, now=now),
            note.may_be_struck(by=person_id),
        )
        for note in notes.order_by("-met_on", "-written_at", "pk")
    ]
