"""Write the accepted rows as roster tables, and the books beside them, as Parquet files."""

# ruff: noqa: S608 - every name in this module's SQL is our own; texts from files are quoted or bound.

from collections.abc import Mapping, Sequence
from pathlib import Path

from commonground.formats.delimited import quoted
from commonground.formats.oneroster.layout import (
    CLASSES,
    DEMOGRAPHICS,
    GUARDIAN_ROLES,
    HOME_LANGUAGE,
    ORGS,
    RACES,
    SESSIONS,
    STAFF_ROLES,
    STATE_ID,
    STATE_NUMBER,
)
from commonground.formats.oneroster.staging import Staging
from commonground.formats.oneroster.tables import COLUMNS
from commonground.formats.oneroster.values import canonical, texts
from commonground.formats.reading import Root

_STAFF = texts(tuple(role.lower() for role in STAFF_ROLES))
_GUARDIANS = texts(tuple(role.lower() for role in GUARDIAN_ROLES))
_CANONICAL_STAFF = canonical("role", STAFF_ROLES)
_TYPE = canonical("type", ORGS.enumerations[0].values)


def write_tables(staging: Staging, folder: Path) -> dict[str, int]:
    """Write one Parquet file per roster table and return their numbers of rows."""
    for kind in staging.layouts:
        waiting = f"SELECT line FROM held WHERE kind = {quoted(kind)}"
        some = f" WHERE line NOT IN ({waiting})" if staging.one(waiting) else ""
        staging.run(f"CREATE VIEW live_{kind} AS SELECT * FROM {kind}{some}")
    _create_targets(staging)
    rows = {}
    for table, (kind, sql) in _selections(staging).items():
        columns = COLUMNS[table]
        content = ", ".join(f"coalesce({name}::VARCHAR, chr(30))" for name in (*columns, "extra"))
        select = f"""
            SELECT source_id, {quoted(staging.files.get(kind, ""))} AS file, line, md5(concat_ws(chr(31), {content})) AS digest,
                   {", ".join(columns)}, extra
            FROM ({sql})
            """
        rows[table] = staging.write(folder, table, select)
    return rows


def write_books(staging: Staging, folder: Path) -> dict[str, int]:
    """Write problems, held, waiting, left_out and org; returns the number of rows per problem code."""
    problems = staging.write_books(folder)
    staging.write(folder, "waiting", _waiting(staging))
    organizations = f"""
        SELECT "sourcedId" AS source_id, name, {_TYPE} AS type, "parentSourcedId" AS parent_source_id
        FROM live_orgs ORDER BY source_id
        """
    staging.write(folder, "org", organizations)
    return problems


def root_of(staging: Staging) -> Root:
    """The bundle's district organization, else its top organizations. Held rows count: they still say whose it is."""
    organizations = staging.connection.execute(
        f"""
        SELECT DISTINCT "sourcedId", coalesce(name, ''), {_TYPE} = 'district',
               "parentSourcedId" IS NULL OR "parentSourcedId" NOT IN
                   (SELECT "sourcedId" FROM orgs WHERE "sourcedId" IS NOT NULL)
        FROM orgs WHERE sound AND "sourcedId" IS NOT NULL ORDER BY 1
        """
    ).fetchall()
    districts = [(source_id, name) for source_id, name, is_district, _ in organizations if is_district]
    tops = [(source_id, name) for source_id, name, _, is_top in organizations if is_top]
    chosen = dict(districts or tops)
    return Root(tuple(chosen), tuple(chosen.values()), bool(districts))


def school_years(staging: Staging) -> tuple[str, ...]:
    """The years of the accepted sessions, each by the calendar year in which it ends."""
    return tuple(
        staging.column(
            'SELECT DISTINCT school_year_of("schoolYear") AS year FROM live_academicSessions '
            "WHERE year IS NOT NULL ORDER BY year"
        )
    )


