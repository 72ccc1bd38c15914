"""Whether the questions of a scale hang together."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares
from scipy.stats import f

from commonground.engine.values import Explanation, InputError, Interval, NotCalculated, Result

Floats = NDArray[np.float64]
ROUNDS = 2_000
TOLERANCE = 1e-15
LEAST_PEOPLE = 3
NOT_ENOUGH = "a scale needs two questions and three people who answered all of them"
NO_SPREAD = "everybody answered the same, so there is nothing that could hang together"
CONSTANT = "everybody gave the same answer to a question, so it correlates with nothing"


@dataclass(frozen=True, slots=True)
class Alpha:
    """Cronbach's alpha. raw: from covariances; standardized: from correlations, None when a question has no spread.

    people: who answered every question; incomplete: who did not, and was left out.
    """

    raw: float
    standardized: float | None
    people: int
    incomplete: int


@dataclass(frozen=True, slots=True)
class Omega:
    """McDonald's omega total of one factor. loadings: one per question, in standard deviations."""

    value: float
    loadings: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One question.

    missing_share: of all people. mean, sd: of who answered everything. item_total: correlation with the sum of the other
    questions, None without spread; below 0 it is probably worded the other way round. alpha_without: raw alpha of the
    other questions, None when they are fewer than two or have no spread.
    """

    name: str
    missing_share: float
    mean: float
    sd: float
    item_total: float | None
    alpha_without: float | None


def checked_answers(answers: ArrayLike) -> Floats:
    """Answers, shape (people, questions); None or nan where one is missing. Raises InputError for another shape."""
    try:
        table = np.asarray(answers, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("answers must be a table of numbers with equally long rows, one row per person") from None
    if table.ndim != 2 or 0 in table.shape:
        raise InputError(f"answers have shape {table.shape}; give one row per person and one column per question")
    if np.isinf(table).any():
        raise InputError("an answer is infinite; give numbers, and None where one is missing")
    return table


def _complete(table: Floats) -> Floats:
    return table[~np.isnan(table).any(axis=1)]


def _alpha(complete: Floats) -> float | None:
    """Raw alpha, None without spread of the sum or with fewer than two questions."""
    k = complete.shape[1]
    total = complete.sum(axis=1).var(ddof=1)
    if k < 2 or total <= 1e-12 * max(1.0, float((complete**2).sum())):
        return None
    return float(k / (k - 1) * (1 - complete.var(axis=0, ddof=1).sum() / total))


def _correlations(complete: Floats) -> Floats | None:
    if (np.ptp(complete, axis=0) == 0).any():
        return None
    correlations: Floats = np.atleast_2d(np.corrcoef(complete, rowvar=False))
    return correlations


def cronbach_alpha(answers: ArrayLike, *, confidence: float = 0.95) -> Result:
    """How far the questions of a scale agree: an `Alpha`, with Feldt's interval of the raw value.

    answers: shape (people, questions), None where missing; a person with a missing answer is left out and counted.
    Questions worded the other way round must be turned before. Not calculated with too few people or questions, or when
    the sums have no spread: alpha is then undefined, not zero. Raises InputError for another shape or confidence.
    Source: Cronbach 1951; Feldt 1965 (interval).

    >>> round(cronbach_alpha([[1, 2], [2, 2], [3, 4], [4, 5]]).value.raw, 4)
    0.967
    """
    table = checked_answers(answers)
    if not 0 < confidence < 1:
        raise InputError(f"confidence is {confidence}; it must lie between 0 and 1")
    complete = _complete(table)
    people, k = complete.shape
    explain = partial(
        Explanation,
        what="How far the questions of a scale agree.",
        inputs={"people": people, "left out as incomplete": len(table) - people, "questions": k},
        rule="cronbach-alpha",
        source="Cronbach 1951; Feldt 1965",
    )
    if people < LEAST_PEOPLE or k < 2:
        return Result(None, explain(), not_calculated=NotCalculated(NOT_ENOUGH))
    raw = _alpha(complete)
    if raw is None:
        return Result(None, explain(), not_calculated=NotCalculated(NO_SPREAD))
    correlations = _correlations(complete)
    standardized = None
    if correlations is not None:
        mean = float((correlations.sum() - k) / (k * (k - 1)))
        standardized = k * mean / (1 + (k - 1) * mean)
    free = (people - 1, (people - 1) * (k - 1))
    low, high = (1 - (1 - raw) * float(f.ppf(side, *free)) for side in ((1 + confidence) / 2, (1 - confidence) / 2))
    steps = (
        "alpha = k / (k - 1) x (1 - sum of the questions' variances / variance of the sum)",
        f"alpha = {raw:.6g}; from correlations {standardized}",
    )
    return Result(
        Alpha(raw, standardized, people, len(table) - people), explain(steps=steps), Interval(low, high, confidence)
    )


def omega_total(answers: ArrayLike) -> Result:
    """Omega total: the share of the sum's variance that one common factor explains, an `Omega`.

    Unlike alpha it does not take all questions as equally good. The factor has the loadings that leave the smallest
    squared residual correlations. answers: as in `cronbach_alpha`, at least three questions (two cannot be told apart).
    Not calculated with too few people or questions, a question without spread, a factor that explains more than all of
    a question (a Heywood case), or when the search does not come to rest. Raises InputError for another shape.
    Source: McDonald 1999; Harman & Jones 1966 (minimum residuals).

    >>> answers = [[1, 2, 2], [2, 2, 1], [2, 2, 1], [3, 3, 4], [1, 1, 1], [3, 2, 3]]
    >>> round(omega_total(answers).value.value, 2)
    0.89
    """
    table = checked_answers(answers)
    complete = _complete(table)
    people, k = complete.shape
    explain = partial(
        Explanation,
        what="Share of the variance of the sum that one common factor explains.",
        inputs={"people": people, "left out as incomplete": len(table) - people, "questions": k},
        rule="omega-total, one factor, minimum residuals",
        source="McDonald 1999; Harman & Jones 1966",
    )

    def not_known(reason: str) -> Result:
        return Result(None, explain(), not_calculated=NotCalculated(reason))

    if people < LEAST_PEOPLE or k < 3:
        return not_known("one factor needs three questions and three people who answered all of them")
    correlations = _correlations(complete)
    if correlations is None:
        return not_known(CONSTANT)
    loadings = _one_factor(correlations)
    if loadings is None:
        return not_known("the search for the common factor did not come to rest")
    if np.abs(loadings).max() > 1:
        return not_known("the common factor would explain more than all of a question (Heywood case)")
    value = float(loadings.sum() ** 2 / correlations.sum())
    steps = (
        "loadings " + ", ".join(f"{loading:.3f}" for loading in loadings),
        f"omega = (sum of loadings)^2 / {correlations.sum():.6g}",
    )
    return Result(Omega(value, tuple(loadings.tolist())), explain(steps=steps))


def _one_factor(correlations: Floats) -> Floats | None:
    """Loadings with the least squared residuals off the diagonal; None when the search does not come to rest."""
    above = np.triu_indices(len(correlations), 1)

    def residuals(loadings: Floats) -> Floats:
        return (np.outer(loadings, loadings) - correlations)[above]

    def slopes(loadings: Floats) -> Floats:
        table = np.zeros((len(above[0]), len(loadings)))
        rows = np.arange(len(above[0]))
        table[rows, above[0]] = loadings[above[1]]
        table[rows, above[1]] = loadings[above[0]]
        return table

    values, vectors = np.linalg.eigh(correlations)
    found = least_squares(
        residuals,
        vectors[:, -1] * np.sqrt(values[-1]),
        jac=slopes,
        xtol=TOLERANCE,
        ftol=TOLERANCE,
        gtol=TOLERANCE,
        max_nfev=ROUNDS,
    )
    if found.status <= 0:
        return None
    loadings: Floats = found.x
    return loadings if loadings.sum() >= 0 else -loadings


def item_analysis(answers: ArrayLike, *, names: list[str] | None = None) -> Result:
    """Each question of a scale: a tuple of `Item`, in the order of the columns.

    answers: as in `cronbach_alpha`. names: of the questions; None for "question 1" and on. Not calculated with too few
    people or questions. Raises InputError for another shape or not as many names.
    Source: corrected item-total correlation, Nunnally & Bernstein 1994.

    >>> [round(item.item_total, 3) for item in item_analysis([[1, 2], [2, 2], [3, 4], [4, 5]]).value]
    [0.947, 0.947]
    """
    table = checked_answers(answers)
    k = table.shape[1]
    labels = names if names is not None else [f"question {place + 1}" for place in range(k)]
    if len(labels) != k:
        raise InputError(f"{len(labels)} names for {k} questions; give one each")
    complete = _complete(table)
    explanation = Explanation(
        what="How each question of a scale goes with the others.",
        inputs={"people": len(complete), "left out as incomplete": len(table) - len(complete), "questions": k},
        steps=("item-total: correlation of the question with the sum of the others",),
        rule="corrected-item-total",
        source="Nunnally & Bernstein 1994",
    )
    if len(complete) < LEAST_PEOPLE or k < 2:
        return Result(None, explanation, not_calculated=NotCalculated(NOT_ENOUGH))
    items = []
    for place, name in enumerate(labels):
        own, others = complete[:, place], np.delete(complete, place, axis=1)
        rest = others.sum(axis=1)
        has_spread = np.ptp(own) > 0 and np.ptp(rest) > 0
        items.append(
            Item(
                name=name,
                missing_share=float(np.isnan(table[:, place]).mean()),
                mean=float(own.mean()),
                sd=float(own.std(ddof=1)),
                item_total=float(np.corrcoef(own, rest)[0, 1]) if has_spread else None,
                alpha_without=_alpha(others),
            )
        )
    return Result(tuple(items), explanation)
