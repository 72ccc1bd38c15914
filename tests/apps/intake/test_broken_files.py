"""Broken files, from the upload on the page (and from the command) through worker and database to the page's answer.

Each has the outcome that the contract fixes, changes no row, leaves no file behind, and no process holds 512 MB. The
table at the end says what each took.
"""

import html
import json
import shutil
import time
from pathlib import Path

import psutil
import pytest
from tests import drills
from tests.apps.intake.broken import CASES, KEPT
from tests.apps.intake.processes import house
from tests.formats.bundles import small, write_zip

from commonground.formats.problems import PROBLEMS

pytestmark = [pytest.mark.database, pytest.mark.slow]
MOST_MB = 512
DISTRICTS = {"wanda": "9003-01", "otto": "9002-01"}


@pytest.fixture(scope="module")
def name(databases, world_template):
    """The named cast's world with a coordinator for West."""
    from tests import world

    name = databases.clone(world_template)
    wanda = world.fixed("person-wanda")
    databases.execute(
        "insert into core_person (id, email, name, password, language, is_active, is_invented, created_at)"
        f" values ('{wanda}', 'wanda@example.org', 'Wanda', '!', '', true, true, now());"
        "insert into core_rolegrant (id, person_id, role, organization_id, since)"
        f" values (gen_random_uuid(), '{wanda}', 'coordinator', '{world.WEST}', '2020-01-01')",
        database=name,
    )
    yield name
    databases.drop(name)


@pytest.fixture(scope="module")
def running(databases, name, tmp_path_factory):
    """The house in processes, West's small bundle applied in it; prints what every case took at the end."""
    with house(server_pid=databases.server.pid, database=name) as found:
        found.browser.sign_in("wanda@example.org")
        bundle = write_zip(small(), tmp_path_factory.mktemp("first") / "first.zip")
        done = found.run("load", str(bundle), "--district", DISTRICTS["wanda"], "--first", "--apply")
        assert done.returncode == 0, done.stderr
        yield found


@pytest.fixture(scope="module")
def table(request):
    """What each case took, printed when all are done."""
    rows: list[tuple] = []
    yield rows
    write = request.config.pluginmanager.get_plugin("terminalreporter").write_line
    with request.config.pluginmanager.get_plugin("capturemanager").global_and_fixture_disabled():
        write("")
        write(
            f"{'broken file':<30}{'sent by':<9}{'outcome':<30}{'s':>6}{'web':>7}{'worker':>8}{'command':>9}{'database':>10}  MB"
        )
        for case, way, outcome, seconds, peaks in rows:
            sizes = [peaks.get(role, 0) for role in ("web", "worker", "command", "database")]
            cells = "".join(f"{size:>{width}.0f}" for size, width in zip(sizes, (7, 8, 9, 10), strict=True))
            write(f"{case:<30}{way:<9}{outcome:<30}{seconds:>6.1f}{cells}")


@pytest.fixture
def fingerprint(databases, name):
    """Rows and a checksum of every walled table, without batches and ledgers, which tell of every file that was sent."""
    from commonground.store.walls import walled_models

    tables = [t for t in walled_models() if not t.startswith(("intake_", "core_change", "core_disclosure"))]

    def take() -> dict[str, tuple]:
        return {
            table: databases.execute(
                f"select count(*), md5(coalesce(string_agg(t::text, '|' order by t.id), '')) from {table} t",
                database=name,
            )[0]
            for table in tables
        }

    return take


@pytest.fixture
def last_batch(databases, name):
    """Status, refusal, summary and folder of the newest batch."""
    from django.conf import settings

    def find():
        ((pk, status, refusal, summary),) = databases.execute(
            "select id, status, refusal, summary from intake_batch order by sent_at desc limit 1", database=name
        )
        return status, refusal, summary, Path(settings.BATCH_FOLDER) / str(pk)

    return find


def files_below(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()} if folder.exists() else set()


def assert_outcome(case, last_batch) -> Path:
    """The batch is what the contract says of this case. Returns its folder."""
    status, refusal, summary, folder = last_batch()
    if case.refused:
        assert (status, refusal["code"]) == ("refused", case.refused)
        assert (refusal["file"], refusal["line"]) == case.where
        assert files_below(folder) == set()
        return folder
    assert status == "checked"
    assert summary["read"] == summary["accepted"] + summary["held"] + summary["left_out"]
    assert summary["held"] == case.held
    told = {(p["outcome"], p["code"], p["file"], line) for p in summary["problems"] for line in p["first_lines"]}
    assert set(case.found) <= told
    return folder


def shows(page: str, words: str) -> bool:
    return words in html.unescape(page)


def named(file: str, path: Path) -> str:
    """How its sender is told of a file: one that came alone by the name it had."""
    return path.name if file == KEPT else file


