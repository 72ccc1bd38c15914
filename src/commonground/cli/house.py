"""Prepares the house: the demonstration, or a link for the first owner. Prints one JSON line for `start`."""

import argparse
import json
import sys
from typing import Any

UNNAMED = "Coordinator (invented)"  # stand-ins for districts without a part in the cast
HELP = "build the demonstration, or make the first owner's link"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", choices=["west-central", "none"], default="west-central")


def run(arguments: argparse.Namespace) -> int:
    from commonground.cli._site import setup

    setup()
    from django.urls import reverse
    from django.utils import timezone

    from commonground.apps.core.actions import make_first_owner
    from commonground.apps.core.models import Organization
    from commonground.cli._supervisor import HALF_BUILT
    from commonground.store.database import as_migrator, data_folder

    now, link = timezone.now(), None
    if arguments.demo == "none":
        with as_migrator():
            token = make_first_owner(collaborative_name="Our collaborative", now=now)
        link = reverse("core:open-link", args=[token]) if token else None
    else:
        from commonground.demonstration.build import build, is_built

        # A house that somebody has begun to use gets no invented people.
        if not is_built() and not Organization.objects.filter(kind=Organization.Kind.COLLABORATIVE).exists():
            half_built = data_folder() / HALF_BUILT
            half_built.touch()
            build(now=now, tell=lambda line: print(line, file=sys.stderr))
            half_built.unlink()
    print(json.dumps(_told() | {"owner_link": link}))
    return 0


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
