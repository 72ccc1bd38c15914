"""One student: what the roster says, which file and line said it, who can see it and who has looked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from commonground.apps.core.models import Agreement
from commonground.apps.core.roles import ROLES
from commonground.apps.home.queries.looks import Looker, lookers_at
from commonground.apps.intake.queries import Origin, origins
from commonground.apps.roster.grades import grade_name
from commonground.apps.roster.groups import GROUP_NAMES
from commonground.apps.roster.languages import language_name
from commonground.apps.roster.models import (
    Demographics,
    Enrollment,
    Guardian,
    Guardianship,
    SchoolEnrollment,
    StaffMember,
    Student,
    Teaching,
)
from commonground.apps.roster.names import as_counted


@dataclass(frozen=True)
class Fact:
    """Something a row says, with where it comes from. origin: None when the reader sees no batches, or no file said it."""

    label: str
    value: str
    lines: tuple[str, ...]
    origin: Origin | None


@dataclass(frozen=True)
class Line:
    """A line of a file and the facts it says."""

    labels: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True)
class Class:
    """A class of the student, with its teachers."""

    title: str
    teachers: tuple[str, ...]
    fact: Fact


@dataclass(frozen=True)
class Contact:
    """A guardian, where the reader may see one."""

    guardian: Guardian
    language: str
    fact: Fact


@dataclass(frozen=True)
class StudentPage:
    student: Student
    district: str
    grade: str
    schools: tuple[str, ...]
    facts: tuple[Fact, ...]
    places: tuple[Fact, ...]
    classes: tuple[Class, ...]
    contacts: tuple[Contact, ...]
    can: tuple[str, ...]
    cannot: tuple[str, ...]
    looks: tuple[Looker, ...]

    @property
    def lineage(self) -> list[Line]:
        """The lines of files that the facts come from, each once, as far as the reader sees batches."""
        facts = [*self.facts, *self.places, *(c.fact for c in self.classes), *(c.fact for c in self.contacts)]
        said: dict[tuple[UUID, str, int | None], tuple[Origin, list[str]]] = {}
        for fact in facts:
            if (origin := fact.origin) is not None:
                said.setdefault((origin.batch_id, origin.file, origin.line), (origin, []))[1].append(fact.label)
        return [Line(tuple(labels), origin) for origin, labels in said.values()]


# The names of a class's teachers, beside the class.
_TEACHERS = ArraySubquery(
    Teaching.objects.current()
    .filter(owner_id=OuterRef("owner_id"), section_id=OuterRef("section_id"))
    .order_by("staff__family_name", "staff__given_name")
    .values(names=JSONObject(**{name: f"staff__{name}" for name in ("given_name", "middle_name", "family_name")}))
)


def student_page(student: Student, *, today: date, with_looks: bool) -> StudentPage:
    """Everything the page of this student shows, as far as it exists for the acting person. Seven queries.

    student: with its owner.
    """
    own = {"owner_id": student.owner_id, "student": student}
    district = student.owner.name
    demographics = Demographics.objects.current().filter(**own).first()
    places = sorted(
        SchoolEnrollment.objects.current().filter(**own).select_related("school"),
        key=lambda one: (not one.is_primary, one.school.name),
    )
    classes = sorted(
        Enrollment.objects.current().filter(**own).select_related("section").annotate(teachers=_TEACHERS),
        key=lambda one: as_counted(one.section.title),
    )
    guardianships = sorted(
        Guardianship.objects.current().filter(**own).select_related("guardian"), key=lambda one: one.guardian.full_name
    )
    rows: list[Any] = [student, *places, *classes, *guardianships, *([demographics] if demographics else [])]
    known = origins(rows)

    def fact(label: str, value: str, row: Any) -> Fact:
        return Fact(label, value, _lines(row, known.get(row.pk), district=district), known.get(row.pk))

    return StudentPage(
        student=student,
        district=district,
        grade=grade_name(student.grade),
        schools=tuple(one.school.name for one in places),
        facts=tuple(_own_facts(student, demographics, fact)),
        places=tuple(fact(one.school.name, _since(one), one) for one in places),
        classes=tuple(
            Class(
                one.section.title,
                tuple(StaffMember(**names).full_name for names in one.teachers),
                fact(one.section.title, "", one),
            )
            for one in classes
        ),
        contacts=tuple(
            Contact(
                one.guardian,
                language_name(one.guardian.home_language),
                fact(one.guardian.full_name, _relation(one.guardian.relation or ""), one),
            )
            for one in guardianships
        ),
        can=tuple(_who_can(student, district, places, today=today)),
        cannot=(
            _("Other districts and their schools"),
            _("The operator who runs this system"),
            _("Anybody without an account"),
        ),
        looks=lookers_at({student.pk: student.full_name}, most=5) if with_looks else (),
    )


def _own_facts(student: Student, demographics: Demographics | None, fact: Any) -> list[Fact]:
    facts = [fact(_("Grade"), grade_name(student.grade), student)]
    if student.home_language:
        facts.append(fact(_("Home language"), language_name(student.home_language), student))
    if student.local_number:
        facts.append(fact(_("District’s number"), student.local_number, student))
    if demographics is not None:
        if demographics.birth_on:
            facts.append(fact(_("Born"), date_format(demographics.birth_on, "DATE_FORMAT"), demographics))
        groups = _groups(demographics)
        if groups:
            facts.append(fact(_("Group"), ", ".join(groups), demographics))
    return facts


def _groups(demographics: Demographics) -> list[str]:
    return sorted(str(word) for name, word in GROUP_NAMES.items() if getattr(demographics, name))


def _relation(word: str) -> str:
    """What a guardian is to the child; the file's own word where it is another than OneRoster's."""
    known = {"parent": _("parent"), "guardian": _("guardian"), "relative": _("relative")}
    return known.get(word, word)


def _since(place: SchoolEnrollment) -> str:
    if not place.arrived_on:
        return grade_name(place.grade)
    return _("since %(day)s") % {"day": date_format(place.arrived_on, "DATE_FORMAT")}


def _lines(row: Any, origin: Origin | None, *, district: str) -> tuple[str, ...]:
    """The lineage of one row in sentences."""
    if origin is not None:
        where = {"file": origin.file, "line": origin.line, "number": origin.batch_number, "sent": origin.label}
        who = {"person": origin.sender, "day": date_format(timezone.localtime(origin.sent_at), "DATETIME_FORMAT")}
        return (
            _("%(file)s, line %(line)s") % where,
            _("Batch %(number)s of %(district)s: %(sent)s") % (where | {"district": district}),
            _("Sent by %(person)s, %(day)s") % who,
        )
    if row.file:
        return (_("%(district)s’s own file %(file)s") % {"district": district, "file": row.file},)
    return (_("Entered by %(district)s") % {"district": district},)


def _who_can(student: Student, district: str, places: Sequence[SchoolEnrollment], *, today: date) -> list[str]:
    """Who can see this student by name today, by role."""
    can = [
        _("The student’s own guardians"),
        _("Teachers of the student’s classes"),
        *(_("The principal of %(school)s") % {"school": place.school.name} for place in places),
        *(
            _("The liaison of %(school)s, in the first 30 days") % {"school": place.school.name}
            for place in places
            if place.arrived_on
        ),
        _("Mentors, counselors and liaisons to whom the district gave this student, while that lasts"),
        _("The coordinator of %(district)s") % {"district": district},
    ]
    agreements = Agreement.objects.in_force(today).filter(owner_id=student.owner_id, categories__contains=["roster"])
    for collaborative, until in agreements.order_by("since", "id").values_list("collaborative__name", "until"):
        can += [
            _("%(role)s of %(collaborative)s, by an agreement until %(day)s")
            % {
                "role": role.title,
                "collaborative": collaborative,
                "day": date_format(until, "DATE_FORMAT"),
            }
            for role in ROLES.values()
            if role.reads("roster", "agreement")
        ]
    return can
