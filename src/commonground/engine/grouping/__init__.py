"""Mixed groups: balanced on what the caller gives and nothing else, and regrouped so that students meet new peers."""

from commonground.engine.grouping.balance import Grouping, Unmet, balance_groups, grouping_of, improve, place_late
from commonground.engine.grouping.days import (
    DayPlan,
    first_repeat,
    measure_days,
    most_days_without_repeats,
    pairs_bound,
    plan_days,
)
from commonground.engine.grouping.feasible import ImpossibleWishes, conflicts
from commonground.engine.grouping.report import Balance, Cell, balance_of, cells, joint_bound, least_squares_bound
from commonground.engine.grouping.task import (
    BoardDecision,
    DecisionNeeded,
    Task,
    Wishes,
    grouping_task,
    room_sizes,
)

__all__ = [
    "Balance",
    "BoardDecision",
    "Cell",
    "DayPlan",
    "DecisionNeeded",
    "Grouping",
    "ImpossibleWishes",
    "Task",
    "Unmet",
    "Wishes",
    "balance_groups",
    "balance_of",
    "cells",
    "conflicts",
    "first_repeat",
    "grouping_of",
    "grouping_task",
    "improve",
    "joint_bound",
    "least_squares_bound",
    "measure_days",
    "most_days_without_repeats",
    "pairs_bound",
    "place_late",
    "plan_days",
    "room_sizes",
]
