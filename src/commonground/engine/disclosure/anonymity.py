"""Row exports in which nobody stands alone: k-anonymity and l-diversity, by coarser values and by leaving rows out."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from commonground.engine.values import Explanation, InputError

Row = Mapping[str, Any]
Coarser = Callable[[Any], Hashable]


@dataclass(frozen=True, slots=True)
class Anonymity:
    """How well the rows of a table hide in each other.

    k: rows in the smallest class of equal quasi-identifiers, 0 without rows. diversity: fewest different values of the
    sensitive column in a class, None when there is no such column. exposed: positions of rows in classes that are too
    small or too alike.
    """

    k: int
    diversity: int | None
    exposed: tuple[int, ...]
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class AnonymousRows:
    """Rows that may be exported.

    rows: with coarsened quasi-identifiers, in their order. left_out: positions of rows that would stand out.
    steps: how many steps of its ladder each column was coarsened.
    """

    rows: tuple[dict[str, Any], ...]
    left_out: tuple[int, ...]
    steps: Mapping[str, int]
    explanation: Explanation


def anonymity(
    rows: Sequence[Row],
    *,
    quasi_identifiers: Sequence[str],
    k: int = 10,
    sensitive: str | None = None,
    diversity: int = 2,
) -> Anonymity:
    """How many rows share each combination of what others may know.

    quasi_identifiers: columns that someone could know about a child. sensitive: a column nobody should learn; each
    class then needs `diversity` different values of it. Raises InputError for a missing column, no column, or k or diversity below 1.
    Source: Sweeney 2002; Machanavajjhala et al. 2007.

    >>> rows = [{"grade": "6"}, {"grade": "6"}, {"grade": "7"}]
    >>> anonymity(rows, quasi_identifiers=["grade"], k=2).exposed
    (2,)
    """
    _check(rows, [*quasi_identifiers, *([sensitive] if sensitive else [])], k)
    if diversity < 1:
        raise InputError(f"diversity is {diversity}; give the least number of different values, 1 or more")
    classes = _classes(rows, quasi_identifiers)
    exposed = [
        place
        for places in classes.values()
        if len(places) < k or (sensitive and len({rows[place][sensitive] for place in places}) < diversity)
        for place in places
    ]
    smallest = min(map(len, classes.values()), default=0)
    alike = [len({rows[place][sensitive] for place in places}) for places in classes.values()] if sensitive else []
    return Anonymity(
        k=smallest,
        diversity=min(alike, default=None),
        exposed=tuple(sorted(exposed)),
        explanation=Explanation(
            what="Does anybody stand out in these rows?",
            inputs={"rows": len(rows), "columns": ", ".join(quasi_identifiers), "k": k},
            steps=(
                f"{len(rows)} rows fall into {len(classes)} classes of equal {', '.join(quasi_identifiers)}.",
                f"The smallest has {smallest}; at least {k} are asked for.",
                f"Rows that stand out: {len(exposed)}.",
            ),
            rule=f"k-anonymity, k = {k}" + (f", {diversity}-diverse in {sensitive}" if sensitive else ""),
            source="Sweeney 2002; Machanavajjhala et al. 2007",
        ),
    )


def anonymous_rows(
    rows: Sequence[Row],
    *,
    ladders: Mapping[str, Sequence[Coarser]],
    k: int = 10,
    sensitive: str | None = None,
    diversity: int = 2,
    most_left_out: float = 0.05,
) -> AnonymousRows:
    """The rows with the fewest coarsening steps that leave out no more than a share of them.

    ladders: for every quasi-identifier the steps that make its value coarser, each applied to the original value;
    empty for a column that stays as it is. most_left_out: share of the rows, 0 to 1. With every step taken and still
    too many rows to leave out, the coarsest table is returned with all rows that stand out left out.
    Raises InputError as `anonymity` does, and for a share outside 0 to 1.
    Source: full-domain generalization, Samarati 2001.

    >>> rows = [{"age": 11}, {"age": 12}, {"age": 12}, {"age": 13}]
    >>> decade = lambda age: f"{age // 10}0s"
    >>> anonymous_rows(rows, ladders={"age": [decade]}, k=3).rows[0]
    {'age': '10s'}
    """
    if not 0 <= most_left_out <= 1:
        raise InputError(f"most_left_out is {most_left_out}; give a share between 0 and 1")
    columns = list(ladders)
    _check(rows, columns, k)
    heights = product(*(range(len(ladder) + 1) for ladder in ladders.values()))
    for steps in sorted(heights, key=lambda taken: (sum(taken), taken)):
        coarse = [_coarsened(row, ladders, steps) for row in rows]
        found = anonymity(coarse, quasi_identifiers=columns, k=k, sensitive=sensitive, diversity=diversity)
        if len(found.exposed) <= most_left_out * len(rows):
            break
    left_out = set(found.exposed)
    return AnonymousRows(
        rows=tuple(row for place, row in enumerate(coarse) if place not in left_out),
        left_out=found.exposed,
        steps=dict(zip(columns, steps, strict=True)),
        explanation=Explanation(
            what="Rows in which nobody stands out",
            inputs={"rows": len(rows), "k": k, "most left out": most_left_out},
            steps=(
                *(
                    f"{column}: {taken} of {len(ladders[column])} steps coarser."
                    for column, taken in zip(columns, steps, strict=True)
                ),
                f"Left out because they would still stand out: {len(left_out)} of {len(rows)} rows.",
            ),
            rule=found.explanation.rule,
            source="Samarati 2001",
        ),
    )


def _classes(rows: Sequence[Row], columns: Sequence[str]) -> dict[tuple[Any, ...], list[int]]:
    classes: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        classes[tuple(row[column] for column in columns)].append(place)
    return classes


def _coarsened(row: Row, ladders: Mapping[str, Sequence[Coarser]], steps: Sequence[int]) -> dict[str, Any]:
    coarse = dict(row)
    for (column, ladder), taken in zip(ladders.items(), steps, strict=True):
        if taken:
            coarse[column] = ladder[taken - 1](row[column])
    return coarse


def _check(rows: Sequence[Row], columns: Sequence[str], k: int) -> None:
    if k < 1:
        raise InputError(f"k is {k}; give the least number of rows that must look alike, 1 or more")
    if not columns:
        raise InputError("no quasi-identifier is named: list the columns that someone could know about a child")
    for place, row in enumerate(rows):
        missing = [column for column in columns if column not in row]
        if missing:
            raise InputError(f"row {place} has no {', '.join(missing)}")
