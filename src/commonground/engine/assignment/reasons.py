"""For every choice a family did not get: why, what would have changed it, and the place on the waitlist."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from commonground.engine.assignment.deferred import run_proposals, workspace
from commonground.engine.assignment.kernels import CLASS_BITS, EVERYONE, NO_ONE, NOT_A_MEMBER
from commonground.engine.assignment.lottery import priority_keys
from commonground.engine.assignment.market import Market
from commonground.engine.assignment.outcome import Assignment
from commonground.engine.values import InputError

Cause = Literal[
    "not eligible",
    "no seat for this applicant",
    "priority class",
    "lottery number",
    "gone in an earlier round",
    "traded",
    "not drawn",
]


@dataclass(frozen=True, slots=True)
class LastAdmitted:
    """Who was the last to be admitted to one seat block.

    block: in words. is_usable: whether the applicant could be seated there. has_free_seat: nobody was turned away.
    priority_class, lottery_number: of the last admitted, None when the block has no holder or a free seat.
    members_first: the last admitted counted as a member, so that others stood behind every member.
    """

    block: str
    is_usable: bool
    has_free_seat: bool
    priority_class: int | None
    lottery_number: int | None
    members_first: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one choice was not obtained.

    choice: 0 for the first. priority_class, lottery_number: the applicant's own there.
    blocks: the last admitted of each seat block; empty for programs that choose as a whole.
    would_have_changed_it: sentences, each a change that meets the final cutoff; none where nothing could have.
    waitlist_place: 1 for the next in line by priority, None when the applicant may not be taken.
    """

    choice: int
    program: str
    cause: Cause
    sentence: str
    priority_class: int
    lottery_number: int
    blocks: tuple[LastAdmitted, ...]
    would_have_changed_it: tuple[str, ...]
    waitlist_place: int | None


@lru_cache(maxsize=4)
def _waiting(assignment: Assignment) -> tuple[dict[int, NDArray[np.intp]], NDArray[np.int32]]:
    """Applicants who prefer each program to what they hold, best priority first; and the place of each choice, from 1."""
    market = assignment.market
    held = np.where(assignment.position < 0, market.choice_count, assignment.position)
    waits = (np.arange(market.choice_count) < held[:, None]) & (market.choices >= 0) & (market.classes >= 0)
    rows, columns = np.nonzero(waits)
    program = market.choices[rows, columns]
    order = np.lexsort((priority_keys(market, assignment.lottery)[rows, columns], program))
    starts = np.concatenate([[0], np.cumsum(np.bincount(program, minlength=len(market.programs)))])
    places = np.zeros(market.choices.shape, np.int32)
    places[rows[order], columns[order]] = np.arange(len(order)) - starts[program[order]] + 1
    return {number: rows[order[starts[number] : starts[number + 1]]] for number in range(len(market.programs))}, places


def waitlist(assignment: Assignment, program: int) -> NDArray[np.intp]:
    """Applicants waiting for a program, next in line first: the same class and lottery number as in the run itself.

    Someone who holds a choice that is further down the own list waits too; someone who got a better one does not.
    With reserved seats the next in line for a given seat may be further down: the next member.
    program: its position. Raises InputError for one that is not there.

    >>> from commonground.engine.assignment import Program, build_market, deferred_acceptance
    >>> market = build_market([Program("arts", 1)], [[0], [0], [0]])
    >>> waitlist(deferred_acceptance(market, [2, 0, 1]), 0).tolist()
    [2, 0]
    """
    waiting = _waiting(assignment)[0]
    if program not in waiting:
        raise InputError(f"there is no program number {program}; they are numbered from 0 to {len(waiting) - 1}")
    return waiting[program]


def reasons(assignment: Assignment, applicant: int) -> tuple[Reason, ...]:
    """The reason for each choice that the applicant prefers to what was obtained, in the order of the list.

    For a stable outcome the reason is sound because the certificate shows that no one was passed over. What would have
    changed it is read from the final cutoffs; `needed_number` runs the whole assignment again to be certain.
    applicant: its position. Raises InputError for one that is not there.

    >>> from commonground.engine.assignment import Program, build_market, deferred_acceptance
    >>> market = build_market([Program("arts", 2)], [[0], [0], [0]])
    >>> missed = reasons(deferred_acceptance(market, [2, 0, 1]), 0)[0]
    >>> missed.cause, missed.would_have_changed_it, missed.waitlist_place
    ('lottery number', ('A lottery number smaller than 1.',), 1)
    """
    market = assignment.market
    _refuse_unknown(market, applicant)
    held = int(assignment.position[applicant])
    missed = range(held if held >= 0 else market.choice_count)
    return tuple(_reason(assignment, applicant, choice) for choice in missed if market.choices[applicant, choice] >= 0)


def _refuse_unknown(market: Market, applicant: int, choice: int | None = None) -> None:
    if not 0 <= applicant < market.applicant_count:
        raise InputError(f"there is no applicant number {applicant}; they are numbered from 0")
    if choice is not None and (not 0 <= choice < market.choice_count or market.choices[applicant, choice] < 0):
        raise InputError(f"applicant {applicant} has no choice number {choice}; they are numbered from 0")


def _reason(assignment: Assignment, applicant: int, choice: int) -> Reason:
    market, lottery = assignment.market, assignment.lottery
    number = int(market.choices[applicant, choice])
    program = market.programs[number]
    own_class = int(market.classes[applicant, choice])
    own_number = int(lottery[applicant, choice if lottery.shape[1] > 1 else 0])
    if own_class < 0:
        sentence = f"{program.name} may not take this applicant under its own rules."
        return Reason(choice, program.name, "not eligible", sentence, own_class, own_number, (), (), None)
    blocks, usable, others = cutoffs(assignment, number, int(market.members[applicant, choice]))
    place = int(_waiting(assignment)[1][applicant, choice])
    own = (own_class << CLASS_BITS) | own_number
    cause, sentence, changes = _explain(assignment, program.name, choice, own=own, usable=usable)
    if assignment.mechanism in ("deferred acceptance", "serial dictatorship"):
        changes += tuple(
            f"Counting as a member for the seats for {category}." for category, cutoff in others if own < cutoff
        )
    return Reason(choice, program.name, cause, sentence, own_class, own_number, blocks, changes, place)


