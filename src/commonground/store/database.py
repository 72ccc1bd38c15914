"""How the site reaches its database: the embedded server of the data folder, or the one named by DATABASE_URL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from commonground.store import postgres
from commonground.store.secrets import secret

DATABASE = "commonground"
_DJANGO = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}


class NoServer(Exception):
    """No database answers for the data folder."""


def data_folder() -> Path:
    """The folder that holds everything this installation knows: COMMONGROUND_DATA, else `.data` beside the code."""
    named = os.environ.get("COMMONGROUND_DATA")
    return Path(named).resolve() if named else Path(__file__).resolve().parents[3] / ".data"


def connection_settings(data: Path) -> dict[str, Any]:
    """Django's settings for the one database.

    The role is COMMONGROUND_DATABASE_ROLE: `cg_login` unless a command (migrate, backup) asks for another.
    With no server running the settings still load, so that commands which need none work.
    """
    role = os.environ.get("COMMONGROUND_DATABASE_ROLE", "cg_login")
    options: dict[str, Any] = {"application_name": "commonground"}
    if os.environ.get("COMMONGROUND_POOL"):
        options["pool"] = {"min_size": 1, "max_size": int(os.environ["COMMONGROUND_POOL"]), "timeout": 5}
    common: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # after a restart of the server no page meets a dead connection
        "OPTIONS": options,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
    if outside := _outside(role, data):
        named = {key: outside.pop(part, "") for key, part in _DJANGO.items()}
        options.update(outside)
        return common | named
    server = postgres.running(data)
    return common | {
        "NAME": os.environ.get("COMMONGROUND_DATABASE", DATABASE),
        "USER": role,
        "PASSWORD": secret(data, f"{role}_password"),
        "HOST": server.host if server else "localhost",
        "PORT": str(server.port) if server else "1",
    }


@contextmanager
def as_migrator() -> Iterator[None]:
    """Be the migrator for a while: the role under which organizations, people and roles are set up.

    For the operator's commands only; outside any transaction.
    """
    from django.db import connection

    connection.close()
    settings = connection.settings_dict
    before = settings["USER"], settings["PASSWORD"]
    settings.update(USER="cg_migrator", PASSWORD=_password("cg_migrator", data_folder()))
    try:
        yield
    finally:
        connection.close()
        settings.update(USER=before[0], PASSWORD=before[1])


def dsn(role: str, database: str | None = None) -> str:
    """How psycopg reaches the database as this role; `postgres` is the embedded server's superuser."""
    data = data_folder()
    if outside := _outside(role, data):
        return make_conninfo("", **outside)
    server = postgres.running(data)
    if server is None:
        raise NoServer("The embedded PostgreSQL of the data folder does not run. Start it with `commonground start`.")
    return server.dsn(role, database or os.environ.get("COMMONGROUND_DATABASE", DATABASE))


def database_name() -> str:
    """Which database this is, without a password: its server and name, or the data folder's own."""
    parts = conninfo_to_dict(os.environ.get("DATABASE_URL") or "")
    if parts:
        return f"{parts.get('host', '')}:{parts.get('port', '')}/{parts.get('dbname', DATABASE)}"
    return os.environ.get("COMMONGROUND_DATABASE", DATABASE)


def _outside(role: str, data: Path) -> dict[str, str]:
    """What DATABASE_URL says, for this role; empty without one."""
    parts = {key: str(value) for key, value in conninfo_to_dict(os.environ.get("DATABASE_URL") or "").items()}
    return {"dbname": DATABASE} | parts | {"user": role, "password": _password(role, data)} if parts else {}


def _password(role: str, data: Path) -> str:
    """The role's password: of DATABASE_URL when it names this user, else the installation's secret."""
    parts = conninfo_to_dict(os.environ.get("DATABASE_URL") or "")
    given = parts.get("password") if parts.get("user") == role else None
    return str(given) if given else secret(data, f"{role}_password")
