"""The embedded PostgreSQL: our own launcher over a folder of PostgreSQL programs."""

from commonground.store.postgres.account import NoAccount
from commonground.store.postgres.binaries import NoBinaries
from commonground.store.postgres.launcher import DATABASE, SUPERUSER, Server, ServerFailed, running, start, stop

__all__ = ["DATABASE", "SUPERUSER", "NoAccount", "NoBinaries", "Server", "ServerFailed", "running", "start", "stop"]
