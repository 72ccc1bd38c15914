"""The same numbers from PySAL's `segregation`, where it is installed."""

import warnings

import numpy as np
import pytest

from commonground.engine import integration

pytestmark = pytest.mark.slow

TABLE = np.array([[90, 12, 3], [10, 60, 0], [5, 7, 80], [30, 40, 30], [1, 0, 9]])


@pytest.fixture(scope="module")
def pysal():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("segregation")


def frame(columns):
    return pytest.importorskip("pandas").DataFrame(columns)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("multigroup_dissimilarity", "MultiDissim"),
        ("multigroup_gini", "MultiGini"),
        ("multigroup_normalized_exposure", "MultiNormExposure"),
        ("relative_diversity", "MultiRelativeDiversity"),
        ("squared_coefficient_of_variation", "MultiSquaredCoefVar"),
        ("theil_h", "MultiInfoTheory"),
    ],
)
def test_multigroup_index_agrees(pysal, ours, theirs):
    index = getattr(pysal.multigroup, theirs)(frame(dict(zip("abc", TABLE.T, strict=True))), groups=list("abc"))

    assert getattr(integration, ours)(TABLE).value == pytest.approx(index.statistic, abs=1e-9)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("dissimilarity", "Dissim"),
        ("gini", "Gini"),
        ("atkinson", "Atkinson"),
        ("normalized_exposure", "CorrelationR"),
        ("isolation", "Isolation"),
        ("interaction", "Interaction"),
        ("theil_h", "Entropy"),
    ],
)
def test_two_group_index_agrees(pysal, ours, theirs):
    pair = TABLE[:, :2]
    columns = frame({"group": pair[:, 0], "total": pair.sum(axis=1)})
    index = getattr(pysal.singlegroup, theirs)(columns, group_pop_var="group", total_pop_var="total")

    assert getattr(integration, ours)(pair).value == pytest.approx(index.statistic, abs=1e-9)
