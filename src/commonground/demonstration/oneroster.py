"""A district's roster as the tables of OneRoster 1.1 or 1.2, row by row, without a defect."""

from dataclasses import dataclass, field
from datetime import date

from commonground.demonstration.names import plain
from commonground.demonstration.people import Ids
from commonground.demonstration.records import Guardian, Roster, Section, Staff, Student
from commonground.demonstration.school_year import SchoolYear

Row = list[str]


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ORGS = _names("sourcedId status dateLastModified name type identifier parentSourcedId")
SESSIONS = _names("sourcedId status dateLastModified title type startDate endDate parentSourcedId schoolYear")
COURSES = _names(
    "sourcedId status dateLastModified schoolYearSourcedId title courseCode grades orgSourcedId subjects subjectCodes"
)
CLASSES = _names(
    "sourcedId status dateLastModified title grades courseSourcedId classCode classType location schoolSourcedId "
    "termSourcedIds subjects subjectCodes periods"
)
USERS_11 = _names(
    "sourcedId status dateLastModified enabledUser orgSourcedIds role username userIds givenName familyName middleName "
    "identifier email sms phone agentSourcedIds grades password"
)
USERS_12 = _names(
    "sourcedId status dateLastModified enabledUser username userIds givenName familyName middleName identifier email sms "
    "phone agentSourcedIds grades password userMasterIdentifier preferredGivenName preferredMiddleName "
    "preferredFamilyName primaryOrgSourcedId pronouns"
)
ROLES = _names(
    "sourcedId status dateLastModified userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId"
)
ENROLLMENTS = _names(
    "sourcedId status dateLastModified classSourcedId schoolSourcedId userSourcedId role primary beginDate endDate"
)
DEMOGRAPHICS = _names(
    "sourcedId status dateLastModified birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican "
    "nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces hispanicOrLatinoEthnicity "
    "countryOfBirthCode stateOfBirthAbbreviation cityOfBirth publicSchoolResidenceStatus"
)
PROFILES = _names(
    "sourcedId status dateLastModified userSourcedId profileType vendorId applicationId description credentialType "
    "username password"
)
RACES = ("american_indian", "asian", "black", "pacific_islander", "white")  # in the order of DEMOGRAPHICS

MANIFEST_11 = _names(
    "academicSessions categories classes classResources courses courseResources demographics enrollments lineItems orgs "
    "resources results users"
)
MANIFEST_12 = _names(
    "academicSessions categories classes classResources courses courseResources demographics enrollments "
    "lineItemLearningObjectiveIds lineItems lineItemScoreScales orgs resources resultLearningObjectiveIds results "
    "resultScoreScales roles scoreScales userProfiles userResources users"
)
# OneRoster 1.1 has no principal and no counselor: vendors export both as administrators.
ROLE_IN_11 = {"principal": "administrator", "counselor": "administrator", "districtAdministrator": "administrator"}


@dataclass
class Table:
    """One CSV file to be: its columns and its rows, all text."""

    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)

    def add(self, *values: str) -> Row:
        row = list(values)
        self.rows.append(row)
        return row

    def column(self, name: str) -> int:
        return self.columns.index(name)


Tables = dict[str, Table]


