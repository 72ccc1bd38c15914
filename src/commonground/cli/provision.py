"""The roles of a database that somebody else runs."""

import argparse

HELP = "print the SQL that makes the database's roles on a managed PostgreSQL 16 or later"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--print-sql", action="store_true", required=True, help="print it for psql; nothing is run")
    parser.add_argument("--database", default="commonground", help="the database's name")


def run(arguments: argparse.Namespace) -> int:
    from commonground.store import roles
    from commonground.store.database import data_folder
    from commonground.store.secrets import secret

    passwords = {role: secret(data_folder(), f"{role}_password") for role in roles.SIGN_IN}
    print(roles.printed(arguments.database, passwords), end="")
    return 0
