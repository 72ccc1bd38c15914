"""Balanced groups: the measures, the loop against its oracle, and what people may ask for."""

from itertools import permutations

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.engine.grouping.tasks import dealt, tasks

from commonground.engine.grouping import (
    BoardDecision,
    DecisionNeeded,
    Wishes,
    balance_groups,
    balance_of,
    cells,
    grouping_of,
    grouping_task,
    improve,
    joint_bound,
    least_squares_bound,
    place_late,
    room_sizes,
)
from commonground.engine.grouping.exchange import (
    cost_in_numpy,
    exchange,
    exchange_in_numpy,
    swap_change,
    tables_of,
    terms_of,
)
from commonground.engine.values import InputError


def loop_arguments(task):
    terms = terms_of(task)
    wishes = (terms.pair_start, terms.pair_other, terms.pair_cost, terms.friend_start, terms.friend_other)
    return (*wishes, terms.namer_start, terms.namer_other, terms.preference, terms.alone)


@given(tasks(), st.integers(0, 99))
@settings(deadline=None)
def test_the_change_of_an_exchange_is_the_difference_of_the_whole_costs(task, seed):
    group = dealt(task, seed)
    deviation, count, sums = tables_of(task, group)

    for one in range(task.student_count):
        for other in range(task.student_count):
            if group[one] == group[other]:
                continue
            change = swap_change(
                one, other, group, task.codes, task.weights, deviation, count, task.numbers, task.number_weights,
                sums, task.sizes, *loop_arguments(task),
            )  # fmt: skip
            after = group.copy()
            after[[one, other]] = group[[other, one]]
            assert change == pytest.approx(cost_in_numpy(task, after) - cost_in_numpy(task, group), abs=1e-9)


@given(tasks(), st.integers(1, 99), st.sampled_from([-1, 0, 2, 3]))
@settings(deadline=None, max_examples=12)
def test_the_loop_and_its_oracle_walk_the_same_way(task, seed, most_moves):
    group, home = dealt(task, seed), dealt(task, seed)
    free = np.arange(task.student_count)
    expected = exchange_in_numpy(
        task, group, home, most_moves=most_moves, free=free, trials=450, hottest=2.0, seed=seed
    )
    deviation, count, sums = tables_of(task, group)
    before, kept = cost_in_numpy(task, group), group.copy()

    gained = exchange(
        group, home, most_moves, free, task.codes, task.weights, deviation, count, task.numbers, task.number_weights,
        sums, task.sizes, *loop_arguments(task), 450, 2.0, 0.002, seed, kept,
    )  # fmt: skip

    assert kept.tolist() == expected.tolist()
    assert gained == pytest.approx(cost_in_numpy(task, kept) - before, abs=1e-7)
    for table, again in zip((deviation, count, sums), tables_of(task, group), strict=True):
        assert np.allclose(table, again)


def test_balance_by_hand():
    # Six students, groups of 3. District W has 4, S has 2: ideals 2 and 1. Group 0 has W W W, group 1 W S S.
    # Deviations: +1 -1 and -1 +1: squares 4. Least possible: 2 and 1 are whole, so 0.
    task = grouping_task([3, 3], attributes={"district": list("WWWWSS")}, numbers={"test": [1, 1, 1, 3, 3, 3]})

    balance = balance_of(task, np.array([0, 0, 0, 1, 1, 1]))

    assert (balance.sum_sq, balance.bound, balance.avoidable, balance.largest_deviation) == (4.0, 0.0, 4, 1.0)
    # All of the variance of the test lies between the two groups.
    assert balance.between_group_share == {"test": pytest.approx(1.0)}
    assert balance.ratio == 5.0
    assert [
        (cell.group, cell.level, cell.count, cell.low, cell.high) for cell in cells(task, np.array([0, 0, 0, 1, 1, 1]))
    ] == [
        (0, "S", 0, 1, 1),
        (0, "W", 3, 2, 2),
        (1, "S", 2, 1, 1),
        (1, "W", 1, 2, 2),
    ]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.data())
def test_the_bound_is_the_least_over_all_whole_counts(sizes, data):
    total = data.draw(st.integers(0, sum(sizes)))
    ideal = np.array(sizes) * total / sum(sizes)

    def counts(left, groups):
        if not groups:
            yield from ([()] if left == 0 else [])
            return
        for here in range(left + 1):
            for rest in counts(left - here, groups - 1):
                yield (here, *rest)

    least = min(((np.array(one) - ideal) ** 2).sum() for one in counts(total, len(sizes)))

    assert least_squares_bound(np.array(sizes), np.array([total / sum(sizes)])) == pytest.approx(least)


