"""Which operating-system account runs the server: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CANDIDATES = ("postgres", "nobody")
PINNED = {"LC_ALL": "C", "PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "UTC"}


class NoAccount(Exception):
    """Root has no unprivileged account to hand the server to."""


@dataclass(frozen=True)
class Account:
    """An account that owns the cluster and runs its server; `user` is None when that is ourselves."""

    user: int | None = None
    group: int | None = None

    def options(self, cwd: Path) -> dict[str, Any]:
        """Keyword arguments for `subprocess` that run a command as this account inside the folder `cwd`."""
        options: dict[str, Any] = {"cwd": cwd, "env": dict(PINNED)}
        if self.user is not None:
            options |= {"user": self.user, "group": self.group, "extra_groups": []}
        return options

    def own(self, path: Path) -> None:
        """Give one file or folder to this account."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)

    def own_tree(self, folder: Path) -> None:
        """Give a folder and all in it to this account: root's `cp -r` leaves a cluster owned by root."""
        self.own(folder)
        for parent, folders, files in os.walk(folder):
            for name in (*folders, *files):
                if self.user is not None and self.group is not None:
                    os.chown(Path(parent, name), self.user, self.group, follow_symlinks=False)

    def reaches(self, folder: Path) -> bool:
        """Whether this account can enter the folder by its path."""
        if self.user is None:
            return True
        command = ["/bin/sh", "-c", 'cd -- "$0"', str(folder)]
        return subprocess.run(command, capture_output=True, **self.options(Path("/"))).returncode == 0  # noqa: S603

    def open_folder(self, folder: Path) -> None:
        """Let this account pass through the folder itself; the folder's parents are never touched."""
        if self.user is None or self.group is None:
            return
        mode = folder.stat().st_mode
        if not mode & 0o001:
            os.chown(folder, -1, self.group)
            folder.chmod((mode & 0o777) | 0o010)


def account_for(cluster: Path) -> Account:
    """Ourselves, or when we are root the cluster's owner, else the first unprivileged account there is.

    Raises NoAccount when root finds none.
    """
    if os.geteuid() != 0:
        return Account()
    if cluster.exists():
        found = cluster.stat()
        if found.st_uid != 0:
            return Account(found.st_uid, found.st_gid)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise NoAccount(f"PostgreSQL does not run as root, and none of the accounts {', '.join(CANDIDATES)} exists here.")
