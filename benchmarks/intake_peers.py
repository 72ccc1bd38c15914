"""The peers of intake: raw COPY of the same final rows, and pandas with pandera."""

import io
import time
import uuid
from pathlib import Path

import psycopg

PEER = "peer"


def _superuser() -> psycopg.Connection:
    from commonground.store.database import dsn

    return psycopg.connect(dsn("postgres"))


def _tables() -> list[str]:
    from commonground.apps.intake.tables import TABLES

    return [table.db_table for table in TABLES]


def _make_peers(connection: psycopg.Connection) -> None:
    """Tables with the same columns, indexes, checks and foreign keys, and neither policies nor triggers."""
    connection.execute(f"drop schema if exists {PEER} cascade")
    connection.execute(f"create schema {PEER}")
    tables = _tables()
    for table in tables:
        connection.execute(f"create table {PEER}.{table} (like public.{table} including all)")
    connection.execute(f"insert into {PEER}.core_organization select * from core_organization where owner_id is null")
    keys = connection.execute(
        "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint"
        " where contype = 'f' and conrelid = any(%s::regclass[])",
        [tables],
    ).fetchall()
    for table, name, definition in keys:
        connection.execute(
            f"alter table {PEER}.{table} add constraint {name} {definition.replace('REFERENCES ', f'REFERENCES {PEER}.')}"
        )
    connection.commit()


def raw_copy(folder: Path) -> float:
    """Seconds of COPY of every roster row, by the owner of the tables: no policies, no audit, nothing read or checked."""
    with _superuser() as connection:
        _make_peers(connection)
        files = {}
        for table in _tables():
            files[table] = folder / f"{table}.csv"
            only = " where owner_id is not null" if table == "core_organization" else ""
            with (
                files[table].open("wb") as file,
                connection.cursor().copy(f"copy (select * from public.{table}{only}) to stdout (format csv)") as copy,
            ):
                for block in copy:
                    file.write(block)
        connection.commit()
        began = time.perf_counter()
        for table, path in files.items():
            _copy_in(connection, table, path)
        connection.commit()
        seconds = time.perf_counter() - began
        for path in files.values():
            path.unlink()
        connection.execute(f"drop schema {PEER} cascade")
    return seconds


def _copy_in(connection: psycopg.Connection, table: str, source: Path) -> None:
    with source.open("rb") as file, connection.cursor().copy(f"copy {PEER}.{table} from stdin (format csv)") as copy:
        while block := file.read(1 << 20):
            copy.write(block)


def pandas_and_pandera(folder: Path, bundles: dict[str, Path], *, districts: int) -> tuple[float, int]:
    """Seconds and rows written by a careful pandas script, one process: read, check, join ids, COPY as the tables' owner.

    Everything is new to it: it neither compares with what is known nor keeps lines, batches or digests.
    """
    chosen = dict(list(bundles.items())[:districts])
    with _superuser() as connection:
        _make_peers(connection)
        owners = dict(
            connection.execute("select state_id, id from core_organization where state_id = any(%s)", [list(chosen)])
        )
        _checked(next(iter(chosen.values())))  # what is only imported and compiled once is not timed
        began, rows = time.perf_counter(), 0
        for state_id, bundle in chosen.items():
            for table, frame in _roster(_checked(bundle), owner=str(owners[state_id])):
                text = io.StringIO()
                frame.to_csv(text, index=False, header=False)
                columns = ", ".join(frame.columns)
                statement = f"copy {PEER}.{table} ({columns}) from stdin (format csv)"
                with connection.cursor().copy(statement) as copy:
                    copy.write(text.getvalue())
                rows += len(frame)
            connection.commit()
        seconds = time.perf_counter() - began
        connection.execute(f"drop schema {PEER} cascade")
    return seconds, rows


def _checked(bundle: Path) -> dict:
    """The bundle's files as frames; ids, references, enumerations and days are checked. Raises on the first fault."""
    import pandas
    import pandera.pandas as pandera

    frames = {
        path.stem: pandas.read_csv(path, dtype=str, keep_default_na=False)
        for path in bundle.glob("*.csv")
        if path.stem != "manifest"
    }
    key = pandera.Column(str, pandera.Check.str_length(min_value=1), unique=True)
    day = pandera.Column(str, pandera.Check.str_matches(r"^\d{4}-\d\d-\d\d$"))
    flag = pandera.Column(str, pandera.Check.isin(["true", "false", ""]))
    roles = pandera.Column(str, pandera.Check.isin(["student", "parent", "teacher"]))
    schemas = {
        "orgs": {"type": pandera.Column(str, pandera.Check.isin(["district", "school"]))},
        "academicSessions": {"startDate": day, "endDate": day},
        "courses": {},
        "classes": {"classType": pandera.Column(str, pandera.Check.isin(["homeroom", "scheduled"]))},
        "users": {"enabledUser": flag, "givenName": pandera.Column(str), "familyName": pandera.Column(str)},
        "roles": {"role": roles, "roleType": pandera.Column(str, pandera.Check.isin(["primary", "secondary"]))},
        "enrollments": {"role": roles, "beginDate": day, "endDate": day},
        "demographics": {"birthDate": day, "sex": pandera.Column(str), "white": flag, "asian": flag},
    }
    for kind, columns in schemas.items():
        pandera.DataFrameSchema({"sourcedId": key} | columns).validate(frames[kind], lazy=True)
    references = (
        ("classes", "courseSourcedId", "courses"),
        ("classes", "schoolSourcedId", "orgs"),
        ("roles", "userSourcedId", "users"),
        ("roles", "orgSourcedId", "orgs"),
        ("enrollments", "classSourcedId", "classes"),
        ("enrollments", "userSourcedId", "users"),
        ("enrollments", "schoolSourcedId", "orgs"),
        ("demographics", "sourcedId", "users"),
    )
    for kind, column, target in references:
        if not frames[kind][column].isin(frames[target]["sourcedId"]).all():
            raise ValueError(f"{kind}.{column}")
    if frames["enrollments"].duplicated(["classSourcedId", "userSourcedId", "role"]).any():
        raise ValueError("enrollments repeated")
    return frames


