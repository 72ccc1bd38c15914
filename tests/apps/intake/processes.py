"""The site, the worker and the database as processes of their own, and the most memory each of them ever held."""

import contextlib
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

CODE = "314159"
PATIENCE_SECONDS = 300  # a file that has no outcome by then never gets one


def command(*words: str, environment: dict[str, str], **options) -> subprocess.Popen:
    """Start one of our commands as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "import sys; from commonground.cli import main; sys.exit(main())", *words],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)} | environment,
        stdin=subprocess.DEVNULL,
        **options,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# --- memory ---------------------------------------------------------------------------------------------------------------
@dataclass
class Peaks:
    """The most memory (resident, with shared pages, as the kernel keeps it: VmHWM) of any one process of a role, in MB.

    roots: process ids by role; the children of each count with it.
    """

    roots: dict[str, int]
    found: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measure(self) -> Iterator["Peaks"]:
        """Forget what was; then look many times a second, so that processes that end are seen as well."""
        self.found = dict.fromkeys(self.roots, 0.0)
        for _role, pid in self._processes():
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew from what is held now
        stop = threading.Event()
        thread = threading.Thread(target=self._watch, args=(stop,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            stop.set()
            thread.join()
            self._look()

    def add(self, role: str, pid: int) -> None:
        self.roots[role] = pid
        self.found.setdefault(role, 0.0)

    def _watch(self, stop: threading.Event) -> None:
        while not stop.wait(0.02):
            self._look()

    def _look(self) -> None:
        for role, pid in self._processes():
            with contextlib.suppress(OSError, AttributeError):
                status = Path(f"/proc/{pid}/status").read_text()
                peak = int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) / 1024
                self.found[role] = max(self.found.get(role, 0.0), peak)

    def _processes(self) -> Iterator[tuple[str, int]]:
        for role, root in list(self.roots.items()):
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(root)
                yield from ((role, one.pid) for one in (process, *process.children(recursive=True)))


# --- the site, as a browser without JavaScript sees it ---------------------------------------------------------------------
@dataclass
class Answer:
    status: int
    location: str
    text: str


class Browser:
    """Somebody with a browser at this computer. Uploads are streamed, so that their size is not held here."""

    def __init__(self, port: int, *, patience: float = PATIENCE_SECONDS) -> None:
        self.port, self.patience, self.cookies = port, patience, {}

    def sign_in(self, email: str) -> None:
        answer = self.post("/account/demonstration/", {"email": email, "code": CODE})
        assert answer.status == 302, answer.text

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(
        self, path: str, fields: dict[str, str], *, file: Path | None = None, scratch: Path | None = None
    ) -> Answer:
        """Send a form, with a file as a browser would. scratch: a folder for the body, when there is a file."""
        if "csrftoken" not in self.cookies:
            self.get("/account/login/")
        fields = {"csrfmiddlewaretoken": self.cookies["csrftoken"], **fields}
        mark = uuid.uuid4().hex
        body = (scratch or Path(tempfile.gettempdir())) / f"body-{mark}"
        try:
            with body.open("wb") as out:
                for name, value in fields.items():
                    out.write(f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
                if file is not None:
                    out.write(
                        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n'
                        "Content-Type: application/zip\r\n\r\n".encode()
                    )
                    with file.open("rb") as sent:
                        shutil.copyfileobj(sent, out, 1 << 20)
                    out.write(b"\r\n")
                out.write(f"--{mark}--\r\n".encode())
            with body.open("rb") as opened:
                return self._ask(
                    "POST",
                    path,
                    body=opened,
                    headers={
                        "Content-Type": f"multipart/form-data; boundary={mark}",
                        "Content-Length": str(body.stat().st_size),
                    },
                )
        finally:
            body.unlink(missing_ok=True)

    def _ask(self, method: str, path: str, *, body=None, headers=None) -> Answer:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=self.patience)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body=body, headers={**(headers or {}), "Cookie": cookies})
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
        for header in response.headers.get_all("Set-Cookie") or []:
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return Answer(response.status, response.headers.get("Location", ""), text)


@dataclass
class House:
    """A running site and worker over one database. peaks: of the web server, the worker and the database's backends."""

    browser: Browser
    environment: dict[str, str]
    peaks: Peaks

    def outcome(self, path: str) -> Answer:
        """The page of a batch once nothing is being done to it any more."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < ends:
            answer = self.browser.get(path)
            assert answer.status == 200, (answer.status, answer.text[:500])
            if 'http-equiv="refresh"' not in answer.text:
                return answer
            time.sleep(0.1)
        raise AssertionError(f"{path} has no outcome")

    def run(self, *words: str) -> subprocess.CompletedProcess:
        """Run a command of ours; its memory counts as that of the command."""
        process = command(
            *words, environment=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.peaks.add("command", process.pid)
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
        return subprocess.CompletedProcess(words, process.returncode, out, err)


@contextmanager
def house(*, server_pid: int, database: str) -> Iterator[House]:
    """The site and the worker over a database of a running server, until the block ends."""
    port = free_port()
    environment = {
        "COMMONGROUND_DATABASE": database,
        "COMMONGROUND_ADDRESS": f"http://localhost:{port}",
        "COMMONGROUND_POOL": "4",
    }
    web = command("serve", "--port", str(port), environment=environment)
    worker = command("work", environment=environment)
    try:
        browser = Browser(port)
        _wait_for(browser, web)
        peaks = Peaks({"web": web.pid, "worker": worker.pid, "database": server_pid})
        yield House(browser, environment, peaks)
    finally:
        for process in (web, worker):
            process.terminate()
        for process in (web, worker):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()


def _wait_for(browser: Browser, web: subprocess.Popen) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends and web.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            browser.get("/account/login/")
            return
        time.sleep(0.05)
    raise AssertionError("the site does not answer")
