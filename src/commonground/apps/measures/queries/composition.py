"""Who is where: students by group, or by meals, language and special education, by district, school, grade and year."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db import connection

from commonground.apps.core.queries import Grant
from commonground.apps.measures.models import CountedFile
from commonground.apps.measures.queries.counts import (
    NO_ORIGIN,
    Counts,
    Files,
    GroupCount,
    Origin,
    counts_of,
    roster_rows,
    standing_files,
    table_years,
)
from commonground.apps.measures.queries.members import Member, members_of, own_district_ids
from commonground.engine.law.states.mn.isolation_rules import EARLY_GRADES, GRADES, Base
from commonground.facts import GROUPS

PROGRAMS = ("meals", "english", "special")


@dataclass(frozen=True)
class Line:
    """One place, grade or year. groups: students by group, None where hidden, missing where not known.

    key: that leads to the place, "" for none. total, protected: as the source says them, None where hidden or not known.
    blanks: rows of a table that say nothing.
    """

    name: str
    groups: Mapping[str, int | None]
    total: int | None
    key: str = ""
    blanks: int = 0
    protected: int | None = None

    def share(self, group: str) -> float | None:
        """The group's part of all, 0 to 1; None where hidden, not known, or without students."""
        number = self.groups.get(group)
        return None if number is None or not self.total else number / self.total


