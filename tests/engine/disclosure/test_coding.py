from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.disclosure import Band, coded_percent
from commonground.engine.values import InputError


# NCES 2011-603 as used by a Utah district: 300 and more 99/1, 100 to 299 98/2, 40 to 99 95/5.
@pytest.mark.parametrize(
    ("students", "share", "text"),
    [
        (300, 0.99, ">=99"),
        (300, 0.98, "98"),
        (299, 0.98, ">=98"),
        (100, 0.02, "<=2"),
        (99, 0.95, ">=95"),
        (40, 0.05, "<=5"),
        (40, 0.06, "6"),
        (39, 0.9, ">=90"),
        (19, 0.2, "<=20"),
        (10, 0.5, "50"),
        (9, 0.5, "n<10"),
        (0, 0, "n<10"),
    ],
)
def test_bands_at_their_edges(students, share, text):
    assert coded_percent(share, students=students).text == text


def test_a_float_counts_as_the_decimal_number_it_prints_as():
    # 0.98 in binary lies below 98 hundredths.
    assert Fraction(0.98) < Fraction(98, 100)
    assert coded_percent(0.98, students=100).text == ">=98"
    assert coded_percent(Decimal("0.98"), students=100).text == ">=98"
    assert coded_percent(Fraction(49, 50), students=100).text == ">=98"


def test_halves_are_rounded_up():
    assert coded_percent(Fraction(125, 1000), students=400).text == "13"


def test_the_rule_is_explained():
    assert coded_percent(1, students=50).explanation.steps == (
        "At least 40 students: nothing above 95 or below 5 percent is told apart.",
        "Shown: >=95.",
    )


@pytest.mark.parametrize(
    ("share", "students", "says"),
    [
        (1.01, 50, "between 0 and 1"),
        (-0.1, 50, "between 0 and 1"),
        (0.5, -1, "size of the group is -1"),
        (0.5, 2.5, "is 2.5"),
        (None, 50, "the share is None"),
    ],
)
def test_shares_and_sizes_that_cannot_be_are_refused(share, students, says):
    with pytest.raises(InputError, match=says):
        coded_percent(share, students=students)


def test_a_size_without_a_band_is_refused():
    with pytest.raises(InputError, match="no band covers a group of 20"):
        coded_percent(0.5, students=20, bands=[Band(40, 95)])


@given(st.integers(0, 1000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_nobody_and_everybody_are_never_told(counts):
    part, students = counts

    text = coded_percent(Fraction(part, max(students, 1)), students=students).text

    assert text not in ("0", "100")
