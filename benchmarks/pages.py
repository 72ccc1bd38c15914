"""Pages of a metro collaborative: student list, search, one student and isolation, at eight readers without think time.

    python benchmarks/pages.py [--students 300000] [--seconds 20] [--folder DIR | --house DIR]

A fresh embedded database is filled through intake as in `intake.py`; then the site runs as the product runs it (granian,
two workers with two threads each), and eight readers in one process on the same cores open pages as fast as they are
answered: half are directors, who see all districts by agreement and leave a line in the disclosure log for every name, half
are coordinators of districts of their own. The page of districts is also opened by one reader alone, and lists are read
while five districts' changed files are applied. Median, 95th percentile and answers per second of each page, and the CPU
that one answer costs: on a machine that others use, too, that is the figure to trust. The readers wait in one thread and
read every byte, but take only status and length from it: what they cost the two cores is printed beside the rest.

--house: a folder in which the filled house stays. It is built there once and only read afterwards, so nothing is applied.
"""

import argparse
import http.client
import json
import os
import random
import re
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlencode

import psutil
from intake import WORKERS, send_check_apply
from metro_changes import changed_bundles
from metro_house import TODAY, house, people, start_django

READERS = 8
CODE = "271828"
LETTERS = ("ander", "xiong", "garcia", "abdi", "john", "vang", "lee s", "nguyen", "mo", "hassan")


