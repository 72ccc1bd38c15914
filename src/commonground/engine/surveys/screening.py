"""Answers that were hardly read: the same again and again, too fast, or left out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from commonground.engine.surveys.reliability import checked_answers
from commonground.engine.values import Explanation, InputError, Result


@dataclass(frozen=True, slots=True)
class Care:
    """How one person answered.

    longest_run: most equal answers one after another; missing ones end a run. is_straight: all given answers are equal
    and there are enough of them. missing_share: of the questions. is_fast: None where the time is not known.
    """

    longest_run: int
    is_straight: bool
    missing_share: float
    is_fast: bool | None


def careless_answers(
    answers: ArrayLike,
    *,
    least_questions: int = 5,
    seconds: ArrayLike | None = None,
    least_seconds: float = 2.0,
) -> Result:
    """Signs of careless answering, one `Care` per person: a reason to look at results with and without, not to delete.

    answers: shape (people, questions), None where missing, on one response scale and in the order asked, before any
    question is turned round: only then does the same answer to opposite questions show.
    least_questions: how many equal answers make a straight line. seconds: spent by each person on all questions, None
    where unknown; least_seconds: per answered question, fewer are fast.
    Raises InputError for another shape, times that are not one per person or negative, or least_questions below 2.
    Source: Johnson 2005 (long string); Huang et al. 2012 (two seconds).

    >>> [care.is_straight for care in careless_answers([[3, 3, 3, 3, 3], [3, 2, 3, 4, 1]]).value]
    [True, False]
    """
    table = checked_answers(answers)
    if least_questions < 2:
        raise InputError(f"least_questions is {least_questions}; one answer alone is no line")
    if not least_seconds >= 0:
        raise InputError(f"least_seconds is {least_seconds}; time starts at 0")
    if seconds is None:
        times = np.full(len(table), np.nan)
    else:
        times = np.asarray(seconds, dtype=np.float64)
        if times.shape != (len(table),) or (times < 0).any():
            raise InputError(f"seconds have shape {times.shape} for {len(table)} people; give one each, from 0")
    rows = []
    for row, spent in zip(table, times.tolist(), strict=True):
        given = row[~np.isnan(row)]
        is_fast = None if np.isnan(spent) or not len(given) else spent / len(given) < least_seconds
        is_straight = len(given) >= least_questions and bool(np.ptp(given) == 0)
        rows.append(Care(_longest_run(row), is_straight, float(np.isnan(row).mean()), is_fast))
    explanation = Explanation(
        what="Signs that answers were hardly read.",
        inputs={
            "people": len(table),
            "questions": table.shape[1],
            "least questions": least_questions,
            "least seconds per answer": least_seconds,
        },
        steps=(
            f"{sum(row.is_straight for row in rows)} straight lines, {sum(bool(row.is_fast) for row in rows)} fast",
        ),
        rule="long-string, response-time",
        source="Johnson 2005; Huang et al. 2012",
    )
    return Result(tuple(rows), explanation)


def _longest_run(row: np.ndarray) -> int:
    longest = run = 0
    last = np.nan
    for answer in row.tolist():
        run = run + 1 if answer == last else int(answer == answer)
        longest, last = max(longest, run), answer
    return longest