@dataclass(frozen=True)
class Composition:
    """what: race, meals, english or special. by: place, grade or year. columns: keys of the groups.

    lines: in order, the whole last where it makes sense. where: the place all lines are parts of, "" for all members.
    has_schools: whether the chosen district's counts are by school. is_guarded: whether counts may be hidden here.
    has_five_groups: whether a table counts Pacific Islanders among Asian students.
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
    has_five_groups: bool = False
    unknown: int = 0

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
    if asked.what == "race" and asked.year not in files.years:
        asked = replace(asked, year=None)
    district = next((member for member in members if member.state_id == asked.district), None)
    if asked.what in PROGRAMS:
        return _programs(members, files, district, asked, leaves=leaves, own=own_district_ids(grants))
    # How many of each group a place has is public, and so is what the state publishes by grade; a roster's grades are not.
    own = frozenset() if leaves else own_district_ids(grants)
    if asked.by == "year":
        return _by_year(members, files, district, asked, own=own)
    chosen = [district] if district else list(members)
    all_grades = counts_of(chosen, files=files, year=asked.year)
    counts = _counted_grades(all_grades, asked.base)
    schools = tuple(
        sorted(
            {(row.school_id, row.school_name or row.school_id) for row in counts.rows if row.school_id},
            key=lambda one: one[1],
        )
    )
    school = asked.school if district and asked.school in dict(schools) else ""
    rows = [row for row in counts.rows if not school or row.school_id == school]
    by_roster = [one for one in chosen if all_grades.origins.get(one.state_id, NO_ORIGIN).kind == "roster"]
    outside = {one.state_id for one in by_roster if one.id not in own}
    apart = [
        row for row in _told_apart(all_grades.rows, asked.base, of=outside) if not school or row.school_id == school
    ]
    if asked.by == "grade":
        lines = _lines(rows, key=lambda row: row.grade, order=_grade_order)
        lines = _without_groups(lines) if outside else lines
    elif district and schools:
        lines = _lines([row for row in rows if row.school_id], key=lambda row: row.school_id or "", names=dict(schools))
        lines = _without_groups(lines, of={row.school_id for row in apart})
    else:
        names = {member.state_id: member.name for member in members}
        lines = _lines(rows, key=lambda row: row.district_id, names=names)
        lines = _without_groups(lines, of={row.district_id for row in apart})
    whole = _line("", rows)
    return Composition(
        what="race",
        by=asked.by,
        columns=GROUPS,
        lines=lines,
        whole=_without_groups([whole])[0] if apart else whole,
        members=members,
        schools=schools if district else (),
        district=district,
        school=school,
        years=files.years,
        year=asked.year,
        origins=counts.told_by(members),
        missing=tuple(member.name for member in chosen if member.state_id not in counts.origins),
        is_guarded=bool(apart) or (asked.by == "grade" and bool(outside)),
        has_five_groups=any(row.has_five_groups for row in rows),
        unknown=sum(row.unknown for row in rows),
    )


def _counted_grades(counts: Counts, base: Base) -> Counts:
    if base == "PK-12":
        return counts
    return Counts(tuple(row for row in counts.rows if row.grade not in EARLY_GRADES), counts.origins, counts.silent)


def _told_apart(rows: Iterable[GroupCount], base: Base, *, of: Collection[str]) -> list[GroupCount]:
    """Rows of early childhood of these districts, which a count without them, beside one with them, would tell."""
    if base == "PK-12":
        return []
    return [row for row in rows if row.district_id in of and row.grade in EARLY_GRADES and row.total]


def _line(name: str, rows: Iterable[GroupCount], *, key: str = "") -> Line:
    """The rows together. A group that one of them does not tell is not known of all."""
    counted = list(rows)
    groups = {}
    for group in GROUPS:
        numbers = [row.groups[group] for row in counted]
        if None not in numbers:
            groups[group] = sum(number or 0 for number in numbers)
    return Line(
        name,
        groups,
        sum(row.total for row in counted),
        key,
        protected=sum(row.protected for row in counted),
    )


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


def _without_groups(lines: Sequence[Line], *, of: Collection[str | None] | None = None) -> tuple[Line, ...]:
    """The lines with their totals alone: every count by group is hidden, so that none follows from another page.

    of: keys of the lines, None for all. Hiding small counts page by page is no protection: one school's follows from
    its district's less the other schools'.
    """
    return tuple(
        Line(line.name, dict.fromkeys(GROUPS), line.total, line.key) if of is None or line.key in of else line
        for line in lines
    )


# --- over years -----------------------------------------------------------------------------------------------------------
def _by_year(
    members: Sequence[Member], files: Files, district: Member | None, asked: Asked, *, own: Collection[UUID]
) -> Composition:
    """Each school year of which every chosen district has counts. Two queries."""
    chosen = {member.state_id: member for member in ([district] if district else members)}
    outside = {state_id for state_id, member in chosen.items() if member.id not in own}
    found: dict[int, dict[str, list[GroupCount]]] = {}
    apart: set[str] = set()
    public = [(year, rows, frozenset[str]()) for year, rows in table_years(files, list(chosen)).items()]
    for year, rows, guarded in (*public, *((year, rows, outside) for year, rows in _years_of_rosters(files, chosen))):
        for state_id in {row.district_id for row in rows} - set(found.get(year, ())):
            of_district = [row for row in rows if row.district_id == state_id]
            if _told_apart(of_district, asked.base, of=guarded):
                apart.add(str(year))
            if asked.base == "K-12":
                of_district = [row for row in of_district if row.grade not in EARLY_GRADES]
            found.setdefault(year, {})[state_id] = of_district
    lines = []
    kept: list[GroupCount] = []
    for year, places in sorted(found.items()):
        if set(places) == set(chosen):
            rows = [row for of_district in places.values() for row in of_district]
            lines.append(_line(str(year), rows, key=str(year)))
            kept += rows
    return Composition(
        what="race",
        by="year",
        columns=GROUPS,
        lines=_without_groups(lines, of=apart),
        whole=None,
        members=tuple(members),
        schools=(),
        district=district,
        school="",
        years=files.years,
        year=None,
        is_guarded=bool(apart & {line.key for line in lines}),
        has_five_groups=any(row.has_five_groups for row in kept),
    )


def _years_of_rosters(files: Files, chosen: Mapping[str, Member]) -> Iterable[tuple[int, list[GroupCount]]]:
    """By school year the last roster of each district of that year. One query."""
    wanted = [
        (year, state_id, counted.batch_id)
        for state_id, member in chosen.items()
        for year in files.years
        if (counted := files.roster_of(member, year))
    ]
    of_batch = {batch_id: (year, state_id) for year, state_id, batch_id in wanted}
    found: dict[int, list[GroupCount]] = {}
    for row in roster_rows({batch_id: state_id for batch_id, (_year, state_id) in of_batch.items()}):
        found.setdefault(of_batch[row[0]][0], []).append(row[1])
    return found.items()


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
    sent = files.programs.get(year, ())
    chosen = {member.state_id: member for member in ([district] if district else members)}
    lines: list[Line] = []
    told_by: dict[str, CountedFile] = {}
    if sent:
        with connection.cursor() as cursor:
            cursor.execute(
                "select f.place, c.district_id, c.school_id, c.school_name, c.number, c.total, c.blanks, c.is_hidden"
                "  from unnest(%s::uuid[]) with ordinality as f (batch_id, place)"
                " cross join lateral cg.program_counts(f.batch_id, %s, %s, %s) c where c.measure = %s"
                " order by f.place, c.district_id, c.school_id nulls first",
                [[one.batch_id for one in sent], year, list(chosen), leaves, asked.what],
            )
            rows = cursor.fetchall()
        for place, state_id, school_id, school_name, number, total, blanks, is_hidden in rows:
            # The newest table that tells a district stands, whole.
            if told_by.setdefault(state_id, sent[place - 1]) != sent[place - 1]:
                continue
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
        origins=tuple(
            (Origin("table", year, one), ", ".join(m.name for m in chosen.values() if told_by.get(m.state_id) == one))
            for one in dict.fromkeys(told_by.values())
        ),
        missing=tuple(m.name for m in chosen.values() if not district and m.state_id not in told) if sent else (),
        is_guarded=leaves or any(member.id not in own for member in chosen.values()),
    )
