"""Which roles may ask the functions that stand behind the walls: as the database's own catalog says it."""

import pytest

from commonground.store.functions import ASKED_BY_FUNCTIONS, ASKED_BY_JOBS

pytestmark = pytest.mark.database
ACTING = ("cg_web", "cg_job", "cg_loader", "cg_report", "cg_login")


def may_ask(databases, name: str) -> set[str]:
    """The acting roles that may execute a function of `cg`, whatever its parameters. Fails when there is none."""
    from django.db import connections

    roles = ", ".join(f"('{role}')" for role in ACTING)
    found = databases.execute(
        f"select role, bool_or(has_function_privilege(role, p.oid, 'execute')) from pg_proc p, (values {roles}) r (role)"
        f" where p.pronamespace = 'cg'::regnamespace and p.proname = '{name}' group by role",
        database=connections["default"].settings_dict["NAME"],
    )
    assert len(found) == len(ACTING), f"there is no cg.{name}"
    return {role for role, may in found if may}


@pytest.mark.parametrize("name", ASKED_BY_FUNCTIONS)
def test_what_answers_about_everybody_is_asked_by_functions_alone(world, databases, name):
    assert may_ask(databases, name) == set()


@pytest.mark.parametrize("name", ASKED_BY_JOBS)
def test_what_destroys_is_asked_by_jobs_alone(world, databases, name):
    assert may_ask(databases, name) == {"cg_job"}


def test_rows_of_a_batch_are_written_by_the_loader_alone(world, databases):
    assert may_ask(databases, "insert_rows") == {"cg_loader"}
    assert may_ask(databases, "refresh_statistics") == {"cg_loader"}
