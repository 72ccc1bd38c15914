"""Means and spreads of many groups from proficiency counts alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import approx_fprime
from scipy.stats import norm

from commonground.engine.disparity import hetop, level_gap
from commonground.engine.disparity.ordered_probit import _Layout
from commonground.engine.values import InputError

MEANS, SDS, SIZES = np.array([0.0, -0.8, 0.5, 0.2]), np.array([1.0, 1.2, 0.7, 0.9]), np.array([400, 100, 50, 250])


def levels(cuts, means=MEANS, sds=SDS, sizes=SIZES):
    """Students per level when every group is exactly normal."""
    edges = np.concatenate([[-np.inf], cuts, [np.inf]])
    return sizes[:, None] * np.diff(norm.cdf((edges - means[:, None]) / sds[:, None]), axis=1)


def standardized(means=MEANS, sds=SDS, sizes=SIZES):
    weights = sizes / sizes.sum()
    middle = (weights * means).sum()
    unit = np.sqrt((weights * ((means - middle) ** 2 + sds**2)).sum())
    return (means - middle) / unit, sds / unit


@pytest.mark.parametrize("cuts", [[-0.4, 0.9], [-1, 0, 1], [-1.2, -0.3, 0.4, 1.5]])
def test_normal_groups_are_recovered_wherever_the_cuts_lie(cuts):
    scale = hetop(levels(cuts)).value

    means, sds = standardized()
    assert [group.mean for group in scale.groups] == pytest.approx(means, abs=1e-5)
    assert [group.sd for group in scale.groups] == pytest.approx(sds, abs=1e-5)


@settings(max_examples=20)
@given(arrays(np.int64, (3, 3), elements=st.integers(15, 80)))
def test_with_three_levels_each_group_is_fitted_exactly(counts):
    # Two cuts, two numbers per group: the likeliest scale meets every share, so it can be solved by hand.
    below = norm.ppf(counts.cumsum(axis=1)[:, :2] / counts.sum(axis=1, keepdims=True))
    sds = 1 / (below[:, 1] - below[:, 0])
    means, sds = standardized(-below[:, 0] * sds, sds, counts.sum(axis=1))

    scale = hetop(counts).value

    assert [group.mean for group in scale.groups] == pytest.approx(means, abs=1e-4)
    assert [group.sd for group in scale.groups] == pytest.approx(sds, abs=1e-4)


def test_a_gap_on_the_scale_is_v():
    counts = levels([-1, 0, 1])[:2]
    scale = hetop(counts).value

    first, second = scale.groups
    gap = (first.mean - second.mean) / np.sqrt((first.sd**2 + second.sd**2) / 2)
    assert gap == pytest.approx(level_gap(*(counts / counts.sum(axis=1, keepdims=True))).value.v, abs=1e-4)


def test_a_small_group_takes_the_others_spread():
    scale = hetop(np.vstack([levels([-1, 0, 1]), [2, 3, 1, 1]])).value

    own = [group.sd for group in scale.groups[:4]]
    assert not scale.groups[4].has_own_sd
    assert scale.groups[4].sd == pytest.approx(np.exp(np.log(own).mean()))


def test_two_levels_take_all_spreads_as_equal():
    # Shares below the cut 0.5 and 0.16: one standard deviation apart.
    scale = hetop([[50, 50], [100 * norm.cdf(-1), 100 * norm.sf(-1)]]).value

    first, second = scale.groups
    assert first.sd == second.sd
    assert (second.mean - first.mean) / first.sd == pytest.approx(1, abs=1e-5)


def test_when_all_groups_are_small_they_share_one_spread():
    scale = hetop(levels([-1, 0, 1], sds=np.full(4, 0.8), sizes=np.full(4, 20))).value

    _, sds = standardized(sds=np.full(4, 0.8), sizes=np.full(4, 20))
    assert [group.sd for group in scale.groups] == pytest.approx(sds, abs=1e-5)
    assert not any(group.has_own_sd for group in scale.groups)


def test_a_group_in_one_level_has_no_mean_and_an_unused_level_changes_nothing():
    counts = levels([-1, 0, 1])
    wider = np.insert(np.vstack([counts, [0, 9, 0, 0]]), 2, 0, axis=1)

    scale = hetop(wider).value

    assert scale.groups[4].mean is None
    assert scale.groups[0].mean == pytest.approx(hetop(counts).value.groups[0].mean, abs=1e-6)


def test_standard_errors_are_those_of_many_samples():
    rng = np.random.default_rng(11)
    shares = levels([-1, 0, 1]) / SIZES[:, None]
    drawn = []
    for _ in range(40):
        sample = np.array([rng.multinomial(1000, share) for share in shares])
        drawn.append([group.mean for group in hetop(sample).value.groups])

    errors = [group.mean_error for group in hetop(1000 * shares).value.groups]

    assert np.std(drawn, axis=0) == pytest.approx(errors, rel=0.45)


@pytest.mark.parametrize("own", [[True, True, False], [False, False, False]])
def test_the_slope_is_that_of_the_cost(own):
    counts = np.array([[5.0, 9, 7, 3], [2, 8, 6, 9], [3, 1, 2, 4]])
    layout = _Layout(counts, np.array(own), True, (-0.9, 0.8))
    at = np.concatenate([[0.1, -0.2, 0.3], np.linspace(-0.1, 0.2, layout.sds), [0.05]])

    assert layout.cost(at)[1] == pytest.approx(approx_fprime(at, lambda x: layout.cost(x)[0], 1e-7), abs=1e-5)


def test_cuts_out_of_order_cost_too_much():
    layout = _Layout(np.ones((2, 4)), np.array([True, True]), True, (-0.9, 0.8))

    assert layout.cost(np.array([0, 0, 0, 0, 5.0]))[0] == np.inf


def test_too_little_or_no_rest_is_not_calculated(monkeypatch):
    assert "fewer than two groups" in hetop([[5, 0, 0], [3, 4, 5]]).not_calculated.reason
    monkeypatch.setattr("commonground.engine.disparity.ordered_probit._search", lambda cost, start: None)
    assert "did not rest" in hetop([[5, 2, 3], [3, 4, 5]]).not_calculated.reason


def test_a_search_that_ends_on_a_slope_has_found_nothing():
    from commonground.engine.disparity.ordered_probit import _search

    assert _search(lambda x: (float(x[0]), np.ones(1)), np.zeros(1)) is None


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ([[1, 2], [3]], "equally long rows"),
        ([[1], [2]], "at least two levels"),
        ([[1, 2], [3, -1]], "group 1 at level 1 is missing or negative"),
    ],
)
def test_tables_that_are_none_are_refused(counts, says):
    with pytest.raises(InputError, match=says):
        hetop(counts)
