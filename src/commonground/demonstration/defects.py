"""What is wrong with real exports, planted so that no defect ever costs a student.

Held rows are guardians, duties and seats of people who do not exist; left-out rows are repetitions, blank lines and ended
classes; notes are columns, cases and stamps that deviate. `Planter` records each with its outcome, so that a reader of the
bundle can be checked to the row.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from commonground.demonstration import oneroster
from commonground.demonstration.oneroster import Row, Table, Tables, Writer
from commonground.demonstration.packing import Packed

HELD, LEFT_OUT, NOTE = "held", "left_out", "note"


@dataclass(frozen=True)
class Defect:
    """One planted deviation; `code` as in `formats.problems`. kind: OneRoster name of the file; file: its path inside the bundle.

    line: where its row starts, from 1; 0 when a note is about the file or many of its rows. because_of: file and line of the
    held row that this one depends on, or None. outcome: held, left_out or note.
    """

    district_id: str
    code: str
    outcome: str
    kind: str
    file: str
    line: int
    because_of: tuple[str, int] | None = None


@dataclass
class _Planted:
    code: str
    outcome: str
    kind: str
    row: Row | None
    because_of: tuple[str, Row] | None = None


@dataclass
class Planter:
    """Changes one district's clean tables and remembers what it did.

    added: roster tables that gain accepted rows (or lose them, where negative). modes: what the manifest says of each file.
    """

    tables: Tables
    writer: Writer
    rng: Random
    modes: dict[str, str]
    planted: list[_Planted] = field(default_factory=list)
    added: Counter[str] = field(default_factory=Counter)

    def values(self, kind: str, **named: str) -> Row:
        """A row of this kind with the vendor's stamp and the named columns filled."""
        table = self.tables[kind]
        row = [""] * len(table.columns)
        if "status" in table.columns:
            row[table.column("status")], row[table.column("dateLastModified")] = self.writer.stamp
        for name, value in named.items():
            row[table.column(name)] = value
        return row

    def insert(self, kind: str, row: Row) -> Row:
        """Puts the row somewhere among the others."""
        rows = self.tables[kind].rows
        rows.insert(self.rng.randrange(len(rows)) + 1, row)
        return row

    def held(self, code: str, kind: str, row: Row, *, because_of: tuple[str, Row] | None = None) -> Row:
        self.planted.append(_Planted(code, HELD, kind, self.insert(kind, row), because_of))
        return row

    def left_out(self, code: str, kind: str, row: Row) -> Row:
        """At the end of the file: of two equal rows the later one is the repetition."""
        self.tables[kind].rows.append(row)
        self.planted.append(_Planted(code, LEFT_OUT, kind, row))
        return row

    def note(self, code: str, kind: str, row: Row | None = None) -> None:
        self.planted.append(_Planted(code, NOTE, kind, row))

    def watched(self) -> list[Row]:
        rows = [planted.row for planted in self.planted if planted.row is not None]
        return rows + [planted.because_of[1] for planted in self.planted if planted.because_of]

    def defects(self, district_id: str, packed: Packed) -> tuple[Defect, ...]:
        """What was planted, with the lines on which it was written."""
        return tuple(
            Defect(
                district_id=district_id,
                code=planted.code,
                outcome=planted.outcome,
                kind=planted.kind,
                file=packed.files[planted.kind],
                line=0 if planted.row is None else packed.lines[id(planted.row)],
                because_of=planted.because_of
                and (packed.files[planted.because_of[0]], packed.lines[id(planted.because_of[1])]),
            )
            for planted in self.planted
        )


def _some_class(planter: Planter) -> tuple[str, str]:
    """Source ids of a class and of its school."""
    table = planter.tables["classes"]
    row = table.rows[planter.rng.randrange(len(table.rows))]
    return row[table.column("sourcedId")], row[table.column("schoolSourcedId")]


def _seat(planter: Planter, user_id: str, role: str, **changes: str) -> Row:
    """An enrollment row, not yet in the table."""
    class_id, school_id = _some_class(planter)
    values = {
        "sourcedId": planter.writer.ids.new("enrollment"),
        "classSourcedId": class_id,
        "schoolSourcedId": school_id,
        "userSourcedId": user_id,
        "role": role,
        "primary": "false" if role == "teacher" else "",
        "beginDate": f"{planter.writer.year.first_day}",
        "endDate": f"{planter.writer.year.last_day}",
    }
    return planter.values("enrollments", **{**values, **changes})


