"""What is wrong with a bundle's rows, found for whole files at once.

Files are checked in the order in which they depend on one another, and each is settled before the next: so a row that
refers to a held row is held with it, and knows the row that it waits for.
"""

# ruff: noqa: S608 - every name in this module's SQL is our own; texts from files are quoted or bound.

from collections.abc import Iterator
from pathlib import Path

from commonground.formats.books import Rule
from commonground.formats.delimited import file_literal, quoted
from commonground.formats.oneroster.layout import EARLY_CHILDHOOD, GRADES, HOME_LANGUAGE, Layout
from commonground.formats.oneroster.references import (
    check_orgs_of_users,
    check_reference,
    check_roles_of_enrollments,
    hold_users_without_role,
    leave_out_repeated_enrollments,
    name_persons,
    note_agents,
    note_demographics_of_others,
    note_parents,
    note_schools,
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
KNOWN_BY_ID = (
    *("school", "section", "student", "staff", "guardian"),
    *("school_enrollment", "staff_role", "guardianship"),
)
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
    note_parents(staging)
    note_agents(staging)
    note_schools(staging)


def _read_known(staging: Staging) -> None:
    for kind, tables in KNOWN_TABLES.items():
        found = [_known_ids(staging.known, table) for table in tables]
        staging.run(f"CREATE TABLE known_{kind} AS SELECT DISTINCT source_id FROM ({' UNION ALL '.join(found)})")
    for table in KNOWN_BY_ID:
        staging.run(f"CREATE TABLE known_{table} AS {_known_ids(staging.known, table)}")
    for kind in ("roles", "enrollments", "demographics"):
        staging.run(f"CREATE TABLE known_{kind} (source_id VARCHAR)")


def _known_ids(known: Path | None, table: str) -> str:
    path = known / f"{table}.parquet" if known else None
    if path is None or not path.is_file():
        return "SELECT NULL::VARCHAR AS source_id WHERE FALSE"
    return f"SELECT source_id::VARCHAR AS source_id FROM read_parquet({file_literal(path)})"


def _check_file(staging: Staging, layout: Layout) -> None:
    kind = layout.kind
    if staging.rows.get(kind):
        _leave_out_blank_and_ended(staging, layout)
        staging.report_all(kind, tuple(_rules(staging, layout)))
        _check_days(staging, layout)
        _check_repeats(staging, layout)
    for reference in layout.references:
        if reference.target != kind:
            check_reference(staging, kind, reference)
    if kind == "users" and "roles" not in staging.layouts:
        check_orgs_of_users(staging)
    if kind == "enrollments":
        check_roles_of_enrollments(staging)
        leave_out_repeated_enrollments(staging)
    staging.settle(kind)
    if kind == "users" and "roles" not in staging.layouts:
        name_persons(staging)
    if kind == "roles":
        name_persons(staging)
        hold_users_without_role(staging)
    if kind == "demographics":
        note_demographics_of_others(staging)


# --- rows -----------------------------------------------------------------------------------------------------------------
def _leave_out_blank_and_ended(staging: Staging, layout: Layout) -> None:
    kind = layout.kind
    filled = [f'"{name}"' for name in layout.columns if name != "password"] + list(staging.unknown_columns[kind])
    blank = f"flaw = 'blank' OR (flaw <> 'quotes' AND coalesce({', '.join(filled)}) IS NULL)"
    ended = "sound AND lower(status) = 'tobedeleted'"
    conditions = ("TRUE", blank, ended, "flaw = 'trailing'")
    counts = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in conditions)
    rows, blank_count, ended_count, surplus_count = staging.row(f"SELECT {counts} FROM {kind}")
    if blank_count:
        staging.leave_out(kind, "blank_line", where=blank)
    if ended_count:
        staging.leave_out(kind, "to_be_deleted", where=ended)
    if 0 < surplus_count < rows - blank_count:
        _doubt_surplus_fields(staging, layout)


def _doubt_surplus_fields(staging: Staging, layout: Layout) -> None:
    """Hold rows with surplus blank fields where a comma inside a value may have moved the others to the right.

    Nothing has moved when every row of the file has such fields (then this is not called), or when behind the last value
    that is certainly in its place (a word of a vocabulary, a day, a flag, the id of something that is there) all is blank.
    """
    kind = layout.kind
    order = [f'"{name}"' for name in staging.order[kind]]
    certain = []
    for name, is_in_place in _anchors(layout).items():
        behind = order[order.index(f'"{name}"') + 1 :] if f'"{name}"' in order else []
        blank = f"coalesce({', '.join(behind)}, NULL) IS NULL" if behind else "TRUE"
        certain.append(f"coalesce({is_in_place}, FALSE) AND NOT has_password AND {blank}")
    unsure = f"flaw = 'trailing' AND NOT ({' OR '.join(certain) or 'FALSE'})"
    staging.run(f"UPDATE {kind} SET flaw = 'width', sound = FALSE WHERE {unsure}")


