"""Before and after, of the same people."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import Any

import numpy as np
from scipy.stats import t

from commonground.engine.values import Explanation, InputError, Interval, NotCalculated, Result


@dataclass(frozen=True, slots=True)
class MatchedChange:
    """The mean change of the people who answered both times.

    t, p_value, effect: of the paired test, and the mean in standard deviations of the changes; None when all changed
    by the same. before_count, after_count: who answered either time. only_before, only_after: who answered only then;
    before_mean_of_leavers: the first mean of those who did not come back, None when all did.
    """

    mean_change: float
    t: float | None
    degrees_of_freedom: int
    p_value: float | None
    effect: float | None
    matched: int
    before_count: int
    after_count: int
    only_before: tuple[Hashable, ...]
    only_after: tuple[Hashable, ...]
    before_mean_of_leavers: float | None


def matched_change(
    before: Mapping[Any, float | None],
    after: Mapping[Any, float | None],
    *,
    confidence: float = 0.95,
) -> Result:
    """How the same people changed: a `MatchedChange` with the interval of the mean change.

    before, after: score by person or by pseudonym; None where not answered. Only people with both are compared, and
    who is missing is said: a rise because unhappy students left is no rise.
    Not calculated with fewer than two matched people. Raises InputError for scores that are no numbers.
    Source: Student 1908 (paired t).

    >>> change = matched_change({"a": 1, "b": 2, "c": 3}, {"a": 2, "b": 4, "d": 1}).value
    >>> change.mean_change, change.matched, change.only_before, change.only_after
    (1.5, 2, ('c',), ('d',))
    """
    if not 0 < confidence < 1:
        raise InputError(f"confidence is {confidence}; it must lie between 0 and 1")
    first, second = _answered(before, "before"), _answered(after, "after")
    both = [person for person in first if person in second]
    leavers = tuple(person for person in first if person not in second)
    explain = partial(
        Explanation,
        what="Mean change of the people who answered both times.",
        inputs={"answered before": len(first), "answered after": len(second), "matched": len(both)},
        rule="paired-t",
        source="Student 1908",
    )
    if len(both) < 2:
        reason = NotCalculated(f"{len(both)} people answered both times; two are needed to say how sure a change is")
        return Result(None, explain(), not_calculated=reason)
    changes = np.array([second[person] - first[person] for person in both])
    mean, sd, free = float(changes.mean()), float(changes.std(ddof=1)), len(both) - 1
    error = sd / sqrt(len(both))
    # Equal changes differ by rounding only.
    moves = sd > 1e-12 * max(1.0, float(np.abs(changes).max()))
    statistic = mean / error if moves else None
    value = MatchedChange(
        mean_change=mean,
        t=statistic,
        degrees_of_freedom=free,
        p_value=None if statistic is None else float(2 * t.sf(abs(statistic), free)),
        effect=mean / sd if moves else None,
        matched=len(both),
        before_count=len(first),
        after_count=len(second),
        only_before=leavers,
        only_after=tuple(person for person in second if person not in first),
        before_mean_of_leavers=float(np.mean([first[person] for person in leavers])) if leavers else None,
    )
    reach = float(t.ppf((1 + confidence) / 2, free)) * error
    steps = (
        f"{len(both)} of {len(first)} answered again; {len(value.only_after)} are new and not compared",
        f"mean change {mean:.6g}, standard error {error:.6g}, {free} degrees of freedom",
    )
    return Result(value, explain(steps=steps), Interval(mean - reach, mean + reach, confidence))


def _answered(scores: Mapping[Any, float | None], when: str) -> dict[Hashable, float]:
    answered: dict[Hashable, float] = {}
    for place, (person, score) in enumerate(scores.items()):
        if score is None or score != score:
            continue
        if not isinstance(score, int | float | np.number) or np.isinf(score):
            raise InputError(f"{when}: the score at position {place} is no number; give None where it is missing")
        answered[person] = float(score)
    return answered
