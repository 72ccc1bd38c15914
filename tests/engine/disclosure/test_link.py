import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.disclosure import Attribute, CountsDoNotAdd, MissingCount, audit, cell, crossed, link
from commonground.engine.values import InputError

PLACE = Attribute("place", frozenset({"Oak", "Elm", "Ash"}))
GRADE = Attribute("grade", frozenset({"6", "7", "8"}))


def counts_of(linked):
    return {one.label: int(count) for one, count in zip(linked.cells, linked.counts, strict=True)}


def test_what_is_left_over_is_a_cell_an_attacker_can_form():
    linked = link([PLACE], {cell({}): 30, cell({"place": "Oak"}): 20, cell({"place": "Elm"}): 7})

    # 30 - 20 - 7 = 3 children are at Ash, although no table says so.
    assert counts_of(linked)["place Ash"] == 3
    assert linked.is_given.tolist() == [True, True, True, False]


def test_a_cell_that_asks_for_every_value_is_everyone():
    linked = link([PLACE], {cell({"place": ["Oak", "Elm", "Ash"]}): 30, cell({"place": "Oak"}): 20})

    assert linked.position(cell({})) == 0


def test_districts_and_schools_are_linked_without_being_told():
    linked = link(
        [PLACE],
        {
            cell({}): 30,
            cell({"place": ["Oak", "Elm"]}): 22,
            cell({"place": "Oak"}): 20,
            cell({"place": "Elm"}): 2,
            cell({"place": "Ash"}): 8,
        },
    )

    assert linked.is_given.all()
    assert linked.sums.shape[0] == 2
    assert (linked.sums @ linked.counts == 0).all()


def test_parts_that_only_follow_are_linked_with_each_other():
    # Oak is left out for learners and for all: what is left must add up too.
    learner = Attribute("learner", frozenset({"yes", "no"}), threshold=10)
    linked = link(
        [PLACE, learner],
        {
            cell({}): 30,
            cell({"learner": "yes"}): 12,
            cell({"place": ["Elm", "Ash"]}): 21,
            cell({"place": ["Elm", "Ash"], "learner": "yes"}): 9,
        },
    )

    # Oak: 30 - 21 = 9 children, 12 - 9 = 3 learners, 6 others.
    assert counts_of(linked)["learner yes, place Oak"] == 3
    assert counts_of(linked)["learner no, place Oak"] == 6


def test_cells_that_overlap_need_the_count_of_what_they_share():
    counts = {cell({"grade": ["6", "7"]}): 20, cell({"grade": ["7", "8"]}): 18}

    with pytest.raises(MissingCount, match="overlaps another cell: give the count of grade"):
        link([GRADE], counts)
    linked = link([GRADE], counts | {cell({"grade": "7"}): 12})

    assert counts_of(linked)["grade 6"] == 8
    assert counts_of(linked)["grade 8"] == 6


def test_parts_larger_than_their_whole_are_refused():
    with pytest.raises(CountsDoNotAdd, match="everyone: 10 people, but its parts make 12"):
        link([PLACE], {cell({}): 10, cell({"place": "Oak"}): 12})


def test_parts_that_miss_their_whole_are_refused():
    with pytest.raises(CountsDoNotAdd, match="its parts make 9"):
        link([PLACE], {cell({}): 10} | {cell({"place": name}): 3 for name in PLACE.values})


@pytest.mark.parametrize(
    ("one", "count", "says"),
    [
        (cell({"grade": "6"}), 1, "no attribute is named 'grade'"),
        (cell({"place": "Fir"}), 1, "place cannot be Fir"),
        (cell({"place": []}), 1, "place cannot be nothing"),
        (cell({}), -1, "give a whole number"),
        (cell({}), 1.5, "give a whole number"),
        (cell({}), True, "give a whole number"),
        (cell({}), None, "give a whole number"),
        (cell({}), np.nan, "give a whole number"),
    ],
)
def test_cells_and_counts_that_cannot_be_are_refused(one, count, says):
    with pytest.raises(InputError, match=says):
        link([PLACE], {one: count})


def test_the_same_people_twice_are_refused():
    with pytest.raises(InputError, match="describe the same people"):
        link([PLACE], {cell({}): 1, cell({"place": ["Oak", "Elm", "Ash"]}): 1})


def test_a_cell_without_a_count_has_no_place():
    with pytest.raises(InputError, match="no count is given for place Oak"):
        link([PLACE], {cell({}): 1}).position(cell({"place": "Oak"}))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"values": frozenset()}, "no values"),
        ({"threshold": 0}, "its threshold .* is 0; give a whole number from 1"),
        ({"threshold": 2.5}, "is 2.5"),
        ({"protection": -1}, "its protection .* is -1"),
        ({"name": ""}, "needs a name"),
        ({"values": "yes"}, "a set of texts"),
    ],
)
def test_attributes_that_cannot_be_are_refused(options, says):
    with pytest.raises(InputError, match=says):
        Attribute(**{"name": "learner", "values": frozenset({"yes"}), "threshold": 10, **options})


@pytest.mark.parametrize(
    ("counts", "places", "says"),
    [
        ([[1.5]], [0], "counts must be whole numbers"),
        ([[-1]], [0], "zero or more"),
        ([1], [0], r"counts have shape \(1,\)"),
        ([[1]], [1], "place Oak: a position is not in the table; they run from 0 to 0"),
    ],
)
def test_cross_tables_that_cannot_be_are_refused(counts, places, says):
    with pytest.raises(InputError, match=says):
        crossed(counts, rows={cell({"place": "Oak"}): places}, columns={cell({}): [0]})


def test_an_audit_needs_one_value_per_cell():
    linked = link([PLACE], {cell({}): 1})

    with pytest.raises(InputError, match=r"\(3,\) and \(1,\) for 1 cells"):
        audit(linked, is_published=np.ones(3, bool))


def test_the_width_of_a_policy():
    assert Attribute("a", frozenset("x")).width == 0
    assert Attribute("a", frozenset("x"), threshold=10).width == 10
    assert Attribute("a", frozenset("x"), threshold=10, protection=4).width == 4


@given(st.lists(st.lists(st.integers(0, 50), min_size=3, max_size=3), min_size=3, max_size=3))
def test_every_sum_of_a_cross_table_holds(counts):
    rows = {cell({"place": name}): [place] for place, name in enumerate(sorted(PLACE.values))} | {cell({}): range(3)}
    columns = {cell({"grade": name}): [place] for place, name in enumerate(sorted(GRADE.values))} | {cell({}): range(3)}

    linked = link([PLACE, GRADE], crossed(counts, rows=rows, columns=columns))

    assert linked.is_given.all()
    assert linked.sums.shape == (8, 16)
    assert np.abs(linked.sums @ linked.counts).max() == 0
