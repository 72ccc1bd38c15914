from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.mastery import (
    METHODS,
    Evidence,
    Scale,
    average,
    convert,
    decaying_average,
    highest,
    mean_of_top,
    median_of_recent,
    mode,
    most_recent,
    n_times_mastery,
    scores,
    weighted_average,
)
from commonground.engine.values import InputError

# Canvas scores are points, not steps of a scale.
POINTS = Scale(highest=Decimal(5), step=None)


def value(found):
    return None if found.value is None else str(found.value)


# Published in the tests of Canvas LMS (outcome calculation methods).
@pytest.mark.parametrize(("given_scores", "expected"), [((1, 3), "3.00"), ((2, 4, 3), "4.00")])
def test_highest(given_scores, expected):
    assert value(highest(scores(*given_scores), scale=POINTS)) == expected


def test_most_recent_goes_by_date_and_never_by_a_score_without_one():
    evidence = [Evidence(4), Evidence(3, date(2026, 11, 2)), Evidence(1, date(2026, 11, 1))]

    found = most_recent(evidence, scale=POINTS)

    assert value(found) == "3.00"
    assert found.explanation.steps == ("In order of their dates 4, 1, 3; the last is 3.",)


@pytest.mark.parametrize(("given_scores", "expected"), [((1, 2, 3, 4, 5), "3.00"), ((2, 4, 3), "3.00")])
def test_average(given_scores, expected):
    assert value(average(scores(*given_scores), scale=POINTS)) == expected


@pytest.mark.parametrize(
    ("given_scores", "times", "expected"),
    [
        ((3, 1), 3, None),
        ((3, 1, 2), 3, None),
        ((4, 5, 1, 3, 2, 3), 3, "3.75"),
        ((1, 2), 1, None),
        ((1, 2, 3), 1, "3.00"),
        ((1, 2, 3, 4), 1, "3.50"),
        ((4, 5, 1, 3, None, 3), 3, "3.75"),
        ((3, 4, 3), 3, "3.33"),
        ((1, 2, 3, 4, 5), 3, "4.00"),
        ((1, 2, 3, 4, 5), 4, None),
    ],
)
def test_n_times_mastery(given_scores, times, expected):
    assert value(n_times_mastery(scores(*given_scores), scale=POINTS, times=times)) == expected


@pytest.mark.parametrize(
    ("given_scores", "percent", "expected"),
    [
        ((2, 3, 4), 65, "3.48"),
        ((1, 2, 3, 4, 5), 65, "4.13"),
        ((3, 1, 5, 4), 75, "3.75"),
        ((2, 3), 65, "2.65"),
        (("2.123",), 65, "2.12"),
    ],
)
def test_weighted_average(given_scores, percent, expected):
    assert value(weighted_average(scores(*given_scores), scale=POINTS, latest_percent=percent)) == expected


@pytest.mark.parametrize(
    ("given_scores", "expected"), [((2, 3, 4), "3.53"), ((2, 3, None, 4), "3.53"), ((1, 2, 3, 4, 5), "4.47")]
)
def test_decaying_average(given_scores, expected):
    assert value(decaying_average(scores(*given_scores), scale=POINTS)) == expected


# Published by TeacherEase.
@pytest.mark.parametrize(
    ("given_scores", "expected"), [((4, 4, 3, 3, 3, 2, 2, 2, 1), "3.00"), ((4, 3, 3, 2, 2, 2, 1), "2.00")]
)
def test_median(given_scores, expected):
    assert value(median_of_recent(scores(*given_scores), scale=POINTS)) == expected


def test_median_of_the_latest_two_is_their_mean():
    found = median_of_recent(scores(1, 1, 3, 4), scale=POINTS, count=2)

    assert value(found) == "3.50"
    assert found.explanation.rule == "median of the latest 2"


# Published by Educate.
def test_mode_and_means():
    assert value(mode(scores(1, 2, 3, 3, 4), scale=POINTS)) == "3.00"
    assert value(average(scores(4, 3, 3, 4), scale=POINTS)) == "3.50"
    assert value(mean_of_top(scores(4, 3, 3, 4), scale=POINTS)) == "3.67"


def test_equally_frequent_scores_go_to_the_one_given_last():
    found = mode(scores(4, 4, 2, 2, 3), scale=POINTS)

    assert value(found) == "2.00"
    assert found.explanation.steps == ("2, 4 given 2 times each; 2 was given last.",)


def test_two_of_five_on_a_scale_of_four():
    assert convert(2, of=POINTS, to=Scale()) == Decimal("1.6")


