import csv
from itertools import product

import numpy as np
from scipy.optimize import Bounds
from scipy.sparse import csr_array
from tests.engine.disclosure.brute_force import Sum, left_range
from tests.engine.disclosure.worlds import random_world
from tests.shared import shared_data

from commonground.engine.disclosure import Attribute, audit, cell, crossed, link, suppress
from commonground.engine.disclosure.audit import attack, cheapest, outer_bounds
from commonground.engine.disclosure.cells import least_counts

SCHOOLS = ("Oak", "Elm", "Ash", "Fir")
PLACE = Attribute("place", frozenset(SCHOOLS))
LEARNER = Attribute("learner", frozenset({"yes", "no"}), threshold=10)


def learners(*counts, policy=LEARNER, **options):
    """English learners by school and in all, nothing else."""
    rows = {cell({"place": name}): [place] for place, name in enumerate(SCHOOLS)} | {cell({}): range(4)}
    linked = link([PLACE, policy], crossed([[n] for n in counts], rows=rows, columns={cell({"learner": "yes"}): [0]}))
    return suppress(linked, **options)


def at(place):
    return cell({"place": place, "learner": "yes"})


def test_one_small_count_takes_the_next_smallest_with_it():
    # 4 alone would be the total less 15, 40 and 60. With 15 hidden too, 19 remain for both: 0 to 19 each.
    found = learners(4, 15, 40, 60)

    assert [one.label for one in found.hidden] == ["place Oak, learner yes", "place Elm, learner yes"]
    assert [(one.low, one.high) for one in found.audit().ranges] == [(0, 19), (0, 19)]
    assert found.audit().leaks == ()


def test_why_a_count_is_hidden_is_said_to_those_who_may_see_it():
    found = learners(4, 15, 40, 60)

    assert found.why(at("Oak")) == "Hidden: fewer than 10 students."
    assert (
        found.why(at("Elm"))
        == "Hidden: with it, the count of place Oak, learner yes could be worked out by subtraction."
    )
    assert found.why(at("Ash")) is None
    assert (found.shown(at("Elm")), found.shown(at("Ash"))) == (None, 40)


def test_small_counts_that_protect_each_other_need_no_other():
    # 6 + 7 = 13: each is 0 to 13, a range of 13.
    found = learners(6, 7, 40, 60)

    assert len(found.hidden) == 2
    assert found.audit().leaks == ()


def test_small_counts_that_add_up_to_too_little_take_another():
    # 2 + 3 = 5 leaves a range of 5, not 10.
    assert [one.label for one in learners(2, 3, 40, 60).hidden][2:] == ["place Ash, learner yes"]


def test_a_wider_protection_hides_more():
    wide = Attribute("learner", frozenset({"yes", "no"}), threshold=10, protection=30)

    assert [one.label[6:9] for one in learners(4, 15, 40, 60, policy=wide).hidden] == ["Oak", "Ash"]


def test_zero_is_hidden_unless_the_policy_shows_it():
    open_zero = Attribute("learner", frozenset({"yes", "no"}), threshold=10, shows_zero=True)

    assert at("Oak") in learners(0, 15, 40, 60).hidden
    assert learners(0, 15, 40, 60, policy=open_zero).hidden == ()


def test_where_zeros_are_shown_a_hidden_count_is_at_least_one():
    # 4 + 15 = 19 with at least one each: 1 to 18.
    open_zero = Attribute("learner", frozenset({"yes", "no"}), threshold=10, shows_zero=True)

    assert [(one.low, one.high) for one in learners(4, 15, 40, 60, policy=open_zero).audit().ranges] == [(1, 18)] * 2


def test_a_zero_that_was_never_shown_is_no_contradiction():
    open_zero = Attribute("learner", frozenset({"yes", "no"}), threshold=10, shows_zero=True)

    found = learners(0, 4, 40, 60, policy=open_zero, withheld=[at("Oak")])

    assert found.shown(at("Oak")) is None
    assert found.audit().leaks == ()


def test_everybody_is_as_telling_as_nobody():
    # All 40 children of Oak are learners: the rest, zero others, would be known.
    table = {cell({"place": "Oak"}): 40, at("Oak"): 40, cell({"place": "Elm"}): 60, at("Elm"): 30}

    found = suppress(link([PLACE, LEARNER], table))

    assert found.shown(at("Oak")) is None
    assert found.shown(at("Elm")) == 30


