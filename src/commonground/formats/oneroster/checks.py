"""What is wrong with a bundle's rows, found for whole files at once.

Files are checked in the order in which they depend on one another, and each is settled before the next: so a row that
refers to a held row is held with it, and knows the row that it waits for.
"""

# ruff: noqa: S608 - every name in this module's SQL is our own; texts from files are quoted or bound.

from pathlib import Path

from commonground.formats.delimited import quoted
from commonground.formats.oneroster.layout import (
    GUARDIAN_ROLES,
    STAFF_ROLES,
    STUDENT_ROLES,
    Enumeration,
    Layout,
    Reference,
)
from commonground.formats.oneroster.staging import Staging
from commonground.formats.oneroster.values import texts

KNOWN_TABLES = {
    "orgs": ("school", "org"),
    "academicSessions": ("term",),
    "courses": ("course",),
    "classes": ("section",),
    "users": ("student", "staff", "guardian"),
}
FLAWS = {
    "width": "row_width",
    "quotes": "row_quotes",
    "characters": "row_characters",
    "trailing": "field_trailing",
}


def check(staging: Staging) -> None:
    """Judge every row of every file and settle all files."""
    _read_known(staging)
    for layout in staging.layouts.values():
        _check_file(staging, layout)
    _note_parents(staging)
    _note_agents(staging)
    _note_schools(staging)


def _read_known(staging: Staging) -> None:
    for kind, tables in KNOWN_TABLES.items():
        found = [_known_ids(staging.known, table) for table in tables]
        staging.run(f"CREATE TABLE known_{kind} AS SELECT DISTINCT source_id FROM ({' UNION ALL '.join(found)})")
    for table in ("school", "section", "student", "staff", "guardian"):
        staging.run(f"CREATE TABLE known_{table} AS {_known_ids(staging.known, table)}")
    for kind in ("roles", "enrollments", "demographics"):
        staging.run(f"CREATE TABLE known_{kind} (source_id VARCHAR)")


def _known_ids(known: Path | None, table: str) -> str:
    path = known / f"{table}.parquet" if known else None
    if path is None or not path.is_file():
        return "SELECT NULL::VARCHAR AS source_id WHERE FALSE"
    return f"SELECT source_id::VARCHAR AS source_id FROM read_parquet({quoted(str(path))})"


def _check_file(staging: Staging, layout: Layout) -> None:
    kind = layout.kind
    _leave_out_blank_and_ended(staging, kind)
    _check_flaws(staging, kind)
    _check_fields(staging, layout)
    _check_repeats(staging, layout)
    for reference in layout.references:
        if reference.target != kind:
            _check_reference(staging, kind, reference)
    if kind == "users" and "roles" not in staging.layouts:
        _check_orgs_of_users(staging)
    if kind == "enrollments":
        _check_roles_of_enrollments(staging)
        _leave_out_repeated_enrollments(staging)
    staging.settle(kind)
    if kind == "users" and "roles" not in staging.layouts:
        _name_persons(staging)
    if kind == "roles":
        _name_persons(staging)
        _hold_users_without_role(staging)
    if kind == "demographics":
        _note_demographics_of_others(staging)


# --- rows -----------------------------------------------------------------------------------------------------------------
def _leave_out_blank_and_ended(staging: Staging, kind: str) -> None:
    columns = staging.layouts[kind].columns
    filled = [f'"{name}"' for name in columns if name != "password"] + list(staging.unknown_columns[kind])
    blank = f"flaw = 'blank' OR (flaw IS DISTINCT FROM 'quotes' AND coalesce({', '.join(filled)}) IS NULL)"
    staging.leave_out(kind, "blank_line", where=blank)
    sound = "flaw IS NULL OR flaw NOT IN ('width', 'quotes')"
    staging.leave_out(kind, "to_be_deleted", where=f"lower(status) = 'tobedeleted' AND ({sound})")


