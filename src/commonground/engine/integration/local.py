"""What each school adds: local segregation, and its part in an index."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from commonground.engine.integration.counts import Floats, checked_counts, described, ratio, share_of
from commonground.engine.integration.drawing import allocations, checked_draws
from commonground.engine.integration.multigroup import NO_STUDENTS, ONE_GROUP, entropy_kernel
from commonground.engine.integration.two_groups import EMPTY_GROUP
from commonground.engine.values import Explanation, InputError, NotCalculated, Result, whole_number


@dataclass(frozen=True, slots=True)
class LocalSegregation:
    """How unlike all students the students of one unit are.

    value: None for a unit without students. expected: its average if students were dealt out at random, None when that
    was not asked for. weight: the unit's share of all students.
    """

    value: float | None
    expected: float | None
    weight: float


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one unit adds to an index. share: of the whole, None where the index is 0."""

    value: float
    share: float | None


def _local(n: Floats) -> Floats:
    inside = share_of(n, n.sum(axis=-1, keepdims=True))
    groups = n.sum(axis=-2)
    overall = share_of(groups, groups.sum(axis=-1, keepdims=True))[..., None, :]
    logs = np.log(np.where(inside > 0, share_of(inside, overall), 1.0))
    return np.maximum((inside * logs).sum(axis=-1), 0.0)


def local_segregation(units_by_groups: ArrayLike, *, draws: int = 0, seed: int | None = None) -> Result:
    """Local segregation of each unit: a tuple of `LocalSegregation`, in the order of the rows.

    units_by_groups: shape (units, groups). Its average weighted by students is M. draws: how many random allocations give each unit's expected value; 0 for
    none, and then counts may be parts of seats. seed: of the draws, needed when there are any.
    Not calculated without students. Raises InputError for a table that is none or draws without a seed.
    Source: Alonso-Villar & del Rio 2010; Mora & Ruiz-Castillo 2011.

    >>> [round(unit.value, 4) for unit in local_segregation([[10, 0], [10, 20]]).value]
    [0.6931, 0.0566]
    """
    whole_number(draws, name="draws")
    counts = checked_counts(units_by_groups, whole=draws > 0)
    explanation = Explanation(
        what="How unlike all students the students of each unit are.",
        inputs={**described(counts), "draws": draws},
        steps=(
            "local segregation = sum over groups of p ln(p / P), p the group's share here, P in all",
            "expected = its mean over random allocations with the same unit sizes and group totals",
        ),
        rule="local_segregation",
        source="Alonso-Villar & del Rio 2010; Mora & Ruiz-Castillo 2011",
        seed=seed,
    )
    if counts.sum() == 0:
        return Result(None, explanation, not_calculated=NotCalculated(NO_STUDENTS))
    units = counts.sum(axis=1)
    expected: list[float | None] = [None] * len(counts)
    if draws > 0:
        rng = checked_draws(draws, seed=seed)
        summed = sum(_local(batch).sum(axis=0) for batch in allocations(counts, draws=draws, rng=rng))
        expected = np.asarray(summed / draws).tolist()
    value = tuple(
        LocalSegregation(local if students else None, at_random if students else None, weight)
        for local, at_random, students, weight in zip(
            _local(counts).tolist(), expected, units.tolist(), (units / units.sum()).tolist(), strict=True
        )
    )
    return Result(value, explanation)


def _of_mutual_information(n: Floats) -> Floats:
    return ratio(n.sum(axis=1), n.sum()) * _local(n)


def _of_theil_h(n: Floats) -> Floats:
    return ratio(_of_mutual_information(n), entropy_kernel(n.sum(axis=0)))


def _of_dissimilarity(n: Floats) -> Floats:
    shares = ratio(n, n.sum(axis=0))
    answer: Floats = 0.5 * np.abs(shares[:, 0] - shares[:, 1])
    return answer


def _of_normalized_exposure(n: Floats) -> Floats:
    units, (first, second) = n.sum(axis=1), n.sum(axis=0)
    inside = share_of(n[:, 0], units)
    return ratio(units * (inside - share_of(first, n.sum())) ** 2 * n.sum(), first * second)


# Each is a sum over units, so that what a unit adds needs no counterfactual.
ADDITIVE = {
    "mutual_information": (_of_mutual_information, None, NO_STUDENTS),
    "theil_h": (_of_theil_h, None, ONE_GROUP),
    "dissimilarity": (_of_dissimilarity, 2, EMPTY_GROUP),
    "normalized_exposure": (_of_normalized_exposure, 2, EMPTY_GROUP),
}


def contributions(units_by_groups: ArrayLike, *, index: str = "theil_h") -> Result:
    """What each unit adds to an index: a tuple of `Contribution`, in the order of the rows; they sum to the index.

    units_by_groups: shape (units, groups).
    index: "mutual_information", "theil_h", "dissimilarity" or "normalized_exposure" (the last two with two columns).
    Not calculated where the index is undefined. Raises InputError for another index or a table that is none.

    >>> [unit.value for unit in contributions([[10, 0], [10, 20]], index="dissimilarity").value]
    [0.25, 0.25]
    """
    if index not in ADDITIVE:
        raise InputError(f"index is {index!r}, which is no sum over units; choose one of {', '.join(ADDITIVE)}")
    kernel, groups, undefined = ADDITIVE[index]
    counts = checked_counts(units_by_groups, groups=groups)
    each = kernel(counts)
    whole = float(each.sum())
    explanation = Explanation(
        what=f"What each unit adds to the {index.replace('_', ' ')} of all units.",
        inputs=described(counts),
        steps=("the index is a sum over units; each term is that unit's contribution", f"sum: {whole:.10g}"),
        rule=index,
        source="Mora & Ruiz-Castillo 2011" if groups is None else "Duncan & Duncan 1955; Zoloth 1976",
    )
    if np.isnan(whole):
        return Result(None, explanation, not_calculated=NotCalculated(undefined))
    return Result(tuple(Contribution(c, c / whole if whole > 0 else None) for c in each.tolist()), explanation)
