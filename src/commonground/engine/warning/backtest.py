"""How well a rule would have done on past cohorts, and for whom it would have been wrong.

Groups are read here and only here, after the flags are set, to see whether errors fall on some more than on others.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import isfinite, sqrt
from statistics import NormalDist, median

from commonground.engine.values import Explanation, InputError, Interval, NotCalculated

SMALLEST_GROUP = 10


class FlagAfterEvent(InputError):
    """A check lies on or after the event it should have foreseen."""


@dataclass(frozen=True, slots=True)
class Check:
    """One look at one student on one day.

    score: larger is more at risk; flags counted, or a probability; None when the rule only says yes or no.
    """

    student: str
    checked_on: date
    is_flagged: bool
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a student. happened_on: the day of the event, None when it did not happen."""

    happened_on: date | None = None

    @property
    def happened(self) -> bool:
        """True when the event came."""
        return self.happened_on is not None


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its Wilson interval; value None and the reason when there was nobody to count."""

    part: int
    whole: int
    value: float | None
    interval: Interval | None
    not_calculated: NotCalculated | None = None


@dataclass(frozen=True, slots=True)
class GroupErrors:
    """How the rule treats one group; a rate is not calculated for fewer students than the smallest group allowed.

    false_alarms: flagged among those without the event. missed: not flagged among those with it. precision: with the
    event among the flagged.
    """

    group: str
    students: int
    false_alarms: Rate
    missed: Rate
    precision: Rate


@dataclass(frozen=True, slots=True)
class AtCaseload:
    """What a caseload of the highest scores would have held.

    students: how many can be carried. precision, recall: expected where equal scores at the edge are drawn by lot, None
    when nobody could be carried, or nobody had the event.
    """

    students: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Students whose scores lie in a range, the mean score and the share with the event."""

    low: float
    high: float
    students: int
    mean_score: float
    observed: Rate


@dataclass(frozen=True, slots=True)
class BackTest:
    """A rule on a past cohort.

    sensitivity, specificity, precision, base_rate: with 95 % Wilson intervals, per student. area_under_curve: None
    without scores. lead_weeks: median weeks from the first flag to the event among the foreseen, None when none was.
    flips: share of students whose flag changes between one check and the next, over all such pairs.
    calibration, brier: only for scores between 0 and 1, else empty and None. groups: in alphabetical order.
    """

    sensitivity: Rate
    specificity: Rate
    precision: Rate
    base_rate: Rate
    at_caseload: AtCaseload | None
    area_under_curve: float | None
    lead_weeks: float | None
    flips: Rate
    calibration: tuple[CalibrationBin, ...]
    brier: float | None
    groups: tuple[GroupErrors, ...]
    explanation: Explanation


def rate(part: int, whole: int, *, smallest: int = 1) -> Rate:
    """A share with its 95 % Wilson interval, not calculated for fewer than `smallest`.

    Source: Wilson 1927.

    >>> found = rate(81, 263)
    >>> round(found.value, 4), round(found.interval.low, 4), round(found.interval.high, 4)
    (0.308, 0.2553, 0.3662)
    """
    if whole < smallest:
        return Rate(part, whole, None, None, NotCalculated(f"fewer than {smallest} students"))
    z = NormalDist().inv_cdf(0.975)
    center = (part + z * z / 2) / (whole + z * z)
    half = z / (whole + z * z) * sqrt(part * (whole - part) / whole + z * z / 4)
    low, high = max(0.0, center - half) if part else 0.0, min(1.0, center + half) if part < whole else 1.0
    return Rate(part, whole, part / whole, Interval(low, high))


def precision_at_base_rate(*, sensitivity: float, specificity: float, base_rate: float) -> float | None:
    """How often a flag would be right where the event is as common as `base_rate`; None when nobody would be flagged.

    All shares from 0 to 1. Raises InputError outside. Source: Bayes; Bowers, Sprott & Taff 2013 for published rules.

    >>> round(precision_at_base_rate(sensitivity=0.751, specificity=0.843, base_rate=0.165), 2)
    0.49
    """
    for name, share in (("sensitivity", sensitivity), ("specificity", specificity), ("base_rate", base_rate)):
        if not 0 <= share <= 1:
            raise InputError(f"{name} is {share}; give a share between 0 and 1")
    right = sensitivity * base_rate
    flagged = right + (1 - specificity) * (1 - base_rate)
    return right / flagged if flagged else None


