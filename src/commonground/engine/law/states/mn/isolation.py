"""Which districts are racially isolated and which schools racially identifiable under Minnesota Rules 3535.

Everything is decided with whole numbers: a gap of exactly 20 points is not more than 20 points, and 0.9 - 0.7 > 0.2
is true only for a computer. A finding is a prediction; the department decides.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from commonground.engine.law.states.mn.enrollment import NOBODY, Count, DistrictEnrollment, SchoolEnrollment
from commonground.engine.law.states.mn.isolation_findings import DistrictFinding, Neighbor, SchoolFinding
from commonground.engine.law.states.mn.isolation_rules import IsolationRule
from commonground.engine.values import InputError


@dataclass(frozen=True, slots=True)
class IsolationPicture:
    """All findings of one rule on one set of counts, in the order the schools and districts were given."""

    rule: IsolationRule
    schools: tuple[SchoolFinding, ...]
    districts: tuple[DistrictFinding, ...]


def school_finding(
    school: SchoolEnrollment, *, district_grades: Mapping[str, Count], rule: IsolationRule
) -> SchoolFinding:
    """What the rule says of a school, beside its whole district in the grades it enrolls.

    district_grades: the district's counts by grade, this school included. A grade that the school enrolls and the
    district's table lacks, or a school without students, leaves the finding open with its `problem`.
    Raises InputError when the school has more students in a grade than its district.
    Source: Minn. R. 3535.0110, subp. 6.

    >>> from datetime import date
    >>> from commonground.engine.law.states.mn.isolation_rules import isolation_rule
    >>> rule = isolation_rule(on=date(2018, 10, 1))
    >>> school = SchoolEnrollment("0001-01-010", "Oak", "0001-01", {"KG": Count(450, 600)})
    >>> school_finding(school, district_grades={"KG": Count(1650, 3000)}, rule=rule).identifiable
    False
    """
    own = rule.counted_grades(school.grades)
    absent = [grade for grade in own if grade not in district_grades or not district_grades[grade].total]
    problem = None
    if not own:
        problem = "the school has no students in the grades counted"
    elif absent:
        problem = f"the district's table lacks grade {', '.join(absent)}, which the school enrolls"
    same = {grade: district_grades[grade] for grade in own if grade not in absent}
    for grade, whole in same.items():
        part = own[grade]
        if part.protected > whole.protected or part.total - part.protected > whole.total - whole.protected:
            raise InputError(f"{school.id}, grade {grade}: the school has more students than its district; check both")
    count = sum(own.values(), NOBODY)
    return SchoolFinding(
        id=school.id,
        name=school.name,
        district_id=school.district_id,
        rule=rule,
        grades=tuple(own),
        count=count,
        counted=rule.school_numerator(count),
        district=sum(same.values(), NOBODY),
        problem=problem,
    )


def district_finding(
    district: DistrictEnrollment, *, neighbors: Iterable[DistrictEnrollment], rule: IsolationRule
) -> DistrictFinding:
    """What the rule says of a district beside all districts that adjoin it.

    A neighbor without students is listed as missing and not compared; with none left the finding is open.
    Source: Minn. R. 3535.0110, subp. 7.

    >>> from datetime import date
    >>> from commonground.engine.law.states.mn.isolation_rules import isolation_rule
    >>> rule = isolation_rule(on=date(2018, 10, 1))
    >>> willmar = DistrictEnrollment("0347-01", "Willmar", {"KG": Count(2565, 4382)})
    >>> spicer = DistrictEnrollment("0345-01", "New London-Spicer", {"KG": Count(116, 1518)})
    >>> finding = district_finding(willmar, neighbors=[spicer], rule=rule)
    >>> finding.isolated, round(float(100 * finding.gap), 2)
    (True, 50.89)
    """
    beside = [Neighbor(other.id, other.name, _total(other.grades, rule)) for other in neighbors]
    counted = [neighbor for neighbor in beside if neighbor.count.total]
    return DistrictFinding(
        id=district.id,
        name=district.name,
        rule=rule,
        count=_total(district.grades, rule),
        neighbors=tuple(sorted(counted, key=lambda neighbor: (neighbor.count.share, neighbor.id))),
        missing=tuple(sorted(neighbor.id for neighbor in beside if not neighbor.count.total)),
    )


def isolation_picture(
    schools: Iterable[SchoolEnrollment] = (),
    *,
    rule: IsolationRule,
    borders: Mapping[str, Collection[str]],
    districts: Iterable[DistrictEnrollment] = (),
    names: Mapping[str, str] | None = None,
) -> IsolationPicture:
    """Findings for every school and district of a state or a collaborative.

    borders: the ids beside each district, as `both_ways` returns them. districts: their own counts by grade, where a
    file has them; a district given only by its schools is the sum of the schools that the rule counts.
    names: district names by id, for districts known only by their schools. Schools without students in the grades
    counted are left out. Raises InputError for a malformed id or one that is given twice.

    >>> from datetime import date
    >>> from commonground.engine.law.states.mn.isolation_rules import isolation_rule
    >>> from commonground.engine.law.states.mn.enrollment import Count, both_ways
    >>> districts = [DistrictEnrollment("0347-01", "West", {"01": Count(58, 100)}), DistrictEnrollment("0345-01", "East", {"01": Count(7, 100)})]
    >>> picture = isolation_picture(rule=isolation_rule("mn-3535", on=date(2026, 10, 1)), districts=districts, borders=both_ways([("0347-01", "0345-01")]))
    >>> [(district.id, district.isolated) for district in picture.districts]
    [('0347-01', True), ('0345-01', False)]
    """
    counted = [school for school in schools if rule.counts_school(school)]
    _once(school.id for school in counted)
    given = [district for district in districts if rule.counts_district(district.id)]
    _once(district.id for district in given)
    whole = {district.id: district for district in given}
    for district_id, grades in _sums(counted).items():
        if district_id not in whole:
            whole[district_id] = DistrictEnrollment(district_id, (names or {}).get(district_id, district_id), grades)
    school_findings = tuple(
        finding
        for school in counted
        if (finding := school_finding(school, district_grades=whole[school.district_id].grades, rule=rule)).grades
    )
    identifiable: dict[str, list[str]] = {}
    for finding in school_findings:
        if finding.identifiable:
            identifiable.setdefault(finding.district_id, []).append(finding.id)
    plain = [
        district_finding(district, neighbors=_beside(district.id, whole, borders, names or {}), rule=rule)
        for district in whole.values()
    ]
    isolated = {finding.id for finding in plain if finding.isolated}
    return IsolationPicture(
        rule=rule,
        schools=school_findings,
        districts=tuple(
            replace(
                finding,
                identifiable_schools=tuple(identifiable.get(finding.id, ())),
                isolated_neighbors=tuple(sorted(isolated & set(borders.get(finding.id, ())))),
            )
            for finding in plain
        ),
    )


def _sums(schools: Iterable[SchoolEnrollment]) -> dict[str, dict[str, Count]]:
    sums: dict[str, dict[str, Count]] = {}
    for school in schools:
        grades = sums.setdefault(school.district_id, {})
        for grade, count in school.grades.items():
            grades[grade] = grades.get(grade, NOBODY) + count
    return sums


def _beside(
    district_id: str,
    whole: Mapping[str, DistrictEnrollment],
    borders: Mapping[str, Collection[str]],
    names: Mapping[str, str],
) -> list[DistrictEnrollment]:
    return [
        whole.get(other) or DistrictEnrollment(other, names.get(other, other), {})
        for other in sorted(borders.get(district_id, ()))
    ]


def _once(ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise InputError(f"{one} is given twice; add its rows together or leave one out")
        seen.add(one)


def _total(grades: Mapping[str, Count], rule: IsolationRule) -> Count:
    return sum(rule.counted_grades(grades).values(), NOBODY)
