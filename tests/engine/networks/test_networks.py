"""Ties across groups beside what chance and group sizes give."""

from itertools import combinations, permutations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.networks import assortativity, ei_index, mixing_by_group, network
from commonground.engine.values import InputError

# Six students of two districts: five ties inside, two across.
DISTRICT = {0: "X", 1: "X", 2: "X", 3: "Y", 4: "Y", 5: "Y"}
TIES = [(0, 1), (0, 2), (0, 5), (1, 2), (2, 3), (3, 4), (4, 5)]
FRIENDS = network(TIES, DISTRICT)


@st.composite
def networks(draw, directed=False):
    people = draw(st.integers(2, 8))
    group_of = {person: draw(st.sampled_from("XYZ")) for person in range(people)}
    pairs = list((permutations if directed else combinations)(range(people), 2))
    ties = draw(st.lists(st.sampled_from(pairs), unique=True, min_size=1))
    return network(ties, group_of, directed=directed)


def test_friends_of_two_districts_by_hand():
    # Two across, five inside: -3/7. Nine of fifteen pairs lie across: expected 2 x 9/15 - 1 = 0.2.
    result = ei_index(FRIENDS)

    assert (result.value.external, result.value.internal) == (2, 5)
    assert result.value.value == pytest.approx(-3 / 7)
    assert result.value.expected == pytest.approx(0.2)
    assert result.value.difference == pytest.approx(-3 / 7 - 0.2)
    assert (result.value.p_value, result.interval) == (None, None)


def test_the_karate_club_as_published():
    # Zachary 1977 as shipped with networkx: 78 ties, 11 across.
    club = nx.karate_club_graph()
    ties = network(club.edges, nx.get_node_attributes(club, "club"))

    assert (ei_index(ties).value.external, len(ties.ends)) == (11, 78)
    assert assortativity(ties).value.value == pytest.approx(nx.attribute_assortativity_coefficient(club, "club"))


def test_newmans_couples_as_published():
    # Newman 2003, table I: partners in San Francisco by ethnicity, r = 0.621 (0.623 from the rounded table).
    couples = [
        [0.258, 0.016, 0.035, 0.013],
        [0.012, 0.157, 0.058, 0.019],
        [0.013, 0.023, 0.306, 0.035],
        [0.005, 0.007, 0.024, 0.016],
    ]

    assert assortativity(couples).value.value == pytest.approx(0.623, abs=5e-4)


@pytest.mark.parametrize("directed", [False, True])
@given(data=st.data())
def test_assortativity_agrees_with_networkx(directed, data):
    ties = data.draw(networks(directed=directed))
    graph = (nx.DiGraph if directed else nx.Graph)()
    for person, member in enumerate(ties.member):
        graph.add_node(person, group=int(member))
    graph.add_edges_from(ties.ends.tolist())

    result = assortativity(ties)

    if result.value is None:
        assert result.not_calculated.reason.startswith("all ties lie in one group")
    else:
        assert result.value.value == pytest.approx(nx.attribute_assortativity_coefficient(graph, "group"), abs=1e-9)


def test_all_across_and_all_inside_are_the_ends_of_the_scale():
    across, inside = (
        network([(0, 1), (2, 3)], dict(enumerate("abab"))),
        network([(0, 1), (2, 3)], dict(enumerate("aabb"))),
    )

    assert (ei_index(across).value.value, assortativity(across).value.value) == (1, -1)
    assert (ei_index(inside).value.value, assortativity(inside).value.value) == (-1, 1)


@given(networks())
def test_the_expected_index_is_the_mean_over_all_dealings_of_the_groups(ties):
    if len(ties.people) > 5:
        return
    values = []
    for members in permutations(ties.member.tolist()):
        across = sum(members[a] != members[b] for a, b in ties.ends.tolist())
        values.append((2 * across - len(ties.ends)) / len(ties.ends))

    assert ei_index(ties).value.expected == pytest.approx(np.mean(values), abs=1e-9)


def test_the_p_value_is_that_of_all_dealings_and_repeats():
    expected, real = 0.2, -3 / 7
    far, every = 0, 0
    for members in set(permutations("XXXYYY")):
        across = sum(members[a] != members[b] for a, b in TIES)
        far += abs((2 * across - 7) / 7 - expected) >= abs(real - expected) - 1e-12
        every += 1

    result = ei_index(FRIENDS, draws=4000, seed=3)

    assert result.value.p_value == pytest.approx(far / every, abs=0.03)
    assert result == ei_index(FRIENDS, draws=4000, seed=3)
    assert result.interval.low <= 0.2 <= result.interval.high
    assert result.explanation.seed == 3


