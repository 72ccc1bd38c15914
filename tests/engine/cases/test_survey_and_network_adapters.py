"""Adapters of surveys and networks for shapes that the shared cases do not have."""

from commonground.engine.cases import answer, read_cases


def ask(identity, **fields):
    (case,) = read_cases({"cases": [{"id": identity, **fields, "expect": 0}]}, stem="f")
    return answer(case)


def test_what_is_undefined_is_nothing():
    assert ask("alpha", items=["a", "b"], data=[[1, 1], [1, 1], [1, 1]]) == {
        "raw_alpha": None,
        "standardized_alpha": None,
    }
    assert ask("none", edges=[], attribute=["a", "b"])["ei"] is None


def test_open_text_takes_its_threshold_from_a_field_the_name_or_the_default():
    assert ask("open-text", responses=9) == "hidden"
    assert ask("open-text", responses=10) == "shown"
    assert ask("open-text-threshold-20", responses=19) == "hidden"
    assert ask("open-text", responses=5, threshold=5) == "shown"


def test_nominations_may_have_a_direction():
    answers = ask("nominations", edges=[[0, 1], [1, 0]], district={"0": "X", "1": "Y"}, directed=True)

    assert (answers["edges"], answers["external"]) == (2, 2)
