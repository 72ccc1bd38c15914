"""Runs `commonground start` in the background, as a person in a terminal would."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import psutil

QUIET = {"COMMONGROUND_DATABASE": "commonground", "COMMONGROUND_DEMONSTRATION_CODE": ""}


class Running:
    """A `start` in the background; `ready` waits for its last line and answers with all it said."""

    def __init__(self, data: Path, *words: str, **more: str) -> None:
        self.data = data
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)} | QUIET | more
        environment.pop("COMMONGROUND_DATA")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "commonground", "start", "--data", str(data), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )

    def ready(self) -> str:
        said = ""
        stopper = threading.Timer(300, self.process.kill)
        stopper.start()
        for line in self.process.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        stopper.cancel()
        return said

    def wait_until_building(self) -> None:
        """Return in the middle of the demonstration: some districts' files are in, others are not."""
        batches = self.data / "batches"
        while self.process.poll() is None and (not batches.is_dir() or len(list(batches.iterdir())) < 3):
            threading.Event().wait(0.02)
        assert self.process.poll() is None, self.process.stdout.read()


def processes_of(data: Path) -> list[psutil.Process]:
    """Ours that work for this data folder: supervisor, site, worker, server."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        words = " ".join(process.info["cmdline"] or [])
        if str(data) in words or (process.info["environ"] or {}).get("COMMONGROUND_DATA") == str(data):
            found.append(process)
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]
