"""Two files of invented students: what is linked, what is left to a person, what is refused."""

import json
import sys
from dataclasses import replace
from datetime import date

import pytest

from commonground.engine.linkage import (
    Person,
    SplinkMissing,
    Weights,
    accuracy,
    blocked,
    columns_of,
    in_words,
    invented_students,
    link,
    train,
)
from commonground.engine.linkage.model import BLOCKS, CROSSED, LEVELS, blocking_rules, settings
from commonground.engine.values import InputError

pytest.importorskip("splink")
TWINS = (
    Person("l-anna", "Anna", "Vang", date(2015, 4, 5), "f", "12 Oak Street", "56201"),
    Person("r-bella", "Bella", "Vang", date(2015, 4, 5), "f", "12 Oak St", "56201"),
)
TURNED = (
    Person("l-turned", "Yer", "Xiong", date(2014, 7, 9), "f", "8 Elm Ave", "56201"),
    Person("r-turned", "Xiong", "Yer", date(2014, 7, 9), "f", "8 Elm Avenue", "56201"),
)


@pytest.fixture(scope="module")
def world():
    left, right, links = invented_students(400, seed=5)
    left, right = [*left, TWINS[0], TURNED[0]], [*right, TWINS[1], TURNED[1]]
    weights = train([left, right], trained_on="invented students", seed=1)
    return left, right, links, weights, link(left, right, weights=weights)


def test_true_pairs_are_found_and_false_ones_are_not(world):
    left, right, links, _, found = world
    true = [*links, ("l-turned", "r-turned")]

    automatic = accuracy(found.pairs("automatic"), true, compared=blocked([left, right], true))

    # The goals of the reference: precision 0.995, F1 0.96; in 400 students that is at most one false link.
    assert automatic.precision >= 0.995
    assert accuracy(found.pairs(), true).f1 >= 0.96
    assert automatic.blocked_recall >= 0.98
    assert found.compared >= len(found.decisions)


def test_twins_are_left_to_a_person(world):
    found = world[-1]

    (twins,) = [one for one in found.decisions if one.pair.left == "l-anna" and one.pair.right == "r-bella"]

    assert twins.pair.probability > 0.5
    assert twins.band == "review"
    assert twins.pair.levels["first_name"] in ("different", "similar")
    assert twins.pair.levels["birth_date"] == twins.pair.levels["last_name"] == "same"


def test_names_in_the_other_order_are_found(world):
    (turned,) = [one for one in world[-1].decisions if one.pair.left == "l-turned"]

    assert turned.pair.right == "r-turned"
    assert turned.pair.levels["name_order"] == "first and last turned round"
    assert turned.is_best


def test_frozen_weights_give_the_same_decisions_again(world):
    left, right, _, weights, found = world
    again = link(columns_of(left, file="l"), columns_of(right, file="r"), weights=Weights(weights.text, "again"))

    def plain(linkage):
        return [(one.pair.left, one.pair.right, one.pair.bits, one.band) for one in linkage.decisions]

    assert plain(again) == plain(found)
    assert again.weights.version == weights.version
    assert found.explanation.inputs["weights"] == weights.version
    assert found.known[0]["first_name"] == 1.0


def test_duplicates_inside_one_file(world):
    left, _, _, weights, _ = world
    again = replace(left[0], identity="copy")

    found = link([*left, again], None, weights=weights)

    assert {left[0].identity, "copy"} in [{one.pair.left, one.pair.right} for one in found.decisions if one.is_best]
    assert len(found.known) == 1


def test_what_is_compared_by_no_block_is_named():
    one = Person("1", "Ana", "Ruiz", date(2015, 3, 9), "f", "1 Oak St", "56201")
    others = [replace(one, identity="2"), Person("3", "Bo", "Lee", date(2011, 1, 1), "m", "9 Elm St", "55001")]

    assert blocked([[one], others], [("1", "2"), ("1", "3")]) == {("1", "2")}
    assert blocked([[one, *others]], [("1", "2"), ("1", "3")]) == {("1", "2")}


def test_every_block_is_one_rule_on_both_records():
    rules = blocking_rules()

    assert len(rules) == len(BLOCKS) + len(CROSSED)
    assert rules[1] == "l.birth_date = r.birth_date AND substr(l.first_name, 1, 1) = substr(r.first_name, 1, 1)"
    assert rules[-1] == "l.postcode = r.postcode AND l.last_name = r.first_name"


@pytest.mark.parametrize("is_one_file", [True, False])
def test_the_words_of_the_levels_are_those_of_the_model(is_one_file):
    for comparison in settings(is_one_file=is_one_file)["comparisons"]:
        name = comparison["output_column_name"]
        assert sum(not level.get("is_null_level") for level in comparison["comparison_levels"]) == len(LEVELS[name])
    assert in_words({"postcode": 1, "gender": -1}) == {"postcode": "one digit", "gender": "not known"}


@pytest.mark.parametrize("text", ["{", "[]", '{"comparisons": []}', '{"comparisons": [{}]}', json.dumps({"a": 1})])
def test_weights_of_another_model_are_refused(text):
    with pytest.raises(InputError, match="not weights of the default model"):
        Weights(text, "somewhere")


ONE = columns_of([Person("1", "a", "b")], file="x")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "0 files"),
        ([ONE, ONE, ONE], "3 files"),
        ([[]], "file 'left' has no records"),
        ([ONE, {"unique_id": ["1"]}], "file 'right' has no birth_date"),
        ([{**ONE, "gender": []}], "its gender has another length"),
        ([{name: values * 2 for name, values in ONE.items()}], "two records have the same identity"),
    ],
)
def test_files_that_cannot_be_linked_are_refused(files, message):
    with pytest.raises(InputError, match=message):
        train(files, trained_on="nothing", seed=1)


def test_without_splink_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "splink", None)

    with pytest.raises(SplinkMissing, match=r"install commonground\[linkage\]"):
        train([ONE], trained_on="nothing", seed=1)


def test_invented_students_have_twins_double_names_and_true_links():
    left, right, links = invented_students(2000, seed=2)
    by_identity = {person.identity: person for person in (*left, *right)}

    assert len(links) == 1428
    same_date = sum(by_identity[a].birth_date == by_identity[b].birth_date for a, b in links) / len(links)
    assert 0.95 < same_date < 0.99
    assert 0.30 < sum(" " in person.last_name for person in left) / len(left) < 0.40
    homes = [(person.last_name, person.birth_date, person.street) for person in left]
    assert len(set(homes)) < len(homes)
    assert invented_students(50, seed=2) == invented_students(50, seed=2)


def test_one_record_alone_is_refused():
    with pytest.raises(InputError, match="one record has nothing to be compared with"):
        train([[Person("a", "Ana", "Vang")]], trained_on="one record", seed=1)
