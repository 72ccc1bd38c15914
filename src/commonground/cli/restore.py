"""Restore a backup into a new data folder."""

import argparse
import os
import sys
from pathlib import Path

HELP = "restore a backup into a new data folder"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder; else .data beside the code")


def run(arguments: argparse.Namespace) -> int:
    if arguments.data:
        os.environ["COMMONGROUND_DATA"] = str(arguments.data.absolute())
    from commonground.cli import _supervisor as supervisor
    from commonground.store.backup import RestoreFailed, restore
    from commonground.store.database import data_folder, dsn

    data = data_folder()
    try:
        with supervisor.the_only_one(data):
            supervisor.start_database(data)
            try:
                counts = restore(dsn=dsn("cg_migrator"), files=data, backup=arguments.file)
                supervisor.command(data, "migrate")
            finally:
                supervisor.stop_database(data)
    except (RestoreFailed, supervisor.StartFailed) as failed:
        print(failed, file=sys.stderr)
        return 1
    print(f"{sum(counts.values()):,} rows of {len(counts)} tables are back, equal to the backup's.")
    return 0
