"""How likely each seat was before the draw, read from the cutoffs of one run: kept with every sealed draw."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonground.engine.assignment.kernels import CLASS_BITS, EVERYONE
from commonground.engine.assignment.outcome import Assignment
from commonground.engine.assignment.reasons import cutoffs
from commonground.engine.values import Explanation, InputError


@dataclass(frozen=True, slots=True, eq=False)
class Propensities:
    """Chances of each choice. share: shape (applicants, choices + 1), every row sums to 1; the last column is no place.

    Two families with the same chances differ by luck alone in what they got: the comparison that tells what a program
    does for its students.
    """

    share: NDArray[np.float64]
    explanation: Explanation


def propensities(assignment: Assignment) -> Propensities:
    """The chance of each choice by the run's cutoffs, as if each applicant drew again and everyone else stayed.

    At a program an applicant is always, never, or by number admitted: by number where the own class is the last one
    admitted, and then with the share of the line that was. What a better choice would already have taken is left out.
    Exact in the limit of many applicants; for few use `exact_admission_chances`, or `admission_chances` for the whole
    lottery drawn again. Raises InputError for a mechanism without cutoffs.
    Source: Abdulkadiroğlu, Angrist, Narita & Pathak 2017, Econometrica 85:1373.

    >>> from commonground.engine.assignment import Program, build_market, deferred_acceptance
    >>> market = build_market([Program("arts", 1), Program("stem", 1)], [[0, 1], [0, 1], [0, 1], [0, 1]])
    >>> propensities(deferred_acceptance(market, [0, 1, 2, 3])).share[0].tolist()
    [0.25, 0.25, 0.5]
    """
    if assignment.mechanism not in ("deferred acceptance", "serial dictatorship"):
        raise InputError(f"{assignment.mechanism} has no cutoffs that tell chances; draw it many times instead")
    market = assignment.market
    admitted = _admitted(assignment)
    share = np.zeros((market.applicant_count, market.choice_count + 1))
    is_single = assignment.lottery.shape[1] == 1
    # One number: the part of the line that some better choice takes. Numbers per program: the chance that none did.
    taken = np.zeros(market.applicant_count)
    for choice in range(market.choice_count):
        reached = np.maximum(taken, admitted[:, choice]) if is_single else taken + (1 - taken) * admitted[:, choice]
        share[:, choice] = reached - taken
        taken = reached
    share[:, -1] = 1 - taken
    return Propensities(
        share,
        Explanation(
            what=f"Chance of each choice of {market.applicant_count} applicants, from the cutoffs of one run",
            inputs={"applicants": market.applicant_count, "programs": len(market.programs)},
            steps=(
                f"{int((share[:, :-1].max(axis=1, initial=0.0) == 1).sum())} applicants were certain of a choice",
                f"{int(((share > 0) & (share < 1)).any(axis=1).sum())} depended on their number",
            ),
            rule="deferred acceptance propensity",
            source="Abdulkadiroğlu, Angrist, Narita & Pathak 2017",
        ),
    )


def _admitted(assignment: Assignment) -> NDArray[np.float64]:
    """The share of lottery numbers with which each applicant gets in at each choice, shape (applicants, choices)."""
    market, is_single = assignment.market, assignment.lottery.shape[1] == 1
    admitted = np.zeros(market.choices.shape)
    may_ask = (market.choices >= 0) & (market.classes >= 0)
    for number in range(len(market.programs)):
        rows, columns = np.nonzero((market.choices == number) & may_ask)
        line = market.applicant_count if is_single else int((market.choices == number).sum())
        masks = market.members[rows, columns]
        for mask in np.unique(masks).tolist():
            here = masks == mask
            to_beat = cutoffs(assignment, number, mask)[1]
            last_class, last_number = to_beat >> CLASS_BITS, to_beat & (2**CLASS_BITS - 1)
            own = market.classes[rows[here], columns[here]]
            by_number = np.where(
                own == last_class, min(1.0, (last_number + 1) / line), (own < last_class).astype(float)
            )
            is_open = to_beat == int(EVERYONE)
            admitted[rows[here], columns[here]] = 1.0 if is_open else 0.0 if to_beat < 0 else by_number
    return admitted
