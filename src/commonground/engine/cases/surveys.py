"""Worked cases of surveys."""

from collections.abc import Callable
from typing import Any

from commonground.engine import surveys
from commonground.engine.cases import Case


def _alpha(case: Case) -> dict[str, Any]:
    alpha = surveys.cronbach_alpha(case.input["data"])
    if alpha.value is None:
        return {"raw_alpha": None, "standardized_alpha": None}
    return {"raw_alpha": alpha.value.raw, "standardized_alpha": alpha.value.standardized}


def _paired(case: Case) -> dict[str, Any]:
    before, after = (dict(enumerate(case.input[name])) for name in ("pre", "post"))
    result = surveys.matched_change(before, after)
    change = result.value
    return {
        "mean_difference": change.mean_change,
        "t": change.t,
        "df": change.degrees_of_freedom,
        "p": change.p_value,
        "ci95": [result.interval.low, result.interval.high] if result.interval else None,
    }


def _shown(case: Case) -> dict[str, Any]:
    groups = surveys.shown_groups(case.input["groups"], threshold=case.input["threshold"]).value
    return {"shown": list(groups.shown), "merged_or_hidden": list(groups.hidden)}


def _open_text(case: Case) -> str:
    # The case's name states its threshold, and no field does.
    *_, last = case.fields["id"].split("-")
    threshold = case.input.get("threshold", int(last) if last.isdigit() else surveys.OPEN_TEXT)
    return "shown" if surveys.may_show_open_text(case.input["responses"], threshold=threshold).value else "hidden"


ADAPTERS: dict[str, Callable[[Case], Any]] = {
    "{*data*,*items*}": _alpha,
    "{*post*,*pre*}": _paired,
    "{*groups*,*threshold*}": _shown,
    "{*responses*}": _open_text,
}
