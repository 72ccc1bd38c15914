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
DATABASE_LOOK_SECONDS = 2
FILE, LOCK = "start.json", "start.lock"
ASKS_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StartFailed(Exception):
    """Commonground cannot start; the message says why and what to do."""


@contextmanager
def the_only_one(data: Path) -> Iterator[None]:
    """Hold the data folder for this supervisor; what a killed one left running is ended first."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartFailed(
                "Commonground is already running from this data folder. Stop it with `commonground stop`."
            ) from None
        end_leftovers(data)
        _note(data, children=[])
        try:
            yield
        finally:
            (data / FILE).unlink(missing_ok=True)


def is_held(data: Path) -> bool:
    """Whether a supervisor lives for this data folder; a number in its note may by now be another program's."""
    with contextlib.suppress(FileNotFoundError), (data / LOCK).open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _note(data: Path, *, children: list[int]) -> None:
    """Say who runs here, for `stop` and for the next start."""
    part = data / f"{FILE}.part"
    part.write_text(json.dumps({"pid": os.getpid(), "children": children}), "utf-8")
    part.replace(data / FILE)


def end_leftovers(data: Path) -> None:
    """End the site and worker that a killed supervisor left running."""
    try:
        pids = json.loads((data / FILE).read_text("utf-8"))["children"]
    except (FileNotFoundError, ValueError, KeyError):
        return
    for pid in pids:
        _end_session_of(pid)
    (data / FILE).unlink(missing_ok=True)


def _end_session_of(pid: int) -> None:
    for process in _session_of(pid):
        with contextlib.suppress(psutil.Error):
            process.kill()


def _session_of(pid: int) -> list[psutil.Process]:
    """The processes of a child's session, also when the child itself is gone; none when its number was recycled."""
    with contextlib.suppress(psutil.Error):
        if "commonground" not in psutil.Process(pid).cmdline():
            return []
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(OSError):
            if os.getsid(process.pid) == pid:
                found.append(process)
    return found


def choose_port(asked: int | None) -> int:
    """The asked port, or the first free one from 8000 on. Raises StartFailed when it is taken."""
    for port in [asked] if asked else range(FIRST_PORT, LAST_PORT + 1):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        # A browser may try ::1 first for `localhost`: another program there would answer in our place.
        with contextlib.suppress(OSError), socket.create_connection(("::1", port), timeout=1):
            continue
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
    except (postgres.ServerFailed, postgres.NoBinaries, postgres.NoAccount, PermissionError) as failed:
        raise StartFailed(str(failed)) from failed
    passwords = {role: secret(data, f"{role}_password") for role in roles.SIGN_IN}
    roles.provision(roles.Connector(server.dsn(database="postgres")), DATABASE, passwords)


def stop_database(data: Path) -> None:
    """Stop the embedded PostgreSQL of the data folder."""
    if not os.environ.get("DATABASE_URL"):
        from commonground.store import postgres

        postgres.stop(data)


def command(data: Path, *words: str) -> str:
    """Run another command of ours and return what it printed. Raises StartFailed with what it complained about.

    It is noted while it runs: a supervisor that is killed must not leave it working beside the next one's.
    """
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "commonground", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            _note(data, children=[process.pid])
            printed, complaint = process.communicate()
        except BaseException:
            process.kill()
            raise
        finally:
            _note(data, children=[])
    if process.returncode != 0:
        raise StartFailed(f"`commonground {' '.join(words)}` stopped:\n{complaint.strip() or printed.strip()}")
    return printed


def stop_when_asked() -> None:
    """Let `commonground stop`, a closed terminal and Ctrl-C all end in KeyboardInterrupt, wherever we are."""
    for number in ASKS_TO_STOP:
        signal.signal(number, signal.default_int_handler)


class Children:
    """The site and the worker as processes of their own; one that dies is started again."""

    def __init__(self, data: Path, *, port: int) -> None:
        self.data = data
        self.commands = {"site": ["serve", "--port", str(port)], "worker": ["work"]}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.began = time.monotonic()
        self.seconds = 0.0
        self.has_database = True
        for name in self.commands:
            self._start(name)

    def _start(self, name: str) -> None:
        self.running[name] = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "commonground", *self.commands[name]],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        _note(self.data, children=[child.pid for child in self.running.values()])

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
        looked = time.monotonic()
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                for name, child in list(self.running.items()):
                    if child.poll() is not None:
                        print(f"The {name} ended and is started again.", file=sys.stderr)
                        # Of a killed site, those who answer live on and would hold its port.
                        _end_session_of(child.pid)
                        time.sleep(1)
                        self._start(name)
                if time.monotonic() - looked > DATABASE_LOOK_SECONDS:
                    looked = time.monotonic()
                    self._keep_database()
                time.sleep(0.2)

    def _keep_database(self) -> None:
        """Start a database again that died; the site and the worker then begin anew, for its port may differ.

        One that dies while it starts is tried again at the next look.
        """
        import psycopg

        from commonground.store import postgres

        if os.environ.get("DATABASE_URL") or (self.has_database and postgres.running(self.data)):
            return
        print("The database ended and is started again.", file=sys.stderr)
        self.has_database = False
        try:
            start_database(self.data)
        except (StartFailed, psycopg.OperationalError) as failed:
            print(failed, file=sys.stderr)
            return
        self.has_database = True
        for child in self.running.values():
            child.terminate()

    def stop(self) -> None:
        """End both, gently first."""
        for number in ASKS_TO_STOP:
            signal.signal(number, signal.SIG_IGN)
        for child in self.running.values():
            child.terminate()
        deadline = time.monotonic() + PATIENCE_SECONDS
        for child in self.running.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


@contextmanager
def children(data: Path, *, port: int) -> Iterator[Children]:
    """The site and the worker until the block ends."""
    os.environ.setdefault("COMMONGROUND_POOL", "4")
    both = Children(data, port=port)
    try:
        yield both
    finally:
        both.stop()
