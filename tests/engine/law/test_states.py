"""What every state's folder must keep: sources, order, and a worked case at, below and above every limit."""

import pytest
from tests.engine.cases.perturbation import perturbations

from commonground.engine.cases import answer, read_cases, run
from commonground.engine.cases.comparison import differences
from commonground.engine.law import UnknownState, state, state_codes

STATES = pytest.mark.parametrize("code", state_codes())


@STATES
def test_every_line_names_its_source(code):
    lines = [line for lines in state(code).rulebook.lines.values() for line in lines]

    assert lines
    assert all(line.source.strip() for line in lines)


@STATES
def test_every_limit_has_a_worked_case_at_below_and_above(code):
    found = state(code)
    limits = {
        name
        for name, lines in found.rulebook.lines.items()
        # A limit that no calculation of ours compares is shown to people, and has nothing to work.
        if lines[-1].compare and name not in SHOWN_ONLY
    }
    walked = {(case["parameter"], case["side"]) for case in found.cases if "parameter" in case}

    assert {(name, side) for name in limits for side in ("at", "below", "above")} <= walked


SHOWN_ONLY = {
    "american_indian_parent_committee_students",
    "improvement_plan_share",
    "posting_days",
    "quotations_kept_years",
    "bid_notice_weeks",
}


@STATES
def test_every_worked_case_passes(code):
    report = run(read_cases([dict(case) for case in state(code).cases], stem=code))

    assert report.failed == report.no_adapter == report.not_a_calculation == (), report.reasons
    assert report.passed == len(state(code).cases)


@STATES
def test_no_changed_answer_passes(code):
    for case in read_cases([dict(case) for case in state(code).cases], stem=code):
        given = answer(case)
        for wrong in perturbations(case.expected, given, case.tolerance):
            assert differences(wrong, given, tolerance=case.tolerance), (case.identity, wrong)


def test_an_unknown_state_is_refused_with_the_known_ones():
    with pytest.raises(UnknownState, match="known are mn"):
        state("zz")
