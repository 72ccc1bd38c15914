"""Who looked at which child: the disclosure log as families and coordinators read it (34 CFR 99.32)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from commonground.apps.core.looks import page_words
from commonground.apps.core.models import DisclosureLine, Organization, Person
from commonground.apps.core.queries import Grant
from commonground.apps.core.roles import ROLES
from commonground.apps.roster.models import Student
from commonground.apps.roster.queries import own_children

PAGE = 50


@dataclass(frozen=True)
class Look:
    """Somebody outside the child's district saw the child by name."""

    number: int
    at: datetime
    child: str
    who: str
    role: str
    organization: str
    page: str
    purpose: str


@dataclass(frozen=True)
class Looker:
    """A person from outside who saw a child by name: when last, and how many times in all."""

    child: str
    who: str
    role: str
    organization: str
    last_at: datetime
    times: int


@dataclass(frozen=True)
class LookPage:
    """One page of the log, newest first. next_before: the line that the next page comes before, None on the last."""

    rows: tuple[Look, ...]
    next_before: int | None


def lookers_at(names: Mapping[UUID, str], *, most: int) -> tuple[Looker, ...]:
    """Who looked at these children (by id and name), each person and child once, the latest first. One query."""
    rows = (
        DisclosureLine.objects.filter(student_id__in=names)
        .values("student_id", "person_id", "role", "organization_id")
        .annotate(
            last_at=Max("at"),
            times=Count("number"),
            who=_name_of(Person, "person_id"),
            house=_name_of(Organization, "organization_id"),
        )
        .order_by("-last_at", "student_id")[:most]
    )
    return tuple(
        Looker(
            child=names[row["student_id"]],
            who=row["who"] or "",
            role=_role_words(row["role"]),
            organization=row["house"] or "",
            last_at=row["last_at"],
            times=row["times"],
        )
        for row in rows
    )


def _name_of(table: type[Person | Organization], column: str) -> Subquery:
    """The name of what a line's column points to."""
    return Subquery(table.objects.filter(pk=OuterRef(column)).values("name")[:1])


def who_looked(grants: Sequence[Grant], *, before: int | None = None, most: int = PAGE) -> LookPage:
    """The looks that the acting person may read: a coordinator's district, a family's own children.

    before: only lines before this number. Five queries.
    """
    lines, names = _readable(grants)
    if before is not None:
        lines = lines.filter(number__lt=before)
    rows = list(lines.order_by("-number")[: most + 1])
    page = rows[:most]
    if names is None:
        names = {s.pk: s.full_name for s in Student.objects.filter(pk__in={line.student_id for line in page})}
    return LookPage(_looks(page, names), page[-1].number if len(rows) > most else None)


def _readable(grants: Sequence[Grant]) -> tuple[QuerySet[DisclosureLine], dict[UUID, str] | None]:
    districts = [grant.organization_id for grant in grants if _reads_whole_log(grant)]
    if districts:
        return DisclosureLine.objects.filter(owner_id__in=districts), None
    children = {student.pk: student.full_name for student in own_children()}
    return DisclosureLine.objects.filter(student_id__in=children), children


def _reads_whole_log(grant: Grant) -> bool:
    return grant.role.reads("disclosure", "organization")


def _looks(lines: Iterable[DisclosureLine], names: Mapping[UUID, str]) -> tuple[Look, ...]:
    kept = list(lines)
    if not kept:
        return ()
    people, houses = _names_of({line.person_id for line in kept}, {line.organization_id for line in kept})
    return tuple(
        Look(
            number=line.number,
            at=line.at,
            child=names.get(line.student_id, ""),
            who=people.get(line.person_id, ""),
            role=_role_words(line.role),
            organization=houses.get(line.organization_id, ""),
            page=page_words(line.page),
            purpose=_purpose_words(line.purpose),
        )
        for line in kept
    )


def _names_of(person_ids: set[UUID], organization_ids: set[UUID]) -> tuple[dict[UUID, str], dict[UUID, str]]:
    people = dict(Person.objects.filter(pk__in=person_ids).values_list("pk", "name"))
    houses = dict(Organization.objects.filter(pk__in=organization_ids).values_list("pk", "name"))
    return people, houses


def _role_words(key: str) -> str:
    return str(ROLES[key].title) if key in ROLES else key


def _purpose_words(purpose: str) -> str:
    """The purpose of the agreement; or that it was an emergency access, whose id the log keeps."""
    if purpose.startswith("break-glass "):
        return _("Emergency access of an operator, approved by a second person")
    return purpose or _("No agreement was noted")
