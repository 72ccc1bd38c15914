"""Which counts to hide so that no small one can be worked out from the rest.

Primary: counts below the threshold of an attribute they tell something about. Complementary: as few and as small
others as a linear program finds, until for every primary count there are two whole-number tables that agree with all
that stays visible and in which it differs by the range it needs. These pairs of tables are the proof of protection.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from commonground.engine.disclosure.audit import Audit, Mask, audit
from commonground.engine.disclosure.cells import Cell, Linked, threshold
from commonground.engine.disclosure.search import ComplementarySearch
from commonground.engine.values import Explanation

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Suppression:
    """What may be shown of a set of linked tables.

    is_hidden: shape (cells,), True for what must not be shown, cells that only follow included. is_primary: True for
    counts that are hidden for themselves. needed: range to be left to an attacker, in people, shape (cells,).
    limited: cells whose range cannot be as wide as the policy asks, because of what is public already.
    """

    linked: Linked
    is_hidden: Mask
    is_primary: Mask
    needed: Counts
    limited: tuple[Cell, ...]
    explanation: Explanation

    def shown(self, one: Cell) -> int | None:
        """The count to show, None when it is hidden. Raises InputError for a cell not given."""
        place = self.linked.position(one)
        return None if self.is_hidden[place] else int(self.linked.counts[place])

    @property
    def hidden(self) -> tuple[Cell, ...]:
        """The cells given whose counts are hidden, in their order."""
        places = np.flatnonzero(self.is_hidden & self.linked.is_given)
        return tuple(self.linked.cells[place] for place in places)

    def why(self, one: Cell) -> str | None:
        """In words, why a count is hidden; None when it is shown."""
        place = self.linked.position(one)
        if not self.is_hidden[place]:
            return None
        if self.is_primary[place]:
            return f"Hidden: fewer than {threshold(self.linked.rules(one))} students."
        lines = self.linked.sums[self.linked.sums[:, [place]].nonzero()[0]].tocsr()
        beside = [other for other in np.unique(lines.indices) if self.is_primary[other] and self.is_hidden[other]]
        about = f"the count of {self.linked.cells[beside[0]].label}" if beside else "a smaller count"
        return f"Hidden: with it, {about} could be worked out by subtraction."

    def audit(self) -> Audit:
        """The exact range an attacker is left with for every hidden count."""
        return audit(self.linked, is_published=~self.is_hidden, needed=self.needed)


def suppress(
    linked: Linked, *, published: Collection[Cell] = (), withheld: Collection[Cell] = (), prefer: Collection[Cell] = ()
) -> Suppression:
    """Hide what the policy of each attribute asks for, and what else is needed so that it stays hidden.

    published: cells that are known already and cannot be hidden again. withheld: cells that were and stay unpublished.
    prefer: cells to hide first where there is a choice, so that next month hides the same ones.
    The same input always hides the same cells. Counts by public attributes are never hidden.

    >>> from commonground.engine.disclosure.cells import Attribute, cell, crossed, link
    >>> learner = Attribute("learner", frozenset({"yes", "no"}), threshold=10)
    >>> place = Attribute("place", frozenset({"Oak", "Elm", "Ash"}))
    >>> rows = {cell({"place": name}): [i] for i, name in enumerate(("Oak", "Elm", "Ash"))} | {cell({}): [0, 1, 2]}
    >>> table = crossed([[4], [15], [40]], rows=rows, columns={cell({"learner": "yes"}): [0]})
    >>> [one.label for one in suppress(link([place, learner], table)).hidden]
    ['place Oak, learner yes', 'place Elm, learner yes']
    """
    search = ComplementarySearch(linked, published=published, withheld=withheld, prefer=prefer)
    search.run()
    primary, hidden = int(search.is_primary.sum()), search.is_hidden & linked.is_given
    added = int((hidden & ~search.is_primary).sum())
    return Suppression(
        linked=linked,
        is_hidden=search.is_hidden,
        is_primary=search.is_primary,
        needed=search.needed,
        limited=tuple(linked.cells[place] for place in search.limited),
        explanation=Explanation(
            what="Which counts may be shown",
            inputs={"cells": int(linked.is_given.sum()), "sums": linked.sums.shape[0]},
            steps=(
                *(
                    f"{one.name}: counts below {one.threshold} are hidden"
                    + (", zero is shown" if one.shows_zero else ", zero too")
                    + f"; an attacker is left with a range of at least {one.width}."
                    for one in linked.attributes.values()
                    if one.threshold is not None
                ),
                f"Too small: {primary} counts, {int((search.is_primary & ~linked.is_given).sum())} of them only follow "
                "from others by subtraction.",
                f"Hidden besides, so that no small count can be worked out: {added}.",
                f"Cannot be protected as far as the policy asks, because of what is public: {len(search.limited)}.",
            ),
            rule="threshold and complementary suppression",
            source="Fischetti & Salazar 2000; Hundepool et al. 2012, ch. 4",
        ),
    )
