"""Rolling offers after the draw: every free seat goes to the next in line; no number is ever drawn again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from commonground.engine.assignment.choice import choose
from commonground.engine.assignment.kernels import CLASS_BITS
from commonground.engine.assignment.market import Market
from commonground.engine.assignment.outcome import Assignment
from commonground.engine.values import InputError


@dataclass(frozen=True, slots=True)
class Offer:
    """A free seat offered to the next in line. leaves: the program whose seat becomes free on acceptance, or None."""

    applicant: int
    choice: int
    program: int
    leaves: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Waitlists:
    """Where everyone stands after the answers so far. Each answer gives a new value; the old one stays as it was.

    assignment: the run it began with; its lottery numbers are the only ones there are. market, lottery: those of the
    run, and of late applicants who joined (`join_late`). held: the choice each applicant holds, -1 for none. refused: (applicant, choice) pairs that are no longer wanted.
    gone: applicants who left altogether. accepting_ends_waiting: whether taking a seat removes a family from every
    other list, as some regional offices do. late: for each late applicant pseudonym, unit and values, for the transcript.
    """

    assignment: Assignment
    market: Market
    lottery: NDArray[np.int32]
    held: tuple[int, ...]
    refused: frozenset[tuple[int, int]] = frozenset()
    gone: frozenset[int] = frozenset()
    accepting_ends_waiting: bool = False
    late: tuple[Mapping[str, Any], ...] = ()

    def _program(self, applicant: int, choice: int) -> int:
        return int(self.market.choices[applicant, choice])

    def _key(self, applicant: int, choice: int) -> int:
        lottery, market = self.lottery, self.market
        number = int(lottery[applicant, choice if lottery.shape[1] > 1 else 0])
        return (int(market.classes[applicant, choice]) << CLASS_BITS) | number

    def waiting(self, program: int) -> list[tuple[int, int]]:
        """(applicant, choice) of those who wait for a program now, next in line first."""
        market = self.market
        rows, columns = np.nonzero((market.choices == program) & (market.classes >= 0))
        pairs = [
            (applicant, choice)
            for applicant, choice in zip(rows.tolist(), columns.tolist(), strict=True)
            if applicant not in self.gone
            and (applicant, choice) not in self.refused
            and (self.held[applicant] < 0 or choice < self.held[applicant])
        ]
        return sorted(pairs, key=lambda pair: self._key(*pair))

    def offers(self) -> Iterator[Offer]:
        """The offers to send now: for every program, as many of those in line as it would take beside its own students.

        Those whom the program would take from everyone present and waiting come first, so that a freed reserved seat
        goes to the next member. An offer displaces no one: everybody present keeps a seat.
        """
        present: dict[int, list[tuple[int, int]]] = {}
        for applicant, choice in enumerate(self.held):
            if choice >= 0:
                present.setdefault(self._program(applicant, choice), []).append((applicant, choice))
        for number, program in enumerate(self.market.programs):
            inside = present.get(number, [])
            if len(inside) == program.capacity:
                continue
            waiting = self.waiting(number)
            taken = self._seats(number, [*inside, *waiting])[len(inside) :]
            in_line = sorted(zip(taken, waiting, strict=True), key=lambda one: one[0] < 0)
            for _, (applicant, choice) in in_line:
                if len(inside) == program.capacity:
                    break
                if min(self._seats(number, [*inside, (applicant, choice)])) >= 0:
                    inside.append((applicant, choice))
                    held = self.held[applicant]
                    yield Offer(applicant, choice, number, self._program(applicant, held) if held >= 0 else None)

    def _seats(self, number: int, pairs: list[tuple[int, int]]) -> list[int]:
        market = self.market
        keys = [self._key(*pair) for pair in pairs]
        return choose(market.programs[number], keys, [int(market.members[pair]) for pair in pairs])

    def accept(self, offer: Offer) -> "Waitlists":
        """The family takes the seat; the one it held becomes free. Raises InputError when it is not on offer now."""
        self._check(offer)
        held = tuple(offer.choice if a == offer.applicant else c for a, c in enumerate(self.held))
        ended = {(offer.applicant, c) for c in range(offer.choice)} if self.accepting_ends_waiting else set()
        return replace(self, held=held, refused=self.refused | ended)

    def refuse(self, offer: Offer) -> "Waitlists":
        """The family keeps what it has and leaves this one list. Raises InputError when it is not on offer now."""
        self._check(offer)
        return replace(self, refused=self.refused | {(offer.applicant, offer.choice)})

    def leave(self, applicant: int) -> "Waitlists":
        """The family goes elsewhere: its seat, if any, becomes free, and it leaves every list."""
        held = tuple(-1 if a == applicant else c for a, c in enumerate(self.held))
        return replace(self, held=held, gone=self.gone | {applicant})

    def _check(self, offer: Offer) -> None:
        if offer not in set(self.offers()):
            name = self.market.name(offer.applicant)
            raise InputError(f"applicant {name!r} has no offer at choice {offer.choice} now; read the offers again")


def begin_waitlists(assignment: Assignment, *, accepting_ends_waiting: bool = False) -> Waitlists:
    """The waitlists right after a run.

    >>> from commonground.engine.assignment import Program, build_market, deferred_acceptance
    >>> market = build_market([Program("arts", 1)], [[0], [0], [0]])
    >>> lists = begin_waitlists(deferred_acceptance(market, [2, 0, 1])).leave(1)
    >>> [offer.applicant for offer in lists.offers()]
    [2]
    """
    held = tuple(int(choice) for choice in assignment.position)
    return Waitlists(
        assignment, assignment.market, assignment.lottery, held, accepting_ends_waiting=accepting_ends_waiting
    )


def roll(lists: Waitlists) -> tuple[Waitlists, tuple[Offer, ...]]:
    """What happens when every family accepts every offer it gets: the end, and the offers in the order made.

    It ends because every step moves one family up its own list.

    >>> from commonground.engine.assignment import Program, build_market, deferred_acceptance
    >>> market = build_market([Program("arts", 1), Program("stem", 1)], [[0, 1], [0, 1], [1, 0]])
    >>> lists, offers = roll(begin_waitlists(deferred_acceptance(market, [0, 1, 2])).leave(0))
    >>> [(offer.applicant, offer.program, offer.leaves) for offer in offers], lists.held
    ([(1, 0, 1), (2, 1, None)], (-1, 0, 0))
    """
    made: list[Offer] = []
    while (offer := next(lists.offers(), None)) is not None:
        lists = lists.accept(offer)
        made.append(offer)
    return lists, tuple(made)
