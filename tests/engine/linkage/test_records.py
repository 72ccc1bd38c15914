"""Names, dates and addresses in the form in which they are compared."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.linkage import Person, columns_of, first_name, last_name, plain, street
from commonground.engine.linkage.invented import invented_students
from commonground.engine.linkage.records import known_shares
from commonground.engine.values import InputError


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("José-María", "jose maria"),
        ("O'Neil", "oneil"),
        ("Đặng", "dang"),
        ("Paj Ntaub", "paj ntaub"),
        ("  ", ""),
        ("Ł.", "l"),
    ],
)
def test_accents_marks_and_case_do_not_matter(written, expected):
    assert plain(written) == expected


@given(st.text(max_size=12))
def test_the_compared_form_does_not_change_again(text):
    assert plain(plain(text)) == plain(text)
    assert last_name(last_name(text)) == last_name(text)


def test_short_forms_and_orders_of_names_agree():
    assert first_name("Mike") == first_name("MICHAEL Ray") == "michael"
    assert first_name(" ") == ""
    assert last_name("García López") == last_name("Lopez-Garcia") == "garcia lopez"
    assert last_name("De La") == "de la"
    assert street("100 South Main Avenue") == street("100 s. main ave")


def test_columns_hold_none_where_nothing_is_known():
    people = [
        Person("1", "Ana", "Ruiz", date(2015, 3, 9), "Female", "1 Oak Street", "56201-1234"),
        Person("2", None, "", None, None, " ", None),
    ]

    columns = columns_of(people, file="north")

    assert columns == {
        "unique_id": ["1", "2"],
        "first_name": ["ana", None],
        "last_name": ["ruiz", None],
        "birth_date": ["2015-03-09", None],
        "gender": ["f", None],
        "street": ["1 oak st", None],
        "postcode": ["56201", None],
    }
    assert known_shares(columns)["gender"] == 0.5
    assert known_shares(columns_of([], file="empty"))["gender"] == 0.0


def test_two_records_with_one_identity_are_refused():
    with pytest.raises(InputError, match="file 'north': two records have the identity '1'"):
        columns_of([Person("1", "a", "b"), Person("1", "c", "d")], file="north")


@pytest.mark.parametrize(
    ("people", "file", "says"),
    [
        ([Person("", "Ana", "Vang")], "west", "position 0 has no identity"),
        ([Person("a", "Ana", "Vang")], "", "the file has no name"),
    ],
)
def test_files_and_records_without_a_name_are_refused(people, file, says):
    with pytest.raises(InputError, match=says):
        columns_of(people, file=file)


@pytest.mark.parametrize("options", [{"size": 0}, {"overlap": 2}])
def test_invented_files_that_cannot_be_are_refused(options):
    with pytest.raises(InputError, match="give at least 1, and a share from 0 to 1"):
        invented_students(**{"size": 9, "seed": 1, **options})