def _check_flaws(staging: Staging, kind: str) -> None:
    for flaw, code in FLAWS.items():
        staging.report(kind, code, where=f"flaw = {quoted(flaw)}")
    is_whole = staging.number("SELECT count(*) FROM problem WHERE kind = ? AND code = 'encoding_other'", kind)
    if not is_whole:
        staging.report(kind, "encoding_mixed", where="flaw = 'windows'")
    # The fields of a row that cannot be taken apart are not judged one by one.
    staging.run(f"ALTER TABLE {kind} ADD COLUMN sound BOOLEAN DEFAULT TRUE")
    staging.run(f"UPDATE {kind} SET sound = FALSE WHERE flaw IN ('width', 'quotes')")


def _check_repeats(staging: Staging, layout: Layout) -> None:
    kind = layout.kind
    staging.run(
        f"""
        CREATE OR REPLACE TEMP TABLE repeated AS
        SELECT "sourcedId" AS id FROM {kind} WHERE sound AND "sourcedId" IS NOT NULL GROUP BY ALL HAVING count(*) > 1
        """
    )
    if not staging.number("SELECT count(*) FROM repeated"):
        return
    content = [
        f'"{name}"'
        for name in (*layout.columns, *layout.extensions)
        if name not in ("status", "dateLastModified", "password")
    ]
    content += list(staging.unknown_columns[kind])
    row = ", ".join(f"{name} := {name}" for name in content)
    staging.run(
        f"""
        CREATE OR REPLACE TEMP TABLE judged AS
        SELECT line, min(line) OVER same AS first_line, min(content) OVER same IS DISTINCT FROM max(content) OVER same
               AS differs
        FROM (SELECT line, "sourcedId" AS id, to_json(struct_pack({row}))::VARCHAR AS content FROM {kind}
              WHERE sound AND "sourcedId" IN (FROM repeated))
        WINDOW same AS (PARTITION BY id)
        """
    )
    staging.report(kind, "id_repeated", column="sourcedId", where="line IN (SELECT line FROM judged WHERE differs)")
    staging.leave_out(
        kind, "row_repeated", where="line IN (SELECT line FROM judged WHERE NOT differs AND line <> first_line)"
    )
    staging.run(
        f"""DELETE FROM problem WHERE kind = {quoted(kind)} AND outcome <> 'left_out' AND line IN
            (SELECT line FROM judged WHERE NOT differs AND line <> first_line)"""
    )


# --- fields ---------------------------------------------------------------------------------------------------------------
def _check_fields(staging: Staging, layout: Layout) -> None:
    kind = layout.kind
    known_status = "('active', 'tobedeleted')"
    staging.report(
        kind,
        "status_unknown",
        column="status",
        where=f"sound AND status IS NOT NULL AND lower(status) NOT IN {known_status}",
    )
    staging.report(
        kind, "enum_case", column="status", where="sound AND lower(status) = 'active' AND status <> 'active'"
    )
    staging.report(
        kind,
        "changed_at_form",
        column="dateLastModified",
        where=r"""sound AND "dateLastModified" IS NOT NULL
                  AND NOT regexp_full_match("dateLastModified", '\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z')""",
    )
    for name in layout.required:
        staging.report(kind, _code_of_blank(staging, layout, name), column=name, where=f'sound AND "{name}" IS NULL')
    for enumeration in layout.enumerations:
        _check_enumeration(staging, kind, enumeration)
    for flag in layout.flags:
        staging.report(
            kind,
            "flag_form",
            column=flag,
            where=f"""sound AND "{flag}" IS NOT NULL AND lower("{flag}") NOT IN ('true', 'false')""",
        )
    _check_days(staging, layout)
    if kind == "users":
        _check_values_of_users(staging)
    if kind == "academicSessions":
        staging.report(
            kind,
            "school_year_form",
            column="schoolYear",
            where='sound AND "schoolYear" IS NOT NULL AND school_year_of("schoolYear") IS DISTINCT FROM "schoolYear"',
        )


