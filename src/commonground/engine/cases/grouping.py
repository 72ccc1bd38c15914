"""Worked cases of balanced groups, regrouping by day, and groups without repeated pairs."""

from typing import Any

import numpy as np

from commonground.engine import grouping
from commonground.engine.cases import Case

ATTRIBUTES = ("district", "race", "grade", "frl", "gender")
SEED = 1


def _balance(case: Case) -> dict[str, Any]:
    """Invented students: the decision that lets grouping see race is invented with them."""
    students = case.fields["students"]
    task = grouping.grouping_task(
        case.fields["group_sizes"],
        attributes={name: [student[name] for student in students] for name in ATTRIBUTES if name in students[0]},
        numbers={"pretest": [student["pretest"] for student in students]},
        decision=grouping.BoardDecision("2026-01-01", "worked case", case.identity),
    )
    balance = grouping.balance_groups(task, seed=SEED).balance
    return {
        "avoidable_cells": balance.avoidable,
        "sum_sq": balance.sum_sq,
        "between_group_share_pretest_pct": 100 * balance.between_group_share["pretest"],
    }


def _regrouping(case: Case) -> dict[str, Any]:
    given = case.fields
    districts = np.repeat(np.arange(len(given["district_sizes"])), given["district_sizes"])
    plan = grouping.plan_days(districts, [given["size"]] * given["groups"], days=given["days"], seed=SEED)
    return {"distinct_cross_district_pairs": plan.met_pairs, "upper_bound": plan.bound}


def _check_schedule(case: Case) -> dict[str, Any]:
    days = [day.split() for day in case.fields["days"]]
    people = sorted({one for day in days for group in day for one in group})
    repeat = grouping.first_repeat(days)
    group_of = [[next(at for at, group in enumerate(day) if one in group) for one in people] for day in days]
    plan = grouping.measure_days(range(len(people)), group_of)
    is_complete = plan.met_pairs == len(people) * (len(people) - 1) // 2
    return {
        "valid": repeat is None,
        "reason": repeat,
        "each_pair_met_exactly": 1 if is_complete and repeat is None else None,
        "pairs": plan.met_pairs,
    }


def _build_schedule(case: Case) -> dict[str, Any]:
    groups, size, weeks = (case.fields[name] for name in ("groups", "size", "weeks"))
    plan = grouping.plan_days(range(groups * size), [size] * groups, days=weeks, seed=SEED)
    most = grouping.most_days_without_repeats(groups * size, size)
    return {"repeats": plan.repeats, "upper_bound_weeks": most}


def _is_feasible(case: Case) -> dict[str, Any]:
    groups, size, weeks = (case.fields[name] for name in ("groups", "size", "weeks"))
    is_possible = weeks <= grouping.most_days_without_repeats(groups * size, size)
    reason = None if is_possible else f"{weeks}*{size - 1} > {groups * size - 1} other players"
    return {"feasible": is_possible, "reason": reason}


ADAPTERS = {
    "grouping_balance/*": _balance,
    "regrouping_days/*": _regrouping,
    "social_golfer/verify-*": _check_schedule,
    "social_golfer/build-*": _build_schedule,
    "social_golfer/bound-*": _is_feasible,
}
