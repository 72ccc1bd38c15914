"""Adapters of integration for shapes that the shared cases do not have."""

import pytest

from commonground.engine.cases import NoAdapter, answer, read_cases

CSV = "state,district,school,race,n\nS,A,1,black,10\nS,A,1,white,0\nS,A,2,white,10\n"


def ask(measure, **given):
    (case,) = read_cases(
        [{"id": "1", "measure": measure, "input": given, "expected": 0}], stem="f", neighbor=lambda name: CSV
    )
    return answer(case)


def test_the_multigroup_family_is_named_by_its_letters():
    answers = ask("multigroup family", units_by_groups=[[10, 0], [0, 10]])

    assert {name: round(result.value, 9) for name, result in answers.items() if name != "M"} == dict.fromkeys(
        "DGHPRC", 1
    )


def test_rank_order_exposure_and_local_segregation():
    two_bands = {"units_by_ordered_categories": [[10, 0], [0, 10]]}

    assert ask("rank-order income", **two_bands, degree=0)["HR"].value == pytest.approx(1)
    assert ask("exposure matrix", units_by_groups=[[10, 0], [0, 10]]).value == ((1, 0), (0, 1))
    assert ask("local segregation", units_by_groups=[[5, 5], [1, 1]]) == [0, 0]


def test_a_table_may_stand_in_a_file_beside_the_case():
    assert ask("multigroup family", data="x.csv")["D"].value == 1
    assert ask("D white-black", data="x.csv").value == 1


def test_units_may_be_grouped_as_well_as_groups():
    answers = ask("between+within", units_by_groups=[[10, 0], [0, 10]], parent_of_unit=["A", "A"])

    assert answers["between"] == 0


def test_a_case_without_a_table_has_no_adapter():
    with pytest.raises(NoAdapter, match="no table"):
        ask("dissimilarity_D", schools=[])
