"""Worked cases of school choice go through the public functions."""

from commonground.engine.cases import read_cases, run

PEOPLE = {"a": {"prefs": ["X", "Y"], "types": []}, "b": {"prefs": ["X", "Y"], "types": ["north"]}}


def case(schools, expected, students=PEOPLE, **more):
    return {"id": "made", "students": students, "schools": schools, "source": "made up", "expected": expected, **more}


def test_each_rule_and_mechanism_has_an_answer():
    # X takes a alone by priority. Reserved or ceiling for north changes who is taken; worked out in a line each.
    y = {"capacity": 1, "priority": ["a", "b"]}
    x = {"capacity": 1, "priority": ["a", "b"]}
    a_first, b_first = {"a": "X", "b": "Y"}, {"a": "Y", "b": "X"}
    cases = [
        case({"X": x, "Y": y}, {"student_proposing_DA": a_first, "TTC": a_first, "TTC_pareto_dominates_DA": False}),
        case({"X": x, "Y": y}, {"school_optimal": a_first, "number_of_stable_matchings": 1, "all_stable_matchings": [a_first]}),
        case({"X": {**x, "rule": "soft_reserve_first", "reserves": {"north": 1}}, "Y": y}, {"student_proposing_DA": b_first}),
        case({"X": {**x, "rule": "smart_reserve", "reserves": {"north": 1}}, "Y": y}, {"student_proposing_DA": b_first}),
        case({"X": {**x, "rule": "hard_quota", "quota": {"north": 0}}, "Y": y}, {"student_proposing_DA": a_first}),
        case(
            {"X": {**x, "rule": "slots", "precedence": [{"for": "north", "seats": 1, "hard": True}]}, "Y": y},
            {"student_proposing_DA": b_first},
        ),
        case(
            {"X": {"capacity": 1, "priority_classes": [["a", "b"]]}},
            {"exact_admission_probability": {"a": {"X": "1/2", "unassigned": "1/2"}}, "lotteries_enumerated": 2},
            {name: {"prefs": ["X"], "types": []} for name in "ab"},
        ),
        # b tells the truth: X goes to a, Y to c in round 1, nothing is left. Listing Y first, b has the better priority.
        case(
            {"X": x, "Y": {"capacity": 1, "priority": ["b", "a", "c"]}},
            {"boston": {"b": None}, "boston_if_b_reports_Y_first": {"b": "Y", "c": None}, "b_gains": True},
            {**PEOPLE, "c": {"prefs": ["Y"], "types": []}},
        ),
    ]  # fmt: skip

    assert run(read_cases(cases, stem="made")).reasons == {}
