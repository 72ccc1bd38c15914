"""The launcher's rules: each was learned from a failure (docs/explanation says which)."""

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest

from commonground.store import postgres
from commonground.store.postgres import account as accounts
from commonground.store.postgres import binaries as programs
from commonground.store.postgres import processes

pytestmark = [pytest.mark.database, pytest.mark.slow]

AS_ROOT = os.geteuid() == 0
ROOT = Path(__file__).resolve().parents[2]
START = "import sys; from pathlib import Path; from commonground.store import postgres; "


def start(data: Path, **options) -> postgres.Server:
    return postgres.start(data, durable=False, **options)


def ask(server: postgres.Server, question: str):
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        return connection.execute(question).fetchone()[0]


def write(server: postgres.Server, statement: str) -> None:
    with psycopg.connect(server.dsn()) as connection:
        connection.execute(statement)


def python(code: str, data: Path) -> list[str]:
    return [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); {START}{code}", str(data)]


def stop_hard(server: postgres.Server) -> None:
    os.kill(server.pid, signal.SIGKILL)


def test_a_new_cluster_has_checksums_passwords_and_one_order_on_every_system(data):
    server = start(data)

    assert ask(server, "SHOW data_checksums") == "on"
    assert (
        ask(server, "SELECT concat(datlocprovider, datlocale) FROM pg_database WHERE datname = 'commonground'")
        == "bC.UTF-8"
    )
    assert ask(server, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'") == 0
    assert stat.S_IMODE((data / "secrets.json").stat().st_mode) == 0o600
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.dsn(), password="wrong")


def test_the_server_answers_on_the_socket_and_on_this_machine_only(data):
    server = start(data)

    with psycopg.connect(server.dsn(), host=server.host) as connection:
        assert connection.info.host == "127.0.0.1"
    listening = {c.laddr.ip for c in psutil.Process(server.pid).net_connections("tcp") if c.status == "LISTEN"}
    assert listening == {"127.0.0.1"}
    assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700


def test_the_server_takes_nothing_from_the_surroundings(data, monkeypatch):
    for name, value in {"LC_ALL": "tlh", "TZ": "Asia/Kathmandu", "PGOPTIONS": "-c work_mem=1MB"}.items():
        monkeypatch.setenv(name, value)

    server = start(data)

    monkeypatch.delenv("PGOPTIONS")
    given = psutil.Process(server.pid).environ()
    assert (given["LC_ALL"], given["TZ"], "PGOPTIONS" in given) == ("C", "UTC", False)
    assert (ask(server, "SHOW lc_messages"), ask(server, "SHOW timezone")) == ("C", "UTC")


def test_a_second_start_finds_the_first_server(data):
    first = start(data)

    assert start(data) == first
    assert postgres.running(data) == first


def test_stop_keeps_the_data_and_the_port(data):
    first = start(data)
    write(first, "CREATE TABLE kept AS SELECT 7 AS value")

    assert postgres.stop(data) is True
    assert postgres.running(data) is None
    assert postgres.stop(data) is False

    again = start(data)
    assert ask(again, "SELECT value FROM kept") == 7
    assert again.port == first.port


def test_stopping_a_folder_that_never_started_changes_nothing(data):
    assert postgres.stop(data) is False
    assert not data.exists()


def test_only_tests_give_up_crash_safety(data):
    assert ask(start(data), "SHOW fsync") == "off"

    postgres.stop(data)

    assert ask(postgres.start(data), "SHOW fsync") == "on"


def test_settings_reach_the_server(data):
    assert ask(start(data, settings={"work_mem": "7MB"}), "SHOW work_mem") == "7MB"


def test_a_setting_that_does_not_exist_is_refused_with_the_servers_own_words(data):
    with pytest.raises(postgres.ServerFailed, match="no_such_setting"):
        start(data, settings={"no_such_setting": "1"})


def test_four_starters_at_once_get_one_server(data):
    code = "server = postgres.start(Path(sys.argv[1]), durable=False); print(server.pid, server.port)"

    def one(_):
        return subprocess.run(python(code, data), capture_output=True, text=True, check=True).stdout

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(one, range(4)))

    assert len(answers) == 1
    servers = [p for p in processes.serving(data / "postgres") if p.cmdline()[0].startswith("/")]
    assert len(servers) == 1


def test_four_starters_after_a_killed_server_get_one_server(data):
    stop_hard(start(data))
    code = "server = postgres.start(Path(sys.argv[1]), durable=False); print(server.pid)"

    def one(_):
        return subprocess.run(python(code, data), capture_output=True, text=True, check=True).stdout

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(one, range(4)))) == 1