@given(tasks(with_wishes=False))
@settings(deadline=None, max_examples=20)
def test_small_tasks_are_solved_as_well_as_by_trying_everything(task):
    assume(task.student_count <= 6)
    places = np.repeat(np.arange(task.group_count), task.sizes)
    best = min(cost_in_numpy(task, np.array(one)) for one in set(permutations(places.tolist())))

    assert balance_groups(task, seed=3, trials_per_student=300).cost == pytest.approx(best)


@given(tasks(with_wishes=False))
@settings(deadline=None, max_examples=20)
def test_the_bound_is_the_best_of_each_attribute_and_never_above_the_best_of_all(task):
    assume(task.student_count <= 6)
    places = np.repeat(np.arange(task.group_count), task.sizes)
    everything = [np.array(one) for one in set(permutations(places.tolist()))]
    name_of = np.array([name for name, _ in task.labels])
    squares = np.array([(tables_of(task, one)[0] ** 2).sum(axis=0) for one in everything])

    best = sum(squares[:, name_of == name].sum(axis=1).min() for name in task.attributes)

    assert joint_bound(task) == pytest.approx(best)
    assert joint_bound(task) <= squares.sum(axis=1).min() + 1e-9
    assert joint_bound(task) >= least_squares_bound(task.sizes, task.share) - 1e-9


@given(st.lists(st.integers(1, 9), min_size=2, max_size=7), st.data())
@settings(deadline=None, max_examples=30)
def test_the_bound_agrees_with_the_cheapest_flow_from_every_group_to_every_level(sizes, data):
    students = sum(sizes)
    level = data.draw(st.lists(st.integers(0, 7), min_size=students, max_size=students))
    network = nx.MultiDiGraph()
    for group, size in enumerate(sizes):
        network.add_node(("group", group), demand=-size)
        for one in set(level):
            total = level.count(one)
            network.add_node(("level", one), demand=total)
            # (u + 1 - ideal)^2 - (u - ideal)^2, times the number of students: whole numbers.
            for unit in range(min(size, total)):
                cost = (2 * unit + 1) * students - 2 * size * total
                network.add_edge(("group", group), ("level", one), capacity=1, weight=cost)
    cost, _ = nx.network_simplex(network)
    least = cost / students + sum((size * level.count(one) / students) ** 2 for size in sizes for one in set(level))

    task = grouping_task(sizes, attributes={"district": level})

    assert joint_bound(task) == pytest.approx(least, abs=1e-9)


def test_the_bound_by_hand():
    # Groups of 2 and 1, three students of three levels: ideals 2/3 and 1/3. Level by level each would sit in the group
    # of 2: squares 1/9 + 1/9, three times: 2/3. One has to sit in the other: 4/9 + 4/9 and twice 2/9: 4/3.
    task = grouping_task([2, 1], attributes={"district": list("WSN")})

    assert least_squares_bound(task.sizes, task.share) == pytest.approx(2 / 3)
    assert joint_bound(task) == pytest.approx(4 / 3)
    assert balance_groups(task, seed=1).balance.ratio == pytest.approx(1)


def sixty(**more):
    rng = np.random.default_rng(11)
    attributes = {
        "district": rng.choice(list("ABCDE"), 24, p=[0.4, 0.3, 0.1, 0.1, 0.1]).tolist(),
        "grade": rng.integers(4, 8, 24).tolist(),
    }
    return grouping_task([8, 8, 8], attributes=attributes, numbers={"test": rng.normal(200, 15, 24)}, **more)


def test_nobody_is_avoidably_misplaced_and_the_run_says_what_it_saw():
    groups = balance_groups(sixty(), seed=1, trials_per_student=200)

    assert groups.balance.avoidable == 0
    assert groups.balance.ratio == pytest.approx(1.0)
    assert groups.unmet == ()
    assert groups.explanation.inputs["attributes seen"] == "district, grade"
    assert groups.explanation.inputs["numbers seen"] == "test"
    assert groups.explanation.inputs["decision"] == "none"
    assert len(groups.cells) == 3 * len(groups.task.labels)


def test_the_same_seed_gives_the_same_groups_and_the_fingerprint_tells_tasks_apart():
    one, again = (balance_groups(sixty(), seed=1, trials_per_student=50) for _ in range(2))

    assert one.group.tolist() == again.group.tolist()
    assert one.task.fingerprint == again.task.fingerprint
    assert one.task.fingerprint != sixty(wishes=Wishes(locks={0: 1})).fingerprint


