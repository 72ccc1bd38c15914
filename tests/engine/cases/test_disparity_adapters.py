"""Adapters of disparity for shapes that the shared cases do not have."""

import pytest

from commonground.engine.cases import answer, read_cases, run

IDEA = {"group": [20, 100], "min_cell": 10, "min_n": 30, "threshold": 2.5}


def ask(measure, **given):
    (case,) = read_cases([{"id": "1", "measure": measure, "input": given, "expected": 0}], stem="f")
    return answer(case)


def test_a_small_comparison_group_takes_the_states():
    answers = ask("alternate risk ratio", **IDEA, comparison_lea=[9, 100], comparison_state=[100, 2000])

    assert (answers["method"], answers["ratio"], answers["exceeds"]) == ("alternate_risk_ratio", 4, True)
    assert ask("no comparison at all", **IDEA)["reason"] == "no_state_comparison"


def test_a_number_where_nothing_was_calculated_fails():
    listed = [{"id": "1", "measure": "IDEA", "input": {**IDEA, "group": [9, 100]}, "expected": {"ratio": 0}}]

    assert run(read_cases(listed, stem="f")).failed == ("f/1",)


def test_a_trend_of_rates():
    # R's documentation of prop.trend.test.
    answers = ask("Cochran-Armitage trend", x=[83, 90, 129, 70], n=[86, 93, 136, 82])

    assert answers["chi2"] == pytest.approx(8.2249, abs=5e-5)


def test_katz_without_events_has_no_limits_and_rates_may_be_counts():
    assert ask("risk ratio, Katz log CI, Koopman score CI (95%)", x1=0, n1=5, x2=1, n2=5)["katz"] is None
    assert ask("four-fifths rule", rates={"A": [60, 100], "B": [47, 100]})["adverse"] == ["B"]


def test_schools_of_unequal_size_are_shrunken_too():
    assert len(ask("empirical-Bayes shrinkage", hits=[1, 2, 3, 9], n=[10, 10, 10, 20])["js"]) == 4
