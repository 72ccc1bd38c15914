"""Small tables and the schools of the R package `segregation`, for the tests of integration."""

import csv

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.shared import shared_data

# Four schools, two groups: the example of the R package's dissimilarity test, D = 0.6.
FOUR_SCHOOLS = [[100, 0], [60, 40], [40, 60], [0, 100]]


TWO_TO_FOUR = st.integers(2, 4)


def tables(groups=TWO_TO_FOUR, most=40):
    """Tables of whole students with at least one student in each of the first two groups."""

    def build(columns):
        shape = st.tuples(st.integers(1, 6), st.just(columns))
        counts = shape.flatmap(lambda s: arrays(np.int64, s, elements=st.integers(0, most)))
        return counts.filter(lambda n: n[:, 0].sum() > 0 and n[:, 1].sum() > 0)

    return groups.flatmap(build)


def schools(name):
    """Units (state, district, school), groups, and the table of a shared file of schools."""
    rows = list(csv.DictReader(shared_data("equity", name).open()))
    units = list(dict.fromkeys((r["state"], r["district"], r["school"]) for r in rows))
    groups = sorted({r["race"] for r in rows})
    unit_at, group_at = ({name: place for place, name in enumerate(names)} for names in (units, groups))
    counts = np.zeros((len(units), len(groups)))
    for r in rows:
        counts[unit_at[r["state"], r["district"], r["school"]], group_at[r["race"]]] += int(r["n"])
    return units, groups, counts
