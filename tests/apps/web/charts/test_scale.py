"""Places along an axis."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.values import InputError
from commonground.web.charts.scale import Scale, axis_range, round_ticks, spread_labels

numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))


def test_a_value_halfway_along_the_axis_stands_halfway() -> None:
    # 150 + (10 - 0) / (20 - 0) * (850 - 150) = 500
    assert Scale(0, 20, 150, 850).place(10) == 500.0


def test_an_axis_that_runs_upward_places_larger_values_higher() -> None:
    scale = Scale(0, 1, 282, 28)

    assert scale.place(1) == 28.0
    assert scale.place(0.25) == 218.5  # 282 - 0.25 * 254


def test_an_axis_without_a_length_is_refused() -> None:
    with pytest.raises(InputError, match="low below its high"):
        Scale(3, 3, 0, 100)


def test_ticks_are_round_and_inside() -> None:
    assert round_ticks(0, 51) == (0, 10, 20, 30, 40, 50)
    assert round_ticks(0.19, 1.0) == (0.2, 0.4, 0.6, 0.8, 1.0)
    assert round_ticks(0, 0.21, most=5) == (0, 0.05, 0.1, 0.15, 0.2)


@given(low=numbers, length=st.floats(1e-3, 1e6))
def test_ticks_never_leave_the_axis_nor_crowd_it(low: float, length: float) -> None:
    high = low + length

    ticks = round_ticks(low, high)

    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert 1 <= len(ticks) <= 6
    assert low - slack <= ticks[0]
    assert ticks[-1] <= high + slack
    assert list(ticks) == sorted(set(ticks))


def test_bars_start_at_zero_and_dots_may_zoom() -> None:
    assert axis_range([12.0, 18.0], from_zero=True) == (0, 20)
    assert axis_range([12.0, 18.0], from_zero=False) == (12, 18)


@given(values=st.lists(numbers, min_size=1, max_size=8), from_zero=st.booleans())
def test_an_axis_shows_every_value(values: list[float], from_zero: bool) -> None:
    low, high = axis_range(values, from_zero=from_zero)

    slack = 1e-6 * max(1.0, *(abs(value) for value in values))
    assert low < high
    assert all(low - slack <= value <= high + slack for value in values)
    assert not from_zero or low <= 0 <= high


def test_labels_that_would_overlap_are_moved_apart_in_their_order() -> None:
    # 100 and 102 are 2 apart and need 17: the lower one keeps its place, the other moves to 117.
    assert spread_labels([102, 100, 200], apart=17, low=0, high=300) == [117, 100, 200]


@given(places=st.lists(st.floats(0, 200), min_size=1, max_size=4))
def test_labels_stay_apart_and_inside_while_there_is_room(places: list[float]) -> None:
    moved = spread_labels(places, apart=17, low=0, high=250)

    ordered = sorted(moved)
    assert all(later - earlier >= 16.8 for earlier, later in itertools.pairwise(ordered))
    assert all(0 <= place <= 250 for place in moved)
