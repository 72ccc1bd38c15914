"""Who is racially isolated among the members of a person's collaboratives, counted from today's rosters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q

from commonground.apps.core.models import Adjacency, Membership, Organization
from commonground.apps.core.queries import Grant
from commonground.apps.measures.models import Letter
from commonground.engine.law.states.mn.enrollment import NOBODY, Count, DistrictEnrollment, SchoolEnrollment, both_ways
from commonground.engine.law.states.mn.isolation import isolation_picture
from commonground.engine.law.states.mn.isolation_findings import DistrictFinding, SchoolFinding
from commonground.engine.law.states.mn.isolation_rules import Base, IsolationRule, isolation_rule
from commonground.facts import west_central_enrollment

# Grades below prekindergarten, as rosters name them, are the state's early childhood.
EARLY_CHILDHOOD = {"IT": "EC", "PR": "EC"}


@dataclass(frozen=True)
class MemberFinding:
    """A member with its finding.

    letter: what the state decided, None while nobody has written it down. collaborative_id: that it is a member of.
    schools: findings of all its schools. unknown: students of whom no race is written down, left out of every count.
    adjoins: names of the isolated districts beside it. missing: names of those beside it without counts.
    """

    organization: Organization
    collaborative_id: UUID
    is_voluntary: bool
    letter: Letter | None
    finding: DistrictFinding
    schools: tuple[SchoolFinding, ...]
    unknown: int
    adjoins: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.organization.name

    @property
    def identifiable(self) -> tuple[SchoolFinding, ...]:
        return tuple(school for school in self.schools if school.identifiable)

    @property
    def share(self) -> float | None:
        """Protected students, as a percentage of all; None without students."""
        return 100 * float(self.finding.count.share) if self.finding.count.total else None

    @property
    def neighbor_share(self) -> float | None:
        beside = self.finding.neighbor
        return 100 * float(beside.count.share) if beside else None

    @property
    def points(self) -> float | None:
        """The gap in percentage points; None when nothing can be said."""
        return None if self.finding.gap is None else 100 * float(self.finding.gap)

    @property
    def flip_here(self) -> bool:
        """Whether five more protected students in the district change the answer."""
        return self.finding.flips(5).here

    @property
    def flip_there(self) -> bool:
        """Whether five more protected students in the neighbor change the answer."""
        return self.finding.flips(5).there


@dataclass(frozen=True)
class Outsider:
    """A neighbor that is no member, by its public counts of 2017-18. above: members that it lies too far above."""

    id: str
    name: str
    count: Count
    above: tuple[str, ...]


@dataclass(frozen=True)
class DistrictsPage:
    """members: by name. outsiders: with public counts, by name. missing: names of neighbors without any count.

    crossed: pairs of state ids of adjoining districts, at least one a member, whose shares differ by more than the rule allows.
    """

    rule: IsolationRule
    members: tuple[MemberFinding, ...]
    outsiders: tuple[Outsider, ...]
    missing: tuple[str, ...]
    crossed: tuple[tuple[str, str], ...]

    @property
    def isolated(self) -> tuple[MemberFinding, ...]:
        return tuple(member for member in self.members if member.finding.isolated)

    @property
    def is_official(self) -> bool:
        """Whether the state's letter about every member is written down."""
        return bool(self.members) and all(member.letter for member in self.members)

    @property
    def isolated_by_letter(self) -> tuple[MemberFinding, ...]:
        """Members that the state calls isolated."""
        return tuple(one for one in self.members if one.letter and one.letter.decision == Letter.Decision.ISOLATED)

    @property
    def near(self) -> tuple[MemberFinding, ...]:
        return tuple(member for member in self.members if member.finding.is_near)

    @property
    def flipping(self) -> tuple[MemberFinding, ...]:
        return tuple(member for member in self.members if member.flip_here or member.flip_there)

    @property
    def told(self) -> tuple[MemberFinding, ...]:
        """Members of whom something can be said."""
        return tuple(member for member in self.members if member.finding.gap is not None)

    @property
    def worked(self) -> MemberFinding | None:
        """The member worked by hand: the one with the largest gap."""
        return max(self.told, key=lambda member: member.finding.gap or 0, default=None)


