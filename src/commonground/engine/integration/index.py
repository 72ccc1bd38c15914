"""What every index of integration has in common: a formula on a table, and an answer that explains itself."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from commonground.engine.integration.counts import Floats, checked_counts, described, table_lines
from commonground.engine.values import Explanation, NotCalculated, Result


@dataclass(frozen=True, slots=True)
class Index:
    """One way to say in a number how evenly groups are spread over units.

    kernel: the formula, from tables of shape (..., units, groups) to values of shape (...); nan where undefined.
    undefined: why the value is undefined when it is. groups: the exact number of columns, None for any.
    perfect: the value when no two groups share a unit, where that is always the same; None where it is not.
    """

    name: str
    what: str
    formula: str
    source: str
    undefined: str
    kernel: Callable[[Floats], Floats]
    groups: int | None = None
    perfect: float | None = 1.0


def measure(units_by_groups: ArrayLike, index: Index) -> Result:
    """The value of an index on one table, shape (units, groups), with its explanation.

    Not calculated, with the reason, where the index is undefined. Raises InputError for a table that is none.

    >>> from commonground.engine.integration import DISSIMILARITY
    >>> measure([[10, 0], [0, 10]], DISSIMILARITY).value
    1.0
    """
    counts = checked_counts(units_by_groups, groups=index.groups)
    return explained(counts, index, float(index.kernel(counts)))


def explained(counts: Floats, index: Index, value: float) -> Result:
    """A value of an index as a result."""
    is_known = bool(np.isfinite(value))
    last = f"{index.name} = {value:.10g}" if is_known else f"not calculated: {index.undefined}"
    explanation = Explanation(
        what=index.what,
        inputs=described(counts),
        steps=(*table_lines(counts), index.formula, last),
        rule=index.name,
        source=index.source,
    )
    if is_known:
        return Result(value, explanation)
    return Result(None, explanation, not_calculated=NotCalculated(index.undefined))
