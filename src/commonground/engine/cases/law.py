"""Worked cases of the law layer: isolation, revenue, limits on use, and which procedure a purchase needs."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from commonground.engine.cases import Case
from commonground.engine.law.states.mn.enrollment import Count, DistrictEnrollment, SchoolEnrollment
from commonground.engine.law.states.mn.isolation import district_finding, school_finding
from commonground.engine.law.states.mn.isolation_rules import isolation_rule
from commonground.engine.law.states.mn.procurement import procurement_procedure
from commonground.engine.law.states.mn.revenue import integration_revenue, use_limits

DAY = date(2026, 10, 1)


def _grades(table: Mapping[str, Sequence[int]]) -> dict[str, Count]:
    return {grade: Count(*counts) for grade, counts in table.items()}


def _percent(share: Fraction | None) -> Fraction | None:
    return None if share is None else 100 * share


def _district(case: Case) -> dict[str, Any]:
    rule = isolation_rule(on=DAY)
    finding = district_finding(
        DistrictEnrollment("0001-01", "the district", _grades({"KG": case.input["district"]})),
        neighbors=[DistrictEnrollment(n, n, _grades({"KG": counts})) for n, counts in case.input["adjoining"].items()],
        rule=rule,
    )
    return {
        "isolated": finding.isolated,
        "neighbor": finding.neighbor and finding.neighbor.name,
        "max_gap_points": _percent(finding.gap),
        "gap_points": _percent(finding.gap),
        "near": finding.is_near,
        "other_reading": finding.gap is not None and rule.other_reading.holds(100 * finding.gap),
        "exemption_candidate": finding.is_exemption_candidate,
    }


def _school(case: Case) -> dict[str, Any]:
    rule = isolation_rule(on=DAY)
    grades, district = _grades(case.input["school"]), _grades(case.input["district"])
    finding = school_finding(
        SchoolEnrollment("0001-01-010", "the school", "0001-01", grades), district_grades=district, rule=rule
    )
    answer: dict[str, Any] = {
        "identifiable": finding.identifiable,
        "gap_points": _percent(finding.gap),
        "near": finding.is_near,
    }
    if finding.gap is not None:
        everyone = sum(district.values(), Count(0, 0))
        answer |= {
            "school_pct": _percent(finding.counted.share),
            "district_pct_same_grades": _percent(finding.district.share),
            "district_pct_all_grades": _percent(everyone.share),
            "wrong_answer_if_all_grades_used": rule.exceeds(finding.counted, everyone),
        }
    return answer


def _cents(amount: Decimal | int) -> int:
    return int(Decimal(amount) * 100)


def _revenue(case: Case) -> dict[str, int]:
    given = case.input
    found = integration_revenue(
        fiscal_year=2027,
        adjusted_pupil_units=given["units"],
        protected_prior=given["protected"],
        total_prior=given["total"],
        budget_cents=_cents(given["budget"]),
        incentive_budget_cents=_cents(given["incentive_budget"]),
        fy2013_revenue_cents=_cents(given.get("fy2013", 0)),
        fy2014_formula_cents=_cents(given.get("fy2014", 0)),
    )
    names = ("formula", "hold_harmless", "cap", "initial", "incentive", "revenue", "aid", "levy", "oversight")
    return {name: getattr(found, f"{name}_cents") for name in names}


def _use(case: Case) -> dict[str, Any]:
    given = {f"{name}_cents": _cents(amount) for name, amount in case.input.items()}
    limits = use_limits(fiscal_year=2027, **given)
    kept = dict(zip(("direct", "development", "administration"), (limit.is_kept for limit in limits), strict=True))
    return {**kept, "limits": [limit.limit_cents for limit in limits]}


def _procedure(case: Case) -> str:
    return procurement_procedure([case.fields["estimated_cents"]], on=DAY).name


def _joint_procedure(case: Case) -> dict[str, Any]:
    found = procurement_procedure(case.fields["districts_estimated_cents"], on=DAY)
    return {"expect": found.name, "total_cents": found.total_cents}


ADAPTERS: dict[str, Callable[[Case], Any]] = {
    "mn 3535.0110 subp.7*": _district,
    "mn 3535.0110 subp.6*": _school,
    "mn racially isolated district": _district,
    "mn racially identifiable school": _school,
    "mn integration revenue": _revenue,
    "mn use limits": _use,
    "{*,estimated_cents,*}": _procedure,
    "{estimated_cents,*}": _procedure,
    "{districts_estimated_cents,*}": _joint_procedure,
}
