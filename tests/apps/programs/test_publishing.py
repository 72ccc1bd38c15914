"""Tables of nearly the same children: what one less the other tells is protected like what either tells."""

import datetime
import itertools
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonground.apps.programs.publishing import ALL, Alike, Children, NotComparable, Shown, plan, publish

JUNE, JULY, NORTH, SOUTH = (uuid.UUID(int=number) for number in range(1, 5))
DAY = datetime.date(2026, 6, 1)
ONLY_JUNE, ONLY_JULY, BOTH = (frozenset(one) for one in ({JUNE}, {JULY}, {JUNE, JULY}))


def children(counts, *, threshold=10, groups=("hispanic", "white")):
    """counts: by tables, district and group."""
    return Children(
        [Alike(*at, count) for at, count in counts.items() if count], by="race", groups=groups, threshold=threshold
    )


def after(first, second, **rules):
    """The table of June, and that of July held against it. second: the children of both."""
    june = publish(children(first, **rules), offering=JUNE, on=DAY)
    return june, publish(children(second, **rules), offering=JULY, on=DAY, before=[june])


def test_the_one_child_who_is_in_july_and_not_in_june_is_not_told_by_subtraction():
    """June: 20 white and 20 Hispanic, all shown. July: the same and one more. 21 less 20 would say that the one is Hispanic, and
    20 less 20 that the one is not white.
    """
    june, july = after(
        {(ONLY_JUNE, NORTH, "white"): 20, (ONLY_JUNE, NORTH, "hispanic"): 20},
        {(BOTH, NORTH, "white"): 20, (BOTH, NORTH, "hispanic"): 20, (ONLY_JULY, NORTH, "hispanic"): 1},
    )

    assert june.numbers[NORTH, "white"] == june.numbers[NORTH, "hispanic"] == 20
    assert july.numbers[NORTH, "white"] is july.numbers[NORTH, "hispanic"] is None
    assert july.numbers[None, "white"] is july.numbers[None, "hispanic"] is None
    assert july.numbers[NORTH, ALL] == july.numbers[None, ALL] == 41


def test_another_district_whose_children_are_new_takes_no_more_with_it_than_it_must():
    """South's 30 children were in no other table. North's 20 and 21 go, and one more line, with which they could be worked out:
    South's, since what all make together is what people come for.
    """
    _june, july = after(
        {(ONLY_JUNE, NORTH, "white"): 20, (ONLY_JUNE, NORTH, "hispanic"): 20},
        {
            (BOTH, NORTH, "white"): 20,
            (BOTH, NORTH, "hispanic"): 20,
            (ONLY_JULY, NORTH, "hispanic"): 1,
            (ONLY_JULY, SOUTH, "white"): 15,
            (ONLY_JULY, SOUTH, "hispanic"): 15,
        },
    )

    shown = [[july.numbers[place, group] for group in ("white", "hispanic")] for place in (NORTH, SOUTH, None)]
    assert shown[0] == [None, None]
    assert shown[1:] == [[None, None], [35, 36]]


def test_the_same_children_have_the_same_table():
    counts = {("white", NORTH): 20, ("hispanic", NORTH): 14, ("white", SOUTH): 12, ("hispanic", SOUTH): 3}
    june, july = after(
        {(ONLY_JUNE, place, group): count for (group, place), count in counts.items()},
        {(BOTH, place, group): count for (group, place), count in counts.items()},
    )

    assert july.numbers == june.numbers


def test_a_table_that_shares_no_child_is_as_if_alone():
    others = {(ONLY_JUNE, NORTH, "white"): 20, (ONLY_JUNE, NORTH, "hispanic"): 20}
    mine = {(ONLY_JULY, NORTH, "white"): 20, (ONLY_JULY, NORTH, "hispanic"): 20}
    _june, july = after(others, others | mine)

    assert july.numbers == publish(children(mine), offering=JULY, on=DAY).numbers


