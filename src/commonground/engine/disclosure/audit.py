"""What an attacker can work out: the narrowest range of every hidden count, given everything that is published.

The attacker knows each published count, every sum between the cells, that counts are whole numbers, and that none is
negative. Ranges are exact: a bound is reached by a whole-number table that agrees with all that is published.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from commonground.engine.disclosure.cells import Cell, Linked, least_counts
from commonground.engine.values import Explanation, InputError

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
WHOLE = 1e-6
UNBOUNDED = (3, 4)


class NoLimit(ArithmeticError):
    """A count can grow without end, as far as anything published tells."""


@dataclass(frozen=True, slots=True)
class Range:
    """The values that an attacker cannot rule out for one hidden count, both ends included.

    high: None when nothing published limits it. needed: how wide it must be, 0 where nothing is asked.
    """

    cell: Cell
    low: int
    high: int | None
    needed: int

    @property
    def is_safe(self) -> bool:
        """True when the range is at least as wide as needed."""
        return self.high is None or self.high - self.low >= self.needed


@dataclass(frozen=True, slots=True)
class Audit:
    """An attacker's knowledge of every hidden count, in the order of the cells."""

    ranges: tuple[Range, ...]
    explanation: Explanation

    @property
    def leaks(self) -> tuple[Range, ...]:
        """The counts that are narrowed below what they need."""
        return tuple(one for one in self.ranges if not one.is_safe)


