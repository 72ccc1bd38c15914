"""`kill -9` of the worker and of the database at random moments of an import of 100,000 rows, and of its undo.

After every kill the roster holds all rows of the batch or none, and the batch says which. Work then goes on from there:
killed jobs run again, the same file is sent again, and in the end everything is applied. Every moment is printed.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path

import psutil
import psycopg
import pytest
from tests import drills, world

from commonground.apps.intake.tables import TABLES
from commonground.demonstration.metro import metro
from commonground.store import postgres, roles
from commonground.store.secrets import secret

pytestmark = [pytest.mark.database, pytest.mark.slow]
SEED = 20261124
KILLS = {
    "worker": drills.of(whole=25, sample=2),
    "database": drills.of(whole=25, sample=2),
}  # of an import; those of an undo come on top
STUDENTS = 9_200  # eleven rows each
WANDA = world.fixed("person-wanda")
WORKER = Path(__file__).with_name("killed_worker.py")
# The columns that are the same whenever the same file is applied.
ROSTER = "t.owner_id, t.source_id, t.file, t.line, t.digest, t.ended_on"
WRITTEN = {
    "intake_tie": "t.owner_id, t.format, t.root",
    "measures_countedfile": "t.owner_id, t.kind, t.school_years, t.students, t.guardians, t.schools, t.sections",
    "measures_rostercount": "t.owner_id, t.grade, t.coding, t.race_group, t.student_count",
    "measures_schoolmixing": "t.owner_id, t.sections, round(t.students::numeric, 6), round(t.m::numeric, 6)",
}
IMPORT = {"", "received", "checking", "checked", "applying"}


class Drill:
    """A data folder with a server of its own that can be killed, West's file, and workers."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.file = metro(folder / "metro", students=STUDENTS, districts=1, seed=1, today=date(2026, 11, 24))["9901-01"]
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("COMMONGROUND_")}
        self.environment |= {
            "COMMONGROUND_DATA": str(self.data),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        self.start_server()
        server = postgres.running(self.data)
        passwords = {role: secret(self.data, f"{role}_password") for role in roles.SIGN_IN}
        roles.provision(roles.Connector(server.dsn(database="postgres")), postgres.DATABASE, passwords)
        program = "import sys; from commonground.cli import main; sys.exit(main())"
        subprocess.run([sys.executable, "-c", program, "migrate"], env=self.environment, check=True)
        world.build(server.dsn())
        self.ask(
            "insert into core_person (id, email, name, password, language, is_active, is_invented, created_at)"
            f" values ('{WANDA}', 'wanda@example.org', 'Wanda', '!', '', true, true, now());"
            "insert into core_rolegrant (id, person_id, role, organization_id, since)"
            f" values (gen_random_uuid(), '{WANDA}', 'coordinator', '{world.WEST}', '2020-01-01')"
        )

    def start_server(self) -> None:
        self.server = postgres.start(self.data, settings={"shared_buffers": "256MB"})

    def ask(self, statement: str) -> list[tuple]:
        """Run a statement as the superuser."""
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def worker(self, until: str = "never") -> subprocess.Popen:
        """A worker that has started and waits for the word."""
        return subprocess.Popen(
            [sys.executable, str(WORKER), str(self.file), str(world.WEST), str(WANDA), until],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(self.data / "workers.log").open("ab"),
        )

    @staticmethod
    def go(process: subprocess.Popen) -> None:
        assert process.stdout.readline() == b"ready\n"
        process.stdin.write(b"go\n")
        process.stdin.flush()

    def status(self) -> str:
        found = self.ask(
            f"select status from intake_batch where owner_id = '{world.WEST}' order by number desc limit 1"
        )
        return found[0][0] if found else ""

    def fingerprint(self) -> dict[str, tuple]:
        """Rows and a checksum of every table that a batch writes, counts and tie as well.

        Ids are drawn anew by every import, and so are left out.
        """
        return {
            table: self.ask(
                f"select count(*), coalesce(sum(hashtextextended(concat_ws('|', {columns}), 0)::numeric), 0) from {table} t"
            )[0]
            for table, columns in (WRITTEN | {table.db_table: ROSTER for table in TABLES}).items()
        }

    def ledger(self) -> dict[tuple[str, str], int]:
        """What the ledgers tell of the newest batch: lines by table and operation, and that it was applied or undone."""
        newest = f"(select id from intake_batch where owner_id = '{world.WEST}' order by number desc limit 1)"
        lines = self.ask(
            f"select table_name, operation, count(*) from core_change where batch_id = {newest}"
            # The batch's own row tells of the way; what is asked here is what became of it.
            " and table_name <> 'intake_batch' group by 1, 2"
            " union all select 'core_event', kind, count(*) from core_event"
            f" where about = {newest}::text and kind in ('batch.applied', 'batch.undone') group by kind"
        )
        return {(table, what): count for table, what, count in lines}

    def forget_the_dead(self) -> None:
        """Half a minute passes for the workers that died, an hour for the batch that one of them left."""
        self.ask("update procrastinate_workers set last_heartbeat = now() - interval '1 minute'")
        # A killed worker's last statement may still run and hold the batch: then it is left as it is.
        self.ask(
            "update intake_batch set sent_at = now() - interval '1 hour' where id in"
            f" (select id from intake_batch where owner_id = '{world.WEST}' for update skip locked)"
        )

    def run_until(self, status: str) -> float:
        """Work undisturbed until the batch has this status; seconds."""
        process = self.worker(status)
        began = time.monotonic()
        self.go(process)
        assert process.wait(300) == 0, (self.data / "workers.log").read_text()[-3000:]
        return time.monotonic() - began

    def kill_database(self, *, every_process: bool) -> None:
        """End the server as a power failure does, or its first process alone, whose others then end by themselves."""
        first = psutil.Process(self.server.pid)
        for process in [first, *(first.children() if every_process else [])]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)


