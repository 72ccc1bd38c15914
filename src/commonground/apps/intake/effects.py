"""What other apps do with a batch, inside intake's own transactions.

An app registers a follower when it starts (`AppConfig.ready`). Intake calls it three times: after a file was read and
compared, after its rows were written, and after they were taken back. A follower that raises stops the whole step, so
that counts and rows are never of two minds.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from commonground.formats import Reading

if TYPE_CHECKING:
    from commonground.apps.intake.models import Batch

# The format whose bundles are a district's own roster; files of other formats need no tie and speak for no student.
ROSTER = "oneroster"


class Follower(Protocol):
    """formats: keys of the formats it follows. Each call is made inside the walls, as the acting person."""

    formats: frozenset[str]

    def check(self, batch: "Batch", reading: Reading) -> Mapping[str, Mapping[str, int]]:
        """Rows new, changed, back, gone and unchanged per table that applying would write; nothing is written."""

    def apply(self, batch: "Batch") -> None:
        """Write what follows from the batch. As the loader, in the transaction that applies it."""

    def undo(self, batch: "Batch") -> None:
        """Put everything back as it was before the batch. As the loader, in the transaction that undoes it."""


_followers: list[Follower] = []


def follow(follower: Follower) -> None:
    """Register a follower; the order of registering is the order of calling."""
    _followers.append(follower)


def following(format: str) -> Iterator[Follower]:
    """The followers of batches of this format."""
    return (follower for follower in _followers if format in follower.formats)
