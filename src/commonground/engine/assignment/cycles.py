"""Top trading cycles: priorities are traded until no one can gain without harm to another."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commonground.engine.assignment.certificate import EFFICIENT, certify
from commonground.engine.assignment.kernels import trade
from commonground.engine.assignment.lottery import checked_lottery, priority_keys
from commonground.engine.assignment.market import Market
from commonground.engine.assignment.outcome import Assignment
from commonground.engine.values import Explanation, InputError


def top_trading_cycles(market: Market, lottery: ArrayLike | None = None) -> Assignment:
    """The efficient assignment in which every ring of program → its best applicant → that applicant's best program trades.

    A program points only at applicants who list it. No one can gain from ranking untruthfully; someone may be passed
    over at a program where that applicant's priority was higher (see the certificate).
    lottery: as in `deferred_acceptance`. Raises InputError for ties, and for programs with more than one block: trading reserved seats is not defined here.
    Source: Shapley & Scarf 1974; Abdulkadiroğlu & Sönmez 2003.

    >>> from commonground.engine.assignment import Applicant, Program, market_of
    >>> people = [Applicant("a", ("stem", "arts"), classes={"stem": 1}), Applicant("b", ("arts", "stem"), classes={"arts": 1})]
    >>> top_trading_cycles(market_of(people, [Program("arts", 1), Program("stem", 1)])).by_name
    {'a': 'stem', 'b': 'arts'}
    """
    for program in market.programs:
        if program.rule != "seat blocks" or len(program.blocks) > 1:
            raise InputError(
                f"program {program.name!r} has reserved seats; trading cycles are defined for open seats: "
                "use deferred acceptance, or drop the reserves"
            )
    numbers = checked_lottery(market, lottery)
    starts, applicants = _lists(market, numbers)
    position = np.zeros(market.applicant_count, np.int32)
    trade(market.choices, market.classes, market.layout.capacity, starts, applicants, position)
    position = np.where(position < market.choice_count, position, -1).astype(np.int32)
    certificate = certify(market, numbers, position, promises=EFFICIENT)
    return Assignment(
        mechanism="top trading cycles",
        market=market,
        lottery=numbers,
        position=position,
        certificate=certificate,
        explanation=Explanation(
            what=f"Seats by trading cycles: {int((position >= 0).sum())} of {market.applicant_count} applicants placed",
            inputs={"applicants": market.applicant_count, "programs": len(market.programs)},
            steps=tuple(
                f"{c.name}: {'holds' if c.holds else 'does not hold'} ({c.detail})" for c in certificate.checks
            ),
            rule="top trading cycles",
            source="Shapley & Scarf 1974; Abdulkadiroğlu & Sönmez 2003",
        ),
    )


def _lists(market: Market, lottery: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Those who ask for each program, best priority first, in one array, and where each program's begin."""
    rows, columns = np.nonzero((market.choices >= 0) & (market.classes >= 0))
    program = market.choices[rows, columns]
    order = np.lexsort((priority_keys(market, lottery)[rows, columns], program))
    starts = np.concatenate([[0], np.cumsum(np.bincount(program, minlength=len(market.programs)))])
    return starts.astype(np.int64), rows[order].astype(np.int32)


def top_trading_cycles_in_numpy(market: Market, lottery: NDArray[np.int32]) -> NDArray[np.int32]:
    """The same outcome by its definition: one ring found, traded and removed at a time. Returns choices held, or -1."""
    keys = priority_keys(market, lottery)
    wanted = {
        row: [(int(p), c) for c, p in enumerate(market.choices[row]) if p >= 0 and market.classes[row, c] >= 0]
        for row in range(market.applicant_count)
    }
    left = [program.capacity for program in market.programs]
    position = np.full(market.applicant_count, -1, np.int32)
    while wanted:
        points_at: dict[int, tuple[int, int]] = {}
        for row in list(wanted):
            open_choices = [(program, choice) for program, choice in wanted[row] if left[program]]
            if open_choices:
                points_at[row] = open_choices[0]
            else:
                del wanted[row]
        if not points_at:
            return position
        best: dict[int, int] = {}
        for row in points_at:
            for program, choice in wanted[row]:
                if program not in best or keys[row, choice] < keys[best[program], _choice(wanted, best, program)]:
                    best[program] = row
        trail = [next(iter(points_at))]
        while (following := best[points_at[trail[-1]][0]]) not in trail:
            trail.append(following)
        for row in trail[trail.index(following) :]:
            program, position[row] = points_at[row]
            left[program] -= 1
            del wanted[row]
    return position


def _choice(wanted: dict[int, list[tuple[int, int]]], best: dict[int, int], program: int) -> int:
    return next(choice for number, choice in wanted[best[program]] if number == program)
