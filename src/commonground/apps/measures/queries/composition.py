"""Who is where: students by group, or by meals, language and special education, by district, school, grade and year."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q

from commonground.apps.core.queries import Grant
from commonground.apps.measures.models import CountedFile, EnrollmentCount
from commonground.apps.measures.queries.counts import (
    EARLY_CHILDHOOD,
    NO_ORIGIN,
    SHIPPED_YEAR,
    Counts,
    Files,
    GroupCount,
    Origin,
    counts_of,
    standing_files,
)
from commonground.apps.measures.queries.members import Member, members_of, own_district_ids
from commonground.engine.law.states.mn.isolation_rules import EARLY_GRADES, GRADES, Base
from commonground.facts import GROUPS, west_central_enrollment

LEAST = 10  # fewer students than this are not told across a district's line
PROGRAMS = ("meals", "english", "special")


@dataclass(frozen=True)
class Line:
    """One place, grade or year. groups: students by group, None where hidden, missing where not known.

    key: that leads to the place, "" for none. total: None where not known. blanks: rows of a table that say nothing.
    """

    name: str
    groups: Mapping[str, int | None]
    total: int | None
    key: str = ""
    blanks: int = 0

    @property
    def protected(self) -> int | None:
        """Everyone but white alone; None where the white count is hidden or not known."""
        white = self.groups.get("white")
        return None if white is None or self.total is None else self.total - white

    def share(self, group: str) -> float | None:
        """The group's part of all, 0 to 1; None where hidden, not known, or without students."""
        number = self.groups.get(group)
        return None if number is None or not self.total else number / self.total


@dataclass(frozen=True)
class Composition:
    """what: race, meals, english or special. by: place, grade or year. columns: keys of the groups.

    lines: in order, the whole last where it makes sense. where: the place all lines are parts of, "" for all members.
    has_schools: whether the chosen district's counts are by school. is_guarded: whether counts may be hidden here.
    origins: the files. missing: names of members without counts.
    """

    what: str
    by: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    whole: Line | None
    members: tuple[Member, ...]
    schools: tuple[tuple[str, str], ...]
    district: Member | None
    school: str
    years: tuple[int, ...]
    year: int | None
    origins: tuple[tuple[Origin, str], ...] = ()
    missing: tuple[str, ...] = ()
    is_guarded: bool = False
    unknown: int = 0
    counted: CountedFile | None = field(default=None)

    @property
    def where(self) -> str:
        """The place that all lines are parts of; "" for all members together."""
        names = dict(self.schools)
        return names.get(self.school) or (self.district.name if self.district else "")

    @property
    def has_hidden(self) -> bool:
        return any(number is None for line in self.lines for number in line.groups.values())


@dataclass(frozen=True)
class Asked:
    """What a person asked for. district: state id, "" for all members. school: id, "" for all. year None: the newest."""

    what: str = "race"
    by: str = "place"
    district: str = ""
    school: str = ""
    year: int | None = None
    base: Base = "PK-12"


def composition(grants: Sequence[Grant], asked: Asked, *, on: date, leaves: bool = False) -> Composition:
    """What was asked for, as far as the person may know it. At most five queries.

    leaves: True when the numbers leave the site as a file; then no district is the person's own.
    """
    members = members_of(grants, on=on)
    files = standing_files(members)
    district = next((member for member in members if member.state_id == asked.district), None)
    if asked.what in PROGRAMS:
        return _programs(members, files, district, asked, leaves=leaves, own=own_district_ids(grants))
    if asked.by == "year":
        return _by_year(members, files, district, asked)
    chosen = [district] if district else list(members)
    counts = _counted_grades(counts_of(chosen, files=files, year=asked.year), asked.base)
    schools = tuple(
        sorted(
            {(row.school_id, row.school_name or row.school_id) for row in counts.rows if row.school_id},
            key=lambda one: one[1],
        )
    )
    school = asked.school if district and asked.school in dict(schools) else ""
    rows = [row for row in counts.rows if not school or row.school_id == school]
    # How many of each group a place has is public, and so is what the state publishes by grade; a roster's grades are not.
    own = frozenset() if leaves else own_district_ids(grants)
    by_roster = [one for one in chosen if counts.origins.get(one.state_id, NO_ORIGIN).kind == "roster"]
    is_guarded = asked.by == "grade" and any(one.id not in own for one in by_roster)
    if asked.by == "grade":
        lines = _lines(rows, key=lambda row: row.grade, order=_grade_order)
    elif district and schools:
        lines = _lines([row for row in rows if row.school_id], key=lambda row: row.school_id or "", names=dict(schools))
    else:
        names = {member.state_id: member.name for member in members}
        lines = _lines(rows, key=lambda row: row.district_id, names=names)
    whole = _line("", rows)
    return Composition(
        what="race",
        by=asked.by,
        columns=GROUPS,
        lines=_without_groups(lines) if is_guarded else lines,
        whole=whole,
        members=members,
        schools=schools if district else (),
        district=district,
        school=school,
        years=files.years,
        year=asked.year,
        origins=_origins(counts, members),
        missing=tuple(member.name for member in chosen if member.state_id not in counts.origins),
        is_guarded=is_guarded,
        unknown=sum(row.unknown for row in rows),
    )


