"""What a bundle's rows say about one another: references, roles, and who belongs to whom."""

# ruff: noqa: S608 - every name in this module's SQL is our own; texts from files are quoted or bound.

from commonground.formats.delimited import quoted
from commonground.formats.oneroster.layout import GUARDIAN_ROLES, STAFF_ROLES, STUDENT_ROLES, Reference
from commonground.formats.oneroster.staging import Staging
from commonground.formats.oneroster.values import texts


def _mentions(staging: Staging, kind: str, reference: Reference) -> str:
    """SQL for (line, id): what each row of a file refers to. A list is taken apart."""
    column = f'"{reference.column}"'
    if not reference.is_list:
        return f"SELECT line, {column} AS id FROM {kind} WHERE sound AND {column} IS NOT NULL"
    staging.run(
        f"""
        CREATE OR REPLACE TABLE {kind}_{reference.column} AS
        SELECT line, trim(item) AS id, position FROM (
            SELECT line, unnest(string_split({column}, ',')) AS item,
                   generate_subscripts(string_split({column}, ','), 1) AS position
            FROM {kind} WHERE sound AND {column} IS NOT NULL
        ) WHERE trim(item) <> ''
        """
    )
    return f"SELECT line, id FROM {kind}_{reference.column}"


def check_reference(staging: Staging, kind: str, reference: Reference) -> None:
    """Hold rows that refer to nothing or to a held row; note those that refer into a file declared absent."""
    mentions = _mentions(staging, kind, reference)
    unknown = "file_absent" if staging.is_absent(reference.target) else reference.unknown
    _report_dangling(
        staging, kind, mentions=mentions, column=reference.column, target=reference.target, unknown=unknown
    )


def _report_dangling(staging: Staging, kind: str, *, mentions: str, column: str, target: str, unknown: str) -> None:
    outcome = "note" if unknown == "file_absent" else "held"
    staging.run(
        f"""
        INSERT INTO problem
        SELECT DISTINCT {quoted(kind)}, m.line,
               CASE WHEN w.id IS NULL THEN {quoted(unknown)} ELSE 'depends_on_held' END,
               CASE WHEN w.id IS NULL THEN {quoted(outcome)} ELSE 'held' END,
               {quoted(column)}, NULL, w.root_kind, w.root_line
        FROM ({mentions}) m
        ANTI JOIN accepted_{target} a ON a.id = m.id
        LEFT JOIN (
            SELECT id, arg_min(coalesce(root_kind, kind), line) AS root_kind,
                   arg_min(coalesce(root_line, line), line) AS root_line
            FROM held WHERE kind = {quoted(target)} AND id IS NOT NULL GROUP BY id
        ) w ON w.id = m.id
        """
    )


def check_orgs_of_users(staging: Staging) -> None:
    """Version 1.1: a person is held when none of the organizations is there, and taken with a note when some are."""
    mentions = _mentions(staging, "users", Reference("orgSourcedIds", "orgs", "org_unknown", is_list=True))
    some = "SELECT line FROM users_orgSourcedIds WHERE id IN (SELECT id FROM accepted_orgs)"
    none = f"SELECT line, id FROM ({mentions}) WHERE line NOT IN ({some})"
    unknown = "file_absent" if staging.is_absent("orgs") else "org_unknown"
    _report_dangling(staging, "users", mentions=none, column="orgSourcedIds", target="orgs", unknown=unknown)
    code = "file_absent" if staging.is_absent("orgs") else "org_partly_unknown"
    dangling = (
        "SELECT line FROM users_orgSourcedIds WHERE id NOT IN (SELECT id FROM accepted_orgs WHERE id IS NOT NULL)"
    )
    staging.report("users", code, column="orgSourcedIds", where=f"line IN ({some}) AND line IN ({dangling})")


def check_roles_of_enrollments(staging: Staging) -> None:
    for role, belongs in (("student", "is_student"), ("teacher", "is_staff")):
        staging.report(
            "enrollments",
            "role_differs",
            column="role",
            where=f"""sound AND lower(role) = '{role}' AND "userSourcedId" IN (SELECT id FROM accepted_users)
                      AND "userSourcedId" NOT IN (SELECT id FROM person WHERE {belongs} AND id IS NOT NULL)""",
        )
    staging.report(
        "enrollments", "role_not_kept", column="role", where="sound AND lower(role) IN ('administrator', 'proctor')"
    )
    staging.report(
        "enrollments",
        "school_differs",
        column="schoolSourcedId",
        where="""line IN (SELECT e.line FROM enrollments e JOIN classes c ON c."sourcedId" = e."classSourcedId"
                          WHERE c."schoolSourcedId" <> e."schoolSourcedId" AND e.sound AND c.sound)""",
    )


