"""Lottery numbers: one for every program, or one per program, the same for the children of a family."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from commonground.engine.assignment.kernels import CLASS_BITS
from commonground.engine.assignment.market import Market
from commonground.engine.values import InputError, whole_numbers

SPREAD = 4  # numbers up to so many times their count are worth a table of their own


def draw_numbers(market: Market, *, seed: int, draw: int = 0, is_multiple: bool = False) -> NDArray[np.int32]:
    """Lottery numbers for simulations, smaller is better: shape (applicants, 1), or (applicants, choices) when multiple.

    seed, draw: the same pair always gives the same numbers, whatever ran before (Philox, a counter-based generator).
    is_multiple: every program draws its own numbers. Children of one family get neighboring numbers.
    A real lottery takes its numbers from a sealed draw (`sealed.py`), not from here.

    >>> from commonground.engine.assignment import Program, build_market
    >>> numbers = draw_numbers(build_market([Program("arts", 1)], [[0], [0], [0]]), seed=7)
    >>> sorted(numbers[:, 0].tolist())
    [0, 1, 2]
    """
    source = np.random.Philox(key=np.array([seed % 2**64, draw], np.uint64))
    if not is_multiple:
        return _ranks(source, market.families, np.arange(market.applicant_count))[:, None]
    numbers = np.zeros(market.choices.shape, np.int32)
    for program in range(len(market.programs)):
        rows, columns = np.nonzero(market.choices == program)
        numbers[rows, columns] = _ranks(source, market.families, rows)
    return numbers


def _ranks(source: np.random.Philox, families: NDArray[np.int64] | None, rows: NDArray[np.intp]) -> NDArray[np.int32]:
    """Ranks of these applicants; every family takes one draw and its children stand in the order given."""
    if families is None:
        order = np.argsort(source.random_raw(len(rows)), kind="stable")
    else:
        _, family = np.unique(families[rows], return_inverse=True)
        drawn = source.random_raw(int(family.max()) + 1 if len(rows) else 0)
        order = np.argsort(drawn[family], kind="stable")
    ranks = np.empty(len(rows), np.int32)
    ranks[order] = np.arange(len(rows), dtype=np.int32)
    return ranks


def checked_lottery(market: Market, lottery: ArrayLike | None) -> NDArray[np.int32]:
    """The numbers as an array of shape (applicants, 1) or (applicants, choices).

    None is allowed only where priorities alone decide. Raises InputError for a wrong shape, a negative number, or two
    applicants with equal priority and equal number at one program.
    """
    if lottery is None:
        numbers = np.zeros((market.applicant_count, 1), np.int32)
        _refuse_ties(market, numbers, "give lottery numbers to break the tie")
        return numbers
    numbers = whole_numbers(lottery, name="lottery numbers")
    numbers = numbers[:, None] if numbers.ndim == 1 else numbers
    if numbers.shape not in ((market.applicant_count, 1), market.choices.shape):
        raise InputError(
            f"lottery numbers have shape {np.shape(lottery)}; give one per applicant, or one per applicant and choice"
        )
    if numbers.size and (numbers.min() < 0 or numbers.max() >= 2**31):
        raise InputError("lottery numbers run from 0 to 2**31 - 1")
    numbers = np.ascontiguousarray(numbers, np.int32)
    if numbers.shape[1] > 1 or not _all_differ(numbers[:, 0]):
        _refuse_ties(market, numbers, "every lottery number may be drawn once")
    return numbers


def _all_differ(numbers: NDArray[np.int32]) -> bool:
    """Whether no number comes twice; by marking each of them where they are not far apart, which is fastest."""
    highest = int(numbers.max(initial=0))
    if highest >= SPREAD * len(numbers):
        return len(np.unique(numbers)) == len(numbers)
    is_drawn = np.zeros(highest + 1, bool)
    is_drawn[numbers] = True
    return int(is_drawn.sum()) == len(numbers)


def in_order(program: NDArray, classes: NDArray, numbers: NDArray[np.int32]) -> NDArray[np.intp]:
    """Positions ordered by program, then class, then lottery number; three arrays of one length.

    Where numbers differ and are not far apart nothing has to be compared: they are laid out, then sorted by digits.
    """
    lowest = int(classes.min(initial=0))
    width = int(classes.max(initial=0)) - lowest + 1
    is_close = int(numbers.max(initial=0)) < SPREAD * len(numbers)
    if not is_close or (int(program.max(initial=0)) + 1) * width > 2**16 or not _all_differ(numbers):
        order: NDArray[np.intp] = np.lexsort((numbers, classes, program))
        return order
    by_number = np.full(int(numbers.max(initial=0)) + 1, -1, np.int32)
    by_number[numbers] = np.arange(len(numbers), dtype=np.int32)
    by_number = by_number[by_number >= 0]
    together = (program.astype(np.int64) * width + classes - lowest).astype(np.uint16)
    return by_number[np.argsort(together[by_number], kind="stable")].astype(np.intp)


def priority_keys(market: Market, lottery: NDArray[np.int32]) -> NDArray[np.int64]:
    """Class and lottery number as one whole number per choice, smaller is better; shape (applicants, choices)."""
    keys: NDArray[np.int64] = (market.classes.astype(np.int64) << CLASS_BITS) | lottery
    return keys


def _refuse_ties(market: Market, lottery: NDArray[np.int32], advice: str) -> None:
    is_asked = (market.choices >= 0) & (market.classes >= 0)
    rows = np.nonzero(is_asked)[0]
    program, key = market.choices[is_asked], priority_keys(market, lottery)[is_asked]
    order = np.lexsort((key, program))
    same = (np.diff(program[order]) == 0) & (np.diff(key[order]) == 0)
    if same.any():
        at = int(np.argmax(same))
        one, other = rows[order[at]], rows[order[at + 1]]
        name = market.programs[int(program[order[at]])].name
        raise InputError(
            f"applicants {market.name(int(one))!r} and {market.name(int(other))!r} have the same priority at "
            f"program {name!r}; {advice}"
        )
