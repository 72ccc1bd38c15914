"""Which processes serve a cluster. A number in a pid file proves nothing: containers recycle small ones."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

PID_FILE = "postmaster.pid"


@dataclass(frozen=True)
class Postmaster:
    """The live server of a cluster, as its pid file describes it."""

    process: psutil.Process
    port: int
    socket_dir: Path


def postmaster(cluster: Path) -> Postmaster | None:
    """The live server that the cluster's pid file names, or None when that process is gone, a zombie or another."""
    try:
        lines = (cluster / PID_FILE).read_text(encoding="utf-8").splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    process = _serving(pid, cluster)
    if process is None:
        return None
    port = int(lines[3]) if len(lines) > 3 and lines[3].strip().isdigit() else 0
    return Postmaster(process, port, Path(lines[4]) if len(lines) > 4 else Path())


def serving(cluster: Path) -> list[psutil.Process]:
    """Every live `postgres` process of this cluster, with or without a pid file."""
    found = (_serving(process.pid, cluster) for process in psutil.process_iter(["name"]) if _is_postgres(process))
    return [process for process in found if process is not None]


def _is_postgres(process: psutil.Process) -> bool:
    return str(process.info["name"] or "").startswith("postgres")


def _serving(pid: int, cluster: Path) -> psutil.Process | None:
    """The process when it is a live `postgres` that works inside the cluster's folder (every server process does)."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
            return None
        return process if os.path.samefile(process.cwd(), cluster) else None
    except (psutil.Error, OSError, ValueError):  # ValueError: a negative number
        return None


def end(cluster: Path, *, patience: float) -> None:
    """Wait until no process serves the cluster; after `patience` seconds stop at once, after twice that kill.

    Backends of a killed server leave by themselves; a new server may not start before they have.
    """
    began = time.monotonic()
    sent: set[tuple[int, int]] = set()
    while left := serving(cluster):
        waited = time.monotonic() - began
        number = 0 if waited < patience else signal.SIGQUIT if waited < 2 * patience else signal.SIGKILL
        for process in left:
            if number and (process.pid, number) not in sent:
                sent.add((process.pid, number))
                try:
                    process.send_signal(number)
                except psutil.NoSuchProcess:
                    continue
        time.sleep(0.02)