def _aide(planter: Planter) -> str:
    """Source id of someone on the staff who teaches no class."""
    return next(person.source_id for person in planter.writer.roster.staff if person.role == "aide")


def _repeat_seats(planter: Planter, count: int) -> None:
    """Students seated twice in the same class, as overnight jobs do it."""
    table = planter.tables["enrollments"]
    students = [row for row in table.rows if row[table.column("role")] == "student"]
    for row in planter.rng.sample(students, count):
        repeated = list(row)
        repeated[table.column("sourcedId")] = planter.writer.ids.new("enrollment")
        planter.left_out("enrollment_repeated", "enrollments", repeated)


def _blank_line(planter: Planter, kind: str) -> None:
    planter.left_out("blank_line", kind, [""])


def _add_column(planter: Planter, kind: str, name: str, value: Callable[[int], str]) -> None:
    """A column the standard does not know; value: from the row's position."""
    table = planter.tables[kind]
    table.columns = (*table.columns, name)
    for place, row in enumerate(table.rows):
        row.append(value(place))
    planter.note("column_unknown", kind)


def willmar(planter: Planter) -> None:
    """A large 1.2 export with everything that has to wait for a person."""
    ids, roster, year = planter.writer.ids, planter.writer.roster, planter.writer.year
    family = roster.households[0]
    school_id = family.students[0].school.source_id

    def guardian(**changes: str) -> Row:
        values = {
            "sourcedId": ids.new("guardian"),
            "enabledUser": "true",
            "username": f"guardian{planter.rng.randrange(10_000, 100_000)}",
            "givenName": "Elise",
            "familyName": "Strand",
            "email": "elise.strand@example.org",
            "agentSourcedIds": family.students[0].source_id,
            "primaryOrgSourcedId": school_id,
        }
        return planter.values("users", **{**values, **changes})

    def role_of(user: Row, **changes: str) -> Row:
        values = {
            "sourcedId": ids.new("role"),
            "userSourcedId": user[0],
            "roleType": "primary",
            "role": "parent",
            "orgSourcedId": school_id,
        }
        return planter.values("roles", **{**values, **changes})

    nameless = planter.held("name_missing", "users", guardian(familyName=""))
    planter.held("depends_on_held", "roles", role_of(nameless), because_of=("users", nameless))
    first = planter.held("id_repeated", "users", guardian(phone="320-555-0121"))
    second = guardian(sourcedId=first[0], familyName="Strand-Moe", phone="320-555-0122")
    planter.held("id_repeated", "users", second)
    planter.held("depends_on_held", "roles", role_of(first), because_of=("users", first))
    planter.held("id_missing", "users", guardian(sourcedId=""))
    planter.held("row_width", "users", guardian()[:9])
    aide = next(row for row in planter.tables["users"].rows if row[0] == _aide(planter))
    nowhere = role_of(aide, role="aide", roleType="secondary", orgSourcedId=ids.new("org"))
    planter.held("org_unknown", "roles", nowhere)
    planter.held("user_unknown", "enrollments", _seat(planter, ids.new("student"), "student"))
    lost = _seat(planter, aide[0], "teacher", classSourcedId=ids.new("class"))
    planter.held("class_unknown", "enrollments", lost)
    never = f"{year.ends_on.year}-02-30"
    planter.held("date_impossible", "enrollments", _seat(planter, aide[0], "teacher", beginDate=never))
    planter.held(
        "user_unknown", "demographics", planter.values("demographics", sourcedId=ids.new("student"), sex="female")
    )
    _repeat_seats(planter, 3)
    _ended_class(planter)
    _blank_line(planter, "enrollments")
    _profiles(planter)


def _ended_class(planter: Planter) -> None:
    """A class that the district dissolved, with the seat it still lists."""
    class_id, school_id = planter.writer.ids.new("class"), planter.writer.roster.schools[-1].source_id
    course = planter.writer.roster.courses[0]
    ended = planter.values(
        "classes",
        sourcedId=class_id,
        title="Dissolved in September",
        grades=course.grades[0],
        courseSourcedId=course.source_id,
        classCode="OLD-1",
        classType="scheduled",
        schoolSourcedId=school_id,
        termSourcedIds=planter.writer.semester_ids,
    )
    ended[1] = "tobedeleted"
    planter.left_out("to_be_deleted", "classes", ended)
    seat = _seat(planter, _aide(planter), "teacher", classSourcedId=class_id, schoolSourcedId=school_id)
    seat[1] = "tobedeleted"
    planter.left_out("to_be_deleted", "enrollments", seat)


