"""What chance alone gives, and how sure an index is."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom
from tests.engine.integration.tables import schools, tables

from commonground.engine.integration import (
    DISSIMILARITY,
    INDICES,
    MUTUAL_INFORMATION,
    bootstrap,
    bootstrap_nested,
    nested_segregation,
    random_floor,
    random_floor_nested,
)
from commonground.engine.integration.drawing import allocations, resamples
from commonground.engine.values import InputError


@settings(max_examples=40)
@given(tables(), st.integers(0, 2**32))
def test_students_dealt_out_at_random_keep_both_margins(counts, seed):
    (drawn,) = allocations(counts.astype(float), draws=3, rng=np.random.default_rng(seed))

    assert drawn.shape == (3, *counts.shape)
    assert (drawn.sum(axis=2) == counts.sum(axis=1)).all()
    assert (drawn.sum(axis=1) == counts.sum(axis=0)).all()
    assert (drawn >= 0).all()


def test_students_dealt_out_at_random_follow_the_hypergeometric_distribution():
    counts = np.array([[4.0, 1, 1], [2, 2, 2], [0, 3, 5]])
    drawn = np.concatenate(list(allocations(counts, draws=20_000, rng=np.random.default_rng(3))))

    for unit, group in np.ndindex(3, 3):
        exact = hypergeom(20, int(counts[:, group].sum()), int(counts[unit].sum()))
        seen = np.bincount(drawn[:, unit, group].astype(int), minlength=10)[:10] / 20_000
        assert seen == pytest.approx(exact.pmf(np.arange(10)), abs=0.015)


def test_the_floor_of_dissimilarity_is_its_exact_expectation():
    # Two units of 6; the first group's number in the first is hypergeometric, and D = |2k - 6| / 6.
    chance = hypergeom(12, 6, 6)
    exact = sum(chance.pmf(k) * abs(2 * k - 6) / 6 for k in range(7))

    result = random_floor([[5, 1], [1, 5]], DISSIMILARITY, draws=5000, seed=1)

    assert result.value.floor == pytest.approx(exact, abs=5 * result.value.error)
    assert result.value.adjusted == pytest.approx((4 / 6 - result.value.floor) / (1 - result.value.floor))
    # At least 5 of 6 on one side: 4 of the cases k = 0, 1, 5, 6.
    assert result.value.p_value == pytest.approx(2 * (chance.pmf(0) + chance.pmf(1)), abs=0.02)
    assert result.interval.high >= result.value.raw
    assert result.explanation.seed == 1


def test_the_floors_of_the_schools_of_2000_are_those_the_reference_found_with_r():
    # R segregation, 50 draws: expected M 0.0048, expected white-black D 0.049.
    _, groups, counts = schools("schools00.csv")
    pair = counts[:, [groups.index("white"), groups.index("black")]]

    m = random_floor(counts, MUTUAL_INFORMATION, draws=20, seed=1).value
    d = random_floor(pair, DISSIMILARITY, draws=20, seed=1).value

    assert m.floor == pytest.approx(0.0048, abs=5e-5)
    assert m.adjusted == m.raw - m.floor
    assert d.floor == pytest.approx(0.049, abs=5e-4)
    assert not m.is_mostly_chance


@pytest.mark.parametrize("name", sorted(INDICES))
def test_every_index_has_a_floor_and_an_interval(name):
    counts = [[9, 7, 5, 4, 3, 2], [2, 3, 4, 5, 7, 9], [6, 6, 6, 6, 6, 6]]
    index = INDICES[name]
    table = [row[:2] for row in counts] if index.groups else counts

    floor = random_floor(table, index, draws=40, seed=2)
    drawn = bootstrap(table, index, draws=40, seed=2)

    assert math.isfinite(floor.value.floor)
    assert drawn.interval.low <= drawn.value.corrected <= drawn.interval.high
    assert drawn.value.corrected == pytest.approx(max(0, drawn.value.raw - drawn.value.bias))


def test_the_same_seed_gives_the_same_answer_and_another_another():
    table = [[30, 10], [10, 30], [5, 5]]

    assert bootstrap(table, seed=1, draws=50) == bootstrap(table, seed=1, draws=50)
    assert bootstrap(table, seed=1, draws=50) != bootstrap(table, seed=2, draws=50)
    assert random_floor(table, seed=1) == random_floor(table, seed=1)


def test_resampled_tables_have_the_moments_of_the_multinomial_distribution():
    counts = np.array([[30.0, 0], [10, 60]])
    drawn = np.concatenate(list(resamples(counts, draws=20_000, rng=np.random.default_rng(5))))

    assert (drawn.sum(axis=(1, 2)) == 100).all()
    assert (drawn[:, 0, 1] == 0).all()
    assert drawn.mean(axis=0) == pytest.approx(counts, abs=0.15)
    assert drawn[:, 0, 0].var() == pytest.approx(100 * 0.3 * 0.7, rel=0.05)


def test_the_bootstrap_of_the_schools_of_2000_is_biased_as_in_r():
    # The reference: mean over the draws 0.42915 beside 0.42554; R's corrected estimate 0.422.
    _, _, counts = schools("schools00.csv")

    value = bootstrap(counts, MUTUAL_INFORMATION, draws=40, seed=1).value

    assert value.raw + value.bias == pytest.approx(0.42915, abs=2e-4)
    assert value.corrected == pytest.approx(0.422, abs=5e-4)


def test_nested_terms_have_intervals_around_their_values():
    counts = [[90, 10], [10, 90], [40, 60], [60, 40]]
    levels = {"district": ["A", "A", "B", "B"]}

    result = bootstrap_nested(counts, levels=levels, draws=200, seed=1)

    whole = nested_segregation(counts, levels=levels).value
    assert [term.name for term in result.value] == ["total", "district", "school"]
    assert [term.estimate.raw for term in result.value] == pytest.approx([whole.h, 0, whole.h])
    assert result.interval == result.value[0].interval
    assert result.interval.low < whole.h < result.interval.high


def test_the_floor_of_sections_is_that_of_dealing_inside_their_schools():
    # One school of two sections of 6, half and half: the sum of n ln n over the four cells is known for every dealing.
    def m(k):
        return sum(n * math.log(n) for n in (k, 6 - k, 6 - k, k) if n)

    sections = [[5, 1], [1, 5], [12, 0]]
    chance = hypergeom(12, 6, 6)
    exact = sum(chance.pmf(k) * (m(k) - 2 * m(3) / 2) for k in range(7))
    diversity = 24 * (math.log(24) - (18 * math.log(18) + 6 * math.log(6)) / 24)

    school, section = random_floor_nested(
        sections, levels={"school": ["A", "A", "B"]}, unit="section", draws=4000, seed=2
    ).value

    assert section.floor.raw == pytest.approx((m(5) - m(3)) / diversity)
    assert section.floor.floor == pytest.approx(exact / diversity, abs=5 * section.floor.error)
    assert section.floor.adjusted == section.floor.raw - section.floor.floor
    # The school of one group alone leaves nothing to chance below it, but the schools themselves were dealt out too.
    assert school.floor.raw > 5 * school.floor.floor


def test_without_levels_the_nested_floor_is_that_of_h():
    table = [[9, 3], [4, 8], [6, 6]]

    (only,) = random_floor_nested(table, levels={}, draws=3000, seed=1).value
    plain = random_floor(table, draws=3000, seed=2).value

    assert only.floor.raw == pytest.approx(plain.raw)
    assert only.floor.floor == pytest.approx(plain.floor, abs=5 * (plain.error + only.floor.error))


def test_one_draw_has_no_standard_error():
    assert random_floor([[3, 1], [1, 3]], draws=1, seed=1).value.error is None
    assert bootstrap([[30, 10], [10, 30]], draws=1, seed=1).value.standard_error is None


def test_many_draws_are_made_in_batches(monkeypatch):
    monkeypatch.setattr("commonground.engine.integration.drawing.CELLS_AT_ONCE", 8)

    batches = list(allocations(np.ones((2, 2)), draws=5, rng=np.random.default_rng(1)))

    assert [len(batch) for batch in batches] == [2, 2, 1]


def test_undefined_indices_are_not_calculated():
    one_group, nobody = [[3, 0], [2, 0]], [[0, 0], [0, 0]]

    assert random_floor(one_group, seed=1).value is None
    assert bootstrap(one_group, seed=1).value is None
    assert "same group" in bootstrap_nested(one_group, levels={}, seed=1).not_calculated.reason
    assert "no students" in bootstrap_nested(nobody, levels={}, seed=1).not_calculated.reason
    assert "same group" in random_floor_nested(one_group, levels={}, seed=1).not_calculated.reason
    assert "no students" in random_floor_nested(nobody, levels={}, seed=1).not_calculated.reason


def test_no_draws_and_a_confidence_that_is_none_are_refused():
    with pytest.raises(InputError, match="draws is 0"):
        random_floor([[3, 1]], draws=0, seed=1)
    with pytest.raises(InputError, match=r"confidence is 1\.5"):
        bootstrap([[3, 1], [1, 3]], draws=5, seed=1, confidence=1.5)
    with pytest.raises(InputError, match="not a whole number"):
        bootstrap([[0.5, 1]], seed=1)
