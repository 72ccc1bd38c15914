"""Splits of past cohorts in which nothing is learned from the future."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from commonground.engine.values import InputError


class FutureInformation(InputError):
    """Something that was not yet known on the day would be used."""


@dataclass(frozen=True, slots=True)
class PastStudent:
    """One student of a past cohort, as a pseudonym.

    checked_on: the first day the rule is tried on the student. data_until: the last day of what it reads.
    known_on: the day on which the outcome was known.
    """

    student: str
    cohort: int
    checked_on: date
    data_until: date
    known_on: date


@dataclass(frozen=True, slots=True)
class Split:
    """Cohorts to set a rule with, and the later cohort to try it on, by position in what was given."""

    learn_from: tuple[int, ...]
    try_on: tuple[int, ...]
    cohort: int


def time_honest_splits(students: Sequence[PastStudent]) -> tuple[Split, ...]:
    """For every cohort but the first: the earlier students whose outcome was known before its first check.

    A student who is in both is left out of the earlier ones. A cohort for which nothing was known yet is left out.
    Raises FutureInformation where a check reads data of a later day, or an outcome is known before its check.
    Source: leave-future-out with non-overlapping cohorts, EDM 2024, "NOLFO".

    >>> def at(year): return date(year, 10, 1)
    >>> students = [PastStudent("a", 2020, at(2020), at(2020), at(2021)), PastStudent("b", 2022, at(2022), at(2022), at(2023))]
    >>> time_honest_splits(students)
    (Split(learn_from=(0,), try_on=(1,), cohort=2022),)
    """
    for place, one in enumerate(students):
        if one.data_until > one.checked_on:
            raise FutureInformation(
                f"position {place}: the check of {one.checked_on} reads data up to {one.data_until}; cut it off there"
            )
        if one.known_on < one.checked_on:
            raise FutureInformation(
                f"position {place}: the outcome was known on {one.known_on}, before the check of {one.checked_on}"
            )
    splits = []
    for cohort in sorted({one.cohort for one in students}):
        try_on = tuple(place for place, one in enumerate(students) if one.cohort == cohort)
        first_check = min(students[place].checked_on for place in try_on)
        ids = {students[place].student for place in try_on}
        learn_from = tuple(
            place
            for place, one in enumerate(students)
            if one.cohort < cohort and one.known_on < first_check and one.student not in ids
        )
        if learn_from:
            splits.append(Split(learn_from, try_on, cohort))
    return tuple(splits)
