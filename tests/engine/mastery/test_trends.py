from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.mastery import Scale, best_fit, linear_trend, power_law, scores
from commonground.engine.values import InputError

POINTS = Scale(step=None)


# Least squares on logarithms, recomputed in the reference (section 2.3).
@pytest.mark.parametrize(
    ("given_scores", "expected"),
    [
        ((1, 2, 3, 4), "4.00"),
        ((2, 2, 3, 3), "2.99"),
        (("1.5", 2, "2.5", 3), "2.92"),
        ((1, 1, 2, "2.5", 3), "2.80"),
        ((3, 1, 3, 4), "2.86"),
        ((1, 2, 2, 3, "3.5"), "3.43"),
        ((4, 3, 2, 1), "1.28"),
        ((3, 3, 3, 3), "3.00"),
    ],
)
def test_power_law(given_scores, expected):
    assert str(power_law(scores(*given_scores), scale=POINTS).value) == expected


def test_linear_ends():
    # 2, 2, 3, 3: mean 2.5, slope 0.4, so 2.5 + 1.5 × 0.4 = 3.1.
    found = linear_trend(scores(2, 2, 3, 3), scale=POINTS)

    assert str(found.value) == "3.10"
    assert found.explanation.steps == ("y = 1.50 + 0.40 × x.", "It ends at 3.10; on the scale 3.10.")
    assert str(linear_trend(scores("1.5", 2, "2.5", 3), scale=POINTS).value) == "3.00"


def test_a_trend_never_leaves_the_scale():
    # 1, 4, 4, 4: the line ends at 4.6.
    found = linear_trend(scores(1, 4, 4, 4), scale=POINTS)

    assert str(found.value) == "4.00"
    assert found.explanation.steps[-1] == "It ends at 4.60; on the scale 4.00."


def test_zero_has_no_logarithm_and_counts_as_the_floor():
    with_zero = power_law(scores(0, 2, 3), scale=POINTS)

    assert with_zero.value == power_law(scores("0.5", 2, 3), scale=POINTS).value
    assert "with 1 scores below 0.5 counted as 0.5" in with_zero.explanation.steps[0]


def test_a_trend_needs_enough_scores():
    found = power_law(scores(2, 3, None), scale=POINTS)

    assert found.value is None
    assert found.not_calculated.reason == "A trend needs 3 scores; there are 2."


def test_the_best_fit_is_the_one_that_misses_least():
    # 1, 2, 3, 4 lie on a line and on y = x: both miss nothing, the line is simpler.
    on_both = best_fit(scores(1, 2, 3, 4), scale=POINTS)
    # 2, 2, 2, 2 are their own mean.
    flat = best_fit(scores(2, 2, 2, 2), scale=POINTS)
    # y = √x at 1, 4, 9, 16 is no line: 1, 1.41, 1.73, 2 at x = 1 to 4 fits the power law exactly.
    curved = best_fit(scores("1", "1.414214", "1.732051", "2"), scale=POINTS)

    assert "The straight line misses least" in on_both.explanation.steps[-1]
    assert "The mean misses least" in flat.explanation.steps[-1]
    assert "The power law misses least" in curved.explanation.steps[-1]
    assert str(curved.value) == "2.00"


def test_parameters_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="ask for 2 or more"):
        linear_trend(scores(1, 2, 3), scale=POINTS, least=1)
    with pytest.raises(InputError, match="no logarithm"):
        power_law(scores(1, 2, 3), scale=POINTS, floor=Decimal(0))


many = st.lists(st.integers(1, 8), min_size=3, max_size=12)


@given(many)
def test_trends_agree_with_numpy(halves):
    given_scores = [half / 2 for half in halves]
    x = np.arange(1, len(given_scores) + 1)

    slope, start = np.polyfit(x, given_scores, 1)
    power, log_start = np.polyfit(np.log(x), np.log(given_scores), 1)

    evidence = scores(*(str(score) for score in given_scores))
    line = min(max(start + slope * x[-1], 0), 4)
    curve = min(max(np.exp(log_start) * x[-1] ** power, 0), 4)
    assert abs(float(linear_trend(evidence, scale=POINTS).value) - line) <= 0.005 + 1e-9
    assert abs(float(power_law(evidence, scale=POINTS).value) - curve) <= 0.005 + 1e-9