def _code_of_blank(staging: Staging, layout: Layout, name: str) -> str:
    if name in layout.ids:
        return "id_missing"
    if name in layout.names:
        return "name_missing"
    if name in layout.days:
        return "date_missing"
    if name in layout.references_required:
        target = next((reference.target for reference in layout.references if reference.column == name), "")
        return "file_absent" if _is_absent(staging, target) else "reference_missing"
    return "value_missing"


def _check_enumeration(staging: Staging, kind: str, enumeration: Enumeration) -> None:
    column = enumeration.column
    values = texts(enumeration.values)
    folded = texts(tuple(value.lower() for value in enumeration.values))
    odd = f'sound AND "{column}" IS NOT NULL AND "{column}" NOT IN {values}'
    staging.report(kind, "enum_case", column=column, where=f'{odd} AND lower("{column}") IN {folded}')
    staging.report(kind, enumeration.unknown, column=column, where=f'{odd} AND lower("{column}") NOT IN {folded}')


def _check_days(staging: Staging, layout: Layout) -> None:
    kind = layout.kind
    for name in layout.days:
        odd = f'sound AND "{name}" IS NOT NULL'
        for code in ("date_impossible", "date_ambiguous"):
            staging.report(kind, code, column=name, where=f'{odd} AND day_problem("{name}") = {quoted(code)}')
        staging.report(
            kind, "date_form", column=name, where=f'{odd} AND NOT is_iso("{name}") AND day_of("{name}") IS NOT NULL'
        )
    if len(layout.days) == 2:
        staging.decide(kind)  # a day that a person told us how to read may still lie before the first
        first, last = layout.days
        staging.report(
            kind,
            "dates_reversed",
            column=last,
            where=f'sound AND "{last}" IS NOT NULL AND "{first}" IS NOT NULL AND day_of("{last}") < day_of("{first}")',
        )


def _check_values_of_users(staging: Staging) -> None:
    staging.report(
        "users",
        "grade_form",
        column="grades",
        where="""sound AND grades IS NOT NULL
                 AND grades NOT IN (SELECT grade FROM grade_form WHERE grade <> 'EC')""",
    )
    staging.report(
        "users",
        "language_form",
        column="metadata.homeLanguage",
        where='sound AND "metadata.homeLanguage" IS NOT NULL AND language_of("metadata.homeLanguage") IS NULL',
    )


# --- references -----------------------------------------------------------------------------------------------------------
def _is_absent(staging: Staging, kind: str) -> bool:
    return staging.modes.get(kind) == "absent"


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


def _check_reference(staging: Staging, kind: str, reference: Reference) -> None:
    """Hold rows that refer to nothing or to a held row; note those that refer into a file declared absent."""
    mentions = _mentions(staging, kind, reference)
    unknown = "file_absent" if _is_absent(staging, reference.target) else reference.unknown
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


def _check_orgs_of_users(staging: Staging) -> None:
    """Version 1.1: a person is held when none of the organizations is there, and taken with a note when some are."""
    mentions = _mentions(staging, "users", Reference("orgSourcedIds", "orgs", "org_unknown", is_list=True))
    some = "SELECT line FROM users_orgSourcedIds WHERE id IN (SELECT id FROM accepted_orgs)"
    none = f"SELECT line, id FROM ({mentions}) WHERE line NOT IN ({some})"
    unknown = "file_absent" if _is_absent(staging, "orgs") else "org_unknown"
    _report_dangling(staging, "users", mentions=none, column="orgSourcedIds", target="orgs", unknown=unknown)
    code = "file_absent" if _is_absent(staging, "orgs") else "org_partly_unknown"
    dangling = (
        "SELECT line FROM users_orgSourcedIds WHERE id NOT IN (SELECT id FROM accepted_orgs WHERE id IS NOT NULL)"
    )
    staging.report("users", code, column="orgSourcedIds", where=f"line IN ({some}) AND line IN ({dangling})")