def test_the_server_outlives_a_killed_program(data):
    code = "print(postgres.start(Path(sys.argv[1]), durable=False).pid, flush=True); import os; os.kill(os.getpid(), 9)"
    killed = subprocess.run(python(code, data), capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL

    assert start(data).pid == int(killed.stdout)


def test_committed_rows_survive_a_killed_server(data):
    first = postgres.start(data)
    write(first, "CREATE TABLE kept AS SELECT generate_series(1, 2000) AS value")

    stop_hard(first)
    again = postgres.start(data)

    assert again.pid != first.pid
    assert ask(again, "SELECT count(*) FROM kept") == 2000


def test_a_killed_server_is_not_running(data):
    server = start(data)

    stop_hard(server)

    assert postgres.running(data) is None


def test_a_pid_that_now_belongs_to_another_program_is_stale(data):
    server = start(data)
    postgres.stop(data)
    pid_file = data / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{data}/postgres\n1\n{server.port}\n{server.socket_dir}\n127.0.0.1\n")

    assert postgres.running(data) is None
    assert postgres.stop(data) is False
    pid_file.write_text(f"{os.getpid()}\n")
    assert start(data).pid != os.getpid()


def test_a_pid_of_another_clusters_server_is_stale(data, tmp_path):
    other = start(tmp_path / "other")
    try:
        start(data)
        postgres.stop(data)
        theirs = (other.data / "postgres" / "postmaster.pid").read_text()
        (data / "postgres" / "postmaster.pid").write_text(theirs)

        assert postgres.running(data) is None
        assert start(data).pid != other.pid
        assert postgres.running(other.data) == other
    finally:
        postgres.stop(other.data)


def test_a_zombie_is_not_a_server(data):
    start(data)
    postgres.stop(data)
    zombie = subprocess.Popen(["true"])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    assert psutil.Process(zombie.pid).status() == psutil.STATUS_ZOMBIE
    (data / "postgres" / "postmaster.pid").write_text(f"{zombie.pid}\n")

    try:
        assert postgres.running(data) is None
        assert start(data).pid != zombie.pid
    finally:
        zombie.wait()


@pytest.mark.parametrize("content", ["", "not a number\n", "999999999\n", "-1\n", "0\n"])
def test_a_broken_pid_file_does_not_stop_a_start(data, content):
    start(data)
    postgres.stop(data)
    (data / "postgres" / "postmaster.pid").write_text(content)

    assert postgres.running(data) is None
    assert postgres.running(start(data).data) is not None


def test_a_killed_first_start_leaves_nothing_half_made(data):
    half = data / "postgres.part"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")

    assert ask(start(data), "SELECT 1") == 1
    assert not half.exists()


def test_a_port_that_another_program_took_is_given_up(data):
    first = start(data)
    postgres.stop(data)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", first.port))
        other.listen()

        assert start(data).port != first.port


def test_a_long_path_gets_a_short_socket_folder(tmp_path):
    data = tmp_path / ("a long name " * 9) / "data"
    try:
        server = start(data)
        assert len(f"{server.socket_dir}/.s.PGSQL.{server.port}") <= 103
        assert ask(server, "SELECT 1") == 1

        postgres.stop(data)

        assert start(data).socket_dir == server.socket_dir
    finally:
        postgres.stop(data)


def test_a_path_may_hold_spaces_quotes_and_letters_of_any_language(tmp_path):
    data = tmp_path / "Ms. O'Brien's \"data\", año 1"
    try:
        assert ask(start(data), "SELECT 1") == 1
    finally:
        postgres.stop(data)


def test_a_moved_data_folder_starts_where_it_is(data, tmp_path):
    write(start(data), "CREATE TABLE kept AS SELECT 7 AS value")
    postgres.stop(data)
    moved = data.rename(tmp_path / "moved")

    try:
        server = start(moved)
        assert ask(server, "SELECT value FROM kept") == 7
        assert not data.exists()
    finally:
        postgres.stop(moved)


def test_a_data_folder_moved_under_its_server_gets_a_new_server(data, tmp_path):
    first = start(data)
    write(first, "CREATE TABLE kept AS SELECT 7 AS value")
    moved = data.rename(tmp_path / "moved")

    try:
        server = start(moved)
        assert ask(server, "SELECT value FROM kept") == 7
        assert not psutil.pid_exists(first.pid) or server.pid == first.pid
        assert len([p for p in processes.serving(moved / "postgres") if p.pid == server.pid]) == 1
    finally:
        postgres.stop(moved)


def test_a_copied_data_folder_is_a_cluster_of_its_own(data, tmp_path):
    first = start(data)
    write(first, "CREATE TABLE kept AS SELECT 7 AS value")
    postgres.stop(data)
    copy = tmp_path / "copy"
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns(".s.*"))  # as root, all of it now belongs to root

    try:
        first, second = start(data), start(copy)
        assert second.pid != first.pid
        assert ask(second, "SELECT value FROM kept") == 7
    finally:
        postgres.stop(copy)


def test_a_cluster_of_another_version_is_refused_with_what_to_do(data):
    start(data)
    postgres.stop(data)
    (data / "postgres" / "PG_VERSION").write_text("17\n")

    with pytest.raises(postgres.ServerFailed, match="commonground backup"):
        start(data)


def test_any_folder_of_programs_may_be_given(data, tmp_path):
    linked = tmp_path / "elsewhere"
    linked.symlink_to(programs.find().parent)

    assert ask(start(data, binaries=linked), "SELECT 1") == 1


def test_programs_older_than_16_are_refused(data, open_folder):
    for name in ("postgres", "initdb"):
        (open_folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) 15.8'\n")
        (open_folder / name).chmod(0o755)

    with pytest.raises(postgres.NoBinaries, match="version 16 or later"):
        start(data, binaries=open_folder)


def test_a_folder_without_programs_is_refused(data, tmp_path):
    with pytest.raises(postgres.NoBinaries, match="no PostgreSQL program"):
        start(data, binaries=tmp_path)


def test_the_environment_may_name_the_programs(data, tmp_path, monkeypatch):
    monkeypatch.setenv("COMMONGROUND_POSTGRES", str(tmp_path))

    with pytest.raises(postgres.NoBinaries, match="no PostgreSQL program"):
        start(data)


# What follows holds for whoever runs it: for root by way of an unprivileged account, for anyone else as themselves.


def test_the_server_never_runs_as_root(data):
    server = start(data)

    owner = (data / "postgres").stat().st_uid
    assert {process.uids().real for process in processes.serving(data / "postgres")} == {owner}
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