def test_counts_by_a_public_attribute_are_never_hidden():
    race = Attribute("race", frozenset({"a", "b"}))
    table = {cell({}): 12, cell({"race": "a"}): 1, cell({"race": "b"}): 11}

    found = suppress(link([race], table))

    assert found.hidden == ()
    assert found.audit().ranges == ()


def test_public_totals_can_leave_less_room_than_the_policy_asks():
    # 6 children in all: whatever is hidden, learners are 0 to 6.
    found = suppress(link([PLACE, LEARNER], {cell({"place": "Oak"}): 6, at("Oak"): 2}))

    assert at("Oak") in found.limited
    assert [(one.low, one.high, one.needed) for one in found.audit().ranges] == [(0, 6, 6)] * 2
    assert found.audit().leaks == ()


def test_what_was_published_stays_published_and_limits_the_rest():
    found = learners(4, 15, 40, 60, published=[at("Elm")])

    assert [one.label[6:9] for one in found.hidden] == ["Oak", "Ash"]


def test_a_small_count_that_was_published_is_reported():
    found = learners(4, 15, 40, 60, published=[at("Oak")])

    assert found.limited == (at("Oak"),)
    assert found.hidden == ()


def test_cells_hidden_before_are_hidden_first():
    assert [one.label[6:9] for one in learners(4, 15, 40, 60, prefer=[at("Fir")]).hidden] == ["Oak", "Fir"]


def test_the_same_table_hides_the_same_cells():
    rng = np.random.default_rng(5)
    world = random_world(rng)
    linked = link(world.attributes, world.counts)

    assert suppress(linked).hidden == suppress(linked).hidden


def test_no_total_is_known_is_no_limit():
    found = suppress(link([PLACE, LEARNER], {at("Oak"): 4}))

    (one,) = found.audit().ranges
    assert (one.low, one.high) == (0, None)
    assert one.is_safe


def test_the_explanation_counts_what_is_hidden_and_why():
    assert learners(4, 15, 40, 60).explanation.steps == (
        "learner: counts below 10 are hidden, zero too; an attacker is left with a range of at least 10.",
        "Too small: 1 counts, 0 of them only follow from others by subtraction.",
        "Hidden besides, so that no small count can be worked out: 1.",
        "Cannot be protected as far as the policy asks, because of what is public: 0.",
    )


def test_a_secondary_cell_without_a_small_neighbor_is_explained_too():
    # Two linked tables: a cell hidden before, beside no small count of its own sum.
    found = learners(40, 15, 40, 60, withheld=[at("Elm")])

    assert found.why(at("Elm")) == "Hidden: with it, a smaller count could be worked out by subtraction."


def test_thresholds_alone_give_every_hidden_count_away():
    # FCSM Working Paper 22, county by education: 6 of 6 hidden cells follow from the totals.
    table = [[15, 1, 3, 1], [20, 10, 10, 15], [3, 10, 10, 2], [12, 14, 7, 2]]
    names = [str(place) for place in range(4)]
    rows = {cell({"county": name}): [int(name)] for name in names} | {cell({}): range(4)}
    columns = {cell({"level": name}): [int(name)] for name in names} | {cell({}): range(4)}
    attributes = [Attribute("county", frozenset(names)), Attribute("level", frozenset(names), threshold=5)]
    linked = link(attributes, crossed(table, rows=rows, columns=columns))

    naive = audit(linked, is_published=linked.counts >= 5)
    found = suppress(linked)

    assert [(one.low, one.high) for one in naive.ranges] == [(n, n) for n in (1, 3, 1, 3, 2, 2)]
    assert found.audit().leaks == ()
    assert all(one.high - one.low >= 5 for one in found.audit().ranges if one.needed)


def test_ranges_agree_with_a_brute_force_search():
    assert sum(_checked(seed) for seed in range(10)) > 20


def _checked(seed):
    """How many ranges of a random world were found again by brute force."""
    world = random_world(np.random.default_rng(seed))
    found = suppress(link(world.attributes, world.counts))
    parts = world.table | world.totals
    checked = 0

    for one in found.audit().ranges:
        if one.high is None or one.high - one.low > 8 or one.cell not in world.table:
            continue
        (name, *_) = next(iter(parts[one.cell]))
        published = [
            Sum(members, world.count(members))
            for shown, members in world.table.items()
            if found.shown(shown) is not None and next(iter(members))[0] == name
        ]
        for school in {place for _, place, _ in world.truth}:
            members = frozenset(unknown for unknown in world.truth if unknown[:2] == (name, school))
            published.append(Sum(members, world.count(members)))
        shows_zero = {attribute.name: attribute.shows_zero for attribute in world.attributes}[name]
        least = dict.fromkeys(world.truth, 0)
        if shows_zero:
            hidden = [members for shown, members in world.table.items() if found.shown(shown) is None]
            least |= {unknown: 1 for members in hidden if len(members) == 1 for unknown in members}
        truth = {unknown: n for unknown, n in world.truth.items() if unknown[0] == name}
        assert left_range(parts[one.cell], published, truth=truth, least=least, enough=40) == (one.low, one.high)
        checked += 1
    return checked


