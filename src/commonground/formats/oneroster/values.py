"""How the standard's own values are read, as DuckDB macros: grades, school years, languages, vocabularies."""

# ruff: noqa: S608 - every name in this module's SQL is our own; texts from files are quoted or bound.

import duckdb

from commonground.formats.delimited import quoted
from commonground.formats.oneroster.layout import GRADE_FORMS

MACROS = r"""
CREATE OR REPLACE MACRO school_year_of(x) AS CASE
    WHEN regexp_full_match(x, '(19|20)\d{2}') THEN x
    WHEN regexp_full_match(x, '(19|20)\d{2}\s*[-/–]\s*\d{2}')
         AND right(((try_cast(x[1:4] AS INTEGER) + 1)::VARCHAR), 2) = x[-2:] THEN (try_cast(x[1:4] AS INTEGER) + 1)::VARCHAR
    WHEN regexp_full_match(x, '(19|20)\d{2}\s*[-/–]\s*(19|20)\d{2}')
         AND try_cast(x[1:4] AS INTEGER) + 1 = try_cast(x[-4:] AS INTEGER) THEN x[-4:] END;

CREATE OR REPLACE MACRO language_of(x) AS
    CASE WHEN regexp_full_match(x, '[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*') THEN x END;

CREATE OR REPLACE MACRO first_grade(x) AS lower(trim(split_part(x, ',', 1)));
"""


def create_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Teach a connection to read the values of the standard."""
    connection.execute(MACROS)
    forms = ", ".join(f"({quoted(form)}, {quoted(grade)})" for form, grade in GRADE_FORMS.items())
    connection.execute(f"CREATE OR REPLACE TABLE grade_form AS SELECT * FROM (VALUES {forms}) AS t(form, grade)")


def canonical(column: str, values: tuple[str, ...]) -> str:
    """SQL that writes a value of a vocabulary as the standard does, or NULL outside of it."""
    cases = " ".join(f"WHEN {quoted(value.lower())} THEN {quoted(value)}" for value in values)
    return f'CASE lower("{column}") {cases} END'


def texts(values: tuple[str, ...]) -> str:
    """A list for SQL's IN."""
    return "(" + ", ".join(quoted(value) for value in values) + ")"
