"""The launcher and the account that owns the server.

Each holds for whoever runs it: for root by way of an unprivileged account, for anyone else as themselves.
"""

import os
import pwd
import shutil
import stat

import psutil
import pytest
from tests.store.servers import ask, start, write

from commonground.store import postgres
from commonground.store.postgres import account as accounts
from commonground.store.postgres import binaries as programs
from commonground.store.postgres import processes

pytestmark = [pytest.mark.database, pytest.mark.slow]

AS_ROOT = os.geteuid() == 0


def account_of(process: psutil.Process) -> int | None:
    """Whose a process of a server is; None when it has ended meanwhile, as those that serve a question do."""
    try:
        return process.uids().real
    except psutil.NoSuchProcess:
        return None


def test_the_server_never_runs_as_root(data):
    server = start(data)

    owner = (data / "postgres").stat().st_uid
    assert {account_of(process) for process in processes.serving(data / "postgres")} - {None} == {owner}
    assert psutil.Process(server.pid).uids().real == owner
    assert owner != 0
    assert AS_ROOT or owner == os.geteuid()


def test_a_closed_folder_is_opened_for_roots_account_only_and_its_parents_never(open_folder):
    home = open_folder / "home"
    data = home / "project" / "data"
    data.mkdir(parents=True)
    for folder in (data, data.parent, home):
        folder.chmod(0o700)

    server = start(data)

    assert ask(server, "SELECT 1") == 1
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (home, data.parent)] == [0o700, 0o700]
    assert stat.S_IMODE(data.stat().st_mode) == (0o710 if AS_ROOT else 0o700)
    assert (data / "postgres" / "PG_VERSION").is_file()
    postgres.stop(data)
    assert ask(start(data), "SELECT 1") == 1


def test_programs_in_a_closed_home_are_copied_with_their_libraries_only_for_another_account(open_folder):
    home = open_folder / "home"
    package = programs.find().parents[1]
    shutil.copytree(package / "pginstall", home / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, home / libraries.name, symlinks=True)
    home.chmod(0o700)

    data = open_folder / "data"
    data.mkdir(mode=0o700)
    server = start(data, binaries=home / package.name / "pginstall")

    copies = list(data.glob("postgresql-*"))
    place = copies[0] if AS_ROOT else home
    assert str(place) in psutil.Process(server.pid).exe()
    assert {path.name for path in place.iterdir()} == {package.name, libraries.name}
    assert len(copies) == AS_ROOT
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_an_ordinary_user_starts_the_same_server(open_folder, in_child):
    nobody = pwd.getpwnam("nobody")
    account = accounts.Account(nobody.pw_uid, nobody.pw_gid) if AS_ROOT else accounts.Account()
    tools = programs.usable(account, folder=programs.find(), data=open_folder)
    data = open_folder / "data"
    data.mkdir(mode=0o700)
    account.own(data)

    def first_start_and_restart():
        server = start(data, binaries=tools.folder)
        write(server, "CREATE TABLE kept AS SELECT 7 AS value")
        postgres.stop(data)
        assert ask(start(data, binaries=tools.folder), "SELECT value FROM kept") == 7

    assert in_child(first_start_and_restart, user=account.user, group=account.group) == 0
    server = postgres.running(data)
    user = nobody.pw_uid if AS_ROOT else os.geteuid()
    assert psutil.Process(server.pid).uids().real == user
    assert (data / "secrets.json").stat().st_uid == user


def test_only_root_needs_another_account(data, monkeypatch):
    monkeypatch.setattr(accounts, "CANDIDATES", ("no-such-account",))

    if AS_ROOT:
        with pytest.raises(postgres.NoAccount, match="no-such-account"):
            start(data)
    else:
        assert ask(start(data), "SELECT 1") == 1