def test_assortativity_and_each_group_have_the_p_value_of_all_dealings():
    real, every = assortativity(FRIENDS).value.value, []
    inside = []
    for members in set(permutations("XXXYYY")):
        dealt = network(TIES, dict(enumerate(members)))
        every.append(assortativity(dealt).value.value)
        inside.append(next(row.internal for row in mixing_by_group(dealt).value if row.group == "X"))
    far = np.mean(np.abs(np.array(every) - np.mean(every)) >= abs(real - np.mean(every)) - 1e-9)
    rarer = 2 * min(np.mean(np.array(inside) >= 3), np.mean(np.array(inside) <= 3))

    assert assortativity(FRIENDS, draws=4000, seed=3).value.p_value == pytest.approx(far, abs=0.03)
    assert mixing_by_group(FRIENDS, draws=4000, seed=3).value[0].p_value == pytest.approx(min(1, rarer), abs=0.03)


def test_a_directed_network_and_one_tie_have_p_values_too():
    nominations = network([(0, 3), (1, 3), (3, 0), (4, 5)], DISTRICT, directed=True)
    single = network([(0, 1)], {0: "X", 1: "Y", 2: "X"})

    assert 0 < assortativity(nominations, draws=50, seed=1).value.p_value <= 1
    assert assortativity(single, draws=20, seed=1).value.p_value == 1
    # Whatever the dealing, a tie of two people of one group each crosses.
    assert ei_index(network([(0, 1)], {0: "X", 1: "Y"}), draws=20, seed=1).value.p_value == 1


def test_many_draws_are_made_in_batches(monkeypatch):
    monkeypatch.setattr("commonground.engine.networks.mixing.CELLS_AT_ONCE", 14)

    assert ei_index(FRIENDS, draws=5, seed=1).value.p_value is not None


def test_each_groups_own_ties_by_hand():
    # X: three ties inside, two across. Its people's ends: six stay, two leave; at random 2/5 of the others are X.
    first, second = mixing_by_group(FRIENDS).value

    assert (first.group, first.people, first.external, first.internal) == ("X", 3, 2, 3)
    assert first.value == pytest.approx((2 - 3) / 5)
    # Nine pairs across, three inside.
    assert first.expected == pytest.approx((9 - 3) / 12)
    assert first.homophily == pytest.approx((6 / 8 - 2 / 5) / (3 / 5))
    assert first.reach_share == pytest.approx(2 / 3)
    assert second.internal == 2


def test_nominations_have_a_direction():
    ties = network([(0, 3), (1, 3), (3, 0), (4, 5)], DISTRICT, directed=True)

    first, second = mixing_by_group(ties).value

    assert (first.external, first.internal, first.reach_share) == (2, 0, pytest.approx(2 / 3))
    # Coleman: nobody stays where 2/5 would by chance.
    assert first.homophily == -1
    assert (second.external, second.internal, second.reach_share) == (1, 1, pytest.approx(1 / 3))
    assert first.expected == pytest.approx((9 - 6) / 15)


@given(networks())
def test_the_groups_ties_sum_to_the_networks(ties):
    rows, whole = mixing_by_group(ties).value, ei_index(ties).value

    assert sum(row.internal for row in rows) == whole.internal
    assert sum(row.external for row in rows) == 2 * whole.external


def test_what_says_nothing_is_not_calculated():
    no_ties = network([], DISTRICT)
    alone = mixing_by_group(network([], {0: "X"})).value[0]

    assert ei_index(no_ties).not_calculated.reason == "there are no ties"
    assert assortativity(no_ties).not_calculated.reason == "there are no ties"
    assert assortativity([[3, 0], [0, 0]]).value is None
    assert (alone.value, alone.expected, alone.homophily) == (None, None, None)
    assert mixing_by_group(network([(0, 1)], {0: "X", 1: "X"})).value[0].homophily is None
    assert mixing_by_group(no_ties).value[0].homophily is None


@pytest.mark.parametrize(
    ("ties", "groups", "says"),
    [
        ([], {}, "nobody in the network"),
        ([], {0: "X", 1: None}, "person at position 1 has no group"),
        ([(0, 9)], DISTRICT, "tie at position 0 names somebody"),
        ([(0, 1, 2)], DISTRICT, "tie at position 0 has 3 ends"),
        ([(0, 1), (1, 1)], DISTRICT, "tie at position 1 joins a person to themself"),
        ([(0, 1), (1, 0)], DISTRICT, "tie at position 1 was given before"),
    ],
)
def test_networks_that_are_none_are_refused(ties, groups, says):
    with pytest.raises(InputError, match=says):
        network(ties, groups)


def test_draws_and_matrices_that_are_none_are_refused():
    with pytest.raises(InputError, match="need a seed"):
        ei_index(FRIENDS, draws=10)
    with pytest.raises(InputError, match="must be square"):
        assortativity([[1, 2]])
    with pytest.raises(InputError, match="row 0, column 1 is missing or negative"):
        assortativity([[1, -2], [1, 1]])
    with pytest.raises(InputError, match="square table of numbers"):
        assortativity([[1, 2], [3]])
    with pytest.raises(InputError, match="no people to deal"):
        assortativity([[1, 2], [3, 4]], draws=5, seed=1)
    with pytest.raises(InputError, match="need a seed"):
        mixing_by_group(FRIENDS, draws=5)
