"""A server of this machine for a test: started without crash safety, asked and written to as its administrator."""

import os
import signal
import sys
from pathlib import Path

import psutil
import psycopg

from commonground.store import postgres
from commonground.store.postgres import processes

ROOT = Path(__file__).resolve().parents[2]
START = "import sys; from pathlib import Path; from commonground.store import postgres; "


def start(data: Path, **options) -> postgres.Server:
    return postgres.start(data, durable=False, **options)


def ask(server: postgres.Server, question: str):
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        return connection.execute(question).fetchone()[0]


def write(server: postgres.Server, statement: str) -> None:
    with psycopg.connect(server.dsn()) as connection:
        connection.execute(statement)


def python(code: str, data: Path) -> list[str]:
    return [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); {START}{code}", str(data)]


def stop_hard(server: postgres.Server) -> None:
    os.kill(server.pid, signal.SIGKILL)


def postmasters(data: Path) -> list[int]:
    """Numbers of the processes that were started as a server of this folder: a server's own children name no program."""
    found = []
    for process in processes.serving(data / "postgres"):
        try:
            words = process.cmdline()
        except psutil.NoSuchProcess:  # it served a question that has been answered
            continue
        if words and words[0].startswith("/"):
            found.append(process.pid)
    return found
