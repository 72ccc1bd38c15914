from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from commonground.engine.values import InputError
from commonground.engine.warning import Check, FlagAfterEvent, Outcome, back_test, precision_at_base_rate
from commonground.engine.warning.backtest import rate

FALL, SPRING, JUNE = date(2025, 10, 6), date(2026, 2, 2), date(2026, 6, 1)


def cohort(rows):
    """Checks and outcomes from (flagged, had the event, score)."""
    checks = [Check(f"s{place:03}", FALL, flagged, score) for place, (flagged, _, score) in enumerate(rows)]
    outcomes = {f"s{place:03}": Outcome(JUNE if had else None) for place, (_, had, _) in enumerate(rows)}
    return checks, outcomes


def test_a_cohort_counted_by_hand():
    # 4 flagged, 3 of them right; 2 missed; 3 rightly left alone.
    rows = [(True, True, None)] * 3 + [(True, False, None)] + [(False, True, None)] * 2 + [(False, False, None)] * 3
    checks, outcomes = cohort(rows)

    found = back_test(checks, outcomes=outcomes)

    assert (found.sensitivity.value, found.specificity.value, found.precision.value) == (3 / 5, 3 / 4, 3 / 4)
    assert found.base_rate.value == 5 / 9
    assert (found.at_caseload, found.area_under_curve, found.brier) == (None, None, None)
    assert found.calibration == ()
    assert found.explanation.steps[1] == "Of the 4 students it flagged, 3 had the event."


# Bowers, Sprott & Taff 2013 with the precision at own, at a typical and at a low base rate (reference, section 1.3).
@pytest.mark.parametrize(
    ("sensitivity", "specificity", "base_rate", "precision"),
    [
        (0.751, 0.843, 0.426, 0.78),
        (0.751, 0.843, 0.165, 0.49),
        (0.751, 0.843, 0.05, 0.20),
        (0.648, 0.891, 0.411, 0.81),
        (0.648, 0.891, 0.165, 0.54),
        (0.595, 0.675, 0.572, 0.71),
        (0.595, 0.675, 0.165, 0.27),
        (0.595, 0.675, 0.05, 0.09),
        (0.233, 0.936, 0.165, 0.42),
        (0.153, 0.946, 0.05, 0.13),
        (0.896, 0.932, 0.147, 0.69),
    ],
)
def test_published_rules_at_other_base_rates(sensitivity, specificity, base_rate, precision):
    found = precision_at_base_rate(sensitivity=sensitivity, specificity=specificity, base_rate=base_rate)

    assert round(found, 2) == precision


def test_a_rule_that_flags_nobody_has_no_precision():
    assert precision_at_base_rate(sensitivity=0, specificity=1, base_rate=0.2) is None
    checks, outcomes = cohort([(False, True, None)])

    precision = back_test(checks, outcomes=outcomes).precision

    assert precision.value is None
    assert precision.not_calculated.reason == "fewer than 1 students"


def test_shares_outside_zero_to_one_are_refused():
    with pytest.raises(InputError, match=r"specificity is 1\.2"):
        precision_at_base_rate(sensitivity=0.5, specificity=1.2, base_rate=0.1)


def test_precision_at_the_caseload_draws_lots_at_the_edge():
    # Scores 3, 2, 2, 2, 1; three can be carried: the 3 and two of the three with 2, one of whom has the event.
    rows = [(True, True, 3), (True, True, 2), (True, False, 2), (True, False, 2), (False, True, 1)]
    checks, outcomes = cohort(rows)

    carried = back_test(checks, outcomes=outcomes, caseload=3).at_caseload

    # Expected with the event: 1 + 2/3 of 1 = 5/3; of 3 carried 5/9, of 3 with the event 5/9.
    assert carried.precision == pytest.approx(5 / 9)
    assert carried.recall == pytest.approx(5 / 9)


def test_a_caseload_of_nobody_and_of_everybody():
    checks, outcomes = cohort([(True, True, 1), (False, False, 0)])

    assert back_test(checks, outcomes=outcomes, caseload=0).at_caseload.precision is None
    assert back_test(checks, outcomes=outcomes, caseload=9).at_caseload.recall == 1
    nobody = cohort([(True, False, 1)])
    assert back_test(nobody[0], outcomes=nobody[1], caseload=1).at_caseload.recall is None


def test_lead_time_runs_from_the_first_flag_to_the_event():
    # Flagged February 2 (17 weeks before June 1) after a quiet fall; another on October 6, 34 weeks before.
    checks = [
        Check("a", SPRING, True),
        Check("a", FALL, False),
        Check("b", FALL, True),
        Check("b", SPRING, True),
        Check("c", FALL, False),
    ]
    outcomes = {"a": Outcome(JUNE), "b": Outcome(JUNE), "c": Outcome()}

    found = back_test(checks, outcomes=outcomes)

    assert found.lead_weeks == (17 + 34) / 2
    # Two pairs of checks, one of them changes.
    assert (found.flips.part, found.flips.whole) == (1, 2)


def test_nothing_foreseen_has_no_lead_time():
    checks, outcomes = cohort([(False, True, None)])

    assert back_test(checks, outcomes=outcomes).lead_weeks is None
    assert back_test(checks, outcomes=outcomes).flips.value is None


