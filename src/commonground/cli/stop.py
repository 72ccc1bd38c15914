"""Stop what `start` started."""

import argparse
import contextlib
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

HELP = "stop the site, the worker and the embedded database of a data folder"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder; else .data beside the code")


def _wait_for_end(process: "psutil.Process") -> None:
    """Return when the process has ended, or after half a minute. A zombie that nobody has buried has ended."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.is_running() and process.status() != "zombie":
        time.sleep(0.05)


def run(arguments: argparse.Namespace) -> int:
    if arguments.data:
        os.environ["COMMONGROUND_DATA"] = str(arguments.data.absolute())
    import psutil

    from commonground.cli._supervisor import FILE, end_leftovers, is_held, stop_database
    from commonground.store.database import data_folder

    data = data_folder()
    with contextlib.suppress(FileNotFoundError, ValueError, psutil.Error):
        if is_held(data):
            supervisor = psutil.Process(json.loads((data / FILE).read_text("utf-8"))["pid"])
            supervisor.terminate()
            _wait_for_end(supervisor)
    if data.exists():
        end_leftovers(data)
        stop_database(data)
    return 0
