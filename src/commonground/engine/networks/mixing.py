"""How often ties cross groups, beside what the sizes of the groups alone would give."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commonground.engine.networks.ties import Network
from commonground.engine.values import Explanation, InputError, Interval, NotCalculated, Result

NO_TIES = "there are no ties"
ONE_GROUP = "all ties lie in one group, so there is nothing to mix with"
CELLS_AT_ONCE = 4_000_000
# Above this the ends of the ties leave nothing but rounding to any other group.
ALL_IN_ONE = 1 - 1e-12
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ExternalInternal:
    """The E-I index, from -1 (all ties inside groups) to 1 (all across).

    expected: its value if every pair of people were equally likely to be tied, from the sizes of the groups alone; a
    small district is external by arithmetic. difference: value - expected, below 0 when people keep to their own.
    p_value: how often groups dealt out at random over the same ties lie at least as far from expected; None when that
    was not asked for.
    """

    value: float
    external: int
    internal: int
    expected: float
    difference: float
    p_value: float | None


@dataclass(frozen=True, slots=True)
class GroupMixing:
    """One group's ties: all that touch it, or that go out from it when ties have a direction.

    value, expected: as in `ExternalInternal`, None without ties or without anybody else. homophily: Coleman's index,
    from -1 (no tie inside) over 0 (as chance) to 1 (all inside). reach_share: share of its people with at least one tie
    to another group. p_value: how often groups dealt out at random give it at least as many ties inside (or as few, the
    rarer side doubled); None when that was not asked for.
    """

    group: Hashable
    people: int
    external: int
    internal: int
    value: float | None
    expected: float | None
    homophily: float | None
    reach_share: float
    p_value: float | None


@dataclass(frozen=True, slots=True)
class Assortativity:
    """Newman's coefficient, from -1 to 1, with the share of ties inside groups and what their ends alone would give.

    p_value: how often groups dealt out at random over the same ties lie at least as far from their mean; None when that
    was not asked for.
    """

    value: float
    inside_share: float
    by_ends: float
    p_value: float | None


def ei_index(ties: Network, *, draws: int = 0, seed: int | None = None) -> Result:
    """The E-I index of a network beside what its group sizes alone give: an `ExternalInternal`.

    draws: random dealings of the groups over the people for the p-value (two-sided) and the interval, which is that of
    the index under chance, 95 %. seed: of the draws. Not calculated without ties: that is no data, not zero.
    Raises InputError for draws without a seed. Source: Krackhardt & Stern 1988.

    >>> from commonground.engine.networks import network
    >>> friends = network([(0, 1), (1, 2), (2, 3)], {0: "A", 1: "A", 2: "B", 3: "B"})
    >>> result = ei_index(friends).value
    >>> round(result.value, 4), round(result.expected, 4)
    (-0.3333, 0.3333)
    """
    _checked_draws(draws, seed)
    explain = partial(
        Explanation,
        what="Ties across groups less ties inside them, of all ties.",
        inputs={"people": len(ties.people), "groups": len(ties.groups), "ties": len(ties.ends), "draws": draws},
        rule="e-i",
        source="Krackhardt & Stern 1988",
        seed=seed,
    )
    if len(ties.ends) == 0:
        return Result(None, explain(), not_calculated=NotCalculated(NO_TIES))
    external = int(ties.is_external.sum())
    internal = len(ties.ends) - external
    value = (external - internal) / len(ties.ends)
    expected = _by_sizes(ties.sizes)
    p_value, interval = None, None
    if draws:
        drawn = 1 - 2 * _inside(_dealt_out(ties, draws, seed)).sum(axis=1) / len(ties.ends)
        # A draw that only differs by rounding is as far as the real network.
        as_far = np.abs(drawn - expected) >= abs(value - expected) - 1e-12
        p_value = float((1 + as_far.sum()) / (1 + draws))
        interval = Interval(*np.quantile(drawn, [0.025, 0.975]).tolist())
    steps = (
        f"({external} across - {internal} inside) / {len(ties.ends)} = {value:.6g}",
        f"from the group sizes alone: {expected:.6g}",
    )
    found = ExternalInternal(value, external, internal, expected, value - expected, p_value)
    return Result(found, explain(steps=steps), interval)


def _by_sizes(sizes: NDArray[np.intp]) -> float:
    """E-I if every pair of people were equally likely to be tied."""
    people = int(sizes.sum())
    pairs, inside = people * (people - 1), int((sizes * (sizes - 1)).sum())
    return (pairs - 2 * inside) / pairs


def _checked_draws(draws: int, seed: int | None) -> None:
    if draws < 0 or (draws and seed is None):
        raise InputError(f"draws is {draws} and seed {seed}; draws start at 0 and need a seed")


def _dealt_out(ties: Network, draws: int, seed: int | None) -> Floats:
    """Ties from group to group, the groups dealt out anew over the people; shape (draws, groups, groups)."""
    rng, groups = np.random.default_rng(seed), len(ties.groups)
    at_once = max(1, CELLS_AT_ONCE // (max(len(ties.member), len(ties.ends)) + groups**2))
    tables = []
    for begin in range(0, draws, at_once):
        batch = min(at_once, draws - begin)
        members = rng.permuted(np.tile(ties.member, (batch, 1)), axis=1)
        cells = members[:, ties.ends[:, 0]] * groups + members[:, ties.ends[:, 1]]
        cells += np.arange(batch)[:, None] * groups**2
        tables.append(np.bincount(cells.ravel(), minlength=batch * groups**2).reshape(batch, groups, groups))
    return np.concatenate(tables).astype(np.float64)


def _inside(tables: Floats) -> Floats:
    """Ties inside each group, shape (..., groups)."""
    return np.diagonal(tables, axis1=-2, axis2=-1)


def mixing_by_group(ties: Network, *, draws: int = 0, seed: int | None = None) -> Result:
    """Each group's own ties beside what sizes alone give: a tuple of `GroupMixing`.

    Homophily compares the share of a group's ties that stay inside with the group's share of everybody else, and
    divides by the most it could differ. draws, seed: as in `ei_index`, for each group's p-value.
    Raises InputError for draws without a seed. Source: Coleman 1958; Krackhardt & Stern 1988.

    >>> from commonground.engine.networks import network
    >>> friends = network([(0, 1), (1, 2), (2, 3)], {0: "A", 1: "A", 2: "B", 3: "B"})
    >>> [(mixing.group, mixing.external, mixing.internal, mixing.reach_share) for mixing in mixing_by_group(friends).value]
    [('A', 1, 1, 0.5), ('B', 1, 1, 0.5)]
    """
    _checked_draws(draws, seed)
    drawn = _inside(_dealt_out(ties, draws, seed)) if draws else None
    start, end = ties.member[ties.ends[:, 0]], ties.member[ties.ends[:, 1]]
    outside = set(ties.ends[ties.is_external, 0].tolist())
    if not ties.is_directed:
        outside |= set(ties.ends[ties.is_external, 1].tolist())
    others = len(ties.people) - 1
    rows = []
    for number, (group, size) in enumerate(zip(ties.groups, ties.sizes.tolist(), strict=True)):
        internal = int(((start == number) & (end == number)).sum())
        touching = (start == number) if ties.is_directed else (start == number) | (end == number)
        external = int(touching.sum()) - internal
        # An undirected tie inside the group is an end of a tie for two of its people.
        stay, leave = (internal, external) if ties.is_directed else (2 * internal, external)
        at_random = (size - 1) / others if others else None
        rows.append(
            GroupMixing(
                group=group,
                people=size,
                external=external,
                internal=internal,
                value=(external - internal) / (external + internal) if external + internal else None,
                expected=_group_expectation(size, others + 1, ties.is_directed),
                homophily=_homophily(stay, leave, at_random),
                reach_share=sum(int(ties.member[person]) == number for person in outside) / size,
                p_value=None if drawn is None else _rarer_side(drawn[:, number], internal),
            )
        )
    explanation = Explanation(
        what="Each group's ties across and inside, beside what its size alone gives.",
        inputs={"people": len(ties.people), "groups": len(ties.groups), "ties": len(ties.ends), "draws": draws},
        steps=("homophily = (share inside - share at random) / the most it could differ",),
        rule="e-i, coleman-homophily",
        source="Coleman 1958; Krackhardt & Stern 1988",
        seed=seed,
    )
    return Result(tuple(rows), explanation)


def _rarer_side(drawn: Floats, real: int) -> float:
    """How often chance gives at least as many, or at most as few; the rarer of both, doubled."""
    tails = (1 + (drawn >= real).sum(), 1 + (drawn <= real).sum())
    return min(1.0, 2 * float(min(tails)) / (1 + len(drawn)))


def _group_expectation(size: int, people: int, is_directed: bool) -> float | None:
    inside = size * (size - 1) / (1 if is_directed else 2)
    across = size * (people - size)
    return (across - inside) / (across + inside) if across + inside else None


def _homophily(stay: int, leave: int, at_random: float | None) -> float | None:
    if at_random is None or at_random in (0.0, 1.0) or stay + leave == 0:
        return None
    share = stay / (stay + leave)
    return (share - at_random) / ((1 - at_random) if share >= at_random else at_random)


def assortativity(ties: Network | ArrayLike, *, draws: int = 0, seed: int | None = None) -> Result:
    """How much more ties stay inside groups than their ends alone would have it: an `Assortativity`.

    ties: a `Network`, or the share (or number) of ties from group (row) to group (column), shape (groups, groups).
    draws, seed: as in `ei_index`, for a network only. Not calculated without ties or when all lie in one group.
    Raises InputError for a matrix that is none, or draws without a seed or a network.
    Source: Newman 2003, Physical Review E 67:026126.

    >>> round(assortativity([[0.4, 0.1], [0.1, 0.4]]).value.value, 6)
    0.6
    """
    _checked_draws(draws, seed)
    if isinstance(ties, Network):
        matrix = _mixing_matrix(ties)
    elif draws:
        raise InputError("a mixing matrix has no people to deal the groups out to; give the network, or no draws")
    else:
        matrix = _checked_matrix(ties)
    total = float(matrix.sum())
    explain = partial(
        Explanation,
        what="How much more often ties stay inside groups than the ends of the ties alone would have it.",
        inputs={"groups": len(matrix), "ties or weight": total, "draws": draws},
        rule="newman-assortativity",
        source="Newman 2003, Physical Review E 67:026126",
        seed=seed,
    )
    if total == 0:
        return Result(None, explain(), not_calculated=NotCalculated(NO_TIES))
    inside, by_ends = (float(share) for share in _shares(matrix))
    if by_ends > ALL_IN_ONE:
        return Result(None, explain(), not_calculated=NotCalculated(ONE_GROUP))
    value = (inside - by_ends) / (1 - by_ends)
    p_value = _as_far(ties, value, draws, seed) if isinstance(ties, Network) and draws else None
    steps = (
        f"share inside {inside:.6g}, by the ends alone {by_ends:.6g}",
        f"({inside:.6g} - {by_ends:.6g}) / (1 - {by_ends:.6g}) = {value:.6g}",
    )
    return Result(Assortativity(value, inside, by_ends, p_value), explain(steps=steps))


def _shares(matrices: Floats) -> tuple[Floats, Floats]:
    """The share of ties inside groups, and what the ends of the ties alone give, of matrices (..., groups, groups)."""
    shares = matrices / matrices.sum(axis=(-1, -2), keepdims=True)
    return _inside(shares).sum(axis=-1), (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)


def _as_far(ties: Network, value: float, draws: int, seed: int | None) -> float:
    tables = _dealt_out(ties, draws, seed)
    inside, by_ends = _shares(tables if ties.is_directed else tables + tables.transpose(0, 2, 1))
    # A dealing that puts all ties into one group says nothing.
    says = by_ends <= ALL_IN_ONE
    drawn = (inside[says] - by_ends[says]) / (1 - by_ends[says])
    middle = float(drawn.mean()) if len(drawn) else 0.0
    return float((1 + (np.abs(drawn - middle) >= abs(value - middle) - 1e-12).sum()) / (1 + len(drawn)))


def _mixing_matrix(ties: Network) -> Floats:
    """Ends of ties by group; an undirected tie counts both ways."""
    matrix = np.zeros((len(ties.groups), len(ties.groups)))
    start, end = ties.member[ties.ends[:, 0]], ties.member[ties.ends[:, 1]]
    np.add.at(matrix, (start, end), 1.0)
    return matrix if ties.is_directed else matrix + matrix.T


def _checked_matrix(given: object) -> Floats:
    try:
        matrix = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("a mixing matrix must be a square table of numbers") from None
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise InputError(f"the mixing matrix has shape {matrix.shape}; it must be square")
    wrong = np.argwhere(~(np.isfinite(matrix) & (matrix >= 0)))
    if len(wrong):
        raise InputError(f"the mixing matrix at row {wrong[0][0]}, column {wrong[0][1]} is missing or negative")
    return matrix
