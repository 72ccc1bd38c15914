"""`start` as its user runs it: ready, stopped by Ctrl-C, run again after a kill, stopped from elsewhere."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import psutil
import pytest
from tests.conftest import commonground
from tests.store.starting import QUIET, Running, processes_of

from commonground.store import postgres
from commonground.store.postgres.processes import postmaster

pytestmark = [pytest.mark.database, pytest.mark.slow]


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    yield folder
    commonground("stop", "--data", str(folder))
    postgres.stop(folder)


def test_an_empty_house_is_served_and_control_c_stops_everything(data):
    running = Running(data, "--demo", "none")
    said = running.ready()
    address = next(word for word in said.split() if word.startswith("http://localhost:"))
    with urllib.request.urlopen(address) as answer:
        assert answer.status == 200
    assert "/account/link/" in said

    running.process.send_signal(signal.SIGINT)

    assert running.process.wait(30) == 0
    assert processes_of(data) == []


def test_a_killed_start_is_simply_run_again(data):
    running = Running(data, "--demo", "none")
    running.ready()
    running.process.kill()
    running.process.wait()

    again = commonground("start", "--data", str(data), "--demo", "none", "--once", **QUIET)

    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["students"] == 0
    assert processes_of(data) == []


def test_a_start_killed_while_it_builds_is_simply_run_again(data):
    running = Running(data)
    running.wait_until_building()
    running.process.kill()
    running.process.wait()

    again = commonground("start", "--data", str(data), "--once", **QUIET)

    assert again.returncode == 0, again.stderr
    (line,) = again.stdout.splitlines()
    told = json.loads(line)
    assert set(told) == {"address", "students", "accounts", "rows", "seconds"}
    assert told["address"].startswith("http://localhost:")
    assert (told["students"], told["rows"]["roster_student"]) == (10_273, 10_273)
    assert {tuple(account) for account in told["accounts"]} == {("role", "email", "code")}
    assert len({account["code"] for account in told["accounts"]}) == 1
    assert set(told["seconds"]) == {"database", "migrate", "demonstration", "site"}
    assert processes_of(data) == []


def test_a_second_start_of_the_same_folder_says_so(data):
    running = Running(data, "--demo", "none")
    running.ready()

    second = commonground("start", "--data", str(data), "--demo", "none", "--once", **QUIET)

    assert second.returncode == 1
    assert "already running" in second.stderr
    assert running.process.poll() is None


def test_stop_ends_it_from_elsewhere(data):
    running = Running(data, "--demo", "none")
    running.ready()

    stopped = commonground("stop", "--data", str(data))

    assert stopped.returncode == 0, stopped.stderr
    assert running.process.wait(30) == 0
    assert processes_of(data) == []


def test_stop_spares_a_program_that_has_a_killed_starts_number(data):
    data.mkdir()
    other = subprocess.Popen([sys.executable, "-c", "input()", "commonground"], stdin=subprocess.PIPE)
    (data / "start.lock").touch()
    (data / "start.json").write_text(json.dumps({"pid": other.pid, "children": []}), "utf-8")

    stopped = commonground("stop", "--data", str(data))

    assert stopped.returncode == 0, stopped.stderr
    assert other.poll() is None
    other.communicate(b"\n")


def test_a_taken_port_is_named(data):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = commonground("start", "--data", str(data), "--demo", "none", "--port", str(port), "--once", **QUIET)

    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr


def test_a_killed_site_leaves_no_process_answering_in_its_place(data):
    running = Running(data, "--demo", "none")
    said = running.ready()
    address = next(word for word in said.split() if word.startswith("http://localhost:"))
    site = psutil.Process(json.loads((data / "start.json").read_text())["children"][0])
    answering = site.children()
    site.kill()

    gone, left = psutil.wait_procs(answering, timeout=60)

    assert gone
    assert left == []
    assert answers(data, address)
    assert running.process.poll() is None


def test_a_killed_database_is_started_again_and_the_site_answers(data):
    running = Running(data, "--demo", "none")
    said = running.ready()
    address = next(word for word in said.split() if word.startswith("http://localhost:"))
    os.kill(postgres.running(data).pid, signal.SIGKILL)

    assert answers(data, address)
    assert running.process.poll() is None


def test_a_database_killed_while_it_starts_is_started_once_more(data):
    running = Running(data, "--demo", "none")
    said = running.ready()
    address = next(word for word in said.split() if word.startswith("http://localhost:"))
    first = postgres.running(data).pid
    os.kill(first, signal.SIGKILL)

    found, ends = None, time.monotonic() + 60
    while (found is None or found.process.pid == first) and time.monotonic() < ends:
        found = postmaster(data / "postgres")
    found.process.kill()

    assert answers(data, address)
    assert running.process.poll() is None


def answers(data, address):
    """Whether the site answers within a while out of its database: a link that nobody has."""
    tries = 0
    while tries < 300:
        tries += 1
        threading.Event().wait(0.1)
        if postgres.running(data) is None:
            continue
        try:
            with urllib.request.urlopen(f"{address}/account/link/none/", timeout=5):
                return True
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return True
        except OSError:
            continue
    return False
