"""Who is racially isolated among the members of a person's collaboratives, and beside whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from django.db.models import Q

from commonground.apps.core.models import Adjacency, Organization
from commonground.apps.core.queries import Grant
from commonground.apps.measures.models import Border, CountedFile, Exemption, Letter
from commonground.apps.measures.queries.counts import (
    NO_ORIGIN,
    Files,
    Origin,
    counts_of,
    school_year_of,
    standing_files,
)
from commonground.apps.measures.queries.members import Member, members_of
from commonground.apps.measures.queries.picture import JudgedSchool, Picture, picture_of
from commonground.engine.law.states.mn.enrollment import Count
from commonground.engine.law.states.mn.isolation_findings import DistrictFinding, SchoolFinding
from commonground.engine.law.states.mn.isolation_rules import Base, IsolationRule, isolation_rule
from commonground.engine.values import InputError
from commonground.facts import districts as listed_districts

MOST_SCHOOLS = 100  # shown one by one


@dataclass(frozen=True)
class MemberFinding:
    """A member with its finding.

    letter: what the state decided for the school year, None while nobody has written it down. exemptions: what people
    judged about American Indian students, by the id of the school, "" for the district itself. judged: all its schools, by
    name. unknown: students of whom no race is written down, left out of every count. adjoins: names of the isolated
    districts beside it. missing: names of those beside it without counts. origin: the file its counts come from.
    """

    member: Member
    letter: Letter | None
    exemptions: Mapping[str, Exemption]
    finding: DistrictFinding
    judged: tuple[JudgedSchool, ...]
    unknown: int
    adjoins: tuple[str, ...]
    missing: tuple[str, ...]
    origin: Origin
    neighbor_origin: Origin

    @property
    def name(self) -> str:
        return self.member.name

    @property
    def organization(self) -> Organization:
        return self.member.organization

    @property
    def is_voluntary(self) -> bool:
        return self.member.is_voluntary

    @cached_property
    def schools(self) -> tuple[SchoolFinding, ...]:
        return tuple(one.finding for one in self.judged)

    @cached_property
    def identifiable(self) -> tuple[SchoolFinding, ...]:
        return tuple(school for school in self.schools if school.identifiable)

    @cached_property
    def unsaid(self) -> tuple[SchoolFinding, ...]:
        """Schools of which nothing can be said, each with its problem."""
        return tuple(school for school in self.schools if school.problem)

    @cached_property
    def share(self) -> float | None:
        """Protected students, as a percentage of all; None without students."""
        return 100 * float(self.finding.count.share) if self.finding.count.total else None

    @property
    def neighbor_share(self) -> float | None:
        beside = self.finding.neighbor
        return 100 * float(beside.count.share) if beside else None

    @cached_property
    def points(self) -> float | None:
        """The gap in percentage points; None when nothing can be said."""
        return None if self.finding.gap is None else 100 * float(self.finding.gap)

    @cached_property
    def flip_here(self) -> bool:
        """Whether five more protected students in the district change the answer."""
        return self.finding.flips(5).here

    @cached_property
    def flip_there(self) -> bool:
        """Whether five more protected students in the neighbor change the answer."""
        return self.finding.flips(5).there


@dataclass(frozen=True)
class Candidate:
    """A member, or one of its schools, about which a judgment is due. judged: the last one, None while nobody has judged."""

    member: MemberFinding
    school: SchoolFinding | None
    judged: Exemption | None

    @property
    def key(self) -> str:
        """By which a form names it."""
        return f"{self.member.member.id}/{self.school.id if self.school else ''}"

    @property
    def name(self) -> str:
        return f"{self.member.name}: {self.school.name}" if self.school else self.member.name

    @cached_property
    def points(self) -> float:
        """The gap in percentage points."""
        return 100 * float((self.school or self.member.finding).gap or 0)

    @property
    def points_without_american_indian(self) -> float:
        """The same when American Indian students leave the protected ones."""
        return 100 * float((self.school or self.member.finding).gap_without_american_indian or 0)


@dataclass(frozen=True)
class Outsider:
    """A neighbor that is no member, by public counts. above: members that it lies too far above."""

    id: str
    name: str
    count: Count
    above: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True)
class DistrictsPage:
    """members: with counts, by name. outsiders: with public counts, by name. missing: names of neighbors without any count.

    year: the school year asked for, by the calendar year in which it ends, None for today. years: that can be asked for.
    decided_for: the school year whose letters stand beside the counts. uncounted: members without counts, by name.
    borders: the file of borders, None for those that ship with Commonground. unused_borders: a newer file that does not
    name every member, so that it is not used. broken: why nothing can be calculated.
    is_unclassified: whether the rule asks for classifications and no school of the counts has one.

    crossed: pairs of state ids of adjoining districts, at least one a member, whose shares differ by more than the rule allows.
    """

    rule: IsolationRule
    year: int | None
    years: tuple[int, ...]
    decided_for: int
    members: tuple[MemberFinding, ...]
    outsiders: tuple[Outsider, ...]
    missing: tuple[str, ...]
    crossed: tuple[tuple[str, str], ...]
    uncounted: tuple[Member, ...]
    borders: CountedFile | None
    silent: int
    broken: str = ""
    unused_borders: CountedFile | None = None
    is_unclassified: bool = False

    @cached_property
    def all_members(self) -> tuple[Member, ...]:
        """Members with and without counts, by name."""
        return tuple(sorted((*(row.member for row in self.members), *self.uncounted), key=lambda one: one.name))

    @cached_property
    def origins(self) -> tuple[Origin, ...]:
        """The files all counts on the page come from, each once."""
        found = [row.origin for row in self.members] + [row.origin for row in self.outsiders]
        return tuple(dict.fromkeys(found))

    @property
    def lettered(self) -> tuple[MemberFinding, ...]:
        """Members whose letter of the school year is written down."""
        return tuple(member for member in self.members if member.letter)

    @cached_property
    def candidates(self) -> tuple[Candidate, ...]:
        """Members and schools isolated or identifiable only through American Indian students: a judgment is due, or recorded."""
        found = []
        for member in self.members:
            if member.finding.is_exemption_candidate:
                found.append(Candidate(member, None, member.exemptions.get("")))
            found += [
                Candidate(member, school, member.exemptions.get(school.id))
                for school in member.identifiable
                if school.is_exemption_candidate
            ]
        return tuple(found)

    @cached_property
    def isolated(self) -> tuple[MemberFinding, ...]:
        return tuple(member for member in self.members if member.finding.isolated)

    @property
    def is_official(self) -> bool:
        """Whether the state's letter of the school year about every member is written down.

        With one letter missing the heading stays ours: a heading that mixes letters and counts would be neither.
        """
        return bool(self.members) and not self.uncounted and all(member.letter for member in self.members)

    @property
    def isolated_by_letter(self) -> tuple[MemberFinding, ...]:
        """Members that the state calls isolated."""
        return tuple(one for one in self.members if one.letter and one.letter.is_isolated)

    @cached_property
    def schools(self) -> tuple[tuple[MemberFinding, JudgedSchool], ...]:
        """Every school that is judged, with its member; of more than MOST_SCHOOLS those alone of which there is something to say."""
        judged = [(member, one) for member in self.members for one in member.judged if not one.finding.problem]
        return tuple(one for one in judged if len(judged) <= MOST_SCHOOLS or one[1].is_notable)

    @cached_property
    def near(self) -> tuple[MemberFinding, ...]:
        return tuple(member for member in self.members if member.finding.is_near)

    @property
    def flipping(self) -> tuple[MemberFinding, ...]:
        return tuple(member for member in self.members if member.flip_here or member.flip_there)

    @cached_property
    def told(self) -> tuple[MemberFinding, ...]:
        """Members of whom something can be said."""
        return tuple(member for member in self.members if member.finding.gap is not None)

    @property
    def worked(self) -> MemberFinding | None:
        """The member worked by hand: the one with the largest gap."""
        return max(self.told, key=lambda member: member.finding.gap or 0, default=None)


def districts_page(
    grants: Sequence[Grant], *, base: Base, on: date, rule: str = "mn-3535", year: int | None = None
) -> DistrictsPage:
    """The picture of the members of the person's collaboratives, and of those the person's district belongs to.

    year: a school year, by the calendar year in which it ends; None for the newest counts of each. Eight queries at most.
    """
    members = members_of(grants, on=on)
    files = standing_files(members)
    year = year if year in files.years else None
    # A school year is judged by the rule of its fall count, as the state does.
    rule_of_day = isolation_rule(rule, on=date(year - 1, 10, 1) if year else on, base=base)
    pairs, names, borders = _borders(members, files)
    names |= {member.state_id: member.name for member in members}
    decided_for = year or school_year_of(on)
    letters, exemptions = _decisions(members, decided_for)
    by_state_id = {member.state_id: member for member in members}
    counts = counts_of(members, others=[key for key in names if key not in by_state_id], files=files, year=year)
    broken = ""
    try:
        picture = picture_of(counts, rule_of_day, tuple(sorted(pairs)), tuple(sorted(names.items())))
    except InputError as error:
        picture, broken = Picture({}, {}), str(error)
    found = picture.districts
    rows = [
        MemberFinding(
            member=member,
            letter=letters.get(member.id),
            exemptions=exemptions.get(member.id, {}),
            finding=found[key],
            judged=picture.schools.get(key, ()),
            unknown=counts.unknown.get(key, 0),
            adjoins=_named(found[key].isolated_neighbors, names),
            missing=_named(found[key].missing, names),
            origin=counts.origins.get(key, NO_ORIGIN),
            neighbor_origin=counts.origins.get(neighbor.id, NO_ORIGIN)
            if (neighbor := found[key].neighbor)
            else NO_ORIGIN,
        )
        for key, member in by_state_id.items()
        if key in found
    ]
    shown = {row.member.state_id for row in rows}
    outside = [finding for key, finding in found.items() if key not in by_state_id]
    return DistrictsPage(
        rule=rule_of_day,
        year=year,
        years=files.years,
        decided_for=decided_for,
        members=tuple(rows),
        outsiders=_outsiders(outside, names, counts.origins),
        missing=_named({key for row in rows for key in row.finding.missing}, names),
        crossed=_crossed(found.values(), shown=shown),
        uncounted=tuple(member for member in members if member.state_id not in shown),
        borders=borders,
        silent=counts.silent,
        broken=broken,
        is_unclassified=rule_of_day.classifications is not None
        and bool(counts.rows)
        and not any(row.classification for row in counts.rows),
        unused_borders=files.borders[0] if files.borders and files.borders[0] != borders else None,
    )


def _decisions(members: Sequence[Member], year: int) -> tuple[dict[UUID, Letter], dict[UUID, dict[str, Exemption]]]:
    """The last letter and the last judgments about each member and its schools for a school year. Two queries."""
    ids = [member.id for member in members]
    first, last = date(year - 1, 7, 1), date(year, 6, 30)
    letters = Letter.objects.filter(district_id__in=ids, dated_on__range=(first, last)).order_by("recorded_at")
    judged = Exemption.objects.filter(district_id__in=ids, school_year=year).select_related("recorded_by")
    exemptions: dict[UUID, dict[str, Exemption]] = {}
    for one in judged.order_by("recorded_at"):
        exemptions.setdefault(one.district_id, {})[one.school] = one
    return {one.district_id: one for one in letters}, exemptions


def _borders(
    members: Sequence[Member], files: Files
) -> tuple[list[tuple[str, str]], dict[str, str], CountedFile | None]:
    """Pairs of state ids with at least one member, the names of all in them, and the file: the newest that names every member."""
    state_ids = [member.state_id for member in members]
    if files.borders:
        rows = Border.objects.filter(
            Q(one__in=state_ids) | Q(other__in=state_ids), batch_id__in=[one.batch_id for one in files.borders]
        )
        sent: dict[UUID, list[tuple[str, str]]] = {}
        for batch_id, *pair in rows.values_list("batch_id", "one", "other"):
            sent.setdefault(batch_id, []).append((pair[0], pair[1]))
        for file in files.borders:
            pairs = sent.get(file.batch_id, [])
            named = {key for pair in pairs for key in pair}
            if named >= set(state_ids):
                listed = listed_districts()
                return pairs, {key: listed[key].name if key in listed else key for key in named}, file
    ids = [member.id for member in members]
    lines = Adjacency.objects.filter(Q(one_id__in=ids) | Q(other_id__in=ids)).values_list(
        "one__state_id", "one__name", "other__state_id", "other__name"
    )
    pairs = []
    names: dict[str, str] = {}
    for one, one_name, other, other_name in lines:
        if one and other:
            pairs.append((one, other))
            names |= {one: one_name, other: other_name}
    return pairs, names, None


def _outsiders(
    findings: Iterable[DistrictFinding], names: Mapping[str, str], origins: Mapping[str, Origin]
) -> tuple[Outsider, ...]:
    return tuple(
        Outsider(one.id, one.name, one.count, _named(one.crossed_borders, names), origins.get(one.id, NO_ORIGIN))
        for one in sorted(findings, key=lambda one: one.name)
    )


def _crossed(findings: Iterable[DistrictFinding], *, shown: set[str]) -> tuple[tuple[str, str], ...]:
    pairs = {
        (one, other) if one < other else (other, one)
        for finding in findings
        for one, other in ((finding.id, key) for key in finding.crossed_borders)
        if one in shown or other in shown
    }
    return tuple(sorted(pairs))


def _named(ids: Iterable[str], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(names.get(key, key) for key in ids))
