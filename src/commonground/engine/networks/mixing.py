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
    to another group.
    """

    group: Hashable
    people: int
    external: int
    internal: int
    value: float | None
    expected: float | None
    homophily: float | None
    reach_share: float


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
    if draws < 0 or (draws and seed is None):
        raise InputError(f"draws is {draws} and seed {seed}; draws start at 0 and need a seed")
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
        drawn = _dealt_out(ties, draws, np.random.default_rng(seed))
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


def _dealt_out(ties: Network, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    values = []
    at_once = max(1, CELLS_AT_ONCE // max(len(ties.member), len(ties.ends)))
    for begin in range(0, draws, at_once):
        members = rng.permuted(np.tile(ties.member, (min(at_once, draws - begin), 1)), axis=1)
        across = members[:, ties.ends[:, 0]] != members[:, ties.ends[:, 1]]
        values.append(2 * across.mean(axis=1) - 1)
    return np.concatenate(values)


def mixing_by_group(ties: Network) -> Result:
    """Each group's own ties beside what sizes alone give: a tuple of `GroupMixing`.

    Homophily compares the share of a group's ties that stay inside with the group's share of everybody else, and
    divides by the most it could differ. Source: Coleman 1958; Krackhardt & Stern 1988.

    >>> from commonground.engine.networks import network
    >>> friends = network([(0, 1), (1, 2), (2, 3)], {0: "A", 1: "A", 2: "B", 3: "B"})
    >>> [(mixing.group, mixing.external, mixing.internal, mixing.reach_share) for mixing in mixing_by_group(friends).value]
    [('A', 1, 1, 0.5), ('B', 1, 1, 0.5)]
    """
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
            )
        )
    explanation = Explanation(
        what="Each group's ties across and inside, beside what its size alone gives.",
        inputs={"people": len(ties.people), "groups": len(ties.groups), "ties": len(ties.ends)},
        steps=("homophily = (share inside - share at random) / the most it could differ",),
        rule="e-i, coleman-homophily",
        source="Coleman 1958; Krackhardt & Stern 1988",
    )
    return Result(tuple(rows), explanation)


def _group_expectation(size: int, people: int, is_directed: bool) -> float | None:
    inside = size * (size - 1) / (1 if is_directed else 2)
    across = size * (people - size)
    return (across - inside) / (across + inside) if across + inside else None


def _homophily(stay: int, leave: int, at_random: float | None) -> float | None:
    if at_random is None or at_random in (0.0, 1.0) or stay + leave == 0:
        return None
    share = stay / (stay + leave)
    return (share - at_random) / ((1 - at_random) if share >= at_random else at_random)


def assortativity(ties: Network | ArrayLike) -> Result:
    """Newman's assortativity of a network, or of a mixing matrix: 1 all inside groups, 0 as the ties' ends alone give.

    ties: a `Network`, or the share (or number) of ties from group (row) to group (column), shape (groups, groups).
    Not calculated without ties or when all lie in one group. Raises InputError for a matrix that is none.
    Source: Newman 2003, Physical Review E 67:026126.

    >>> round(assortativity([[0.4, 0.1], [0.1, 0.4]]).value, 6)
    0.6
    """
    matrix = _mixing_matrix(ties) if isinstance(ties, Network) else _checked_matrix(ties)
    total = matrix.sum()
    explain = partial(
        Explanation,
        what="How much more often ties stay inside groups than the ends of the ties alone would have it.",
        inputs={"groups": len(matrix), "ties or weight": float(total)},
        rule="newman-assortativity",
        source="Newman 2003, Physical Review E 67:026126",
    )
    if total == 0:
        return Result(None, explain(), not_calculated=NotCalculated(NO_TIES))
    shares = matrix / total
    by_chance = float((shares.sum(axis=0) * shares.sum(axis=1)).sum())
    inside = float(np.trace(shares))
    if by_chance > 1 - 1e-12:
        return Result(None, explain(), not_calculated=NotCalculated(ONE_GROUP))
    value = (inside - by_chance) / (1 - by_chance)
    steps = (
        f"share inside {inside:.6g}, by chance {by_chance:.6g}",
        f"({inside:.6g} - {by_chance:.6g}) / (1 - {by_chance:.6g})",
    )
    return Result(value, explain(steps=steps))


def _mixing_matrix(ties: Network) -> NDArray[np.float64]:
    """Ends of ties by group; an undirected tie counts both ways."""
    matrix = np.zeros((len(ties.groups), len(ties.groups)))
    start, end = ties.member[ties.ends[:, 0]], ties.member[ties.ends[:, 1]]
    np.add.at(matrix, (start, end), 1.0)
    return matrix if ties.is_directed else matrix + matrix.T


def _checked_matrix(given: object) -> NDArray[np.float64]:
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
