"""Reads of the roster. Which rows exist is decided by the walls; these only ask quickly (docs: speed limits, pages)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from commonground.apps.core.models import Organization
from commonground.apps.roster.grades import grade_name
from commonground.apps.roster.languages import language_name
from commonground.apps.roster.models import SchoolEnrollment, Section, Student
from commonground.apps.roster.names import as_counted, name_key

PAGE = 50
# Sorts behind every name that begins with the same letters.
LAST = "\U0010ffff"


@dataclass(frozen=True)
class Sight:
    """Whose students the acting person may see: whole owners, and schools by relationship."""

    owner_ids: tuple[UUID, ...]
    school_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class StudentFilter:
    """What a list shows. letters: beginnings of parts of the name, in any order. None and "" leave everything in."""

    letters: str = ""
    school_id: UUID | None = None
    section_id: UUID | None = None
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A school that a student attends, and its district, by name."""

    name: str
    district: str


@dataclass(frozen=True)
class ListedStudent:
    """A student in a list, with the schools of today, the first school first."""

    student: Student
    schools: tuple[Place, ...]

    @property
    def grade(self) -> str:
        return grade_name(self.student.grade)

    @property
    def language(self) -> str:
        return language_name(self.student.home_language)


@dataclass(frozen=True)
class StudentPage:
    """One page of a list. next_after: the student that the next page comes after, None on the last page.

    is_cut: more students fit by another part of their name than are shown; more letters find them.
    """

    rows: tuple[ListedStudent, ...]
    next_after: UUID | None
    is_cut: bool = False


def sight() -> Sight:
    """What the walls open to the acting person today. One query."""
    with connection.cursor() as cursor:
        cursor.execute("select cg.owners('roster', 'read'), cg.schools('roster')")
        owners, schools = cursor.fetchone()
    return Sight(tuple(owners), tuple(schools))


def schools_in(seen: Sight) -> list[tuple[UUID, str]]:
    """The schools whose students a list may be narrowed to: key and name, by name. One query."""
    schools = Organization.objects.schools()
    found = schools.filter(owner_id__in=seen.owner_ids) | schools.filter(pk__in=seen.school_ids)
    return list(found.order_by("name").values_list("pk", "name"))


# Fifty of each owner by that owner's own index, then merged: never a sort over the whole scope, never a count. Only the
# keys are merged; the rows are read of those that remain.
_LIST = """
with own as (
  select s.* from unnest(%(owners)s::uuid[]) o(owner_id) cross join lateral (
    select s.owner_id, s.name_key, s.id from roster_student s where s.owner_id = o.owner_id and s.ended_on is null {narrowed}
     order by s.name_key, s.id limit %(limit)s) s
), related as (
  select s.owner_id, s.name_key, s.id from roster_student s
   where s.id = any((select cg.students('roster'))::uuid[]) and s.owner_id <> all(%(owners)s::uuid[])
     and s.ended_on is null {narrowed}
   order by s.name_key, s.id limit %(limit)s
)
select s.* from (
  select * from (select * from own union all select * from related) k order by k.name_key, k.id limit %(limit)s
) k join roster_student s on s.id = k.id and s.owner_id = k.owner_id order by s.name_key, s.id
"""
# Those found by another part of their name. Row security asks who may see a row before it asks any index of words, so a
# function of the database asks both.
_ELSEWHERE = """
select s.* from roster_student s
 where s.id = any((select cg.students_called(%(words)s))::uuid[]) and s.ended_on is null
   and not (s.name_key >= %(low)s and s.name_key < %(high)s) {narrowed}
 order by s.name_key, s.id limit %(limit)s
"""
_BEGINS = " and s.name_key >= %(low)s and s.name_key < %(high)s"
_AFTER = " and (s.name_key, s.id) > (%(after_key)s, %(after_id)s)"
_GRADE = " and s.grade = %(grade)s"
_SCHOOL = (
    " and exists (select from roster_schoolenrollment e where e.owner_id = s.owner_id and e.student_id = s.id"
    " and e.school_id = %(school)s and e.ended_on is null)"
)
_SECTION = (
    " and exists (select from roster_enrollment e where e.owner_id = s.owner_id and e.student_id = s.id"
    " and e.section_id = %(section)s and e.ended_on is null)"
)


