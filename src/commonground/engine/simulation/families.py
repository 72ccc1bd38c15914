"""The same policy for other families like these: what chance has in who applies, besides the lottery."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from commonground.engine.assignment.secured import SECURED
from commonground.engine.simulation.policy import Setting


def drawn_families(setting: Setting, *, seed: int, sample: int) -> NDArray[np.intp]:
    """Applicants of a sample: as many families as there are, drawn with replacement, each with all of its children.

    The same seed and sample always draw the same families, under whatever policy. Those with a seat of their own already
    are not drawn: they stay, because their seats do.

    >>> from commonground.engine.assignment import Application, Program, RuleBook
    >>> from commonground.engine.simulation import People, Policy, apply_policy
    >>> people = People(tuple(Application(f"a{n}", ("arts",), home_area="7") for n in range(4)), ("x", "x", "y", "y"))
    >>> policy = Policy("now", "board", "in force", RuleBook("1"), (Program("arts", 1),), {"7": "north"})
    >>> len(drawn_families(apply_policy(policy, people), seed=1, sample=0))
    4
    """
    market = setting.market
    unit = np.arange(market.applicant_count) if market.families is None else market.families
    staying = np.isin(unit, unit[_has_own_seat(setting)])
    units = np.unique(unit[~staying])
    source = np.random.Generator(np.random.Philox(key=np.array([seed % 2**64, 2**63 + sample], np.uint64)))
    rows_of = {one: np.flatnonzero(unit == one) for one in units.tolist()} if market.families is not None else None
    drawn = source.choice(units, len(units)) if len(units) else units
    rows = drawn if rows_of is None else [row for one in drawn.tolist() for row in rows_of[one]]
    return np.concatenate([np.flatnonzero(staying), np.asarray(rows, np.intp)]).astype(np.intp)


def _has_own_seat(setting: Setting) -> NDArray[np.bool_]:
    market = setting.market
    has = np.zeros(market.applicant_count, bool)
    for number, program in enumerate(market.programs):
        for bit, block in enumerate(program.blocks):
            if block.reserved_for == SECURED:
                has |= ((market.choices == number) & ((market.members >> bit) & 1 == 1)).any(axis=1)
    return has


def with_families(setting: Setting, rows: NDArray[np.intp]) -> Setting:
    """The setting with these applicants, each time one comes as a person of its own.

    >>> from commonground.engine.assignment import Application, Program, RuleBook
    >>> from commonground.engine.simulation import People, Policy, apply_policy
    >>> people = People((Application("a", ("arts",), home_area="7"), Application("b", (), home_area="7")), ("x", "y"))
    >>> policy = Policy("now", "board", "in force", RuleBook("1"), (Program("arts", 1),), {"7": "north"})
    >>> with_families(apply_policy(policy, people), np.array([0, 0])).group.tolist()
    [0, 0]
    """
    market = setting.market
    families = None
    if market.families is not None:
        # A family drawn twice is two families: children of one draw stand together, in the order drawn.
        unit = market.families[rows]
        size = np.bincount(np.unique(market.families, return_inverse=True)[1])
        code = np.searchsorted(np.unique(market.families), unit)
        seen = np.zeros(len(size), np.int64)
        families = np.empty(len(rows), np.int64)
        for at, one in enumerate(code.tolist()):
            families[at] = one + len(size) * (seen[one] // size[one])
            seen[one] += 1
    chosen = replace(
        market,
        choices=market.choices[rows],
        classes=market.classes[rows],
        members=market.members[rows],
        names=None,
        families=families,
    )
    return replace(setting, market=chosen, home=setting.home[rows], group=setting.group[rows])