# --- the roster tables ----------------------------------------------------------------------------------------------------
def _create_targets(staging: Staging) -> None:
    """What the tables may refer to: what this bundle stores and, where it only adds, what was stored earlier."""

    def target(table: str, kind: str, stored: str) -> None:
        earlier = "" if staging.modes.get(kind) == "bulk" else f" UNION SELECT source_id FROM known_{table}"
        staging.run(f"CREATE TABLE stored_{table} AS SELECT DISTINCT id FROM ({stored}{earlier}) WHERE id IS NOT NULL")

    people = 'SELECT "sourcedId" AS id FROM live_users JOIN person ON person.id = "sourcedId" WHERE '
    target(
        "school",
        "orgs",
        f"""SELECT "sourcedId" AS id FROM live_orgs
            WHERE {_TYPE} = 'school' OR "sourcedId" IN (SELECT "schoolSourcedId" FROM live_classes)""",
    )
    for table, flag in (("student", "is_student"), ("staff", "is_staff"), ("guardian", "is_guardian")):
        target(table, "users", people + flag)
    sections = (
        """SELECT "sourcedId" AS id FROM live_classes WHERE "schoolSourcedId" IN (SELECT id FROM stored_school)"""
    )
    target("section", "classes", sections)


def _selections(staging: Staging) -> Mapping[str, tuple[str, str]]:
    """Per roster table: the file that its rows stand in, and SQL for source_id, line, its columns and extra."""
    return {
        "school": ("orgs", _schools(staging)),
        "term": ("academicSessions", _terms(staging)),
        "course": ("courses", _courses(staging)),
        "section": ("classes", _sections(staging)),
        **{table: ("users", sql) for table, sql in _people(staging).items()},
        "demographics": ("demographics", _demographics(staging)),
        **_belonging(staging),
        "enrollment": ("enrollments", _enrollments(staging, table="student")),
        "teaching": ("enrollments", _enrollments(staging, table="staff")),
    }


def _extra(staging: Staging, kind: str, columns: Sequence[str] = (), *, alias: str = "k") -> str:
    """SQL for JSON text of the filled columns that no model has."""
    named = {f'{alias}."{name}"': name for name in columns}
    named |= {f"{alias}.{name}": header for name, header in staging.unknown_columns[kind].items()}
    if not named:
        return "NULL::VARCHAR"
    pairs = ", ".join(f"{quoted(label)}, {column}" for column, label in named.items())
    empty = " AND ".join(f"{column} IS NULL" for column in named)
    return f"CASE WHEN {empty} THEN NULL ELSE json_merge_patch('{{}}', json_object({pairs}))::VARCHAR END"


def _schools(staging: Staging) -> str:
    return rf"""
        SELECT k."sourcedId" AS source_id, k.line, coalesce(k.name, '') AS name, k.identifier,
               CASE WHEN regexp_full_match(k.identifier, '\d{{4}}-\d{{2}}-\d{{3}}') THEN k.identifier
                    ELSE k."metadata.stateId" END AS state_id,
               CASE WHEN regexp_full_match(k.identifier, '\d{{12}}') THEN k.identifier
                    WHEN regexp_full_match(k."metadata.ncesId", '\d{{12}}') THEN k."metadata.ncesId" END AS nces_id,
               {_extra(staging, "orgs")} AS extra
        FROM live_orgs k WHERE k."sourcedId" IN (SELECT id FROM stored_school)
        """


def _terms(staging: Staging) -> str:
    return f"""
        SELECT "sourcedId" AS source_id, line, coalesce(title, '') AS title,
               coalesce({canonical("type", SESSIONS.enumerations[0].values)}, '') AS kind,
               try_cast("startDate" AS DATE) AS starts_on, try_cast("endDate" AS DATE) AS ends_on,
               school_year_of("schoolYear") AS school_year,
               CASE WHEN "parentSourcedId" IN (SELECT id FROM accepted_academicSessions) THEN "parentSourcedId" END
               AS parent_source_id,
               {_extra(staging, "academicSessions")} AS extra
        FROM live_academicSessions k
        """


def _courses(staging: Staging) -> str:
    return f"""
        SELECT "sourcedId" AS source_id, line, coalesce(title, '') AS title, "courseCode" AS code, grades, subjects,
               CASE WHEN "orgSourcedId" IN (SELECT id FROM stored_school) THEN "orgSourcedId" END AS school_source_id,
               {_extra(staging, "courses", ("schoolYearSourcedId", "subjectCodes"))} AS extra
        FROM live_courses k
        """


