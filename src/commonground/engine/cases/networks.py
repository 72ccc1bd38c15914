"""Worked cases of networks."""

from collections.abc import Callable
from typing import Any

from commonground.engine import networks
from commonground.engine.cases import Case
from commonground.engine.values import Result


def _coefficient(result: Result) -> float | None:
    return None if result.value is None else float(result.value.value)


def _ties(case: Case) -> dict[str, Any]:
    given = case.input.get("attribute", case.input.get("district"))
    named = given.items() if isinstance(given, dict) else enumerate(given)
    group_of = {str(person): group for person, group in named}
    ties = networks.network(
        [(str(one), str(other)) for one, other in case.input["edges"]],
        group_of,
        directed=bool(case.input.get("directed", False)),
    )
    index = networks.ei_index(ties)
    value = index.value
    return {
        "edges": len(ties.ends),
        "external": value and value.external,
        "internal": value and value.internal,
        "ei": value and value.value,
        "EI": value and value.value,
        "assortativity": _coefficient(networks.assortativity(ties)),
        "expected_EI_random_mixing": value and value.expected,
    }


ADAPTERS: dict[str, Callable[[Case], Any]] = {
    "{*mixing*}": lambda case: {"assortativity": _coefficient(networks.assortativity(case.input["mixing"]))},
    "{*attribute*,*edges*}": _ties,
    "{*district*,*edges*}": _ties,
}
