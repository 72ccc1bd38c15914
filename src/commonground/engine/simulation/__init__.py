"""A changed copy of the rules, seats, boundaries or priorities, run on the same people."""

from commonground.engine.simulation.compare import (
    Comparison,
    Difference,
    Order,
    PolicyRun,
    compare_policies,
    difference,
    run_policy,
)
from commonground.engine.simulation.policy import People, Policy, Setting, apply_policy, other_orders, reversed_blocks

__all__ = [
    "Comparison",
    "Difference",
    "Order",
    "People",
    "Policy",
    "PolicyRun",
    "Setting",
    "apply_policy",
    "compare_policies",
    "difference",
    "other_orders",
    "reversed_blocks",
    "run_policy",
]