class Reader:
    """A browser that keeps its cookies and one connection."""

    def __init__(self, port: int, email: str) -> None:
        self.port, self.cookies = port, {}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        status, _, _ = self.open("/account/demonstration/", {"email": email, "code": CODE})
        if status != 302:
            raise RuntimeError(f"{email} could not sign in: {status}")

    def open(self, address: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, page, and where it leads."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            _, page, _ = self.open(address)
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
            form |= {"csrfmiddlewaretoken": token.group(1) if token else ""}
            headers |= {
                "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"http://127.0.0.1:{self.port}",
            }
            body = urlencode(form)
        answer = self._answer("POST" if body else "GET", address, body=body, headers=headers)
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text, answer.headers.get("Location", "")

    def _answer(self, method: str, address: str, **rest) -> http.client.HTTPResponse:
        """Once more where the site has closed a connection that was not used for a while."""
        try:
            self.connection.request(method, address, **rest)
            return self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self.connection.close()
            self.connection.request(method, address, **rest)
            return self.connection.getresponse()


class Wire:
    """A reader's connection while pages are timed: asks with ready bytes, and knows when an answer is whole."""

    def __init__(self, reader: Reader, page: str, *, seed: int) -> None:
        cookies = "; ".join(f"{name}={value}" for name, value in reader.cookies.items())
        self.rng = random.Random(seed)
        self.port = reader.port
        self.questions = [
            f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{reader.port}\r\nCookie: {cookies}\r\n\r\n".encode()
            for address in reader.addresses[page]
        ]
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> None:
        """Send the next question."""
        self.question = self.rng.choice(self.questions)
        self.began = time.perf_counter()
        self.head, self.missing = b"", -1
        self.socket.sendall(self.question)

    def read(self) -> bool:
        """Take what has come; whether the answer is whole now. Raises RuntimeError for any status but 200."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise RuntimeError("the site closed a connection")
        if self.missing >= 0:
            self.missing -= len(part)
            return self.missing == 0
        self.head += part
        ends = self.head.find(b"\r\n\r\n")
        if ends < 0:
            return False
        if self.head[9:12] != b"200":
            raise RuntimeError(f"{self.question.split()[1].decode()}: {self.head[9:12].decode()}")
        length = re.search(rb"\r\ncontent-length: (\d+)", self.head[:ends], re.IGNORECASE)
        self.missing = int(length.group(1)) - (len(self.head) - ends - 4)
        return self.missing == 0


def read_pages(readers: list[Reader], page: str, *, seconds: float) -> list[float]:
    """Milliseconds of every answer, all readers at once."""
    found: list[float] = []
    ends = time.perf_counter() + seconds
    with selectors.DefaultSelector() as waiting:
        for number, reader in enumerate(readers):
            wire = Wire(reader, page, seed=number)
            waiting.register(wire.socket, selectors.EVENT_READ, wire)
            wire.ask()
        while waiting.get_map():
            for key, _events in waiting.select():
                wire = key.data
                if not wire.read():
                    continue
                now = time.perf_counter()
                found.append((now - wire.began) * 1000)
                if now < ends:
                    wire.ask()
                else:
                    waiting.unregister(wire.socket)
                    wire.socket.close()
    return found


def find_addresses(reader: Reader) -> None:
    """The pages that this reader opens: lists and their next pages, searches, students found by them, isolation."""
    lists, students, searches = ["/students/"], [], []
    for _ in range(3):
        _, page, _ = reader.open(lists[-1])
        students += re.findall(r'href="(/students/[0-9a-f-]{36}/)"', page)
        following = re.search(r'href="(\?[^"]*after=[^"]+)"', page)
        if following:
            lists.append("/students/" + following.group(1).replace("&amp;", "&"))
    for letters in LETTERS:
        status, _, place = reader.open("/students/", {"letters": letters})
        if status == 302:
            searches.append(place)
            students += re.findall(r'href="(/students/[0-9a-f-]{36}/)"', reader.open(place)[1])
    reader.addresses = {"list": lists, "search": searches, "student": students, "isolation": ["/districts/"]}
    missing = [page for page, addresses in reader.addresses.items() if not addresses]
    if missing:
        raise RuntimeError(f"a reader finds no address of: {', '.join(missing)}")


@dataclass(frozen=True)
class Filled:
    """A house full of students. bundles: files by state id. placed: district and coordinator by state id."""

    rows: int
    bundles: dict[str, str]
    placed: dict[str, list[str]]


@contextmanager
def filled_house(folder: Path, *, students: int, districts: int) -> Iterator[tuple[psutil.Process, Filled]]:
    """The database server and what it holds; filled now, unless that was done before in this folder."""
    told = folder / f"filled-{districts}-{students}.json"
    with house(folder / "data") as server:
        if not told.exists():
            told.write_text(json.dumps(vars(fill(folder, students=students, districts=districts))), encoding="utf-8")
        yield server, Filled(**json.loads(told.read_text(encoding="utf-8")))


def fill(folder: Path, *, students: int, districts: int) -> Filled:
    """Send every district's bundle through intake."""
    from commonground.demonstration.metro import metro

    bundles = metro(folder / "metro", students=students, districts=districts, seed=1, today=TODAY)
    placed = people(list(bundles))
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"), initializer=start_django) as pool:
        sent = [pool.submit(send_check_apply, str(path), *placed[key], True) for key, path in bundles.items()]
        rows = sum(one.result()["rows"] for one in sent)
    vacuum()
    return Filled(
        rows=round(rows),
        bundles={key: str(path) for key, path in bundles.items()},
        placed={key: list(pair) for key, pair in placed.items()},
    )


def measure(readers: list[Reader], page: str, *, seconds: float, site: int, server: int) -> dict[str, float]:
    """What answers to this page take and cost, from all these readers at once."""
    read_pages(readers, page, seconds=2)  # the first answers of a worker read its templates
    before = cpu_seconds(site), cpu_seconds(server), time.process_time()
    times = read_pages(readers, page, seconds=seconds)
    used = cpu_seconds(site) - before[0], cpu_seconds(server) - before[1], time.process_time() - before[2]
    return {
        "p50": round(statistics.median(times), 1),
        "p95": round(statistics.quantiles(times, n=20)[-1], 1),
        "per second": round(len(times) / seconds),
        "CPU ms of the site": round(1000 * used[0] / len(times), 1),
        "CPU ms of the database": round(1000 * used[1] / len(times), 1),
        "CPU ms of the readers": round(1000 * used[2] / len(times), 1),
    }


def measure_while_applying(readers: list[Reader], filled: Filled, folder: Path) -> dict[str, float]:
    """Answers to the list while five districts' changed files are applied."""
    bundles = {key: Path(path) for key, path in filled.bundles.items()}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=start_django) as pool:
        loaded = 0.0
        times: list[float] = []
        for key, path in list(changed_bundles(bundles, folder).items())[:5]:
            work = pool.submit(send_check_apply, str(path), *filled.placed[key], True)
            while not work.done():
                times += read_pages(readers, "list", seconds=1)
            loaded += work.result()["rows"]
    return {
        "p50": round(statistics.median(times), 1),
        "p95": round(statistics.quantiles(times, n=20)[-1], 1),
        "answers": len(times),
        "rows written meanwhile": round(loaded),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--students", type=int, default=300_000)
    parser.add_argument("--districts", type=int, default=29)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--port", type=int, default=8479)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--house", type=Path)
    arguments = parser.parse_args()
    os.environ["COMMONGROUND_DEMONSTRATION_CODE"] = CODE
    with tempfile.TemporaryDirectory(dir=arguments.folder) as made:
        folder = (arguments.house or Path(made)).absolute()
        folder.mkdir(exist_ok=True)
        with filled_house(folder, students=arguments.students, districts=arguments.districts) as (server, filled):
            print(f"{filled.rows:,} rows of {arguments.students:,} students", flush=True)
            command = [sys.executable, "-m", "commonground", "serve", "--port", str(arguments.port)]
            site = subprocess.Popen(command, env=os.environ | {"COMMONGROUND_POOL": "4"})
            try:
                wait_for(arguments.port)
                mails = ["director@example.org"] * (READERS // 2)
                mails += [f"coordinator.{key}@example.org" for key in list(filled.bundles)[: READERS - len(mails)]]
                readers = [Reader(arguments.port, email) for email in mails]
                for reader in readers:
                    find_addresses(reader)
                result = {}
                measured = [(page, READERS) for page in ("list", "search", "student", "isolation")]
                for page, count in (*measured, ("isolation", 1)):
                    name = f"{page}, {count} reader{'s' if count > 1 else ''}"
                    result[name] = measure(
                        readers[:count], page, seconds=arguments.seconds, site=site.pid, server=server.pid
                    )
                    print(f"   {name:<20} {result[name]}", flush=True)
                if arguments.house is None:
                    name = "list, 8 readers while files are applied"
                    result[name] = measure_while_applying(readers, filled, folder / "changed")
                    print(f"   {name} {result[name]}", flush=True)
                print(json.dumps(result))
            finally:
                site.terminate()
                site.wait()


def cpu_seconds(pid: int) -> float:
    """Of a process and all below it, also of those that have ended."""
    process = psutil.Process(pid)
    return sum(sum(one.cpu_times()[:4]) for one in (process, *process.children(recursive=True)))


def vacuum() -> None:
    """What autovacuum does within a minute of a load."""
    import psycopg

    from commonground.store.database import dsn

    with psycopg.connect(dsn("postgres"), autocommit=True) as connection:
        connection.execute("vacuum analyze")


def wait_for(port: int) -> None:
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("localhost", port, timeout=5)
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the site does not answer")


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(__file__))
    main()
