"""How one program chooses among those who ask for it: plain Python, the definition that everything else is held to."""

from bisect import bisect_left
from collections.abc import Sequence

from commonground.engine.assignment.kernels import EVERYONE, NO_ONE
from commonground.engine.assignment.programs import Program


def choose(program: Program, keys: Sequence[int], members: Sequence[int]) -> list[int]:
    """The block in which each candidate is seated, -1 for those the program turns down.

    keys: priority of each candidate, smaller is better, no two alike. members: bit b is set for a member of block b.
    Under "ceilings", and for open seats under "maximum matching", the number is that of the blocks.

    >>> from commonground.engine.assignment.programs import with_reserves
    >>> choose(with_reserves("arts", 2, {"Willmar": 1}), [1, 2, 3], [0, 0, 1])
    [1, -1, 0]
    """
    waiting = sorted(range(len(keys)), key=keys.__getitem__)
    seat = [-1] * len(keys)
    if program.rule == "maximum matching":
        _match(program, waiting, members, seat)
    elif program.rule == "ceilings":
        _cap(program, waiting, members, seat)
    else:
        _fill_blocks(program, waiting, members, seat)
    return seat


def _fill_blocks(program: Program, waiting: list[int], members: Sequence[int], seat: list[int]) -> None:
    returned = 0
    for number, block in enumerate(program.blocks):
        is_last = number == len(program.blocks) - 1
        room = block.seats + (returned if is_last else 0)
        mine = [c for c in waiting if block.reserved_for is None or members[c] >> number & 1]
        taken = mine[:room]
        if block.reserved_for is not None and block.unfilled == "others":
            taken += [c for c in waiting if not members[c] >> number & 1][: room - len(taken)]
        if block.reserved_for is not None and block.unfilled == "open":
            returned += room - len(taken)
        for candidate in taken:
            seat[candidate] = number
        waiting = [c for c in waiting if seat[c] < 0]


def _match(program: Program, waiting: list[int], members: Sequence[int], seat: list[int]) -> None:
    holder: dict[tuple[int, int], int] = {}

    def finds_seat(candidate: int, seen: set[tuple[int, int]]) -> bool:
        for number, block in enumerate(program.blocks):
            if not members[candidate] >> number & 1:
                continue
            for chair in ((number, place) for place in range(block.seats)):
                if chair in seen:
                    continue
                seen.add(chair)
                if chair not in holder or finds_seat(holder[chair], seen):
                    holder[chair] = candidate
                    return True
        return False

    needed = [candidate for candidate in waiting if finds_seat(candidate, set())]
    for (number, _), candidate in holder.items():
        seat[candidate] = number
    others = [candidate for candidate in waiting if seat[candidate] < 0]
    for candidate in others[: program.capacity - len(needed)]:
        seat[candidate] = len(program.blocks)


def _cap(program: Program, waiting: list[int], members: Sequence[int], seat: list[int]) -> None:
    left, room = program.capacity, [block.seats for block in program.blocks]
    for candidate in waiting:
        mine = [number for number in range(len(room)) if members[candidate] >> number & 1]
        if left and all(room[number] for number in mine):
            seat[candidate] = len(room)
            left -= 1
            for number in mine:
                room[number] -= 1


def key_to_beat(program: Program, keys: Sequence[int], members: Sequence[int], newcomer: int) -> int:
    """The priority that a newcomer must beat to be taken beside those who are there.

    newcomer: memberships as bits. `EVERYONE` (the largest whole number) when any newcomer of this kind is taken,
    `NO_ONE` (-1) when none would be. Any program that turns down a student also turns down one of the same kind behind.
    """
    here = sorted(zip(keys, members, strict=True))
    behind_everyone = len(here)

    def is_taken(place: int) -> bool:
        order = [2 * number + 1 for number in range(len(here))] + [2 * place]
        return choose(program, order, [*(member for _, member in here), newcomer])[-1] >= 0

    if is_taken(behind_everyone):
        return int(EVERYONE)
    places = range(behind_everyone - 1, -1, -1)
    at = bisect_left(places, True, key=is_taken)
    return here[places[at]][0] if at < len(places) else int(NO_ONE)