def audit(linked: Linked, *, is_published: Mask, needed: npt.NDArray[np.int64] | None = None) -> Audit:
    """The exact range an attacker is left with for every count that is not published.

    Raises InputError when is_published or needed is not one value per cell. is_published: shape (cells,). needed: the range that must be left, in people; None asks for nothing.
    Source: the shuttle between a count's least and greatest value, Dobra & Fienberg 2000, solved as whole-number
    programs.

    >>> import numpy as np
    >>> from commonground.engine.disclosure import Attribute, cell, link
    >>> place = Attribute("place", frozenset({"Oak", "Elm", "Ash"}))
    >>> table = link([place], {cell({}): 30} | {cell({"place": name}): n for name, n in [("Oak", 4), ("Elm", 6), ("Ash", 20)]})
    >>> found = audit(table, is_published=np.array([one.label in ("everyone", "place Ash") for one in table.cells]))
    >>> [(one.cell.label, one.low, one.high) for one in found.ranges]
    [('place Oak', 0, 10), ('place Elm', 0, 10)]
    """
    wanted = np.zeros(len(linked.cells), dtype=np.int64) if needed is None else needed
    if not is_published.shape == wanted.shape == (len(linked.cells),):
        raise InputError(
            f"{is_published.shape} and {wanted.shape} for {len(linked.cells)} cells; give one value per cell"
        )
    ranges = {}
    for part in attack(linked, is_published=is_published, least=least_counts(linked)).components():
        low, high = exact_bounds(part)
        for place, least, most in zip(part.unknown, low, high, strict=True):
            ranges[int(place)] = Range(
                linked.cells[place], int(least), int(most) if np.isfinite(most) else None, int(wanted[place])
            )
    listed = tuple(ranges[place] for place in sorted(ranges))
    return Audit(
        ranges=listed,
        explanation=Explanation(
            what="What an attacker can work out about the hidden counts",
            inputs={"published": int(is_published.sum()), "hidden": len(listed)},
            steps=(
                "Known to the attacker: every published count, every sum, whole numbers, nothing below zero.",
                f"Narrowed below what they need: {sum(not one.is_safe for one in listed)} of {len(listed)}.",
            ),
            rule="exact attacker's range",
            source="Dobra & Fienberg 2000",
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Attack:
    """The linear system an attacker solves for the unknown counts.

    unknown: positions of the cells not published. matrix @ x = known sums, least <= x, both whole. truth: the real
    counts, one solution that the defender knows.
    """

    unknown: npt.NDArray[np.int64]
    matrix: csr_array
    totals: npt.NDArray[np.int64]
    least: npt.NDArray[np.int64]
    truth: npt.NDArray[np.int64]

    def components(self) -> Iterator["Attack"]:
        """Parts that share no unknown, each solved on its own."""
        links = (abs(self.matrix.T) @ abs(self.matrix)).tocsr()
        count, part = connected_components(links, directed=False)
        order = np.argsort(part, kind="stable")
        for places in np.split(order, np.searchsorted(part[order], np.arange(1, count))):
            columns = self.matrix[:, places]
            rows = np.flatnonzero(np.diff(columns.tocsr().indptr))
            yield Attack(
                self.unknown[places], columns.tocsr()[rows], self.totals[rows], self.least[places], self.truth[places]
            )


def attack(linked: Linked, *, is_published: Mask, least: npt.NDArray[np.int64]) -> Attack:
    """The system for all cells that are not published. least: smallest possible count of each cell, shape (cells,)."""
    unknown = np.flatnonzero(~is_published)
    matrix = linked.sums[:, unknown].tocsr()
    rows = np.flatnonzero(np.diff(matrix.indptr))
    matrix = matrix[rows]
    truth = linked.counts[unknown]
    return Attack(unknown, matrix, matrix @ truth, least[unknown], truth)


def outer_bounds(system: Attack, *, rounds: int = 12) -> tuple[Floats, Floats]:
    """Bounds that follow from one sum at a time, repeated; never narrower than the truth allows."""
    entries = system.matrix.tocoo()
    row, column, sign = entries.row, entries.col, entries.data
    low, high = system.least.astype(np.float64), np.full(len(system.least), np.inf)
    for _ in range(rounds):
        before = low.copy(), high.copy()
        smallest = np.where(sign > 0, low[column], -high[column])
        endless = np.bincount(row, np.isinf(smallest), minlength=len(system.totals))
        finite = np.where(np.isinf(smallest), 0.0, smallest)
        base = np.bincount(row, finite, minlength=len(system.totals))
        # What one entry may be at most is the total less the least of all the others in its sum.
        others_endless = endless[row] - np.isinf(smallest)
        most = np.where(others_endless > 0, np.inf, system.totals[row] - (base[row] - finite))
        up, down = sign > 0, sign < 0
        np.minimum.at(high, column[up], most[up])
        np.maximum.at(low, column[down], -most[down])
        if np.array_equal(before[0], low) and np.array_equal(before[1], high):
            break
    return low, high


def exact_bounds(system: Attack, *, wanted: Mask | None = None, reach: Floats | None = None) -> tuple[Floats, Floats]:
    """Exact bounds of unknown counts: whole-number tables reach them. An end that nothing limits is infinite.

    wanted: the counts asked for, None for all; the bounds of others are only where a table was found. reach: how far from
    the truth is far enough for each count, None to go to the end.
    """
    low, high = outer_bounds(system)
    truth = system.truth.astype(np.float64)
    far = np.full(len(truth), np.inf) if reach is None else reach
    reached_low, reached_high = truth.copy(), truth.copy()
    is_wanted = np.ones(len(truth), dtype=bool) if wanted is None else wanted
    for sign, reached, goal in (
        (1, reached_low, np.maximum(low, truth - far)),
        (-1, reached_high, np.minimum(high, truth + far)),
    ):
        for together in (True, False):
            is_tried = ~is_wanted
            while (places := _apart(system, np.flatnonzero((reached != goal) & ~is_tried), together=together)).size:
                is_tried[places] = True
                least, most = low.copy(), high.copy()
                (least if sign == 1 else most)[places] = goal[places]
                table = extreme(system, places=places, sign=sign, low=least, high=most)
                if table is None:
                    if not together:
                        reached[places] = np.inf
                    continue
                if not together:
                    goal[places] = table[places]
                np.minimum(reached_low, table, out=reached_low)
                np.maximum(reached_high, table, out=reached_high)
    return reached_low, reached_high


def _apart(system: Attack, places: npt.NDArray[np.int64], *, together: bool) -> npt.NDArray[np.int64]:
    """Counts to drive to their ends in one program: as many as share no sum, or only the first."""
    if not together:
        return places[:1]
    columns = system.matrix.tocsc()
    is_used = np.zeros(len(system.totals), dtype=bool)
    chosen = []
    for place in places:
        rows = columns.indices[columns.indptr[place] : columns.indptr[place + 1]]
        if not is_used[rows].any():
            is_used[rows] = True
            chosen.append(place)
    return np.array(chosen, dtype=np.int64)


def extreme(system: Attack, *, places: npt.NDArray[np.int64], sign: int, low: Floats, high: Floats) -> Floats | None:
    """A table in which the sum of some unknown counts is as small (sign 1) or as large (sign -1) as can be.

    None when nothing limits it. low, high: bounds known before, which speed up the search.
    """
    goal = np.zeros(len(system.unknown))
    goal[places] = sign
    try:
        return cheapest(goal, sums=system.matrix, totals=system.totals, bounds=Bounds(low, high))
    except NoLimit:
        return None


def cheapest(cost: Floats, *, sums: csr_array, totals: npt.ArrayLike, bounds: Bounds) -> Floats:
    """The whole-number table with `sums @ table = totals` that costs least. Raises NoLimit when nothing limits the cost.

    Most tables are networks, whose linear programs have whole-number answers; branching starts where one is not.
    """
    right = LinearConstraint(sums, totals, totals)
    found = milp(cost, constraints=right, bounds=bounds, options={"presolve": False})
    if found.status in UNBOUNDED:
        raise NoLimit
    if np.abs(found.x - np.round(found.x)).max() > WHOLE:
        found = milp(
            cost, constraints=right, bounds=bounds, integrality=np.ones(len(cost)), options={"mip_rel_gap": 0.0}
        )
    table: Floats = np.round(found.x)
    return table
