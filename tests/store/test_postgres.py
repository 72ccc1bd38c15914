"""The launcher's rules: each was learned from a failure (docs/explanation says which)."""

import os
import signal
import socket
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor

import psutil
import psycopg
import pytest
from tests.store.servers import ask, postmasters, python, start, stop_hard, write

from commonground.store import postgres

pytestmark = [pytest.mark.database, pytest.mark.slow]

AS_ROOT = os.geteuid() == 0


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
    assert len(postmasters(data)) == 1


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
