"""Willmar's next bundle: students who left, students who came within the last two weeks, and rows that changed.

Every arrival takes the place of a leaver of the same school, grade, group and sex: the counts stay the state's.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from commonground.demonstration.names import BY_GROUP, pick
from commonground.demonstration.oneroster import Table, Tables, Writer
from commonground.demonstration.people import add_child, give_numbers, new_household
from commonground.demonstration.records import Household, Student

LEAVERS_PER_SCHOOL = 2
CHANGED_PHONES, CHANGED_LANGUAGES, CHANGED_ROOMS = 20, 3, 4


@dataclass(frozen=True)
class FollowUp:
    """The bundle and what a preview must say of it. leavers, arrivals: source ids of students, in the same order.

    new, changed, missing: roster table -> rows, compared with the first bundle's accepted rows. path: None until written.
    """

    district_id: str
    leavers: tuple[str, ...]
    arrivals: tuple[str, ...]
    new: dict[str, int]
    changed: dict[str, int]
    missing: dict[str, int]
    path: Path | None = None


def change(tables: Tables, writer: Writer, *, kept: set[str], today: date, rng: Random) -> tuple[Tables, FollowUp]:
    """The next bundle's tables, and how they differ; the given ones stay. kept: source ids of students who stay."""
    tables = {kind: Table(table.columns, [list(row) for row in table.rows]) for kind, table in tables.items()}
    writer.tables = tables
    leaving = _leaving(writer, kept=kept, rng=rng)
    missing, new = Counter[str](), Counter[str]()
    arrivals = []
    number = len(writer.roster.students)
    for household in leaving:
        left = household.students[0]
        seats = _remove(tables, household)
        missing.update(_rows_of(household, seats=len(seats)))
        number += 1
        came = _arrive(writer, left, number=number, today=today, rng=rng)
        for section in writer.roster.sections:
            if section.source_id in seats:
                writer.enroll(section, came.students[0].source_id, "student", begins_on=came.students[0].begins_on)
        new.update(_rows_of(came, seats=len(seats)))
        arrivals.append(came.students[0].source_id)
    changed = _edit(tables, rng=rng)
    leavers = tuple(household.students[0].source_id for household in leaving)
    follow_up = FollowUp(
        district_id=writer.roster.district_id,
        leavers=leavers,
        arrivals=tuple(arrivals),
        new=dict(new),
        changed=changed,
        missing=dict(missing),
    )
    return tables, follow_up


def _leaving(writer: Writer, *, kept: set[str], rng: Random) -> list[Household]:
    """Per school some families of one child who are nobody's cast."""
    leaving = []
    for school in writer.roster.schools:
        alone = [
            household
            for household in writer.roster.households
            if len(household.students) == 1
            and household.students[0].school is school
            and household.students[0].source_id not in kept
        ]
        leaving.extend(rng.sample(alone, min(LEAVERS_PER_SCHOOL, len(alone))))
    return leaving


def _rows_of(household: Household, *, seats: int) -> dict[str, int]:
    """Roster rows that come or go with a family of one child."""
    adults = len(household.adults)
    one = dict.fromkeys(("student", "demographics", "school_enrollment"), 1)
    return {**one, "guardian": adults, "guardianship": adults, "enrollment": seats}


def _remove(tables: Tables, household: Household) -> set[str]:
    """Takes the family out of every file; source ids of the classes in which the child sat."""
    student = household.students[0].source_id
    gone = {student, *(adult.source_id for adult in household.adults)}
    enrollments = tables["enrollments"]
    user, section = enrollments.column("userSourcedId"), enrollments.column("classSourcedId")
    seats = {row[section] for row in enrollments.rows if len(row) > 1 and row[user] == student}
    for kind, column in (
        ("users", "sourcedId"),
        ("roles", "userSourcedId"),
        ("enrollments", "userSourcedId"),
        ("demographics", "sourcedId"),
    ):
        table = tables[kind]
        place = table.column(column)
        table.rows[:] = [row for row in table.rows if len(row) <= place or row[place] not in gone]
    return seats


def _arrive(writer: Writer, left: Student, *, number: int, today: date, rng: Random) -> Household:
    """A new family whose child takes the place that `left` had, written into the writer's tables."""
    community = pick(BY_GROUP[left.group], rng)
    household = new_household(community, ids=writer.ids, rng=rng)
    child = add_child(
        household,
        left.grade,
        left.sex,
        group=left.group,
        races=left.races,
        school=left.school,
        ids=writer.ids,
        year=writer.year,
        rng=rng,
    )
    give_numbers(child, writer.roster.district_id, number)
    child.begins_on = max(writer.year.first_day, today - timedelta(rng.randrange(1, 14)))
    writer.add_student(child)
    for adult in household.adults:
        writer.add_guardian(adult)
    return household


def _edit(tables: Tables, *, rng: Random) -> dict[str, int]:
    """New telephone numbers, another home language and other rooms; rows changed per roster table."""
    users, classes = tables["users"], tables["classes"]
    whole = [row for row in users.rows if len(row) == len(users.columns) and all(row[place] for place in (0, 6, 7))]
    phone, sms = users.column("phone"), users.column("sms")
    language, grades = users.column("metadata.homeLanguage"), users.column("grades")
    once = Counter(row[0] for row in whole)
    guardians = [row for row in whole if row[phone] and row[language] and once[row[0]] == 1]
    students = [row for row in whole if row[grades] and row[language] == "en"]
    for row in rng.sample(guardians, CHANGED_PHONES):
        row[phone] = row[sms] = _other(row[phone], lambda: f"320-555-01{rng.randrange(100):02d}")
    for row in rng.sample(students, CHANGED_LANGUAGES):
        row[language] = "es"
    room, status = classes.column("location"), classes.column("status")
    for row in rng.sample([row for row in classes.rows if row[status] == "active"], CHANGED_ROOMS):
        row[room] = _other(row[room], lambda: f"Room {rng.randrange(300, 400)}")
    return {"guardian": CHANGED_PHONES, "student": CHANGED_LANGUAGES, "section": CHANGED_ROOMS}


def _other(value: str, draw: Callable[[], str]) -> str:
    """A drawn value that differs from the one given."""
    while (drawn := draw()) == value:
        pass
    return drawn
