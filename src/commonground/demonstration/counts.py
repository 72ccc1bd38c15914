"""Students by school, grade and group: of the drawn people, and of one earlier year that is invented altogether."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from commonground.demonstration.places import GRADES, PLAN_OF
from commonground.demonstration.records import Roster
from commonground.facts import GROUPS

# How the earlier year differs in the mean: the group's students then, for each one now.
EARLIER_SHARE = {"white": 1.03, "hispanic": 0.95, "black": 0.94, "asian": 0.97}


@dataclass(frozen=True)
class SchoolCount:
    """Students of one school (DDDD-TT-SSS) in one grade, by group (facts.GROUPS)."""

    school_id: str
    grade: str
    groups: dict[str, int]

    @property
    def district_id(self) -> str:
        return self.school_id[:7]

    @property
    def total(self) -> int:
        return sum(self.groups.values())


def school_counts(rosters: list[Roster]) -> tuple[SchoolCount, ...]:
    """The drawn students, counted; districts as given, then schools, then grades in order."""
    counted: Counter[tuple[str, str, str]] = Counter(
        (student.school.state_id, student.grade, student.group) for roster in rosters for student in roster.students
    )
    return tuple(
        SchoolCount(school.state_id, grade, {group: counted[school.state_id, grade, group] for group in GROUPS})
        for roster in rosters
        for school in roster.schools
        for grade in sorted(school.grades, key=GRADES.index)
        if any(counted[school.state_id, grade, group] for group in GROUPS)
    )


def earlier_counts(counts: tuple[SchoolCount, ...], *, rng: Random) -> tuple[SchoolCount, ...]:
    """The school year before, invented: every cell moves a little, protected groups were somewhat smaller."""
    return tuple(
        SchoolCount(
            count.school_id,
            count.grade,
            {
                group: max(0, round(now * EARLIER_SHARE.get(group, 1.0) + rng.gauss(0, 0.5 * now**0.5)))
                for group, now in count.groups.items()
            },
        )
        for count in counts
    )


def write_table(folder: Path, counts: tuple[SchoolCount, ...], *, ends_in: int) -> Path:
    """Invented counts of a school year as a table of enrollment, like the state's. ends_in: its last calendar year."""
    year = f"{ends_in - 1}-{ends_in % 100:02d}"
    names = {
        f"{plan.id}-{school.number}": (plan.name, school.name) for plan in PLAN_OF.values() for school in plan.schools
    }
    path = folder / f"invented-enrollment-{year}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        place = ("DataYear", "DistrictID", "DistrictName", "SchoolID", "SchoolName", "Grade")
        table.writerow([*place, *GROUPS, "TotalMinority", "TotalStudents"])
        for count in counts:
            groups = [count.groups[group] for group in GROUPS]
            district, school = names[count.school_id]
            place = (year, count.district_id, district, count.school_id, school, count.grade)
            table.writerow([*place, *groups, count.total - count.groups["white"], count.total])
    return path
