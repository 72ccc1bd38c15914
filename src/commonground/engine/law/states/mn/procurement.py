"""Which procedure a purchase needs in Minnesota, by its estimated amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from commonground.engine.law.registry import state
from commonground.engine.law.states.mn.revenue import dollars
from commonground.engine.values import Explanation, InputError

SEALED_BIDS = "sealed bids by public notice"
BIDS_OR_QUOTATIONS = (
    "sealed bids, or direct negotiation with two or more quotations when possible, kept on file at least one year"
)
QUOTATIONS_OR_MARKET = "quotations (at least two if practicable, kept one year) or open market"


@dataclass(frozen=True, slots=True)
class Procedure:
    """How a purchase must be made.

    total_cents: the estimate that decided it. is_raised_by_joining: True when no member's own part would need it,
    which is a warning against splitting a joint purchase.
    """

    name: str
    total_cents: int
    is_raised_by_joining: bool
    explanation: Explanation


def procurement_procedure(estimated_cents: Sequence[int], *, on: date) -> Procedure:
    """The procedure for one purchase, or for one joint purchase of several members.

    estimated_cents: the estimate of each member, whole cents; a joint purchase is classified on the total.
    Raises InputError for no estimate, or one that is negative or not a whole number.
    Source: Minn. Stat. 471.345, subd. 3 to 5. Whether a joint-powers cooperative may rely on subd. 15 is for counsel.

    >>> procurement_procedure([2_500_000], on=date(2026, 9, 1)).name
    'quotations (at least two if practicable, kept one year) or open market'
    """
    if not estimated_cents:
        raise InputError("no estimate is given: a purchase is classified on its estimated amount")
    for position, cents in enumerate(estimated_cents):
        if not isinstance(cents, int) or isinstance(cents, bool) or cents < 0:
            raise InputError(f"estimate at position {position} is {cents!r}: give whole cents, zero or more")
    book = state("mn").rulebook
    bids, quotations = book.on("sealed_bids_cents", on), book.on("quotations_cents", on)

    def procedure(cents: int) -> str:
        if bids.holds(cents):
            return SEALED_BIDS
        return BIDS_OR_QUOTATIONS if quotations.holds(cents) else QUOTATIONS_OR_MARKET

    total = sum(estimated_cents)
    name = procedure(total)
    is_raised = all(procedure(cents) != name for cents in estimated_cents)
    added = " + ".join(dollars(cents) for cents in estimated_cents)
    steps = [f"Estimated amount: {added} = {dollars(total)}." if len(estimated_cents) > 1 else f"Estimated: {added}."]
    for line, label in ((bids, "sealed bids"), (quotations, "quotations or bids")):
        is_over = "is" if line.holds(total) else "is not"
        steps.append(
            f"{dollars(total)} {is_over} more than {dollars(line.value)}, the limit for {label}. [{line.citation}]"
        )
    steps.append(f"So: {name}.")
    if is_raised:
        steps.append("No member's own part would need this. One joint purchase counts as a whole; do not split it.")
    return Procedure(
        name=name,
        total_cents=total,
        is_raised_by_joining=is_raised,
        explanation=Explanation(
            what="Which procedure does this purchase need?",
            inputs={"estimates, cents": list(estimated_cents), "day": str(on)},
            steps=tuple(steps),
            rule="mn-471.345",
            source=bids.citation,
        ),
    )