def test_calibration_compares_scores_with_what_happened():
    # Scores .1 (0 of 2 happened) and 1.0 (1 of 2): Brier = (2 × .01 + 0 + 1) / 4.
    checks, outcomes = cohort([(False, False, 0.1), (False, False, 0.1), (True, True, 1.0), (True, False, 1.0)])

    found = back_test(checks, outcomes=outcomes)

    low, high = found.calibration
    assert (low.low, low.high, low.students, low.observed.value) == (0.0, 0.2, 2, 0.0)
    assert (high.low, high.high, high.mean_score, high.observed.value) == (0.8, 1.0, 1.0, 0.5)
    assert found.brier == pytest.approx(1.02 / 4)


def test_counts_of_flags_are_no_probabilities():
    checks, outcomes = cohort([(True, True, 3), (False, False, 0)])

    found = back_test(checks, outcomes=outcomes)

    assert (found.calibration, found.brier, found.area_under_curve) == ((), None, 1.0)


def test_area_under_the_curve_counts_ties_half():
    # With: 2, 1. Without: 1, 0. Pairs: 2>1, 2>0, 1=1, 1>0: 3.5 of 4.
    checks, outcomes = cohort([(True, True, 2), (True, True, 1), (True, False, 1), (False, False, 0)])

    assert back_test(checks, outcomes=outcomes).area_under_curve == 3.5 / 4
    only = cohort([(True, True, 2)])
    assert back_test(only[0], outcomes=only[1]).area_under_curve is None


def test_errors_by_group_with_small_groups_left_open():
    # North: 12 without the event, 3 of them flagged; 10 with it, 4 missed. South: 2 students, too few.
    rows = [(True, False, None)] * 3 + [(False, False, None)] * 9 + [(True, True, None)] * 6 + [(False, True, None)] * 4
    rows += [(True, False, None), (False, True, None)]
    checks, outcomes = cohort(rows)
    groups = {check.student: "north" if place < 22 else "south" for place, check in enumerate(checks)}

    north, south = back_test(checks, outcomes=outcomes, groups=groups).groups

    assert (north.students, north.false_alarms.value, north.missed.value) == (22, 3 / 12, 4 / 10)
    assert north.precision.not_calculated.reason == "fewer than 10 students"
    assert south.false_alarms.value is None
    assert north.false_alarms.interval.low == pytest.approx(proportion_confint(3, 12, method="wilson")[0])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"checks": []}, "no checks"),
        ({"outcomes": {}}, "position 0 is of a student without an outcome"),
        ({"groups": {}}, "position 0 is of a student without a group"),
        ({"checks": [Check("a", FALL, True), Check("a", FALL, False)]}, "second of its student"),
        ({"checks": [Check("a", FALL, True, 1), Check("a", SPRING, False)]}, "score all or none"),
        ({"caseload": -1}, "cannot be carried"),
    ],
)
def test_back_tests_that_cannot_be_are_refused(options, says):
    given_test = {"checks": [Check("a", FALL, True)], "outcomes": {"a": Outcome()}} | options

    with pytest.raises(InputError, match=says):
        back_test(given_test.pop("checks"), **given_test)


def test_a_check_on_the_day_of_the_event_foresees_nothing():
    with pytest.raises(FlagAfterEvent, match="the event came on 2026-06-01"):
        back_test([Check("a", JUNE, True)], outcomes={"a": Outcome(JUNE)})


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_agree_with_statsmodels(counts):
    part, whole = counts

    low, high = proportion_confint(part, whole, method="wilson")

    assert rate(part, whole).interval.low == pytest.approx(max(low, 0), abs=1e-12)
    assert rate(part, whole).interval.high == pytest.approx(min(high, 1), abs=1e-12)


rows = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 4)), min_size=1, max_size=30)


@given(rows)
def test_scores_turned_around_turn_the_curve_around(given_rows):
    checks, outcomes = cohort(given_rows)
    turned = [Check(check.student, check.checked_on, check.is_flagged, -check.score) for check in checks]

    there, back = (back_test(one, outcomes=outcomes).area_under_curve for one in (checks, turned))

    assert (there is None and back is None) or there + back == pytest.approx(1)


@given(rows, st.integers(1, 40))
def test_moving_all_days_changes_nothing_but_the_days(given_rows, days):
    checks, outcomes = cohort(given_rows)
    moved = [Check(c.student, c.checked_on - timedelta(days=7 * days), c.is_flagged, c.score) for c in checks]

    one, other = back_test(checks, outcomes=outcomes), back_test(moved, outcomes=outcomes)

    assert one.sensitivity == other.sensitivity
    assert one.lead_weeks is None or other.lead_weeks == one.lead_weeks + days


@pytest.mark.parametrize(
    ("score", "options", "says"),
    [
        (float("nan"), {}, "score of the check at position 0 is no number"),
        (None, {"caseload": 1}, "give scores, or no caseload"),
        (0.5, {"bins": 0}, "0 bins"),
        (0.5, {"smallest_group": 0}, "smallest group of 0"),
    ],
)
def test_scores_and_bins_that_cannot_be_are_refused(score, options, says):
    with pytest.raises(InputError, match=says):
        back_test([Check("a", date(2026, 1, 1), True, score)], outcomes={"a": Outcome()}, **options)
