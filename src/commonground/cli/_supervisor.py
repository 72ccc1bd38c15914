"""Keeps the database, the site and the worker running together, and stops them together."""

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

FIRST_PORT, LAST_PORT = 8000, 8099
READY_WITHIN_SECONDS = 60
PATIENCE_SECONDS = 10
FILE = "start.json"


class StartFailed(Exception):
    """Commonground cannot start; the message says why and what to do."""


@contextmanager
def the_only_one(data: Path) -> Iterator[None]:
    """Hold the data folder for this supervisor; what a killed one left running is ended first."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / "start.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartFailed(
                "Commonground is already running from this data folder. Stop it with `commonground stop`."
            ) from None
        end_leftovers(data)
        yield


def end_leftovers(data: Path) -> None:
    """End the site and worker that a killed supervisor left running."""
    try:
        pids = json.loads((data / FILE).read_text("utf-8"))["children"]
    except (FileNotFoundError, ValueError, KeyError):
        return
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            if "commonground" in " ".join(process.cmdline()):
                for one in [*process.children(recursive=True), process]:
                    one.kill()
    (data / FILE).unlink(missing_ok=True)


def choose_port(asked: int | None) -> int:
    """The asked port, or the first free one from 8000 on. Raises StartFailed when it is taken."""
    for port in [asked] if asked else range(FIRST_PORT, LAST_PORT + 1):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise StartFailed(f"Port {asked or FIRST_PORT} is taken. Say with --port which one to use.")


def start_database(data: Path) -> None:
    """Start the embedded PostgreSQL and make its roles; with DATABASE_URL there is nothing to start."""
    if os.environ.get("DATABASE_URL"):
        return
    from commonground.store import postgres, roles
    from commonground.store.database import DATABASE
    from commonground.store.secrets import secret

    try:
        server = postgres.start(data)
    except (postgres.ServerFailed, postgres.NoBinaries, postgres.NoAccount) as failed:
        raise StartFailed(str(failed)) from failed
    passwords = {role: secret(data, f"{role}_password") for role in roles.SIGN_IN}
    roles.provision(roles.Connector(server.dsn(database="postgres")), DATABASE, passwords)


def stop_database(data: Path) -> None:
    """Stop the embedded PostgreSQL of the data folder."""
    if not os.environ.get("DATABASE_URL"):
        from commonground.store import postgres

        postgres.stop(data)


def command(*words: str) -> str:
    """Run another command of ours and return what it printed. Raises StartFailed with what it complained about."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "commonground", *words], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise StartFailed(f"`commonground {' '.join(words)}` stopped:\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


class Children:
    """The site and the worker as processes of their own; one that dies is started again."""

    def __init__(self, data: Path, *, port: int) -> None:
        self.data = data
        self.commands = {"site": ["serve", "--port", str(port)], "worker": ["work"]}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.began = time.monotonic()
        self.seconds = 0.0
        self.stopping = False
        for name in self.commands:
            self._start(name)

    def _start(self, name: str) -> None:
        self.running[name] = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "commonground", *self.commands[name]],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        state = {"pid": os.getpid(), "children": [child.pid for child in self.running.values()]}
        (self.data / FILE).write_text(json.dumps(state), "utf-8")

    def wait_until_ready(self, address: str) -> None:
        """Return when the site answers. Raises StartFailed when it does not within a minute."""
        while time.monotonic() - self.began < READY_WITHIN_SECONDS:
            if self.running["site"].poll() is not None:
                break
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                urllib.request.urlopen(f"{address}/", timeout=5).close()  # noqa: S310 - our own address
                self.seconds = round(time.monotonic() - self.began, 2)
                return
            time.sleep(0.05)
        raise StartFailed("The site does not answer. Look at what it printed above.")

    def watch(self) -> None:
        """Return when a person or another process asks to stop."""
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        with contextlib.suppress(KeyboardInterrupt):
            while not self.stopping:
                for name, child in list(self.running.items()):
                    if child.poll() is not None and not self.stopping:
                        print(f"The {name} ended and is started again.", file=sys.stderr)
                        time.sleep(1)
                        self._start(name)
                time.sleep(0.2)

    def _ask_to_stop(self, *_signal: object) -> None:
        self.stopping = True

    def stop(self) -> None:
        """End both, gently first."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for child in self.running.values():
            child.terminate()
        deadline = time.monotonic() + PATIENCE_SECONDS
        for child in self.running.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        (self.data / FILE).unlink(missing_ok=True)


@contextmanager
def children(data: Path, *, port: int) -> Iterator[Children]:
    """The site and the worker until the block ends."""
    os.environ.setdefault("COMMONGROUND_POOL", "4")
    both = Children(data, port=port)
    try:
        yield both
    finally:
        both.stop()
