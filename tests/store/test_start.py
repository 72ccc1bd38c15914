"""`start` as its user runs it: ready, stopped by Ctrl-C, run again after a kill, stopped from elsewhere."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import pytest
from tests.conftest import commonground
from tests.store.starting import QUIET, Running, processes_of

from commonground.store import postgres

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


def test_a_killed_database_is_started_again_and_the_site_answers(data):
    running = Running(data, "--demo", "none")
    said = running.ready()
    address = next(word for word in said.split() if word.startswith("http://localhost:"))
    os.kill(postgres.running(data).pid, signal.SIGKILL)

    answer, tries = 0, 0
    while answer not in (200, 404) and tries < 300:
        tries += 1
        threading.Event().wait(0.1)
        if postgres.running(data) is None:
            continue
        try:
            # A link nobody has: the answer comes from the database.
            with urllib.request.urlopen(f"{address}/account/link/none/", timeout=5) as page:
                answer = page.status
        except urllib.error.HTTPError as error:
            answer = error.code
        except OSError:
            answer = 0

    assert answer in (200, 404)
    assert running.process.poll() is None
