"""The check that every run returns: computed again from the outcome alone, without the loops that produced it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonground.engine.assignment.choice import choose, key_to_beat
from commonground.engine.assignment.kernels import EVERYONE, NO_ONE, NOT_A_MEMBER, count_passed_over, seat_in_order
from commonground.engine.assignment.lottery import in_order, priority_keys
from commonground.engine.assignment.market import BLOCKS, OPEN, OTHERS, RETURNS, Layout, Market


@dataclass(frozen=True, slots=True)
class Check:
    """One property of an outcome. is_promised: whether the mechanism promises it; detail: the first fault, or a count."""

    name: str
    holds: bool
    is_promised: bool
    detail: str


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """What was checked on an outcome.

    cutoff: per seat block (numbered as in `Layout.first`) the priority a newcomer must beat; `EVERYONE` while a seat is
    free. whole_cutoff: the same for programs that choose as a whole, per (program, memberships).
    """

    checks: tuple[Check, ...]
    cutoff: NDArray[np.int64]
    whole_cutoff: Mapping[tuple[int, int], int]

    @property
    def holds(self) -> bool:
        """Whether everything that was promised is true."""
        return all(check.holds for check in self.checks if check.is_promised)


STABLE = frozenset({"capacity", "eligibility", "reserves", "no blocking pair"})
EFFICIENT = frozenset({"capacity", "eligibility", "reserves", "no trade left"})
FEASIBLE = frozenset({"capacity", "eligibility"})


def certify(
    market: Market, lottery: NDArray[np.int32], position: NDArray[np.int32], *, promises: frozenset[str] = STABLE
) -> Certificate:
    """Capacity, eligibility, reserves, no blocking pair and (only where promised) no trade left.

    position: the choice each applicant holds, -1 for none. A blocking pair is an applicant and a program which the
    applicant prefers and which, choosing again among its own students and this applicant, would take the applicant.
    Reserves hold when every program, choosing again among its own students, keeps all of them.
    """
    rows = np.flatnonzero(position >= 0)
    columns = position[rows]
    program = market.choices[rows, columns]
    classes = market.classes[rows, columns]
    lottery_here = lottery[rows, columns if lottery.shape[1] > 1 else 0]
    key = (classes.astype(np.int64) << 32) | lottery_here
    order = in_order(program, classes, lottery_here)
    placed = rows[order]
    count = np.bincount(program, minlength=len(market.programs))
    place_start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    masks = market.members[rows, columns].astype(np.int64)[order]

    checks = [_capacity(market, count, promises), _eligibility(market, rows, classes, promises)]
    layout = market.layout
    seat = np.full(market.applicant_count, -1, np.int8)
    cutoff = np.full(len(layout.seats), NO_ONE, np.int64)
    seat_in_order(placed, place_start, key[order], masks, layout.first, layout.seats, layout.kind, seat, cutoff)
    whole, unseated = _whole_programs(market, lottery, placed, place_start, key[order], masks, seat)
    unseated += [int(applicant) for applicant in placed[seat[placed] < 0]]
    detail = (
        f"applicant {market.name(unseated[0])} holds a place without a seat" if unseated else "every place is a seat"
    )
    checks.append(Check("reserves", not unseated, "reserves" in promises, detail))
    checks.append(_blocking(market, lottery, position, cutoff, whole, promises))
    if "no trade left" in promises:
        checks.append(_no_trade_left(market, position, count))
    return Certificate(tuple(checks), cutoff, whole)


def _capacity(market: Market, count: NDArray[np.intp], promises: frozenset[str]) -> Check:
    over = np.flatnonzero(count > market.layout.capacity)
    detail = f"{int(count.sum())} placed, {int(market.layout.capacity.sum())} seats"
    if len(over):
        detail = f"program {market.programs[int(over[0])].name!r} holds {count[over[0]]}"
    return Check("capacity", not len(over), "capacity" in promises, detail)


def _eligibility(market: Market, rows: NDArray[np.intp], classes: NDArray, promises: frozenset[str]) -> Check:
    wrong = rows[classes < 0]
    detail = f"applicant {market.name(int(wrong[0]))} may not be taken there" if len(wrong) else "everyone may be taken"
    return Check("eligibility", not len(wrong), "eligibility" in promises, detail)


def _whole_programs(
    market: Market,
    lottery: NDArray[np.int32],
    placed: NDArray[np.intp],
    place_start: NDArray[np.int64],
    key: NDArray[np.int64],
    masks: NDArray[np.int64],
    seat: NDArray[np.int8],
) -> tuple[dict[tuple[int, int], int], list[int]]:
    """Cutoffs of programs that choose as a whole, per kind of applicant, and those who hold a place without a seat."""
    whole: dict[tuple[int, int], int] = {}
    unseated: list[int] = []
    for number, program in enumerate(market.programs):
        if program.rule == "seat blocks":
            continue
        here = slice(place_start[number], place_start[number + 1])
        keys, members = key[here].tolist(), masks[here].tolist()
        kept = choose(program, keys, members)
        seat[placed[here]] = np.maximum(np.array(kept, np.int8), 0)
        unseated += [int(who) for who, block in zip(placed[here], kept, strict=True) if block < 0]
        for mask in np.unique(market.members[market.choices == number]).tolist():
            whole[number, mask] = key_to_beat(program, keys, members, mask)
    return whole, unseated


def _blocking(
    market: Market,
    lottery: NDArray[np.int32],
    position: NDArray[np.int32],
    cutoff: NDArray[np.int64],
    whole: Mapping[tuple[int, int], int],
    promises: frozenset[str],
) -> Check:
    layout = market.layout
    held = np.where(position < 0, market.choice_count, position).astype(np.int32)
    example = np.full(2, -1, np.int64)
    found = count_passed_over(
        market.choices,
        market.classes,
        market.members,
        lottery,
        held,
        layout.rule,
        layout.first,
        layout.kind,
        cutoff,
        example,
    )
    if whole:
        keys = priority_keys(market, lottery)
        for (number, mask), must_beat in whole.items():
            wants = (market.choices == number) & (market.members == mask) & (market.classes >= 0)
            wants &= np.arange(market.choice_count) < held[:, None]
            passed = np.argwhere(wants & (keys < must_beat))
            if len(passed) and not found:
                example = passed[0]
            found += len(passed)
    detail = "no one was passed over"
    if found:
        name = market.programs[int(market.choices[example[0], example[1]])].name
        detail = f"{found} passed over; first: applicant {market.name(int(example[0]))} at program {name!r}"
    return Check("no blocking pair", found == 0, "no blocking pair" in promises, detail)


def _no_trade_left(market: Market, position: NDArray[np.int32], count: NDArray[np.intp]) -> Check:
    """No free seat is wanted, and no ring of programs exists whose students would all gain by moving one on."""
    held = np.where(position < 0, market.choice_count, position)
    wants = (np.arange(market.choice_count) < held[:, None]) & (market.choices >= 0) & (market.classes >= 0)
    rows, columns = np.nonzero(wants)
    wanted = market.choices[rows, columns]
    if (count[wanted] < market.layout.capacity[wanted]).any():
        return Check("no trade left", False, True, "a free seat is wanted by someone")
    has_place = position[rows] >= 0
    owned = market.choices[rows[has_place], position[rows[has_place]]]
    ring = np.zeros((len(market.programs),) * 2, bool)
    ring[owned, wanted[has_place]] = True
    remaining = np.ones(len(ring), bool)
    while True:
        stuck = remaining & ~(ring & remaining).any(axis=1)
        if not stuck.any():
            break
        remaining &= ~stuck
    detail = "a ring of students would all gain by trading" if remaining.any() else "no one can gain without harm"
    return Check("no trade left", not remaining.any(), True, detail)


def seat_in_order_in_numpy(
    placed: NDArray[np.intp],
    place_start: NDArray[np.int64],
    placed_key: NDArray[np.int64],
    placed_mask: NDArray[np.int64],
    layout: Layout,
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Block per applicant placed, and the priority to beat per block, with whole arrays: the oracle of `seat_in_order`."""
    block_of = np.full(int(placed.max(initial=-1)) + 1, -1, np.int8)
    cutoff = np.full(len(layout.seats), NO_ONE, np.int64)
    for program in range(len(place_start) - 1):
        here = slice(place_start[program], place_start[program + 1])
        who, keys, masks = placed[here], placed_key[here], placed_mask[here]
        begin, end = int(layout.first[program]), int(layout.first[program + 1])
        returned = 0
        for block in range(begin, end):
            room = int(layout.seats[block]) + (returned if block == end - 1 else 0)
            counts = (layout.kind[block] == OPEN) | ((masks >> (block - begin)) & 1 == 1)
            free = block_of[who] < 0
            members = np.flatnonzero(free & counts)[:room]
            others = np.flatnonzero(free & ~counts)[: room - len(members) if layout.kind[block] == OTHERS else 0]
            taken = np.concatenate([members, others])
            block_of[who[taken]] = block - begin
            order = np.concatenate([keys[members], keys[others] | NOT_A_MEMBER])
            cutoff[block] = EVERYONE if len(taken) < room else order.max(initial=NO_ONE)
            returned += room - len(taken) if layout.kind[block] == RETURNS else 0
    return block_of, cutoff


def passed_over_in_numpy(
    market: Market, lottery: NDArray[np.int32], held: NDArray[np.int32], cutoff: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whom a program of seat blocks would take, per applicant and choice preferred: the oracle of `count_passed_over`."""
    layout, keys = market.layout, priority_keys(market, lottery)
    wants = (market.choices >= 0) & (market.classes >= 0) & (np.arange(market.choice_count) < held[:, None])
    would_take = np.zeros(wants.shape, bool)
    for program in np.flatnonzero(layout.rule == BLOCKS):
        begin, end = int(layout.first[program]), int(layout.first[program + 1])
        for block in range(begin, end):
            counts = (layout.kind[block] == OPEN) | ((market.members.astype(np.int64) >> (block - begin)) & 1 == 1)
            key = np.where(counts, keys, keys | NOT_A_MEMBER)
            may = counts | (layout.kind[block] == OTHERS)
            would_take |= wants & (market.choices == program) & may & (key < cutoff[block])
    return would_take
