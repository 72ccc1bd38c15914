"""Rolling offers: freed seats go down the line, with the numbers of the first draw."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.assignment.markets import is_stable, markets

from commonground.engine.assignment import (
    Applicant,
    Block,
    Program,
    begin_waitlists,
    build_market,
    deferred_acceptance,
    immediate_acceptance,
    market_of,
    roll,
    with_reserves,
)
from commonground.engine.values import InputError


def three_programs():
    # a holds x, b holds y and waits for x, c holds nothing and waits for y.
    market = build_market([Program("x", 1), Program("y", 1)], [[0, -1], [0, 1], [1, -1]])
    return deferred_acceptance(market, [0, 1, 2])


def test_a_seat_given_up_sets_off_a_chain():
    lists = begin_waitlists(three_programs())
    assert list(lists.offers()) == []

    (offer,) = lists.leave(0).offers()
    end, made = roll(lists.leave(0))

    assert (offer.applicant, offer.program, offer.leaves) == (1, 0, 1)
    assert [(one.applicant, one.program) for one in made] == [(1, 0), (2, 1)]
    assert end.held == (-1, 0, 0)


def test_a_refused_offer_goes_to_the_next_in_line_and_does_not_come_back():
    market = build_market([Program("x", 1)], [[0], [0], [0]])
    lists = begin_waitlists(deferred_acceptance(market, [0, 1, 2])).leave(0)

    refused = lists.refuse(next(lists.offers()))

    assert [offer.applicant for offer in refused.offers()] == [2]
    assert lists.refused == frozenset()


def test_taking_a_seat_can_end_waiting_everywhere_else():
    # c holds z; when x's holder leaves, c moves to y's seat... only if it still waits there.
    market = build_market([Program("x", 1), Program("y", 1)], [[0, 1], [0, 1], [1, -1]])
    begun = deferred_acceptance(market, [0, 1, 2])
    staying = begin_waitlists(begun).leave(1)
    ending = begin_waitlists(begun, accepting_ends_waiting=True).leave(1)

    offer = next(ending.offers())
    assert offer.applicant == 2
    assert staying.accept(offer).leave(0).refused == frozenset()
    market = build_market([Program("x", 1), Program("y", 1)], [[0, -1], [1, -1], [0, 1]])
    lists = begin_waitlists(deferred_acceptance(market, [0, 1, 2]), accepting_ends_waiting=True).leave(1)
    accepted = lists.accept(next(lists.offers()))
    assert accepted.refused == {(2, 0)}
    assert list(accepted.leave(0).offers()) == []


def test_an_offer_that_was_not_made_cannot_be_answered():
    lists = begin_waitlists(three_programs())
    offer = next(lists.leave(0).offers())

    with pytest.raises(InputError, match="'1' has no offer at choice 0 now"):
        lists.accept(offer)
    with pytest.raises(InputError, match="read the offers again"):
        lists.refuse(offer)


def test_a_freed_reserved_seat_goes_to_the_next_member():
    people = [
        Applicant("n", ("arts",), ("north",)),
        Applicant("a", ("arts",)),
        Applicant("b", ("arts",)),
        Applicant("m", ("arts",), ("north",)),
    ]
    lists = begin_waitlists(
        deferred_acceptance(market_of(people, [with_reserves("arts", 2, {"north": 1})]), [0, 1, 2, 3])
    )

    assert [offer.applicant for offer in lists.leave(0).offers()] == [3]
    assert [offer.applicant for offer in lists.leave(1).offers()] == [2]


def test_an_offer_displaces_no_one_even_when_the_first_outcome_was_not_stable():
    # Immediate acceptance left a (no member) on a seat that north comes first for; m waits behind a hard block.
    program = Program("x", 2, (Block(1, "north", "others"), Block(1, "south", "empty")))
    people = [Applicant("a", ("x",)), Applicant("m", ("y", "x"), ("north",)), Applicant("k", ("y",))]
    begun = immediate_acceptance(market_of(people, [program, Program("y", 1)]), [0, 2, 1])

    assert begun.by_name == {"a": "x", "m": None, "k": "y"}
    assert list(begin_waitlists(begun).offers()) == []


@given(markets(), st.data())
@settings(deadline=None)
def test_after_all_offers_no_one_who_is_left_was_passed_over(drawn, data):
    market, lottery = drawn
    lists = begin_waitlists(deferred_acceptance(market, lottery))
    for applicant in range(market.applicant_count):
        if data.draw(st.booleans()):
            lists = lists.leave(applicant)

    end, made = roll(lists)

    classes = market.classes.copy()
    classes[sorted(end.gone)] = -1
    assert is_stable(market.with_classes(classes), lottery, end.held)
    for applicant, (before, after) in enumerate(zip(lists.held, end.held, strict=True)):
        assert before == after or (after >= 0 and (before < 0 or after < before)), applicant
    assert len(made) <= np.size(market.choices)