@pytest.mark.parametrize(
    "name", ["race", "Race/Ethnicity", "student_ethnicity", "RaceCode", "is hispanic", "protected"]
)
def test_race_is_seen_only_with_a_boards_decision(name):
    with pytest.raises(DecisionNeeded, match="board's dated decision"):
        grouping_task([1, 1], attributes={name: [1, 2]})

    decision = BoardDecision("2027-01-15", "A. Counsel", "minutes 12")
    groups = balance_groups(grouping_task([1, 1], attributes={name: [1, 2]}, decision=decision), seed=1)

    assert groups.explanation.inputs["attributes seen"] == name
    assert groups.explanation.inputs["decision"] == "2027-01-15, minutes 12"


def test_race_is_no_number_either_and_a_trace_is_not_race():
    with pytest.raises(DecisionNeeded):
        grouping_task([1, 1], attributes={"grade": [1, 2]}, numbers={"race_code": [1, 2]})

    assert grouping_task([1, 1], attributes={"trace": [1, 2]}).attributes == ("trace",)


def test_a_decision_names_day_counsel_and_place():
    with pytest.raises(InputError, match="counsel"):
        BoardDecision("2027-01-15", " ", "minutes")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sizes": [2]}, "are for 3 students"),
        ({"sizes": [3, 0]}, "sizes of 1 or more"),
        ({"sizes": []}, "are for 3 students"),
        ({"attributes": {}}, "there are none"),
        ({"attributes": {"grade": [1, 2]}, "numbers": {"test": [1, 2, 3]}}, "one value per student"),
        ({"numbers": {"test": [1, np.nan, 3]}}, "test of student 1 is missing"),
        ({"sizes": [2.5, 1.5]}, "group sizes must be whole numbers"),
        ({"attributes": {"grade": [1, None, 3]}}, "grade of student 1 is missing"),
        ({"attributes": {"grade": [1, 2, np.nan]}}, "grade of student 2 is missing"),
        ({"numbers": {"test": [1, "x", 3]}}, "test must be one number per student"),
        ({"weights": {"grade": np.nan}}, "give 0 or more"),
        ({"wishes": Wishes(preferences=[[0, np.nan]] * 3)}, "a preference is missing"),
        ({"weights": {"shoe": 1}}, "weight of 'shoe'"),
        ({"weights": {"grade": -1}}, "give 0 or more"),
        ({"wishes": Wishes(together=[[0, 3]])}, "names student 3"),
        ({"wishes": Wishes(friends={0: [-1]})}, "names student -1"),
        ({"wishes": Wishes(locks={0: 2})}, "locked to group 2"),
        ({"wishes": Wishes(not_alone=["race"])}, "not an attribute"),
        ({"wishes": Wishes(friends={0: [0]})}, "not itself"),
        ({"wishes": Wishes(friends={0: []})}, "at least one friend"),
        ({"wishes": Wishes(preferences=[[1, 2]])}, r"preferences have shape \(1, 2\)"),
    ],
)
def test_a_task_that_cannot_be_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        grouping_task(**{"sizes": [2, 1], "attributes": {"grade": [1, 2, 3]}, **arguments})


def test_rooms_fill_evenly_up_to_their_places():
    assert room_sizes(10, [2, 9, 3]) == [2, 5, 3]
    with pytest.raises(InputError, match="15 students and 14 places"):
        room_sizes(15, [2, 9, 3])
    with pytest.raises(InputError, match="capacity of a room is -1"):
        room_sizes(1, [-1, 3])
    with pytest.raises(InputError, match="number of students is -1"):
        room_sizes(-1, [3])


def test_nobody_is_alone_where_that_was_asked_for():
    # Four of a small district over three groups: spreading would leave two of them alone.
    attributes = {"district": ["S"] * 4 + ["W"] * 8}

    spread = balance_groups(grouping_task([4, 4, 4], attributes=attributes), seed=1, trials_per_student=100)
    paired = balance_groups(
        grouping_task([4, 4, 4], attributes=attributes, wishes=Wishes(not_alone=["district"])),
        seed=1,
        trials_per_student=100,
    )

    assert sorted(np.bincount(spread.group[:4], minlength=3)) == [1, 1, 2]
    assert sorted(np.bincount(paired.group[:4], minlength=3)) == [0, 2, 2]
    assert paired.explanation.inputs["nobody alone by"] == "district"


