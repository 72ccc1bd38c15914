"""A small whole-number program, built column by column and solved with a proven bound."""

from collections.abc import Mapping

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

CLOSE = 1e-6
TIME_IS_UP = 1


class OutOfTime(RuntimeError):
    """No answer was found in the time allowed, and none was ruled out. Allow more seconds."""


class Program:
    """Whole-number columns with a cost each, and rows that bound sums of them."""

    def __init__(self) -> None:
        self.costs: list[float] = []
        self.most: list[float] = []
        self.rows: list[Mapping[int, int]] = []
        self.least_sums: list[float] = []
        self.most_sums: list[float] = []

    def add(self, cost: int, *, most: int = 1) -> int:
        """A new column from 0 to `most`; returns its number."""
        self.costs.append(cost)
        self.most.append(most)
        return len(self.costs) - 1

    def require(self, row: Mapping[int, int], *, least: float = -np.inf, most: float = np.inf) -> None:
        """The sum of columns, each times its number, lies between least and most."""
        self.rows.append(row)
        self.least_sums.append(least)
        self.most_sums.append(most)

    def solve(self, *, seconds: float) -> tuple[list[int], int] | None:
        """The cheapest values found in time and the least any answer can cost; None when there is no answer.

        Raises OutOfTime when nothing was found and nothing ruled out.
        """
        entries = [(place, column, times) for place, row in enumerate(self.rows) for column, times in row.items()]
        places, columns, times = zip(*entries, strict=True)
        table = csr_array((np.array(times, dtype=np.float64), (places, columns)), (len(self.rows), len(self.costs)))
        found = milp(
            self.costs,
            constraints=LinearConstraint(table, self.least_sums, self.most_sums),
            bounds=Bounds(0, self.most),
            integrality=np.ones(len(self.costs)),
            options={"time_limit": seconds, "mip_rel_gap": 0.0},
        )
        if found.x is None and found.status == TIME_IS_UP:
            raise OutOfTime(f"nothing was found in {seconds:g} seconds and nothing ruled out; allow more time")
        if found.x is None:
            return None
        return [round(value) for value in found.x], int(np.ceil(found.mip_dual_bound - CLOSE))