def assert_page_says(case, page: str, path: Path) -> None:
    """What is wrong, where, and what to do."""
    codes = (
        [(case.refused, *case.where)] if case.refused else [(code, file, line) for _, code, file, line in case.found]
    )
    for code, file, line in codes:
        assert shows(page, PROBLEMS[code].wrong), code
        assert shows(page, PROBLEMS[code].remedy), code
        assert named(file, path) in page
        assert not line or str(line) in page


def assert_within_memory(case, way: str, peaks: dict[str, float], seconds: float, table: list) -> None:
    outcome = case.refused or (f"{case.held} held" if case.held else "taken with a note")
    table.append((case.name, way, outcome, seconds, dict(peaks)))
    assert peaks["web"] > 0
    assert peaks["worker"] > 0
    assert peaks["database"] > 0
    assert max(peaks.values()) < MOST_MB, peaks


@pytest.fixture
def files(tmp_path):
    """A folder for large files, gone when the test ends, not three runs later."""
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize("case", CASES[:: drills.of(whole=1, sample=2)], ids=lambda case: case.name)
def test_a_broken_file_sent_on_the_page(case, running, fingerprint, last_batch, files, table):
    running.browser.sign_in(f"{case.sender}@example.org")
    path, before = case.make(files), fingerprint()
    form = running.browser.get("/data/").text
    district = form.split('name="district"')[1].split('value="')[1].split('"')[0]

    with running.peaks.measure() as peaks:
        began = time.monotonic()
        answer = running.browser.post("/data/send/", {"district": district}, file=path, scratch=files)
        assert answer.status == 302, answer.text
        page = running.outcome(answer.location)
        seconds = time.monotonic() - began

    assert_within_memory(case, "page", peaks.found, seconds, table)
    folder = assert_outcome(case, last_batch)
    assert fingerprint() == before
    assert_page_says(case, page.text, path)
    if not case.refused:
        # What can be taken goes in, and out again to the last byte; what is held stays out.
        applied = running.browser.post(f"{answer.location}apply/", {"tie": "yes"})
        assert applied.status == 302, applied.text
        running.outcome(answer.location)
        status, _, summary, _ = last_batch()
        assert status == "applied"
        assert {t: w["inserted"] for t, w in summary["written"].items()} == {
            t: summary["effects"][t]["new"] for t in summary["written"]
        }
        running.browser.post(f"{answer.location}undo/", {})
        running.outcome(answer.location)
        assert last_batch()[0] == "undone"
        assert fingerprint() == before
    else:
        refused = running.browser.post(f"{answer.location}apply/", {"tie": "yes"})
        assert refused.status in {409, 422}
        assert fingerprint() == before
        assert not folder.exists()


@pytest.mark.parametrize("case", CASES[:: drills.of(whole=1, sample=5)], ids=lambda case: case.name)
def test_a_broken_file_sent_by_command(case, running, fingerprint, last_batch, files, table):
    path, before = (case.by_command or case.make)(files), fingerprint()

    with running.peaks.measure() as peaks:
        began = time.monotonic()
        words = [
            "load",
            str(path),
            "--district",
            DISTRICTS[case.sender],
            "--as",
            f"{case.sender}@example.org",
            "--json",
        ]
        done = running.run(*words)
        seconds = time.monotonic() - began

    assert done.returncode == (1 if case.refused else 0), done.stderr
    assert done.stderr == ""
    assert_within_memory(case, "command", peaks.found, seconds, table)
    report = json.loads(done.stdout)
    assert report["read"] == report["accepted"] + report["held"] + report["left_out"]
    if case.refused:
        assert [p["code"] for p in report["problems"]] == [case.refused]
        assert report["problems"][0]["file"] == named(case.where[0], path)
    assert_outcome(case, last_batch)
    assert fingerprint() == before


def test_an_upload_without_a_byte_is_told_on_the_form(running, fingerprint, files):
    running.browser.sign_in("wanda@example.org")
    (files / "empty.zip").touch()
    before = fingerprint()
    district = running.browser.get("/data/").text.split('name="district"')[1].split('value="')[1].split('"')[0]

    answer = running.browser.post("/data/send/", {"district": district}, file=files / "empty.zip", scratch=files)

    assert answer.status == 422
    assert "The file is empty" in answer.text
    assert fingerprint() == before


def test_a_command_that_sends_no_byte_is_refused(running, fingerprint, last_batch, files):
    (files / "empty.zip").touch()
    before = fingerprint()

    done = running.run("load", str(files / "empty.zip"), "--district", DISTRICTS["wanda"], "--json")

    assert done.returncode == 1
    assert [p["code"] for p in json.loads(done.stdout)["problems"]] == ["format_unknown"]
    assert files_below(last_batch()[3]) == set()
    assert fingerprint() == before


def test_no_process_died_on_the_way(running):
    for role in ("web", "worker"):
        assert psutil.pid_exists(running.peaks.roots[role])
        assert psutil.Process(running.peaks.roots[role]).status() != psutil.STATUS_ZOMBIE
