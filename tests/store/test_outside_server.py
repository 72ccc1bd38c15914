"""A PostgreSQL that somebody else runs, named by DATABASE_URL: everything works with the rights that `provision` gives.

Its administrator is no superuser, as on a managed server: a role that may create roles and databases, and no more.
"""

import json
import os
import re
import signal
import subprocess
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode

import psycopg
import pytest
from tests.conftest import commonground
from tests.store.starting import Running, processes_of

from commonground.store import postgres
from commonground.store.postgres import binaries as programs

pytestmark = [pytest.mark.database, pytest.mark.slow]
WILLMAR = "0347-01"


class Outside:
    """A server with its own superuser, an administrator without that right, and a site's data folder beside it."""

    def __init__(self, server: postgres.Server, data) -> None:
        self.server, self.data = server, data
        self.url = f"postgresql://{server.host}:{server.port}/house"
        self.environment = {"DATABASE_URL": self.url, "COMMONGROUND_DATA": str(data)}

    def run(self, *words: str, **more: str) -> str:
        done = commonground(*words, **self.environment | {"COMMONGROUND_DEMONSTRATION_CODE": ""} | more)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, question: str) -> list[tuple]:
        with psycopg.connect(self.server.dsn(database="house")) as connection:
            return connection.execute(question).fetchall()

    def empty(self) -> None:
        """An empty database of the administrator's, with the roles as `provision` prints them, run with psql."""
        with psycopg.connect(self.server.dsn(database="postgres"), autocommit=True) as connection:
            connection.execute("drop database if exists house with (force)")
            connection.execute("create database house owner administrator")
        script = self.run("provision", "--print-sql", "--database", "house")
        done = subprocess.run(
            [
                str(programs.find() / "psql"),
                f"--dbname=host={self.server.host} port={self.server.port} user=administrator dbname=postgres",
                "--set=ON_ERROR_STOP=1",
                "--quiet",
                "--no-psqlrc",
            ],
            input=script,
            env=os.environ | {"PGPASSWORD": "only for this test"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture
def outside(tmp_path):
    server = postgres.start(tmp_path / "elsewhere", durable=False)
    with psycopg.connect(server.dsn(database="postgres"), autocommit=True) as connection:
        connection.execute("create role administrator login createrole createdb password 'only for this test'")
    house = Outside(server, tmp_path / "site")
    house.empty()
    yield house
    postgres.stop(tmp_path / "elsewhere")


def fingerprints(outside: Outside) -> dict[str, tuple]:
    """Rows and checksum of every table; and who owns what, who may do what, which rows exist for whom."""
    tables = outside.rows("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
    found = {
        table: outside.rows(f"select count(*), md5(coalesce(string_agg({row}, '|' order by {row}), '')) from {table} t")
        for (table,) in tables
        # What roles show and who gives them is written anew by every migration, under new numbers.
        for row in ["(to_jsonb(t) - 'id')::text" if table in {"core_rolescope", "core_rolegiving"} else "t::text"]
    }
    for name, question in {
        "tables": "select oid::regclass::text, relowner::regrole::text, relacl::text, relforcerowsecurity from pg_class"
        " where relnamespace in ('public'::regnamespace, 'cg'::regnamespace) order by 1",
        "functions": "select oid::regprocedure::text, proowner::regrole::text, proacl::text, prosecdef from pg_proc"
        " where pronamespace = 'cg'::regnamespace order by 1",
        "schemas": "select nspname, nspowner::regrole::text, nspacl::text, obj_description(oid) from pg_namespace"
        " where nspname in ('public', 'cg') order by 1",
        "policies": "select * from pg_policies order by tablename, policyname",
        "triggers": "select tgrelid::regclass::text, tgname, tgenabled from pg_trigger where not tgisinternal order by 1, 2",
    }.items():
        found[name] = outside.rows(question)
    return found


def test_no_role_of_ours_has_a_right_that_provision_does_not_give(outside):
    strong = outside.rows(
        "select rolname from pg_roles where rolname like 'cg_%' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)"
    )

    assert strong == []
    assert outside.rows("select rolsuper from pg_roles where rolname = 'administrator'") == [(False,)]


def test_the_roles_may_be_made_again(outside):
    outside.run("migrate")

    before = outside.rows("select rolname from pg_roles order by 1")
    script = outside.run("provision", "--print-sql", "--database", "house")
    subprocess.run(
        [str(programs.find() / "psql"), f"--dbname={outside.server.dsn(database='postgres')}", "--set=ON_ERROR_STOP=1"],
        input=script,
        capture_output=True,
        text=True,
        check=True,
    )

    assert outside.rows("select rolname from pg_roles order by 1") == before
    assert "behind" not in outside.run("migrate", "--check")


def test_sign_in_load_take_back_back_up_and_restore(outside, tmp_path):
    running = Running(outside.data, DATABASE_URL=outside.url)
    said = running.ready()
    address = next(word for word in said.split() if word.startswith("http://localhost:"))
    code = re.search(r"with the code (\d{6})", said)[1]

    assert "Willmar" in signed_in(address, code)
    follow_up = outside.data / "demonstration" / "follow-up" / f"oneroster-{WILLMAR}.zip"
    before = outside.rows("select count(*) from roster_student")
    loaded = json.loads(outside.run("load", str(follow_up), "--district", WILLMAR, "--apply", "--json"))
    assert loaded["status"] == "applied"
    assert outside.rows("select count(*) from roster_student") != before
    history = json.loads(outside.run("batches", "--district", WILLMAR, "--undo", str(loaded["batch"]), "--json"))
    assert history["batches"][-1]["status"] == "undone"
    assert outside.rows("select count(*) from roster_student") == before
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(30) == 0
    assert processes_of(outside.data) == []
    assert not (outside.data / "postgres").exists()

    outside.run("backup", str(tmp_path / "backup.tar"))
    original = fingerprints(outside)
    outside.empty()
    (outside.data / "batches").rename(tmp_path / "batches")
    outside.run("restore", str(tmp_path / "backup.tar"))

    assert fingerprints(outside) == original
    assert sorted(path.name for path in (outside.data / "batches").iterdir()) == sorted(
        path.name for path in (tmp_path / "batches").iterdir()
    )
    again = json.loads(outside.run("start", "--once"))
    assert again["students"] == 10_273


def test_a_start_killed_while_it_builds_is_simply_run_again(outside):
    running = Running(outside.data, DATABASE_URL=outside.url)
    running.wait_until_building()
    running.process.kill()
    running.process.wait()

    again = json.loads(outside.run("start", "--once"))

    assert again["students"] == 10_273
    assert processes_of(outside.data) == []


def test_a_half_built_demonstration_of_another_database_costs_this_one_nothing(outside, tmp_path):
    outside.run("start", "--demo", "none", "--once")
    people = outside.rows("select count(*) from core_organization")
    (outside.data / "half-built").write_text("another database", "utf-8")

    outside.run("start", "--once")

    assert outside.rows("select count(*) from core_organization") == people


def test_people_who_are_not_invented_are_never_cleared_away(outside):
    outside.run("start", "--demo", "none", "--once")
    (outside.data / "half-built").write_text(f"{outside.server.host}:{outside.server.port}/house", "utf-8")

    done = commonground("start", "--once", **outside.environment)

    assert done.returncode == 1
    assert "not invented" in done.stderr
    assert outside.rows("select count(*) from core_person where not is_invented") == [(1,)]


def signed_in(address: str, code: str) -> str:
    """The page that Willmar's coordinator sees after signing in with the code."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(f"{address}/account/demonstration/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    form = {"csrfmiddlewaretoken": token, "email": "coordinator@example.org", "code": code}
    with browser.open(f"{address}/account/demonstration/", urlencode(form).encode()) as answer:
        return answer.read().decode()
