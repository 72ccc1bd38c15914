"""Counts by district, school, grade and group, of one school year or of today, each with the file it comes from."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from uuid import UUID

from django.db import connection
from django.db.models import Q

from commonground.apps.measures.models import CountedFile, EnrollmentCount
from commonground.apps.measures.queries.members import Member
from commonground.facts import GROUPS, west_central_enrollment

Kind = CountedFile.Kind
SHIPPED_YEAR = 2018
UNKNOWN = "unknown"
KEPT = 16  # answers of a process, the last ones asked for: a metro's takes two megabytes
# Grades below prekindergarten, as rosters name them, are the state's early childhood.
EARLY_CHILDHOOD = {"IT": "EC", "PR": "EC"}


@dataclass(frozen=True)
class GroupCount:
    """Students of one school (None: not told by school) and grade. groups: by group, without those of unknown race.

    A group is None where the table leaves it blank: unknown, never zero. protected, total: as the source says them; a table
    that hides a group may still tell these. has_five_groups: `asian` counts Pacific Islanders too, and nobody is of two races.
    """

    district_id: str
    school_id: str | None
    school_name: str | None
    classification: str | None
    grade: str
    groups: Mapping[str, int | None]
    protected: int
    total: int
    unknown: int = 0
    has_five_groups: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every group that the table knows is told."""
        return all(
            number is not None
            for group, number in self.groups.items()
            if not (self.has_five_groups and group in ("pacific_islander", "two_or_more"))
        )


@dataclass(frozen=True)
class Origin:
    """Where a district's counts come from. counted: the file, None for what ships with Commonground.

    school_year: by the calendar year in which it ends, None where the file names none.
    """

    kind: str
    school_year: int | None
    counted: CountedFile | None = None


@dataclass(frozen=True, eq=False)
class Counts:
    """rows: of all districts asked for. origins: by state id. silent: rows of tables that do not say enough to count.

    Two are the same only when they are one: what is worked out of one can be kept beside it.
    """

    rows: tuple[GroupCount, ...]
    origins: Mapping[str, Origin]
    silent: int = 0

    def of(self, district_id: str) -> tuple[GroupCount, ...]:
        return tuple(row for row in self.rows if row.district_id == district_id)

    def told_by(self, members: Iterable[Member]) -> tuple[tuple["Origin", str], ...]:
        """Each file once, with the names of the members whose counts come from it."""
        names: dict[Origin, list[str]] = {}
        for member in members:
            if member.state_id in self.origins:
                names.setdefault(self.origins[member.state_id], []).append(member.name)
        return tuple((origin, ", ".join(of)) for origin, of in names.items())

    @cached_property
    def unknown(self) -> Mapping[str, int]:
        """Students without a race on file, by district."""
        found: dict[str, int] = {}
        for row in self.rows:
            if row.unknown:
                found[row.district_id] = found.get(row.district_id, 0) + row.unknown
        return found


@dataclass(frozen=True)
class Files:
    """Files that members sent, all newest first. rosters: of each member. tables, programs: by school year, None: not named.

    Of a district and school year the numbers of the newest table that tells the district stand.
    """

    rosters: Mapping[UUID, tuple[CountedFile, ...]] = field(default_factory=dict)
    tables: Mapping[int | None, tuple[CountedFile, ...]] = field(default_factory=dict)
    programs: Mapping[int | None, tuple[CountedFile, ...]] = field(default_factory=dict)
    borders: tuple[CountedFile, ...] = ()

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
    """All files that one of these members sent, for none but members say what their pages show. One query."""
    rosters: dict[UUID, tuple[CountedFile, ...]] = {}
    public: dict[str, dict[int | None, tuple[CountedFile, ...]]] = {
        kind: {} for kind in (Kind.ENROLLMENT, Kind.PROGRAMS, Kind.BORDERS)
    }
    sent = CountedFile.objects.filter(owner_id__in=[member.id for member in members])
    for one in sent.order_by("-applied_at", "-number"):
        if one.kind == Kind.ROSTER:
            rosters[one.owner_id] = (*rosters.get(one.owner_id, ()), one)
        else:
            for year in one.school_years or [None]:
                public[one.kind][year] = (*public[one.kind].get(year, ()), one)
    return Files(rosters, public[Kind.ENROLLMENT], public[Kind.PROGRAMS], public[Kind.BORDERS].get(None, ()))


