"""Stop what `start` started."""

import argparse
import contextlib
import json
import os
from pathlib import Path

HELP = "stop the site, the worker and the embedded database of a data folder"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder; else .data beside the code")


def run(arguments: argparse.Namespace) -> int:
    if arguments.data:
        os.environ["COMMONGROUND_DATA"] = str(arguments.data.absolute())
    import psutil

    from commonground.cli._supervisor import FILE, end_leftovers, stop_database
    from commonground.store.database import data_folder

    data = data_folder()
    with contextlib.suppress(FileNotFoundError, ValueError, psutil.Error):
        supervisor = psutil.Process(json.loads((data / FILE).read_text("utf-8"))["pid"])
        if "commonground" in " ".join(supervisor.cmdline()):
            supervisor.terminate()
            supervisor.wait(30)
    if data.exists():
        end_leftovers(data)
        stop_database(data)
    return 0
