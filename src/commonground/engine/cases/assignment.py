"""Worked cases of school choice."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from commonground.engine import assignment
from commonground.engine.cases import Case


def _program(name: str, school: Mapping[str, Any]) -> assignment.Program:
    capacity, rule = school["capacity"], school.get("rule", "none")
    if rule == "soft_reserve_first":
        return assignment.with_reserves(name, capacity, school["reserves"])
    if rule == "smart_reserve":
        return assignment.with_overlapping_reserves(name, capacity, school["reserves"])
    if rule == "hard_quota":
        return assignment.with_ceilings(name, capacity, school["quota"])
    blocks = tuple(
        assignment.Block(
            block["seats"],
            None if block["for"] == "open" else block["for"],
            "empty" if block.get("hard") else "others",
        )
        for block in school.get("precedence", ())
    )
    return assignment.Program(name, capacity, blocks)


def _classes(student: str, schools: Mapping[str, Any]) -> dict[str, int]:
    """The student's priority class at every school; -1 where the school does not list the student."""
    classes = {}
    for name, school in schools.items():
        tied = school.get("priority_classes") or [[one] for one in school["priority"]]
        classes[name] = next((rank for rank, group in enumerate(tied) if student in group), -1)
    return classes


def _market(case: Case, reports: Mapping[str, list[str]] | None = None) -> assignment.Market:
    """The case as a market. reports: other lists than the true ones, by student."""
    schools, students = case.fields["schools"], case.fields["students"]
    lists = {name: student["prefs"] for name, student in students.items()} | dict(reports or {})
    return assignment.market_of(
        [
            assignment.Applicant(name, tuple(lists[name]), student["types"], _classes(name, schools))
            for name, student in students.items()
        ],
        [_program(name, school) for name, school in schools.items()],
    )


def _exact_chances(case: Case) -> dict[str, Any]:
    market = _market(case)
    exact = assignment.exact_admission_chances(market)
    chances = {}
    for row, shares in enumerate(exact.share):
        wanted = [number for number in market.choices[row] if number >= 0]
        chances[market.name(row)] = {
            **{market.programs[number].name: share for number, share in zip(wanted, shares, strict=False)},
            "unassigned": shares[-1],
        }
    return {"exact_admission_probability": chances, "lotteries_enumerated": exact.orders}


def _by_name(market: assignment.Market, position: np.ndarray) -> dict[str, str | None]:
    return {
        market.name(row): market.programs[market.choices[row, held]].name if held >= 0 else None
        for row, held in enumerate(position)
    }


def _mechanisms(case: Case) -> dict[str, Any]:
    """Every mechanism that the case has an answer for."""
    if "exact_admission_probability" in case.expected:
        return _exact_chances(case)
    market, wanted = _market(case), case.expected
    best = assignment.deferred_acceptance(market)
    answer: dict[str, Any] = {"student_proposing_DA": best.by_name, "certificate_holds": best.certificate.holds}
    if "all_stable_matchings" in wanted:
        stable = assignment.stable_assignments(market)
        answer["number_of_stable_matchings"] = len(stable)
        answer["all_stable_matchings"] = [_by_name(market, position) for position in stable]
    if "school_optimal" in wanted:
        answer["school_optimal"] = assignment.program_proposing(market).by_name
    if "TTC" in wanted:
        traded = assignment.top_trading_cycles(market)
        answer["TTC"] = traded.by_name
        held, other = (np.where(one.position < 0, market.choice_count, one.position) for one in (best, traded))
        answer["TTC_pareto_dominates_DA"] = bool((other <= held).all() and (other < held).any())
    if "boston" in wanted:
        answer["boston"] = assignment.immediate_acceptance(market).by_name
    if "boston_if_b_reports_Y_first" in wanted:
        answer |= _false_report(case, answer["boston"]["b"])
    return answer


def _false_report(case: Case, truthful: str | None) -> dict[str, Any]:
    """What b gets by listing Y first, and whether b truly prefers that."""
    true_list = case.fields["students"]["b"]["prefs"]
    false_list = ["Y", *(name for name in true_list if name != "Y")]
    outcome = assignment.immediate_acceptance(_market(case, {"b": false_list})).by_name
    ranks = [true_list.index(place) if place else len(true_list) for place in (outcome["b"], truthful)]
    return {"boston_if_b_reports_Y_first": outcome, "b_gains": ranks[0] < ranks[1]}


ADAPTERS = {"{*,schools,*,students*}": _mechanisms}