def _counted_grades(counts: Counts, base: Base) -> Counts:
    if base == "PK-12":
        return counts
    return Counts(tuple(row for row in counts.rows if row.grade not in EARLY_GRADES), counts.origins, counts.silent)


def _origins(counts: Counts, members: Iterable[Member]) -> tuple[tuple[Origin, str], ...]:
    names: dict[Origin, list[str]] = {}
    for member in members:
        if member.state_id in counts.origins:
            names.setdefault(counts.origins[member.state_id], []).append(member.name)
    return tuple((origin, ", ".join(of)) for origin, of in names.items())


def _line(name: str, rows: Iterable[GroupCount], *, key: str = "") -> Line:
    groups = dict.fromkeys(GROUPS, 0)
    total = 0
    for row in rows:
        total += row.total
        for group, number in row.groups.items():
            groups[group] += number
    return Line(name, groups, total, key)


def _lines(
    rows: Iterable[GroupCount],
    *,
    key: Callable[[GroupCount], str],
    names: Mapping[str, str] | None = None,
    order: Callable[[str], tuple[int, str]] | None = None,
) -> tuple[Line, ...]:
    found: dict[str, list[GroupCount]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    lines = [_line((names or {}).get(one, one), of, key=one) for one, of in found.items()]
    return tuple(sorted(lines, key=lambda line: order(line.key) if order else (0, line.name)))


def _grade_order(grade: str) -> tuple[int, str]:
    return (GRADES.index(grade) if grade in GRADES else len(GRADES), grade)


def _without_groups(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines with their totals alone: every count by group is hidden, so that none follows from another page.

    Hiding small counts page by page is no protection: one school's follows from its district's less the other schools'.
    """
    return tuple(Line(line.name, dict.fromkeys(GROUPS), line.total, line.key) for line in lines)


# --- over years -----------------------------------------------------------------------------------------------------------
def _by_year(members: Sequence[Member], files: Files, district: Member | None, asked: Asked) -> Composition:
    """Each school year of which every chosen district has counts. Two queries."""
    chosen = {member.state_id: member for member in ([district] if district else members)}
    found: dict[int, dict[str, dict[str, int]]] = {}
    for year, state_id, groups in (
        *_years_of_tables(files, list(chosen), asked.base),
        *_shipped_year(chosen, asked.base),
    ):
        found.setdefault(year, {}).setdefault(state_id, groups)
    for year, state_id, groups in _years_of_rosters(files, chosen, asked.base):
        found.setdefault(year, {}).setdefault(state_id, groups)
    lines = []
    for year, places in sorted(found.items()):
        if set(places) != set(chosen):
            continue
        groups = {group: sum(place[group] for place in places.values()) for group in GROUPS}
        lines.append(Line(str(year), groups, sum(groups.values()), str(year)))
    return Composition(
        what="race",
        by="year",
        columns=GROUPS,
        lines=tuple(lines),
        whole=None,
        members=tuple(members),
        schools=(),
        district=district,
        school="",
        years=files.years,
        year=None,
    )


def _years_of_tables(files: Files, state_ids: Collection[str], base: Base) -> Iterable[tuple[int, str, dict[str, int]]]:
    wanted = [(counted.batch_id, year) for year, counted in files.tables.items() if year]
    if not wanted:
        return
    choice = Q()
    for batch_id, year in wanted:
        choice |= Q(batch_id=batch_id, school_year=year)
    rows = EnrollmentCount.objects.filter(choice, district_id__in=list(state_ids), total__isnull=False)
    added: dict[tuple[int, str, bool], dict[str, int]] = {}
    for row in rows.values("school_year", "district_id", "school_id", "grade", *GROUPS):
        if base == "K-12" and row["grade"] in EARLY_GRADES:
            continue
        groups = added.setdefault(
            (row["school_year"], row["district_id"], row["school_id"] is None), dict.fromkeys(GROUPS, 0)
        )
        for group in GROUPS:
            groups[group] += row[group] or 0
    for (year, state_id, is_whole), groups in sorted(added.items()):
        # A district told by its schools is their sum; its own rows would count every child twice.
        if not is_whole or (year, state_id, False) not in added:
            yield year, state_id, groups


def _shipped_year(chosen: Collection[str], base: Base) -> Iterable[tuple[int, str, dict[str, int]]]:
    added: dict[str, dict[str, int]] = {}
    for row in west_central_enrollment():
        if row.district_id in chosen and not (base == "K-12" and row.grade in EARLY_GRADES):
            groups = added.setdefault(row.district_id, dict.fromkeys(GROUPS, 0))
            for group in GROUPS:
                groups[group] += row.groups[group]
    return [(SHIPPED_YEAR, state_id, groups) for state_id, groups in added.items()]


def _years_of_rosters(
    files: Files, chosen: Mapping[str, Member], base: Base
) -> Iterable[tuple[int, str, dict[str, int]]]:
    wanted: dict[UUID, tuple[int, str]] = {}
    for state_id, member in chosen.items():
        for year in files.years:
            counted = files.roster_of(member, year)
            if counted:
                wanted[counted.batch_id] = (year, state_id)
    if not wanted:
        return
    early = [grade for grade, name in EARLY_CHILDHOOD.items() if name in EARLY_GRADES] + sorted(EARLY_GRADES)
    with connection.cursor() as cursor:
        cursor.execute(
            "select batch_id, race_group, sum(student_count)::int from measures_rostercount"
            " where batch_id = any(%s) and coding = 'federal' and race_group <> 'unknown'"
            "   and (grade is null or not grade = any(%s)) group by 1, 2",
            [list(wanted), early if base == "K-12" else []],
        )
        added: dict[UUID, dict[str, int]] = {}
        for batch_id, group, number in cursor.fetchall():
            added.setdefault(batch_id, dict.fromkeys(GROUPS, 0))[group] = number
    for batch_id, groups in added.items():
        yield (*wanted[batch_id], groups)


# --- meals, language, special education -----------------------------------------------------------------------------------
def _programs(
    members: Sequence[Member],
    files: Files,
    district: Member | None,
    asked: Asked,
    *,
    leaves: bool,
    own: Collection[UUID],
) -> Composition:
    """From public tables, with small counts hidden by the database. One query."""
    years = sorted((year for year in files.programs if year), reverse=True)
    year = asked.year if asked.year in years else next(iter(years), None)
    counted = files.programs.get(year)
    chosen = {member.state_id: member for member in ([district] if district else members)}
    lines: list[Line] = []
    if counted:
        with connection.cursor() as cursor:
            cursor.execute(
                "select district_id, school_id, school_name, number, total, blanks, is_hidden"
                "  from cg.program_counts(%s, %s, %s, %s) where measure = %s",
                [counted.batch_id, year, list(chosen), leaves, asked.what],
            )
            rows = cursor.fetchall()
        for state_id, school_id, school_name, number, total, blanks, is_hidden in rows:
            if (school_id is None) == bool(district):
                continue
            name = school_name or chosen[state_id].name
            known = {} if number is None and not is_hidden else {asked.what: None if is_hidden else int(number)}
            lines.append(Line(name, known, None if total is None else int(total), school_id or state_id, blanks))
    told = {line.key for line in lines}
    return Composition(
        what=asked.what,
        by="place",
        columns=(asked.what,),
        lines=tuple(sorted(lines, key=lambda line: line.name)),
        whole=None,
        members=tuple(members),
        schools=(),
        district=district,
        school="",
        years=tuple(years),
        year=year,
        origins=((Origin("table", year, counted), ", ".join(m.name for m in chosen.values())),) if counted else (),
        missing=tuple(m.name for m in chosen.values() if not district and m.state_id not in told) if counted else (),
        is_guarded=leaves or any(member.id not in own for member in chosen.values()),
        counted=counted,
    )
