"""How much of an index is chance: the value that dealing students out at random would give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commonground.engine.integration.counts import Floats, checked_counts, described, times_log
from commonground.engine.integration.drawing import allocations, checked_draws
from commonground.engine.integration.index import Index
from commonground.engine.integration.multigroup import NO_STUDENTS, THEIL_H, entropy_kernel
from commonground.engine.integration.nesting import checked_levels, hierarchy, nested_kernel
from commonground.engine.values import Explanation, Interval, NotCalculated, Result

NOISE_SHARE = 0.5
SOURCE = "Cortese, Falk & Cohen 1976; Carrington & Troske 1997"


@dataclass(frozen=True, slots=True)
class RandomFloor:
    """An index beside the value that chance alone would give it.

    raw: as measured. floor: mean over random allocations with the same unit sizes and group totals.
    adjusted: (raw - floor) / (1 - floor) for an index whose most is 1, else raw - floor; below 0 when the units are
    more even than chance. error: Monte Carlo standard error of the floor, None from a single draw.
    p_value: share of the allocations (with the real one) that reach raw. is_mostly_chance: the floor is over half of raw.
    """

    raw: float
    floor: float
    adjusted: float
    error: float | None
    p_value: float
    is_mostly_chance: bool


@dataclass(frozen=True, slots=True)
class LevelFloor:
    """The part of H between the units of one level, beside what chance alone would give it."""

    name: str
    floor: RandomFloor


def random_floor(units_by_groups: ArrayLike, index: Index = THEIL_H, *, draws: int = 200, seed: int) -> Result:
    """What an index would be without any systematic segregation, and the index adjusted for it: a `RandomFloor`.

    units_by_groups: whole students, shape (units, groups). The interval is that of the index under chance, 95 %.
    draws: random allocations. seed: of the random numbers; the same seed gives the same answer.
    Not calculated where the index is undefined. Raises InputError for parts of students or a table that is none.
    Source: Cortese, Falk & Cohen 1976; Carrington & Troske 1997.

    >>> from commonground.engine.integration import DISSIMILARITY
    >>> random_floor([[2, 1], [1, 2], [2, 1], [1, 2]], DISSIMILARITY, seed=1).value.is_mostly_chance
    True
    """
    counts = checked_counts(units_by_groups, groups=index.groups, whole=True)
    rng = checked_draws(draws, seed=seed)
    raw = float(index.kernel(counts))
    explain = partial(
        Explanation,
        what=f"The {index.name.replace('_', ' ')} beside the value that chance alone would give it.",
        inputs={**described(counts), "index": index.name, "draws": draws},
        rule="random_floor",
        source=SOURCE,
        seed=seed,
    )
    if not np.isfinite(raw):
        return Result(None, explain(), not_calculated=NotCalculated(index.undefined))
    drawn = np.concatenate([index.kernel(tables) for tables in allocations(counts, draws=draws, rng=rng)])
    value = _beside(raw, drawn, is_share=index.perfect == 1.0)
    steps = (
        f"raw = {raw:.6g}",
        f"floor = mean over {draws} random allocations with the same unit sizes and group totals = {value.floor:.6g}",
        f"adjusted = {'(raw - floor) / (1 - floor)' if index.perfect == 1.0 else 'raw - floor'} = {value.adjusted:.6g}",
    )
    low, high = np.quantile(drawn, [0.025, 0.975]).tolist()
    return Result(value, explain(steps=steps), Interval(low, high))


def random_floor_nested(
    units_by_groups: ArrayLike,
    *,
    levels: Mapping[str, Sequence[Any] | NDArray[Any]],
    unit: str = "school",
    draws: int = 200,
    seed: int,
) -> Result:
    """Each term of nested H beside chance: a tuple of `LevelFloor`, outermost first.

    For each level the students of every parent are dealt out anew over the parent's own units, with their sizes: what
    scheduling by a coin would give sections inside their schools. units_by_groups, levels, unit: as in `nested_segregation`; the rest as
    in `random_floor`, but a term is adjusted by the difference, because its most depends on the levels above.
    Not calculated without students or with one group only.
    Raises InputError as `nested_segregation`, and for parts of students. Source: Carrington & Troske 1997.

    >>> sections = [[3, 9], [9, 3], [12, 0], [12, 0]]
    >>> result = random_floor_nested(sections, levels={"school": ["A", "A", "B", "B"]}, unit="section", seed=1)
    >>> [(level.name, level.floor.is_mostly_chance) for level in result.value]
    [('school', False), ('section', False)]
    """
    counts = checked_counts(units_by_groups, whole=True)
    names = checked_levels(levels, unit)
    rng = checked_draws(draws, seed=seed)
    explain = partial(
        Explanation,
        what="Each level's part of H beside what chance inside its parents would give.",
        inputs={**described(counts), "levels": ", ".join(names), "draws": draws},
        rule="random_floor_nested",
        source=SOURCE,
        seed=seed,
    )
    if (counts.sum(axis=0) > 0).sum() < 2:
        reason = NotCalculated(THEIL_H.undefined if counts.sum() else NO_STUDENTS)
        return Result(None, explain(), not_calculated=reason)
    nesting = hierarchy(levels, units=len(counts))
    scale = float(counts.sum() * entropy_kernel(counts.sum(axis=0)))
    terms = nested_kernel(counts, nesting) * counts.sum() / scale
    starts = (np.zeros(1, dtype=np.intp), *nesting.starts)
    floors = []
    for name, raw, table, begins in zip(names, terms.tolist(), nesting.levels(counts), starts, strict=True):
        ends = (*begins[1:].tolist(), len(table))
        # Sizes and parents stay as they are; only the sum of n ln n over the level's cells is drawn anew.
        fixed = float(times_log(table).sum())
        drawn = np.zeros(draws)
        for begin, end in zip(begins.tolist(), ends, strict=True):
            drawn += _cell_sums(table[begin:end], draws, rng)
        floors.append(LevelFloor(name, _beside(raw, np.maximum(raw + (drawn - fixed) / scale, 0), is_share=False)))
    steps = tuple(f"{level.name}: raw {level.floor.raw:.6g}, floor {level.floor.floor:.6g}" for level in floors)
    return Result(tuple(floors), explain(steps=steps))


def _cell_sums(table: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """The sum of n ln n over the cells of one parent, dealt out anew."""
    if len(table) == 1:
        return np.full(draws, float(times_log(table).sum()))
    return np.concatenate([times_log(tables).sum(axis=(1, 2)) for tables in allocations(table, draws=draws, rng=rng)])


def _beside(raw: float, drawn: Floats, *, is_share: bool) -> RandomFloor:
    floor, draws = float(drawn.mean()), len(drawn)
    # Rounding must not make a table that was drawn again exactly count as another.
    p_value = float((1 + (drawn >= raw - 1e-12).sum()) / (1 + draws))
    error = float(drawn.std(ddof=1) / np.sqrt(draws)) if draws > 1 else None
    adjusted = (raw - floor) / (1 - floor) if is_share and floor < 1 else raw - floor
    return RandomFloor(raw, floor, adjusted, error, p_value, floor > NOISE_SHARE * raw)
