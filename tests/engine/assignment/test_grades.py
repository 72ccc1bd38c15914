"""Grades in order, so that siblings can follow."""

import pytest

from commonground.engine.assignment import Applicant, Program, assign_grades
from commonground.engine.values import InputError

PROGRAMS = [
    Program(f"{school} {grade}", 1, grade=grade, school=school) for school in ("arts", "stem") for grade in ("5", "3")
]


def run(people, **more):
    numbers = {person.name: number for number, person in enumerate(people)}
    return assign_grades(people, PROGRAMS, grades=["5", "3"], numbers=numbers, **more)


@pytest.mark.slow
def test_a_younger_sibling_passes_others_of_a_later_class():
    people = [
        Applicant("old", ("arts 5",), family="f"),
        Applicant("other", ("arts 3",), classes={"arts 3": 1}),
        Applicant("young", ("arts 3",), classes={"arts 3": 1}, family="f"),
    ]

    linked = run(people)
    unlinked = run(people, sibling_class=None)

    assert linked.by_name == {"old": "arts 5", "other": None, "young": "arts 3"}
    assert unlinked.by_name["young"] is None
    assert unlinked.linked == ()
    assert all(one.certificate.holds for one in linked.assignments.values())


def test_a_family_that_stays_together_moves_the_school_up():
    people = [Applicant("old", ("arts 5",), family="f"), Applicant("young", ("stem 3", "arts 3"), family="f")]

    apart, together = run(people), run(people, together=["f"])

    assert apart.by_name["young"] == "stem 3"
    assert apart.split_families == ("f",)
    assert together.by_name["young"] == "arts 3"
    assert together.split_families == ()
    assert together.linked == (
        "young: a sibling was placed at arts in grade 5 and the family asks to stay together, so arts 3 comes first",
    )


def test_families_without_places_and_applicants_without_families_change_nothing():
    people = [
        Applicant("old", ("arts 5",)),
        Applicant("next", ("arts 5",), family="f"),
        Applicant("young", ("arts 3",), family="f"),
    ]

    assert run(people, together=["f"]).linked == ()


@pytest.mark.parametrize(
    ("choices", "numbers", "message"),
    [
        (("art 5",), {"a": 0}, "'art 5', which is not among"),
        (("arts 5", "arts 3"), {"a": 0}, r"grades \['3', '5'\]"),
        ((), {"a": 0}, r"grades \[\]"),
        (("arts 5",), {}, "no lottery number"),
    ],
)
def test_a_list_that_belongs_to_no_grade_is_refused(choices, numbers, message):
    with pytest.raises(InputError, match=message):
        assign_grades([Applicant("a", choices)], PROGRAMS, grades=["5", "3"], numbers=numbers)


def test_a_grade_that_is_not_run_is_refused():
    with pytest.raises(InputError, match="grade 3, which is not in this run"):
        assign_grades([Applicant("a", ("arts 3",))], PROGRAMS, grades=["5"], numbers={"a": 0})