def _roster(frames: dict, *, owner: str):
    """The roster tables of a bundle in the order of their keys: name and frame."""
    import pandas

    def ids(count: int) -> list[str]:
        return [str(uuid.uuid4()) for _ in range(count)]

    def rows(frame, **columns):
        """id, owner, source id and the named columns of a file."""
        made = pandas.DataFrame({"source_id": frame["sourcedId"].to_numpy()})
        for name, values in columns.items():
            made[name] = values.to_numpy() if hasattr(values, "to_numpy") else values
        return made.assign(id=ids(len(made)), owner_id=owner, file="bundle")

    def to(column, target):
        return column.map(target.set_index("source_id")["id"])

    orgs, users, roles, seats = (frames[kind] for kind in ("orgs", "users", "roles", "enrollments"))
    schools = orgs[orgs["type"] == "school"]
    school = rows(schools, name=schools["name"], kind="school", state_id=schools["identifier"], invented=False)
    yield "core_organization", school
    terms = frames["academicSessions"]
    yield (
        "roster_term",
        rows(terms, title=terms["title"], kind=terms["type"], starts_on=terms["startDate"], ends_on=terms["endDate"]),
    )
    courses = frames["courses"]
    course = rows(courses, title=courses["title"], code=courses["courseCode"], grades=courses["grades"])
    yield "roster_course", course
    classes = frames["classes"]
    section = rows(
        classes,
        title=classes["title"],
        code=classes["classCode"],
        kind=classes["classType"],
        grades=classes["grades"],
        course_id=to(classes["courseSourcedId"], course),
        school_id=to(classes["schoolSourcedId"], school),
        term_source_ids=classes["termSourcedIds"],
    )
    yield "roster_section", section
    role_of = users["sourcedId"].map(roles.set_index("userSourcedId")["role"])
    name_key = (
        (users["familyName"] + " " + users["givenName"])
        .str.normalize("NFKD")
        .str.encode("ascii", "ignore")
        .str.decode("ascii")
        .str.lower()
    )

    def persons(role: str, **columns: str):
        chosen = users[role_of == role]
        named = {"given_name": "givenName", "family_name": "familyName", "email": "email"} | columns
        return chosen, rows(chosen, **{name: chosen[column] for name, column in named.items()})

    chosen, student = persons(
        "student", grade="grades", local_number="identifier", home_language="metadata.homeLanguage"
    )
    yield "roster_student", student.assign(name_key=name_key[chosen.index].to_numpy())
    births = frames["demographics"]
    yield (
        "roster_demographics",
        rows(
            births,
            student_id=to(births["sourcedId"], student),
            birth_on=births["birthDate"],
            sex=births["sex"],
            american_indian=births["americanIndianOrAlaskaNative"],
            asian=births["asian"],
            black=births["blackOrAfricanAmerican"],
            pacific_islander=births["nativeHawaiianOrOtherPacificIslander"],
            white=births["white"],
            two_or_more=births["demographicRaceTwoOrMoreRaces"],
            hispanic=births["hispanicOrLatinoEthnicity"],
        ),
    )
    _, staff = persons("teacher", local_number="identifier")
    yield "roster_staffmember", staff
    teachers, students = roles[roles["role"] == "teacher"], roles[roles["role"] == "student"]
    yield (
        "roster_staffrole",
        rows(
            teachers,
            staff_id=to(teachers["userSourcedId"], staff),
            school_id=to(teachers["orgSourcedId"], school),
            role=teachers["role"],
            is_primary=teachers["roleType"] == "primary",
        ),
    )
    adults, guardian = persons("parent", phone="phone", sms="sms", home_language="metadata.homeLanguage")
    yield "roster_guardian", guardian
    links = rows(adults, guardian_id=guardian["id"], student_id=to(adults["agentSourcedIds"], student))
    yield "roster_guardianship", links.assign(source_id=links["source_id"] + ":" + adults["agentSourcedIds"].to_numpy())
    yield (
        "roster_schoolenrollment",
        rows(
            students,
            student_id=to(students["userSourcedId"], student),
            school_id=to(students["orgSourcedId"], school),
            grade=students["userSourcedId"].map(student.set_index("source_id")["grade"]),
            is_primary=students["roleType"] == "primary",
        ),
    )
    for role, table, column, people in (
        ("student", "roster_enrollment", "student_id", student),
        ("teacher", "roster_teaching", "staff_id", staff),
    ):
        taken = seats[seats["role"] == role]
        named = {
            column: to(taken["userSourcedId"], people),
            "section_id": to(taken["classSourcedId"], section),
            "school_id": to(taken["schoolSourcedId"], school),
            "begins_on": taken["beginDate"],
            "ends_on": taken["endDate"],
        }
        if role == "teacher":
            named["is_primary"] = taken["primary"] == "true"
        yield table, rows(taken, **named)