def _check_roles_of_enrollments(staging: Staging) -> None:
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


def _leave_out_repeated_enrollments(staging: Staging) -> None:
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
def _name_persons(staging: Staging) -> None:
    """Who is a student, on the staff, a guardian: by their role, or as they were accepted earlier."""
    if "roles" in staging.layouts:
        # A role that only waits for its school still tells who the person is.
        roles = """SELECT "userSourcedId" AS id, lower(role) AS role FROM roles WHERE sound AND line NOT IN (
                       SELECT line FROM problem WHERE kind = 'roles' AND outcome = 'held'
                       AND field IS DISTINCT FROM 'orgSourcedId')"""
    else:
        roles = 'SELECT "sourcedId" AS id, lower(role) AS role FROM users WHERE sound'
    known = " UNION ALL ".join(
        f"SELECT source_id AS id, {quoted(role)} AS role FROM known_{table}"
        for table, role in (("student", "student"), ("staff", "teacher"), ("guardian", "guardian"))
    )
    earlier = "" if staging.modes.get("users") == "bulk" and staging.modes.get("roles", "bulk") == "bulk" else known
    groups = [(STUDENT_ROLES, "is_student"), (STAFF_ROLES, "is_staff"), (GUARDIAN_ROLES, "is_guardian")]
    flags = ", ".join(
        f"bool_or(role IN {texts(tuple(role.lower() for role in roles_of))}) AS {flag}" for roles_of, flag in groups
    )
    staging.run(
        f"""
        CREATE OR REPLACE TABLE person_role AS
        SELECT DISTINCT id, role FROM ({roles}{" UNION ALL " + earlier if earlier else ""}) WHERE id IS NOT NULL;
        CREATE OR REPLACE TABLE person AS SELECT id, {flags} FROM person_role GROUP BY id;
        """
    )


def _hold_users_without_role(staging: Staging) -> None:
    staging.report(
        "users",
        "role_missing",
        where="""sound AND "sourcedId" IN (SELECT id FROM accepted_users)
                 AND "sourcedId" NOT IN (SELECT id FROM person WHERE is_student OR is_staff OR is_guardian)""",
    )
    staging.settle("users")


def _note_demographics_of_others(staging: Staging) -> None:
    staging.report(
        "demographics",
        "demographics_not_kept",
        where="""sound AND "sourcedId" IN (SELECT id FROM accepted_users)
                 AND "sourcedId" NOT IN (SELECT id FROM person WHERE is_student)""",
    )


def _note_parents(staging: Staging) -> None:
    for kind in ("orgs", "academicSessions"):
        code = "file_absent" if _is_absent(staging, kind) else "parent_unknown"
        staging.report(
            kind,
            code,
            column="parentSourcedId",
            where=f"""sound AND "parentSourcedId" IS NOT NULL
                      AND "parentSourcedId" NOT IN (SELECT id FROM accepted_{kind} WHERE id IS NOT NULL)""",
        )


def _note_agents(staging: Staging) -> None:
    """Links between children and guardians; a link to someone who is not there, or is neither, is not made."""
    mentions = _mentions(staging, "users", Reference("agentSourcedIds", "users", "agent_unknown", is_list=True))
    staging.report(
        "users",
        "file_absent" if _is_absent(staging, "users") else "agent_unknown",
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


def _note_schools(staging: Staging) -> None:
    """Organizations that are no school, and at which classes are held."""
    staging.report(
        "orgs",
        "org_used_as_school",
        column="type",
        where="""sound AND lower(type) IS DISTINCT FROM 'school' AND "sourcedId" IN (
            SELECT "schoolSourcedId" FROM classes
            WHERE line NOT IN (SELECT line FROM held WHERE kind = 'classes'))""",
    )
