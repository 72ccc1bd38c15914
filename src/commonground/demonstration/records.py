"""What stands in a district's student information system before it is exported: plain records, no file layout yet."""

from dataclasses import dataclass, field
from datetime import date

from commonground.demonstration.names import FamilyNames


@dataclass(slots=True)
class School:
    source_id: str
    state_id: str  # DDDD-TT-SSS
    name: str
    grades: tuple[str, ...]
    is_alternative: bool = False


@dataclass(slots=True)
class Guardian:
    source_id: str
    given_name: str
    middle_name: str
    family_name: str
    relation: str  # parent, guardian or relative
    email: str
    phone: str
    language: str  # BCP 47
    students: list["Student"] = field(default_factory=list)


@dataclass(slots=True)
class Student:
    source_id: str
    local_number: str
    state_number: str
    given_name: str
    middle_name: str
    family_name: str
    preferred_name: str
    grade: str
    group: str  # one of facts.GROUPS
    races: frozenset[str]  # what the family ticked: any of facts.GROUPS but hispanic and two_or_more
    sex: str  # male or female, as the state's table counts
    birth_on: date
    language: str
    school: School
    begins_on: date
    guardians: list[Guardian] = field(default_factory=list)


@dataclass(slots=True)
class Household:
    """Children who live together and the adults who care for them."""

    names: FamilyNames
    language: str
    adults: list[Guardian]
    students: list[Student]


@dataclass(slots=True)
class Staff:
    source_id: str
    given_name: str
    middle_name: str
    family_name: str
    role: str  # a role of OneRoster 1.2
    job: str
    schools: tuple[School, ...]  # empty: works for the district
    local_number: str
    email: str


@dataclass(slots=True)
class Course:
    source_id: str
    title: str
    code: str
    grades: tuple[str, ...]
    subject: str


@dataclass(slots=True)
class Section:
    source_id: str
    title: str
    code: str
    kind: str  # homeroom or scheduled
    grades: tuple[str, ...]
    subject: str
    room: str
    period: int | None  # None for a homeroom
    course: Course
    school: School
    teacher: Staff
    students: list[Student]


@dataclass(slots=True)
class Roster:
    """One district's whole export, in the order in which it will be written."""

    district_id: str
    name: str
    source_id: str
    schools: list[School]
    students: list[Student]
    households: list[Household]
    staff: list[Staff]
    courses: list[Course]
    sections: list[Section]

    @property
    def guardians(self) -> list[Guardian]:
        return [adult for household in self.households for adult in household.adults]