def list_students(seen: Sight, wanted: StudentFilter, *, after: UUID | None = None) -> StudentPage:
    """The next students by name. after: the last student of the page before; an unknown one begins at the front.

    First come those whose name begins with the letters, family name first, page by page. The last page goes on with up
    to fifty whose given, middle or second family name begins with them: for many, the given name is the name.
    """
    found = _find(seen, wanted, after=after)
    if len(found) > PAGE:
        return StudentPage(rows=_with_schools(found[:PAGE]), next_after=found[PAGE - 1].pk)
    elsewhere = _find(seen, wanted, elsewhere=True) if name_key(wanted.letters) else []
    return StudentPage(rows=_with_schools([*found, *elsewhere[:PAGE]]), next_after=None, is_cut=len(elsewhere) > PAGE)


def _find(seen: Sight, wanted: StudentFilter, *, after: UUID | None = None, elsewhere: bool = False) -> list[Student]:
    low = name_key(wanted.letters)
    last = Student.objects.filter(pk=after).only("name_key").first() if after else None
    parts = [
        (_BEGINS, bool(low) and not elsewhere),
        (_AFTER, last is not None),
        (_GRADE, bool(wanted.grade)),
        (_SCHOOL, wanted.school_id is not None),
        (_SECTION, wanted.section_id is not None),
    ]
    return list(
        Student.objects.raw(
            (_ELSEWHERE if elsewhere else _LIST).replace(
                "{narrowed}", "".join(sql for sql, is_wanted in parts if is_wanted)
            ),
            {
                "owners": list(seen.owner_ids),
                "low": low,
                "high": low + LAST,
                "after_key": last.name_key if last else "",
                "after_id": after,
                "grade": wanted.grade,
                "school": wanted.school_id,
                "section": wanted.section_id,
                "limit": PAGE + 1,
                "words": low.split(),
            },
        )
    )


def _with_schools(students: Sequence[Student]) -> tuple[ListedStudent, ...]:
    schools = schools_of(students)
    return tuple(ListedStudent(student, schools.get(student.pk, ())) for student in students)


def schools_of(students: Sequence[Student]) -> dict[UUID, tuple[Place, ...]]:
    """The schools of each student today, the first school first. One query."""
    if not students:
        return {}
    found: dict[UUID, list[Place]] = {}
    places = (
        SchoolEnrollment.objects.current()
        .filter(owner_id__in={s.owner_id for s in students}, student_id__in=[s.pk for s in students])
        .values_list("student_id", "is_primary", "school__name", "school__owner__name")
    )
    for pk, _is_primary, name, district in sorted(places, key=lambda one: (not one[1], one[2])):
        found.setdefault(pk, []).append(Place(name, district))
    return {pk: tuple(schools) for pk, schools in found.items()}


_OPENED_BY = """case when roster_student.owner_id = any((select cg.owners('roster', 'read'))::uuid[])
  or roster_student.id = any((select cg.students('roster'))::uuid[]) then 'roster' else 'registration' end"""


def students_with_category() -> QuerySet:
    """Students, each with `category`: what opens the row to the acting person, the roster or else a registration."""
    return Student.objects.annotate(category=RawSQL(_OPENED_BY, []))  # noqa: S611 - a constant of ours


def own_children() -> list[Student]:
    """The children that the acting person is guardian of, in every district, by name. One query."""
    return list(
        Student.objects.raw(
            "select s.* from cg.own_children() c join roster_student s on s.owner_id = c.owner_id and s.id = c.student_id"
            " where s.ended_on is null order by s.name_key, s.id"
        )
    )


def own_sections() -> list[Section]:
    """The classes that the acting person teaches today, by title. One query."""
    sections = Section.objects.raw(
        "select s.* from cg.own_sections() o join roster_section s on s.owner_id = o.owner_id and s.id = o.section_id"
        " where s.ended_on is null"
    )
    return sorted(sections, key=lambda one: (as_counted(one.title), one.pk))
