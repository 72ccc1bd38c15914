"""What the rule says of counts: the same for everyone, so worked out once for all who ask in a process."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from commonground.apps.measures.queries.counts import KEPT, Counts, GroupCount
from commonground.engine.law.states.mn.enrollment import Count, DistrictEnrollment, SchoolEnrollment, both_ways
from commonground.engine.law.states.mn.isolation import isolation_picture
from commonground.engine.law.states.mn.isolation_findings import DistrictFinding, Flip, SchoolFinding
from commonground.engine.law.states.mn.isolation_rules import IsolationRule


@dataclass(frozen=True, slots=True)
class JudgedSchool:
    """What the rule says of a school. flips: whether five more protected students change it.

    is_notable: whether it is identifiable, near the edge, or five students from the other answer.
    """

    finding: SchoolFinding
    flips: Flip
    is_notable: bool


@dataclass(frozen=True)
class Picture:
    """Findings by state id. schools: of each district, by name."""

    districts: Mapping[str, DistrictFinding]
    schools: Mapping[str, tuple[JudgedSchool, ...]]


@lru_cache(maxsize=KEPT)
def picture_of(
    counts: Counts, rule: IsolationRule, pairs: tuple[tuple[str, str], ...], named: tuple[tuple[str, str], ...]
) -> Picture:
    """A district with counts of its own is taken by them; one known by its schools alone is their sum.

    Kept by the process, as the counts are. Raises InputError. pairs: state ids of districts beside each other. named: state ids and names.
    """
    names = dict(named)
    schools: dict[tuple[str, str], tuple[GroupCount, dict[str, Count]]] = {}
    whole: dict[str, dict[str, Count]] = {}
    of_rosters = {key for key, origin in counts.origins.items() if origin.kind == "roster"}
    for row in counts.rows:
        count = Count(row.protected, row.total, row.groups["american_indian"] or 0)
        if row.school_id is not None:
            _add(schools.setdefault((row.district_id, row.school_id), (row, {}))[1], row.grade, count)
        # A roster tells children without a school too: the district is all its children.
        if row.school_id is None or row.district_id in of_rosters:
            _add(whole.setdefault(row.district_id, {}), row.grade, count)
    by_school = {district for district, _school in schools if district not in of_rosters}
    found = isolation_picture(
        [
            SchoolEnrollment(school, row.school_name or school, district, grades, row.classification)
            for (district, school), (row, grades) in sorted(schools.items(), key=lambda one: one[0])
        ],
        rule=rule,
        borders=both_ways(pairs),
        districts=[
            DistrictEnrollment(key, names.get(key, key), grades)
            for key, grades in whole.items()
            if key not in by_school
        ],
        names=names,
    )
    judged: dict[str, list[JudgedSchool]] = {}
    for school in sorted(found.schools, key=lambda school: school.name):
        judged.setdefault(school.district_id, []).append(_judged(school))
    return Picture(
        {finding.id: finding for finding in found.districts}, {key: tuple(schools) for key, schools in judged.items()}
    )


def _judged(school: SchoolFinding) -> JudgedSchool:
    flips = school.flips()
    return JudgedSchool(school, flips, bool(school.identifiable) or school.is_near or flips.here or flips.there)


def _add(grades: dict[str, Count], grade: str, count: Count) -> None:
    grades[grade] = grades[grade] + count if grade in grades else count
