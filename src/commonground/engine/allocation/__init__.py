"""Sharing costs, awarding quotes and planning traveling staff: every cent and every minute accounted for."""

from commonground.engine.allocation.award import Award, Hint, Line, NoAward, award, member_charges
from commonground.engine.allocation.program import OutOfTime
from commonground.engine.allocation.quotes import Package, Quote, Terms, Tier, cheaper_by_more, tier_price
from commonground.engine.allocation.shares import (
    Basis,
    CostShares,
    Period,
    SharesDoNotSum,
    cost_shares,
    largest_remainder,
    yearly_cost_shares,
)
from commonground.engine.allocation.travel import (
    DayRules,
    NoWeek,
    Stop,
    Teacher,
    TooManyRoutes,
    Visit,
    Week,
    travel_week,
)

__all__ = [
    "Award",
    "Basis",
    "CostShares",
    "DayRules",
    "Hint",
    "Line",
    "NoAward",
    "NoWeek",
    "OutOfTime",
    "Package",
    "Period",
    "Quote",
    "SharesDoNotSum",
    "Stop",
    "Teacher",
    "Terms",
    "Tier",
    "TooManyRoutes",
    "Visit",
    "Week",
    "award",
    "cheaper_by_more",
    "cost_shares",
    "largest_remainder",
    "member_charges",
    "tier_price",
    "travel_week",
    "yearly_cost_shares",
]
