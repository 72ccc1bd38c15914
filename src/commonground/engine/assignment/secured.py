"""Seats that already belong to someone: kept unless the family gets a program it likes better."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from commonground.engine.assignment.market import Applicant
from commonground.engine.assignment.programs import Block, Program
from commonground.engine.values import InputError

SECURED = "students already enrolled"


def secure_seats(
    applicants: Sequence[Applicant], programs: Sequence[Program], secured: Mapping[str, str]
) -> tuple[list[Applicant], list[Program]]:
    """Applicants and programs in which each secured seat is one block of its own, filled first.

    secured: program name per applicant name. The program is added at the end of the list where the family did not list
    it; what the family listed behind it can no longer be reached. A seat given up joins the open seats, so it is never
    lost. Raises InputError for an unknown name and where a program has fewer open seats than holders.

    >>> people, places = secure_seats([Applicant("a", ("arts",))], [Program("arts", 1), Program("stem", 2)], {"a": "stem"})
    >>> people[0].choices, [block.seats for block in places[1].blocks]
    (('arts', 'stem'), [1, 1])
    """
    offered = {program.name for program in programs}
    known = {applicant.name for applicant in applicants}
    for who, where in secured.items():
        if who not in known or where not in offered:
            missing, what = (who, "applicants") if who not in known else (where, "programs")
            raise InputError(f"the secured seat of {who!r} at {where!r}: {missing!r} is not among the {what}")
    holders = {program.name: list(secured.values()).count(program.name) for program in programs}
    return (
        [
            _holder(applicant, secured[applicant.name]) if applicant.name in secured else applicant
            for applicant in applicants
        ],
        [_with_holders(program, holders[program.name]) if holders[program.name] else program for program in programs],
    )


def _holder(applicant: Applicant, program: str) -> Applicant:
    choices = applicant.choices if program in applicant.choices else (*applicant.choices, program)
    categories = {name: (*applicant.categories_at(name), *([SECURED] if name == program else [])) for name in choices}
    # A holder may always stay, whatever the rules say about newcomers.
    classes = {**applicant.classes, program: max(0, applicant.classes.get(program, 0))}
    return replace(applicant, choices=choices, categories=categories, classes=classes)


def _with_holders(program: Program, holders: int) -> Program:
    open_last = program.blocks[-1] if program.blocks and program.blocks[-1].reserved_for is None else None
    if program.rule != "seat blocks" or open_last is None or open_last.seats < holders:
        raise InputError(
            f"program {program.name!r} has fewer open seats at the end than its {holders} secured seats; "
            "lower a reserve or add seats"
        )
    blocks = (Block(holders, SECURED), *program.blocks[:-1], replace(open_last, seats=open_last.seats - holders))
    return replace(program, blocks=blocks)