def test_what_would_be_another_table_today_cannot_be_held_against_and_totals_alone_are_told():
    """One of June's children is of another group in the roster now: 20 and 20 were told, and 19 and 21 would be counted."""
    june, july = after(
        {(ONLY_JUNE, NORTH, "white"): 20, (ONLY_JUNE, NORTH, "hispanic"): 20},
        {(BOTH, NORTH, "white"): 19, (BOTH, NORTH, "hispanic"): 21, (ONLY_JULY, NORTH, "hispanic"): 30},
    )

    assert {at: number for at, number in july.numbers.items() if number is not None} == {
        (NORTH, ALL): 70,
        (None, ALL): 70,
    }
    with pytest.raises(NotComparable):
        plan(children({(BOTH, NORTH, "white"): 19}), offering=JULY, on=DAY, before=[june])


def test_more_numbers_than_a_night_holds_are_totals_alone():
    """31 districts, 10 groups and two sets make 620 numbers."""
    groups, places = [f"group {number}" for number in range(10)], [uuid.UUID(int=number) for number in range(10, 41)]
    mine = {(ONLY_JULY, place, group): 12 for place in places for group in groups}
    _june, july = after({(ONLY_JUNE, NORTH, "group 1"): 20}, mine | {(BOTH, NORTH, "group 1"): 20}, groups=groups)

    assert {group for (_place, group), number in july.numbers.items() if number is not None} == {ALL}


def test_a_column_that_june_did_not_have_was_nobodys():
    """June had no Asian child and no column; the one of July is new, and June's missing column must not tell it."""
    june = Shown(JUNE, DAY, {(None, "white"): 40, (None, ALL): 40, (NORTH, "white"): 40, (NORTH, ALL): 40})
    both = children(
        {(BOTH, NORTH, "white"): 40, (ONLY_JULY, NORTH, "white"): 3, (ONLY_JULY, NORTH, "asian"): 1},
        groups=("asian", "white"),
    )

    july = publish(both, offering=JULY, on=DAY, before=[june])

    assert july.numbers[NORTH, "white"] is july.numbers[NORTH, "asian"] is None


def deals(total, parts):
    """Every way in which so many children can be of so many groups."""
    if parts == 1:
        return [(total,)]
    return [(first, *rest) for first in range(total + 1) for rest in deals(total - first, parts - 1)]


def spreads(counts, shown):
    """By set and group, how far the values lie apart that an attacker cannot rule out who knows who is in which table and reads
    these numbers; tried one by one. counts: by set, children of each group. shown: pairs of sets of a table and its numbers.
    """
    sets = list(counts)
    found = {}
    for dealt in itertools.product(*(deals(sum(counts[one]), len(counts[one])) for one in sets)):
        world = dict(zip(sets, dealt, strict=True))
        if all(
            number is None or sum(world[one][place] for one in of) == number
            for of, numbers in shown
            for place, number in enumerate(numbers)
        ):
            for one in sets:
                for place, value in enumerate(world[one]):
                    found.setdefault((one, place), set()).add(value)
    return {at: max(values) - min(values) for at, values in found.items()}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=3, max_size=3))
def test_whoever_holds_both_tables_learns_no_small_number_that_june_alone_did_not_tell(numbers):
    """One district, three groups, fewer than 3 are few. What July's table narrows is compared with July hidden whole."""
    groups, sets = ("a", "b", "c"), (ONLY_JUNE, BOTH, ONLY_JULY)
    counts = dict(zip(sets, map(tuple, numbers), strict=True))
    both = {(one, NORTH, group): counts[one][place] for one in sets for place, group in enumerate(groups)}
    alone = {(ONLY_JUNE, NORTH, g): sum(counts[one][i] for one in (ONLY_JUNE, BOTH)) for i, g in enumerate(groups)}
    june_sets, july_sets = (ONLY_JUNE, BOTH), (BOTH, ONLY_JULY)
    if not any(alone.values()) or not any(sum(counts[one]) for one in july_sets):
        return
    june, july = after(alone, both, threshold=3, groups=groups)
    told = (june_sets, [june.numbers[NORTH, group] for group in groups])
    best = spreads(counts, [told])
    left = spreads(counts, [told, (july_sets, [july.numbers[NORTH, group] for group in groups])])

    for (one, place), spread in left.items():
        if counts[one][place] < 3 and sum(counts[one]):
            assert spread >= min(3, best[one, place]), (counts, june.numbers, july.numbers)
