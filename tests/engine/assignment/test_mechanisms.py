"""Deferred acceptance, serial dictatorship, immediate acceptance, trading cycles, independent lotteries."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.assignment.markets import every_stable, is_stable, markets

from commonground.engine.assignment import (
    Applicant,
    Block,
    Program,
    build_market,
    deferred_acceptance,
    immediate_acceptance,
    independent_lotteries,
    market_of,
    program_proposing,
    serial_dictatorship,
    stable_assignments,
    top_trading_cycles,
    with_ceilings,
    with_overlapping_reserves,
    with_reserves,
)
from commonground.engine.assignment.cycles import top_trading_cycles_in_numpy
from commonground.engine.assignment.deferred import deferred_acceptance_in_numpy
from commonground.engine.values import InputError

OPEN_ONLY = ("open",)


def everyone_wants(program, people):
    """people: (name, categories), in lottery order."""
    applicants = [Applicant(name, (program.name,), categories) for name, categories in people]
    return deferred_acceptance(market_of(applicants, [program]), np.arange(len(people)))


def admitted(assignment):
    return sorted(name for name, place in assignment.by_name.items() if place)


def test_a_reserved_seat_goes_to_its_own_and_an_empty_one_returns_to_everyone():
    # Three seats: one for north, one for east (nobody), one open. The line: a, b, c, n (north).
    # north takes n; east's seat returns; a and b take the two open seats; c is left.
    program = with_reserves("arts", 3, {"north": 1, "east": 1})

    run = everyone_wants(program, [("a", ()), ("b", ()), ("c", ()), ("n", ("north",))])

    assert admitted(run) == ["a", "b", "n"]
    assert run.certificate.holds


def test_a_hard_reserve_stays_empty():
    run = everyone_wants(Program("arts", 2, (Block(1, "north", "empty"), Block(1))), [("a", ()), ("b", ())])

    assert admitted(run) == ["a"]
    assert run.certificate.holds


@pytest.mark.parametrize(("order", "expected"), [(("walk", None), ["n1", "w1"]), ((None, "walk"), ["w1", "w2"])])
def test_the_order_of_the_blocks_decides_who_gets_in(order, expected):
    # Line: w1, n1, w2. Walk first: w1 takes the walk seat, n1 the open one. Open first: w1 takes the open seat, w2 walk.
    blocks = tuple(Block(1, name, "others") for name in order)

    run = everyone_wants(Program("arts", 2, blocks), [("w1", ("walk",)), ("n1", ()), ("w2", ("walk",))])

    assert admitted(run) == expected


def test_overlapping_reserves_honor_as_many_seats_as_possible():
    # i1 could take either reserved seat; only together with i3 are both honored, so i2 waits.
    program = with_overlapping_reserves("arts", 2, {"W": 1, "D": 1})

    run = everyone_wants(program, [("i1", ("W", "D")), ("i2", ()), ("i3", ("W",))])

    assert admitted(run) == ["i1", "i3"]


def test_a_ceiling_turns_members_away_beside_an_empty_seat():
    run = everyone_wants(with_ceilings("arts", 3, {"north": 1}), [("a", ("north",)), ("b", ("north",)), ("c", ())])

    assert admitted(run) == ["a", "c"]


@given(markets())
@settings(deadline=None)
def test_the_loop_and_its_definition_agree_and_the_certificate_holds(drawn):
    market, lottery = drawn

    run = deferred_acceptance(market, lottery)

    assert run.position.tolist() == deferred_acceptance_in_numpy(market, run.lottery).tolist()
    assert run.certificate.holds
    assert is_stable(market, lottery, run.position)


@given(markets(most=3))
@settings(deadline=None, max_examples=50)
def test_every_applicant_likes_it_best_among_all_stable_ones(drawn):
    market, lottery = drawn

    best = deferred_acceptance(market, lottery)
    worst = program_proposing(market, lottery)
    listed = {tuple(one.tolist()) for one in stable_assignments(market, lottery)}
    everything = set(every_stable(market, lottery))

    def rank(position):
        return [market.choice_count if choice < 0 else choice for choice in position]

    assert listed == everything
    for stable in everything:
        assert all(a <= b <= c for a, b, c in zip(rank(best.position), rank(stable), rank(worst.position), strict=True))


@given(markets(rules=("seat blocks",), most=4, eligible=True), st.data())
@settings(deadline=None, max_examples=40)
def test_no_family_gains_from_another_list(drawn, data):
    market, lottery = drawn
    if not market.applicant_count or lottery.shape[1] > 1:
        return
    who = data.draw(st.integers(0, market.applicant_count - 1))
    true_list = [number for number in market.choices[who].tolist() if number >= 0]
    truthful = deferred_acceptance(market, lottery).program[who]

    for false_list in permutations(true_list):
        order = [true_list.index(number) for number in false_list] + list(range(len(true_list), market.choice_count))
        choices, classes, members = market.choices.copy(), market.classes.copy(), market.members.copy()
        for table in (choices, classes, members):
            table[who] = table[who, order]
        outcome = deferred_acceptance(build_market(market.programs, choices, classes=classes, members=members), lottery)
        got = outcome.program[who]
        assert got == truthful or got < 0 or true_list.index(got) > true_list.index(truthful)


@given(markets(rules=("seat blocks",)))
@settings(deadline=None)
def test_an_applicant_whom_no_program_may_take_changes_nothing(drawn):
    market, _ = drawn
    extra = build_market(
        market.programs,
        np.vstack([market.choices, np.arange(market.choice_count, dtype=np.int32)]),
        classes=np.vstack([market.classes, np.full(market.choice_count, -1)]),
        members=np.vstack([market.members, np.zeros(market.choice_count, np.uint8)]),
    )

    before = deferred_acceptance(market, np.arange(market.applicant_count) + 1)
    after = deferred_acceptance(extra, [*range(1, market.applicant_count + 1), 0])

    assert after.position.tolist() == [*before.position.tolist(), -1]


def textbook_dictatorship(market, order):
    left = [program.capacity for program in market.programs]
    position = [-1] * market.applicant_count
    for applicant in order:
        for choice, number in enumerate(market.choices[applicant]):
            if number >= 0 and market.classes[applicant, choice] >= 0 and left[number]:
                left[number] -= 1
                position[applicant] = choice
                break
    return position


@st.composite
def open_markets(draw):
    offered = [Program(f"p{number}", draw(st.integers(0, 2))) for number in range(draw(st.integers(1, 4)))]
    count = draw(st.integers(0, 7))
    choices = [draw(st.permutations(range(len(offered)))) for _ in range(count)]
    classes = draw(
        st.lists(
            st.lists(st.integers(-1, 2), min_size=len(offered), max_size=len(offered)), min_size=count, max_size=count
        )
    )
    shape = (count, len(offered))
    market = build_market(offered, np.array(choices).reshape(shape), classes=np.array(classes, int).reshape(shape))
    return market, np.array(draw(st.permutations(range(count))), np.int32)


@given(open_markets())
@settings(deadline=None)
def test_serial_dictatorship_is_the_textbook_one(drawn):
    market, lottery = drawn

    run = serial_dictatorship(market, lottery)

    assert run.position.tolist() == textbook_dictatorship(market, np.argsort(lottery))
    assert run.certificate.holds
    assert "no trade left" in [check.name for check in run.certificate.checks]


def test_serial_dictatorship_fills_reserved_seats_in_lottery_order():
    program = with_reserves("arts", 2, {"north": 1})
    people = [Applicant("a", ("arts",)), Applicant("b", ("arts",)), Applicant("n", ("arts",), ("north",), {"arts": 3})]

    run = serial_dictatorship(market_of(people, [program]), np.arange(3)[:, None])

    assert admitted(run) == ["a", "n"]


def test_serial_dictatorship_needs_one_order():
    market = build_market([Program("x", 1), Program("y", 1)], [[0, 1]])

    with pytest.raises(InputError, match="one lottery number per applicant"):
        serial_dictatorship(market, [[0, 0]])


@given(open_markets())
@settings(deadline=None)
def test_trading_cycles_agree_with_their_definition_and_leave_no_trade(drawn):
    market, lottery = drawn

    run = top_trading_cycles(market, lottery)

    assert run.position.tolist() == top_trading_cycles_in_numpy(market, run.lottery).tolist()
    assert run.certificate.holds


def test_trading_cycles_refuse_reserved_seats():
    with pytest.raises(InputError, match="'arts' has reserved seats"):
        top_trading_cycles(build_market([with_reserves("arts", 2, {"north": 1})], [[0]]), [0])


def test_immediate_acceptance_gives_seats_for_good():
    # Round 1: a and b ask for x (1 seat, a first); c takes y. Round 2: b asks for y, which is full although b has the
    # better number there. Deferred acceptance would give y to b.
    market = build_market([Program("x", 1), Program("y", 1)], [[0, 1], [0, 1], [1, 0]])

    run = immediate_acceptance(market, [0, 1, 2])

    assert run.position.tolist() == [0, -1, 0]
    assert run.certificate.holds
    assert not run.certificate.checks[3].holds
    assert not run.certificate.checks[3].is_promised
    assert deferred_acceptance(market, [0, 1, 2]).position.tolist() == [0, 1, -1]


def test_immediate_acceptance_takes_returned_seats_off_the_reserves():
    # x: one seat for north (nobody asks in round 1), one for east (hard), one open. a and b take the open seat and the
    # one north returned. In round 2 the member of north finds nothing left; the hard seat stays empty.
    program = Program("x", 3, (Block(1, "north"), Block(1, "east", "empty"), Block(1)))
    people = [
        Applicant("a", ("x",)),
        Applicant("b", ("x",)),
        Applicant("n", ("y", "x"), ("north",)),
        Applicant("m", ("y",)),
    ]

    run = immediate_acceptance(market_of(people, [program, Program("y", 1)]), [0, 1, 3, 2])

    assert run.by_name == {"a": "x", "b": "x", "n": None, "m": "y"}


@given(markets(rules=("seat blocks",)))
@settings(deadline=None)
def test_immediate_acceptance_never_overfills_and_first_choices_fill_first(drawn):
    market, lottery = drawn

    run = immediate_acceptance(market, lottery)

    assert run.certificate.holds


def test_immediate_acceptance_needs_seat_blocks():
    with pytest.raises(InputError, match="chooses by ceilings"):
        immediate_acceptance(build_market([with_ceilings("x", 1, {"north": 1})], [[0]]), [0])


def test_independent_lotteries_give_one_family_two_offers_and_another_none():
    market = build_market([Program("x", 1), Program("y", 1)], [[0, 1], [1, 0], [-1, -1]])

    offers = independent_lotteries(market, [0, 1, 2])

    assert offers.block.tolist() == [[0, 0], [-1, -1], [-1, -1]]
    assert offers.assignment.position.tolist() == [0, -1, -1]
    assert offers.assignment.explanation.steps == ("1 applicants hold more than one offer",)


@given(markets())
@settings(deadline=None)
def test_independent_lotteries_seat_everyone_a_program_chooses_by_itself(drawn):
    market, lottery = drawn

    offers = independent_lotteries(market, lottery)

    alone = [
        deferred_acceptance(
            build_market(
                market.programs,
                np.where(market.choices == number, number, -1).max(axis=1, initial=-1, keepdims=True),
                classes=_at(market, number, market.classes),
                members=_at(market, number, market.members),
            ),
            _at(market, number, lottery) if lottery.shape[1] > 1 else lottery,
        )
        for number in range(len(market.programs))
    ]
    for number, run in enumerate(alone):
        offered = ((offers.block >= 0) & (market.choices == number)).any(axis=1)
        assert offered.tolist() == (run.position >= 0).tolist()


def _at(market, number, table):
    """The column of each applicant's own entry for a program; a distinct number where there is none."""
    here = market.choices == number
    answer = np.zeros((market.applicant_count, 1), np.int64)
    for row, column in np.argwhere(here):
        answer[row, 0] = table[row, column]
    if table is market.classes or table is market.members:
        return answer
    answer[~here.any(axis=1), 0] = 1000 + np.flatnonzero(~here.any(axis=1))
    return answer