def _sections(staging: Staging) -> str:
    return f"""
        SELECT "sourcedId" AS source_id, k.line, coalesce(title, '') AS title, "classCode" AS code,
               coalesce({canonical("classType", CLASSES.enumerations[0].values)}, '') AS kind, grades, subjects, location, periods,
               CASE WHEN "courseSourcedId" IN (SELECT id FROM accepted_courses) THEN "courseSourcedId" END
               AS course_source_id,
               "schoolSourcedId" AS school_source_id, CASE WHEN "termSourcedIds" IS NOT NULL THEN t.ids END AS term_source_ids,
               {_extra(staging, "classes", ("subjectCodes",))} AS extra
        FROM live_classes k LEFT JOIN (
            SELECT line, string_agg(id, ',' ORDER BY position) AS ids FROM "classes_termSourcedIds"
            WHERE id IN (SELECT id FROM accepted_academicSessions) GROUP BY line
        ) t ON t.line = k.line
        WHERE "schoolSourcedId" IN (SELECT id FROM stored_school)
        """


def _people(staging: Staging) -> dict[str, str]:
    """Students, staff and guardians, each from the same file."""
    is_old = "roles" not in staging.layouts
    preferred = "NULL::VARCHAR" if is_old else 'k."preferredGivenName"'
    master = "NULL::VARCHAR" if is_old else 'k."userMasterIdentifier"'
    newer = [] if is_old else ["preferredMiddleName", "preferredFamilyName", "pronouns", "primaryOrgSourcedId"]
    common = ["username", "userIds", *newer]
    master_too = [] if is_old else ["userMasterIdentifier"]
    names = f"""k."sourcedId" AS source_id, k.line, k."givenName" AS given_name, k."middleName" AS middle_name,
                k."familyName" AS family_name, {preferred} AS preferred_name, k.email"""
    language = f'language_of(k."{HOME_LANGUAGE}") AS home_language'
    # "guardian" also stands for people known from an earlier bundle: what this one says more closely comes first.
    relation = """coalesce((SELECT min(role) FROM person_role r WHERE r.id = k."sourcedId"
                            AND r.role IN ('parent', 'relative')), 'guardian')"""

    def chosen(table: str) -> str:
        return f"""FROM live_users k WHERE k."sourcedId" IN (SELECT id FROM person WHERE is_{table})"""

    return {
        "student": f"""
            SELECT {names}, (SELECT grade FROM grade_form WHERE form = first_grade(k.grades)) AS grade,
                   k.identifier AS local_number,
                   coalesce({master}, k."{STATE_NUMBER}", k."{STATE_ID}") AS state_number,
                   {language}, flag_of(k."enabledUser") AS enabled,
                   {_extra(staging, "users", (*common, "sms", "phone"))} AS extra
            {chosen("student")}""",
        "staff": f"""
            SELECT {names}, k.identifier AS local_number,
                   {_extra(staging, "users", (*common, *master_too, "sms", "phone", HOME_LANGUAGE))} AS extra
            {chosen("staff")}""",
        "guardian": f"""
            SELECT {names}, k.phone, k.sms, {language}, {relation} AS relation,
                   {_extra(staging, "users", (*common, *master_too, "identifier"))} AS extra
            {chosen("guardian")}""",
    }


