"""A policy as it could be written, and the people it would be applied to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from commonground.engine.assignment import Application, Market, Program, RuleBook, compile_rules
from commonground.engine.values import InputError


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that decides who gets a seat, with who proposed it and why.

    rules: requirements, priorities and categories; they cannot read race. programs: seats in blocks, in order.
    home_schools: the school a child of each area attends without a seat: the boundaries. home_districts: the district of
    each area where boundaries of districts are changed too; an area that is not named keeps what the application says.
    """

    name: str
    author: str
    reason: str
    rules: RuleBook
    programs: tuple[Program, ...]
    home_schools: Mapping[str, str]
    home_districts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (self.name.strip() and self.author.strip() and self.reason.strip()):
            raise InputError("a simulated policy is kept with its name, author and reason; give all three")


@dataclass(frozen=True, slots=True)
class People:
    """Who applies, and who is in the schools already.

    groups: the reporting group of each application, in order; no rule ever sees it. enrolled: students who stay where
    they are, by school and group; children who apply are not among them.
    """

    applications: tuple[Application, ...]
    groups: tuple[str, ...]
    enrolled: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.groups) != len(self.applications) or not self.applications:
            raise InputError(f"{len(self.groups)} groups for {len(self.applications)} applications; give one for each")
        for school, counts in self.enrolled.items():
            for group, count in counts.items():
                if count < 0:
                    raise InputError(f"{count} students of {group} enrolled at {school}; give 0 or more")


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A policy applied to people, up to the lottery.

    schools, groups: names. base: students who stay, shape (schools, groups). school_of_program: per program.
    home: school of each applicant without a seat. group: of each applicant.
    """

    policy: Policy
    market: Market
    schools: tuple[str, ...]
    groups: tuple[str, ...]
    base: NDArray[np.int64]
    school_of_program: NDArray[np.int64]
    home: NDArray[np.int64]
    group: NDArray[np.int64]


def apply_policy(policy: Policy, people: People) -> Setting:
    """The market and the tables that a policy makes of these people.

    Raises InputError where an applicant's area has no school, and what `compile_rules` refuses.

    >>> people = People((Application("a", ("arts",), home_area="7"), Application("b", ("arts",), home_area="8")), ("x", "y"))
    >>> policy = Policy("now", "board", "in force", RuleBook("1"), (Program("arts", 1),), {"7": "north", "8": "south"})
    >>> apply_policy(policy, people).schools
    ('arts', 'north', 'south')
    """
    applications = [_moved(policy, application) for application in people.applications]
    homes = [_home_school(policy, application) for application in applications]
    market = compile_rules(policy.rules, applications, policy.programs).market
    schools = sorted({*homes, *people.enrolled, *(program.place for program in policy.programs)})
    groups = sorted({*people.groups, *(group for counts in people.enrolled.values() for group in counts)})
    place, column = ({name: at for at, name in enumerate(names)} for names in (schools, groups))
    base = np.zeros((len(schools), len(groups)), np.int64)
    for school, counts in people.enrolled.items():
        for group, count in counts.items():
            base[place[school], column[group]] = count
    return Setting(
        policy=policy,
        market=market,
        schools=tuple(schools),
        groups=tuple(groups),
        base=base,
        school_of_program=np.array([place[program.place] for program in policy.programs], np.int64),
        home=np.array([place[home] for home in homes]),
        group=np.array([column[group] for group in people.groups]),
    )


def _moved(policy: Policy, application: Application) -> Application:
    district = policy.home_districts.get(application.home_area or "", application.home_district)
    return replace(application, home_district=district)


def _home_school(policy: Policy, application: Application) -> str:
    school = policy.home_schools.get(application.home_area or "", application.current_school)
    if school is None:
        raise InputError(
            f"applicant {application.pseudonym!r}: area {application.home_area!r} has no home school; "
            "add it to the boundaries or give the school attended now"
        )
    return school


def reversed_blocks(program: Program) -> Program:
    """The same program with its seat blocks in the opposite order.

    >>> from commonground.engine.assignment import with_reserves
    >>> [block.reserved_for for block in reversed_blocks(with_reserves("arts", 3, {"walkers": 1})).blocks]
    [None, 'walkers', None]
    """
    blocks = tuple(block for block in reversed(program.blocks) if block.seats or block.reserved_for is not None)
    return replace(program, blocks=blocks)


def other_orders(policy: Policy) -> dict[str, Policy]:
    """For each program whose order of seat blocks can matter, the policy with that order turned round.

    When there are several, "all programs" turns all of them at once. Empty when no order can matter.

    >>> other_orders(Policy("now", "board", "in force", RuleBook("1"), (Program("arts", 1),), {}))
    {}
    """
    turned = {
        program.name: reversed_blocks(program)
        for program in policy.programs
        if program.rule == "seat blocks" and sum(block.seats > 0 for block in program.blocks) > 1
    }

    def with_turned(names: Sequence[str]) -> Policy:
        programs = tuple(turned[one.name] if one.name in names else one for one in policy.programs)
        return replace(policy, programs=programs)

    orders = {name: with_turned([name]) for name in turned}
    return ({"all programs": with_turned(list(turned))} if len(turned) > 1 else {}) | orders
