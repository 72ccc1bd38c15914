"""Back up everything into one file, and restore it: the database as `pg_dump` writes it, the files that were sent, and
the signed papers.

The dump is taken as the backup role, whose own policies show every row. A dump under row security without such policies
would be empty and still end well, so the rows of every table are counted and held against the dump's.
"""

import json
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from commonground.store.postgres.binaries import find

DUMP, COUNTS = "database.dump", "counts.json"
# What stands beside the database, by its name in the data folder: files that were sent, and signed papers.
FOLDERS = ("batches", "agreements")
CONTENTS = "contents.txt"
# What an administrator makes before and the migrator may not make again; and the fingerprint of the walls.
PROVISIONED = (
    " EXTENSION - ",
    " COMMENT - EXTENSION ",
    " SCHEMA - public ",
    " ACL - SCHEMA public ",
    " COMMENT - SCHEMA public ",
    " COMMENT - SCHEMA cg ",  # the fingerprint of the walls: so that the next `migrate` raises them all anew
)


class BackupFailed(Exception):
    """The backup is not whole; no file was left."""


class RestoreFailed(Exception):
    """Nothing was restored; the message says why."""


def back_up(*, dsn: str, files: Path, to: Path) -> dict[str, int]:
    """Write the backup and return the rows of every table. Raises BackupFailed; nothing half done stays.

    dsn: of the backup role. files: the data folder, of which `FOLDERS` are taken. to: must not exist yet.
    """
    if to.exists():
        raise BackupFailed(f"{to.name} exists already: name another file.")
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=".backup-") as folder:
        work = Path(folder)
        with psycopg.connect(dsn) as connection:
            # One snapshot for the counts and the dump, so that they speak of the same moment.
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            (snapshot,) = connection.execute("select pg_export_snapshot()").fetchall()
            counts = row_counts(connection)
            _run(
                "pg_dump",
                dsn,
                "--format=custom",
                "--enable-row-security",
                f"--snapshot={snapshot[0]}",
                f"--file={work / DUMP}",
            )
        _refuse_an_empty_dump(dsn, work / DUMP, counts)
        (work / COUNTS).write_text(json.dumps(counts), "utf-8")
        whole = work / "whole.tar"
        with tarfile.open(whole, "w") as archive:
            archive.add(work / DUMP, DUMP)
            archive.add(work / COUNTS, COUNTS)
            for name in FOLDERS:
                if (files / name).is_dir():
                    archive.add(files / name, name)
        whole.chmod(0o600)
        whole.rename(to)
    return counts


def restore(*, dsn: str, files: Path, backup: Path) -> dict[str, int]:
    """Bring a backup into an empty database and an empty data folder. Raises RestoreFailed and changes nothing then.

    dsn: of the migrator, in a database with its roles (`roles.provision`). Returns the rows of every table, equal to the
    backup's.
    """
    with psycopg.connect(dsn) as connection:
        found = connection.execute("select to_regclass('public.core_person')").fetchone()
        if found != (None,):
            raise RestoreFailed("This database is not empty. Restore into a new data folder.")
    for name in FOLDERS:
        if (files / name).is_dir() and any((files / name).iterdir()):
            raise RestoreFailed(f"There are files in {name} already. Restore into a new data folder.")
    with tempfile.TemporaryDirectory(prefix="commonground-restore-") as folder:
        work = Path(folder)
        try:
            with tarfile.open(backup) as archive:
                archive.extractall(work, filter="data")
            counts: dict[str, int] = json.loads((work / COUNTS).read_text("utf-8"))
        except (OSError, tarfile.TarError, ValueError) as broken:
            raise RestoreFailed(f"{backup.name} is not a backup of Commonground, or is damaged.") from broken
        (work / CONTENTS).write_text(_without_what_is_made_again(work / DUMP), "utf-8")
        _run(
            "pg_restore",
            dsn,
            "--clean",
            "--if-exists",
            "--single-transaction",
            "--exit-on-error",
            f"--use-list={work / CONTENTS}",
            str(work / DUMP),
        )
        with psycopg.connect(dsn) as connection:
            restored = row_counts(connection)
        if restored != counts:
            raise RestoreFailed("The restored rows are not those that were backed up. Do not use this database.")
        files.mkdir(mode=0o700, parents=True, exist_ok=True)
        for source, target in [(work / name, files / name) for name in FOLDERS if (work / name).is_dir()]:
            if target.is_dir():
                target.rmdir()
            source.rename(target) if _same_disk(work, files) else _copy(source, target)
    return counts


def row_counts(connection: psycopg.Connection) -> dict[str, int]:
    """Rows of every table, as this role sees them."""
    tables = connection.execute(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1"
    ).fetchall()
    counts = {}
    for (table,) in tables:
        row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table))).fetchone()
        counts[table] = row[0] if row else 0
    return counts


def _refuse_an_empty_dump(dsn: str, dump: Path, counts: dict[str, int]) -> None:
    """Every table with rows must have its data in the dump."""
    listed = _run("pg_restore", None, "--list", str(dump))
    held = {
        line.split(" TABLE DATA public ")[1].split(" ")[0]
        for line in listed.splitlines()
        if " TABLE DATA public " in line
    }
    missing = sorted(table for table, count in counts.items() if count and table not in held)
    if missing:
        raise BackupFailed(f"The dump lacks {', '.join(missing)}.")
    if not any(counts.get(table) for table in ("django_migrations", "core_rolescope")):
        raise BackupFailed("The backup role sees nothing. Run `commonground migrate` first.")


def _without_what_is_made_again(dump: Path) -> str:
    """The dump's list of contents without what came with the roles, and without what only `migrate` may make.

    The function of cg_keys could be given back to that role only by somebody who may let it create; with it goes the
    schema's fingerprint, so that the next `migrate` raises every wall anew.
    """
    listed = _run("pg_restore", None, "--list", str(dump)).splitlines()
    kept = [line for line in listed if not any(kind in line for kind in PROVISIONED) and not line.endswith(" cg_keys")]
    return "\n".join(kept) + "\n"


def _run(program: str, dsn: str | None, *arguments: str) -> str:
    parts = conninfo_to_dict(dsn) if dsn else {}
    # The password goes by the environment: other people on this machine can read a command line.
    environment = os.environ | {"PGPASSWORD": str(parts.pop("password", ""))}
    words = [str(find() / program), *([f"--dbname={make_conninfo('', **parts)}"] if parts else []), *arguments]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        failure = BackupFailed if program == "pg_dump" else RestoreFailed
        raise failure(f"{program} stopped: {done.stderr.strip()[-400:]}")
    return done.stdout


def _same_disk(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev


def _copy(source: Path, target: Path) -> None:
    import shutil

    shutil.copytree(source, target)
