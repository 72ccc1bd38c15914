"""Means and spreads of many groups from proficiency counts alone (heteroskedastic ordered probit)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.stats import norm

from commonground.engine.disparity.numbers import Floats
from commonground.engine.values import Explanation, InputError, NotCalculated, Result

SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class GroupScale:
    """One group on the scale on which all students have mean 0 and standard deviation 1.

    mean, sd: None when all its students are in one level. has_own_sd: False where it takes the others' spread.
    mean_error: standard error, the cut scores and the scale taken as known.
    """

    mean: float | None
    sd: float | None
    mean_error: float | None
    has_own_sd: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """All groups, the cut scores on the same scale, and the share of the variance that lies between groups."""

    groups: tuple[GroupScale, ...]
    cuts: tuple[float, ...]
    between_share: float


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which numbers are searched for: all means, the spreads of `own` groups (or one for all), and the inner cuts."""

    counts: Floats
    own: NDArray[np.bool_]
    shares_one_sd: bool
    outer: tuple[float, float]

    @property
    def sds(self) -> int:
        return int(self.own.sum()) or int(self.shares_one_sd)

    def unpack(self, numbers: Floats) -> tuple[Floats, Floats, Floats]:
        """Means, logarithms of the spreads, and cuts."""
        groups, levels = self.counts.shape
        means, logs = numbers[:groups], np.zeros(groups)
        found = numbers[groups : groups + self.sds]
        if self.own.any():
            # A group too small for a spread of its own takes the mean of the others' logarithms.
            logs[:] = found.mean()
            logs[self.own] = found
        elif self.shares_one_sd:
            logs[:] = found[0]
        inner = numbers[groups + self.sds :]
        ends = [self.outer[0]] if levels == 2 else list(self.outer)
        return means, logs, np.concatenate([ends[:1], inner, ends[1:]])

    def start(self, pooled: Floats) -> Floats:
        """Every group like all students together."""
        return np.concatenate([np.zeros(len(self.counts) + self.sds), pooled[1:-1]])

    def cost(self, numbers: Floats) -> tuple[float, Floats]:
        """Minus the mean log-likelihood, and its slope."""
        means, logs, cuts = self.unpack(numbers)
        students = self.counts.sum()
        if (np.diff(cuts) <= 0).any():
            return np.inf, np.zeros_like(numbers)
        z = (cuts - means[:, None]) / np.exp(logs)[:, None]
        likely = np.maximum(_levels(z), SMALLEST)
        pull = self.counts / likely
        by_z = norm.pdf(z) * (pull[:, :-1] - pull[:, 1:])
        by_cut = by_z / np.exp(logs)[:, None]
        by_log = -(by_z * z).sum(axis=1)
        slope_sds = np.zeros(self.sds)
        if self.own.any():
            slope_sds = by_log[self.own] + by_log[~self.own].sum() / self.own.sum()
        elif self.shares_one_sd:
            slope_sds[0] = by_log.sum()
        slope = np.concatenate([-by_cut.sum(axis=1), slope_sds, by_cut.sum(axis=0)[1:-1]])
        return -float((self.counts * np.log(likely)).sum() / students), -slope / students


def _levels(z: Floats) -> Floats:
    """The chance of each level, from the standardized cuts; from the nearer tail, where differences keep their digits."""
    low = np.diff(norm.cdf(z), axis=1, prepend=0, append=1)
    high = -np.diff(norm.sf(z), axis=1, prepend=1, append=0)
    return np.where(np.concatenate([z, z[:, -1:]], axis=1) > 0, high, low)


