"""*Today* where the children are: schools, classes, arrivals, families."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from commonground.apps.core.models import Organization
from commonground.apps.core.queries import Grant
from commonground.apps.home.queries.looks import Looker, lookers_at
from commonground.apps.roster.grades import grade_name, grade_order
from commonground.apps.roster.languages import language_name
from commonground.apps.roster.models import Enrollment, SchoolEnrollment, Section, StaffMember, Student, Teaching
from commonground.apps.roster.names import as_counted, name_key
from commonground.apps.roster.queries import Place, own_children, schools_of

# The same days as in `roster/scope.sql`: a liaison sees a child this long after the arrival.
ARRIVAL_DAYS = timedelta(days=30)
MOST_ARRIVALS = 50


@dataclass(frozen=True)
class Arrival:
    """A student who is new at a school."""

    student: Student
    school: Organization
    arrived_on: date
    grade: str
    language: str


@dataclass(frozen=True)
class SpokenAt:
    """The languages spoken at home of a school's students, with how many speak each.

    few: languages that fewer than ten speak, by name, without any number.
    """

    school_id: UUID
    school_name: str
    counts: tuple[tuple[str, int], ...]
    few: tuple[str, ...]


@dataclass(frozen=True)
class GradeCount:
    grade: str
    count: int


@dataclass(frozen=True)
class SchoolToday:
    """grades: students by grade, for a principal; empty for a liaison, who sees no list of them."""

    grades: tuple[GradeCount, ...]
    has_many_schools: bool
    arrivals: tuple[Arrival, ...]
    languages: tuple[SpokenAt, ...]

    @property
    def student_count(self) -> int:
        return sum(one.count for one in self.grades)


@dataclass(frozen=True)
class TeacherToday:
    """sections: the teacher's own, with `student_count` on each."""

    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Child:
    """A family's child: school, grade, language, teachers with what they teach."""

    student: Student
    grade: str
    language: str
    schools: tuple[Place, ...]
    teachers: tuple[tuple[StaffMember, str], ...]


@dataclass(frozen=True)
class FamilyToday:
    children: tuple[Child, ...]
    looks: tuple[Looker, ...]


def school_today(grants: Sequence[Grant], *, now: datetime, with_grades: bool) -> SchoolToday:
    """For principals and liaisons: who is new, and what is spoken at home. Two or three queries."""
    names = {grant.organization_id: grant.organization_name for grant in grants}
    here = SchoolEnrollment.objects.current().filter(school_id__in=names)
    counted = here.values_list("grade").annotate(count=Count("student_id", distinct=True))
    grades: dict[str | None, int] = dict(counted) if with_grades else {}
    return SchoolToday(
        grades=tuple(GradeCount(grade_name(g), grades[g]) for g in sorted(grades, key=grade_order)),
        has_many_schools=len(names) > 1,
        arrivals=_arrivals(names, today=timezone.localdate(now)),
        languages=_languages(names),
    )


def _arrivals(names: dict[UUID, str], *, today: date) -> tuple[Arrival, ...]:
    newest = (
        SchoolEnrollment.objects.current()
        .filter(school_id__in=names, arrived_on__gt=today - ARRIVAL_DAYS)
        .select_related("student", "school")
        .order_by("-arrived_on", "student__name_key")[:MOST_ARRIVALS]
    )
    return tuple(
        Arrival(
            student=one.student,
            school=one.school,
            arrived_on=one.arrived_on,
            grade=grade_name(one.grade or one.student.grade),
            language=language_name(one.student.home_language),
        )
        for one in newest
        if one.arrived_on
    )


def _languages(names: dict[UUID, str]) -> tuple[SpokenAt, ...]:
    """By school; most spoken first, and what few speak by name: the order of a hidden count would tell it. One query."""
    with connection.cursor() as cursor:
        cursor.execute("select school_id, home_language, student_count from cg.home_languages()")
        rows = [(school, language_name(code), count) for school, code, count in cursor.fetchall()]
    return tuple(
        SpokenAt(
            school_id=pk,
            school_name=name,
            counts=tuple(sorted(((w, c) for s, w, c in rows if s == pk and c), key=lambda one: (-one[1], one[0]))),
            few=tuple(sorted((w for s, w, c in rows if s == pk and c is None), key=name_key)),
        )
        for pk, name in sorted(names.items(), key=lambda one: one[1])
        if any(school == pk for school, _w, _c in rows)
    )


def teacher_today() -> TeacherToday:
    """For a teacher: the own sections with how many students each has. One query."""
    sections = (
        Section.objects.current()
        .extra(where=["roster_section.id in (select section_id from cg.own_sections())"])
        .annotate(student_count=Count("enrollments", filter=Q(enrollments__ended_on=None)))
        .select_related("school")
    )
    return TeacherToday(tuple(sorted(sections, key=lambda one: (as_counted(one.title), one.pk))))


def family_today() -> FamilyToday:
    """For a family: the own children of every district, their schools and teachers, and who looked. Seven queries."""
    students = own_children()
    schools = schools_of(students)
    teachers = _teachers(students)
    children = tuple(
        Child(
            student=student,
            grade=grade_name(student.grade),
            language=language_name(student.home_language),
            schools=schools.get(student.pk, ()),
            teachers=tuple(teachers.get(student.pk, ())),
        )
        for student in students
    )
    names = {student.pk: student.full_name for student in students}
    return FamilyToday(children, lookers_at(names, most=5))


def _teachers(students: Sequence[Student]) -> dict[UUID, list[tuple[StaffMember, str]]]:
    """Teachers of each student today and what they teach, by name. Two queries."""
    places = list(
        Enrollment.objects.current()
        .filter(owner_id__in={s.owner_id for s in students}, student_id__in=[s.pk for s in students])
        .select_related("section")
    )
    by_section: dict[UUID, list[StaffMember]] = {}
    for teaching in (
        Teaching.objects.current()
        .filter(owner_id__in={s.owner_id for s in students}, section_id__in={p.section_id for p in places})
        .select_related("staff")
    ):
        by_section.setdefault(teaching.section_id, []).append(teaching.staff)
    found: dict[UUID, list[tuple[StaffMember, str]]] = {}
    for place in sorted(places, key=lambda one: as_counted(one.section.title)):
        for staff in by_section.get(place.section_id, ()):
            found.setdefault(place.student_id, []).append((staff, place.section.title))
    return found
