"""No function of the walls looks up a name where somebody else could have put it.

PostgreSQL searches the session's temporary schema first, for relations and types, unless the path names it; an empty path
does not (CVE-2007-2138, and "Writing SECURITY DEFINER Functions Safely" in its manual).
"""

import pytest
from django.db import Error, connection, transaction

pytestmark = pytest.mark.database

SAFE_PATH = "search_path=pg_catalog, pg_temp"
# Drawn into the query of whoever calls it, with the caller's own rights; its body names the schema of every type.
WITHOUT_A_PATH = {"federal_group"}


def test_every_function_of_the_walls_looks_for_temporary_names_last(database):
    with connection.cursor() as cursor:
        cursor.execute(
            "select proname, prosecdef, coalesce(proconfig, '{}') from pg_proc where pronamespace = 'cg'::regnamespace"
        )
        functions = cursor.fetchall()

    assert len(functions) > 50
    assert {name for name, _, settings in functions if SAFE_PATH not in settings} == WITHOUT_A_PATH
    assert not any(definer for name, definer, _ in functions if name in WITHOUT_A_PATH)


@pytest.mark.parametrize(
    ("type_name", "call"), [("uuid", "cg.person()"), ("date", "cg.today()"), ("text", "cg.owners('roster', 'read')")]
)
def test_a_type_of_the_callers_own_never_runs_with_the_rights_of_the_walls(world, type_name, call):
    connection.close()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local role cg_loader")
        cursor.execute(
            "create function pg_temp.caught(pg_catalog.text) returns pg_catalog.bool language plpgsql as"
            " $$ begin raise exception 'runs as %', current_user; end $$"
        )
        cursor.execute(f"create domain pg_temp.{type_name} as pg_catalog.text check (pg_temp.caught(value))")
        cursor.execute(
            "select set_config('cg.user', %s, true), set_config('cg.clock', '2026-11-24', true)", [str(world.CORA)]
        )

        try:
            cursor.execute(f"select {call}")
        except Error as refused:
            pytest.fail(str(refused))
