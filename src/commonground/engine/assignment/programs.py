"""What a program offers: its seats, in the order and under the rule by which they are given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from commonground.engine.values import InputError, whole_number

Unfilled = Literal["others", "open", "empty"]
Rule = Literal["seat blocks", "maximum matching", "ceilings"]

MOST_BLOCKS = 16


@dataclass(frozen=True, slots=True)
class Block:
    """Seats given together, best priority first.

    seats: how many, 0 or more.
    reserved_for: the category that is served first in this block, None when the seats are open to everyone.
    unfilled: what becomes of reserved seats that no member asks for. "others": the next in line take them at once, at
    this block's place in the order (Kominers & Sönmez 2016). "open": they join the open seats at the end (soft reserve:
    Hafalir, Yenmez & Yildirim 2013). "empty": they stay empty (hard reserve).
    """

    seats: int
    reserved_for: str | None = None
    unfilled: Unfilled = "open"

    def __post_init__(self) -> None:
        whole_number(self.seats, name="the number of seats in a block")
        if self.unfilled not in ("others", "open", "empty"):
            raise InputError(f'a block\'s unfilled seats go to "others", "open" or "empty", not {self.unfilled!r}')


@dataclass(frozen=True, slots=True)
class Program:
    """One program in one grade: everything that decides who of several applicants is taken.

    capacity: seats in all, 0 or more.
    blocks: under "seat blocks" the seats in the order in which they are filled (they add up to the capacity); under
    "maximum matching" one block per reserve, which may overlap; under "ceilings" one block per category with the most
    seats its members may take. Leave it empty for one open block.
    grade: the grade entered, None when the program serves one grade only and nothing is to be checked.
    school: the school the program is in, for siblings; its own name when None.

    >>> Program("arts", 4).blocks
    (Block(seats=4, reserved_for=None, unfilled='open'),)
    >>> Program("arts", 4, (Block(5),))
    Traceback (most recent call last):
        ...
    commonground.engine.values.InputError: program 'arts': its blocks add up to 5 seats and its capacity is 4; ...
    """

    name: str
    capacity: int
    blocks: tuple[Block, ...] = ()
    rule: Rule = "seat blocks"
    grade: str | None = None
    school: str | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise InputError("a program has no name; give each program and grade a name of its own")
        where = f"program {self.name!r}"
        whole_number(self.capacity, name=f"{where}: its capacity")
        if len(self.blocks) >= MOST_BLOCKS:
            raise InputError(f"{where}: it has {len(self.blocks)} blocks; at most {MOST_BLOCKS - 1} can be used")
        if self.rule == "seat blocks":
            object.__setattr__(self, "blocks", self._ordered_blocks(where))
        elif self.rule == "maximum matching":
            reserved = sum(block.seats for block in self.blocks)
            if reserved > self.capacity:
                raise InputError(f"{where}: {reserved} reserved seats, capacity {self.capacity}; lower a reserve")
        elif self.rule != "ceilings":
            raise InputError(f"{where}: rule {self.rule!r} is unknown; use seat blocks, maximum matching or ceilings")
        if self.rule != "seat blocks" and any(block.reserved_for is None for block in self.blocks):
            raise InputError(f"{where}: under {self.rule} every block names its category")

    def _ordered_blocks(self, where: str) -> tuple[Block, ...]:
        blocks = self.blocks or (Block(self.capacity),)
        seats = sum(block.seats for block in blocks)
        if seats != self.capacity:
            raise InputError(
                f"{where}: its blocks add up to {seats} seats and its capacity is {self.capacity}; make them equal"
            )
        returns = any(block.reserved_for is not None and block.unfilled == "open" for block in blocks)
        return (*blocks, Block(0)) if returns and blocks[-1].reserved_for is not None else blocks

    @property
    def place(self) -> str:
        """The school the program is in."""
        return self.school or self.name


def with_reserves(
    name: str, capacity: int, reserves: Mapping[str, int], *, grade: str | None = None, school: str | None = None
) -> Program:
    """A program that fills each soft reserve from its own members first; what they leave joins the open seats.

    reserves: seats per category, whole numbers. Raises InputError when they exceed the capacity.
    Source: Hafalir, Yenmez & Yildirim 2013; Ehlers, Hafalir, Yenmez & Yildirim 2014.

    >>> [block.seats for block in with_reserves("arts", 10, {"Willmar": 4}).blocks]
    [4, 6]
    """
    blocks = tuple(Block(seats, category) for category, seats in reserves.items())
    left = whole_number(capacity, name=f"program {name!r}: its capacity") - sum(reserves.values())
    if left < 0:
        raise InputError(f"program {name!r}: {capacity - left} reserved seats, capacity {capacity}; lower a reserve")
    return Program(name, capacity, (*blocks, Block(left)), grade=grade, school=school)


def with_overlapping_reserves(name: str, capacity: int, reserves: Mapping[str, int]) -> Program:
    """A program whose reserves may hold the same student: as many reserved seats as possible are honored at once.

    One student counts for one seat. Among the sets that honor the most seats, priority decides.
    Raises InputError when the reserves exceed the capacity.
    Source: Sönmez & Yenmez 2022 (horizontal reservations, maximum matching).

    >>> with_overlapping_reserves("arts", 10, {"Willmar": 4, "low-income areas": 3}).rule
    'maximum matching'
    """
    blocks = tuple(Block(seats, category) for category, seats in reserves.items())
    return Program(name, capacity, blocks, "maximum matching")


def with_ceilings(name: str, capacity: int, ceilings: Mapping[str, int]) -> Program:
    """A program that never takes more members of a category than its ceiling, even when seats stay empty.

    Kept to show what such ceilings do: they can harm the very students they are meant to help (Kojima 2012).

    >>> with_ceilings("arts", 10, {"Willmar": 4}).rule
    'ceilings'
    """
    blocks = tuple(Block(seats, category) for category, seats in ceilings.items())
    return Program(name, capacity, blocks, "ceilings")
