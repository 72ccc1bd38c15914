"""Counts by district, school, grade and group, of one school year or of today, each with the file it comes from."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q

from commonground.apps.measures.models import CountedFile, EnrollmentCount
from commonground.apps.measures.queries.members import Member
from commonground.facts import GROUPS, west_central_enrollment

Kind = CountedFile.Kind
SHIPPED_YEAR = 2018
UNKNOWN = "unknown"
# Grades below prekindergarten, as rosters name them, are the state's early childhood.
EARLY_CHILDHOOD = {"IT": "EC", "PR": "EC"}


@dataclass(frozen=True)
class GroupCount:
    """Students of one school (None: not told by school) and grade. groups: by group, without those of unknown race.

    protected, total: as the source says them; a table that hides a group may still tell these.
    """

    district_id: str
    school_id: str | None
    school_name: str | None
    classification: str | None
    grade: str
    groups: Mapping[str, int]
    protected: int
    total: int
    unknown: int = 0


@dataclass(frozen=True)
class Origin:
    """Where a district's counts come from. counted: the file, None for what ships with Commonground.

    school_year: by the calendar year in which it ends, None where the file names none.
    """

    kind: str
    school_year: int | None
    counted: CountedFile | None = None


@dataclass(frozen=True)
class Counts:
    """rows: of all districts asked for. origins: by state id. silent: rows of tables that do not say enough to count."""

    rows: tuple[GroupCount, ...]
    origins: Mapping[str, Origin]
    silent: int = 0

    def of(self, district_id: str) -> tuple[GroupCount, ...]:
        return tuple(row for row in self.rows if row.district_id == district_id)

    @property
    def unknown(self) -> Mapping[str, int]:
        """Students without a race on file, by district."""
        found: dict[str, int] = {}
        for row in self.rows:
            if row.unknown:
                found[row.district_id] = found.get(row.district_id, 0) + row.unknown
        return found


@dataclass(frozen=True)
class Files:
    """The files whose numbers stand. rosters: of each member, newest first. tables: by school year, None: not named."""

    rosters: Mapping[UUID, tuple[CountedFile, ...]] = field(default_factory=dict)
    tables: Mapping[int | None, CountedFile] = field(default_factory=dict)
    programs: Mapping[int | None, CountedFile] = field(default_factory=dict)
    borders: CountedFile | None = None

    @property
    def years(self) -> tuple[int, ...]:
        """School years of which anything can be shown, latest first."""
        of_rosters = {one.school_year for files in self.rosters.values() for one in files}
        return tuple(sorted({year for year in {*of_rosters, *self.tables, SHIPPED_YEAR} if year}, reverse=True))

    def roster_of(self, member: Member, year: int | None) -> CountedFile | None:
        """The newest count of a member, or of a school year the newest of that year."""
        return next((one for one in self.rosters.get(member.id, ()) if year in (None, one.school_year)), None)


def school_year_of(day: date) -> int:
    """The school year of a day, by the calendar year in which it ends. Minnesota's begin on July 1."""
    return day.year + (day.month >= 7)


def standing_files(members: Sequence[Member]) -> Files:
    """All files whose numbers stand for these members. One query."""
    rosters: dict[UUID, list[CountedFile]] = {}
    public: dict[str, dict[int | None, CountedFile]] = {Kind.ENROLLMENT: {}, Kind.PROGRAMS: {}, Kind.BORDERS: {}}
    wanted = CountedFile.objects.filter(~Q(kind=Kind.ROSTER) | Q(owner_id__in=[member.id for member in members]))
    for one in wanted.order_by("applied_at", "number"):
        if one.kind == Kind.ROSTER:
            rosters.setdefault(one.owner_id, []).insert(0, one)
        else:
            for year in one.school_years or [None]:
                public[one.kind][year] = one
    return Files(
        rosters={owner: tuple(files) for owner, files in rosters.items()},
        tables=public[Kind.ENROLLMENT],
        programs=public[Kind.PROGRAMS],
        borders=public[Kind.BORDERS].get(None),
    )


