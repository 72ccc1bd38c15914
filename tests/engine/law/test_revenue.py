from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.law import NotInForce
from commonground.engine.law.states.mn.revenue import dollars, integration_revenue, use_limits, whole_cents
from commonground.engine.values import InputError

CASE_A = {
    "fiscal_year": 2027,
    "adjusted_pupil_units": 4750,
    "protected_prior": 2520,
    "total_prior": 4200,
    "budget_cents": 100_000_000,
    "incentive_budget_cents": 6_000_000,
}


def test_case_a_worked_by_hand_reads_line_by_line():
    # 2,520 / 4,200 = 0.6; 350 × 4,750 × 0.6 = 997,500; 1.003 × 1,000,000 = 1,003,000; 10 × 4,750 = 47,500.
    found = integration_revenue(**CASE_A)

    assert found.revenue_cents == 104_500_000
    assert found.explanation.steps[0] == (
        "Formula: $350.00 × 4,750 pupil units × 2,520 / 4,200 protected students = $997,500.00. "
        "[Minn. Stat. 124D.862, subd. 1 (not verified)]"
    )
    assert found.explanation.steps[-1] == "This is an estimate. The department decides."


def test_montevideo_fiscal_year_2015_as_published():
    # Published by the district: $138,495 initial, $15,355 incentive, $153,850 in all. 1,535.5 units follow from
    # $15,355 / $10. The rest over the formula, 0.66 of $66,833.32, is the hold-harmless amount that makes it agree.
    found = integration_revenue(
        fiscal_year=2015,
        adjusted_pupil_units=Decimal("1535.5"),
        protected_prior=232,
        total_prior=1321,
        budget_cents=13_849_500,
        incentive_budget_cents=1_535_500,
        fy2013_revenue_cents=14_180_552,
        fy2014_formula_cents=7_497_220,
    )

    assert found.formula_cents == 9_438_501
    assert found.initial_cents == 13_849_500
    assert found.revenue_cents == 15_385_000


def test_fiscal_year_2014_has_its_own_rate():
    # 356 × 1,535.5 × 182 / 1,327 = 74,972.20 (reference, section 1.5).
    found = integration_revenue(
        fiscal_year=2014,
        adjusted_pupil_units=Decimal("1535.5"),
        protected_prior=182,
        total_prior=1327,
        budget_cents=10**10,
    )

    assert found.formula_cents == 7_497_220


def test_a_negative_difference_is_held_at_zero_and_said():
    found = integration_revenue(**CASE_A | {"fy2013_revenue_cents": 3_000_000, "fy2014_formula_cents": 4_100_000})

    assert found.hold_harmless_cents == 0
    assert "never below zero" in found.explanation.steps[1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"total_prior": 0, "protected_prior": 0}, "0 protected of 0"),
        ({"protected_prior": 4201}, "4201 protected of 4200"),
        ({"budget_cents": -1}, "budget_cents is -1"),
        ({"budget_cents": 10.5}, "give a whole number"),
        ({"budget_cents": True}, "give a whole number"),
        ({"adjusted_pupil_units": Decimal("NaN")}, "cannot be negative or unknown"),
    ],
)
def test_what_cannot_be_is_refused(change, says):
    with pytest.raises(InputError, match=says):
        integration_revenue(**CASE_A | change)


def test_a_year_before_the_law_is_refused():
    with pytest.raises(NotInForce):
        integration_revenue(**CASE_A | {"fiscal_year": 2013})


amounts = st.integers(0, 10**10)


@given(
    st.decimals(0, 10**5, places=2),
    st.integers(1, 10**5).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))),
    amounts,
    amounts,
    amounts,
    amounts,
)
def test_aid_and_levy_make_the_revenue_and_no_limit_is_passed(units, students, budget, incentive, before, after):
    found = integration_revenue(
        fiscal_year=2027,
        adjusted_pupil_units=units,
        protected_prior=students[0],
        total_prior=students[1],
        budget_cents=budget,
        incentive_budget_cents=incentive,
        fy2013_revenue_cents=before,
        fy2014_formula_cents=after,
    )

    assert found.aid_cents + found.levy_cents == found.revenue_cents
    assert found.initial_cents <= found.cap_cents
    assert found.incentive_cents <= incentive
    assert abs(found.initial_cents + found.incentive_cents - found.revenue_cents) <= 1


def test_exactly_at_a_limit_keeps_it_and_a_cent_breaks_it():
    at = use_limits(
        fiscal_year=2027,
        revenue_cents=104_500_000,
        direct_cents=83_600_000,
        development_cents=20_900_000,
        administration_cents=10_450_000,
    )
    past = use_limits(
        fiscal_year=2027,
        revenue_cents=104_500_000,
        direct_cents=83_599_999,
        development_cents=20_900_001,
        administration_cents=10_450_001,
    )

    assert [(limit.is_kept, limit.left_cents) for limit in at] == [(True, 0)] * 3
    assert [(limit.is_kept, limit.left_cents) for limit in past] == [(False, -1)] * 3
    assert past[0].explanation.steps[1] == "$835,999.99 breaks it."


def test_a_limit_on_a_fraction_of_a_cent_is_decided_without_rounding():
    # 0.8 × 3 cents = 2.4 cents: 2 cents are too little although the limit shows as 2.
    (direct, *_) = use_limits(
        fiscal_year=2027, revenue_cents=3, direct_cents=2, development_cents=0, administration_cents=0
    )

    assert (direct.limit_cents, direct.is_kept) == (2, False)


def test_negative_spending_is_refused():
    with pytest.raises(InputError, match="administration_share is -1"):
        use_limits(fiscal_year=2027, revenue_cents=1, direct_cents=0, development_cents=0, administration_cents=-1)


@given(st.fractions())
def test_whole_cents_are_never_further_than_half_a_cent_away(amount):
    assert abs(whole_cents(amount) - amount) <= Fraction(1, 2)


def test_amounts_are_written_for_people():
    assert dollars(104_500_000) == "$1,045,000.00"
    assert dollars(Fraction(-5, 2)) == "-$0.03"
