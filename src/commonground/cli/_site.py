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
    """Raise RolePassesWalls when the site's role is a superuser, bypasses row security or owns a table."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select rolsuper or rolbypassrls or exists (select from pg_class where relowner = r.oid)"
            " from pg_roles r where rolname = current_user"
        )
        if cursor.fetchone()[0]:
            raise RolePassesWalls(
                "The database role of the site can pass the walls. Provision it as `provision` prints."
            )
