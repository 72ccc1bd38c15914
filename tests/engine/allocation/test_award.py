from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonground.engine.allocation import (
    Line,
    NoAward,
    OutOfTime,
    Package,
    Quote,
    Terms,
    Tier,
    award,
    cheaper_by_more,
    member_charges,
    tier_price,
)
from commonground.engine.values import InputError

PAPER = (Tier(1, 1000), Tier(50, 950), Tier(200, 880))


def flat(supplier, item, cents, most=None):
    return Quote(supplier, item, (Tier(1, cents),), most)


@pytest.mark.parametrize(("quantity", "cents"), [(49, 49000), (50, 47500), (199, 189050), (200, 176000)])
def test_all_units_have_the_price_of_the_tier_reached(quantity, cents):
    assert tier_price(PAPER, quantity) == cents


def test_two_hundred_are_cheaper_than_a_hundred_and_ninety_nine():
    assert cheaper_by_more(PAPER, 199) == Tier(200, 880)
    assert cheaper_by_more(PAPER, 100) is None
    assert cheaper_by_more(PAPER, 300) is None
    assert cheaper_by_more([Tier(50, 10)], 20) is None


def test_below_the_first_tier_there_is_no_price():
    assert tier_price([Tier(50, 10)], 49) is None


@pytest.mark.parametrize(
    ("tiers", "says"),
    [
        ([], "at least one, in order"),
        ([Tier(2, 1), Tier(1, 1)], "at least one, in order"),
        ([Tier(0, 1)], "first quantity of a tier is 0; give a whole number from 1"),
        ([Tier(1, -1)], "price of a unit, in cents, is -1"),
        ([Tier(1, 9.5)], "price of a unit, in cents, is 9.5"),
    ],
)
def test_tiers_that_cannot_be_are_refused(tiers, says):
    with pytest.raises(InputError, match=says):
        tier_price(tiers, 1)


def test_a_quantity_of_nothing_is_refused():
    with pytest.raises(InputError, match="the quantity is 0"):
        tier_price(PAPER, 0)


def test_freight_can_turn_the_cheapest_line_around():
    # 10 × 4.00 = 40.00 from Ada; 10 × 3.90 + 2.00 freight = 41.00 from Bo.
    quotes = [flat("Ada", "paper", 400), flat("Bo", "paper", 390)]

    found = award({"paper": 10}, quotes=quotes, terms={"Bo": Terms(freight_cents=200)})

    assert found.lines == (Line("Ada", "paper", 10, 4000),)
    assert (found.total_cents, found.single_cents, found.per_line_cents) == (4000, 4000, 4100)
    assert found.is_optimal
    assert "Together $40.00. No award can cost less than $40.00." in found.explanation.steps


def test_a_package_is_all_or_nothing():
    quotes = [flat("Ada", "paper", 400), flat("Ada", "pens", 100)]
    package = Package("Bo", "start of school", {"paper": 10, "pens": 20}, 4500)

    # By the unit 40.00 + 20.00; the package 45.00.
    found = award({"paper": 10, "pens": 20}, quotes=quotes, packages=[package])

    assert found.total_cents == 4500
    assert {line.package for line in found.lines} == {"start of school"}
    assert sum(line.cents for line in found.lines) == 4500
    assert found.single_cents == 6000


def test_a_package_that_costs_more_is_left():
    found = award({"paper": 10}, quotes=[flat("Ada", "paper", 400)], packages=[Package("Bo", "p", {"paper": 10}, 4001)])

    assert found.total_cents == 4000
    assert found.lines[0].package is None


def test_an_item_is_split_only_where_the_notice_allows_it():
    # Ada has 6 at 1.00, Bo any number at 2.00: split 6.00 + 8.00, whole lines 20.00.
    quotes = [flat("Ada", "paper", 100, most=6), flat("Bo", "paper", 200)]

    assert award({"paper": 10}, quotes=quotes).total_cents == 1400
    assert award({"paper": 10}, quotes=quotes, combining="whole_lines").total_cents == 2000


