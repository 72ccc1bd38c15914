"""Every choice not obtained has a reason that is true."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.engine.assignment.markets import markets

from commonground.engine.assignment import (
    Applicant,
    Block,
    Program,
    build_market,
    deferred_acceptance,
    immediate_acceptance,
    independent_lotteries,
    market_of,
    needed_number,
    reasons,
    serial_dictatorship,
    top_trading_cycles,
    waitlist,
    with_overlapping_reserves,
    with_reserves,
)
from commonground.engine.values import InputError


def run(people, programs, lottery):
    return deferred_acceptance(market_of(people, programs), lottery)


def test_the_lottery_number_decided():
    assignment = run([Applicant(name, ("arts",)) for name in "abc"], [Program("arts", 1)], [3, 7, 5])

    (reason,) = reasons(assignment, 1)

    assert reason.cause == "lottery number"
    assert reason.sentence.endswith("has lottery number 3; this applicant has 7.")
    assert reason.would_have_changed_it == ("A lottery number smaller than 3.",)
    assert reason.waitlist_place == 2
    assert (reason.blocks[0].priority_class, reason.blocks[0].lottery_number) == (0, 3)
    assert reasons(assignment, 0) == ()


def test_the_priority_class_decided():
    people = [Applicant("a", ("arts",), classes={"arts": 1}), Applicant("b", ("arts",), classes={"arts": 2})]

    worse_number = reasons(run(people, [Program("arts", 1)], [0, 1]), 1)[0]
    better_number = reasons(run(people, [Program("arts", 1)], [1, 0]), 1)[0]

    assert worse_number.cause == better_number.cause == "priority class"
    assert worse_number.would_have_changed_it == ("Priority class 0 or better with the same lottery number.",)
    assert better_number.would_have_changed_it == ("Priority class 1 or better with the same lottery number.",)


def test_nothing_changes_it_where_the_best_class_and_number_were_beaten_on_class():
    people = [Applicant("a", ("arts",)), Applicant("b", ("arts",), classes={"arts": 1})]

    assert reasons(run(people, [Program("arts", 1)], [0, 1]), 1)[0].would_have_changed_it == ()


def test_a_better_class_is_named_beside_the_number():
    people = [Applicant(name, ("arts",), classes={"arts": 1}) for name in "ab"]

    assert reasons(run(people, [Program("arts", 1)], [0, 1]), 1)[0].would_have_changed_it == (
        "Priority class 0 or better with the same lottery number.",
    )


def test_a_reserved_seat_is_named_with_its_last_admitted():
    people = [Applicant("a", ("arts",)), Applicant("b", ("arts",)), Applicant("n", ("arts",), ("north",))]

    (reason,) = reasons(run(people, [with_reserves("arts", 2, {"north": 1})], [0, 1, 2]), 1)

    north, everyone = reason.blocks
    assert (north.block, north.is_usable, north.lottery_number, north.members_first) == (
        "seats for north",
        False,
        2,
        True,
    )
    assert (everyone.block, everyone.is_usable, everyone.lottery_number) == ("open seats", True, 0)
    assert "Counting as a member for the seats for north." in reason.would_have_changed_it


def test_a_free_seat_that_the_applicant_may_not_use_is_shown():
    program = Program("arts", 1, (Block(1, "north", "empty"),))

    (reason,) = reasons(run([Applicant("a", ("arts",))], [program], [0]), 0)

    assert reason.cause == "no seat for this applicant"
    assert reason.blocks[0].has_free_seat
    assert reason.blocks[0].lottery_number is None
    assert reason.would_have_changed_it == ("Counting as a member for the seats for north.",)


def test_outsiders_of_a_shared_block_are_told_what_stood_before_them():
    # Both seats go to members first; n takes one, a the other. b stands behind a among the others.
    program = Program("arts", 2, (Block(2, "north", "others"),))
    people = [Applicant("n", ("arts",), ("north",)), Applicant("a", ("arts",)), Applicant("b", ("arts",))]

    (reason,) = reasons(run(people, [program], [2, 0, 1]), 2)

    assert reason.cause == "lottery number"
    assert reason.blocks[0].lottery_number == 0
    assert not reason.blocks[0].members_first


def test_members_fill_a_shared_block():
    program = Program("arts", 1, (Block(1, "north", "others"),))
    people = [Applicant("n", ("arts",), ("north",)), Applicant("a", ("arts",))]

    assert reasons(run(people, [program], [1, 0]), 1)[0].cause == "no seat for this applicant"


def test_a_program_that_may_not_take_the_applicant_has_no_waitlist_place():
    (reason,) = reasons(run([Applicant("a", ("arts",), classes={"arts": -1})], [Program("arts", 1)], [0]), 0)

    assert (reason.cause, reason.waitlist_place) == ("not eligible", None)


def test_programs_that_choose_as_a_whole_give_the_number_to_beat():
    people = [Applicant("a", ("arts",)), Applicant("b", ("arts",)), Applicant("m", ("arts",), ("W",))]

    (reason,) = reasons(run(people, [with_overlapping_reserves("arts", 2, {"W": 1})], [0, 1, 2]), 1)

    assert (reason.cause, reason.blocks) == ("lottery number", ())
    assert reason.would_have_changed_it == ("A lottery number smaller than 0.",) or reason.would_have_changed_it == ()


def test_the_numbers_of_each_program_are_used_where_each_draws_its_own():
    market = build_market([Program("x", 1), Program("y", 1)], [[0, 1], [0, 1]])

    (reason,) = reasons(deferred_acceptance(market, [[9, 0], [4, 1]]), 0)

    assert (reason.lottery_number, reason.blocks[0].lottery_number) == (9, 4)


def test_other_mechanisms_say_their_own_reason():
    market = build_market([Program("x", 1), Program("y", 1)], [[0, 1], [0, 1], [1, 0]])

    boston = reasons(immediate_acceptance(market, [0, 1, 2]), 1)
    alone = reasons(independent_lotteries(market, [0, 1, 2]).assignment, 1)
    traded = reasons(top_trading_cycles(market, [0, 1, 2]), 2)

    assert [reason.cause for reason in boston] == ["lottery number", "gone in an earlier round"]
    assert boston[1].would_have_changed_it == ("Listing y higher.",)
    # x and y both drew applicant 0 first, who keeps x: the seat of y is free again, and 1 is next in line for it.
    assert [(reason.cause, reason.waitlist_place) for reason in alone] == [("not drawn", 1), ("not drawn", 1)]
    assert [reason.cause for reason in traded] == ["traded", "traded"]


@given(markets(), st.data())
@settings(deadline=None)
def test_a_smaller_number_than_the_named_one_gives_the_seat_or_a_better_one(drawn, data):
    market, lottery = drawn
    assume(market.applicant_count > 1 and lottery.shape[1] == 1)
    assignment = deferred_acceptance(market, lottery)
    who = data.draw(st.integers(0, market.applicant_count - 1))

    for reason in reasons(assignment, who):
        enough = needed_number(assignment, who, reason.choice)
        for number in range(market.applicant_count):
            order = np.argsort(lottery[:, 0])
            moved = np.insert(order[order != who], number, who)
            again = deferred_acceptance(market, np.argsort(moved))
            got = again.position[who]
            has_it = 0 <= got <= reason.choice
            assert has_it == (enough is not None and number <= enough)
    held = int(assignment.position[who])
    if held >= 0:
        assert needed_number(assignment, who, held) is not None


def test_the_needed_number_is_told_for_one_common_lottery_only():
    market = build_market([Program("x", 1), Program("y", 1)], [[0, 1], [0, 1]])

    assert needed_number(serial_dictatorship(market, [0, 1]), 1, 0) == 0
    with pytest.raises(InputError, match="one lottery number per applicant"):
        needed_number(deferred_acceptance(market, [[0, 1], [1, 0]]), 0, 0)
    with pytest.raises(InputError, match="can be told for deferred acceptance"):
        needed_number(top_trading_cycles(market, [0, 1]), 0, 0)


def test_the_waitlist_holds_those_who_prefer_the_program_to_what_they_have():
    market = build_market([Program("x", 1), Program("y", 1)], [[0, 1], [0, 1], [0, -1], [1, 0]])

    assignment = deferred_acceptance(market, [0, 2, 1, 3])

    assert assignment.position.tolist() == [0, 1, -1, -1]
    assert waitlist(assignment, 0).tolist() == [2, 1, 3]
    assert waitlist(assignment, 1).tolist() == [3]


def test_who_or_what_is_not_there_has_no_reason():
    assignment = deferred_acceptance(build_market([Program("x", 1), Program("y", 1)], [[0, 1], [0, -1]]), [0, 1])

    for applicant in (-1, 2):
        with pytest.raises(InputError, match=f"no applicant number {applicant}"):
            reasons(assignment, applicant)
    for choice in (-1, 1, 2):
        with pytest.raises(InputError, match=f"applicant 1 has no choice number {choice}"):
            needed_number(assignment, 1, choice)
    for program in (-1, 2):
        with pytest.raises(InputError, match=f"no program number {program}"):
            waitlist(assignment, program)
