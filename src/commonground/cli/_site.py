"""Starts Django for a command."""

import os


class RolePassesWalls(Exception):
    """The database role could see past the walls; nothing may run as it."""


def setup() -> None:
    """Load the settings and the apps."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonground.config.settings")
    import django

    django.setup()


def refuse_a_role_that_passes_walls() -> None:
    """Raise RolePassesWalls when the site's role, or a role whose rights it has by itself, could see past the walls.

    That is a superuser, one that bypasses row security, an owner of tables, and one for which a policy lets every row
    of a walled table through (the migrator, the backup).
    """
    from django.db import connection

    from commonground.store.walls import PUBLIC

    with connection.cursor() as cursor:
        cursor.execute(
            """
            select me.rolsuper or me.rolbypassrls
                or exists (select from pg_class where relkind in ('r', 'p') and pg_has_role(me.oid, relowner, 'usage'))
                or exists (
                    select from pg_policy, unnest(polroles) as role
                     where polname <> %s and pg_get_expr(polqual, polrelid) = 'true' and role <> 0
                       and pg_has_role(me.oid, role, 'usage'))
              from pg_roles me where rolname = current_user
            """,
            [PUBLIC],
        )
        if cursor.fetchone()[0]:
            raise RolePassesWalls(
                "The database role of the site can pass the walls. Provision it as `provision` prints."
            )