def test_one_supplier_for_everything():
    quotes = [flat("Ada", "paper", 100), flat("Ada", "pens", 300), flat("Bo", "paper", 200), flat("Bo", "pens", 100)]

    assert award({"paper": 1, "pens": 1}, quotes=quotes).total_cents == 200
    assert award({"paper": 1, "pens": 1}, quotes=quotes, combining="one_supplier").total_cents == 300


def test_a_least_order_is_kept():
    quotes = [flat("Ada", "paper", 100), flat("Bo", "paper", 110), flat("Bo", "pens", 100), flat("Ada", "pens", 400)]

    # Ada takes no order below 5.00; paper alone is 1.00. Bo for both: 2.10.
    found = award({"paper": 1, "pens": 1}, quotes=quotes, terms={"Ada": Terms(least_order_cents=500)})

    assert found.total_cents == 210
    assert found.per_line_cents is None


def test_a_higher_tier_that_would_be_cheaper_is_flagged():
    found = award({"paper": 199}, quotes=[Quote("Ada", "paper", PAPER)])

    (hint,) = found.hints
    assert (hint.quantity, hint.cents, hint.instead_of_cents) == (200, 176000, 189050)
    assert "200 × paper from Ada would cost $1,760.00 instead of $1,890.50." in found.explanation.steps


def test_without_an_offer_for_all_units_nobody_is_the_best_single():
    found = award({"paper": 10}, quotes=[flat("Ada", "paper", 100, most=4), flat("Bo", "paper", 100, most=6)])

    assert (found.single_cents, found.per_line_cents) == (None, None)
    assert "Best single supplier: none can supply all." in found.explanation.steps


def test_too_few_units_offered_are_named():
    with pytest.raises(NoAward, match="paper: 10 units are needed and 4 offered"):
        award({"paper": 10}, quotes=[flat("Ada", "paper", 100, most=4)])


def test_no_time_is_not_the_same_as_no_award():
    quotes = [flat(name, item, 100 + 7 * place) for place, name in enumerate("ABCDEF") for item in ("x", "y", "z")]

    with pytest.raises(OutOfTime, match="nothing ruled out; allow more time"):
        award({"x": 7, "y": 9, "z": 11}, quotes=quotes, most_suppliers=2, seconds=0)


def test_rules_that_leave_no_award_are_named():
    quotes = [flat("Ada", "paper", 100), flat("Bo", "pens", 100)]

    with pytest.raises(NoAward, match="look at the most suppliers"):
        award({"paper": 1, "pens": 1}, quotes=quotes, combining="one_supplier")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"needs": {"paper": 0}}, "paper: the number of units needed is 0"),
        ({"quotes": [flat("Ada", "ink", 1)]}, "which nobody needs"),
        ({"quotes": [flat("Ada", "paper", 1), flat("Ada", "paper", 2)]}, "quotes paper twice"),
        ({"quotes": [flat("Ada", "paper", 1, most=-1)]}, "the most paper that Ada offers is -1"),
        ({"packages": [Package("Ada", "empty", {}, 1)]}, "must hold items that are needed"),
        ({"packages": [Package("Ada", "ink", {"ink": 1}, 1)]}, "must hold items that are needed"),
        ({"packages": [Package("Ada", "free", {"paper": 1}, -1)]}, "its price in cents is -1"),
        ({"terms": {"Ada": Terms(freight_cents=-1)}}, "Ada: freight in cents is -1"),
        ({"terms": {"Ada": Terms(least_order_cents=0.5)}}, "Ada: the least order in cents is 0.5"),
        ({"terms": {"Bo": Terms()}}, "terms of 'Bo', who quotes nothing"),
        ({"packages": [Package("Ada", "half", {"paper": 0.5}, 1)]}, "half of Ada: its paper is 0.5"),
        ({"combining": "somehow"}, "combining is 'somehow'"),
        ({"seconds": -1}, "in -1 seconds"),
        ({"most_suppliers": 0}, "can supply nothing"),
    ],
)
def test_markets_that_cannot_be_are_refused(options, says):
    given_market = {"needs": {"paper": 1}, "quotes": [flat("Ada", "paper", 1)]} | options

    with pytest.raises(InputError, match=says):
        award(given_market.pop("needs"), **given_market)


