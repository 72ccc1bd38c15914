"""How the site reaches its database: the embedded server of the data folder, or the one named by DATABASE_URL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from psycopg.conninfo import make_conninfo

from commonground.store import postgres
from commonground.store.secrets import secret

DATABASE = "commonground"


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
    url = os.environ.get("DATABASE_URL")
    if url:
        parts = urlsplit(url)
        options.update(dict(parse_qsl(parts.query)))
        return common | {
            "NAME": unquote(parts.path.lstrip("/")) or DATABASE,
            "USER": role,
            "PASSWORD": secret(data, f"{role}_password"),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
        }
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
    settings.update(USER="cg_migrator", PASSWORD=secret(data_folder(), "cg_migrator_password"))
    try:
        yield
    finally:
        connection.close()
        settings.update(USER=before[0], PASSWORD=before[1])


def dsn(role: str, database: str | None = None) -> str:
    """How psycopg reaches the database as this role; `postgres` is the embedded server's superuser."""
    named = database or os.environ.get("COMMONGROUND_DATABASE", DATABASE)
    server = postgres.running(data_folder())
    if server is not None and not os.environ.get("DATABASE_URL"):
        return server.dsn(role, named)
    url = os.environ.get("DATABASE_URL", "")
    if role == "postgres":
        return url
    return make_conninfo(url, user=role, password=secret(data_folder(), f"{role}_password"))