def test_late_arrivals_go_where_they_fit_best_and_nobody_moves():
    # Group 0 has two from W, group 1 two from S; a late W belongs in group 1, a late S in group 0.
    everyone = grouping_task([3, 3], attributes={"district": list("WWSSWS")})

    groups = place_late(everyone, [0, 0, 1, 1], capacities=[3, 3])

    assert groups.group.tolist() == [0, 0, 1, 1, 1, 0]
    with pytest.raises(InputError, match="no place left for student 5"):
        place_late(everyone, [0, 0, 1, 1], capacities=[3, 2])


@pytest.mark.parametrize(
    ("group", "capacities", "message"),
    [
        ([0, 0, 1], [9], "1 capacities and 3 placed students, for 2 groups and 6 students"),
        ([0] * 7, [9, 9], "7 placed students"),
        ([0, 2], [9, 9], "groups are numbered from 0 to 1"),
        ([0, 0, 0], [2, 9], "group 0 holds 3 students and has 2 places"),
    ],
)
def test_groups_that_late_arrivals_cannot_join_are_refused(group, capacities, message):
    with pytest.raises(InputError, match=message):
        place_late(grouping_task([3, 3], attributes={"district": list("WWSSWS")}), group, capacities=capacities)


def test_late_arrivals_keep_wishes_in_mind():
    wishes = Wishes(
        together=[[0, 4]],
        apart=[[0, 5]],
        friends={1: [5], 4: [0, 5]},
        preferences=np.zeros((6, 2)),
        not_alone=["district"],
    )
    everyone = grouping_task([3, 3], attributes={"district": list("WWSSWS")}, wishes=wishes)

    assert place_late(everyone, [0, 0, 1, 1], capacities=[4, 4]).group.tolist() == [0, 0, 1, 1, 0, 1]


def test_at_most_so_many_students_move():
    task = sixty()
    bad = grouping_of(task, np.argsort(np.argsort(task.codes[:, 0], kind="stable")) // 8)

    better = improve(bad, most_moves=4, seed=1, trials_per_student=300)
    free = improve(bad, most_moves=24, seed=1, trials_per_student=300)

    assert 0 < (better.group != bad.group).sum() <= 4
    assert free.cost <= better.cost < bad.cost
    assert improve(better, most_moves=0, seed=1).group.tolist() == better.group.tolist()
    with pytest.raises(InputError, match="0 or more"):
        improve(bad, most_moves=-1, seed=1)


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ([0, 0], "one group from 0 to 1"),
        ([0, 0, 2], "from 0 to 1"),
        ([0, 1, 1], "group 0 holds 1 students; its size is 2"),
    ],
)
def test_a_grouping_that_does_not_fit_is_refused(group, message):
    with pytest.raises(InputError, match=message):
        grouping_of(grouping_task([2, 1], attributes={"grade": [1, 2, 3]}), group)


@pytest.mark.parametrize("group", [[0, 0], [0, 0, 2], [0, 0, -1]])
def test_groups_that_are_not_there_are_not_measured(group):
    task = grouping_task([2, 1], attributes={"grade": [1, 2, 3]})

    for measured in (balance_of, cells):
        with pytest.raises(InputError, match="one group from 0 to 1 for each of 3 students"):
            measured(task, np.array(group))


def test_no_start_is_refused_and_locked_students_stay():
    task = grouping_task([1, 1], attributes={"grade": [1, 2]}, wishes=Wishes(locks={0: 1, 1: 0}))

    assert balance_groups(task, seed=1).group.tolist() == [1, 0]
    with pytest.raises(InputError, match="0 starts"):
        balance_groups(task, seed=1, starts=0)


def test_a_gain_in_the_very_last_exchange_is_kept():
    # W W | S S: any exchange across the groups gives one of each in both, which is perfect.
    task = grouping_task([2, 2], attributes={"district": list("WWSS")})
    start, free = np.array([0, 0, 1, 1]), np.arange(4)
    gains = set()

    for seed in range(1, 60):
        group, kept, (deviation, count, sums) = start.copy(), start.copy(), tables_of(task, start)
        gains.add(
            exchange(
                group, start, -1, free, task.codes, task.weights, deviation, count, task.numbers, task.number_weights,
                sums, task.sizes, *loop_arguments(task), 1, 2.0, 0.002, seed * 7919, kept,
            )
        )  # fmt: skip
        oracle = exchange_in_numpy(
            task, start, start, most_moves=-1, free=free, trials=1, hottest=2.0, seed=seed * 7919
        )
        assert kept.tolist() == oracle.tolist() == group.tolist()

    # Four counts, each 1 away from its ideal: 4 squares fewer, or nothing when two of one group were picked.
    assert gains == {0.0, -4.0}
