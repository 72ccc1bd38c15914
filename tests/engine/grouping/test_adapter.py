"""Worked cases of grouping go through the public functions."""

import json

import numpy as np
from tests.shared import shared_data

from commonground.engine.cases import read_cases, run
from commonground.engine.grouping import BoardDecision, balance_of, grouping_task, least_squares_bound


def test_each_kind_of_case_has_an_answer():
    students = [{"district": n % 2, "race": 0, "grade": n // 2, "pretest": 5} for n in range(4)]
    balance = [{"id": "b", "students": students, "group_sizes": [2, 2], "pass_if": {"avoidable_cells": 0}}]
    days = [
        {
            "id": "d",
            "district_sizes": [2, 2],
            "groups": 2,
            "size": 2,
            "days": 2,
            "expect_distinct_cross_district_pairs_at_least": 4,
        }
    ]
    golfer = [
        {"id": "verify-good", "days": ["AB CD", "AC BD", "AD BC"], "expect": {"valid": True, "each_pair_met_exactly": 1, "pairs": 6}},
        {"id": "verify-bad", "days": ["AB CD", "AB CD"], "expect": {"valid": False, "reason": "A and B meet on day 1 and day 2"}},
        {"id": "build-2-2-3", "groups": 2, "size": 2, "weeks": 3, "expect": {"repeats": 0, "upper_bound_weeks": 3}},
        {"id": "bound-2-2-4", "groups": 2, "size": 2, "weeks": 4, "expect": {"feasible": False, "reason": "4*1 > 3 other players"}},
        {"id": "bound-2-2-3", "groups": 2, "size": 2, "weeks": 3, "expect": {"feasible": True}},
    ]  # fmt: skip

    for cases, stem in ((balance, "grouping_balance"), (days, "regrouping_days"), (golfer, "social_golfer")):
        assert run(read_cases(cases, stem=stem)).reasons == {}


def test_the_measures_agree_with_the_shared_reference_groupings():
    for case in json.loads(shared_data("optimisation", "grouping_balance.json").read_text())["cases"]:
        students = case["students"]
        task = grouping_task(
            case["group_sizes"],
            attributes={
                name: [one[name] for one in students] for name in ("district", "race", "grade", "frl", "gender")
            },
            numbers={"pretest": [one["pretest"] for one in students]},
            decision=BoardDecision("2026-01-01", "test", "test"),
        )

        balance = balance_of(task, np.array(case["reference_assignment"]))

        assert abs(least_squares_bound(task.sizes, task.share) - case["lower_bound_sum_sq_cell_deviation"]) < 1e-6
        assert least_squares_bound(task.sizes, task.share) - 1e-9 < balance.bound < balance.sum_sq
        assert abs(balance.sum_sq - case["reference_sum_sq_cell_deviation"]) < 1e-6
        assert balance.avoidable == case["reference_avoidable_cells"]
        assert (
            abs(100 * balance.between_group_share["pretest"] - case["reference_between_group_share_pretest_pct"]) < 1e-5
        )