def _belonging(staging: Staging) -> dict[str, tuple[str, str]]:
    """Who belongs to which school, and which guardian to which child."""
    pairs = """
        SELECT guardian_source_id || ':' || student_source_id AS source_id, min(line) AS line, guardian_source_id,
               student_source_id, NULL::VARCHAR AS extra
        FROM (
            SELECT u."sourcedId" AS student_source_id, a.id AS guardian_source_id, u.line
            FROM live_users u JOIN "users_agentSourcedIds" a ON a.line = u.line
            WHERE u."sourcedId" IN (SELECT id FROM stored_student) AND a.id IN (SELECT id FROM stored_guardian)
            UNION ALL
            SELECT a.id, u."sourcedId", u.line FROM live_users u JOIN "users_agentSourcedIds" a ON a.line = u.line
            WHERE a.id IN (SELECT id FROM stored_student) AND u."sourcedId" IN (SELECT id FROM stored_guardian)
        ) GROUP BY guardian_source_id, student_source_id
        """
    grade = "(SELECT grade FROM grade_form WHERE form = first_grade(u.grades))"
    if "roles" in staging.layouts:
        schools = f"""
            SELECT r."userSourcedId" || ':' || r."orgSourcedId" AS source_id, min(r.line) AS line,
                   r."userSourcedId" AS student_source_id, r."orgSourcedId" AS school_source_id,
                   any_value({grade}) AS grade, bool_or(lower(r."roleType") = 'primary') AS is_primary,
                   NULL::VARCHAR AS extra
            FROM live_roles r LEFT JOIN live_users u ON u."sourcedId" = r."userSourcedId"
            WHERE lower(r.role) = 'student' AND r."userSourcedId" IN (SELECT id FROM stored_student)
              AND r."orgSourcedId" IN (SELECT id FROM stored_school)
            GROUP BY r."userSourcedId", r."orgSourcedId"
            """
        roles = f"""
            SELECT "sourcedId" AS source_id, line, "userSourcedId" AS staff_source_id,
                   CASE WHEN "orgSourcedId" IN (SELECT id FROM stored_school) THEN "orgSourcedId" END AS school_source_id,
                   {_CANONICAL_STAFF} AS role, lower("roleType") = 'primary' AS is_primary,
                   {_extra(staging, "roles", ("beginDate", "endDate", "userProfileSourcedId"))} AS extra
            FROM live_roles k
            WHERE lower(role) IN {_STAFF} AND "userSourcedId" IN (SELECT id FROM stored_staff)
            """
        kind = "roles"
    else:
        schools = f"""
            SELECT u."sourcedId" || ':' || o.id AS source_id, u.line, u."sourcedId" AS student_source_id,
                   o.id AS school_source_id, {grade} AS grade,
                   row_number() OVER (PARTITION BY u.line ORDER BY o.position) = 1 AS is_primary, NULL::VARCHAR AS extra
            FROM live_users u JOIN ({_orgs_of_users}) o ON o.line = u.line
            WHERE lower(u.role) = 'student' AND o.id IN (SELECT id FROM stored_school)
            """
        roles = f"""
            SELECT u."sourcedId" || ':' || o.id || ':' || lower(u.role) AS source_id, u.line,
                   u."sourcedId" AS staff_source_id,
                   CASE WHEN o.id IN (SELECT id FROM stored_school) THEN o.id END AS school_source_id,
                   {_CANONICAL_STAFF} AS role,
                   row_number() OVER (PARTITION BY u.line ORDER BY o.position) = 1 AS is_primary, NULL::VARCHAR AS extra
            FROM live_users u JOIN ({_orgs_of_users}) o ON o.line = u.line
            WHERE lower(u.role) IN {_STAFF} AND (o.id IN (SELECT id FROM accepted_orgs) OR {_absent(staging, "orgs")})
            """
        kind = "users"
    return {
        "school_enrollment": (kind, schools),
        "staff_role": (kind, roles),
        "guardianship": ("users", pairs),
    }


_orgs_of_users = 'SELECT line, id, min(position) AS position FROM "users_orgSourcedIds" GROUP BY line, id'


def _absent(staging: Staging, kind: str) -> str:
    return "TRUE" if staging.modes.get(kind) == "absent" else "FALSE"


def _demographics(staging: Staging) -> str:
    flags = ", ".join(f'flag_of("{column}") AS {name}' for column, name in RACES.items())
    unmodeled = ("countryOfBirthCode", "stateOfBirthAbbreviation", "cityOfBirth", "publicSchoolResidenceStatus")
    return f"""
        SELECT "sourcedId" AS source_id, line, "sourcedId" AS student_source_id, try_cast("birthDate" AS DATE) AS birth_on,
               {canonical("sex", DEMOGRAPHICS.enumerations[0].values)} AS sex, {flags},
               {_extra(staging, "demographics", unmodeled)} AS extra
        FROM live_demographics k WHERE "sourcedId" IN (SELECT id FROM stored_student)
        """


