"""Worked cases of scoring methods: `measure` is "scoring method NAME", the input its scores and parameters."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from commonground.engine.cases import Case, NoAdapter
from commonground.engine.mastery import METHODS, Evidence, Scale, convert


def _score(case: Case) -> Any:
    name = str(case.fields["measure"]).lower().removeprefix("scoring method ").replace(" ", "_")
    if name not in METHODS:
        raise NoAdapter(f"no scoring method is named {name}; known are {', '.join(METHODS)}")
    given = dict(case.input)
    numbers, days = given.pop("scores"), given.pop("days", None)
    dates = [None if day is None else date.fromisoformat(day) for day in days or [None] * len(numbers)]
    evidence = [
        Evidence(None if number is None else str(number), day) for number, day in zip(numbers, dates, strict=True)
    ]
    scale = _scale(given.pop("highest", 4))
    if "mastery" in given:
        given["mastery"] = Decimal(str(given["mastery"]))
    return METHODS[name](evidence, scale=scale, **given)


def _convert(case: Case) -> Decimal:
    return convert(str(case.input["score"]), of=_scale(case.input["of"]), to=_scale(case.input["to"]))


def _scale(highest: float) -> Scale:
    return Scale(highest=Decimal(str(highest)), step=None)


ADAPTERS: dict[str, Callable[[Case], Any]] = {"scoring method *": _score, "scale conversion": _convert}
