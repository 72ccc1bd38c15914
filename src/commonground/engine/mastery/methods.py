"""Scoring methods that average, count or choose. Each shows its arithmetic and rounds once, half up.

All take evidence oldest first and ignore what is missing. Without any score there is no result, which is not zero.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from statistics import median

from commonground.engine.mastery.evidence import Evidence, Scale, in_order, result, rounded
from commonground.engine.values import InputError, Result

NOTHING = "There is no score yet."
CANVAS = "Canvas LMS, outcome calculation methods"


def highest(evidence: Sequence[Evidence], *, scale: Scale) -> Result:
    """The best score. Source: Canvas LMS.

    >>> from commonground.engine.mastery.evidence import scores
    >>> highest(scores(2, 4, 3), scale=Scale()).value
    Decimal('4.00')
    """
    given = in_order(evidence, scale)
    if not given:
        return result("highest", None, evidence=evidence, steps=[NOTHING], source=CANVAS)
    steps = [f"The highest of {_list(given)} is {max(given)}."]
    return result("highest", rounded(max(given)), evidence=evidence, steps=steps, source=CANVAS)


def most_recent(evidence: Sequence[Evidence], *, scale: Scale) -> Result:
    """The latest score by its date; evidence without a date is never the latest while another has one.

    Source: Canvas LMS.

    >>> from commonground.engine.mastery.evidence import scores
    >>> most_recent(scores(2, 4, 3), scale=Scale()).value
    Decimal('3.00')
    """
    given = in_order(evidence, scale)
    if not given:
        return result("most recent", None, evidence=evidence, steps=[NOTHING], source=CANVAS)
    steps = [f"In order of their dates {_list(given)}; the last is {given[-1]}."]
    return result("most recent", rounded(given[-1]), evidence=evidence, steps=steps, source=CANVAS)


def average(evidence: Sequence[Evidence], *, scale: Scale) -> Result:
    """The mean of all scores. Source: Canvas LMS.

    >>> from commonground.engine.mastery.evidence import scores
    >>> average(scores(2, None, 3), scale=Scale()).value
    Decimal('2.50')
    """
    return _mean_of("average", in_order(evidence, scale), evidence, CANVAS)


def mean_of_top(evidence: Sequence[Evidence], *, scale: Scale, count: int = 3) -> Result:
    """The mean of the best scores, of all when there are fewer. Raises InputError for a count below 1.

    Source: Educate, standards-based grading calculations.

    >>> from commonground.engine.mastery.evidence import scores
    >>> mean_of_top(scores(1, 2, 4, 3), scale=Scale(), count=2).value
    Decimal('3.50')
    """
    _at_least_one(count, "count")
    given = sorted(in_order(evidence, scale), reverse=True)[:count]
    return _mean_of(f"mean of the top {count}", given, evidence, "Educate, standards-based grading calculations")


def n_times_mastery(
    evidence: Sequence[Evidence], *, scale: Scale, mastery: Decimal = Decimal(3), times: int = 5
) -> Result:
    """The mean of the scores at mastery or above, once there are enough of them.

    times: how many are needed, 1 to 10. Raises InputError outside. Source: Canvas LMS.

    >>> from commonground.engine.mastery.evidence import scores
    >>> n_times_mastery(scores(3, 4, 3), scale=Scale(), times=3).value
    Decimal('3.33')
    """
    if not 1 <= times <= 10:
        raise InputError(f"mastery {times} times cannot be asked for; choose 1 to 10")
    reached = [score for score in in_order(evidence, scale) if score >= mastery]
    method = f"{times} times mastery"
    if len(reached) < times:
        steps = [f"{len(reached)} scores are {mastery} or above; {times} are needed."]
        return result(method, None, evidence=evidence, steps=steps, source=CANVAS)
    return _mean_of(method, reached, evidence, CANVAS)


def weighted_average(evidence: Sequence[Evidence], *, scale: Scale, latest_percent: int = 65) -> Result:
    """A percentage of the latest score and the rest of the mean of all before.

    latest_percent: 1 to 99. Raises InputError outside. Source: Canvas LMS (stored there as `decaying_average`).

    >>> from commonground.engine.mastery.evidence import scores
    >>> weighted_average(scores(2, 3, 4), scale=Scale()).value
    Decimal('3.48')
    """
    weight = _percent(latest_percent, 1, 99)
    given = in_order(evidence, scale)
    method = f"weighted average, {latest_percent}/{100 - latest_percent}"
    if len(given) < 2:
        return _mean_of(method, given, evidence, CANVAS)
    *earlier, last = given
    mean = sum(earlier, Decimal(0)) / len(earlier)
    value = weight * last + (1 - weight) * mean
    steps = [
        f"Mean of the earlier scores {_list(earlier)}: {_short(mean)}.",
        f"{weight} × {last} + {1 - weight} × {_short(mean)} = {_short(value)}, to hundredths {rounded(value)}.",
    ]
    return result(method, rounded(value), evidence=evidence, steps=steps, source=CANVAS)


def decaying_average(evidence: Sequence[Evidence], *, scale: Scale, latest_percent: int = 65) -> Result:
    """A running score: each new one counts a percentage, what was there before the rest.

    latest_percent: 50 to 99. Raises InputError outside. Source: Canvas LMS (`standard_decaying_average`).

    >>> from commonground.engine.mastery.evidence import scores
    >>> decaying_average(scores(2, 3, 4), scale=Scale()).value
    Decimal('3.53')
    """
    weight = _percent(latest_percent, 50, 99)
    given = in_order(evidence, scale)
    method = f"decaying average, {latest_percent}/{100 - latest_percent}"
    if not given:
        return result(method, None, evidence=evidence, steps=[NOTHING], source=CANVAS)
    running, steps = given[0], [f"Start with {given[0]}."]
    for score in given[1:]:
        following = weight * score + (1 - weight) * running
        steps.append(f"{weight} × {score} + {1 - weight} × {_short(running)} = {_short(following)}.")
        running = following
    steps.append(f"To hundredths {rounded(running)}.")
    return result(method, rounded(running), evidence=evidence, steps=steps, source=CANVAS)


def median_of_recent(evidence: Sequence[Evidence], *, scale: Scale, count: int | None = None) -> Result:
    """The middle of the latest scores; the mean of the two middle ones when their number is even.

    count: how many of the latest, None for all. Raises InputError for a count below 1. Source: TeacherEase.

    >>> from commonground.engine.mastery.evidence import scores
    >>> median_of_recent(scores(4, 3, 3, 2, 2, 2, 1), scale=Scale()).value
    Decimal('2.00')
    """
    if count is not None:
        _at_least_one(count, "count")
    given = in_order(evidence, scale)
    recent = given if count is None else given[-count:]
    method = "median" if count is None else f"median of the latest {count}"
    if not recent:
        return result(method, None, evidence=evidence, steps=[NOTHING], source="TeacherEase")
    middle = median(recent)
    steps = [f"In order of size {_list(sorted(recent))}; the middle is {middle}."]
    return result(method, rounded(middle), evidence=evidence, steps=steps, source="TeacherEase")


def mode(evidence: Sequence[Evidence], *, scale: Scale) -> Result:
    """The most frequent score; among equally frequent ones the one given last. Source: Educate.

    >>> from commonground.engine.mastery.evidence import scores
    >>> mode(scores(1, 2, 3, 3, 4), scale=Scale()).value
    Decimal('3.00')
    """
    given = in_order(evidence, scale)
    source = "Educate, standards-based grading calculations"
    if not given:
        return result("mode", None, evidence=evidence, steps=[NOTHING], source=source)
    counts = Counter(given)
    most = max(counts.values())
    last = next(score for score in reversed(given) if counts[score] == most)
    tied = sorted(score for score, count in counts.items() if count == most)
    steps = [
        f"{_list(tied)} given {most} times each; {last} was given last."
        if len(tied) > 1
        else f"{last} was given {most} times, more often than any other."
    ]
    return result("mode", rounded(last), evidence=evidence, steps=steps, source=source)


def _mean_of(method: str, given: Sequence[Decimal], evidence: Sequence[Evidence], source: str) -> Result:
    if not given:
        return result(method, None, evidence=evidence, steps=[NOTHING], source=source)
    total = sum(given, Decimal(0))
    mean = total / len(given)
    steps = [
        f"({' + '.join(str(score) for score in given)}) ÷ {len(given)} = {_short(mean)}, to hundredths {rounded(mean)}."
    ]
    return result(method, rounded(mean), evidence=evidence, steps=steps, source=source)


def _list(given: Sequence[Decimal]) -> str:
    return ", ".join(str(score) for score in given)


def _short(value: Decimal) -> str:
    """At most six decimals, without trailing zeros."""
    return f"{round(value, 6).normalize():f}"


def _percent(percent: int, least: int, most: int) -> Decimal:
    if not least <= percent <= most:
        raise InputError(f"the latest score cannot count {percent} percent; choose {least} to {most}")
    return Decimal(percent) / 100


def _at_least_one(number: int, name: str) -> None:
    if number < 1:
        raise InputError(f"{name} is {number}; give 1 or more")
