"""The metro collaborative for benchmarks: a fresh embedded database with organizations and people, and its bundles."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import psutil

TODAY = date(2026, 11, 24)
BEGAN = date(2024, 7, 1)
AGREED = ["roster", "staff", "contact"]


@contextmanager
def house(data: Path, *, settings: Mapping[str, str] | None = None) -> Iterator["psutil.Process"]:
    """A data folder with a migrated, empty database that runs until the block ends; yields the server's first process."""
    os.environ["COMMONGROUND_DATA"] = str(data)
    for name in ("DATABASE_URL", "COMMONGROUND_DATABASE", "COMMONGROUND_DATABASE_ROLE"):
        os.environ.pop(name, None)
    from commonground.store import postgres, roles
    from commonground.store.secrets import secret

    server = postgres.start(data, settings=settings)
    try:
        passwords = {role: secret(data, f"{role}_password") for role in roles.SIGN_IN}
        roles.provision(roles.Connector(server.dsn(database="postgres")), postgres.DATABASE, passwords)
        subprocess.run([sys.executable, "-m", "commonground", "migrate"], check=True)
        start_django()
        yield psutil.Process(server.pid)
    finally:
        postgres.stop(data)


def start_django() -> None:
    """Load Django in this process, as the site's own sign-in role."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "commonground.config.settings"
    import django

    django.setup()


def people(state_ids: list[str]) -> dict[str, tuple[str, str]]:
    """Organizations, agreements, a coordinator each and a director; state id -> (district, coordinator)."""
    from commonground.apps.core.models import Agreement, Membership, Organization, Person, RoleGrant
    from commonground.store.database import as_migrator

    made = {}
    with as_migrator():
        collaborative = Organization.objects.create(kind="collaborative", name="Metro (invented)", invented=True)
        director = Person.objects.create_user("director@example.org", name="Director (invented)", is_invented=True)
        RoleGrant.objects.create(person=director, role="director", organization=collaborative, since=BEGAN)
        for state_id in state_ids:
            district = Organization.objects.create(
                kind="district", name=f"District {state_id} (invented)", state_id=state_id, invented=True
            )
            Membership.objects.create(
                collaborative=collaborative, organization=district, standing="member", since=BEGAN
            )
            Agreement.objects.create(
                owner=district,
                collaborative=collaborative,
                categories=AGREED,
                ground=Agreement.Ground.EVALUATION,
                purpose="Joint programs",
                since=BEGAN,
                until=date(2030, 6, 30),
                destroy_by=date(2030, 9, 30),
                signed_on=BEGAN,
                signed_by="The superintendent (invented)",
            )
            person = Person.objects.create_user(
                f"coordinator.{state_id}@example.org", name="Coordinator (invented)", is_invented=True
            )
            RoleGrant.objects.create(person=person, role="coordinator", organization=district, since=BEGAN)
            made[state_id] = (str(district.pk), str(person.pk))
    return made


@dataclass
class Watch:
    """CPU seconds and peak memory of the server and of the processes below this one, while a phase runs.

    Shared buffers are counted once: each process counts by its proportional share (PSS). Megabytes.
    """

    server: psutil.Process
    peak_mb: float = 0
    peaks: dict[str, float] = field(default_factory=dict)
    wall: float = 0
    server_cpu: float = 0
    own_cpu: float = 0

    @contextmanager
    def measure(self) -> Iterator["Watch"]:
        self.peak_mb, self.peaks = 0, {}
        stop = threading.Event()
        thread = threading.Thread(target=self._sample, args=(stop,), daemon=True)
        began, server, own = time.perf_counter(), self._server_cpu(), self._own_cpu()
        thread.start()
        try:
            yield self
        finally:
            self.wall = time.perf_counter() - began
            self.server_cpu, self.own_cpu = self._server_cpu() - server, self._own_cpu() - own
            stop.set()
            thread.join()

    def _server_cpu(self) -> float:
        return _cpu(self.server) + sum(_cpu(child) for child in self.server.children(recursive=True))

    def _own_cpu(self) -> float:
        return _cpu(psutil.Process()) + sum(_cpu(child) for child in self._own_children())

    def _own_children(self) -> list[psutil.Process]:
        server = {self.server.pid, *(child.pid for child in self.server.children(recursive=True))}
        return [child for child in psutil.Process().children(recursive=True) if child.pid not in server]

    def _sample(self, stop: threading.Event) -> None:
        while not stop.wait(0.5):
            server = sum(_pss(p) for p in (self.server, *self.server.children(recursive=True)))
            workers = [_pss(p) for p in self._own_children()]
            sizes = {"server": server, "largest worker": max(workers, default=0), "workers": sum(workers)}
            for name, size in sizes.items():
                self.peaks[name] = max(self.peaks.get(name, 0), size)
            self.peak_mb = max(self.peak_mb, server + sum(workers))


def _cpu(process: psutil.Process) -> float:
    """Seconds of the process and of those of its children that have ended."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0
    return times.user + times.system + times.children_user + times.children_system


def _pss(process: psutil.Process) -> float:
    try:
        return process.memory_full_info().pss / 1e6
    except psutil.Error:
        return 0
