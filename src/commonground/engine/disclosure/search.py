"""The search for complementary cells: each linear program moves many small counts at once, at the least price.

Moving counts means going from the real table to another whole-number table with the same published counts. A count that
can move by the range it needs is protected, and stays so whatever else is hidden later.
"""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds
from scipy.sparse import hstack

from commonground.engine.disclosure.audit import Floats, Mask, attack, cheapest, exact_bounds
from commonground.engine.disclosure.cells import Cell, Linked, asked_ranges, least_counts, shown_zeros, small_counts

REWARD = 1e4
AT_ONCE = 1 / 8
PREFERRED, FREE = 1e-2, 1e-3


class ComplementarySearch:
    """Adds hidden cells until every small count is protected.

    All arrays have shape (cells,). is_hidden, is_primary, can_hide: yes or no. needed: range to leave, in people.
    up, down: how far each count is proved to be able to rise and fall, in people. can_rise: how far those could that joint
    moves did not reach, with everything hidden. limited: positions of counts that
    public facts narrow more than the policy asks, whose `needed` is what can be had.
    """

    def __init__(
        self, linked: Linked, *, published: Collection[Cell], withheld: Collection[Cell], prefer: Collection[Cell]
    ) -> None:
        is_known = _mask(linked, published)
        is_protected = np.array([bool(linked.rules(one)) for one in linked.cells])
        self.linked = linked
        self.least = least_counts(linked)
        self.is_primary: Mask = small_counts(linked)
        self.needed: npt.NDArray[np.int64] = asked_ranges(linked)
        self.can_hide: Mask = linked.is_given & ~is_known & is_protected & ~shown_zeros(linked)
        self.is_hidden: Mask = ~linked.is_given | ((self.is_primary | _mask(linked, withheld)) & ~is_known)
        self.price = np.where(_mask(linked, prefer), PREFERRED, 1 + np.log1p(linked.counts))
        self.up = np.zeros(len(linked.cells))
        self.down = np.zeros(len(linked.cells))
        self.can_rise = np.zeros(len(linked.cells))
        self.limited: list[int] = []

    @property
    def is_open(self) -> Mask:
        """Counts not yet proved to be protected."""
        return self.up + self.down < self.needed

    def run(self) -> None:
        """Protect every small count as far as it can be."""
        self._protect_together()
        if self.is_open.any():
            self._lower_what_cannot_be_had()
            self._protect_together()
        for place in np.flatnonzero(self.is_open):
            self._protect(int(place))

    def _protect_together(self) -> None:
        coin = np.random.default_rng(0)
        nobody = np.zeros_like(self.is_hidden)
        self._swap()
        while self.is_open.any():
            before = self.is_open.sum()
            self._move(self.is_open & (coin.random(len(self.up)) < AT_ONCE), nobody, may_hide=True)
            self._swap()
            if self.is_open.sum() == before:
                self._move(self.is_open, nobody, may_hide=True)
                self._move(nobody, self.is_open, may_hide=True)
            if self.is_open.sum() == before:
                break

    def _swap(self) -> None:
        """Prove what is protected already: some counts rise while others fall, and nothing more is hidden.

        Who rises is read from the digits of a running number, so that any two counts part at some digit.
        """
        number = np.cumsum(self.is_open) - 1
        for digit in range(int(self.is_open.sum()).bit_length()):
            rises = (number >> digit) % 2 == 1
            self._move(self.is_open & rises, self.is_open & ~rises, may_hide=False)
            self._move(self.is_open & ~rises, self.is_open & rises, may_hide=False)

    def _move(self, risers: Mask, fallers: Mask, *, may_hide: bool) -> None:
        """Let as many risers rise and fallers fall as far as they need; hide what moves with them, if that is allowed."""
        risers, fallers = risers & self._movable(may_hide), fallers & self._movable(may_hide)
        rise = np.where(risers, self.needed - self.down, 0)
        fall = np.where(fallers, np.minimum(self.needed - self.up, self.linked.counts - self.least), 0)
        # A riser that could fall too would earn its reward by standing still.
        self._solve(rise, fall, stays_up=risers, stays_down=fallers, may_hide=may_hide)

    def _lower_what_cannot_be_had(self) -> None:
        """Ask no wider range than is left when everything that can be hidden is."""
        is_open, everything = self.is_open, self._movable(may_hide=True)
        low, high = self.linked.counts.astype(np.float64), self.linked.counts.astype(np.float64)
        for part in attack(self.linked, is_published=~everything, least=self.least).components():
            wanted = is_open[part.unknown]
            if wanted.any():
                reach = self.needed[part.unknown].astype(np.float64)
                low[part.unknown], high[part.unknown] = exact_bounds(part, wanted=wanted, reach=reach)
        self.can_rise = np.where(is_open, high - self.linked.counts, 0)
        width = np.where(is_open, high - low, np.inf)
        short = width < self.needed
        self.needed = np.where(short, width, self.needed).astype(np.int64)
        self.limited = [int(place) for place in np.flatnonzero(short)]

    def _protect(self, place: int) -> None:
        """Protect one count that the joint moves did not reach."""
        only = np.zeros_like(self.is_hidden)
        only[place] = True
        rise = min(self.needed[place], self.can_rise[place])
        for up, down in ((rise, 0), (0, self.needed[place] - rise)):
            if self.is_open[place] and up + down:
                self._solve(
                    np.where(only, up, 0),
                    np.where(only, down, 0),
                    stays_up=only & (up > 0),
                    stays_down=only & (down > 0),
                    may_hide=True,
                )

    def _movable(self, may_hide: bool) -> Mask:
        return self.is_hidden | self.can_hide if may_hide else self.is_hidden

    def _solve(self, rise: Floats, fall: Floats, *, stays_up: Mask, stays_down: Mask, may_hide: bool) -> None:
        """One linear program over rising and falling counts; a reward for each step that is wanted, a price for hiding.

        Columns: every movable count up, every one down, then the wanted steps up and down.
        """
        movable = np.flatnonzero(self._movable(may_hide))
        risers, fallers = np.flatnonzero(rise > 0), np.flatnonzero(fall > 0)
        if not (len(risers) or len(fallers)):
            return
        sums = self.linked.sums
        room = self.linked.counts - self.least
        # Hiding has a price once, not for each step: a cell with room for all the steps is better than two without.
        many = max(rise.max(), fall.max())
        columns = hstack([sums[:, movable], -sums[:, movable], sums[:, risers], -sums[:, fallers]]).tocsr()
        columns = columns[np.flatnonzero(np.diff(columns.indptr))]
        most = [
            np.where(stays_down, 0.0, np.inf)[movable],
            np.where(stays_up, 0, room - fall)[movable],
            rise[risers],
            fall[fallers],
        ]
        cost = [
            np.where(self.is_hidden, FREE, self.price / many)[movable],
            np.where(self.is_hidden, FREE, self.price / np.clip(room, 1, many))[movable],
            np.full(len(risers) + len(fallers), -REWARD),
        ]
        found = cheapest(np.concatenate(cost), sums=columns, totals=0, bounds=Bounds(0, np.concatenate(most)))
        up, down, wanted_up, wanted_down = np.split(found, np.cumsum([len(movable), len(movable), len(risers)]))
        moves = np.zeros(len(self.up))
        moves[movable] += up - down
        moves[risers] += wanted_up
        moves[fallers] -= wanted_down
        self.is_hidden |= moves != 0
        self.up = np.maximum(self.up, moves)
        self.down = np.maximum(self.down, -moves)


def _mask(linked: Linked, cells: Collection[Cell]) -> Mask:
    found = np.zeros(len(linked.cells), dtype=bool)
    found[[linked.position(one) for one in cells]] = True
    return found
