"""How likely each applicant is to get each choice before the lottery is drawn."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from commonground.engine.assignment.deferred import run_proposals, workspace
from commonground.engine.assignment.lottery import draw_numbers
from commonground.engine.assignment.market import Market
from commonground.engine.values import Explanation, InputError, Interval

MOST_ORDERS = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Chances:
    """Admission chances from many draws.

    count: in how many draws each applicant got each choice, shape (applicants, choices + 1); the last column counts
    the draws with no place. draws: how many were made.
    """

    count: NDArray[np.int32]
    draws: int
    explanation: Explanation

    @property
    def share(self) -> NDArray[np.float64]:
        """Count over draws, same shape."""
        return self.count / self.draws

    def interval(self, applicant: int, choice: int, *, confidence: float = 0.95) -> Interval:
        """Wilson's interval for the true chance. choice: -1 for no place. Source: Wilson 1927."""
        from scipy.stats import norm

        z, share = float(norm.ppf((1 + confidence) / 2)), float(self.share[applicant, choice])
        middle = (share + z * z / (2 * self.draws)) / (1 + z * z / self.draws)
        spread = z * (share * (1 - share) / self.draws + z * z / (4 * self.draws**2)) ** 0.5 / (1 + z * z / self.draws)
        return Interval(max(0.0, middle - spread), min(1.0, middle + spread), confidence)


def admission_chances(market: Market, *, draws: int, seed: int, threads: int = 1, is_multiple: bool = False) -> Chances:
    """Chances under deferred acceptance, by drawing the lottery many times.

    Draw number d always uses the numbers of (seed, d), and only whole counts are added: the answer has the same bits
    for any number of threads. The standard error is at most 0.5 / sqrt(draws): 1.6 points at 1,000, 0.5 at 10,000.
    is_multiple: every program draws its own numbers. threads: at least 1. Raises InputError below one draw or thread.

    >>> from commonground.engine.assignment import Program, build_market
    >>> chances = admission_chances(build_market([Program("arts", 1)], [[0], [0]]), draws=100, seed=1)
    >>> int(chances.count[:, 0].sum())
    100
    """
    if draws < 1 or threads < 1:
        raise InputError(f"{draws} draws on {threads} threads; give at least 1 of each")
    ranks = market.choice_count

    def count_draws(part: int) -> NDArray[np.int32]:
        space = workspace(market)
        cells = np.zeros(market.applicant_count * (ranks + 1), np.int32)
        first_cell = np.arange(market.applicant_count) * (ranks + 1)
        for draw in range(part, draws, threads):
            lottery = draw_numbers(market, seed=seed, draw=draw, is_multiple=is_multiple)
            run_proposals(market, lottery, space)
            cells[first_cell + space.position] += 1
        return cells.reshape(market.applicant_count, ranks + 1)

    with ThreadPoolExecutor(threads) as pool:
        count = sum(pool.map(count_draws, range(threads)), np.zeros((market.applicant_count, ranks + 1), np.int32))
    return Chances(
        count,
        draws,
        Explanation(
            what=f"Admission chances from {draws} lottery draws",
            inputs={"applicants": market.applicant_count, "programs": len(market.programs), "draws": draws},
            steps=(f"standard error of each share at most {0.5 / draws**0.5:.4f}",),
            rule="deferred acceptance, redrawn",
            source="Abdulkadiroğlu, Angrist, Narita & Pathak 2017",
            seed=seed,
        ),
    )


@dataclass(frozen=True, slots=True)
class ExactChances:
    """Exact admission chances. share[applicant][choice], the last entry for no place. orders: lottery orders tried."""

    share: tuple[tuple[Fraction, ...], ...]
    orders: int
    explanation: Explanation


def exact_admission_chances(market: Market) -> ExactChances:
    """Chances under one common lottery as exact fractions, by running every lottery order (families draw together).

    Raises InputError above 50,000 orders (eight applicants or families): draw instead.

    >>> from commonground.engine.assignment import Program, build_market
    >>> exact_admission_chances(build_market([Program("arts", 1)], [[0], [0]])).share[0]
    (Fraction(1, 2), Fraction(1, 2))
    """
    families = np.arange(market.applicant_count) if market.families is None else market.families
    _, family = np.unique(families, return_inverse=True)
    units = int(family.max()) + 1 if len(family) else 0
    orders = factorial(units)
    if orders > MOST_ORDERS:
        raise InputError(f"{units} applicants have {orders} lottery orders; use admission_chances above {MOST_ORDERS}")
    space = workspace(market)
    count = np.zeros((market.applicant_count, market.choice_count + 1), np.int64)
    everyone = np.arange(market.applicant_count)
    for drawn in permutations(range(units)):
        order = np.argsort(np.array(drawn, np.int64)[family], kind="stable")
        lottery = np.empty((market.applicant_count, 1), np.int32)
        lottery[order, 0] = everyone
        run_proposals(market, lottery, space)
        count[everyone, space.position] += 1
    return ExactChances(
        tuple(tuple(Fraction(int(cell), orders) for cell in row) for row in count),
        orders,
        Explanation(
            what="Exact admission chances",
            inputs={"applicants": market.applicant_count, "lottery orders": orders},
            rule="deferred acceptance, every order",
            source="Abdulkadiroğlu, Angrist, Narita & Pathak 2017",
        ),
    )
