"""An assignment: who holds which choice, its certificate, and its explanation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonground.engine.assignment.certificate import Certificate
from commonground.engine.assignment.market import Market
from commonground.engine.values import Explanation


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """The outcome of one run.

    mechanism: its name. lottery: the numbers used, shape (applicants, 1) or (applicants, choices).
    position: the choice each applicant holds, 0 for the first, -1 for none.
    certificate: what was checked afterwards. explanation: what, from what, under which rule.
    """

    mechanism: str
    market: Market
    lottery: NDArray[np.int32]
    position: NDArray[np.int32]
    certificate: Certificate
    explanation: Explanation

    @property
    def program(self) -> NDArray[np.int32]:
        """The program number each applicant holds, -1 for none."""
        held = np.take_along_axis(self.market.choices, np.maximum(self.position, 0)[:, None], axis=1)[:, 0]
        return np.where(self.position >= 0, held, -1).astype(np.int32)

    @property
    def by_name(self) -> dict[str, str | None]:
        """Program name per applicant, None for no place."""
        return {
            self.market.name(row): self.market.programs[number].name if number >= 0 else None
            for row, number in enumerate(self.program.tolist())
        }
