"""Tables drawn at random: students dealt out anew, and students drawn again from those there are."""

from collections.abc import Iterator

import numpy as np

from commonground.engine.integration.counts import Floats
from commonground.engine.values import InputError

# Cells of all the tables held at once: about 16 MB each, whatever the number of draws.
CELLS_AT_ONCE = 2_000_000


def checked_draws(draws: int, *, seed: int | None) -> np.random.Generator:
    """The random numbers of a seed. Raises InputError when there is none, or no draw."""
    if draws < 1:
        raise InputError(f"draws is {draws}; at least one table must be drawn")
    if seed is None:
        raise InputError("seed is missing; name one, so that the same numbers come out again")
    return np.random.default_rng(seed)


def _batches(counts: Floats, draws: int) -> Iterator[int]:
    at_once = max(1, CELLS_AT_ONCE // counts.size)
    while draws > 0:
        yield min(at_once, draws)
        draws -= at_once


def allocations(counts: Floats, *, draws: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Tables with the same unit sizes and group totals, students dealt out at random; shape (batch, units, groups).

    Exactly the multivariate hypergeometric distribution, drawn by halving: the students of the first half of the units,
    of the first quarter, and so on, for all draws and all branches of a level at once.
    """
    whole = counts.astype(np.int64)
    depth = max(1, (len(counts) - 1).bit_length())
    sizes = np.zeros(2**depth, dtype=np.int64)
    sizes[: len(counts)] = whole.sum(axis=1)
    for batch in _batches(counts, draws):
        tables = np.tile(whole.sum(axis=0), (batch, 1, 1))
        for level in range(depth):
            left = _first_halves(tables, sizes.reshape(2 ** (level + 1), -1).sum(axis=1)[::2], rng)
            tables = np.stack([left, tables - left], axis=2).reshape(batch, -1, counts.shape[1])
        yield tables[:, : len(counts)].astype(np.float64)


def _first_halves(tables: np.ndarray, seats: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """How many of each group fall into the first half of each branch, which has so many seats."""
    left = np.empty_like(tables)
    students, open_seats = tables.sum(axis=2), np.tile(seats, (len(tables), 1))
    for group in range(tables.shape[2] - 1):
        own = tables[:, :, group]
        left[:, :, group] = rng.hypergeometric(own, students - own, open_seats)
        students = students - own
        open_seats = open_seats - left[:, :, group]
    left[:, :, -1] = open_seats
    return left


def resamples(counts: Floats, *, draws: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Tables of as many students, each drawn again from all students with replacement; shape (batch, units, groups)."""
    # A cell without students is never drawn; leaving it out saves most of a sparse table's time.
    filled = np.flatnonzero(counts)
    shares = counts.ravel()[filled] / counts.sum()
    for batch in _batches(counts, draws):
        tables = np.zeros((batch, counts.size))
        tables[:, filled] = rng.multinomial(int(counts.sum()), shares, size=batch)
        yield tables.reshape(batch, *counts.shape)
