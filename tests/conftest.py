"""One embedded PostgreSQL for the whole run; every test that asks gets a clone of a template, as the site's own role.

`database`: an empty house. `world`: the named cast of `tests/world.py`. Both are committed data in a database of their
own, which the test may change as it likes; cloning takes less than a tenth of a second.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import pytest


def memory() -> str | None:
    """The folder of this machine that lies in memory, where it has room for a run; else None, the system's own.

    A clone of a template is eight hundred files: 0.06 s here, 0.7 s on a disk that other work uses.
    """
    place = Path("/dev/shm")
    has_room = place.is_dir() and os.access(place, os.W_OK) and shutil.disk_usage(place).free > 4 << 30
    return str(place) if has_room else None


# Fixtures whose rows come with the clone: beside each stands a session's `<fixture>_template`.
FILLED = ("west_central",)
FOLDER = Path(tempfile.mkdtemp(prefix="commonground-test-", dir=memory()))
os.environ["COMMONGROUND_DATA"] = str(FOLDER)
os.environ["DJANGO_SETTINGS_MODULE"] = "commonground.config.settings"
for name in ("DATABASE_URL", "COMMONGROUND_POOL", "COMMONGROUND_DATABASE_ROLE", "COMMONGROUND_DATABASE"):
    os.environ.pop(name, None)
os.environ["COMMONGROUND_DEMONSTRATION_CODE"] = "314159"

import django  # noqa: E402 - the environment comes first
from hypothesis import settings as hypothesis_settings  # noqa: E402

django.setup()
# No example is timed: a busy machine is no fault of the code. For ./test quick: fewer made-up cases each.
hypothesis_settings.register_profile("whole", deadline=None)
hypothesis_settings.register_profile("quick", deadline=None, max_examples=10)
hypothesis_settings.load_profile("whole")


def pytest_sessionfinish(session, exitstatus) -> None:
    """In CI a skipped test is a failed one: something that should be there is missing."""
    skipped = session.config.pluginmanager.get_plugin("terminalreporter").stats.get("skipped", [])
    if os.environ.get("CI", "").lower() == "true" and skipped and exitstatus == 0:
        session.exitstatus = 1
        for report in skipped[:20]:
            sys.stderr.write(f"\nskipped in CI: {report.nodeid}: {report.longrepr[-1]}\n")


def pytest_unconfigure(config) -> None:
    """The server has stopped, and its folder goes. Other runs have folders of their own, which are not ours to touch."""
    shutil.rmtree(FOLDER, ignore_errors=True)


def pytest_collection_modifyitems(items) -> None:
    """Tests that open a browser page are marked by the fixture they use."""
    for item in items:
        if {"browser", "open_page"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")


class Databases:
    """Makes and drops databases on the one server, and points Django at one of them."""

    def __init__(self, server) -> None:
        self.server = server

    def execute(self, *statements: str, database: str = "postgres") -> list[tuple]:
        """Run statements as the superuser, outside the site's own role; answers with the rows of the last."""
        import psycopg

        with psycopg.connect(self.server.dsn(database=database), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def clone(self, template: str) -> str:
        name = f"cg_{uuid.uuid4().hex[:12]}"
        self.execute(
            f"create database {name} template {template} strategy file_copy",
            f"revoke all on database {name} from public",
            f"grant connect on database {name} to cg_login, cg_migrator, cg_backup",
            f"grant temporary on database {name} to cg_loader",
        )
        return name

    def drop(self, name: str) -> None:
        self.execute(f"drop database if exists {name} with (force)")

    def point_django_at(self, name: str) -> None:
        from django.db import connections

        connections["default"].close()
        for settings in (connections.settings["default"], connections["default"].settings_dict):
            settings.update(NAME=name, HOST=self.server.host, PORT=str(self.server.port))


def commonground(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as its user would, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "import sys; from commonground.cli import main; sys.exit(main())", *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def server():
    from commonground.store import postgres

    running = postgres.start(FOLDER, durable=False, settings={"max_connections": "60"})
    yield running
    postgres.stop(FOLDER)


@pytest.fixture(scope="session")
def databases(server) -> Databases:
    return Databases(server)


@pytest.fixture(scope="session")
def template(server, databases) -> str:
    """A migrated, empty database to clone; its server has the role that may move the clock."""
    from commonground.store import roles
    from commonground.store.secrets import secret

    passwords = {role: secret(FOLDER, f"{role}_password") for role in roles.SIGN_IN}
    roles.provision(roles.Connector(server.dsn(database="postgres")), "cg_template", passwords)
    databases.execute("create role cg_clock nologin; grant cg_clock to cg_login with inherit false, set false")
    done = commonground("migrate", COMMONGROUND_DATABASE="cg_template")
    assert done.returncode == 0, done.stderr
    return "cg_template"


@pytest.fixture(scope="session")
def world_template(template, databases, django_db_blocker):
    """The named cast, built once."""
    from tests.world import build

    databases.execute(f"create database cg_world template {template} strategy file_copy")
    with django_db_blocker.unblock():
        databases.point_django_at("cg_world")
        build(databases.server.dsn(database="cg_world"))
        databases.point_django_at("postgres")
    return "cg_world"


@pytest.fixture(scope="session")
def west_central_template(world_template, databases) -> str:
    """The cast's world with West Central's students, built once."""
    from tests.west_central import build

    databases.execute(f"create database cg_west_central template {world_template} strategy file_copy")
    build(databases.server.dsn(database="cg_west_central"))
    return "cg_west_central"


def _use(databases, template, blocker):
    from django.db import connections

    name = databases.clone(template)
    with blocker.unblock():
        databases.point_django_at(name)
        yield databases
        connections.close_all()
        databases.point_django_at("postgres")
    databases.drop(name)


@pytest.fixture
def database(databases, template, django_db_blocker):
    """A clone of the empty house, committed data, signed in as the site's own role."""
    yield from _use(databases, template, django_db_blocker)


@pytest.fixture
def world(request, databases, world_template, django_db_blocker):
    """A clone of the named cast's world: see `tests/world.py` for who is who.

    For a test that asks for one of FILLED, a clone of that fixture's template, which is filled once for the whole run.
    """
    from tests import world as cast

    filled = next((f"{name}_template" for name in FILLED if name in request.fixturenames), None)
    for _ in _use(databases, request.getfixturevalue(filled) if filled else world_template, django_db_blocker):
        yield cast


@pytest.fixture
def site(world, django_db_blocker):
    """The site on localhost over the named cast's world: `.url`."""
    from tests.site import serve

    with serve() as served:
        yield served
