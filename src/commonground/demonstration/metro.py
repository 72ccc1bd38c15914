"""A large collaborative for benchmarks: clean OneRoster 1.2 folders, written as sets and not person by person.

Twenty-nine invented districts with 300,000 students are about 3.3 million rows. Names and languages are drawn from the
communities of `names`; families have one child and two adults; grades are of equal size. Nothing here stands for a real
district.
"""

# ruff: noqa: S608 - every name and text in this module's SQL is our own.

from datetime import date
from pathlib import Path
from random import Random

import duckdb

from commonground.demonstration.names import COMMUNITIES
from commonground.demonstration.oneroster import (
    CLASSES,
    COURSES,
    DEMOGRAPHICS,
    ENROLLMENTS,
    ORGS,
    ROLES,
    SESSIONS,
    USERS_12,
    manifest,
)
from commonground.demonstration.school_year import school_year_of

GRADES = ("KG", *(f"{grade:02d}" for grade in range(1, 13)))
CLASS_SIZE, SUBJECTS = 24, 6
LEVELS = (("E", 6, 450), ("M", 3, 900), ("H", 4, 1400))  # letter, grades, students a school holds
SETTING_OUT = (
    *(("european", "en", "white", 46), ("latino", "es", "hispanic", 14), ("somali", "so", "black", 14)),
    *(("african_american", "en", "black", 10), ("hmong", "hmn", "asian", 8), ("karen", "ksw", "asian", 3)),
    *(("arabic", "ar", "white", 3), ("dakota_ojibwe", "en", "american_indian", 2)),
)


def metro(folder: Path, *, students: int = 300_000, districts: int = 29, seed: int, today: date) -> dict[str, Path]:
    """Writes one folder per district below `folder`; district id (9901-01, ... of no real district) -> its path.

    students: in all; districts differ in size by a factor of up to five, and each has at least 13 students. Equal
    arguments give equal bytes.
    """
    rng = Random(seed)  # noqa: S311 - invented people, not secrets
    weights = [rng.uniform(1, 5) for _ in range(districts)]
    sizes = [max(len(GRADES), int(students * weight / sum(weights))) for weight in weights]
    sizes[-1] += students - sum(sizes)
    paths = {}
    connection = duckdb.connect(config={"threads": 1, "preserve_insertion_order": True})
    try:
        for place, size in enumerate(sizes, start=1):
            district_id = f"99{place:02d}-01"
            paths[district_id] = folder / f"oneroster-{district_id}"
            paths[district_id].mkdir(parents=True, exist_ok=True)
            _district(
                connection, paths[district_id], district_id=district_id, size=size, seed=seed + place, today=today
            )
    finally:
        connection.close()
    return paths