def test_half_children_are_no_answer():
    # x + y, y + z and x + z are at most 1 each: halves would make 1.5 of all three, whole children make 1.
    sums = csr_array([[1, 1, 0, 1, 0, 0], [0, 1, 1, 0, 1, 0], [1, 0, 1, 0, 0, 1]])

    table = cheapest(np.array([-1, -1, -1, 0, 0, 0]), sums=sums, totals=[1, 1, 1], bounds=Bounds(0, np.inf))

    assert table[:3].sum() == 1


def test_ranges_are_those_of_whole_children_where_halves_would_fit_too():
    # Three attributes, every pair published, every triple hidden: such tables are no networks, and half children
    # would seem to leave more room. All triples are tried by brute force.
    kinds = ("x", "y", "z")
    names = ("one", "two", "three")
    attributes = [Attribute(name, frozenset(kinds)) for name in names]
    seen_more_room = 0
    for seed in range(6):
        counts = np.random.default_rng(seed).integers(0, 2, size=(3, 3, 3))
        table, published = {}, []
        for triple in product(range(3), repeat=3):
            table[cell({name: kinds[place] for name, place in zip(names, triple, strict=True)})] = int(counts[triple])
        for left_out in range(3):
            pair = [place for place in range(3) if place != left_out]
            for values in product(range(3), repeat=2):
                where = {names[place]: kinds[value] for place, value in zip(pair, values, strict=True)}
                total = int(counts.sum(axis=left_out)[values])
                table[cell(where)] = total
                members = [t for t in product(range(3), repeat=3) if [t[place] for place in pair] == list(values)]
                published.append(Sum(frozenset(("", str(t), "") for t in members), total))
        linked = link(attributes, table)
        is_published = np.array([len(one.where) == 2 for one in linked.cells])
        truth = {("", str(t), ""): int(counts[t]) for t in product(range(3), repeat=3)}

        for one in audit(linked, is_published=is_published).ranges:
            triple = tuple(kinds.index(min(one.cell.values(name))) for name in names)
            target = frozenset([("", str(triple), "")])
            low, high = left_range(target, published, truth=truth, least=dict.fromkeys(truth, 0), enough=9)
            assert (one.low, one.high) == (low, high)
            seen_more_room += high > low
    assert seen_more_room


def test_real_counts_of_seven_districts_hold():
    by_place = {}
    with shared_data("enrolment", "mn-2017-18-west-central", "enrollment_2017_18.csv").open() as file:
        for row in csv.DictReader(file):
            if row["part"] == "member":
                line = by_place.setdefault(f"{row['district_id']} {row['grade']}", [0, 0, 0])
                line[0] += int(row["american_indian"])
                line[1] += int(row["asian"])
                line[2] += int(row["total"]) - int(row["american_indian"]) - int(row["asian"])
    names = sorted(by_place)
    districts = sorted({name.split()[0] for name in names})
    rows = {cell({"place": name}): [place] for place, name in enumerate(names)} | {cell({}): range(len(names))}
    for district in districts:
        members = [place for place, name in enumerate(names) if name.startswith(district)]
        rows[cell({"place": [names[place] for place in members]}, label=district)] = members
    groups = ("indian", "asian", "other")
    columns = {cell({"group": name}): [place] for place, name in enumerate(groups)} | {cell({}): range(3)}
    attributes = [Attribute("place", frozenset(names)), Attribute("group", frozenset(groups), threshold=10)]

    found = suppress(link(attributes, crossed([by_place[name] for name in names], rows=rows, columns=columns)))

    assert found.audit().leaks == ()


def test_bounds_by_single_sums_are_never_narrower_than_the_truth():
    # Oak + Elm = 19 and everyone is known: one round gives 0 to 19 for both, further rounds nothing more.
    found = learners(4, 15, 40, 60)
    system = attack(found.linked, is_published=~found.is_hidden, least=least_counts(found.linked))

    low, high = outer_bounds(system, rounds=1)

    assert (low.tolist(), high.tolist()) == ([0, 0], [19, 19])
