"""Everything at once: database, tables, demonstration, web and worker, under one supervisor."""

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HELP = "start the database, the site and the worker, and print where to sign in"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="the port of the site; else 8000, or the next free one")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder; else .data beside the code")
    parser.add_argument(
        "--demo",
        choices=["west-central", "none"],
        default="west-central",
        help="invented people to look at, or nothing",
    )
    parser.add_argument("--once", action="store_true", help="start up, print one JSON line, and stop again")


def run(arguments: argparse.Namespace) -> int:
    if arguments.data:
        os.environ["COMMONGROUND_DATA"] = str(arguments.data.absolute())
    from commonground.cli import _supervisor as supervisor
    from commonground.store.database import data_folder

    data = data_folder()
    seconds: dict[str, float] = {}
    supervisor.stop_when_asked()
    try:
        with supervisor.the_only_one(data):
            return _run(arguments, data, seconds)
    except supervisor.StartFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped before it was ready. Run it again: it goes on where it has to.", file=sys.stderr)
        return 130


def _run(arguments: argparse.Namespace, data: Path, seconds: dict[str, float]) -> int:
    from commonground.cli import _supervisor as supervisor

    port = supervisor.choose_port(arguments.port)
    address = f"http://localhost:{port}"
    os.environ["COMMONGROUND_ADDRESS"] = address
    demonstration = arguments.demo == "west-central"
    code = f"{secrets.randbelow(1_000_000):06d}" if demonstration else ""
    os.environ["COMMONGROUND_DEMONSTRATION_CODE"] = code
    try:
        with timed(seconds, "database"):
            supervisor.start_database(data)
        with timed(seconds, "migrate"):
            supervisor.command(data, "migrate")
        with timed(seconds, "demonstration"):
            told = json.loads(supervisor.command(data, "house", "--demo", arguments.demo))
        with supervisor.children(data, port=port) as running, timed(seconds, "site"):
            running.wait_until_ready(address)
            accounts = [account | {"code": code} for account in told["accounts"]]
            if arguments.once:
                report = {"address": address, "students": told["students"], "accounts": accounts}
                print(json.dumps(report | {"rows": told["rows"], "seconds": seconds | {"site": running.seconds}}))
            else:
                _greet(address, accounts, told, code)
                running.watch()
    finally:
        supervisor.stop_database(data)
    return 0


@contextmanager
def timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    """Remember how long a step took."""
    began = time.monotonic()
    yield
    seconds[step] = round(time.monotonic() - began, 2)


def _greet(address: str, accounts: list[dict[str, str]], told: dict, code: str) -> None:
    print(f"\nCommonground is ready: {address}\n")
    if told.get("owner_link"):
        print(f"Its first owner opens this link once: {address}{told['owner_link']}\n")
    if code:
        print(f"{told['students']:,} invented students. Sign in as one of these with the code {code}:\n")
        width = max(len(account["role"]) for account in accounts)
        for account in accounts:
            print(f"  {account['role'].replace('_', ' '):<{width}}  {account['email']}")
        print("\nFiles to send as the coordinator of Willmar lie in the folder demonstration of the data folder.")
    print("\nCtrl-C stops everything.", flush=True)
