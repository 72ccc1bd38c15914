"""Decisions: bands, margin, one to one, siblings, accuracy, and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.linkage import (
    Bands,
    Decision,
    Pair,
    accuracy,
    calibrate,
    decide,
    join,
    looks_like_sibling,
    take_back,
)
from commonground.engine.values import InputError


def decided(*pairs, **more):
    return {(one.pair.left, one.pair.right): one for one in decide(pairs, **more)}


def test_bits_become_a_probability():
    # 2**2 : 1 odds are 4 / 5.
    assert Pair("a", "b", 2.0, {}).probability == pytest.approx(0.8)
    assert Pair("a", "b", 9999.0, {}).probability == 1.0
    assert Pair("a", "b", -9999.0, {}).probability == pytest.approx(0.0)


def test_a_pair_without_rivals_is_automatic_review_or_apart_by_its_probability():
    # 0.99 needs log2(99) = 6.63 bits, 0.5 needs 0.
    found = decided(Pair("a", "1", 6.7, {}), Pair("b", "2", 6.5, {}), Pair("c", "3", -0.1, {}))

    assert {ends: one.band for ends, one in found.items()} == {("a", "1"): "automatic", ("b", "2"): "review"}
    assert found["b", "2"].reason == "probability 0.989 is below 0.99"
    assert found["a", "1"].margin_bits is None


def test_a_close_rival_sends_the_best_pair_to_review_and_the_other_away():
    found = decided(Pair("a", "1", 12.0, {}), Pair("a", "2", 10.0, {}), Pair("b", "2", 9.5, {}))

    assert [(ends, one.band) for ends, one in found.items()] == [
        (("a", "1"), "review"),
        (("a", "2"), "apart"),
        (("b", "2"), "review"),
    ]
    assert found["a", "1"].margin_bits == 2.0
    assert "only 2.0 bits ahead" in found["a", "1"].reason
    # b-2 is the weaker pair of record 2, so it is not ahead at all.
    assert found["b", "2"].margin_bits == -0.5
    assert found["b", "2"].is_best


def test_a_distant_rival_does_not_matter():
    assert decided(Pair("a", "1", 20.0, {}), Pair("a", "2", 10.0, {}))["a", "1"].band == "automatic"


def test_equal_rivals_are_both_looked_at():
    found = decided(Pair("a", "1", 20.0, {}), Pair("a", "2", 20.0, {}))

    assert [one.band for one in found.values()] == ["review", "apart"]
    assert found["a", "1"].margin_bits == 0.0


def test_a_twin_is_never_automatic_and_takes_no_record_from_another_pair():
    twin, other = Pair("a", "1", 30.0, {}, looks_like_sibling=True), Pair("a", "2", 10.0, {})

    found = decided(twin, other)

    assert found["a", "1"].band == "review"
    assert "twin or sibling" in found["a", "1"].reason
    assert not found["a", "1"].is_best
    assert found["a", "2"].is_best


def test_a_sibling_is_another_first_name_beside_the_same_birth_date():
    same = {"first_name": "different", "birth_date": "same", "name_order": "as written"}

    assert looks_like_sibling(same)
    assert looks_like_sibling({**same, "first_name": "similar", "birth_date": "one digit"})
    assert not looks_like_sibling({**same, "first_name": "one begins the other"})
    assert not looks_like_sibling({**same, "birth_date": "same year"})
    assert not looks_like_sibling({**same, "name_order": "first and last turned round"})


pairs = st.builds(
    Pair,
    st.sampled_from("abcd"),
    st.sampled_from("1234"),
    st.floats(-5, 40),
    st.just({}),
    looks_like_sibling=st.booleans(),
)


@given(st.lists(pairs, max_size=12, unique_by=lambda one: (one.left, one.right)))
def test_every_record_is_linked_at_most_once_and_no_sibling_automatically(listed):
    found = decide(listed)
    best = [one.pair for one in found if one.is_best]

    assert len({pair.left for pair in best}) == len({pair.right for pair in best}) == len(best)
    for one in found:
        assert one.band != "automatic" or (one.is_best and not one.pair.looks_like_sibling and one.pair.bits >= 6.62)
    assert len(found) == sum(pair.bits >= 0 for pair in listed)
    assert [(o.pair.left, o.pair.right) for o in decide(reversed(listed))] == [
        (o.pair.left, o.pair.right) for o in found
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"review": 0}, "0 < review"),
        ({"review": 0.9, "automatic": 0.8}, "0 < review"),
        ({"automatic": 1.1}, "<= 1"),
        ({"margin_bits": -1}, "margin of -1"),
    ],
)
def test_bands_that_cannot_be_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        Bands(**arguments)


def test_a_band_at_certainty_is_never_reached():
    assert decided(Pair("a", "1", 300.0, {}), bands=Bands(automatic=1.0))["a", "1"].band == "review"


def test_accuracy_by_hand():
    # Linked 3, of which 2 are true; 4 are true; 3 of the true ones were compared. F1 = 2 * 2 / (3 + 4).
    true = [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]

    found = accuracy([("a", "1"), ("b", "2"), ("x", "9")], true, compared=true[:3])

    assert (found.precision, found.recall, found.f1, found.blocked_recall) == (2 / 3, 0.5, 4 / 7, 0.75)


def test_accuracy_of_nothing_is_undefined():
    found = accuracy([], [], compared=[])

    assert (found.precision, found.recall, found.f1, found.blocked_recall) == (None, None, None, None)


def test_a_threshold_is_set_on_labeled_pairs():
    # From 0.9 on: 2 of 3 right. From 0.95 on: 2 of 2. Equal probabilities stand or fall together.
    labeled = [(0.99, True), (0.95, True), (0.9, False), (0.9, True)]

    assert calibrate(labeled, precision=0.9) == 0.95
    assert calibrate(labeled, precision=0.75) == 0.9
    assert calibrate([(0.9, False)], precision=0.5) is None
    for wrong in ({"labeled": [], "precision": 0.9}, {"labeled": labeled, "precision": 0}):
        with pytest.raises(InputError, match="labeled pairs"):
            calibrate(wrong["labeled"], precision=wrong["precision"])


def singles(*names):
    return frozenset(frozenset({name}) for name in names)


def test_joins_are_taken_back_in_the_other_order_without_loss():
    first, second = (Decision(Pair(a, b, 9, {}), "review", True, None, "") for a, b in (("a", "b"), ("b", "c")))
    start = singles("a", "b", "c", "d")

    once, undo_first = join(start, first, by="liaison")
    twice, undo_second = join(once, second, by="liaison")

    assert twice == {frozenset("abc"), frozenset("d")}
    with pytest.raises(InputError, match="take back the later joins first"):
        take_back(twice, undo_first)
    assert take_back(take_back(twice, undo_second), undo_first) == start
    assert (undo_first.by, undo_first.because) == ("liaison", first)


@pytest.mark.parametrize(("groups", "by"), [(("a",), "x"), (("b",), "x"), (("a", "b"), " ")])
def test_a_join_that_nobody_can_answer_for_is_refused(groups, by):
    with pytest.raises(InputError, match="cannot be joined"):
        join(singles(*groups), Decision(Pair("a", "b", 9, {}), "review", True, None, ""), by=by)


def test_records_of_one_group_cannot_be_joined_again():
    with pytest.raises(InputError, match="cannot be joined"):
        join(frozenset({frozenset("ab")}), Decision(Pair("a", "b", 9, {}), "review", True, None, ""), by="x")


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        ([Pair("a", "b", 5.0, {}), Pair("a", "b", 9.0, {})], "a and b was given twice"),
        ([Pair("a", "b", float("nan"), {})], "evidence for a and b is no number"),
    ],
)
def test_pairs_that_cannot_be_are_refused(pairs, says):
    with pytest.raises(InputError, match=says):
        decide(pairs)


def test_one_number_may_name_a_record_in_either_file():
    assert [one.band for one in decide([Pair("1", "1", 30.0, {})])] == ["automatic"]


def test_a_probability_beyond_certainty_is_refused():
    with pytest.raises(InputError, match="outside 0 to 1"):
        calibrate([(1.5, True)], precision=0.9)