def leave_out_repeated_enrollments(staging: Staging) -> None:
    """Of rows with the same person, class and role the first one without a problem counts."""
    waiting = "SELECT line FROM problem WHERE kind = 'enrollments' AND outcome = 'held'"
    key = '"userSourcedId", "classSourcedId", lower(role)'
    staging.run(
        f"""
        CREATE OR REPLACE TEMP TABLE again AS
        SELECT line FROM (
            SELECT unnest(list(line ORDER BY line)[2:]) AS line FROM enrollments
            WHERE sound AND line NOT IN ({waiting}) GROUP BY {key} HAVING count(*) > 1
        )
        """
    )
    staging.leave_out("enrollments", "enrollment_repeated", where="line IN (FROM again)")


# --- people ---------------------------------------------------------------------------------------------------------------
def name_persons(staging: Staging) -> None:
    """Who is a student, on the staff, a guardian: by their role, or as they were accepted earlier."""
    if "roles" in staging.layouts:
        # A role that only waits for its school still tells who the person is.
        roles = """SELECT "userSourcedId" AS id, lower(role) AS role FROM roles WHERE sound AND line NOT IN (
                       SELECT line FROM problem WHERE kind = 'roles' AND outcome = 'held'
                       AND coalesce(field, '') <> 'orgSourcedId')"""
    else:
        roles = 'SELECT "sourcedId" AS id, lower(role) AS role FROM users WHERE sound'
    known = " UNION ALL ".join(
        f"SELECT source_id AS id, {quoted(role)} AS role FROM known_{table}"
        for table, role in (("student", "student"), ("staff", "teacher"), ("guardian", "guardian"))
    )
    roles_are_whole = "roles" not in staging.layouts or staging.modes.get("roles") == "bulk"
    if "roles" not in staging.layouts:
        # The file states one role; what the person was earlier counts only for those it does not name.
        known = f'SELECT id, role FROM ({known}) WHERE id NOT IN (SELECT "sourcedId" FROM users WHERE sound AND "sourcedId" <> \'\')'
    if staging.modes.get("users") != "bulk" or not roles_are_whole:
        roles = f"{roles} UNION ALL {known}"
    groups = [(STUDENT_ROLES, "is_student"), (STAFF_ROLES, "is_staff"), (GUARDIAN_ROLES, "is_guardian")]
    flags = ", ".join(
        f"bool_or(role IN {texts(tuple(role.lower() for role in roles_of))}) AS {flag}" for roles_of, flag in groups
    )
    staging.run(
        f"""
        CREATE OR REPLACE TABLE person_role AS
        SELECT DISTINCT id, role FROM ({roles}) WHERE id IS NOT NULL;
        CREATE OR REPLACE TABLE person AS SELECT id, {flags} FROM person_role GROUP BY id;
        """
    )


def hold_users_without_role(staging: Staging) -> None:
    staging.report(
        "users",
        "role_missing",
        where="""sound AND "sourcedId" IN (SELECT id FROM accepted_users)
                 AND "sourcedId" NOT IN (SELECT id FROM person WHERE is_student OR is_staff OR is_guardian)""",
    )
    staging.settle("users")


def note_demographics_of_others(staging: Staging) -> None:
    staging.report(
        "demographics",
        "demographics_not_kept",
        where="""sound AND "sourcedId" IN (SELECT id FROM accepted_users)
                 AND "sourcedId" NOT IN (SELECT id FROM person WHERE is_student)""",
    )


def note_parents(staging: Staging) -> None:
    for kind in ("orgs", "academicSessions"):
        code = "file_absent" if staging.is_absent(kind) else "parent_unknown"
        staging.report(
            kind,
            code,
            column="parentSourcedId",
            where=f"""sound AND "parentSourcedId" IS NOT NULL
                      AND "parentSourcedId" NOT IN (SELECT id FROM accepted_{kind} WHERE id IS NOT NULL)""",
        )


def note_agents(staging: Staging) -> None:
    """Links between children and guardians; a link to someone who is not there, or is neither, is not made."""
    mentions = _mentions(staging, "users", Reference("agentSourcedIds", "users", "agent_unknown", is_list=True))
    staging.report(
        "users",
        "file_absent" if staging.is_absent("users") else "agent_unknown",
        column="agentSourcedIds",
        where=f"""line IN (SELECT line FROM ({mentions})
                           WHERE id NOT IN (SELECT id FROM accepted_users WHERE id IS NOT NULL))""",
    )
    staging.report(
        "users",
        "agent_role",
        column="agentSourcedIds",
        where="""line IN (
            SELECT u.line FROM users u JOIN users_agentSourcedIds a ON a.line = u.line
            JOIN person me ON me.id = u."sourcedId" JOIN person other ON other.id = a.id
            WHERE a.id IN (SELECT id FROM accepted_users)
              AND NOT (me.is_student AND other.is_guardian) AND NOT (me.is_guardian AND other.is_student))""",
    )


def note_schools(staging: Staging) -> None:
    """Organizations that are no school, and at which classes are held."""
    staging.report(
        "orgs",
        "org_used_as_school",
        column="type",
        where="""sound AND coalesce(lower(type), '') <> 'school' AND "sourcedId" IN (
            SELECT "schoolSourcedId" FROM classes
            WHERE line NOT IN (SELECT line FROM held WHERE kind = 'classes'))""",
    )