def test_members_pay_lines_by_quantity_and_freight_by_value():
    # Ada: 3 paper at 4.00 = 12.00, freight 1.00. A takes 2 (8.00), B 1 (4.00); freight 2/3 and 1/3: 0.67 and 0.33.
    found = award({"paper": 3}, quotes=[flat("Ada", "paper", 400)], terms={"Ada": Terms(freight_cents=100)})

    charges = member_charges(found, needs={"A": {"paper": 2}, "B": {"paper": 1}})

    assert charges == {"A": 867, "B": 433}
    assert sum(charges.values()) == found.total_cents


def test_a_package_is_divided_over_all_its_items():
    package = Package("Bo", "start", {"paper": 3, "pens": 1}, 400)

    found = award({"paper": 3, "pens": 1}, quotes=[], packages=[package])

    assert member_charges(found, needs={"A": {"paper": 3}, "B": {"pens": 1}}) == {"A": 300, "B": 100}


def test_needs_that_were_not_awarded_are_refused():
    found = award({"paper": 3}, quotes=[flat("Ada", "paper", 400)])

    with pytest.raises(InputError, match="ask for the award again"):
        member_charges(found, needs={"A": {"paper": 2}})
    with pytest.raises(InputError, match="ask for the award again"):
        member_charges(found, needs={"A": {"paper": 3, "ink": 1}})


def by_trying_everything(needs, quotes, terms, most_suppliers):
    """The least cost, from every way to divide every item between the suppliers."""
    suppliers = sorted({quote.supplier for quote in quotes})
    by_key = {(quote.supplier, quote.item): quote for quote in quotes}
    best = None
    ways = []
    for item, need in needs.items():
        options = []
        for split in product(range(need + 1), repeat=len(suppliers)):
            if sum(split) != need:
                continue
            cost = {}
            for supplier, units in zip(suppliers, split, strict=True):
                quote = by_key.get((supplier, item))
                if units:
                    price = (
                        tier_price(quote.tiers, units)
                        if quote and (quote.most is None or units <= quote.most)
                        else None
                    )
                    if price is None:
                        break
                    cost[supplier] = price
            else:
                options.append(cost)
        ways.append(options)
    for combination in product(*ways):
        spent = {}
        for cost in combination:
            for supplier, cents in cost.items():
                spent[supplier] = spent.get(supplier, 0) + cents
        if len(spent) > most_suppliers or any(spent[name] < terms[name].least_order_cents for name in spent):
            continue
        total = sum(spent.values()) + sum(terms[name].freight_cents for name in spent)
        best = total if best is None else min(best, total)
    return best


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3))
def test_no_award_is_cheaper_by_trying_everything(seed, most_suppliers):
    rng = np.random.default_rng(seed)
    needs = {f"item {place}": int(rng.integers(1, 6)) for place in range(2)}
    suppliers = ["Ada", "Bo", "Cy"]
    quotes = [
        Quote(
            supplier,
            item,
            tuple(Tier(start, int(rng.integers(50, 200))) for start in (1, 3)),
            None if rng.random() < 0.7 else int(rng.integers(1, 6)),
        )
        for supplier in suppliers
        for item in needs
        if rng.random() < 0.8
    ]
    terms = {name: Terms(int(rng.integers(0, 150)), int(rng.integers(0, 200))) for name in suppliers}
    terms = {name: one for name, one in terms.items() if any(quote.supplier == name for quote in quotes)}

    expected = by_trying_everything(needs, quotes, terms, most_suppliers)

    if expected is None:
        with pytest.raises(NoAward):
            award(needs, quotes=quotes, terms=terms, most_suppliers=most_suppliers)
    else:
        found = award(needs, quotes=quotes, terms=terms, most_suppliers=most_suppliers)
        assert (found.total_cents, found.bound_cents) == (expected, expected)
