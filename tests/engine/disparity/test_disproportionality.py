"""IDEA: a ratio, an alternate ratio, or a reason why there is neither."""

from fractions import Fraction

import pytest

from commonground.engine.disparity import Rules, risk_ratio, significant_disproportionality
from commonground.engine.values import InputError

RULES = Rules(min_cell=10, min_n=30, threshold=2.5)


def reason(result):
    assert result.value is None
    return result.not_calculated.reason.split(":")[0]


def test_a_ratio_by_hand():
    # 30 of 150 is 1/5, 60 of 850 is 6/85: 1/5 x 85/6 = 17/6.
    value = risk_ratio((30, 150), (60, 850), rules=RULES).value

    assert (value.method, value.ratio, value.exceeds) == ("risk_ratio", Fraction(17, 6), True)


@pytest.mark.parametrize(("events", "exceeds"), [(24, False), (25, False), (26, True)])
def test_only_above_the_threshold_counts(events, exceeds):
    # 25 of 100 against 10 of 100 is exactly 2.5.
    assert risk_ratio((events, 100), (10, 100), rules=RULES).value.exceeds is exceeds


def test_a_threshold_in_decimals_is_exact():
    # 2.3 is no binary fraction: 23 of 100 against 10 of 100 must not be "above" it.
    assert risk_ratio((23, 100), (10, 100), rules=Rules(threshold=2.3)).value.exceeds is False


@pytest.mark.parametrize("comparison", [(9, 100), (12, 29)])
def test_a_small_comparison_group_is_replaced_by_the_states(comparison):
    value = risk_ratio((20, 100), comparison, state_comparison=(1000, 20_000), rules=RULES).value

    assert (value.method, value.ratio) == ("alternate_risk_ratio", Fraction(4))


@pytest.mark.parametrize(
    ("group", "comparison", "state", "code"),
    [
        ((9, 400), (60, 850), None, "group_cell"),
        ((10, 29), (60, 850), None, "group_n"),
        ((20, 100), (9, 850), None, "no_state_comparison"),
        ((20, 100), (9, 850), (9, 9000), "state_cell"),
        ((20, 100), (9, 850), (20, 29), "state_n"),
    ],
)
def test_what_is_too_small_is_not_calculated_and_says_which(group, comparison, state, code):
    assert reason(risk_ratio(group, comparison, state_comparison=state, rules=RULES)) == code


@pytest.mark.parametrize(
    ("group", "calculated"), [((9, 30), False), ((10, 30), True), ((10, 29), False), ((11, 31), True)]
)
def test_the_minimum_itself_is_enough(group, calculated):
    assert (risk_ratio(group, (60, 850), rules=RULES).value is not None) is calculated


def test_without_a_threshold_nothing_exceeds_it():
    assert risk_ratio((30, 150), (60, 850), rules=Rules()).value.exceeds is None


def year(events):
    return risk_ratio((events, 100), (10, 100), rules=RULES)


def identified(events, **more):
    rules = Rules(threshold=2.5, **more)
    return significant_disproportionality([year(count) for count in events], rules=rules)


def test_every_year_the_rule_looks_at_must_be_above():
    assert identified([30, 30, 30], years=3).value.is_identified
    assert not identified([30, 20, 30], years=3).value.is_identified
    assert identified([20, 30], years=1).value.is_identified


def test_reasonable_progress_in_each_of_two_years_spares_the_district():
    assert not identified([40, 35, 30], years=3, progress=0.5).value.is_identified
    assert identified([40, 39, 30], years=3, progress=0.5).value.is_identified
    assert identified([40, 35], years=2, progress=0.5).value.progress is None


def test_a_missing_year_is_not_calculated():
    assert identified([30, 30], years=3).value is None
    assert identified([30, 9, 30], years=2).value is None
    assert identified([9, 30, 30], years=2, progress=0.5).value.above == (None, True, True)


def test_rules_that_the_law_does_not_allow_are_refused():
    with pytest.raises(InputError, match="at least 1"):
        Rules(min_cell=0)
    with pytest.raises(InputError, match="up to three years"):
        Rules(years=4)
    with pytest.raises(InputError, match="no threshold"):
        significant_disproportionality([year(30)], rules=Rules())
    with pytest.raises(InputError, match="the state's comparison group: 3 events among 2"):
        risk_ratio((30, 150), (60, 850), state_comparison=(3, 2), rules=RULES)