def hetop(counts: ArrayLike, *, least_for_own_sd: float = 30) -> Result:
    """Each group's mean and spread on one scale, from how many of its students are at each level: a `Scale`.

    counts: students, shape (groups, levels), levels from lowest to highest, at least two. Groups with fewer than
    least_for_own_sd students, or with fewer than two cuts that split them, take the others' spread (their geometric
    mean): a spread of their own would be far too uncertain. With two levels all spreads are taken as equal.
    A group whose students are all in one level has no mean. Differences of two groups' means over the root mean square
    of their spreads are gaps as in `level_gap`.
    Not calculated when fewer than two groups can be placed, or the search does not come to rest.
    Raises InputError for a table that is none.
    Source: Reardon, Shear, Castellano & Ho 2017, doi 10.3102/1076998616666279.

    >>> scale = hetop([[16, 34, 34, 16], [31, 38, 23, 8]]).value
    >>> [round(group.mean, 2) for group in scale.groups], scale.groups[0].has_own_sd
    ([0.23, -0.23], True)
    """
    table = _checked(counts)
    explain = partial(
        Explanation,
        what="Means and spreads of groups on one scale, from proficiency counts alone.",
        inputs={"groups": len(table), "levels": table.shape[1], "students": float(table.sum())},
        rule="hetop",
        source="Reardon, Shear, Castellano & Ho 2017, doi 10.3102/1076998616666279",
    )
    # A level that nobody reached has no cut of its own.
    used = table[:, table.sum(axis=0) > 0]
    placed = (used > 0).sum(axis=1) > 1
    if placed.sum() < 2:
        return Result(None, explain(), not_calculated=NotCalculated("fewer than two groups are spread over two levels"))
    inside = used[placed]
    pooled = norm.ppf(inside.sum(axis=0).cumsum()[:-1] / inside.sum())
    below = inside.cumsum(axis=1)[:, :-1]
    splits = ((below > 0) & (below < inside.sum(axis=1, keepdims=True))).sum(axis=1)
    own = (splits > 1) & (inside.sum(axis=1) >= least_for_own_sd)
    layout = _Layout(inside, own, bool((splits > 1).any()), (float(pooled[0]), float(pooled[-1])))
    found = _search(layout.cost, layout.start(pooled))
    if found is None:
        return Result(None, explain(), not_calculated=NotCalculated("the search for the likeliest scale did not rest"))
    means, logs, cuts = layout.unpack(found)
    sds, weights = np.exp(logs), inside.sum(axis=1) / inside.sum()
    middle = float((weights * means).sum())
    between = float((weights * (means - middle) ** 2).sum())
    unit = float(np.sqrt(between + (weights * sds**2).sum()))
    errors = _mean_errors(inside, means, sds, cuts, own)
    groups = [GroupScale(None, None, None, False)] * len(table)
    for place, mean, sd, error, is_own in zip(np.flatnonzero(placed), means, sds, errors, own, strict=True):
        scaled = (float(mean - middle) / unit, float(sd) / unit, float(error) / unit)
        groups[int(place)] = GroupScale(*scaled, bool(is_own))
    value = Scale(tuple(groups), tuple(((cuts - middle) / unit).tolist()), between / unit**2)
    steps = (
        f"{int(own.sum())} groups have a spread of their own, {int(placed.sum() - own.sum())} take the others'",
        "all students together have mean 0 and standard deviation 1",
        f"share of the variance between groups = {value.between_share:.6g}",
    )
    return Result(value, explain(steps=steps))


def _checked(counts: ArrayLike) -> Floats:
    try:
        table = np.asarray(counts, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("counts must be a table of numbers with equally long rows, one row per group") from None
    if table.ndim != 2 or table.shape[1] < 2 or not len(table):
        raise InputError(f"counts have shape {table.shape}; give one row per group and at least two levels")
    wrong = np.argwhere(~(np.isfinite(table) & (table >= 0)))
    if len(wrong):
        group, level = wrong[0]
        raise InputError(f"the count of group {group} at level {level} is missing or negative")
    return table


def _search(cost: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats | None:
    """The numbers at which the cost is least; None when the slope is not flat there."""
    options = {"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-16, "gtol": 1e-11, "maxcor": 30}
    found = minimize(cost, start, jac=True, method="L-BFGS-B", options=options)
    answer: Floats = found.x
    return answer if np.abs(cost(answer)[1]).max() < 1e-6 else None


def _mean_errors(counts: Floats, means: Floats, sds: Floats, cuts: Floats, own: NDArray[np.bool_]) -> Floats:
    """Standard errors of the means from the expected information, for own spreads together with the spread."""
    z = (cuts - means[:, None]) / sds[:, None]
    likely = np.maximum(_levels(z), SMALLEST)
    by_mean = np.diff(-norm.pdf(z) / sds[:, None], axis=1, prepend=0, append=0)
    by_log = np.diff(-norm.pdf(z) * z, axis=1, prepend=0, append=0)
    students = counts.sum(axis=1)
    mean, cross, log = (
        students * (a * b / likely).sum(axis=1) for a, b in ((by_mean, by_mean), (by_mean, by_log), (by_log, by_log))
    )
    lost = np.where(own, cross**2 / np.where(log > 0, log, 1.0), 0.0)
    errors: Floats = 1 / np.sqrt(mean - lost)
    return errors
