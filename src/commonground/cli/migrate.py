"""Bring the database's tables and walls to what the code says."""

import argparse
import os

HELP = "bring the database's tables and walls up to date"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="say whether anything is to be done; exit 1 if so")


def run(arguments: argparse.Namespace) -> int:
    os.environ["COMMONGROUND_DATABASE_ROLE"] = "cg_migrator"
    from commonground.cli._site import setup

    setup()
    from django.core.management import call_command
    from django.db import transaction

    from commonground.apps.core.actions import write_role_scopes
    from commonground.apps.core.facts import write_facts
    from commonground.store.walls import fingerprint_of_walls, raise_walls, store_fingerprint, stored_fingerprint

    wanted = fingerprint_of_walls()
    if stored_fingerprint() == wanted:
        return 0
    if arguments.check:
        print("The database is behind the code: run `commonground migrate`.")
        return 1
    call_command("migrate", verbosity=0, interactive=False)
    with transaction.atomic():
        raise_walls()
        write_role_scopes()
        write_facts()
        store_fingerprint(wanted)
    return 0
