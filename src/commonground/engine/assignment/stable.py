"""All stable assignments of a small market, and the one that programs like best."""

from collections.abc import Iterator
from itertools import product
from math import prod

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commonground.engine.assignment.certificate import STABLE, certify
from commonground.engine.assignment.choice import choose
from commonground.engine.assignment.deferred import deferred_acceptance
from commonground.engine.assignment.lottery import checked_lottery, priority_keys
from commonground.engine.assignment.market import Market
from commonground.engine.assignment.outcome import Assignment
from commonground.engine.values import Explanation, InputError

MOST_CANDIDATES = 200_000


def program_proposing(market: Market, lottery: ArrayLike | None = None) -> Assignment:
    """The stable assignment that every applicant likes least: programs offer, families hold their best offer.

    It is where independent lotteries with rolling offers end when every family always trades up.
    lottery: as in `deferred_acceptance`. Raises InputError for ties.
    Source: Gale & Shapley 1962; Roth & Sotomayor 1990.

    >>> from commonground.engine.assignment import Applicant, Program, market_of
    >>> people = [Applicant("a", ("x", "y"), classes={"x": 1}), Applicant("b", ("y", "x"), classes={"y": 1})]
    >>> program_proposing(market_of(people, [Program("x", 1), Program("y", 1)])).by_name
    {'a': 'y', 'b': 'x'}
    """
    numbers = checked_lottery(market, lottery)
    keys = priority_keys(market, numbers)
    is_possible = (market.choices >= 0) & (market.classes >= 0)
    while True:
        offered = np.zeros(market.choices.shape, bool)
        for number, program in enumerate(market.programs):
            rows, columns = np.nonzero((market.choices == number) & is_possible)
            seats = np.array(choose(program, keys[rows, columns].tolist(), market.members[rows, columns].tolist()), int)
            offered[rows[seats >= 0], columns[seats >= 0]] = True
        best = np.where(offered.any(axis=1), offered.argmax(axis=1), market.choice_count)
        turned_down = offered & (np.arange(market.choice_count) > best[:, None])
        if not turned_down.any():
            break
        is_possible &= ~turned_down
    position = np.where(best < market.choice_count, best, -1).astype(np.int32)
    certificate = certify(market, numbers, position, promises=STABLE)
    explanation = Explanation(
        what="The stable assignment that programs like best",
        inputs={"applicants": market.applicant_count, "programs": len(market.programs)},
        rule="program-proposing deferred acceptance",
        source="Gale & Shapley 1962",
    )
    return Assignment("program-proposing deferred acceptance", market, numbers, position, certificate, explanation)


def stable_assignments(market: Market, lottery: ArrayLike | None = None) -> tuple[NDArray[np.int32], ...]:
    """Every stable assignment of a small market, as choices held (-1 for none), the applicants' best one first.

    In each of them an applicant's place lies between the best and the worst stable one (Blair 1988): only those are
    tried. lottery: as in `deferred_acceptance`. Raises InputError when that leaves more than 200,000 candidates.

    >>> from commonground.engine.assignment import Program, build_market
    >>> [held.tolist() for held in stable_assignments(build_market([Program("x", 1)], [[0], [0]]), [1, 0])]
    [[-1, 0]]
    """
    best = deferred_acceptance(market, lottery)
    worst = program_proposing(market, lottery)
    spans = [
        range(low, (high if high >= 0 else market.choice_count) + 1) if low >= 0 else range(-1, 0)
        for low, high in zip(best.position.tolist(), worst.position.tolist(), strict=True)
    ]
    if prod(len(span) for span in spans) > MOST_CANDIDATES:
        raise InputError(
            f"more than {MOST_CANDIDATES} candidates; stable assignments are listed for small markets only"
        )
    return tuple(_stable_among(market, best.lottery, spans))


def _stable_among(market: Market, lottery: NDArray[np.int32], spans: list[range]) -> Iterator[NDArray[np.int32]]:
    for candidate in product(*spans):
        position = np.array([choice if choice < market.choice_count else -1 for choice in candidate], np.int32)
        is_real = (position < 0) | (market.choices[np.arange(len(position)), np.maximum(position, 0)] >= 0)
        if is_real.all() and certify(market, lottery, position).holds:
            yield position
