"""How single values are read, whatever the layout, as DuckDB macros: days, flags, and the kind of a value."""

import duckdb

# A day in its plain form is recognized without regular expressions: nearly all are.
MACROS = r"""
CREATE OR REPLACE MACRO calendar_day(year, month, day) AS
    CASE WHEN year BETWEEN 1900 AND 2100
         THEN try_cast(lpad(year::VARCHAR, 4, '0') || '-' || lpad(month::VARCHAR, 2, '0') || '-'
                       || lpad(day::VARCHAR, 2, '0') AS DATE) END;

CREATE OR REPLACE MACRO is_iso(x) AS
    length(x) = 10 AND x[5] = '-' AND x[8] = '-' AND x[1] BETWEEN '0' AND '9'
    AND regexp_full_match(x, '\d{4}-\d{2}-\d{2}');

CREATE OR REPLACE MACRO day_shape(x) AS CASE
    WHEN is_iso(x) THEN 'iso'
    WHEN regexp_full_match(x, '\d{4}-\d{2}-\d{2}[T ].*') THEN 'moment'
    WHEN regexp_full_match(x, '\d{8}') THEN 'compact'
    WHEN regexp_full_match(x, '\d{4}[-/.]\d{1,2}[-/.]\d{1,2}') THEN 'year first'
    WHEN regexp_full_match(x, '\d{1,2}[-/.]\d{1,2}[-/.]\d{4}') THEN 'year last'
    WHEN regexp_full_match(x, '\d{1,2}[-/.]\d{1,2}[-/.]\d{2}') THEN 'year short'
    ELSE 'other' END;

CREATE OR REPLACE MACRO part(x, nth) AS try_cast(regexp_split_to_array(x, '[-/.]')[nth] AS INTEGER);

CREATE OR REPLACE MACRO month_first_day(x) AS calendar_day(part(x, 3), part(x, 1), part(x, 2));

CREATE OR REPLACE MACRO day_first_day(x) AS calendar_day(part(x, 3), part(x, 2), part(x, 1));

-- NULL when it cannot be read, or can be read as two different days.
CREATE OR REPLACE MACRO other_day(x) AS CASE day_shape(x)
    WHEN 'moment' THEN calendar_day(try_cast(x[1:4] AS INTEGER), try_cast(x[6:7] AS INTEGER), try_cast(x[9:10] AS INTEGER))
    WHEN 'compact' THEN calendar_day(try_cast(x[1:4] AS INTEGER), try_cast(x[5:6] AS INTEGER), try_cast(x[7:8] AS INTEGER))
    WHEN 'year first' THEN calendar_day(part(x, 1), part(x, 2), part(x, 3))
    WHEN 'year last' THEN CASE
        WHEN month_first_day(x) IS NULL THEN day_first_day(x)
        WHEN day_first_day(x) IS NULL OR day_first_day(x) = month_first_day(x) THEN month_first_day(x) END
    END;

CREATE OR REPLACE MACRO day_of(x) AS CASE
    WHEN x IS NULL THEN NULL
    WHEN is_iso(x) THEN CASE WHEN x[1:4] BETWEEN '1900' AND '2100' THEN try_cast(x AS DATE) END
    ELSE other_day(x) END;

-- NULL when the day can be read, else the problem's code.
CREATE OR REPLACE MACRO day_problem(x) AS CASE
    WHEN x IS NULL OR day_of(x) IS NOT NULL THEN NULL
    WHEN day_shape(x) = 'year short' THEN 'date_ambiguous'
    WHEN day_shape(x) = 'year last' AND month_first_day(x) IS NOT NULL THEN 'date_ambiguous'
    ELSE 'date_impossible' END;

-- A day that a person told us how to read; a year of two digits lies within 80 years before and 19 after 2020.
CREATE OR REPLACE MACRO full_year(x) AS
    CASE WHEN day_shape(x) = 'year short'
         THEN regexp_replace(x, '(\d{2})$', CASE WHEN x[-2:] < '40' THEN '20\1' ELSE '19\1' END) ELSE x END;

CREATE OR REPLACE MACRO flag_of(x) AS CASE lower(x)
    WHEN 'true' THEN TRUE WHEN 'yes' THEN TRUE WHEN 'y' THEN TRUE WHEN '1' THEN TRUE WHEN 't' THEN TRUE
    WHEN 'false' THEN FALSE WHEN 'no' THEN FALSE WHEN 'n' THEN FALSE WHEN '0' THEN FALSE WHEN 'f' THEN FALSE END;

-- What kind of value it is; never the value.
CREATE OR REPLACE MACRO kind_of(x) AS CASE
    WHEN x IS NULL THEN 'blank'
    WHEN regexp_full_match(x, '\d+') THEN 'whole number'
    WHEN day_shape(x) = 'iso' THEN 'day as YYYY-MM-DD'
    WHEN day_shape(x) = 'moment' THEN 'day and time'
    WHEN day_shape(x) IN ('year first', 'year last', 'year short') THEN 'day in another form'
    WHEN regexp_full_match(x, '[-+]?\d+[.,]\d+') THEN 'decimal number'
    WHEN contains(x, '@') THEN 'mail address'
    WHEN contains(x, ',') THEN 'list'
    ELSE 'text' END;
"""


def create_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Teach a connection to read values."""
    connection.execute(MACROS)
