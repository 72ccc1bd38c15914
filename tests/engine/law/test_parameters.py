from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.law import LawFileError, NotInForce, Parameter, UnknownParameter, read_rulebook
from commonground.engine.values import InputError

TWO_LINES = """
fee:
  - {from: 2014-07-01, value: 356, source: an act, verified: true}
  - {from: 2015-07-01, value: 350.5, source: a later act, verified: false, note: ask}
"""


def test_a_later_line_holds_from_its_first_day():
    book = read_rulebook(TWO_LINES, state="mn")

    assert book.on("fee", date(2015, 6, 30)).value == 356
    assert book.on("fee", date(2015, 7, 1)).value == Decimal("350.5")


def test_an_unverified_line_says_so_wherever_it_is_cited():
    line = read_rulebook(TWO_LINES, state="mn").on("fee", date(2020, 1, 1))

    assert line.citation == "a later act (not verified)"
    assert line.words == "350.5"
    assert read_rulebook(TWO_LINES, state="mn").unverified == (line,)


def test_a_day_before_the_first_line_is_refused():
    with pytest.raises(NotInForce, match="starts on 2014-07-01, after 2014-06-30"):
        read_rulebook(TWO_LINES, state="mn").on("fee", date(2014, 6, 30))


def test_an_unknown_name_is_refused():
    with pytest.raises(UnknownParameter, match="known are fee"):
        read_rulebook(TWO_LINES, state="mn").on("fees", date(2020, 1, 1))


@pytest.mark.parametrize(
    ("compare", "below", "at", "above"),
    [("more_than", False, False, True), ("at_least", False, True, True), ("at_most", True, True, False)],
)
def test_each_comparison_below_at_and_above(compare, below, at, above):
    limit = Parameter("limit", Decimal("18.5"), "a rule", True, compare=compare)
    just = Fraction(1, 10**30)

    assert limit.holds(Fraction("18.5") - just) is below
    assert limit.holds(Decimal("18.5")) is at
    assert limit.holds(Fraction("18.5") + just) is above
    assert [limit.holds(students, per=1_000) for students in (18_499, 18_500, 18_501)] == [below, at, above]


def test_a_line_that_compares_nothing_cannot_be_held_against():
    with pytest.raises(InputError, match="compares nothing"):
        Parameter("name", 20, "a rule", True).holds(3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- 1", "must be a mapping"),
        ("fee: 3", "list of dated lines"),
        ("fee: []", "list of dated lines"),
        ("fee: [{value: 1}]", "lacks from, source, verified"),
        ("fee: [{from: soon, value: 1, source: s, verified: true}]", "`from` is 'soon'"),
        ("fee: [{from: earliest, value: 1, source: s, verified: maybe}]", "true or false"),
        ("fee: [{from: earliest, value: 1, source: s, verified: true, compare: over}]", "write one of more_than"),
        (
            "fee: [{from: 2020-01-01, value: 1, source: s, verified: true},"
            " {from: 2019-01-01, value: 1, source: s, verified: true}]",
            "in order",
        ),
    ],
)
def test_a_file_that_does_not_say_what_it_must_is_refused(text, says):
    with pytest.raises(LawFileError, match=says):
        read_rulebook(text, state="mn")


@given(st.decimals(min_value=0, max_value=10**9, places=6))
def test_decimals_are_read_exactly(number):
    text = f"fee: [{{from: earliest, value: {number:f}, source: s, verified: true}}]"

    assert Fraction(read_rulebook(text, state="mn").on("fee", date(2020, 1, 1)).value) == Fraction(number)