def _anchors(layout: Layout) -> dict[str, str]:
    """Columns whose values show that they are in their place, with SQL for it."""
    anchors = {
        enumeration.column: f'lower("{enumeration.column}") IN {texts(tuple(v.lower() for v in enumeration.values))}'
        for enumeration in layout.enumerations
    }
    anchors |= {name: f'day_of("{name}") IS NOT NULL' for name in layout.days}
    anchors |= {name: f"lower(\"{name}\") IN ('true', 'false')" for name in layout.flags}
    for reference in layout.references:
        if reference.target != layout.kind:
            first = f"trim(split_part(\"{reference.column}\", ',', 1))"
            anchors[reference.column] = f"{first} IN (SELECT id FROM accepted_{reference.target})"
    if layout.kind == "users":
        anchors["grades"] = f"grades IN {texts(GRADES)}"
    if layout.kind == "academicSessions":
        anchors["schoolYear"] = 'school_year_of("schoolYear") IS NOT NULL'
    return anchors


def _check_repeats(staging: Staging, layout: Layout) -> None:
    kind = layout.kind
    if not staging.number(f'SELECT count("sourcedId") - count(DISTINCT "sourcedId") FROM {kind} WHERE sound'):
        return
    staging.run(
        f"""
        CREATE OR REPLACE TEMP TABLE repeated AS
        SELECT "sourcedId" AS id FROM {kind} WHERE sound AND "sourcedId" IS NOT NULL GROUP BY ALL HAVING count(*) > 1
        """
    )
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
        SELECT line, min(line) OVER same AS first_line, min(content) OVER same <> max(content) OVER same
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
def _rules(staging: Staging, layout: Layout) -> Iterator[Rule]:
    """What is judged of a row by itself."""
    kind = layout.kind
    for flaw, code in FLAWS.items():
        yield Rule(code, "", f"flaw = {quoted(flaw)}")
    if staging.encodings[kind] == "mixed":
        yield Rule("encoding_mixed", "", "flaw = 'windows'")
    yield Rule("status_unknown", "status", "sound AND lower(status) NOT IN ('active', 'tobedeleted')")
    yield Rule("enum_case", "status", "sound AND lower(status) = 'active' AND status <> 'active'")
    moment = "'____-__-__T__:__:__%Z'"
    yield Rule("changed_at_form", "dateLastModified", f'sound AND "dateLastModified" NOT LIKE {moment}')
    for name in layout.required:
        yield Rule(_code_of_blank(staging, layout, name), name, f'sound AND "{name}" IS NULL')
    for enumeration in layout.enumerations:
        column = enumeration.column
        odd = f'sound AND "{column}" NOT IN {texts(enumeration.values)}'
        folded = texts(tuple(value.lower() for value in enumeration.values))
        yield Rule("enum_case", column, f'{odd} AND lower("{column}") IN {folded}')
        yield Rule(enumeration.unknown, column, f'{odd} AND lower("{column}") NOT IN {folded}')
    for flag in layout.flags:
        yield Rule("flag_form", flag, f"""sound AND lower("{flag}") NOT IN ('true', 'false')""")
    if kind == "users":
        yield Rule("grade_form", "grades", f"sound AND grades NOT IN {texts((*GRADES, EARLY_CHILDHOOD))}")
        yield Rule(
            "language_form",
            HOME_LANGUAGE,
            f'sound AND "{HOME_LANGUAGE}" <> coalesce(language_of("{HOME_LANGUAGE}"), \'\')',
        )
    if kind == "academicSessions":
        yield Rule(
            "school_year_form", "schoolYear", """sound AND "schoolYear" <> coalesce(school_year_of("schoolYear"), '')"""
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
        return "file_absent" if staging.is_absent(target) else "reference_missing"
    return "value_missing"


def _check_days(staging: Staging, layout: Layout) -> None:
    """Judge the days by their distinct texts, and write those that can be read in one way as the standard does."""
    kind = layout.kind
    for name in layout.days:
        # Nearly every text is a plain day; only the others are looked at closely.
        staging.run(
            f"""
            CREATE OR REPLACE TEMP TABLE odd_day AS
            SELECT DISTINCT "{name}" AS text, NULL::VARCHAR AS day, NULL::VARCHAR AS code FROM {kind}
            WHERE sound AND "{name}" IS NOT NULL AND NOT coalesce(
                length("{name}") = 10 AND "{name}"[5] = '-' AND "{name}"[8] = '-' AND "{name}" >= '1900'
                AND "{name}" < '2101' AND try_cast("{name}" AS DATE) IS NOT NULL, FALSE)
            """
        )
        if not staging.number("SELECT count(*) FROM odd_day"):
            continue
        staging.run("UPDATE odd_day SET day = day_of(text)::VARCHAR, code = coalesce(day_problem(text), 'date_form')")
        for code in ("date_impossible", "date_ambiguous", "date_form"):
            chosen = f'"{name}" IN (SELECT text FROM odd_day WHERE code = {quoted(code)})'
            staging.report(kind, code, column=name, where=f"sound AND {chosen}")
        staging.run(
            f'UPDATE {kind} SET "{name}" = odd_day.day FROM odd_day '
            f'WHERE sound AND odd_day.text = "{name}" AND odd_day.day IS NOT NULL'
        )
    if len(layout.days) == 2:
        staging.decide(kind)  # a day that a person told us how to read may still lie before the first
        first, last = layout.days
        reversed_days = f'"{last}" < "{first}" AND try_cast("{last}" AS DATE) < try_cast("{first}" AS DATE)'
        staging.report(kind, "dates_reversed", column=last, where=f"sound AND {reversed_days}")