def cutoffs(
    assignment: Assignment, number: int, mask: int
) -> tuple[tuple[LastAdmitted, ...], int, list[tuple[str, int]]]:
    """The blocks in words, the best cutoff the applicant can use, and those of the categories it does not belong to."""
    market, certificate = assignment.market, assignment.certificate
    program, first = market.programs[number], int(market.layout.first[number])
    if program.rule != "seat blocks":
        return (), certificate.whole_cutoff[number, mask], []
    usable, others, blocks = int(NO_ONE), [], []
    for bit, block in enumerate(program.blocks):
        cutoff = int(certificate.cutoff[first + bit])
        is_member = block.reserved_for is None or bool(mask >> bit & 1)
        is_usable = is_member or block.unfilled == "others"
        if not is_member:
            others.append((str(block.reserved_for), cutoff))
        if is_usable:
            # Behind all members: only the part above the members' own numbers is left to beat.
            usable = max(usable, cutoff if is_member or cutoff == EVERYONE else cutoff - int(NOT_A_MEMBER))
        last = cutoff & ~int(NOT_A_MEMBER)
        is_known = cutoff not in (int(EVERYONE), int(NO_ONE))
        blocks.append(
            LastAdmitted(
                block="open seats" if block.reserved_for is None else f"seats for {block.reserved_for}",
                is_usable=is_usable,
                has_free_seat=cutoff == EVERYONE,
                priority_class=last >> CLASS_BITS if is_known else None,
                lottery_number=last & (2**CLASS_BITS - 1) if is_known else None,
                members_first=is_known and block.reserved_for is not None and cutoff < NOT_A_MEMBER,
            )
        )
    return tuple(blocks), usable, others


def _explain(
    assignment: Assignment, name: str, choice: int, *, own: int, usable: int
) -> tuple[Cause, str, tuple[str, ...]]:
    own_class, own_number = own >> CLASS_BITS, own & (2**CLASS_BITS - 1)
    if assignment.mechanism == "top trading cycles":
        sentence = f"All seats of {name} were traded before this applicant could take part in a trade for one."
        return "traded", sentence, ()
    if assignment.mechanism == "independent lotteries":
        sentence = (
            f"{name} filled its seats by itself before this applicant's turn; seats given back go down its waitlist."
        )
        return "not drawn", sentence, ()
    if assignment.mechanism == "immediate acceptance" and choice > 0:
        sentence = f"{name} gave its seats to those who listed it higher, or equally high with a better priority."
        return "gone in an earlier round", sentence, (f"Listing {name} higher.",)
    if usable < 0:
        sentence = f"{name} has no seat that this applicant may use."
        return "no seat for this applicant", sentence, ()
    last_class, last_number = usable >> CLASS_BITS, usable & (2**CLASS_BITS - 1)
    if own_class > last_class:
        reached = last_class if own_number < last_number else last_class - 1
        change = (f"Priority class {reached} or better with the same lottery number.",) if reached >= 0 else ()
        sentence = f"The last applicant admitted to {name} has priority class {last_class}; this applicant has class {own_class}."
        return "priority class", sentence, change
    sentence = (
        f"The last applicant admitted to {name} with class {last_class} has lottery number {last_number}; "
        f"this applicant has {own_number}."
    )
    better = (f"Priority class {own_class - 1} or better with the same lottery number.",) if own_class else ()
    smaller = (f"A lottery number smaller than {last_number}.",) if last_number else ()
    return "lottery number", sentence, (*smaller, *better)


def needed_number(assignment: Assignment, applicant: int, choice: int) -> int | None:
    """The largest lottery number with which the applicant gets this choice or a better one, everyone else's kept.

    Everyone with that number or behind moves back one place. None when not even the first number is enough. Found by
    running the whole assignment again, about log2(applicants) times: a better number never harms the one who has it
    under deferred acceptance (Balinski & Sönmez 1999), so halving the range is exact.
    Raises InputError for other mechanisms, for a number per program, and for a choice that is not on the list.

    >>> from commonground.engine.assignment import Program, build_market, deferred_acceptance
    >>> market = build_market([Program("arts", 2)], [[0], [0], [0]])
    >>> needed_number(deferred_acceptance(market, [2, 0, 1]), 0, 0)
    1
    """
    if assignment.mechanism not in ("deferred acceptance", "serial dictatorship") or assignment.lottery.shape[1] != 1:
        raise InputError("the needed number can be told for deferred acceptance with one lottery number per applicant")
    market, space = assignment.market, workspace(assignment.market)
    _refuse_unknown(market, applicant, choice)
    order = np.argsort(assignment.lottery[:, 0], kind="stable")
    others = order[order != applicant]

    def is_enough(place: int) -> bool:
        trial = np.empty((market.applicant_count, 1), np.int32)
        trial[np.insert(others, place, applicant), 0] = np.arange(market.applicant_count)
        run_proposals(market, trial, space)
        return bool(space.position[applicant] <= choice)

    if not is_enough(0):
        return None
    enough, too_late = 0, market.applicant_count
    while too_late - enough > 1:
        middle = (enough + too_late) // 2
        enough, too_late = (middle, too_late) if is_enough(middle) else (enough, middle)
    return enough
