"""Worked cases of allocation: largest remainders, cost shares, and prices by tier."""

from collections.abc import Callable
from typing import Any

from commonground.engine.allocation import Basis, Tier, cheaper_by_more, cost_shares, largest_remainder, tier_price
from commonground.engine.cases import Case, NoAdapter


def _seats(case: Case) -> tuple[int, ...]:
    return largest_remainder(case.fields["total"], case.fields["weights"])


def _shares(case: Case) -> list[int]:
    """A blend under `weights`, or one basis under whatever name the case gives it."""
    if "weights" in case.fields:
        blend = [(str(place), part, values) for place, (part, values) in enumerate(case.fields["weights"])]
    else:
        blend = [
            (name, 1, values) for name, values in case.fields.items() if isinstance(values, list) and name != "expect"
        ]
    if not blend:
        raise NoAdapter("the case gives no basis as a list of members' amounts")
    bases = [
        Basis(name, {str(place): value for place, value in enumerate(values)}, part) for name, part, values in blend
    ]
    return list(cost_shares(case.fields["total_cents"], bases=bases).cents.values())


def _tiers(case: Case) -> dict[str, int | None]:
    tiers = [Tier(*tier) for tier in case.fields["tiers"]]
    quantities = [int(quantity) for quantity in case.expected]
    flagged = [quantity for quantity in quantities if cheaper_by_more(tiers, quantity)]
    return {str(quantity): tier_price(tiers, quantity) for quantity in quantities} | {"flagged": len(flagged)}


ADAPTERS: dict[str, Callable[[Case], Any]] = {
    "largest_remainder/*": _seats,
    "staff_cost_share/*": _shares,
    "purchasing/tier-price-all-units": _tiers,
}