def test_too_many_candidates_are_not_listed():
    # Ten independent pairs who would like to swap: two stable assignments each, and 3 places to try for 20 applicants.
    programs = [Program(f"p{number}", 1) for number in range(26)]
    people = []
    for pair in range(0, 26, 2):
        a, b = f"p{pair}", f"p{pair + 1}"
        people += [Applicant(f"a{pair}", (a, b), classes={a: 1}), Applicant(f"b{pair}", (b, a), classes={b: 1})]
    market = market_of(people, programs)

    with pytest.raises(InputError, match="small markets only"):
        stable_assignments(market)


def test_the_worked_example_of_gale_and_shapley_has_three_stable_assignments():
    # Gale & Shapley 1962, example 1: everyone is someone's first choice in a ring.
    rank = {"A": "bca", "B": "cab", "C": "abc"}
    wants = {"a": "ABC", "b": "BCA", "c": "CAB"}
    people = [
        Applicant(who, tuple(lists), classes={school: rank[school].index(who) for school in lists})
        for who, lists in wants.items()
    ]
    market = market_of(people, [Program(name, 1) for name in "ABC"])

    assert [one.tolist() for one in stable_assignments(market)] == [[0, 0, 0], [1, 1, 1], [2, 2, 2]]
    assert program_proposing(market).by_name == {"a": "C", "b": "A", "c": "B"}
