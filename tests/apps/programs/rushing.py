"""A served house on its own data folder, the families who register in it all at once, and what is killed meanwhile."""

import contextlib
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil
import psycopg
from tests import world
from tests.apps.intake.processes import CODE, Browser, free_port
from tests.apps.programs import arranged

from commonground.store import postgres, roles
from commonground.store.secrets import secret

SUPERVISED = Path(__file__).with_name("supervised.py")
GIVE_UP_SECONDS = 600  # a family that is told nothing by then never is
ANSWER_SECONDS = 60
DISTRICTS = {world.NORTH: world.NORTH_SCHOOL, world.SOUTH: world.SOUTH_SCHOOL}


@dataclass
class Family:
    """A family with its account and its children's districts by the child's id.

    asked: when it first sent the form, by offering; told: when it was first told that its children are registered.
    """

    number: int
    children: dict[uuid.UUID, uuid.UUID]
    asked: dict[uuid.UUID, float] = field(default_factory=dict)
    told: dict[uuid.UUID, float] = field(default_factory=dict)
    met: Counter = field(default_factory=Counter)

    @property
    def email(self) -> str:
        return f"family-{self.number}@example.org"


class House:
    """A data folder with a server of its own, and the supervisor that keeps site, worker and server running."""

    def __init__(self, folder: Path) -> None:
        self.data, self.port = folder / "data", free_port()
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("COMMONGROUND_")}
        self.environment |= {
            "COMMONGROUND_DATA": str(self.data),
            "COMMONGROUND_DEMONSTRATION_CODE": CODE,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        server = postgres.start(self.data)
        passwords = {role: secret(self.data, f"{role}_password") for role in roles.SIGN_IN}
        roles.provision(roles.Connector(server.dsn(database="postgres")), postgres.DATABASE, passwords)
        subprocess.run([sys.executable, "-m", "commonground", "migrate"], env=self.environment, check=True)
        world.build(server.dsn())

    def start(self) -> None:
        self.log = (self.data / "supervised.log").open("ab")
        self.supervisor = subprocess.Popen(
            [sys.executable, str(SUPERVISED), str(self.port)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log,
        )
        assert self.supervisor.stdout.readline() == b"ready\n", self.said()

    def stop(self) -> None:
        self.supervisor.terminate()
        self.supervisor.wait(60)

    def said(self) -> str:
        return (self.data / "supervised.log").read_text()[-3000:]

    def ask(self, statement: str, values=()) -> list[tuple]:
        """Run a statement as the superuser, while the server runs."""
        with psycopg.connect(postgres.running(self.data).dsn(), autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def run(self, program: str) -> str:
        """What a program prints that runs inside the site's settings."""
        begin = (
            "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'commonground.config.settings'; django.setup();"
        )
        done = subprocess.run(
            [sys.executable, "-c", begin + program], env=self.environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    # What is killed

    def kill(self, victim: str, *, rng: random.Random) -> str:
        """`kill -9` as soon as there is such a process; says which."""
        ends = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < ends and self.supervisor.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess, OSError, ValueError, IndexError):
                first, more = getattr(self, f"_{victim}")(rng)
                for process in [first, *more]:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        process.send_signal(signal.SIGKILL)
                return f"{1 + len(more)} of {victim}"
            time.sleep(0.02)
        raise AssertionError(f"there is no {victim} to kill:\n{self.said()}")

    def _noted(self, place: int) -> psutil.Process:
        process = psutil.Process(json.loads((self.data / "start.json").read_text())["children"][place])
        if process.status() == psutil.STATUS_ZOMBIE:
            raise psutil.NoSuchProcess(process.pid)
        return process

    def _web(self, rng: random.Random) -> tuple[psutil.Process, list[psutil.Process]]:
        """One process that answers, or the one that keeps them, or all of them."""
        site = self._noted(0)
        answering = site.children()
        if not answering:
            raise psutil.NoSuchProcess(site.pid)
        return rng.choice([(rng.choice(answering), []), (site, []), (site, answering)])

    def _worker(self, rng: random.Random) -> tuple[psutil.Process, list[psutil.Process]]:
        return self._noted(1), []

    def _database(self, rng: random.Random) -> tuple[psutil.Process, list[psutil.Process]]:
        """All its processes, as a power failure does, or the first alone, whose others end by themselves."""
        server = postgres.running(self.data)
        if server is None:
            raise psutil.NoSuchProcess(0)
        first = psutil.Process(server.pid)
        return first, first.children() if rng.random() < 0.5 else []


def settle_in(house: House, count: int, *, rng: random.Random) -> list[Family]:
    """So many families, each with an account and one to three children in grade 7, one child in five of South."""
    families = []
    with psycopg.connect(postgres.running(house.data).dsn()) as connection:
        run = connection.execute
        arranged.share(run, world.NORTH, world.SOUTH)
        for number in range(count):
            children = {
                uuid.UUID(int=rng.getrandbits(128)): rng.choices([world.NORTH, world.SOUTH], [4, 1])[0]
                for _ in range(rng.randint(1, 3))
            }
            families.append(Family(number, children))
            _write(run, families[-1])
    return families


def _write(run: Callable, family: Family) -> None:
    person = world.fixed(family.email)
    run(
        "insert into core_person (id, email, name, password, language, is_active, is_invented, created_at)"
        " values (%s, %s, 'Family', '!', 'en', true, true, now())",
        [person, family.email],
    )
    for district in set(family.children.values()):
        guardian = uuid.uuid4()
        run(
            "insert into core_rolegrant (id, person_id, role, organization_id, since)"
            " values (gen_random_uuid(), %s, 'family', %s, %s)",
            [person, district, world.LONG_AGO],
        )
        run(
            "insert into roster_guardian (id, owner_id, source_id, file, given_name, family_name, home_language)"
            " values (%s, %s, %s, '', 'Guardian', 'Rush', 'en')",
            [guardian, district, str(guardian)],
        )
        run(
            "insert into roster_link (id, owner_id, person_id, guardian_id, since)"
            " values (gen_random_uuid(), %s, %s, %s, %s)",
            [district, person, guardian, world.LONG_AGO],
        )
        for child, owner in family.children.items():
            if owner == district:
                world._student(run, child, owner, f"{child}", "Rush", DISTRICTS[owner], None)
                run(
                    "insert into roster_guardianship (id, owner_id, source_id, file, guardian_id, student_id)"
                    " values (gen_random_uuid(), %s, %s, '', %s, %s)",
                    [owner, str(child), guardian, child],
                )


class Rush:
    """Families who register in offerings all at once, and try again as people do until they are told that it is done."""

    def __init__(self, house: House, families: list[Family], offerings: Callable, *, seed: int) -> None:
        self.house, self.families, self.seed = house, families, seed
        self.wanted = {family.number: offerings(family) for family in families}
        self.threads = [threading.Thread(target=self._family, args=(family,), daemon=True) for family in families]
        self.begin = threading.Barrier(len(families))

    @property
    def told(self) -> int:
        """How many families have been told of all their registrations."""
        return sum(len(family.told) == len(self.wanted[family.number]) for family in self.families)

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def wait(self) -> None:
        ends = time.monotonic() + GIVE_UP_SECONDS
        for thread in self.threads:
            thread.join(max(0.0, ends - time.monotonic()))

    def _family(self, family: Family) -> None:
        rng = random.Random(f"{self.seed} {family.number}")
        browser = Browser(self.house.port, patience=ANSWER_SECONDS)
        self.begin.wait()
        ends = time.monotonic() + GIVE_UP_SECONDS
        self._until(family, rng, ends, "sign in", lambda _again: self._sign_in(family, browser))
        for offering in self.wanted[family.number]:
            register = partial(self._register, family, browser, offering, {})
            self._until(family, rng, ends, "register", register)

    @staticmethod
    def _until(family: Family, rng: random.Random, ends: float, what: str, does: Callable) -> None:
        """Try until it is done. Half the time the page is opened again, half the time the same form is sent again."""
        again = False
        while time.monotonic() < ends:
            try:
                status = does(again)
            except (OSError, http.client.HTTPException) as failed:
                status = type(failed).__name__
            if status is True:
                return
            family.met[f"{what}: {status}"] += 1
            again = rng.random() < 0.5
            time.sleep(rng.uniform(0.1, 0.6))

    @staticmethod
    def _sign_in(family: Family, browser: Browser) -> bool | int:
        answer = browser.post("/account/demonstration/", {"email": family.email, "code": CODE})
        return answer.status == 302 or answer.status

    @staticmethod
    def _register(
        family: Family, browser: Browser, offering: uuid.UUID, form: dict[str, str], again: bool
    ) -> bool | int | str:
        path = f"/programs/{offering}/register/"
        if not (form and again):
            page = browser.get(path)
            if page.status != 200:
                return page.status
            form.clear()
            form |= {f"{child}-takes_part": "on" for child in family.children if f"{child}-takes_part" in page.text}
            if not form and "Your children are registered already" in page.text:
                family.told.setdefault(offering, time.time())
                return True
            form |= {
                "token": re.search(r'name="token" value="([^"]+)"', page.text).group(1),
                "contact_name": "Guardian",
                "contact_phone": "320-555-0199",
                "signer": "Guardian",
                "consent-taking-part": "on",
            }
        is_first = offering not in family.asked
        family.asked.setdefault(offering, time.time())
        answer = browser.post(path, form)
        if is_first and family.number % 5 == 0:
            return "answer lost"  # on the way to the telephone
        if answer.status == 302:
            if answer.location != f"/programs/{offering}/":
                return f"sent to {answer.location}"
            family.told.setdefault(offering, time.time())
            return True
        return answer.status