def _enrollments(staging: Staging, *, table: str) -> str:
    role = "student" if table == "student" else "teacher"
    primary = "" if table == "student" else 'flag_of(k."primary") AS is_primary,'
    return f"""
        SELECT k."sourcedId" AS source_id, k.line, k."userSourcedId" AS {table}_source_id,
               k."classSourcedId" AS section_source_id,
               CASE WHEN k."schoolSourcedId" IN (SELECT id FROM stored_school) THEN k."schoolSourcedId"
                    ELSE c."schoolSourcedId" END AS school_source_id,
               {primary} try_cast(k."beginDate" AS DATE) AS begins_on, try_cast(k."endDate" AS DATE) AS ends_on,
               {_extra(staging, "enrollments")} AS extra
        FROM live_enrollments k LEFT JOIN live_classes c ON c."sourcedId" = k."classSourcedId"
        WHERE lower(k.role) = '{role}' AND k."userSourcedId" IN (SELECT id FROM stored_{table})
          AND k."classSourcedId" IN (SELECT id FROM stored_section)
          AND (k."schoolSourcedId" IN (SELECT id FROM stored_school) OR c."schoolSourcedId" IS NOT NULL)
        """


# --- the books ------------------------------------------------------------------------------------------------------------
def _waiting(staging: Staging) -> str:
    """SQL for every roster row that the held rows would have given. Where the table is uncertain, each that it may be."""
    rows = f"""SELECT h.kind, h.line, h.id, {staging.table_of("h")} AS "table" FROM ({staging.held_with_role()}) h
               WHERE h.id IS NOT NULL"""
    direct = f"""SELECT "table", id AS source_id FROM ({rows}) WHERE "table" <> 'person' AND kind <> 'roles'"""
    unsure = f"""SELECT unnest(['student', 'staff', 'guardian']), id FROM ({rows}) WHERE "table" = 'person'"""
    held_users = (
        "SELECT u.* FROM users u JOIN held h ON h.kind = 'users' AND h.line = u.line WHERE u.\"sourcedId\" IS NOT NULL"
    )
    links = f"""
        SELECT 'guardianship', unnest([u."sourcedId" || ':' || a.id, a.id || ':' || u."sourcedId"])
        FROM ({held_users}) u JOIN "users_agentSourcedIds" a ON a.line = u.line
        UNION ALL
        SELECT 'guardianship', unnest([u."sourcedId" || ':' || h.id, h.id || ':' || u."sourcedId"])
        FROM users u JOIN "users_agentSourcedIds" a ON a.line = u.line
        JOIN held h ON h.kind = 'users' AND h.id = a.id WHERE u."sourcedId" IS NOT NULL
        """
    if "roles" in staging.layouts:
        places = """
            SELECT 'staff_role', r."sourcedId" FROM roles r JOIN held h ON h.kind = 'roles' AND h.line = r.line
            UNION ALL
            SELECT 'school_enrollment', r."userSourcedId" || ':' || r."orgSourcedId" FROM roles r
            JOIN held h ON h.kind = 'roles' AND h.line = r.line
            """
    else:
        places = f"""
            SELECT 'school_enrollment', u."sourcedId" || ':' || o.id
            FROM ({held_users}) u JOIN ({_orgs_of_users}) o ON o.line = u.line
            UNION ALL
            SELECT 'staff_role', u."sourcedId" || ':' || o.id || ':' || lower(u.role)
            FROM ({held_users}) u JOIN ({_orgs_of_users}) o ON o.line = u.line
            """
    # A row that cannot be taken apart does not tell its schools and relatives: those known from earlier wait with it.
    who = "SELECT id FROM held WHERE kind = 'users' AND id IS NOT NULL"
    earlier = " UNION ALL ".join(
        f"""SELECT '{table}', source_id FROM known_{table} WHERE split_part(source_id, ':', {place}) IN ({who})"""
        for table, place in (("school_enrollment", 1), ("staff_role", 1), ("guardianship", 1), ("guardianship", 2))
    )
    union = " UNION ALL ".join((direct, unsure, links, places, earlier))
    return f'SELECT DISTINCT "table", source_id FROM ({union}) WHERE source_id IS NOT NULL ORDER BY ALL'
