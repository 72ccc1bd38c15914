"""Several grades in one run, oldest first, so that younger siblings can follow."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from commonground.engine.assignment.deferred import deferred_acceptance
from commonground.engine.assignment.market import Applicant, market_of
from commonground.engine.assignment.outcome import Assignment
from commonground.engine.assignment.programs import Program
from commonground.engine.values import InputError


@dataclass(frozen=True, slots=True, eq=False)
class GradeRun:
    """The outcome for every grade.

    assignments: by grade, in the order in which they were run. linked: one sentence for each applicant whose priority
    or list was changed because of an older sibling. split_families: families whose children got different schools.
    """

    assignments: Mapping[str, Assignment]
    linked: tuple[str, ...]
    split_families: tuple[str, ...]

    @property
    def by_name(self) -> dict[str, str | None]:
        """Program name per applicant of all grades, None for no place."""
        return {name: place for one in self.assignments.values() for name, place in one.by_name.items()}


def assign_grades(
    applicants: Sequence[Applicant],
    programs: Sequence[Program],
    *,
    grades: Sequence[str],
    numbers: Mapping[str, int],
    sibling_class: int | None = 0,
    together: Collection[str] = (),
) -> GradeRun:
    """Deferred acceptance grade by grade; a seat of an older child helps the younger ones of the family.

    grades: in the order in which they are run, oldest first. numbers: lottery number per applicant name.
    sibling_class: at a school where a sibling was placed earlier in this run, the applicant's class becomes this one
    when it was a later one; None for no such priority. together: families who ask that the school of an older sibling
    move to the top of the younger ones' lists.
    With siblings a stable outcome of all grades at once may not exist: running them in order is a rule that is written
    down and can be checked, and each grade is stable given the ones before (Correa et al. 2022, Chile).
    Raises InputError for an unknown grade, programs of two grades in one list, or a missing number.

    >>> programs = [Program("arts 5", 1, grade="5", school="arts"), Program("arts 3", 1, grade="3", school="arts")]
    >>> people = [
    ...     Applicant("old", ("arts 5",), family="f"),
    ...     Applicant("young", ("arts 3",), classes={"arts 3": 1}, family="f"),
    ...     Applicant("other", ("arts 3",), classes={"arts 3": 1}),
    ... ]
    >>> run = assign_grades(people, programs, grades=["5", "3"], numbers={"old": 0, "other": 1, "young": 2})
    >>> run.by_name["young"], run.linked
    ('arts 3', ('young: a sibling was placed at arts in grade 5, so class 0 at arts 3',))
    """
    offered = {program.name: program for program in programs}
    waiting: dict[str, list[Applicant]] = {grade: [] for grade in grades}
    for applicant in applicants:
        waiting[_grade(applicant, offered, waiting)].append(applicant)
        if applicant.name not in numbers:
            raise InputError(f"applicant {applicant.name!r} has no lottery number; draw one for everyone")
    schools: dict[str, dict[str, str]] = {}
    assignments: dict[str, Assignment] = {}
    linked: list[str] = []
    for grade in grades:
        here = [program for program in programs if program.grade == grade]
        people = []
        for applicant in waiting[grade]:
            older = schools.get(applicant.family or "", {})
            changed, notes = _follow(applicant, offered, older, sibling_class, applicant.family in together)
            people.append(changed)
            linked += notes
        market = market_of(people, here)
        run = deferred_acceptance(market, np.array([numbers[one.name] for one in people], np.int32))
        assignments[grade] = run
        for applicant, place in zip(people, run.by_name.values(), strict=True):
            if applicant.family is not None and place is not None:
                schools.setdefault(applicant.family, {}).setdefault(offered[place].place, grade)
    return GradeRun(assignments, tuple(linked), tuple(sorted(name for name, seen in schools.items() if len(seen) > 1)))


def _grade(applicant: Applicant, offered: Mapping[str, Program], grades: Collection[str]) -> str:
    for name in applicant.choices:
        if name not in offered:
            raise InputError(f"applicant {applicant.name!r} asks for {name!r}, which is not among the programs")
    asked = sorted({str(offered[name].grade) for name in applicant.choices})
    if len(asked) != 1:
        raise InputError(f"applicant {applicant.name!r} asks for grades {asked}; one list is for one grade")
    if asked[0] not in grades:
        raise InputError(f"applicant {applicant.name!r} asks for grade {asked[0]}, which is not in this run")
    return asked[0]


def _follow(
    applicant: Applicant,
    offered: Mapping[str, Program],
    older: Mapping[str, str],
    sibling_class: int | None,
    stays_together: bool,
) -> tuple[Applicant, list[str]]:
    """The applicant with the priority and the list that an older sibling's place gives."""
    notes: list[str] = []
    classes = dict(applicant.classes)
    following = [name for name in applicant.choices if offered[name].place in older]
    for name in following:
        because = (
            f"{applicant.name}: a sibling was placed at {offered[name].place} in grade {older[offered[name].place]}"
        )
        if sibling_class is not None and classes.get(name, 0) > sibling_class:
            classes[name] = sibling_class
            notes.append(f"{because}, so class {sibling_class} at {name}")
        if stays_together and applicant.choices[0] not in following:
            notes.append(f"{because} and the family asks to stay together, so {name} comes first")
    choices = applicant.choices
    if stays_together:
        choices = (*following, *(name for name in choices if name not in following))
    return replace(applicant, choices=choices, classes=classes), notes