def test_halves_of_a_hundredth_are_rounded_up():
    # Python's round(4.125, 2) is 4.12.
    assert round(4.125, 2) == 4.12
    assert value(weighted_average(scores(1, 2, 3, 4, 5), scale=POINTS)) == "4.13"


def test_the_arithmetic_is_shown():
    assert weighted_average(scores(2, 3, 4), scale=POINTS).explanation.steps == (
        "Mean of the earlier scores 2, 3: 2.5.",
        "0.65 × 4 + 0.35 × 2.5 = 3.475, to hundredths 3.48.",
    )
    assert decaying_average(scores(2, None, 3), scale=POINTS).explanation.steps == (
        "Missing, and not counted as zero: 1.",
        "Start with 2.",
        "0.65 × 3 + 0.35 × 2 = 2.65.",
        "To hundredths 2.65.",
    )
    assert average(scores(2, 3), scale=POINTS).explanation.steps == ("(2 + 3) ÷ 2 = 2.5, to hundredths 2.50.",)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_nothing_given_is_no_score_and_says_why(name):
    for evidence in ([], scores(None, None)):
        found = METHODS[name](evidence, scale=Scale())

        assert found.value is None
        assert found.not_calculated.reason


@pytest.mark.parametrize("name", sorted(METHODS))
@given(st.lists(st.one_of(st.none(), st.integers(0, 8)), max_size=12))
def test_missing_evidence_changes_nothing_and_no_result_leaves_the_scale(name, halves):
    given_scores = [None if half is None else Decimal(half) / 2 for half in halves]

    found = METHODS[name](scores(*given_scores), scale=Scale())
    without = METHODS[name](scores(*(score for score in given_scores if score is not None)), scale=Scale())

    assert found.value == without.value
    assert found.value is None or 0 <= found.value <= 4


@pytest.mark.parametrize("name", sorted(METHODS))
@given(st.integers(0, 8), st.integers(5, 8))
def test_the_same_score_again_and_again_is_that_score(name, half, times):
    score = max(Decimal(half) / 2, Decimal("0.5"))
    options = {"mastery": Decimal("0.5")} if name == "n_times_mastery" else {}

    assert METHODS[name](scores(*([score] * times)), scale=Scale(), **options).value == score


def test_half_points_are_scores_and_quarters_are_not():
    assert value(average(scores("2.5", 3), scale=Scale())) == "2.75"
    with pytest.raises(InputError, match=r"2\.25 lies between the steps of 0\.5"):
        average(scores("2.25"), scale=Scale())


def test_a_value_goes_to_the_nearest_half_point():
    assert [str(Scale().nearest(Decimal(text))) for text in ("2.74", "2.75", "4.4", "-1")] == [
        "2.5",
        "3.0",
        "4.0",
        "0",
    ]
    assert POINTS.nearest(Decimal("2.74")) == Decimal("2.74")


@pytest.mark.parametrize(
    ("score", "says"),
    [
        (2.5, "is not exact"),
        (True, "is not exact"),
        ("two", "is not a score"),
        (5, "is not on the scale from 0 to 4"),
        ("-0.5", "is not on the scale"),
        ("NaN", "is not on the scale"),
    ],
)
def test_what_is_no_score_is_refused(score, says):
    with pytest.raises(InputError, match=says):
        highest(scores(score), scale=Scale())


def test_days_and_moments_cannot_be_put_in_order():
    mixed = [Evidence(1, date(2026, 1, 1)), Evidence(2, datetime(2026, 1, 2, tzinfo=UTC))]

    with pytest.raises(InputError, match="give the same for all"):
        most_recent(mixed, scale=Scale())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"lowest": Decimal(4), "highest": Decimal(0)}, "cannot run from 4 to 0"),
        ({"step": Decimal("0.3")}, "do not lead from 0 to 4"),
        ({"step": Decimal(0)}, "do not lead"),
    ],
)
def test_scales_that_cannot_be_are_refused(options, says):
    with pytest.raises(InputError, match=says):
        Scale(**options)


@pytest.mark.parametrize(
    ("method", "options", "says"),
    [
        (n_times_mastery, {"times": 0}, "choose 1 to 10"),
        (n_times_mastery, {"times": 11}, "choose 1 to 10"),
        (weighted_average, {"latest_percent": 100}, "choose 1 to 99"),
        (decaying_average, {"latest_percent": 49}, "choose 50 to 99"),
        (mean_of_top, {"count": 0}, "count is 0"),
        (median_of_recent, {"count": 0}, "count is 0"),
    ],
)
def test_parameters_that_cannot_be_are_refused(method, options, says):
    with pytest.raises(InputError, match=says):
        method(scores(3), scale=Scale(), **options)
