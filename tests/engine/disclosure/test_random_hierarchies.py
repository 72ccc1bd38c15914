"""On random linked hierarchies no small count is narrowed below its protection, says an auditor of another make."""

import numpy as np
import pytest
from tests.engine.disclosure.brute_force import Sum, left_range
from tests.engine.disclosure.worlds import random_world

from commonground.engine.disclosure import link, suppress


def narrowed(seed):
    """Small counts of one random world that an attacker finds out more about than the policy allows."""
    world = random_world(np.random.default_rng(seed))
    found = suppress(link(world.attributes, world.counts))
    rules = {attribute.name: attribute for attribute in world.attributes}
    public = []
    for name in ("learner", "group"):
        for school in {place for _, place, _ in world.truth}:
            parts = frozenset(one for one in world.truth if one[:2] == (name, school))
            public.append(Sum(parts, world.count(parts)))
    # A policy that shows zeros makes them public, whatever they say about the others.
    zeros = [(parts, next(iter(parts))[0]) for parts in world.table.values() if world.count(parts) == 0]
    public += [Sum(parts, 0) for parts, name in zeros if rules[name].shows_zero]
    published = [Sum(parts, world.count(parts)) for one, parts in world.table.items() if found.shown(one) is not None]
    # Where zeros are shown, a count that is asked for and hidden is known to be at least one.
    least = dict.fromkeys(world.truth, 0)
    for one, parts in world.table.items():
        (unknown, *others) = parts
        if not others and rules[unknown[0]].shows_zero and found.shown(one) is None:
            least[unknown] = 1
    leaks = []
    small = list(world.table.values())
    small += [frozenset([one]) for one in world.truth]
    for target in set(small):
        (name, *_) = next(iter(target))
        rule, count = rules[name], world.count(target)
        if count >= rule.threshold or (count == 0 and rule.shows_zero):
            continue
        wanted = rule.width
        attribute = {one: n for one, n in world.truth.items() if one[0] == name}
        options = {"truth": attribute, "enough": wanted}
        mine = [one for one in [*public, *published] if next(iter(one.parts))[0] == name]
        low, high = left_range(target, mine, least=least, **options)
        if high - low >= wanted:
            continue
        # What public facts tell already is not this table's doing.
        before = [one for one in public if next(iter(one.parts))[0] == name]
        widest_low, widest_high = left_range(target, before, least=least, **options)
        if high - low < min(wanted, widest_high - widest_low):
            leaks.append((seed, sorted(target), count, (low, high), (widest_low, widest_high)))
    return leaks


def test_nothing_is_narrowed_below_its_protection():
    # 141, 172 and 190 hold counts that joint moves do not reach.
    assert [leak for seed in (*range(25), 141, 172, 190) for leak in narrowed(seed)] == []


@pytest.mark.slow
def test_nothing_is_narrowed_on_a_thousand_hierarchies():
    assert [leak for seed in range(1000) for leak in narrowed(seed)] == []


def test_the_second_auditor_finds_a_leak_where_there_is_one():
    # 3 + 15 = 18: with 15 and 18 published, 3 is known.
    truth = {("learner", "a", "yes"): 3, ("learner", "b", "yes"): 15}
    both = frozenset(truth)
    sums = [Sum(both, 18), Sum(frozenset([("learner", "b", "yes")]), 15)]

    found = left_range(frozenset([("learner", "a", "yes")]), sums, truth=truth, least=dict.fromkeys(truth, 0), enough=5)

    assert found == (3, 3)
