"""Worked cases of disclosure control: what an attacker works out, and percentages coded at both ends."""

from collections.abc import Callable
from typing import Any

import numpy as np

from commonground.engine.cases import Case
from commonground.engine.disclosure import Attribute, audit, cell, coded_percent, crossed, link


def _attack(case: Case) -> dict[str, list[int]]:
    """Ranges of the suppressed cells of a two-way table whose totals are published, by "row,column"."""
    counts = np.array(case.input["table"])
    row_names, column_names = (tuple(str(place) for place in range(size)) for size in counts.shape)
    rows = {cell({"row": name}): [int(name)] for name in row_names} | {cell({}): range(len(row_names))}
    columns = {cell({"column": name}): [int(name)] for name in column_names} | {cell({}): range(len(column_names))}
    attributes = [Attribute("row", frozenset(row_names)), Attribute("column", frozenset(column_names))]
    linked = link(attributes, crossed(counts, rows=rows, columns=columns))
    is_published = np.ones(len(linked.cells), dtype=bool)
    wanted = {}
    for row, column in case.input["suppressed"]:
        place = linked.position(cell({"row": str(row), "column": str(column)}))
        is_published[place] = False
        wanted[linked.cells[place]] = f"{row},{column}"
    ranges = audit(linked, is_published=is_published).ranges
    return {wanted[one.cell]: [one.low, one.high] for one in ranges}  # type: ignore[list-item]


def _coded(case: Case) -> list[str]:
    return [coded_percent(share, students=students).text for students, share in case.input["rows"]]


ADAPTERS: dict[str, Callable[[Case], Any]] = {
    "primary suppression only*": _attack,
    "n<10 primary cells*": _attack,
    "{*suppressed,table}": _attack,
    "*top/bottom coding": _coded,
}
