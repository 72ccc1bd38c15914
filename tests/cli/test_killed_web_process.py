"""`kill -9` of one of the processes that answer: the others go on, and another one takes its place."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.client import HTTPException

import psutil
import pytest
from django.db import connection
from tests.conftest import FOLDER

from commonground.store.secrets import secret

pytestmark = pytest.mark.database
PROCESSES, GIVE_UP_SECONDS = 2, 60


@pytest.fixture
def site(world, databases):
    """The site as `commonground serve` runs it, once it answers: its process, and the address of a page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = os.environ | {
        "COMMONGROUND_ADDRESS": f"http://localhost:{port}",
        "DATABASE_URL": f"postgresql://cg_login:{secret(FOLDER, 'cg_login_password')}@localhost:{databases.server.port}"
        f"/{connection.settings_dict['NAME']}",
        "PYTHONPATH": os.pathsep.join(part for part in sys.path if part),
    }
    words = ["serve", "--port", str(port), "--workers", str(PROCESSES)]
    running = subprocess.Popen([sys.executable, "-m", "commonground", *words], env=environ)
    address = f"http://localhost:{port}/account/sign-in/"
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while asked(address) != "200" and time.monotonic() < deadline and running.poll() is None:
        pass
    yield running, address
    running.terminate()
    running.wait(timeout=20)


def asked(address):
    """What became of a request: the status, cut off, or refused because nobody listens."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return str(answer.status)
    except urllib.error.URLError as error:
        return "refused" if isinstance(error.reason, ConnectionRefusedError) else "cut off"
    except (HTTPException, OSError):
        return "cut off"


def answering(keeper):
    """The living processes that answer, by number."""
    found = set()
    for child in keeper.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.status() != psutil.STATUS_ZOMBIE:
                found.add(child.pid)
    return found


def test_a_killed_process_is_replaced_and_the_site_listens_all_the_while(site):
    running, address = site
    keeper = psutil.Process(running.pid)
    victim = keeper.children()[0]
    outcomes = []

    victim.kill()
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while running.poll() is None and time.monotonic() < deadline:
        outcomes.append(asked(address))
        now = answering(keeper)
        if victim.pid not in now and len(now) == PROCESSES and outcomes[-1] == "200":
            break

    assert running.poll() is None
    assert "refused" not in outcomes
    assert len(now) == PROCESSES
    assert victim.pid not in now
    assert outcomes[-1] == "200"
