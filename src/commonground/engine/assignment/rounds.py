"""Seats given by rounds of choices, and by each program for itself."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commonground.engine.assignment.certificate import FEASIBLE, certify
from commonground.engine.assignment.choice import choose
from commonground.engine.assignment.kernels import NO_ONE, seat_in_order
from commonground.engine.assignment.lottery import checked_lottery, priority_keys
from commonground.engine.assignment.market import Market
from commonground.engine.assignment.outcome import Assignment
from commonground.engine.assignment.programs import Program
from commonground.engine.values import Explanation, InputError


def immediate_acceptance(market: Market, lottery: ArrayLike | None = None) -> Assignment:
    """Round by round, each program gives the seats it has left to those who ask in that round, for good.

    Also called the Boston mechanism. It rewards families who list a safe program first and punishes the truthful;
    it is here to compare with. Seats that return to the open ones do so in the first round.
    lottery: as in `deferred_acceptance`. Raises InputError for ties and for programs that choose as a whole.
    Source: Abdulkadiroğlu & Sönmez 2003; Ergin & Sönmez 2006.

    >>> from commonground.engine.assignment import Program, build_market
    >>> market = build_market([Program("arts", 1), Program("stem", 1)], [[0, 1], [0, 1], [1, 0]])
    >>> immediate_acceptance(market, [0, 1, 2]).position.tolist()
    [0, -1, 0]
    """
    for program in market.programs:
        if program.rule != "seat blocks":
            raise InputError(
                f"program {program.name!r} chooses by {program.rule}; immediate acceptance needs seat blocks"
            )
    numbers = checked_lottery(market, lottery)
    keys = priority_keys(market, numbers)
    remaining = list(market.programs)
    position = np.full(market.applicant_count, -1, np.int32)
    for round_number in range(market.choice_count):
        is_asking = (position < 0) & (market.choices[:, round_number] >= 0) & (market.classes[:, round_number] >= 0)
        rows = np.flatnonzero(is_asking)
        asked = market.choices[rows, round_number]
        for number in np.unique(asked).tolist():
            here = rows[asked == number]
            members = market.members[here, round_number].tolist()
            seats = choose(remaining[number], keys[here, round_number].tolist(), members)
            position[[who for who, seat in zip(here, seats, strict=True) if seat >= 0]] = round_number
            remaining[number] = _after(remaining[number], seats)
    certificate = certify(market, numbers, position, promises=FEASIBLE)
    return Assignment(
        mechanism="immediate acceptance",
        market=market,
        lottery=numbers,
        position=position,
        certificate=certificate,
        explanation=Explanation(
            what=f"Seats by immediate acceptance: {int((position >= 0).sum())} of {market.applicant_count} placed",
            inputs={"applicants": market.applicant_count, "programs": len(market.programs)},
            steps=tuple(
                f"choice {choice + 1}: {int((position == choice).sum())} placed"
                for choice in range(market.choice_count)
            ),
            rule="immediate acceptance",
            source="Abdulkadiroğlu & Sönmez 2003",
        ),
    )


def _after(program: Program, seats: list[int]) -> Program:
    """The program with the seats that are left. Returned seats that were used are taken off the last reserves first."""
    left = [block.seats - seats.count(number) for number, block in enumerate(program.blocks)]
    for number in range(len(left) - 2, -1, -1):
        block = program.blocks[number]
        if left[-1] < 0 and block.reserved_for is not None and block.unfilled == "open":
            moved = min(left[number], -left[-1])
            left[number], left[-1] = left[number] - moved, left[-1] + moved
    blocks = tuple(replace(block, seats=room) for block, room in zip(program.blocks, left, strict=True))
    return replace(program, capacity=sum(left), blocks=blocks)


@dataclass(frozen=True, slots=True, eq=False)
class Offers:
    """What each program offers on its own.

    block: the seat block each applicant is offered at each choice, shape (applicants, choices), -1 for no offer.
    assignment: what happens when every family takes its best offer; the seats it gives back go to the waitlists.
    """

    block: NDArray[np.int8]
    assignment: Assignment


def independent_lotteries(market: Market, lottery: ArrayLike) -> Offers:
    """Every program fills its seat blocks from everyone who asks for it, whatever else they ask for.

    One family may hold several offers and another none: the reason to prefer one common assignment.
    lottery: as in `deferred_acceptance`. Raises InputError for ties.

    >>> from commonground.engine.assignment import Program, build_market
    >>> offers = independent_lotteries(build_market([Program("arts", 1), Program("stem", 1)], [[0, 1], [0, 1]]), [0, 1])
    >>> offers.block.tolist()
    [[0, 0], [-1, -1]]
    """
    numbers = checked_lottery(market, lottery)
    keys = priority_keys(market, numbers)
    rows, columns = np.nonzero((market.choices >= 0) & (market.classes >= 0))
    program = market.choices[rows, columns]
    order = np.lexsort((keys[rows, columns], program))
    starts = np.concatenate([[0], np.cumsum(np.bincount(program, minlength=len(market.programs)))]).astype(np.int64)
    layout = market.layout
    members = market.members[rows, columns].astype(np.int64)
    seat = np.full(len(rows), -1, np.int8)
    cutoff = np.full(len(layout.seats), NO_ONE, np.int64)
    seat_in_order(
        order, starts, keys[rows, columns][order], members[order], layout.first, layout.seats, layout.kind, seat, cutoff
    )
    for number, offering in enumerate(market.programs):
        if offering.rule != "seat blocks":
            here = order[starts[number] : starts[number + 1]]
            seat[here] = choose(offering, keys[rows[here], columns[here]].tolist(), members[here].tolist())
    block = np.full(market.choices.shape, -1, np.int8)
    block[rows, columns] = seat
    has_offer = block >= 0
    position = np.where(has_offer.any(axis=1), has_offer.argmax(axis=1), -1).astype(np.int32)
    certificate = certify(market, numbers, position, promises=FEASIBLE)
    explanation = Explanation(
        what=f"Each program by itself: {int(has_offer.sum())} offers to {int(has_offer.any(axis=1).sum())} applicants",
        inputs={"applicants": market.applicant_count, "programs": len(market.programs)},
        steps=(f"{int((has_offer.sum(axis=1) > 1).sum())} applicants hold more than one offer",),
        rule="independent lotteries",
    )
    return Offers(block, Assignment("independent lotteries", market, numbers, position, certificate, explanation))