def back_test(
    checks: Sequence[Check],
    *,
    outcomes: Mapping[str, Outcome],
    caseload: int | None = None,
    groups: Mapping[str, str] | None = None,
    smallest_group: int = SMALLEST_GROUP,
    bins: int = 5,
) -> BackTest:
    """How a rule would have done on one past cohort.

    checks: every look at every student, in any order; a student counts as flagged when any look flags. outcomes: for
    every student checked, of a day after the last check. caseload: students that can be carried, None to leave it out;
    ranked by each student's highest score. groups: each student's group, None to leave them out; never an input of a
    rule. bins: of equal width from 0 to 1.
    Raises FlagAfterEvent for a check on or after the event, InputError for no checks, a student without an outcome or
    group, two checks of a student on one day, scores for some checks only or that are no numbers, a caseload that is
    negative or has no scores to rank by, or no bin or smallest group.
    Source: Bowers, Sprott & Taff 2013 (accuracy of flags); Hanley & McNeil 1982 (area under the curve).

    >>> day, later = date(2025, 10, 1), date(2026, 6, 1)
    >>> checks = [Check("a", day, True), Check("b", day, True), Check("c", day, False), Check("d", day, False)]
    >>> found = back_test(checks, outcomes={"a": Outcome(later), "b": Outcome(), "c": Outcome(), "d": Outcome(later)})
    >>> found.sensitivity.value, found.specificity.value, found.precision.value
    (0.5, 0.5, 0.5)
    """
    _check(checks, outcomes, groups, caseload)
    if bins < 1 or smallest_group < 1:
        raise InputError(f"{bins} bins and a smallest group of {smallest_group}; give at least 1 of each")
    looks = _by_student(checks)
    flagged = {student for student, seen in looks.items() if any(check.is_flagged for check in seen)}
    had = {student for student in looks if outcomes[student].happened}
    without = set(looks) - had
    scores = _highest_scores(looks)
    is_share = scores is not None and all(0 <= score <= 1 for score in scores.values())
    foreseen = flagged & had
    right = rate(len(foreseen), len(flagged))
    return BackTest(
        sensitivity=rate(len(foreseen), len(had)),
        specificity=rate(len(without - flagged), len(without)),
        precision=right,
        base_rate=rate(len(had), len(looks)),
        at_caseload=None if caseload is None or scores is None else _at_caseload(scores, had, caseload),
        area_under_curve=None if scores is None else _area_under_curve(scores, had),
        lead_weeks=_lead_weeks(looks, outcomes, foreseen),
        flips=_flips(looks),
        calibration=_calibration(scores, had, bins) if is_share and scores is not None else (),
        brier=_brier(scores, had) if is_share and scores is not None else None,
        groups=_group_errors(looks, groups, flagged, had, smallest_group),
        explanation=Explanation(
            what="How the rule would have done on a past cohort",
            inputs={"students": len(looks), "checks": len(checks), "caseload": caseload},
            steps=(
                f"Of {len(looks)} students {len(had)} had the event; the rule flagged {len(flagged)}.",
                f"Of the {len(flagged)} students it flagged, {len(foreseen)} had the event.",
                f"Of the {len(had)} who had it, {len(had - flagged)} were never flagged.",
                "Groups were read after the flags were set, never before.",
            ),
            rule="back-test, a student counts once",
            source="Bowers, Sprott & Taff 2013; Wilson 1927",
        ),
    )


def _by_student(checks: Sequence[Check]) -> dict[str, list[Check]]:
    looks: dict[str, list[Check]] = {}
    for check in sorted(checks, key=lambda check: (check.student, check.checked_on)):
        looks.setdefault(check.student, []).append(check)
    return looks


def _highest_scores(looks: Mapping[str, list[Check]]) -> dict[str, float] | None:
    """Each student's highest score; None where checks have none."""
    scores = {student: [check.score for check in seen if check.score is not None] for student, seen in looks.items()}
    return {student: max(seen) for student, seen in scores.items()} if all(scores.values()) else None


def _at_caseload(scores: Mapping[str, float], had: set[str], caseload: int) -> AtCaseload:
    """The share with the event among the highest scores; students at the edge are in with equal chance."""
    places = min(caseload, len(scores))
    if places == 0:
        return AtCaseload(caseload, None, None)
    edge = sorted(scores.values(), reverse=True)[places - 1]
    above = {student for student, score in scores.items() if score > edge}
    tied = {student for student, score in scores.items() if score == edge}
    chance = Fraction(places - len(above), len(tied))
    found = len(above & had) + chance * len(tied & had)
    return AtCaseload(caseload, float(found / places), float(found / len(had)) if had else None)