def _profiles(planter: Planter) -> None:
    """Sign-in profiles of the staff: a file that may hold passwords and is never kept."""
    planter.tables["userProfiles"] = Table(oneroster.PROFILES)
    planter.modes["userProfiles"] = "bulk"
    for number, person in enumerate(planter.writer.roster.staff[:40], start=1):
        row = planter.values(
            "userProfiles",
            sourcedId=f"profile-{number}",
            userSourcedId=person.source_id,
            profileType="SYSTEM",
            vendorId="invented",
            credentialType="login",
            username=person.email,
            password=f"never-keep-{number}",
        )
        planter.left_out("profile_left_out", "userProfiles", row)


def new_london(planter: Planter) -> None:
    """Well kept: only the folder inside the archive is unusual."""
    planter.note("folder_nested", "manifest")


def montevideo(planter: Planter) -> None:
    """Dates where date-times belong, passwords in the users file, a semester whose year is missing, seats repeated."""
    for kind, table in planter.tables.items():
        place = table.column("dateLastModified")
        for row in table.rows:
            row[place] = row[place][:10]
        planter.note("changed_at_form", kind)
    users = planter.tables["users"]
    for number, row in enumerate(users.rows[:30]):
        row[users.column("password")] = f"never-keep-{number}"
    planter.note("password_column", "users")
    sessions = planter.tables["academicSessions"]
    lost = sessions.rows[-1]
    lost[sessions.column("parentSourcedId")] = planter.writer.ids.new("session")
    planter.note("parent_unknown", "academicSessions", lost)
    planter.held(
        "date_ambiguous",
        "enrollments",
        _seat(planter, _aide(planter), "teacher", beginDate=f"1/05/{planter.writer.year.number}"),
    )
    _repeat_seats(planter, 5)


def acgc(planter: Planter) -> None:
    """An old exporter: capitals where none belong, a former aide marked inactive, a file promised and not sent."""
    classes = planter.tables["classes"]
    for row in classes.rows:
        if row[classes.column("classType")] == "scheduled":
            row[classes.column("classType")] = "Scheduled"
    planter.note("enum_case", "classes")
    former = planter.values(
        "users",
        sourcedId=planter.writer.ids.new("staff"),
        enabledUser="false",
        orgSourcedIds=planter.writer.roster.schools[0].source_id,
        role="aide",
        username="former.aide",
        givenName="Sylvia",
        familyName="Hegstad",
        identifier="8001",
        email="sylvia.hegstad@example.org",
    )
    former[1] = "inactive"
    planter.insert("users", former)
    planter.note("status_unknown", "users", former)
    planter.added.update(staff=1, staff_role=1)
    planter.modes["results"] = "bulk"
    planter.note("file_not_there", "manifest")
    planter.note("file_name_case", "manifest")


def bold(planter: Planter) -> None:
    """Clean in every respect."""


def kms(planter: Planter) -> None:
    """A small system without courses; columns of its own, one with line breaks inside its values."""
    del planter.tables["courses"]
    planter.modes["courses"] = "absent"
    planter.added["course"] -= len(planter.writer.roster.courses)
    planter.note("file_absent", "classes")
    _add_column(planter, "users", "ext_busNote", lambda place: "Door 3,\nafter the bell" if place % 40 == 0 else "")
    _add_column(planter, "orgs", "ext_region", lambda place: "West Central")


def maccray(planter: Planter) -> None:
    """Carriage returns for line ends, columns in another order, a guardian named who was never sent."""
    users = planter.tables["users"]
    moved = users.column("grades")
    users.columns = (users.columns[0], users.columns[moved], *users.columns[1:moved], *users.columns[moved + 1 :])
    for row in users.rows:
        row[:] = [row[0], row[moved], *row[1:moved], *row[moved + 1 :]]
    planter.note("column_order", "users")
    agents = users.column("agentSourcedIds")
    student = next(row for row in users.rows if row[users.column("role")] == "student" and row[agents])
    student[agents] += f",{planter.writer.ids.new('guardian')}"
    planter.note("agent_unknown", "users", student)
    _blank_line(planter, "users")


PLANT = {
    "0347-01": willmar,
    "0345-01": new_london,
    "0129-01": montevideo,
    "2396-01": acgc,
    "2534-01": bold,
    "0775-01": kms,
    "2180-01": maccray,
}