def districts_page(grants: Sequence[Grant], *, base: Base, on: date) -> DistrictsPage:
    """The picture of the members of the person's collaboratives, and of those the person's district belongs to. Six queries."""
    rule = isolation_rule("mn-3535", on=on, base=base)
    memberships = _memberships(grants, on=on)
    members = {one.organization_id: one.organization for one in memberships if one.organization.state_id}
    voluntary = {one.organization_id for one in memberships if one.standing == Membership.Standing.VOLUNTARY}
    houses = {one.organization_id: one.collaborative_id for one in memberships}
    letters = {one.district_id: one for one in Letter.objects.filter(district_id__in=members).order_by("recorded_at")}
    pairs, names = _borders(list(members))
    names |= {str(one.state_id): one.name for one in members.values()}
    school_names = dict(Organization.objects.schools().filter(owner_id__in=members).values_list("pk", "name"))
    districts, schools, unknown = _counts(members, school_names)
    own = {district.id for district in districts}
    public = [other for other in _public_counts(names) if other.id not in own]
    borders = both_ways(pairs)
    picture = isolation_picture(schools, rule=rule, borders=borders, districts=[*districts, *public], names=names)
    found = {finding.id: finding for finding in picture.districts}
    by_district: dict[str, list[SchoolFinding]] = {}
    for school in picture.schools:
        by_district.setdefault(school.district_id, []).append(school)
    rows = [
        MemberFinding(
            organization=one,
            collaborative_id=houses[pk],
            is_voluntary=pk in voluntary,
            letter=letters.get(pk),
            finding=found[str(one.state_id)],
            schools=tuple(sorted(by_district.get(str(one.state_id), ()), key=lambda school: school.name)),
            unknown=unknown.get(pk, 0),
            adjoins=_named(found[str(one.state_id)].isolated_neighbors, names),
            missing=_named(found[str(one.state_id)].missing, names),
        )
        for pk, one in members.items()
        if str(one.state_id) in found
    ]
    shown = {str(row.organization.state_id) for row in rows}
    return DistrictsPage(
        rule=rule,
        members=tuple(sorted(rows, key=lambda row: row.name)),
        outsiders=_outsiders([found[other.id] for other in public if other.id in found], names),
        missing=_named({key for row in rows for key in row.finding.missing}, names),
        crossed=_crossed([found[key] for key in found], shown=shown),
    )


def _memberships(grants: Sequence[Grant], *, on: date) -> list[Membership]:
    houses = [grant.organization_id for grant in grants] + [grant.owner_id for grant in grants]
    in_force = Membership.objects.filter(Q(until=None) | Q(until__gt=on), since__lte=on).exclude(
        standing=Membership.Standing.PARTNER
    )
    joined = in_force.filter(organization_id__in=houses).values("collaborative_id")
    return list(
        in_force.filter(
            Q(collaborative_id__in=houses) | Q(collaborative_id__in=joined),
            organization__kind=Organization.Kind.DISTRICT,
        ).select_related("organization")
    )


def _borders(member_ids: Iterable[UUID]) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Pairs of state ids with at least one member, and the names of all in them."""
    ids = list(member_ids)
    lines = Adjacency.objects.filter(Q(one_id__in=ids) | Q(other_id__in=ids)).values_list(
        "one__state_id", "one__name", "other__state_id", "other__name"
    )
    pairs: list[tuple[str, str]] = []
    names: dict[str, str] = {}
    for one, one_name, other, other_name in lines:
        if one and other:
            pairs.append((one, other))
            names |= {one: one_name, other: other_name}
    return pairs, names


def _counts(
    members: Mapping[UUID, Organization], school_names: Mapping[UUID, str]
) -> tuple[list[DistrictEnrollment], list[SchoolEnrollment], dict[UUID, int]]:
    """Counts by grade of each member and its schools, and how many students have no race written down."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select owner_id, school_id, grade, race_group, student_count from cg.race_counts(%s)", [list(members)]
        )
        rows = cursor.fetchall()
    whole: dict[UUID, dict[str, Count]] = {pk: {} for pk in members}
    parts: dict[tuple[UUID, UUID], dict[str, Count]] = {}
    unknown: dict[UUID, int] = {}
    for owner, school, roster_grade, group, number in rows:
        if group == "unknown":
            unknown[owner] = unknown.get(owner, 0) + number
            continue
        grade = EARLY_CHILDHOOD.get(roster_grade, roster_grade) or "?"
        count = Count(number if group != "white" else 0, number, number if group == "american_indian" else 0)
        whole[owner][grade] = whole[owner].get(grade, NOBODY) + count
        if school is not None:
            grades = parts.setdefault((owner, school), {})
            grades[grade] = grades.get(grade, NOBODY) + count
    return (
        [DistrictEnrollment(str(members[pk].state_id), members[pk].name, grades) for pk, grades in whole.items()],
        [
            SchoolEnrollment(str(school), school_names.get(school, str(school)), str(members[owner].state_id), grades)
            for (owner, school), grades in parts.items()
        ],
        unknown,
    )


def _public_counts(names: Mapping[str, str]) -> list[DistrictEnrollment]:
    """The public counts of 2017-18 of those districts among the named ones that the shipped facts have."""
    found: dict[str, dict[str, Count]] = {}
    for row in west_central_enrollment():
        if row.district_id in names:
            grades = found.setdefault(row.district_id, {})
            grades[row.grade] = Count(row.protected, row.total, row.groups["american_indian"])
    return [DistrictEnrollment(key, names[key], grades) for key, grades in found.items()]


def _outsiders(findings: Iterable[DistrictFinding], names: Mapping[str, str]) -> tuple[Outsider, ...]:
    return tuple(
        Outsider(one.id, one.name, one.count, _named(one.crossed_borders, names))
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
