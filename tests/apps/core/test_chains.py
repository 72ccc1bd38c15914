"""The chains over the ledgers: any line changed, removed or slipped in is found."""

import pytest
from django.db import connection
from django.utils import timezone

from commonground.apps.core import chains, jobs
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import ChainLink, Event

pytestmark = pytest.mark.database


@pytest.fixture
def chained(world, monkeypatch):
    """Seven events in chains of three."""
    monkeypatch.setattr(chains, "LINES_PER_LINK", 3)
    for _ in range(7):
        record_event(EventKind.SIGNED_IN, person_id=world.CORA)
    chains.chain_ledgers(now=timezone.now())


def test_every_line_is_in_one_link(chained):
    links = list(ChainLink.objects.filter(ledger="event").values_list("first_number", "last_number", "line_count"))

    assert links == [(1, 3, 3), (4, 6, 3), (7, 7, 1)]
    assert chains.verify_ledger("event") == chains.Verdict("event", 3, broken_at=None)


def test_running_again_adds_nothing(chained):
    assert chains.chain_ledgers(now=timezone.now()) == 0


def test_later_lines_are_chained_to_the_earlier_ones(chained):
    record_event(EventKind.SIGNED_OUT)

    assert chains.chain_ledgers(now=timezone.now()) == 1
    assert chains.verify_ledger("event") == chains.Verdict("event", 4, broken_at=None)


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("update core_event set detail = '{\"x\": 1}' where number = 2", 1),
        ("update core_event set at = at + interval '1 second' where number = 5", 2),
        ("delete from core_event where number = 4", 2),
        ("update core_event set number = 100 where number = 7", 3),
        ("delete from core_chainlink where ledger = 'event' and position = 2", 3),
        ("update core_chainlink set fingerprint = repeat('0', 64) where ledger = 'event' and position = 1", 1),
    ],
)
def test_whatever_is_tampered_with_is_found(chained, databases, tampering, broken_at):
    databases.execute(tampering, database=connection.settings_dict["NAME"])

    verdicts = {one.ledger: one.broken_at for one in chains.verify_ledgers()}

    assert verdicts == {"change": None, "disclosure": None, "event": broken_at}
    assert Event.objects.filter(kind="ledger.broken").count() == 1


def test_lines_wait_while_somebody_is_still_writing(chained, databases):
    import psycopg

    name = connection.settings_dict["NAME"]
    with psycopg.connect(databases.server.dsn(database=name)) as other:
        other.execute("insert into core_event (kind, about, detail, at) values ('x', '', '{}', now())")
        record_event(EventKind.SIGNED_OUT)
        assert chains.chain_ledgers(now=timezone.now()) == 0

    assert chains.chain_ledgers(now=timezone.now()) == 1
    assert chains.verify_ledger("event").broken_at is None


def test_changes_and_disclosures_are_chained_though_nobody_sees_all_of_them(world, databases):
    name = connection.settings_dict["NAME"]
    databases.execute(f"update roster_student set grade = '08' where id = '{world.AMINA}'", database=name)

    jobs.chain()
    jobs.verify()

    assert set(ChainLink.objects.values_list("ledger", flat=True)) == {"change"}
    assert Event.objects.get().detail == {"change": 1, "disclosure": 0}


def test_jobs_run_twice_change_nothing_the_second_time(chained):
    for job in (jobs.chain, jobs.verify, jobs.close_unused):
        job()
    jobs.chain()
    before = list(Event.objects.values()), list(ChainLink.objects.values())

    for job in (jobs.chain, jobs.verify, jobs.close_unused):
        job()

    assert (list(Event.objects.values()), list(ChainLink.objects.values())) == before
