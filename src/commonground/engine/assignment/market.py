"""Who asks for which programs, with which priority: the arrays that every mechanism reads."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commonground.engine.assignment.programs import Program
from commonground.engine.values import InputError, whole_numbers

OPEN, OTHERS, RETURNS, EMPTY = 0, 1, 2, 3
BLOCKS, MATCHING, CEILINGS = 0, 1, 2
_RULES = {"seat blocks": BLOCKS, "maximum matching": MATCHING, "ceilings": CEILINGS}
ROWS_AT_ONCE = 100_000  # keeps the checks of millions of lists in little memory
_UNFILLED = {"others": OTHERS, "open": RETURNS, "empty": EMPTY}


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The programs as arrays.

    rule, capacity: per program. first: number of its first block, shape (programs + 1,). seats, kind: per block.
    start: where the block's holders lie in one long array, shape (blocks + 1,).
    """

    rule: NDArray[np.int8]
    capacity: NDArray[np.int32]
    first: NDArray[np.int32]
    seats: NDArray[np.int32]
    kind: NDArray[np.int8]
    start: NDArray[np.int64]


@lru_cache(maxsize=64)
def layout(programs: tuple[Program, ...]) -> Layout:
    """The programs as the arrays that the compiled loops read."""
    seats: list[int] = []
    kind: list[int] = []
    room: list[int] = []
    first = [0]
    for program in programs:
        for number, block in enumerate(program.blocks):
            seats.append(block.seats)
            kind.append(OPEN if block.reserved_for is None else _UNFILLED[block.unfilled])
            is_last = number == len(program.blocks) - 1
            if program.rule != "seat blocks":
                room.append(program.capacity + 1 if number == 0 else 0)
            elif is_last and block.reserved_for is None:
                room.append(program.capacity)
            else:
                room.append(block.seats)
        if not program.blocks:
            seats.append(0)
            kind.append(EMPTY)
            room.append(program.capacity + 1)
        first.append(len(seats))
    return Layout(
        rule=np.array([_RULES[program.rule] for program in programs], np.int8),
        capacity=np.array([program.capacity for program in programs], np.int32),
        first=np.array(first, np.int32),
        seats=np.array(seats, np.int32),
        kind=np.array(kind, np.int8),
        start=np.concatenate([[0], np.cumsum(room)]).astype(np.int64),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Applicants, their ranked choices and their priorities, against programs and their seats.

    programs: in any order; everything else refers to them by position.
    choices: program numbers, best first, shape (applicants, choices); -1 where a shorter list has ended.
    classes: priority class of each choice, same shape: 0 is served first, ties are broken by the lottery; -1 where the
    program may not take this applicant.
    members: same shape; bit b is set when the applicant counts as a member for block b of that program. None: no one.
    names: pseudonyms of the applicants, None when positions are enough. families: the same number for children of one
    family, shape (applicants,), None when no one is linked.
    Raises InputError for shapes that differ, an unknown program, a program listed twice, or a member of two ceilings.
    """

    programs: tuple[Program, ...]
    choices: NDArray[np.int32]
    classes: NDArray[Any]
    members: NDArray[Any]
    names: tuple[str, ...] | None = None
    families: NDArray[np.int64] | None = None
    layout: Layout = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "layout", layout(self.programs))

    @property
    def applicant_count(self) -> int:
        """How many apply."""
        return int(self.choices.shape[0])

    @property
    def choice_count(self) -> int:
        """How many choices the longest list holds."""
        return int(self.choices.shape[1])

    def name(self, applicant: int) -> str:
        """The applicant's pseudonym, or the position as text."""
        return self.names[applicant] if self.names is not None else str(applicant)

    def with_classes(self, classes: ArrayLike) -> "Market":
        """The same market under other priority classes."""
        return replace(self, classes=_narrow(np.asarray(classes), self.choices))


def _narrow(classes: NDArray[Any], choices: NDArray[np.int32]) -> NDArray[Any]:
    if classes.shape != choices.shape:
        raise InputError(f"classes have shape {classes.shape}, choices {choices.shape}; give one class per choice")
    if classes.size and not np.issubdtype(classes.dtype, np.integer):
        raise InputError("priority classes are whole numbers: 0 is served first, -1 may not be taken")
    if classes.size and (classes.min() < -1 or classes.max() >= 2**30):
        raise InputError("priority classes run from -1 (may not be taken) to 2**30 - 1")
    is_small = not classes.size or classes.max() <= 127
    return np.ascontiguousarray(classes, np.int8 if is_small else np.int32)


def build_market(
    programs: Sequence[Program],
    choices: ArrayLike,
    *,
    classes: ArrayLike | None = None,
    members: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    families: ArrayLike | None = None,
) -> Market:
    """A checked market from arrays; see `Market` for the shapes. classes None: everyone has the same priority.

    members None: no one belongs to a category. names, families None: positions stand for names, and everyone applies alone.
    Raises InputError for an unknown program, one listed twice, a class or membership out of range, shapes that differ.

    >>> build_market([Program("arts", 1)], [[0], [0]]).applicant_count
    2
    >>> build_market([Program("arts", 1)], [[1]])
    Traceback (most recent call last):
        ...
    commonground.engine.values.InputError: applicant 0 asks for program number 1 and there are 1; ...
    """
    programs = tuple(programs)
    if len({program.name for program in programs}) != len(programs):
        raise InputError("two programs have the same name; give each program and grade a name of its own")
    wanted = np.ascontiguousarray(whole_numbers(choices, name="choices"), np.int32)
    if wanted.ndim != 2 or not wanted.shape[1]:
        raise InputError(f"choices have shape {wanted.shape}; give (applicants, choices), at least one choice wide")
    _refuse_bad_choices(programs, wanted)
    priority = _narrow(np.zeros(wanted.shape, np.int8) if classes is None else np.asarray(classes), wanted)
    widest = max((len(program.blocks) for program in programs), default=1)
    width = np.uint8 if widest <= 8 else np.uint16
    if members is not None and np.shape(members) != wanted.shape:
        raise InputError(f"members have shape {np.shape(members)}, choices {wanted.shape}; give one per choice")
    belongs = np.zeros(wanted.shape, width) if members is None else _memberships(members, width)
    _refuse_two_ceilings(programs, wanted, belongs)
    if names is not None and (len(names) != len(wanted) or len(set(names)) != len(names)):
        raise InputError(f"{len(set(names))} different names for {len(wanted)} applicants; give each a name of its own")
    family = None if families is None else np.ascontiguousarray(whole_numbers(families, name="families"), np.int64)
    if family is not None and family.shape != (len(wanted),):
        raise InputError(f"families have shape {family.shape}; give one number per applicant")
    return Market(programs, wanted, priority, belongs, None if names is None else tuple(names), family)


def _memberships(members: ArrayLike, width: type[np.unsignedinteger[Any]]) -> NDArray[Any]:
    given, most = whole_numbers(members, name="members"), np.iinfo(width).max
    if given.size and (given.min() < 0 or given.max() > most):
        raise InputError(f"members run from 0 to {most}, one bit per block of the program")
    return np.ascontiguousarray(given, width)


def _refuse_bad_choices(programs: tuple[Program, ...], choices: NDArray[np.int32]) -> None:
    for begin in range(0, len(choices), ROWS_AT_ONCE):
        part = choices[begin : begin + ROWS_AT_ONCE]
        if part.min() < -1 or part.max() >= len(programs):
            applicant, choice = np.argwhere((part < -1) | (part >= len(programs)))[0]
            raise InputError(
                f"applicant {begin + applicant} asks for program number {part[applicant, choice]} and there are "
                f"{len(programs)}; number them from 0"
            )
        in_order = np.sort(part, axis=1)
        twice = (in_order[:, 1:] == in_order[:, :-1]) & (in_order[:, 1:] >= 0)
        if twice.any():
            applicant, place = np.argwhere(twice)[0]
            name = programs[int(in_order[applicant, place])].name
            raise InputError(f"applicant {begin + applicant} lists program {name!r} twice; keep the higher choice")
        gap = (part[:, :-1] < 0) & (part[:, 1:] >= 0)
        if gap.any():
            raise InputError(f"applicant {begin + np.argwhere(gap)[0, 0]} has a gap in the list; close it up")


def _refuse_two_ceilings(programs: tuple[Program, ...], choices: NDArray[np.int32], members: NDArray) -> None:
    for number, program in enumerate(programs):
        if program.rule == "ceilings":
            mine = members[choices == number]
            if (mine & (mine - (mine > 0)) != 0).any():
                raise InputError(
                    f"program {program.name!r}: an applicant falls under two ceilings; give each applicant at most one"
                )


@dataclass(frozen=True, slots=True)
class Applicant:
    """One applicant by name.

    name: a pseudonym. choices: program names, best first. categories: those the applicant belongs to, for every
    program, or per program when it is a mapping. classes: priority class per program name; 0 where a program is not
    named; -1 where it may not take this applicant. family: the same text for siblings, None for no one.
    """

    name: str
    choices: tuple[str, ...]
    categories: Collection[str] | Mapping[str, Collection[str]] = ()
    classes: Mapping[str, int] = field(default_factory=dict)
    family: str | None = None

    def categories_at(self, program: str) -> Collection[str]:
        """The categories the applicant belongs to at this program."""
        return self.categories.get(program, ()) if isinstance(self.categories, Mapping) else self.categories


def market_of(applicants: Sequence[Applicant], programs: Sequence[Program]) -> Market:
    """A checked market from named applicants and programs.

    Raises InputError for a program no one offers. A category that no program reserves seats for changes nothing.

    >>> market_of([Applicant("a", ("arts",))], [Program("arts", 1)]).choices.tolist()
    [[0]]
    >>> market_of([Applicant("a", ("art",))], [Program("arts", 1)])
    Traceback (most recent call last):
        ...
    commonground.engine.values.InputError: applicant 'a' asks for 'art', which is not among the programs; ...
    """
    number = {program.name: position for position, program in enumerate(programs)}
    longest = max((len(applicant.choices) for applicant in applicants), default=1) or 1
    shape = (len(applicants), longest)
    choices, classes = np.full(shape, -1, np.int32), np.zeros(shape, np.int64)
    members = np.zeros(shape, np.uint16)
    for row, applicant in enumerate(applicants):
        for column, wanted in enumerate(applicant.choices):
            if wanted not in number:
                raise InputError(
                    f"applicant {applicant.name!r} asks for {wanted!r}, which is not among the programs; "
                    "correct the name or add the program"
                )
            program = programs[number[wanted]]
            categories = applicant.categories_at(wanted)
            choices[row, column] = number[wanted]
            classes[row, column] = applicant.classes.get(wanted, 0)
            members[row, column] = sum(
                1 << bit for bit, block in enumerate(program.blocks) if block.reserved_for in categories
            )
    return build_market(
        programs,
        choices,
        classes=classes,
        members=members,
        names=[applicant.name for applicant in applicants],
        families=_family_numbers(applicants),
    )


def _family_numbers(applicants: Sequence[Applicant]) -> list[int] | None:
    if all(applicant.family is None for applicant in applicants):
        return None
    known: dict[tuple[bool, str], int] = {}
    keys = [(a.family is not None, a.family if a.family is not None else a.name) for a in applicants]
    return [known.setdefault(key, len(known)) for key in keys]
