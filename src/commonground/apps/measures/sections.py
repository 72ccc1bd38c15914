"""How unevenly the groups of a school are spread over its sections, beside what a coin would give."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from uuid import UUID

import numpy as np
from scipy.special import gammaln

BLOCK = 4_096  # distinct cells worked on at a time

Cell = tuple[UUID, UUID, str, int, float, int]


@dataclass(frozen=True)
class Spread:
    """sections: of the school. students: in them, each once. m, m_by_chance: as `models.SchoolMixing` tells."""

    school_id: UUID
    sections: int
    students: float
    m: float
    m_by_chance: float


def spreads(cells: Iterable[Cell]) -> Iterator[Spread]:
    """One for each school of cells (school, section, group, students, seats, students of the group in the school), sorted by school.

    M = sum over cells of n ln(n N / (n_section N_group)) / N, in seats. By chance: the mean of M when each section is
    filled from the school's students, no child twice in one section, sizes and groups as they are. Each cell is then
    hypergeometric, so the mean is exact where every student has equally many sections, one or six.
    Source: Theil 1971; Cortese, Falk & Cohen 1976 (fixed margins).
    """
    for school_id, of_school in groupby(cells, key=itemgetter(0)):
        rows = list(of_school)
        sections = {section: place for place, section in enumerate(dict.fromkeys(row[1] for row in rows))}
        groups = {group: place for place, group in enumerate(dict.fromkeys(row[2] for row in rows))}
        heads = np.zeros((len(sections), len(groups)))
        seats = np.zeros_like(heads)
        of_group = np.zeros(len(groups), dtype=int)
        for _school, section, group, head_count, seat_count, student_count in rows:
            heads[sections[section], groups[group]] = head_count
            seats[sections[section], groups[group]] = seat_count
            of_group[groups[group]] = student_count
        total = seats.sum()
        yield Spread(
            school_id,
            len(sections),
            float(total),
            m=max(0.0, float(_m(seats))),
            m_by_chance=max(
                0.0, float((seats.sum(axis=1) / heads.sum(axis=1)) @ _by_chance(heads, of_group=of_group) / total)
            ),
        )


def _m(seats: np.ndarray) -> float:
    expected = np.outer(seats.sum(axis=1), seats.sum(axis=0)) / seats.sum()
    there = seats > 0
    return float((seats[there] * np.log(seats[there] / expected[there])).sum() / seats.sum())


def _by_chance(heads: np.ndarray, *, of_group: np.ndarray) -> np.ndarray:
    """For each section the mean of the sum over groups of k ln(k / expected k), when it is filled at random.

    of_group: students of each group in the school, each once, shape (groups,).
    """
    sizes, size_of = np.unique(heads.sum(axis=1).astype(int), return_inverse=True)
    whole = int(of_group.sum())
    mean = np.zeros(len(sizes))
    for start in range(0, len(sizes), BLOCK):
        block = sizes[start : start + BLOCK]
        k = np.arange(1, block.max() + 1)
        for group in of_group:
            mean[start : start + BLOCK] += _mean_of_cell(k, size=block[:, None], group=int(group), whole=whole)
    return mean[size_of]


def _mean_of_cell(k: np.ndarray, *, size: np.ndarray, group: int, whole: int) -> np.ndarray:
    """The mean of k ln(k / expected) for k of a group of this size in a section of these sizes, shape (sizes,)."""
    possible = (k <= group) & (k <= size) & (size - k <= whole - group)
    held = np.where(possible, k, 0)
    rest = np.where(possible, size - k, 0)
    chances = np.exp(
        _choose(group, held) + _choose(whole - group, rest) - _choose(whole, np.broadcast_to(size, held.shape))
    )
    worth = k * np.log(k * whole / (size * group))
    return np.asarray(np.where(possible, chances * worth, 0.0).sum(axis=1))


def _choose(n: int, k: np.ndarray) -> np.ndarray:
    """The logarithm of n over k."""
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
