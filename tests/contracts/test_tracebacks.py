"""An error in the log says where it happened and of what kind it was, and none of the values it speaks of."""

import logging

import psycopg
import pytest

from commonground.config.settings import LOGGING
from commonground.config.tracebacks import PlacesOnly

VALUE = "Quillonwy"


def written(error: BaseException) -> str:
    """The error as a line of the log."""
    record = logging.LogRecord(
        "x", logging.ERROR, __file__, 1, "broke", None, (type(error), error, error.__traceback__)
    )
    return PlacesOnly().format(record)


def raised(make) -> BaseException:
    with pytest.raises(BaseException) as caught:
        make()
    return caught.value


def test_place_and_type_are_written_and_the_value_is_not():
    def broken():
        raise KeyError(VALUE)

    line = written(raised(broken))

    assert line.startswith("broke\n")
    assert f'File "{__file__}"' in line
    assert "in broken" in line
    assert line.endswith("builtins.KeyError")
    assert VALUE not in line


def test_what_an_error_came_from_is_told_as_well():
    def broken():
        raise ValueError(f"no {VALUE}") from raised(first)

    def first():
        raise KeyError(VALUE)

    line = written(raised(broken))

    assert line.index("builtins.KeyError") < line.index("which led to:") < line.index("builtins.ValueError")
    assert VALUE not in line


def test_the_databases_code_is_kept():
    def broken():
        raise psycopg.errors.NotNullViolation(f"Failing row contains ({VALUE})")

    assert written(raised(broken)).endswith("psycopg.errors.NotNullViolation (23502)")


def test_every_error_of_a_group_is_told():
    def broken():
        raise ExceptionGroup(VALUE, [KeyError(VALUE), TypeError(VALUE)])

    line = written(raised(broken))

    assert "builtins.KeyError" in line
    assert "builtins.TypeError" in line
    assert VALUE not in line


def test_what_another_handler_wrote_down_is_not_taken_over():
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "broke", None, (KeyError, KeyError(VALUE), None))
    assert VALUE in logging.Formatter().format(record)

    assert VALUE not in PlacesOnly().format(record)


def test_a_line_without_an_error_is_left_as_it_is():
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "job %s begins", ("core.chain",), None)

    assert PlacesOnly().format(record) == "job core.chain begins"


def test_the_sites_log_is_written_so():
    assert {one["class"] for one in LOGGING["formatters"].values()} == {
        f"{PlacesOnly.__module__}.{PlacesOnly.__name__}"
    }