def counts_of(
    members: Sequence[Member], *, others: Collection[str] = (), files: Files, year: int | None = None
) -> Counts:
    """Counts of members, and by state id of others. At most three queries, and none for what was counted a moment ago.

    year None: of members the newest roster, of others the newest public table. Otherwise of all the public table of that
    school year, and of members it does not tell the newest roster of that year.
    """
    rosters = tuple((member.state_id, files.roster_of(member, year)) for member in members)
    return _counts(rosters, tuple(sorted(others)), tuple(_tables(files, year)), year)


@lru_cache(maxsize=KEPT)
def _counts(
    rosters: tuple[tuple[str, CountedFile | None], ...],
    others: tuple[str, ...],
    tables: tuple[Origin, ...],
    year: int | None,
) -> Counts:
    """Kept by the process: everybody may read these counts, and those of one counted file never change.

    A district that counts again, or takes a file back, has another file. So has one whose schools get other names: only
    its own files name them.
    """
    origins: dict[str, Origin] = {}
    for key, roster in rosters:
        if roster and (year is None or not tables):
            origins[key] = Origin("roster", roster.school_year, roster)
    members = {key for key, _roster in rosters}
    asked = [
        key
        for key in (*(key for key, _roster in rosters), *others)
        if key not in origins and (year is not None or key not in members)
    ]
    told = _told_by(tables, asked, known=_known(tables, asked))
    origins |= told
    of_tables, silent = _table_rows(list(told.items()))
    rows = [row for _year, row in of_tables]
    rows += _shipped([key for key, origin in told.items() if origin.kind == "shipped"])
    # A district of which the table says nothing that can be counted has no counts.
    with_rows = {row.district_id for row in rows}
    origins = {key: origin for key, origin in origins.items() if origin.kind == "roster" or key in with_rows}
    if year is not None:
        for key, roster in rosters:
            if key not in origins and roster:
                origins[key] = Origin("roster", year, roster)
    counted = {one.counted.batch_id: key for key, one in origins.items() if one.kind == "roster" and one.counted}
    rows += [row for _batch, row in roster_rows(counted)]
    return Counts(tuple(rows), origins, silent)


NO_ORIGIN = Origin("", None)


def _tables(files: Files, year: int | None) -> list[Origin]:
    """Public counts to look in, the best one first."""
    ranked = [
        Origin("table", at, counted)
        for at, sent in sorted(files.tables.items(), key=lambda one: one[0] or 0, reverse=True)
        for counted in sent
        if year in (None, at)
    ]
    if year in (None, SHIPPED_YEAR):
        newer = [one for one in ranked if (one.school_year or 0) >= SHIPPED_YEAR]
        ranked.insert(len(newer), Origin("shipped", SHIPPED_YEAR))
    return ranked


def _known(tables: Iterable[Origin], wanted: Collection[str]) -> set[tuple[UUID | None, int | None, str]]:
    """Which table (None: what ships) of which year tells which district. One query."""
    ids = [one.counted.batch_id for one in tables if one.counted]
    shipped: set[tuple[UUID | None, int | None, str]] = {
        (None, SHIPPED_YEAR, row.district_id) for row in west_central_enrollment()
    }
    if not ids or not wanted:
        return shipped
    rows = EnrollmentCount.objects.filter(batch_id__in=ids, district_id__in=list(wanted))
    return shipped | set(rows.values_list("batch_id", "school_year", "district_id").distinct())


def _told_by(
    tables: Sequence[Origin], wanted: Collection[str], *, known: Collection[tuple[UUID | None, int | None, str]]
) -> dict[str, Origin]:
    """By state id the best of the tables that has rows of the district; missing where none has."""
    told: dict[str, Origin] = {}
    for key in wanted:
        for one in tables:
            if (one.counted.batch_id if one.counted else None, one.school_year, key) in known:
                told[key] = one
                break
    return told