def counts_of(
    members: Sequence[Member], *, others: Collection[str] = (), files: Files, year: int | None = None
) -> Counts:
    """Counts of members, and by state id of others. At most two queries.

    year None: of members the newest roster, of others the newest public table. Otherwise of all the public table of that
    school year, and of members it does not tell the newest roster of that year.
    """
    origins: dict[str, Origin] = {}
    state_ids = {member.state_id: member for member in members}
    tables = _tables(files, year)
    for member in members:
        roster = files.roster_of(member, year)
        if roster and (year is None or not tables):
            origins[member.state_id] = Origin("roster", roster.school_year, roster)
    asked = [key for key in (*state_ids, *others) if key not in origins]
    rows: list[GroupCount] = []
    silent = 0
    for origin in tables if year is not None else [one for one in tables if one]:
        wanted = [key for key in asked if key not in origins and (year is not None or key not in state_ids)]
        if not wanted:
            break
        found, without = _table_rows(origin, wanted) if origin.counted else (_shipped(wanted), 0)
        silent += without
        rows += found
        origins |= {row.district_id: origin for row in found}
    if year is not None:
        for member in members:
            roster = files.roster_of(member, year)
            if member.state_id not in origins and roster:
                origins[member.state_id] = Origin("roster", year, roster)
    rows += _roster_rows(
        {m.state_id: m for m in members if origins.get(m.state_id, NO_ORIGIN).kind == "roster"}, origins
    )
    return Counts(tuple(rows), origins, silent)


NO_ORIGIN = Origin("", None)


def _tables(files: Files, year: int | None) -> list[Origin]:
    """Public counts to look in, the best one first."""
    if year is not None:
        found = [Origin("table", year, files.tables[year])] if year in files.tables else []
        return [*found, Origin("shipped", year)] if year == SHIPPED_YEAR else found
    ranked = [Origin("table", at, counted) for at, counted in files.tables.items()]
    ranked.append(Origin("shipped", SHIPPED_YEAR))
    newest = sorted(ranked, key=lambda one: (one.school_year or 0, one.counted is not None), reverse=True)
    return newest[:1] if newest[0].counted is None else [newest[0], Origin("shipped", SHIPPED_YEAR)]


def _roster_rows(members: Mapping[str, Member], origins: Mapping[str, Origin]) -> Iterable[GroupCount]:
    batches = {origin.counted.batch_id: key for key in members if (origin := origins[key]).counted}
    if not batches:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.batch_id, c.school_id, o.name, c.grade, json_object_agg(c.race_group, c.student_count)"
            "  from measures_rostercount c left join core_organization o on o.id = c.school_id"
            " where c.batch_id = any(%s) and c.coding = 'federal'"
            " group by c.batch_id, c.school_id, o.name, c.grade",
            [list(batches)],
        )
        rows = cursor.fetchall()
    return [_roster_row(batches[batch], *rest) for batch, *rest in rows]


def _roster_row(
    district_id: str, school_id: UUID | None, name: str | None, grade: str | None, counted: Mapping[str, int]
) -> GroupCount:
    groups = {group: counted.get(group, 0) for group in GROUPS}
    total = sum(groups.values())
    return GroupCount(
        district_id=district_id,
        school_id=str(school_id) if school_id else None,
        school_name=name,
        classification=None,
        grade=EARLY_CHILDHOOD.get(grade or "", grade or "?"),
        groups=groups,
        protected=total - groups["white"],
        total=total,
        unknown=counted.get(UNKNOWN, 0),
    )


def _table_rows(origin: Origin, wanted: Sequence[str]) -> tuple[list[GroupCount], int]:
    """The rows of a table, and how many of them do not say who is protected or how many there are in all."""
    if origin.counted is None:
        return [], 0
    columns = ("district_id", "school_id", "school_name", "classification", "grade", "protected", "total", *GROUPS)
    found, silent = [], 0
    for row in EnrollmentCount.objects.filter(
        batch_id=origin.counted.batch_id, school_year=origin.school_year, district_id__in=wanted
    ).values(*columns):
        if row["protected"] is None or row["total"] is None:
            silent += 1
            continue
        groups = {group: row.pop(group) or 0 for group in GROUPS}
        found.append(GroupCount(groups=groups, **row))
    return found, silent


def _shipped(wanted: Collection[str]) -> list[GroupCount]:
    """The public counts of 2017-18 that ship with Commonground: districts by grade, not by school."""
    return [
        GroupCount(row.district_id, None, None, None, row.grade, row.groups, row.protected, row.total)
        for row in west_central_enrollment()
        if row.district_id in set(wanted)
    ]
