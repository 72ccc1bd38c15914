"""Starts and stops the embedded PostgreSQL of a data folder.

In the data folder: `postgres/` the cluster, `postgres.log`, `postgres.json` (port and socket folder of the last start),
`postgres.lock`, `run/` the socket, `secrets.json`. When root starts it, the server runs as an unprivileged account.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo

from commonground.store.postgres import binaries as programs
from commonground.store.postgres import processes
from commonground.store.postgres.account import Account, account_for
from commonground.store.postgres.binaries import Binaries
from commonground.store.secrets import secret

SUPERUSER = "postgres"
DATABASE = "commonground"
HOST = "127.0.0.1"
# The kernel's limit for a socket's path is 108 bytes on Linux, 104 on macOS; the file name takes 17 of them.
LONGEST_SOCKET_FOLDER = 85
# For one small machine that also runs the site: a district's indexes fit into memory, and a large batch is not slowed by
# checkpoints that write every page anew. `jit` costs short queries more than it gives long ones.
SIZES = {
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
}
# What the server writes down of its own: no statement and no row, for both hold children's values. Errors of statements are
# told to the program that asked, and to nobody else.
DISCREET = {"log_min_messages": "log", "log_min_error_statement": "panic", "log_error_verbosity": "terse"}
FORGETFUL = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
_started: list[subprocess.Popen[bytes]] = []


class ServerFailed(Exception):
    """The embedded PostgreSQL does not start; the message ends with the last lines of its log."""


@dataclass(frozen=True)
class Server:
    """A running embedded server."""

    data: Path
    host: str
    port: int
    socket_dir: Path
    pid: int
    superuser: str = SUPERUSER

    def dsn(self, role: str = SUPERUSER, database: str = DATABASE) -> str:
        """Connection string through the socket. The password is the secret `<role>_password` of the data folder."""
        password = secret(self.data, f"{role}_password")
        return make_conninfo(host=str(self.socket_dir), port=self.port, user=role, password=password, dbname=database)


def start(
    data: Path,
    *,
    binaries: Path | None = None,
    settings: Mapping[str, str] | None = None,
    durable: bool = True,
) -> Server:
    """The running server of the data folder, started when it is not running yet; the cluster is made on first use.

    binaries: a folder of PostgreSQL 16 or later, None for the wheel's. settings: server settings by name, used when the
    server is started here. durable: False gives up crash safety for speed (tests only).
    Any number of processes may call this at once; they get the same server. It outlives them: see `stop`.
    Raises ServerFailed, NoBinaries, NoAccount.
    """
    data = data.absolute()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock(data):
        server = _answering(data)
        if server is None:
            cluster = data / "postgres"
            account = account_for(cluster)
            account.open_folder(data)
            tools = programs.usable(account, folder=programs.find(binaries), data=data)
            processes.end(cluster, patience=2)
            if cluster.exists():
                _adopt(cluster, account=account, tools=tools)
            else:
                _create(cluster, account=account, tools=tools, durable=durable)
            wanted = {"timezone": "UTC", "log_timezone": "UTC"} | SIZES | DISCREET | ({} if durable else FORGETFUL)
            wanted |= dict(settings or {})
            server = _launch(cluster, account=account, tools=tools, settings=wanted)
        _ensure_database(server)
    return server


def stop(data: Path) -> bool:
    """Stop the server of the data folder; False when none was running."""
    data = data.absolute()
    cluster = data / "postgres"
    if not cluster.exists():
        return False
    with _lock(data):
        found = processes.postmaster(cluster)
        if found is not None:
            found.process.send_signal(signal.SIGINT)
        processes.end(cluster, patience=60)
        _reap()
        (cluster / processes.PID_FILE).unlink(missing_ok=True)
    return found is not None


def running(data: Path) -> Server | None:
    """The server of the data folder when it answers now, else None."""
    data = data.absolute()
    found = processes.postmaster(data / "postgres")
    if found is None or _ping(found.socket_dir, found.port) != pq.Ping.OK:
        return None
    return Server(data, HOST, found.port, found.socket_dir, found.process.pid)


def _answering(data: Path) -> Server | None:
    """The running server, waited for while it recovers; None when there is none or its socket is out of reach."""
    patience_ends = time.monotonic() + 5
    while found := processes.postmaster(data / "postgres"):
        answer = _ping(found.socket_dir, found.port)
        if answer == pq.Ping.OK:
            return Server(data, HOST, found.port, found.socket_dir, found.process.pid)
        is_moved = found.port and not found.socket_dir.exists()
        if is_moved or (answer != pq.Ping.REJECT and time.monotonic() > patience_ends):
            found.process.send_signal(signal.SIGINT)
            processes.end(data / "postgres", patience=30)
            break
        time.sleep(0.02)
    return None


def _ping(folder: Path, port: int) -> pq.Ping:
    return pq.Ping(pq.PGconn.ping(make_conninfo(host=str(folder), port=port, connect_timeout=2).encode()))


@contextlib.contextmanager
def _lock(data: Path) -> Iterator[None]:
    with (data / "postgres.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _reap() -> None:
    """Collect servers that this process started and that have ended, so that they do not stay as zombies."""
    _started[:] = [process for process in _started if process.poll() is None]


def _adopt(cluster: Path, *, account: Account, tools: Binaries) -> None:
    """Make an existing cluster ready to start: the right owner, no stale pid file, a version that fits.

    Only called when no process serves the cluster.
    """
    _reap()
    (cluster / processes.PID_FILE).unlink(missing_ok=True)
    if account.user is not None and cluster.stat().st_uid != account.user:
        account.own_tree(cluster)
    cluster.chmod(0o700)
    major = int((cluster / "PG_VERSION").read_text(encoding="utf-8"))
    if major != tools.major:
        raise ServerFailed(
            f"{cluster} was made by PostgreSQL {major}, the programs are PostgreSQL {tools.major}. "
            f"Start it once with version {major} (COMMONGROUND_POSTGRES), run `commonground backup`, and restore."
        )


def _place(cluster: Path, account: Account) -> str:
    """How the server is told its folder: as its own working directory, where the system can say so.

    Linux can. A server then enters also where its account may not pass a parent of the data folder, and one whose folder
    is moved still finds its control file and can stop in order.
    """
    own_folder = Path("/proc/self/cwd")
    if own_folder.exists():
        return str(own_folder)
    if not account.reaches(cluster):
        raise ServerFailed(f"The database account cannot reach {cluster}. Give a data folder with --data elsewhere.")
    return str(cluster)


def _create(cluster: Path, *, account: Account, tools: Binaries, durable: bool) -> None:
    """Make a cluster beside its final place and move it there when it is whole: a killed start leaves nothing half."""
    part = cluster.with_name("postgres.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    account.own(part)
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    if tools.major < 17:
        locale = ["--locale-provider=libc", "--locale=C.UTF-8"]
    with tempfile.TemporaryFile() as password:
        password.write(secret(cluster.parent, f"{SUPERUSER}_password").encode())
        password.flush()
        password.seek(0)
        if account.user is not None and account.group is not None:
            os.fchown(password.fileno(), account.user, account.group)
        done = subprocess.run(  # noqa: S603
            [
                tools.program("initdb"),
                f"--pgdata={_place(part, account)}",
                f"--username={SUPERUSER}",
                f"--pwfile=/dev/fd/{password.fileno()}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                *locale,
                "--data-checksums",
                "--no-instructions",
                *([] if durable else ["--no-sync"]),
            ],
            capture_output=True,
            text=True,
            pass_fds=[password.fileno()],
            **account.options(part),
        )
    if done.returncode:
        raise ServerFailed(f"initdb failed: {done.stderr.strip()}")
    part.rename(cluster)


def _launch(cluster: Path, *, account: Account, tools: Binaries, settings: Mapping[str, str]) -> Server:
    """Start the server, and wait until it answers however long its recovery takes."""
    data = cluster.parent
    remembered = _remembered(data)
    folder = _socket_folder(data, account=account, remembered=remembered)
    for left in folder.glob(".s.PGSQL.*"):  # a killed server's; its lock names a number that may be recycled too
        left.unlink()
    log = data / "postgres.log"
    for port in _ports(remembered):
        options = {
            "listen_addresses": HOST,
            "port": str(port),
            "unix_socket_directories": '"{}"'.format(str(folder).replace('"', '""')),
            "unix_socket_permissions": "0700",
            **settings,
        }
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with log.open("ab") as file:
            begins_at = file.tell()
            process = subprocess.Popen(  # noqa: S603
                [tools.program("postgres"), "-D", _place(cluster, account), *flags],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
                **account.options(cluster),
            )
        _started.append(process)
        while process.poll() is None:
            if _ping(folder, port) == pq.Ping.OK:
                kept = {"data": str(data), "port": port, "socket_dir": str(folder)}
                (data / "postgres.json").write_text(json.dumps(kept), encoding="utf-8")
                return Server(data, HOST, port, folder, process.pid)
            time.sleep(0.02)
        _reap()
        with log.open("rb") as file:
            file.seek(begins_at)
            said = file.read().decode(errors="replace")
        if "could not bind" not in said:
            break
    raise ServerFailed("PostgreSQL did not start. Its last lines:\n" + "\n".join(said.splitlines()[-8:]))


def _remembered(data: Path) -> dict[str, str | int]:
    try:
        kept: dict[str, str | int] = json.loads((data / "postgres.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return kept


def _ports(remembered: Mapping[str, str | int]) -> Iterator[int]:
    """The last port first, then free ones: another program may take one between the question and the answer."""
    if "port" in remembered:
        yield int(remembered["port"])
    for _ in range(5):
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        yield port


def _socket_folder(data: Path, *, account: Account, remembered: Mapping[str, str | int]) -> Path:
    """A folder for the socket that the account owns: in the data folder, or a short one elsewhere when it must be."""
    own = data / "run"
    own.mkdir(mode=0o700, exist_ok=True)
    account.own(own)
    if len(os.fsencode(own)) <= LONGEST_SOCKET_FOLDER and account.reaches(own):
        return own
    last = Path(str(remembered.get("socket_dir", "")))
    owner = os.geteuid() if account.user is None else account.user
    is_ours = remembered.get("data") == str(data)  # a copied data folder remembers the other's socket folder
    if is_ours and last.is_dir() and last != own and not last.is_symlink() and last.stat().st_uid == owner:
        return last
    for parent in (Path(tempfile.gettempdir()), programs.SYSTEM_FOLDER):
        if parent == programs.SYSTEM_FOLDER:
            parent.mkdir(mode=0o755, exist_ok=True)
        short = Path(tempfile.mkdtemp(prefix="commonground-", dir=parent))
        account.own(short)
        if len(os.fsencode(short)) <= LONGEST_SOCKET_FOLDER and account.reaches(short):
            return short
        short.rmdir()
    raise ServerFailed(f"No folder is short enough for the server's socket. Set TMPDIR shorter than {short.parent}.")


def _ensure_database(server: Server) -> None:
    with psycopg.connect(server.dsn(database="postgres"), autocommit=True) as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