def table_years(files: Files, wanted: Collection[str]) -> dict[int, list[GroupCount]]:
    """By school year what public tables tell of these districts. Two queries."""
    years = sorted({year for year in (*files.tables, SHIPPED_YEAR) if year})
    known = _known(_tables(files, None), wanted)
    told = {year: _told_by(_tables(files, year), wanted, known=known) for year in years}
    rows, _silent = _table_rows([pair for of_year in told.values() for pair in of_year.items()])
    for key, origin in told[SHIPPED_YEAR].items():
        if origin.kind == "shipped":
            rows += [(SHIPPED_YEAR, row) for row in _shipped([key])]
    found: dict[int, list[GroupCount]] = {}
    for year, row in rows:
        if year is not None:
            found.setdefault(year, []).append(row)
    return found


_STUDENTS = ", ".join(["coalesce(sum(r.student_count) filter (where r.race_group = %s), 0)::int"] * (len(GROUPS) + 1))
ROSTER_ROWS = f"""
select f.place, c.school_id, o.name, c.grade, c.counted
  from unnest(%s::uuid[]) with ordinality as f (batch_id, place)
 cross join lateral (
    select r.school_id, r.grade, array[{_STUDENTS}] as counted
      from measures_rostercount r
     where r.batch_id = f.batch_id and r.coding = 'federal'
     group by r.school_id, r.grade
 ) c
  left join core_organization o on o.id = c.school_id
"""  # noqa: S608 - every part is our own


def roster_rows(batches: Mapping[UUID, str]) -> list[tuple[UUID, GroupCount]]:
    """What was counted after these batches, each row with its batch. batches: with the state id of the district. One query."""
    if not batches:
        return []
    with connection.cursor() as cursor:
        cursor.execute(ROSTER_ROWS, [list(batches), *GROUPS, UNKNOWN])
        rows = cursor.fetchall()
    keys = list(batches)
    return [(keys[place - 1], _roster_row(batches[keys[place - 1]], *rest)) for place, *rest in rows]


def _roster_row(
    district_id: str, school_id: UUID | None, name: str | None, grade: str | None, counted: Sequence[int]
) -> GroupCount:
    """counted: of each of GROUPS, then of those without a race."""
    *known, unknown = counted
    groups = dict(zip(GROUPS, known, strict=True))
    total = sum(known)
    return GroupCount(
        district_id=district_id,
        school_id=str(school_id) if school_id else None,
        school_name=name,
        classification=None,
        grade=EARLY_CHILDHOOD.get(grade or "", grade or "?"),
        groups=groups,
        protected=total - groups["white"],
        total=total,
        unknown=unknown,
    )


def _table_rows(told: Sequence[tuple[str, Origin]]) -> tuple[list[tuple[int | None, GroupCount]], int]:
    """The rows of these districts in these tables, each with its school year, and how many of them cannot be counted.

    A row that does not say who is protected, or how many there are in all, is not counted. Of a district told by its
    schools the rows of the whole district are left out: they would count every child twice. One query.
    """
    places: dict[tuple[UUID, int | None], list[str]] = {}
    for district_id, origin in told:
        if origin.counted:
            places.setdefault((origin.counted.batch_id, origin.school_year), []).append(district_id)
    if not places:
        return [], 0
    choice = Q()
    for (batch_id, year), district_ids in places.items():
        choice |= Q(batch_id=batch_id, school_year=year, district_id__in=district_ids)
    columns = ("district_id", "school_id", "school_name", "classification", "grade", "protected", "total")
    found: list[tuple[int | None, GroupCount]] = []
    silent = 0
    for row in EnrollmentCount.objects.filter(choice).values("school_year", "has_five_groups", *columns, *GROUPS):
        if row["protected"] is None or row["total"] is None:
            silent += 1
            continue
        year = row.pop("school_year")
        groups = {group: row.pop(group) for group in GROUPS}
        found.append((year, GroupCount(groups=groups, **row)))
    by_school = {(year, row.district_id) for year, row in found if row.school_id}
    return [one for one in found if one[1].school_id or (one[0], one[1].district_id) not in by_school], silent


def _shipped(wanted: Collection[str]) -> list[GroupCount]:
    """The public counts of 2017-18 that ship with Commonground: districts by grade, not by school."""
    return [
        GroupCount(row.district_id, None, None, None, row.grade, row.groups, row.protected, row.total)
        for row in west_central_enrollment()
        if row.district_id in set(wanted)
    ]