def _area_under_curve(scores: Mapping[str, float], had: set[str]) -> float | None:
    """The chance that one with the event scores above one without; equal scores count half."""
    pairs = len(had) * (len(scores) - len(had))
    if not pairs:
        return None
    wins, below, tied_had, tied_without = Fraction(0), 0, 0, 0
    last = None
    for student in sorted(scores, key=lambda one: scores[one]):
        if scores[student] != last:
            wins += tied_had * (below + Fraction(tied_without, 2))
            below += tied_without
            tied_had = tied_without = 0
            last = scores[student]
        tied_had += student in had
        tied_without += student not in had
    wins += tied_had * (below + Fraction(tied_without, 2))
    return float(wins / pairs)


def _lead_weeks(looks: Mapping[str, list[Check]], outcomes: Mapping[str, Outcome], foreseen: set[str]) -> float | None:
    first = {student: next(c.checked_on for c in looks[student] if c.is_flagged) for student in foreseen}
    weeks = [(event - first[student]).days / 7 for student in foreseen if (event := outcomes[student].happened_on)]
    return median(weeks) if weeks else None


def _flips(looks: Mapping[str, list[Check]]) -> Rate:
    pairs = [pair for seen in looks.values() for pair in itertools.pairwise(seen)]
    return rate(sum(one.is_flagged != other.is_flagged for one, other in pairs), len(pairs))


def _calibration(scores: Mapping[str, float], had: set[str], bins: int) -> tuple[CalibrationBin, ...]:
    members: dict[int, list[str]] = {}
    for student, score in scores.items():
        members.setdefault(min(int(score * bins), bins - 1), []).append(student)
    return tuple(
        CalibrationBin(
            low=place / bins,
            high=(place + 1) / bins,
            students=len(inside),
            mean_score=sum(scores[student] for student in inside) / len(inside),
            observed=rate(sum(student in had for student in inside), len(inside)),
        )
        for place, inside in sorted(members.items())
    )


def _brier(scores: Mapping[str, float], had: set[str]) -> float:
    """Mean squared difference between the score and what happened. Source: Brier 1950."""
    return sum((score - (student in had)) ** 2 for student, score in scores.items()) / len(scores)


def _group_errors(
    looks: Mapping[str, list[Check]], groups: Mapping[str, str] | None, flagged: set[str], had: set[str], smallest: int
) -> tuple[GroupErrors, ...]:
    if groups is None:
        return ()
    found = []
    for group in sorted({groups[student] for student in looks}):
        inside = {student for student in looks if groups[student] == group}
        without = inside - had
        found.append(
            GroupErrors(
                group=group,
                students=len(inside),
                false_alarms=rate(len(without & flagged), len(without), smallest=smallest),
                missed=rate(len((inside & had) - flagged), len(inside & had), smallest=smallest),
                precision=rate(len(inside & had & flagged), len(inside & flagged), smallest=smallest),
            )
        )
    return tuple(found)


def _check(
    checks: Sequence[Check],
    outcomes: Mapping[str, Outcome],
    groups: Mapping[str, str] | None,
    caseload: int | None,
) -> None:
    if not checks:
        raise InputError("there are no checks to test")
    seen: set[tuple[str, date]] = set()
    for place, check in enumerate(checks):
        if check.student not in outcomes:
            raise InputError(
                f"the check at position {place} is of a student without an outcome; leave such students out"
            )
        if groups is not None and check.student not in groups:
            raise InputError(
                f"the check at position {place} is of a student without a group; name a group for everybody"
            )
        event = outcomes[check.student].happened_on
        if event is not None and check.checked_on >= event:
            raise FlagAfterEvent(f"the check at position {place} is of {check.checked_on}, the event came on {event}")
        if (check.student, check.checked_on) in seen:
            raise InputError(f"the check at position {place} is the second of its student on {check.checked_on}")
        seen.add((check.student, check.checked_on))
    if len({check.score is None for check in checks}) > 1:
        raise InputError("some checks have a score and some have none; score all or none")
    broken = [place for place, check in enumerate(checks) if check.score is not None and not isfinite(check.score)]
    if broken:
        raise InputError(
            f"the score of the check at position {broken[0]} is no number; leave out all scores or mend it"
        )
    if caseload is not None and caseload < 0:
        raise InputError(f"a caseload of {caseload} cannot be carried; give zero or more")
    if caseload is not None and checks[0].score is None:
        raise InputError("students are ranked for a caseload by their scores; give scores, or no caseload")
