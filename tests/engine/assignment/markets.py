"""Small random markets for the tests of assignment."""

from itertools import product

import numpy as np
from hypothesis import strategies as st

from commonground.engine.assignment import Applicant, Block, Program, market_of
from commonground.engine.assignment.choice import choose
from commonground.engine.assignment.lottery import priority_keys

CATEGORIES = ("north", "south")
UNFILLED = ("others", "open", "empty")


@st.composite
def programs(draw, *, rules=("seat blocks", "maximum matching", "ceilings")):
    made = []
    for number in range(draw(st.integers(1, 3))):
        rule = draw(st.sampled_from(rules))
        if rule == "seat blocks":
            blocks = tuple(
                Block(
                    draw(st.integers(0, 2)), draw(st.sampled_from((None, *CATEGORIES))), draw(st.sampled_from(UNFILLED))
                )
                for _ in range(draw(st.integers(1, 3)))
            )
            made.append(Program(f"p{number}", sum(block.seats for block in blocks), blocks))
        else:
            seats = [draw(st.integers(0, 2)) for _ in CATEGORIES]
            blocks = tuple(Block(room, name) for room, name in zip(seats, CATEGORIES, strict=True))
            made.append(Program(f"p{number}", sum(seats) + draw(st.integers(0, 1)), blocks, rule))
    return made


@st.composite
def markets(draw, *, rules=("seat blocks", "maximum matching", "ceilings"), most=6, eligible=False):
    """A market and lottery numbers of shape (applicants, 1) or (applicants, choices)."""
    offered = draw(programs(rules=rules))
    names = [program.name for program in offered]
    applicants = []
    for number in range(draw(st.integers(0, most))):
        wanted = draw(st.permutations(names))[: draw(st.integers(0, len(names)))]
        mine = draw(st.sampled_from(((), ("north",), ("south",), CATEGORIES)))
        # Overlapping ceilings are refused.
        categories = {
            name: mine[:1] if program.rule == "ceilings" else mine for name, program in zip(names, offered, strict=True)
        }
        classes = {name: draw(st.integers(0 if eligible else -1, 2)) for name in wanted}
        applicants.append(Applicant(f"a{number}", tuple(wanted), categories, classes))
    market = market_of(applicants, offered)
    order = np.array(draw(st.permutations(range(len(applicants)))), np.int32).reshape(-1, 1)
    if draw(st.booleans()):
        columns = [draw(st.permutations(range(len(applicants)))) for _ in names]
        by_program = np.array(columns, np.int32)
        order = by_program[np.maximum(market.choices, 0), np.arange(len(applicants))[:, None]]
    return market, order


def is_stable(market, lottery, position):
    """Stability straight from its definition, without any code of the certificate."""
    keys = priority_keys(market, lottery)

    def inside(number):
        return [(a, int(c)) for a, c in enumerate(position) if c >= 0 and market.choices[a, c] == number]

    def seats(number, pairs):
        return choose(
            market.programs[number], [int(keys[pair]) for pair in pairs], [int(market.members[pair]) for pair in pairs]
        )

    for applicant, held in enumerate(position):
        if held >= 0 and (market.choices[applicant, held] < 0 or market.classes[applicant, held] < 0):
            return False
    if any(-1 in seats(number, inside(number)) for number in range(len(market.programs))):
        return False
    for applicant, held in enumerate(position):
        for choice in range(market.choice_count if held < 0 else held):
            number = market.choices[applicant, choice]
            if number >= 0 and market.classes[applicant, choice] >= 0:
                together = [*inside(number), (applicant, choice)]
                if seats(number, together)[-1] >= 0:
                    return False
    return True


def every_stable(market, lottery):
    """All stable assignments of a tiny market, by trying everything."""
    for position in product(range(-1, market.choice_count), repeat=market.applicant_count):
        if is_stable(market, lottery, position):
            yield position