@pytest.fixture(scope="module")
def drill(tmp_path_factory):
    drill = Drill(tmp_path_factory.mktemp("killed"))
    yield drill
    postgres.stop(drill.data)


def test_after_every_kill_the_batch_is_whole_or_absent_and_can_be_sent_again(drill, request):
    plugins = request.config.pluginmanager

    def write(line: str) -> None:
        with plugins.get_plugin("capturemanager").global_and_fixture_disabled():
            plugins.get_plugin("terminalreporter").write_line(line)

    rng = random.Random(SEED)
    absent, nothing = drill.fingerprint(), drill.ledger()
    assert nothing == {}
    # One import and its undo without a kill: how long each takes, and what the roster is when it is whole.
    takes = {"check": drill.run_until("checked"), "apply": drill.run_until("applied")}
    whole, told = drill.fingerprint(), drill.ledger()
    assert all(whole[table] != absent[table] for table in WRITTEN)
    takes["undo"] = drill.run_until("undone")
    assert drill.fingerprint() == absent
    untold = drill.ledger()
    write(f"ledger: applied {told}, undone {untold}")
    rows = sum(count for count, _ in whole.values()) - sum(count for count, _ in absent.values())
    assert rows >= 100_000
    write("")
    write(f"one import: {rows:,} rows written; seconds: {', '.join(f'{k} {v:.1f}' for k, v in takes.items())}")
    wanted, undos, sent = Counter(KILLS), Counter(), 0
    spare = drill.worker()

    while wanted.total():
        before = drill.status()
        if before == "undoing":  # killed once: it ends now, and the next import begins
            drill.run_until("undone")
            continue
        victim = rng.choice(sorted(wanted.elements()))
        left = {
            "checked": takes["apply"],
            "applying": takes["apply"],
            "applied": takes["undo"],
            "undoing": takes["undo"],
        }
        moment = rng.uniform(0, 1.15 * left.get(before, takes["check"] + takes["apply"]))
        worker, spare = spare, None
        drill.go(worker)
        time.sleep(moment)
        assert worker.poll() is None, (drill.data / "workers.log").read_text()[-3000:]
        during = drill.status()
        if victim == "worker":
            worker.kill()
        else:
            drill.kill_database(every_process=rng.random() < 0.5)
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.wait(rng.uniform(0, 0.5))  # it meets the dead server, or is killed in the middle of that
            worker.kill()
        worker.wait()
        drill.start_server()
        spare = drill.worker()

        found, after = drill.fingerprint(), drill.status()
        assert found in (absent, whole), f"half a batch after {moment * 1000:.0f} ms of {before}"
        # Rows are there exactly when the batch says so; a batch being undone still has its rows.
        assert (found == whole) == (after in {"applied", "undoing"}), after
        assert drill.ledger() == (told if found == whole else untold if after == "undone" else nothing), after
        write(
            f"kill -9 {victim:<9} after {moment * 1000:>6.0f} ms: {before or 'nothing':>9} → {during or 'nothing':<9}"
            f" then {after or 'nothing':<9} {'whole' if found == whole else 'absent'}"
        )
        if during in IMPORT:
            wanted[victim] -= 1
        else:
            undos[victim] += 1
        sent += before in {"", "undone", "failed"}
        drill.forget_the_dead()

    spare.kill()
    spare.wait()
    if drill.status() != "applied":
        drill.run_until("applied")
    assert drill.fingerprint() == whole
    drill.run_until("undone")
    assert drill.fingerprint() == absent
    drill.run_until("applied")
    assert drill.fingerprint() == whole
    write(
        f"{sum(KILLS.values())} kills in imports, {undos.total()} in undos; the file was sent {sent + 2} times; seed {SEED}"
    )
    assert leftovers(drill) == []


def leftovers(drill: Drill) -> list[str]:
    """Folders below the batches that no batch knows, once they are old enough to be swept."""
    for folder in (drill.data / "batches").iterdir():
        os.utime(folder, (0, 0))
    program = (
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'commonground.config.settings'; django.setup();"
        "from commonground.apps.intake.jobs import sweep; sweep()"
    )
    subprocess.run([sys.executable, "-c", program], env=drill.environment, check=True)
    known = {str(pk) for (pk,) in drill.ask("select id from intake_batch")}
    return [folder.name for folder in (drill.data / "batches").iterdir() if folder.name not in known]
