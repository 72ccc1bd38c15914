"""How names, grades and languages are ordered and said."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from commonground.apps.roster.grades import GRADES, grade_name, grade_order
from commonground.apps.roster.languages import language_name
from commonground.apps.roster.names import name_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Åsen Bjørn", "asen bjørn"),  # ø has no accent to take away: it is a letter of its own
        ("Ávila-Núñez, José", "avila nunez jose"),
        ("O’Brien", "obrien"),
        ("O'Brien", "obrien"),
        ("  Vang   Chue ", "vang chue"),
        ("LI", "li"),
    ],
)
def test_a_name_is_found_however_it_is_typed(name, key):
    assert name_key(name) == key


@given(some.text())
def test_a_key_of_a_key_is_the_same_key(text):
    assert name_key(name_key(text)) == name_key(text)


@given(some.text(), some.text())
def test_a_beginning_stays_a_beginning(start, rest):
    # What somebody types finds the name that begins so; a half-typed combination of signs is the one exception.
    whole, part = name_key(f"{start} {rest}"), name_key(start)

    assert whole.startswith(part)


def test_grades_are_said_in_words_and_ordered_as_children_pass_through_them():
    assert [grade_name(code) for code in ("KG", "01", "12", None, "X1")] == [
        "kindergarten",
        "grade 1",
        "grade 12",
        "",
        "X1",
    ]
    assert sorted(["12", "KG", "X1", "01", "EC"], key=grade_order) == ["EC", "KG", "01", "12", "X1"]
    assert sorted(GRADES, key=grade_order) == list(GRADES)


@pytest.mark.parametrize(
    ("code", "name"), [("so", "Somali"), ("es-MX", "Spanish"), ("KSW", "S’gaw Karen"), ("xyz", "xyz"), (None, "")]
)
def test_a_language_is_said_by_name_where_we_know_one(code, name):
    assert language_name(code) == name
