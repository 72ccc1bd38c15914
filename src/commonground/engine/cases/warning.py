"""Worked cases of early warning: what a rule set says of a student, and how often a flag is right elsewhere."""

from collections.abc import Callable
from typing import Any

from commonground.engine.cases import Case
from commonground.engine.warning import Record, assess, precision_at_base_rate, rule_set


def _levels(case: Case) -> dict[str, Any]:
    """The level of each indicator and whether the student is flagged, from `rule_set`, `measures` and `complete`."""
    record = Record(case.input["measures"], dict.fromkeys(case.input.get("complete", ()), True))
    found = assess(record, rules=rule_set(case.input["rule_set"]))
    return {finding.indicator: finding.level.value for finding in found.findings} | {"flagged": found.is_flagged}


def _precision(case: Case) -> float | None:
    return precision_at_base_rate(**case.input)


ADAPTERS: dict[str, Callable[[Case], Any]] = {
    "early warning*": _levels,
    "check & connect*": _levels,
    "precision at base rate*": _precision,
}
