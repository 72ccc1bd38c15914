"""Sections beside chance: by hand, against every possible deal, and against a generator of deals."""

from itertools import permutations
from math import log
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonground.apps.measures.sections import spreads

SCHOOL = UUID(int=1)


def cells(table, *, periods=1):
    """A student sits in one section of each period, for an equal part of a seat."""
    return [
        (
            SCHOOL,
            UUID(int=100 + section),
            f"group {group}",
            int(count),
            count / periods,
            int(sum(line[group] for line in table)) // periods,
        )
        for section, row in enumerate(table)
        for group, count in enumerate(row)
        if count
    ]


def spread(table, *, periods=1):
    (one,) = spreads(cells(table, periods=periods))
    return one


def m_of(table):
    table = np.array(table, dtype=float)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return sum(n * log(n / e) for n, e in zip(table.flat, expected.flat, strict=True) if n) / table.sum()


def test_two_sections_that_share_no_group_have_all_the_entropy():
    assert spread([[6, 0], [0, 6]]).m == pytest.approx(log(2))


def test_chance_is_the_mean_over_every_possible_deal():
    # Four children, two of each group, two sections of two: of 24 orders 8 part them fully, 16 mix them fully.
    deals = [
        [order[:2].count(group) for group in "ab"] + [order[2:].count(group) for group in "ab"]
        for order in permutations("aabb")
    ]
    by_hand = sum(m_of([deal[:2], deal[2:]]) for deal in deals) / len(deals)

    assert by_hand == pytest.approx(log(2) / 3)
    assert spread([[2, 0], [0, 2]]).m_by_chance == pytest.approx(by_hand)


def test_rare_groups_in_many_small_sections_agree_with_a_generator_of_deals():
    rng = np.random.default_rng(7)
    children = np.repeat([0, 1, 2], [200, 36, 4])
    sizes = np.repeat(np.arange(12), 20)

    def deal():
        rng.shuffle(children)
        return [np.bincount(children[sizes == section], minlength=3) for section in range(12)]

    drawn = np.mean([m_of(deal()) for _ in range(400)])
    assert spread(deal()).m_by_chance == pytest.approx(drawn, rel=0.05)


tables = st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=1, max_size=6).filter(
    lambda table: all(sum(row) for row in table)
)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_the_same_schedule_in_six_periods_says_the_same_and_nothing_is_below_zero(table):
    whole, sixth = spread(table), spread(table * 6, periods=6)

    assert 0 <= whole.m <= log(3) + 1e-9
    assert whole.m_by_chance >= 0
    assert sixth.students == pytest.approx(whole.students)
    assert sixth.m == pytest.approx(whole.m)
    assert sixth.m_by_chance == pytest.approx(whole.m_by_chance)


def test_six_periods_of_four_sections_agree_with_a_generator_of_deals():
    # 100 students, in each of six periods dealt anew to four sections of 25: nobody sits twice in one section.
    rng = np.random.default_rng(3535)
    children = np.repeat([0, 1, 2], [50, 30, 20])

    def deal():
        table = []
        for _period in range(6):
            order = rng.permutation(children).reshape(4, 25)
            table += [np.bincount(section, minlength=3) for section in order]
        return table

    drawn = np.mean([m_of(deal()) for _ in range(2000)])
    assert spread(deal(), periods=6).m_by_chance == pytest.approx(drawn, rel=0.01)


def test_one_section_says_nothing():
    one = spread([[5, 4, 1]])

    assert (one.m, one.m_by_chance) == (0, pytest.approx(0, abs=1e-12))