def _district(
    connection: duckdb.DuckDBPyConnection, folder: Path, *, district_id: str, size: int, seed: int, today: date
) -> None:
    year = school_year_of(today)
    _draw(connection, size=size, seed=seed)
    begins, ends = year.first_day.isoformat(), year.last_day.isoformat()
    stated = {"status": "'active'", "dateLastModified": f"'{today}T03:00:00.000Z'"}

    def write(kind: str, columns: tuple[str, ...], source: str, /, **values: str) -> None:
        """One file: SQL of the named columns over `source`; all others empty."""
        chosen = ", ".join(f'{({**stated, **values}).get(column, "NULL")} AS "{column}"' for column in columns)
        connection.execute(f"COPY (SELECT {chosen} FROM {source}) TO '{folder}/{kind}.csv' (HEADER, DELIMITER ',')")

    users = (*USERS_12, "metadata.homeLanguage")
    schools = f"""(SELECT '{district_id}' AS id, 'District {district_id} (invented)' AS name, 'district' AS type, '{district_id}' AS number, NULL AS parent
        UNION ALL SELECT school, 'School ' || school || ' (invented)', 'school', '{district_id}-' || (500 + row_number() OVER (ORDER BY school)), '{district_id}'
        FROM (SELECT DISTINCT school FROM pupil) ORDER BY id)"""
    write(
        "orgs", ORGS, schools, sourcedId="id", name="name", type="type", identifier="number", parentSourcedId="parent"
    )
    write(
        "academicSessions",
        SESSIONS,
        "(SELECT 1)",
        sourcedId="'Y'",
        title=f"'{year.name}'",
        type="'schoolYear'",
        startDate=f"'{year.starts_on}'",
        endDate=f"'{year.ends_on}'",
        schoolYear=f"'{year.number}'",
    )
    write(
        "courses",
        COURSES,
        "course",
        sourcedId="id",
        title="id",
        courseCode="id",
        grades="grade",
        orgSourcedId=f"'{district_id}'",
    )
    write(
        "classes",
        CLASSES,
        "section",
        sourcedId="id",
        title="'Class ' || id",
        grades="grade",
        courseSourcedId="course",
        classCode="id",
        classType="kind",
        schoolSourcedId="school",
        termSourcedIds="'Y'",
    )
    people = """(SELECT id, given, family, language, grade, school, NULL AS child FROM pupil
        UNION ALL SELECT 'G' || id || side, given, family, language, NULL, school, id FROM adult
        UNION ALL SELECT id, given, family, NULL, NULL, school, NULL FROM teacher)"""
    write(
        "users",
        users,
        people,
        sourcedId="id",
        enabledUser="'true'",
        username="lower(id)",
        givenName="given",
        familyName="family",
        identifier="id",
        agentSourcedIds="child",
        grades="grade",
        primaryOrgSourcedId="school",
        **{"metadata.homeLanguage": "language"},
    )
    roles = """(SELECT id, 'student' AS role, school FROM pupil
        UNION ALL SELECT 'G' || id || side, 'parent', school FROM adult
        UNION ALL SELECT id, 'teacher', school FROM teacher)"""
    write(
        "roles",
        ROLES,
        roles,
        sourcedId="'R' || id",
        userSourcedId="id",
        roleType="'primary'",
        role="role",
        orgSourcedId="school",
    )
    seats = """(SELECT section.id, section.school, section.teacher AS person, 'teacher' AS role, 'true' AS first FROM section
        UNION ALL SELECT section.id, section.school, pupil.id, 'student', NULL FROM pupil JOIN section USING (room, grade))"""
    write(
        "enrollments",
        ENROLLMENTS,
        seats,
        sourcedId="id || '-' || person",
        classSourcedId="id",
        schoolSourcedId="school",
        userSourcedId="person",
        role="role",
        primary="first",
        beginDate=f"'{begins}'",
        endDate=f"'{ends}'",
    )
    write(
        "demographics",
        DEMOGRAPHICS,
        "pupil",
        sourcedId="id",
        birthDate=f"(DATE '{year.starts_on.year - 5}-09-01' - to_years(step) - to_days((luck % 365)::INTEGER))::DATE",
        sex="CASE WHEN luck % 2 = 0 THEN 'female' ELSE 'male' END",
        americanIndianOrAlaskaNative="(race = 'american_indian')::VARCHAR",
        asian="(race = 'asian')::VARCHAR",
        blackOrAfricanAmerican="(race = 'black')::VARCHAR",
        nativeHawaiianOrOtherPacificIslander="'false'",
        white="(race IN ('white', 'hispanic'))::VARCHAR",
        demographicRaceTwoOrMoreRaces="'false'",
        hispanicOrLatinoEthnicity="(race = 'hispanic')::VARCHAR",
    )
    written = ("orgs", "academicSessions", "courses", "classes", "users", "roles", "enrollments", "demographics")
    table = manifest("1.2", dict.fromkeys(written, "bulk"), system="Invented SIS")
    lines = [",".join(row) for row in (list(table.columns), *table.rows)]
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _draw(connection: duckdb.DuckDBPyConnection, *, size: int, seed: int) -> None:
    """The district's tables: pupil, adult, section, teacher, course."""
    upto = 0
    setting: list[str] = []
    cases: list[tuple[str, str]] = []
    for community, language, race, weight in SETTING_OUT:
        upto += weight
        setting.append(f"({len(setting)}, {upto}, '{language}', '{race}')")
        names = COMMUNITIES[community]
        cases.append((_list(names.female + names.male), _list(names.family)))
    level = "CASE WHEN step < 6 THEN 'E' WHEN step < 9 THEN 'M' ELSE 'H' END"
    schools = " ".join(
        f"WHEN '{letter}' THEN {max(1, -(-size * grades // (len(GRADES) * holds)))}" for letter, grades, holds in LEVELS
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE setting AS SELECT * FROM (VALUES {", ".join(setting)}) AS t(place, upto, language, race);
        CREATE OR REPLACE TEMP TABLE names AS SELECT * FROM (VALUES
            {", ".join(f"({place}, {given}, {family})" for place, (given, family) in enumerate(cases))}) AS t(place, givens, families);
        CREATE OR REPLACE TEMP TABLE pupil AS
        WITH numbered AS (
            SELECT i, i % {len(GRADES)} AS step, i // {len(GRADES)} // {CLASS_SIZE} AS room, (hash(i, {seed}) >> 8)::BIGINT AS luck
            FROM range({size}) AS t(i)),
        placed AS (SELECT *, {level} AS level, (luck >> 20) % {upto} AS lot FROM numbered),
        settled AS (SELECT p.*, (SELECT min(place) FROM setting WHERE upto > p.lot) AS place FROM placed p)
        SELECT 'S' || i AS id, i, step, room, luck, {_list(GRADES)}[step + 1] AS grade,
               level || (room % CASE level {schools} END) AS school, language, race, place,
               givens[1 + luck % len(givens)] AS given, families[1 + (luck >> 10) % len(families)] AS family
        FROM settled JOIN setting USING (place) JOIN names USING (place) ORDER BY i;
        CREATE OR REPLACE TEMP TABLE adult AS
        SELECT id, side, i, school, family, language, givens[1 + (luck >> (12 + n)) % len(givens)] AS given
        FROM pupil JOIN names USING (place) CROSS JOIN (VALUES ('a', 0), ('b', 5)) AS sides(side, n) ORDER BY i, side;
        CREATE OR REPLACE TEMP TABLE section AS
        SELECT grade || '-' || room || '-' || subject AS id, grade, room, school, grade || '-' || subject AS course,
               CASE WHEN step < 6 THEN 'homeroom' ELSE 'scheduled' END AS kind,
               'T' || school || '-' || (row_number() OVER (PARTITION BY school ORDER BY step, room, subject) - 1) // 5 AS teacher
        FROM (SELECT DISTINCT grade, step, room, school FROM pupil) CROSS JOIN range({SUBJECTS}) AS t(subject)
        WHERE step >= 6 OR subject = 0 ORDER BY step, room, subject;
        CREATE OR REPLACE TEMP TABLE course AS SELECT DISTINCT course AS id, grade FROM section ORDER BY id;
        CREATE OR REPLACE TEMP TABLE teacher AS
        SELECT id, school, givens[1 + luck % len(givens)] AS given, families[1 + (luck >> 10) % len(families)] AS family
        FROM (SELECT DISTINCT teacher AS id, school, (hash(teacher, {seed}) >> 8)::BIGINT AS luck FROM section), names
        WHERE place = 0 ORDER BY id;
        """
    )


def _list(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join("'" + text.replace("'", "''") + "'" for text in texts) + "]"
