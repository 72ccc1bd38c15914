"""What a key refuses tells nobody what other owners hold: unique and foreign keys of walled tables stay within one owner."""

import uuid

import psycopg
import pytest
from tests.walls.test_every_policy import enter, fill, full_world, outside, sign_in  # noqa: F401 - a fixture

from commonground.store.walls import PUBLIC, walled_models

pytestmark = pytest.mark.database

COLUMNS = (
    "(select array_agg(a.attname::text order by k.place) from unnest({keys}) with ordinality k (number, place)"
    " join pg_attribute a on a.attrelid = {table} and a.attnum = k.number)"
)


def holds_secrets(table: str) -> bool:
    """Whether the table has rows that exist for some and not for others."""
    found = walled_models().get(table)
    return found is not None and found.wall.category != PUBLIC


def is_written_by_people(table: str) -> bool:
    """Whether some role writes rows itself: functions ask first who is acting, and triggers nobody."""
    wall = walled_models()[table].wall
    return bool(wall.written_by or wall.appended_by or wall.related_writes)


def test_a_unique_key_begins_with_the_owner_or_is_random(world, databases):
    with outside(databases) as run:
        keys = run.execute(
            f"select c.relname, {COLUMNS.format(keys='x.indkey', table='c.oid')} from pg_index x"
            " join pg_class c on c.oid = x.indrelid where x.indisunique and c.relnamespace = 'public'::regnamespace"
        ).fetchall()
        random = {
            row[0]
            for row in run.execute(
                "select table_name from information_schema.columns where column_name = 'id' and data_type = 'uuid'"
            ).fetchall()
        }
    asked = [(table, columns) for table, columns in keys if holds_secrets(table) and is_written_by_people(table)]
    assert len(asked) > 40

    tells = [
        (table, columns)
        for table, columns in asked
        if columns[0] != "owner_id"
        and not ("id" in columns and table in random)
        and not (columns == ["number"] and walled_models()[table].wall.appended_by)
    ]

    assert tells == []


def foreign_keys(run) -> list[tuple[str, str, list[str]]]:
    """Table, table it points to, and columns: of keys from a walled table to rows that not everybody sees."""
    found = run.execute(
        f"select c.conrelid::regclass::text, c.confrelid::regclass::text, {COLUMNS.format(keys='c.conkey', table='c.conrelid')}"
        " from pg_constraint c where c.contype = 'f' and c.connamespace = 'public'::regnamespace"
    ).fetchall()
    return [one for one in found if holds_secrets(one[0]) and holds_secrets(one[1])]


def test_a_foreign_key_to_what_not_everybody_sees_holds_the_owner(world, databases):
    with outside(databases) as run:
        found = foreign_keys(run)

    assert len(found) > 20
    within = {
        (table, target, column) for table, target, columns in found if "owner_id" in columns for column in columns
    }
    beyond = [
        (table, target, columns)
        for table, target, columns in found
        if is_written_by_people(table) and not any((table, target, column) in within for column in columns)
    ]
    assert beyond == []


def refusal(login, person, role, table, **values) -> tuple:
    """What the database says to somebody who writes this row."""
    try:
        with login.transaction(force_rollback=True):
            enter(login, person, role)
            fill(login, table, **values)
    except psycopg.Error as error:
        return error.sqlstate, error.diag.message_primary, error.diag.constraint_name
    return ("taken",)


def test_a_row_that_points_to_anothers_is_refused_like_one_that_points_to_nothing(full_world, databases):  # noqa: F811
    """Cora and Otto, who write for their districts, and Ali, a parent in both, point to a row of the other district."""
    w, asked = full_world, set()
    with outside(databases) as run:
        keys = {
            (table, next(one for one in columns if one != "owner_id"), target)
            for table, target, columns in foreign_keys(run)
            if is_written_by_people(table)
        }
        rows = {
            (target, owner): run.execute(f"select id from {target} where owner_id = %s", [owner]).fetchone()
            for _table, _column, target in keys
            for owner in (w.NORTH, w.SOUTH)
        }

    with sign_in(databases) as login:
        for table, column, target in sorted(keys):
            wall = walled_models()[table].wall
            role = next((one for one in ("web", "job", "loader") if one in wall.written_by), "web")
            for person, own, other in (
                (w.CORA, w.NORTH, w.SOUTH),
                (w.OTTO, w.SOUTH, w.NORTH),
                (w.ALI, w.NORTH, w.SOUTH),
            ):
                if rows[target, other] is None:
                    continue
                row = {"person": person, "role": role, "table": table, "owner_id": own}
                seen = refusal(login, **row, **{column: rows[target, other][0]})
                assert seen == refusal(login, **row, **{column: uuid.uuid4()}), (table, column)
                assert seen != ("taken",), (table, column)
                asked.add((table, column, target))

    assert asked == keys
