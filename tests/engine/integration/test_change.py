"""Why segregation changed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.engine.integration.tables import schools

from commonground.engine.integration import change_in_segregation, fit_margins, mutual_information
from commonground.engine.values import InputError

positive = arrays(np.int64, (3, 3), elements=st.integers(1, 30))


def terms(change):
    return change.removals + change.additions + change.group_margin + change.unit_margin + change.structural


@settings(max_examples=30)
@given(positive, positive)
def test_the_terms_sum_to_the_change(before, after):
    change = change_in_segregation(before, after).value

    assert terms(change) == pytest.approx(change.after - change.before, abs=1e-9)
    assert change.before == pytest.approx(mutual_information(before).value)
    assert change.error <= 1e-10


@settings(max_examples=30)
@given(positive, arrays(np.int64, 3, elements=st.integers(1, 9)), arrays(np.int64, 3, elements=st.integers(1, 9)))
def test_other_sizes_alone_are_no_structural_change(before, rows, columns):
    # Multiplying rows and columns keeps every odds ratio: nobody mixes more or less.
    change = change_in_segregation(before, before * rows[:, None] * columns).value

    assert change.structural == pytest.approx(0, abs=1e-8)


def test_a_unit_of_one_year_only_is_added_or_removed():
    # The first two units stay as they are; M of both years together with and without the third is by definition.
    both = [[30, 10], [10, 30]]
    change = change_in_segregation([*both, [20, 0]], [*both, [0, 0]]).value

    assert change.removals == pytest.approx(
        mutual_information(both).value - mutual_information([*both, [20, 0]]).value, abs=1e-12
    )
    assert (change.additions, round(change.structural, 12), round(change.unit_margin, 12)) == (0, 0, 0)


def test_loose_fitting_would_turn_the_sign_of_the_published_example():
    # The R package prints -0.0035 from margins met only to a thousandth; converged it is above zero.
    units00, groups, counts00 = schools("schools00.csv")
    units05, _, counts05 = schools("schools05.csv")
    units = list(dict.fromkeys([*units00, *units05]))
    before, after = np.zeros((len(units), len(groups))), np.zeros((len(units), len(groups)))
    before[[units.index(u) for u in units00]] = counts00
    after[[units.index(u) for u in units05]] = counts05

    converged = change_in_segregation(before, after).value
    loose = change_in_segregation(before, after, tolerance=1e-4).value

    assert converged.structural == pytest.approx(0.00315, abs=5e-6)
    assert converged.error <= 1e-10
    assert loose.structural != pytest.approx(0.00315, abs=5e-6)
    assert loose.error > 1e-10


def test_what_cannot_be_compared_is_not_calculated():
    nobody = change_in_segregation([[0, 0]], [[1, 2]])
    apart = change_in_segregation([[1, 2], [0, 0]], [[0, 0], [1, 2]])
    # The second group is in both years, but not in the unit that both share.
    hidden = change_in_segregation([[5, 0], [0, 5]], [[5, 5], [0, 0]])

    assert nobody.not_calculated.reason == "there are no students in one of the years"
    assert apart.not_calculated.reason == hidden.not_calculated.reason
    assert "not enough to compare" in apart.not_calculated.reason


def test_margins_that_empty_cells_make_unreachable_are_not_calculated():
    # With a diagonal table unit and group sizes are the same numbers; other margins can never be met.
    result = change_in_segregation([[10, 0], [0, 30]], [[10, 10], [10, 30]], most_rounds=50)

    assert result.value is None
    assert "after 50 rounds a margin is still off" in result.not_calculated.reason


def test_fitting_keeps_the_odds_and_says_how_far_it_got():
    fitted = fit_margins([[4, 1], [1, 4]], units=[10, 30], groups=[25, 15])

    (a, b), (c, d) = fitted.table.tolist()
    assert a * d / (b * c) == pytest.approx(16, rel=1e-6)
    assert a + b == pytest.approx(10, abs=1e-8)
    assert a + c == pytest.approx(25, abs=1e-8)
    assert fitted.rounds > 1


def test_tables_and_margins_that_do_not_belong_together_are_refused():
    with pytest.raises(InputError, match="before is"):
        change_in_segregation([[1, 2]], [[1, 2], [3, 4]])
    with pytest.raises(InputError, match="the margins 1 and 2 long"):
        fit_margins([[1, 1], [1, 1]], units=[2], groups=[1, 1])
    with pytest.raises(InputError, match="they must be equal"):
        fit_margins([[1, 1], [1, 1]], units=[2, 2], groups=[1, 1])
    with pytest.raises(InputError, match="they must be equal"):
        fit_margins([[1, 1], [1, 1]], units=[0, 0], groups=[0, 0])


@pytest.mark.parametrize("options", [{"tolerance": 0}, {"most_rounds": 0}])
def test_fitting_without_a_tolerance_or_a_round_is_refused(options):
    with pytest.raises(InputError, match="above 0 and at least 1 round"):
        change_in_segregation([[3, 1], [1, 3]], [[2, 1], [1, 5]], **options)
