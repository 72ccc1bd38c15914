"""Every registered job is run twice and changes nothing the second time; a killed worker's job is run again."""

import pytest
from django.db import connection
from tests.formats.bundles import small, write_zip
from tests.working import finish_work, in_a_thread

from commonground.apps.core.asking import ask_database
from commonground.apps.core.models import Invitation, Person
from commonground.apps.intake import actions, receiving
from commonground.apps.intake.models import Batch
from commonground.store.jobs import JOBS, JobRefused, defer
from commonground.store.walls import enter

pytestmark = pytest.mark.database


def fingerprint(databases) -> list[tuple]:
    """Every row of every table of ours, without the ledgers that grow with each act and the queue itself."""
    name = connection.settings_dict["NAME"]
    tables = databases.execute(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        " and relname !~ '^(procrastinate|core_event|core_change|core_chainlink|django_)' order by 1",
        database=name,
    )
    return [
        (
            t,
            databases.execute(
                f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {t} t", database=name
            ),
        )
        for (t,) in tables
    ]


@pytest.mark.parametrize("name", ["intake.check", "intake.apply", "intake.undo"])
def test_a_batchs_job_run_twice_changes_nothing_the_second_time(name, sent, west, databases):
    batch = sent(apply=name == "intake.undo")
    more = {"tie": 1} if name == "intake.apply" else {}

    def run() -> None:
        JOBS[name].handler(batch_id=str(batch.pk), person_id=str(west), **more)

    if name == "intake.apply":
        with enter(person=west, purpose="test"):
            actions.begin(batch_id=batch.pk, status=Batch.Status.APPLYING, expected=Batch.Status.CHECKED)
    run()
    once = [row for row in fingerprint(databases) if not row[0].startswith("intake_")]
    run()

    assert [row for row in fingerprint(databases) if not row[0].startswith("intake_")] == once


@pytest.mark.parametrize(
    ("name", "working", "then"), [("apply", "APPLYING", "CHECKED"), ("undo", "UNDOING", "APPLIED")]
)
def test_an_error_of_ours_leaves_the_batch_as_it_was(name, working, then, sent, west, monkeypatch):
    batch = sent(apply=name == "undo")
    with enter(person=west, purpose="test"):
        actions.begin(batch_id=batch.pk, status=Batch.Status[working], expected=Batch.Status[then])

    def break_down(**_):
        raise OSError("the disk is full")

    monkeypatch.setattr(actions, "write_batch", break_down)
    monkeypatch.setattr(actions, "unwrite_batch", break_down)
    more = {"tie": 1} if name == "apply" else {}

    with pytest.raises(actions.BrokeDown, match="OSError in break_down"):
        JOBS[f"intake.{name}"].handler(batch_id=str(batch.pk), person_id=str(west), **more)

    with enter(person=west, purpose="test"):
        assert Batch.objects.get(pk=batch.pk).status == Batch.Status[then]


def test_every_job_that_asks_for_nothing_may_run_twice(world, databases):
    for job in JOBS.values():
        if job.cron:
            job.handler()
            once = fingerprint(databases)
            job.handler()
            assert fingerprint(databases) == once, job.name


def test_an_invitation_mailed_twice_leaves_one_open_link(world, databases, monkeypatch):
    """The second mail's link closes the first one's: whichever is read last opens the account, and only once."""
    sent = []
    monkeypatch.setattr("commonground.apps.core.people.invitations.send_mail", lambda **mail: sent.append(mail))
    nia = Person.objects.create_user("nia@example.org", name="Nia Berg", is_active=False)
    databases.execute(
        "insert into core_rolegrant (id, person_id, role, organization_id, since)"
        f" values (gen_random_uuid(), '{nia.pk}', 'analyst', '{world.COLLABORATIVE}', '2020-01-01')",
        database=connection.settings_dict["NAME"],
    )

    def run() -> list[tuple]:
        JOBS["core.mail-invitation"].handler(person_id=str(nia.pk))
        return [row for row in fingerprint(databases) if row[0] != "core_invitation"]

    assert run() == run()

    assert Invitation.objects.filter(person=nia, used_at=None).count() == 1
    assert {mail["to"] for mail in sent} == {"nia@example.org"}


def test_a_district_told_twice_of_an_emergency_changes_nothing(world, databases, monkeypatch):
    monkeypatch.setattr("commonground.apps.core.people.emergencies.send_mail", lambda **_mail: None)
    with enter(person=world.OMAR, purpose="test"):
        asked = ask_database("ask_break_glass", world.SOUTH, ["roster"], "The file of this morning stops at a row.")
    before = fingerprint(databases)

    for _time in range(2):
        JOBS["core.mail-emergency"].handler(break_glass_id=str(asked))

    assert fingerprint(databases) == before


# Run twice by tests/apps/governance: test_breach_pages.py, test_leaving.py and test_destroying.py.
ELSEWHERE = {"governance.mail-packets", "governance.export-district", "governance.destroy-district"}


def test_every_job_is_covered_here():
    assert {name for name, job in JOBS.items() if not job.cron} - ELSEWHERE == {
        "core.mail-emergency",
        "core.mail-invitation",
        "intake.apply",
        "intake.check",
        "intake.undo",
    }


def test_a_job_carries_no_name():
    with pytest.raises(JobRefused):
        defer("intake.check", batch_id="Amina")  # type: ignore[arg-type]


def test_a_job_exists_only_when_its_batch_does(world, tmp_path):
    path = write_zip(small(), tmp_path / "b.zip")
    from django.utils import timezone

    def receive_then_break() -> None:
        with enter(person=world.CORA, purpose="test"):
            batch = receiving.receive_file(
                owner_id=world.NORTH, blocks=path, label="b.zip", by=world.CORA, now=timezone.now()
            )
            defer("intake.check", batch_id=batch.pk, person_id=world.CORA)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        receive_then_break()

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs")
        assert cursor.fetchone() == (0,)


def test_a_killed_workers_job_is_run_by_another(world, databases, tmp_path):
    from django.utils import timezone

    with enter(person=world.CORA, purpose="test"):
        batch = receiving.receive_file(
            owner_id=world.NORTH,
            blocks=write_zip(small(), tmp_path / "b.zip"),
            label="b",
            by=world.CORA,
            now=timezone.now(),
        )
        number = defer("intake.check", batch_id=batch.pk, person_id=world.CORA)
    # A worker took the job a while ago and has not been heard of since.
    name = connection.settings_dict["NAME"]
    databases.execute(
        "with dead as (insert into procrastinate_workers (last_heartbeat) values (now() - interval '2 minutes') returning id)"
        f" update procrastinate_jobs set status = 'doing', worker_id = (select id from dead) where id = {number}",
        database=name,
    )
    from commonground.store.jobs import recover_stalled

    in_a_thread(recover_stalled)
    finish_work()

    with enter(person=world.CORA, purpose="test"):
        assert Batch.objects.get(pk=batch.pk).status == Batch.Status.CHECKED
