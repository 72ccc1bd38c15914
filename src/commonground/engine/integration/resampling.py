"""How sure an index is: its bias and its interval from drawing the students again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commonground.engine.integration.counts import Floats, checked_counts, described
from commonground.engine.integration.drawing import checked_draws, resamples
from commonground.engine.integration.index import Index
from commonground.engine.integration.multigroup import NO_STUDENTS, THEIL_H, entropy_kernel
from commonground.engine.integration.nesting import checked_levels, hierarchy, nested_kernel
from commonground.engine.values import Explanation, InputError, Interval, NotCalculated, Result


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """An index and what drawing the students again says about it.

    raw: as measured. bias: how far the mean over the draws lies above raw. corrected: raw - bias, and 0
    where that is below it.
    standard_error: None from a single draw.
    """

    raw: float
    bias: float
    corrected: float
    standard_error: float | None


@dataclass(frozen=True, slots=True)
class BootstrapTerm:
    """One of several numbers bootstrapped together, by name."""

    name: str
    estimate: Bootstrap
    interval: Interval


def bootstrap(
    units_by_groups: ArrayLike,
    index: Index = THEIL_H,
    *,
    draws: int = 1000,
    seed: int,
    confidence: float = 0.95,
) -> Result:
    """An index with its bias-corrected interval from drawing the students again: a `Bootstrap`.

    The interval is the basic (reflected) one, 2 raw - quantile: resampling always adds unevenness, and a percentile
    interval would carry that bias twice. units_by_groups: whole students, shape (units, groups).
    Not calculated where the index is undefined. Raises InputError for parts of students, a confidence that is none, or
    a table that is none.
    Source: Davison & Hinkley 1997, section 5.2.

    >>> result = bootstrap([[300, 100], [100, 300]], seed=1)
    >>> result.interval.low < result.value.raw < result.interval.high
    True
    """
    counts = checked_counts(units_by_groups, groups=index.groups, whole=True)
    inputs = {**described(counts), "index": index.name, "draws": draws}
    raw = index.kernel(counts)
    if not np.isfinite(raw):
        reason = NotCalculated(index.undefined)
        return Result(None, _bootstrap_explanation(inputs, (), seed), not_calculated=reason)
    drawn = _drawn(counts, index.kernel, draws=draws, seed=seed)
    value, interval = _summary(float(raw), drawn, confidence)
    return Result(value, _bootstrap_explanation(inputs, _summary_lines(index.name, value), seed), interval)


def bootstrap_nested(
    units_by_groups: ArrayLike,
    *,
    levels: Mapping[str, Sequence[Any] | NDArray[Any]],
    unit: str = "school",
    draws: int = 1000,
    seed: int,
    confidence: float = 0.95,
) -> Result:
    """H and its terms per level with bias-corrected intervals: a tuple of `BootstrapTerm`, "total" first.

    units_by_groups, levels, unit: as in `nested_segregation`; the rest as in `bootstrap`. Not calculated with one group
    only. Raises InputError as they do.

    >>> result = bootstrap_nested([[30, 0], [0, 30], [9, 9]], levels={"district": "AAB"}, draws=50, seed=1)
    Traceback (most recent call last):
    ...
    commonground.engine.values.InputError: district: () labels for 3 units; give one label per unit
    >>> result = bootstrap_nested([[30, 0], [0, 30], [9, 9]], levels={"district": list("AAB")}, draws=50, seed=1)
    >>> [term.name for term in result.value]
    ['total', 'district', 'school']
    """
    counts = checked_counts(units_by_groups, whole=True)
    nesting = hierarchy(levels, units=len(counts))
    names = ("total", *checked_levels(levels, unit))

    def kernel(n: Floats) -> Floats:
        terms = nested_kernel(n, nesting) / entropy_kernel(n.sum(axis=-2))[..., None]
        return np.concatenate([terms.sum(axis=-1, keepdims=True), terms], axis=-1)

    inputs = {**described(counts), "index": "theil_h", "levels": ", ".join(names[1:]), "draws": draws}
    if (counts.sum(axis=0) > 0).sum() < 2:
        reason = NotCalculated(THEIL_H.undefined if counts.sum() else NO_STUDENTS)
        return Result(None, _bootstrap_explanation(inputs, (), seed), not_calculated=reason)
    drawn = _drawn(counts, kernel, draws=draws, seed=seed)
    summaries = [_summary(float(raw), drawn[:, k], confidence) for k, raw in enumerate(kernel(counts))]
    value = tuple(BootstrapTerm(name, *summary) for name, summary in zip(names, summaries, strict=True))
    steps = tuple(line for term in value for line in _summary_lines(term.name, term.estimate))
    return Result(value, _bootstrap_explanation(inputs, steps, seed), value[0].interval)


def _drawn(counts: Floats, kernel: Callable[[Floats], Floats], *, draws: int, seed: int) -> Floats:
    rng = checked_draws(draws, seed=seed)
    batches: Iterator[Floats] = resamples(counts, draws=draws, rng=rng)
    return np.concatenate([kernel(tables) for tables in batches])


def _summary(raw: float, drawn: Floats, confidence: float) -> tuple[Bootstrap, Interval]:
    if not 0 < confidence < 1:
        raise InputError(f"confidence is {confidence}; it must lie between 0 and 1")
    # A draw may lose a tiny group altogether and leave the index undefined: it says nothing.
    known = drawn[np.isfinite(drawn)]
    bias = float(known.mean()) - raw
    error = float(known.std(ddof=1)) if len(known) > 1 else None
    high, low = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2]).tolist()
    # No index goes below 0.
    interval = Interval(max(0.0, 2 * raw - low), max(0.0, 2 * raw - high), confidence)
    return Bootstrap(raw, bias, max(0.0, raw - bias), error), interval


def _summary_lines(name: str, value: Bootstrap) -> tuple[str, ...]:
    return (f"{name}: raw = {value.raw:.6g}, bias = {value.bias:.6g}, corrected = {value.corrected:.6g}",)


def _bootstrap_explanation(inputs: dict[str, Any], steps: tuple[str, ...], seed: int) -> Explanation:
    return Explanation(
        what="An index with the uncertainty from which students happened to be there.",
        inputs=inputs,
        steps=("each draw: as many students, drawn with replacement from all", *steps),
        rule="basic_bootstrap",
        source="Davison & Hinkley 1997, section 5.2",
        seed=seed,
    )
