import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.disclosure import anonymity, anonymous_rows
from commonground.engine.values import InputError

# Machanavajjhala et al. 2007, figure 2: 4-anonymous patients of which the last class all have cancer.
PATIENTS = [
    *({"zip": "130**", "age": "<30", "disease": d} for d in ("heart", "heart", "viral", "viral")),
    *({"zip": "1485*", "age": ">=40", "disease": d} for d in ("cancer", "heart", "viral", "viral")),
    *({"zip": "130**", "age": "3*", "disease": "cancer"} for _ in range(4)),
]


def test_the_published_patients_are_4_anonymous_and_not_diverse():
    found = anonymity(PATIENTS, quasi_identifiers=["zip", "age"], k=4, sensitive="disease")

    assert (found.k, found.diversity) == (4, 1)
    assert found.exposed == (8, 9, 10, 11)
    assert found.explanation.rule == "k-anonymity, k = 4, 2-diverse in disease"


def test_a_class_below_k_is_exposed():
    found = anonymity(PATIENTS, quasi_identifiers=["zip", "age"], k=5)

    assert (found.k, found.diversity) == (4, None)
    assert found.exposed == tuple(range(12))


def test_no_rows_hide_nobody():
    assert anonymity([], quasi_identifiers=["zip"]).k == 0


def by_decade(age):
    return f"{age // 10}0s"


def anything(age):
    return "*"


ROWS = [{"age": age, "note": place} for place, age in enumerate((11, 12, 12, 19, 31))]


def test_the_fewest_steps_that_leave_out_few_enough():
    found = anonymous_rows(ROWS, ladders={"age": [by_decade, anything]}, k=2, most_left_out=0.2)

    # By decade four children are 10s; the one of 31 would stand out and is one fifth of the rows.
    assert found.steps == {"age": 1}
    assert found.left_out == (4,)
    assert [row["note"] for row in found.rows] == [0, 1, 2, 3]


def test_with_nobody_left_out_another_step_is_taken():
    found = anonymous_rows(ROWS, ladders={"age": [by_decade, anything]}, k=2, most_left_out=0)

    assert found.steps == {"age": 2}
    assert {row["age"] for row in found.rows} == {"*"}
    assert found.explanation.steps[-1] == "Left out because they would still stand out: 0 of 5 rows."


def test_too_few_rows_are_all_left_out():
    found = anonymous_rows(ROWS, ladders={"age": [by_decade]}, k=9)

    assert found.rows == ()
    assert found.left_out == (0, 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"quasi_identifiers": ["age"], "k": 0}, "k is 0"),
        ({"quasi_identifiers": ["age"], "diversity": 0}, "diversity is 0"),
        ({"quasi_identifiers": []}, "no quasi-identifier"),
        ({"quasi_identifiers": ["zip"]}, "row 0 has no zip"),
        ({"quasi_identifiers": ["age"], "sensitive": "grade"}, "row 0 has no grade"),
    ],
)
def test_columns_and_limits_that_cannot_be_are_refused(options, says):
    with pytest.raises(InputError, match=says):
        anonymity(ROWS, **options)


def test_a_share_above_one_is_refused():
    with pytest.raises(InputError, match="share between 0 and 1"):
        anonymous_rows(ROWS, ladders={"age": []}, most_left_out=2)


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(1, 6))
def test_what_is_exported_hides_everybody_in_k(ages, k):
    rows = [{"age": age} for age in ages]

    found = anonymous_rows(rows, ladders={"age": [by_decade, anything]}, k=k)

    assert len(found.rows) + len(found.left_out) == len(rows)
    assert not found.rows or anonymity(found.rows, quasi_identifiers=["age"], k=k).k >= k
