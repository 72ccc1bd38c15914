from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.law.states.mn.procurement import (
    BIDS_OR_QUOTATIONS,
    QUOTATIONS_OR_MARKET,
    SEALED_BIDS,
    procurement_procedure,
)
from commonground.engine.values import InputError

DAY = date(2026, 9, 1)


# Minn. Stat. 471.345 says "exceeds": the limit itself belongs to the lower procedure.
@pytest.mark.parametrize(
    ("cents", "name"),
    [
        (0, QUOTATIONS_OR_MARKET),
        (2_500_000, QUOTATIONS_OR_MARKET),
        (2_500_001, BIDS_OR_QUOTATIONS),
        (17_500_000, BIDS_OR_QUOTATIONS),
        (17_500_001, SEALED_BIDS),
    ],
)
def test_procedures_at_their_limits(cents, name):
    found = procurement_procedure([cents], on=DAY)

    assert found.name == name
    assert not found.is_raised_by_joining


def test_before_august_2018_sealed_bids_began_at_one_hundred_thousand_dollars():
    assert procurement_procedure([10_000_001], on=date(2018, 7, 31)).name == SEALED_BIDS
    assert procurement_procedure([10_000_001], on=date(2018, 8, 1)).name == BIDS_OR_QUOTATIONS


def test_a_joint_purchase_is_classified_on_its_total_and_splitting_is_warned_of():
    # 90,000 + 60,000 + 40,000 = 190,000 dollars, over 175,000.
    found = procurement_procedure([9_000_000, 6_000_000, 4_000_000], on=DAY)

    assert (found.name, found.total_cents, found.is_raised_by_joining) == (SEALED_BIDS, 19_000_000, True)
    assert found.explanation.steps[0] == "Estimated amount: $90,000.00 + $60,000.00 + $40,000.00 = $190,000.00."
    assert "do not split it" in found.explanation.steps[-1]


@pytest.mark.parametrize(
    ("estimates", "says"), [([], "no estimate"), ([1, -1], "position 1"), ([1.5], "whole cents"), ([True], "whole")]
)
def test_estimates_that_cannot_be_are_refused(estimates, says):
    with pytest.raises(InputError, match=says):
        procurement_procedure(estimates, on=DAY)


@given(st.lists(st.integers(0, 10**8), min_size=1, max_size=6))
def test_a_larger_purchase_never_needs_less(estimates):
    order = [QUOTATIONS_OR_MARKET, BIDS_OR_QUOTATIONS, SEALED_BIDS]

    joint = order.index(procurement_procedure(estimates, on=DAY).name)

    assert joint >= max(order.index(procurement_procedure([cents], on=DAY).name) for cents in estimates)
