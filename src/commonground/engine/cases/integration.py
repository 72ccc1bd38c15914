"""Worked cases of segregation and exposure."""

import csv
from collections.abc import Callable, Sequence
from io import StringIO
from typing import Any

import numpy as np

from commonground.engine import integration
from commonground.engine.cases import Case, NoAdapter
from commonground.engine.values import Result

LEVELS = ("state", "district", "school")


def _long_table(text: str, *, units: Sequence[str]) -> tuple[list[tuple[str, ...]], dict[tuple[Any, str], float]]:
    """Units in order of their first row, and counts by unit and group, from columns of units, `race` and `n`."""
    counts: dict[tuple[Any, str], float] = {}
    for row in csv.DictReader(StringIO(text)):
        cell = tuple(row[name] for name in units), row["race"]
        counts[cell] = counts.get(cell, 0) + float(row["n"])
    return list(dict.fromkeys(unit for unit, _ in counts)), counts


def _tables(texts: Sequence[str]) -> tuple[list[tuple[str, ...]], list[str], list[np.ndarray]]:
    """One table per text, all with the same units (state, district, school) and groups."""
    read = [_long_table(text, units=LEVELS) for text in texts]
    units = list(dict.fromkeys(unit for listed, _ in read for unit in listed))
    groups = sorted({group for _, counts in read for _, group in counts})
    tables = [np.array([[counts.get((u, g), 0) for g in groups] for u in units]) for _, counts in read]
    return units, groups, tables


def _counts(case: Case) -> Any:
    """The one table of a case, given in place or in a file beside it."""
    for name in ("units_by_groups", "units_by_ordered_categories", "counts", "table"):
        if name in case.input:
            return case.input[name]
    if isinstance(case.input.get("data"), str):
        return _tables([case.neighbor(case.input["data"])])[2][0]
    raise NoAdapter("no table of units and groups in the input")


def _dissimilarity(case: Case) -> Result:
    return integration.dissimilarity(_counts(case))


def _dissimilarity_of_named_groups(case: Case) -> Result:
    """ "D white-black" of a file with many groups."""
    _, groups, (table,) = _tables([case.neighbor(case.input["data"])])
    pair = case.fields["measure"].split()[1].split("-")
    return integration.dissimilarity(table[:, [groups.index(name) for name in pair]])


def _information(case: Case) -> dict[str, Any]:
    counts = np.asarray(_counts(case))
    h = integration.theil_h(counts)
    # Whichever side is called the groups supplies the entropy.
    swapped = integration.theil_h(counts.T)
    answer = {"M": integration.mutual_information(counts), "H": h}
    return answer | {f"H_of_{counts.shape[1]}_groups": h, f"H_of_{counts.shape[0]}_units": swapped}


def _between_within(case: Case) -> dict[str, Any]:
    counts = np.asarray(_counts(case))
    parents = case.input.get("supergroup_of_group")
    split = integration.between_within(
        counts if parents is None else counts.T,
        parents=case.input["parent_of_unit"] if parents is None else parents,
    ).value
    return {
        "total": split.total,
        "between": split.between,
        "within_total": split.within,
        "within_by_supergroup": [part.m for part in split.parts],
        "weights": [part.weight for part in split.parts],
    }


def _nesting(case: Case) -> dict[str, Any]:
    units, _, (table,) = _tables([case.neighbor(case.input["data"])])
    labels = {name: [unit[place] for unit in units] for place, name in enumerate(LEVELS[:-1])}
    whole = integration.nested_segregation(table, levels=labels).value
    answer = {"M": whole.m, "H": whole.h}
    for above, level in zip(("", *LEVELS), whole.levels, strict=False):
        ending = f"_within_{above}" if above else ""
        answer |= {f"M_{level.name}{ending}": level.m, f"H_{level.name}{ending}": level.h}
    return answer


def _change(case: Case) -> dict[str, Any]:
    given = case.input
    if "data" in given:
        before, after = _tables([case.neighbor(name) for name in given["data"]])[2]
    else:
        before, after = given["t1"], given["t2"]
    change = integration.change_in_segregation(before, after).value
    return {
        "M1": change.before,
        "M2": change.after,
        "additions": change.additions,
        "removals": change.removals,
        "group_marginal": change.group_margin,
        "unit_marginal": change.unit_margin,
        "structural": change.structural,
    }


def _two_groups(case: Case) -> dict[str, Any]:
    counts = np.asarray(_counts(case))
    swapped = counts[:, ::-1]
    v = integration.normalized_exposure(counts)
    return {
        "D": integration.dissimilarity(counts),
        "gini": integration.gini(counts),
        "eta2_variance_ratio_normalized_exposure": v,
        "theil_H": integration.theil_h(counts),
        "M": integration.mutual_information(counts),
        "atkinson_05": integration.atkinson(counts),
        **{f"atkinson_0{n}_group1": integration.atkinson(counts, shape=n / 10) for n in range(1, 10)},
        **{f"atkinson_0{n}_group2": integration.atkinson(swapped, shape=n / 10) for n in range(1, 10)},
        "isolation_g1": integration.isolation(counts),
        "isolation_g2": integration.isolation(swapped),
        "interaction_g1_g2": integration.interaction(counts),
        "interaction_g2_g1": integration.interaction(swapped),
    }


def _family(case: Case) -> dict[str, Any]:
    counts = _counts(case)
    return {
        "D": integration.multigroup_dissimilarity(counts),
        "G": integration.multigroup_gini(counts),
        "H": integration.theil_h(counts),
        "P": integration.multigroup_normalized_exposure(counts),
        "R": integration.relative_diversity(counts),
        "C": integration.squared_coefficient_of_variation(counts),
        "M": integration.mutual_information(counts),
    }


def _ordinal(case: Case) -> dict[str, Any]:
    letters = {"H": "information", "R": "variance", "S": "square_root", "L": "absolute"}
    counts = _counts(case)
    return {k: integration.ordinal_segregation(counts, variation=name) for k, name in letters.items()}


def _rank_order(case: Case) -> dict[str, Any]:
    options = {name: case.input[name] for name in ("degree", "weighted") if name in case.input}
    counts = _counts(case)
    return {
        "HR": integration.rank_order_segregation(counts, **options),
        "RR": integration.rank_order_segregation(counts, index="variance", **options),
    }


def _exposure(case: Case) -> Any:
    return integration.exposure_matrix(_counts(case))


def _local(case: Case) -> Any:
    return [unit.value for unit in integration.local_segregation(_counts(case)).value]


ADAPTERS: dict[str, Callable[[Case], Any]] = {
    "dissimilarity*": _dissimilarity,
    "d *-*": _dissimilarity_of_named_groups,
    "mutual_information*": _information,
    "theil_h*": _information,
    "entropy*": lambda case: integration.entropy(_counts(case)),
    "between+within*": _between_within,
    "*nesting*": _nesting,
    "change in m*": _change,
    "*change decomposition*": _change,
    "two-group*": _two_groups,
    "multigroup*": _family,
    "ordinal*": _ordinal,
    "rank-order*": _rank_order,
    "exposure*": _exposure,
    "local*": _local,
}
