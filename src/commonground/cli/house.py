"""Prepares the house: the demonstration, or a link for the first owner. Prints one JSON line for `start`."""

import argparse
import json
import shutil
import sys
from datetime import datetime
from typing import Any

HALF_BUILT = "half-built"  # names the database whose demonstration is being built
UNNAMED = "Coordinator (invented)"  # stand-ins for districts without a part in the cast
HELP = "build the demonstration, or make the first owner's link"


class PeopleHere(Exception):
    """The house holds people who are not invented: it is not emptied."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", choices=["west-central", "none"], default="west-central")


def run(arguments: argparse.Namespace) -> int:
    from commonground.cli._site import setup

    setup()
    from django.urls import reverse
    from django.utils import timezone

    from commonground.apps.core.actions import make_first_owner
    from commonground.store.database import as_migrator

    now, link = timezone.now(), None
    try:
        _clear_half_built()
    except PeopleHere as people:
        print(people, file=sys.stderr)
        return 1
    if arguments.demo == "none":
        with as_migrator():
            token = make_first_owner(collaborative_name="Our collaborative", now=now)
        link = reverse("core:open-link", args=[token]) if token else None
    else:
        _build(now)
    print(json.dumps(_told() | {"owner_link": link}))
    return 0


def _build(now: datetime) -> None:
    """The demonstration, where it is missing; a house that somebody has begun to use gets no invented people."""
    from commonground.apps.core.models import Organization
    from commonground.demonstration.build import build, is_built
    from commonground.store.database import data_folder, database_name

    if is_built() or Organization.objects.filter(kind=Organization.Kind.COLLABORATIVE).exists():
        return
    half_built = data_folder() / HALF_BUILT
    half_built.write_text(database_name(), "utf-8")
    build(now=now, tell=lambda line: print(line, file=sys.stderr))
    half_built.unlink()


def _clear_half_built() -> None:
    """Empty a house whose demonstration was cut off while it was built; it began empty and holds invented people.

    Only the database that the mark names is emptied. Raises PeopleHere when it holds people who are not invented.
    """
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, transaction

    from commonground.apps.core.actions import write_role_scopes
    from commonground.apps.core.facts import write_facts
    from commonground.apps.core.models import Person
    from commonground.store.database import as_migrator, data_folder, database_name

    half_built = data_folder() / HALF_BUILT
    if not half_built.exists() or half_built.read_text("utf-8") != database_name():
        return
    with as_migrator():
        if Person.objects.filter(is_invented=False).exists():
            raise PeopleHere(
                "A demonstration was half built in this database, and people who are not invented are in it. Give a new"
                " database, or restore a backup."
            )
        with transaction.atomic(), connection.cursor() as cursor:
            tables = set(connection.introspection.table_names(cursor)) - {"django_migrations"}
            cursor.execute(f"truncate {', '.join(sorted(tables))} restart identity")
            write_role_scopes()
            write_facts()
        call_command("migrate", verbosity=0, interactive=False)  # writes Django's own lists again
    shutil.rmtree(settings.BATCH_FOLDER, ignore_errors=True)
    half_built.unlink()


def _told() -> dict[str, Any]:
    """The number of students, the invented accounts, the rows of every walled table."""
    from django.db import connection

    from commonground.apps.core.models import Person, RoleGrant
    from commonground.store.database import as_migrator
    from commonground.store.walls import walled_models

    with as_migrator(), connection.cursor() as cursor:
        rows = {}
        for table in sorted(walled_models()):
            cursor.execute(f"select count(*) from {table}")  # noqa: S608 - our own tables' names
            rows[table] = cursor.fetchone()[0]
        cursor.execute("select count(*) from roster_student where ended_on is null")
        students = cursor.fetchone()[0]
    named = Person.objects.filter(is_invented=True).exclude(name=UNNAMED).order_by("created_at")
    roles = dict(RoleGrant.objects.filter(person__in=named).values_list("person_id", "role"))
    accounts = [{"role": roles.get(person.pk, ""), "email": person.email} for person in named]
    return {"students": students, "accounts": accounts, "rows": rows}