class Writer:
    """Turns records into rows of one version, with the stamp (`active`, a time) this vendor puts on each."""

    def __init__(self, roster: Roster, *, version: str, year: SchoolYear, ids: Ids, stamp: tuple[str, str]) -> None:
        self.roster, self.version, self.year, self.ids, self.stamp = roster, version, year, ids, stamp
        self.tables: Tables = {}

    def write(self) -> Tables:
        """All tables by OneRoster name, the manifest left out."""
        if self.version == "1.1":
            users = (*USERS_11, "metadata.stateNumber", "metadata.homeLanguage")
        else:
            users = (*USERS_12, "metadata.homeLanguage")
        self.tables = {
            "orgs": Table(ORGS),
            "academicSessions": Table(SESSIONS),
            "courses": Table(COURSES),
            "classes": Table(CLASSES),
            "users": Table(users),
            "enrollments": Table(ENROLLMENTS),
            "demographics": Table(DEMOGRAPHICS),
        }
        if self.version == "1.2":
            self.tables["roles"] = Table(ROLES)
        self._orgs()
        self._sessions()
        for course in self.roster.courses:
            grades = ",".join(course.grades)
            self.tables["courses"].add(
                course.source_id,
                *self.stamp,
                self.year_id,
                course.title,
                course.code,
                grades,
                self.roster.source_id,
                course.subject,
                "",
            )
        for person in self.roster.staff:
            self._staff(person)
        for student in self.roster.students:
            self.add_student(student)
        for guardian in self.roster.guardians:
            self.add_guardian(guardian)
        for section in self.roster.sections:
            self._section(section)
        return self.tables

    def _orgs(self) -> None:
        add, roster = self.tables["orgs"].add, self.roster
        add(roster.source_id, *self.stamp, roster.name, "district", roster.district_id, "")
        for school in roster.schools:
            add(school.source_id, *self.stamp, school.name, "school", school.state_id, roster.source_id)

    def _sessions(self) -> None:
        year, add = self.year, self.tables["academicSessions"].add
        self.year_id, first, second = (self.ids.new("session") for _ in range(3))
        self.semester_ids = f"{first},{second}"
        turn = year.second_semester_on.isoformat()
        add(
            self.year_id,
            *self.stamp,
            f"School year {year.name}",
            "schoolYear",
            f"{year.starts_on}",
            f"{year.ends_on}",
            "",
            year.number,
        )
        add(first, *self.stamp, "Semester 1", "semester", f"{year.first_day}", turn, self.year_id, year.number)
        add(second, *self.stamp, "Semester 2", "semester", turn, f"{year.last_day}", self.year_id, year.number)

    def _staff(self, person: Staff) -> None:
        orgs = [school.source_id for school in person.schools] or [self.roster.source_id]
        username = f"{plain(person.given_name)[:1]}{plain(person.family_name)[:12]}{person.local_number}"
        if self.version == "1.1":
            self.tables["users"].add(
                *(
                    person.source_id,
                    *self.stamp,
                    "true",
                    ",".join(orgs),
                    ROLE_IN_11.get(person.role, person.role),
                    username,
                    "",
                ),
                *(person.given_name, person.family_name, person.middle_name, person.local_number, person.email),
                *("", "", "", "", "", "", ""),
            )
            return
        self.tables["users"].add(
            *(
                person.source_id,
                *self.stamp,
                "true",
                username,
                "",
                person.given_name,
                person.family_name,
                person.middle_name,
            ),
            *(person.local_number, person.email, "", "", "", "", "", "", "", "", "", orgs[0], "", ""),
        )
        for place, org in enumerate(orgs):
            self._role(person.source_id, person.role, org, is_primary=place == 0)

    def _role(self, user_id: str, role: str, org_id: str, *, is_primary: bool) -> None:
        kind = "primary" if is_primary else "secondary"
        begins, ends = f"{self.year.starts_on}", f"{self.year.ends_on}"
        self.tables["roles"].add(self.ids.new("role"), *self.stamp, user_id, kind, role, begins, ends, org_id, "")

    def add_student(self, student: Student) -> None:
        """The student's user, role and demographics; the seats in sections are the caller's."""
        agents = ",".join(guardian.source_id for guardian in student.guardians)
        username = f"{student.local_number}"
        email = f"{username}@students.example.org"
        if self.version == "1.1":
            self.tables["users"].add(
                *(student.source_id, *self.stamp, "true", student.school.source_id, "student", username, ""),
                *(student.given_name, student.family_name, student.middle_name, student.local_number, email, "", ""),
                *(agents, student.grade, "", student.state_number, student.language),
            )
        else:
            self.tables["users"].add(
                *(student.source_id, *self.stamp, "true", username, "", student.given_name, student.family_name),
                *(
                    student.middle_name,
                    student.local_number,
                    email,
                    "",
                    "",
                    agents,
                    student.grade,
                    "",
                    student.state_number,
                ),
                *(student.preferred_name, "", "", student.school.source_id, "", student.language),
            )
            self._role(student.source_id, "student", student.school.source_id, is_primary=True)
        self._demographics(student)

    def _demographics(self, student: Student) -> None:
        flags = ["true" if race in student.races else "false" for race in RACES]
        several = "true" if student.group == "two_or_more" else "false"
        hispanic = "true" if student.group == "hispanic" else "false"
        self.tables["demographics"].add(
            *(
                student.source_id,
                *self.stamp,
                f"{student.birth_on}",
                student.sex,
                *flags,
                several,
                hispanic,
                "",
                "",
                "",
                "",
            )
        )

    def add_guardian(self, guardian: Guardian) -> None:
        """The adult's user and, in 1.2, a role at every school where the family has a child."""
        orgs = list(dict.fromkeys(student.school.source_id for student in guardian.students))
        agents = ",".join(student.source_id for student in guardian.students)
        username = guardian.email.split("@")[0]
        if self.version == "1.1":
            self.tables["users"].add(
                *(guardian.source_id, *self.stamp, "true", ",".join(orgs), guardian.relation, username, ""),
                *(guardian.given_name, guardian.family_name, guardian.middle_name, "", guardian.email),
                *(guardian.phone, guardian.phone, agents, "", "", "", guardian.language),
            )
            return
        self.tables["users"].add(
            *(guardian.source_id, *self.stamp, "true", username, "", guardian.given_name, guardian.family_name),
            *(guardian.middle_name, "", guardian.email, guardian.phone, guardian.phone, agents, "", "", "", "", "", ""),
            *(orgs[0], "", guardian.language),
        )
        for place, org in enumerate(orgs):
            self._role(guardian.source_id, guardian.relation, org, is_primary=place == 0)

    def _section(self, section: Section) -> None:
        terms = self.year_id if section.kind == "homeroom" else self.semester_ids
        self.tables["classes"].add(
            *(
                section.source_id,
                *self.stamp,
                section.title,
                ",".join(section.grades),
                section.course.source_id,
                section.code,
            ),
            *(section.kind, f"Room {section.room}", section.school.source_id, terms, section.subject, ""),
            str(section.period or ""),
        )
        self.enroll(section, section.teacher.source_id, "teacher", begins_on=self.year.first_day)
        for student in section.students:
            self.enroll(section, student.source_id, "student", begins_on=student.begins_on)

    def enroll(self, section: Section, user_id: str, role: str, *, begins_on: date) -> Row:
        """The row that seats a person in a section until the last day of school."""
        primary = "true" if role == "teacher" else ""
        return self.tables["enrollments"].add(
            *(
                self.ids.new("enrollment"),
                *self.stamp,
                section.source_id,
                section.school.source_id,
                user_id,
                role,
                primary,
            ),
            *(f"{begins_on}", f"{self.year.last_day}"),
        )


def manifest(version: str, files: dict[str, str], *, system: str) -> Table:
    """The manifest. files: OneRoster name -> bulk, delta or absent; names not given are absent."""
    table = Table(("propertyName", "value"))
    table.add("manifest.version", "1.0")
    table.add("oneroster.version", version)
    for name in MANIFEST_11 if version == "1.1" else MANIFEST_12:
        table.add(f"file.{name}", files.get(name, "absent"))
    table.add("source.systemName", system)
    table.add("source.systemCode", "Invented people")
    return table
