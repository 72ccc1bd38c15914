"""Regrouping by day: new peers from other districts, the bound, and the least served."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonground.engine.grouping import first_repeat, measure_days, most_days_without_repeats, pairs_bound, plan_days
from commonground.engine.grouping.days import _group_of, _meetings, meet, meet_in_numpy, plan_cost_in_numpy
from commonground.engine.values import InputError

# Cole 1922, Kirkman's fifteen schoolgirls, solution I: every pair walks together exactly once in seven days.
KIRKMAN = """
ABC DEF GHI JKL MNO|ADG BEH CJM FKN ILO|AEO BIJ CDN FHL GKM|AIM BDL CEK FGO HJN|AFJ BKO CGL DHM EIN|AHK BGN CFI DJO ELM|ALN BFM CHO DIK EGJ
""".strip()


def test_kirkmans_schoolgirls_never_meet_twice():
    days = [day.split() for day in KIRKMAN.split("|")]
    names = "ABCDEFGHIJKLMNO"
    groups = [[next(at for at, group in enumerate(day) if one in group) for one in names] for day in days]

    plan = measure_days(list(names), groups)

    assert first_repeat(days) is None
    assert (plan.met_pairs, plan.bound, plan.repeats) == (105, 105, 0)
    assert most_days_without_repeats(15, 3) == 7
    assert plan.least_served == tuple(range(15))


def test_the_first_repeated_pair_is_named():
    assert first_repeat([["AB", "CD"], ["AC", "BD"], ["DB", "AC"]]) == "B and D meet on day 2 and day 3"


def test_the_bound_by_hand():
    # Districts of 3 and 1 in two groups of 2. A day has 2 pairs; three of one district in two groups leave one pair of
    # the same district at least: 1 pair a day, and 3 pairs of two districts in all.
    assert pairs_bound([0, 0, 0, 1], [2, 2], days=2) == 2
    assert pairs_bound([0, 0, 0, 1], [2, 2], days=9) == 3


@given(st.lists(st.integers(0, 2), min_size=4, max_size=6), st.integers(1, 3), st.integers(0, 9))
@settings(deadline=None, max_examples=30)
def test_no_plan_passes_the_bound_and_every_day_has_the_right_sizes(districts, days, seed):
    sizes = [2, len(districts) - 2]

    plan = plan_days(districts, sizes, days=days, seed=seed, trials_per_seat=10, starts=2)

    assert plan.met_pairs <= plan.bound
    assert all(np.bincount(day, minlength=2).tolist() == sizes for day in plan.group)
    assert plan.new_peers.sum() == 2 * plan.met_pairs
    assert (plan.new_peers <= plan.most_peers).all()
    assert measure_days(districts, plan.group).met_pairs == plan.met_pairs


@given(
    st.lists(st.integers(0, 2), min_size=6, max_size=6), st.integers(1, 99), st.sampled_from([0.0, 0.5]), st.booleans()
)
@settings(deadline=None, max_examples=12)
def test_the_loop_and_its_oracle_walk_the_same_way(districts, seed, weight, is_first_day_fixed):
    district = np.array(districts)
    rng = np.random.default_rng(seed)
    seats = np.array([rng.permutation(6) for _ in range(3)])
    group_of_seat = np.array([0, 0, 0, 1, 1, 1])
    met, outside = _meetings(seats, group_of_seat, district)
    fixed = int(is_first_day_fixed)
    expected = meet_in_numpy(seats, group_of_seat, district, weight=weight, fixed_days=fixed, trials=450, seed=seed)

    meet(seats, group_of_seat, np.array([0, 3, 6]), met, district, outside, weight, fixed, 450, seed)

    assert seats.tolist() == expected.tolist()
    again, outside_again = _meetings(seats, group_of_seat, district)
    assert (met == again).all()
    assert (outside == outside_again).all()


def test_the_cost_by_hand():
    # One day, groups 0 1 | 2 3, districts a a b c: one pair of the same district, one of two districts met once.
    group = np.array([[0, 0, 1, 1]])
    district = np.array([0, 0, 1, 2])

    assert plan_cost_in_numpy(group, district) == pytest.approx(1.001)
    # Met twice: one repeat costs 1. Students 2 and 3 have one outside peer each: worth 1 + 1.
    assert plan_cost_in_numpy(np.repeat(group, 2, axis=0), district) == pytest.approx(2.002 + 1)
    assert plan_cost_in_numpy(group, district, weight=0.5) == pytest.approx(1.001 - 1)


def test_a_camp_reaches_its_bound():
    # 12 students of 4 districts in 4 tables of 3 for 2 days: everyone can meet 4 new peers.
    districts = np.repeat([0, 1, 2, 3], 3)

    plan = plan_days(districts, [3] * 4, days=2, seed=1, trials_per_seat=300)

    assert plan.met_pairs == plan.bound == 24
    assert plan.new_peers.tolist() == [4] * 12
    assert plan.explanation.seed == 1


def test_days_that_have_passed_stay_and_count():
    passed = [[0, 0, 1, 1]]

    plan = plan_days([0, 1, 2, 3], [2, 2], days=1, seed=1, trials_per_seat=50, earlier=passed)

    assert plan.group[0].tolist() == passed[0]
    assert plan.met_pairs == 4
    assert plan.repeats == 0


def test_the_least_served_can_be_favored():
    districts = [0] * 5 + [1, 2, 3, 4]

    plan = plan_days(districts, [3, 3, 3], days=2, seed=1, trials_per_seat=200, favor_least_served=1.0)

    assert plan.new_peers.min() >= plan_days(districts, [3, 3, 3], days=2, seed=1, trials_per_seat=200).new_peers.min()
    assert "least served" in plan.explanation.steps[1]


def test_one_district_has_nobody_to_meet():
    plan = plan_days([7, 7], [1, 1], days=1, seed=1)

    assert (plan.met_pairs, plan.bound, plan.most_peers.tolist()) == (0, 0, [0, 0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sizes": [2, 1]}, "are for 4 students"),
        ({"sizes": [4, 0]}, "sizes that add up"),
        ({"days": 0}, "0 days"),
        ({"trials_per_seat": 0}, "at least 1"),
        ({"favor_least_served": -1.0}, "favor_least_served is -1.0; give 0 or more"),
        ({"earlier": [[0, 0, 0, 1]]}, "other group sizes"),
        ({"earlier": [[0, 1]]}, "other students"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        plan_days([0, 0, 1, 1], **{"sizes": [2, 2], "days": 1, "seed": 1, **arguments})


@pytest.mark.parametrize("groups", [[0, 1], [[0, 1, 1]], [[0, -1]], np.empty((0, 2), int)])
def test_groups_of_other_students_cannot_be_measured(groups):
    with pytest.raises(InputError, match=r"give \(days, students\)"):
        measure_days([0, 1], groups)


def test_a_missing_district_is_refused():
    for districts in ([0, None], [0.0, np.nan]):
        with pytest.raises(InputError, match="the district of student 1 is missing"):
            measure_days(districts, [[0, 0]])
    with pytest.raises(InputError, match="give one for each student"):
        plan_days([], [], days=1, seed=1)


def test_no_bound_is_told_for_sizes_that_do_not_fit():
    with pytest.raises(InputError, match="are for 3 students"):
        pairs_bound([0, 1, 2], [2, 2], days=1)
    with pytest.raises(InputError, match="0 days"):
        pairs_bound([0, 1, 2], [2, 1], days=0)


@pytest.mark.parametrize(("students", "size"), [(4, 1), (2, 4), (7, 2)])
def test_groups_that_do_not_divide_are_refused(students, size):
    with pytest.raises(InputError, match="do not form groups"):
        most_days_without_repeats(students, size)


def test_seats_become_groups():
    assert _group_of(np.array([[2, 0, 1]]), np.array([0, 0, 1])).tolist() == [[0, 1, 0]]
