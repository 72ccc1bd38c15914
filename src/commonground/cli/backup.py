"""Back up the database and the batches' files into one file."""

import argparse
import sys
from pathlib import Path

HELP = "back up everything into one file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the file to write; it must not exist yet")


def run(arguments: argparse.Namespace) -> int:
    from commonground.store.backup import BackupFailed, back_up
    from commonground.store.database import NoServer, data_folder, dsn

    data = data_folder()
    try:
        counts = back_up(dsn=dsn("cg_backup"), files=data, to=arguments.file.absolute())
    except (BackupFailed, NoServer) as failed:
        print(failed, file=sys.stderr)
        return 1
    print(f"{sum(counts.values()):,} rows of {len(counts)} tables are in {arguments.file.name}.")
    print("Keep secrets.json of the data folder in another safe place: second steps cannot be read without it.")
    return 0
