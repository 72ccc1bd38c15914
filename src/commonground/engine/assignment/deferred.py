"""Student-proposing deferred acceptance, and serial dictatorship as its case without priorities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commonground.engine.assignment.certificate import EFFICIENT, STABLE, certify
from commonground.engine.assignment.choice import choose
from commonground.engine.assignment.kernels import propose
from commonground.engine.assignment.lottery import checked_lottery, priority_keys
from commonground.engine.assignment.market import Market
from commonground.engine.assignment.outcome import Assignment
from commonground.engine.values import Explanation, InputError


@dataclass(slots=True)
class Workspace:
    """What one run of deferred acceptance writes into; kept between the many draws of a simulation."""

    position: NDArray[np.int32]
    block_of: NDArray[np.int8]
    keys: NDArray[np.int64]
    who: NDArray[np.int32]
    count: NDArray[np.int32]
    limit: NDArray[np.int32]


def workspace(market: Market) -> Workspace:
    """Fresh working space for a market."""
    seats, blocks, applicants = int(market.layout.start[-1]), len(market.layout.seats), market.applicant_count
    return Workspace(
        position=np.zeros(applicants, np.int32),
        block_of=np.zeros(applicants, np.int8),
        keys=np.zeros(seats, np.int64),
        who=np.zeros(seats, np.int32),
        count=np.zeros(blocks, np.int32),
        limit=np.zeros(blocks, np.int32),
    )


def run_proposals(market: Market, lottery: NDArray[np.int32], space: Workspace) -> int:
    """Run the compiled loop once; `space.position` then holds the outcome. Returns the number of proposals."""
    layout = market.layout
    return int(
        propose(
            market.choices,
            market.classes,
            market.members,
            lottery,
            layout.rule,
            layout.capacity,
            layout.first,
            layout.seats,
            layout.kind,
            layout.start,
            space.position,
            space.block_of,
            space.keys,
            space.who,
            space.count,
            space.limit,
        )
    )


def deferred_acceptance(market: Market, lottery: ArrayLike | None = None) -> Assignment:
    """The stable assignment that every applicant likes at least as well as any other stable one.

    lottery: numbers, smaller is better, one per applicant or one per applicant and choice; None only where the
    priority classes leave no tie. It is safe for every family to rank programs in the order in which it wants them.
    Raises InputError for ties and wrong shapes.
    Source: Gale & Shapley 1962; Abdulkadiroğlu & Sönmez 2003; seat blocks: Kominers & Sönmez 2016.

    >>> from commonground.engine.assignment import Applicant, Program, market_of
    >>> people = [Applicant("a", ("arts", "stem")), Applicant("b", ("arts",))]
    >>> deferred_acceptance(market_of(people, [Program("arts", 1), Program("stem", 1)]), [1, 0]).by_name
    {'a': 'stem', 'b': 'arts'}
    """
    numbers = checked_lottery(market, lottery)
    return _run(market, numbers, mechanism="deferred acceptance", promises=STABLE)


def serial_dictatorship(market: Market, lottery: ArrayLike) -> Assignment:
    """Everyone in lottery order takes the best program that still has a seat they may use; classes are ignored.

    With reserved seats each block is filled in lottery order. lottery: shape (applicants,), smaller is better. Raises InputError when there is a number per program.
    Source: Svensson 1999 (random order: Abdulkadiroğlu & Sönmez 1998).

    >>> from commonground.engine.assignment import Program, build_market
    >>> serial_dictatorship(build_market([Program("arts", 1)], [[0], [0]]), [1, 0]).position.tolist()
    [-1, 0]
    """
    if np.ndim(lottery) != 1 and np.shape(lottery)[1:] != (1,):
        raise InputError("serial dictatorship has one order for all programs; give one lottery number per applicant")
    equal = market.with_classes(np.minimum(market.classes, 0))
    promises = STABLE | EFFICIENT if all(len(p.blocks) == 1 for p in market.programs) else STABLE
    return _run(equal, checked_lottery(equal, lottery), mechanism="serial dictatorship", promises=promises)


def _run(market: Market, lottery: NDArray[np.int32], *, mechanism: str, promises: frozenset[str]) -> Assignment:
    space = workspace(market)
    proposals = run_proposals(market, lottery, space)
    position = np.where(space.position < market.choice_count, space.position, -1).astype(np.int32)
    del space  # a tenth of the memory of a large run, not needed by the check
    certificate = certify(market, lottery, position, promises=promises)
    return Assignment(
        mechanism=mechanism,
        market=market,
        lottery=lottery,
        position=position,
        certificate=certificate,
        explanation=Explanation(
            what=f"Seats by {mechanism}: {int((position >= 0).sum())} of {market.applicant_count} applicants placed",
            inputs={
                "applicants": market.applicant_count,
                "programs": len(market.programs),
                "seats": int(market.layout.capacity.sum()),
                "lottery": "one number per applicant" if lottery.shape[1] == 1 else "one number per program",
            },
            steps=(
                f"{proposals} proposals were made",
                *(f"{c.name}: {'holds' if c.holds else 'does not hold'} ({c.detail})" for c in certificate.checks),
            ),
            rule=mechanism,
            source="Gale & Shapley 1962; Abdulkadiroğlu & Sönmez 2003",
        ),
    )


def deferred_acceptance_in_numpy(market: Market, lottery: NDArray[np.int32]) -> NDArray[np.int32]:
    """The same outcome by its definition: in rounds, every program choosing again among all who ever asked.

    Returns the choice held per applicant, -1 for none.
    """
    keys = priority_keys(market, lottery)
    at = np.zeros(market.applicant_count, np.int64)
    while True:
        is_asking = at < market.choice_count
        asked = np.full(market.applicant_count, -1)
        asked[is_asking] = market.choices[is_asking, at[is_asking]]
        at[asked < 0] = market.choice_count
        refused: list[int] = []
        for number, program in enumerate(market.programs):
            here = np.flatnonzero(asked == number)
            here_keys = [int(key) for key in keys[here, at[here]]]
            refused += [int(who) for who, key in zip(here, here_keys, strict=True) if key < 0]
            able = [(int(who), key) for who, key in zip(here, here_keys, strict=True) if key >= 0]
            members = [int(market.members[who, at[who]]) for who, _ in able]
            seats = choose(program, [key for _, key in able], members)
            refused += [who for (who, _), seat in zip(able, seats, strict=True) if seat < 0]
        if not refused:
            return np.where(at < market.choice_count, at, -1).astype(np.int32)
        at[refused] += 1
