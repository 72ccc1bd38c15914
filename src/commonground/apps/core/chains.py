"""Chains over the ledgers: every stretch of lines gets a fingerprint that also covers the stretch before it.

Nobody can then change, remove or slip in a line without breaking every later link. The lines themselves are read by the
database's own functions (`scope.sql`), because no person sees all of them.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import ChainLink, Event

LEDGERS = ("change", "disclosure", "event")
LINES_PER_LINK = 10_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """Whether a ledger's chain holds. broken_at: the position of the first link that does not, None when all do."""

    ledger: str
    link_count: int
    broken_at: int | None


def chain_ledgers(*, now: datetime) -> int:
    """Add links over the lines that have none yet; returns how many. Lines still being written wait for the next run."""
    added = 0
    for ledger in LEDGERS:
        while _add_link(ledger, now=now):
            added += 1
    return added


@contextmanager
def _ledger_reader() -> Iterator[CursorWrapper]:
    """A cursor of the job role with nobody acting: every walled row is refused, only the two functions answer."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local role cg_job")
        yield cursor


def _add_link(ledger: str, *, now: datetime) -> bool:
    with _ledger_reader() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"chain {ledger}"])
        last = ChainLink.objects.filter(ledger=ledger).order_by("-position").first()
        after, previous = (last.last_number, last.fingerprint) if last else (0, "")
        cursor.execute("select * from cg.settled_end(%s, %s, %s)", [ledger, after, LINES_PER_LINK])
        (end,) = cursor.fetchone()
        if end is None:
            return False
        cursor.execute("select * from cg.fingerprint(%s, %s, %s, %s)", [ledger, after, end, previous])
        line_count, fingerprint = cursor.fetchone()
        ChainLink.objects.create(
            ledger=ledger,
            position=last.position + 1 if last else 1,
            first_number=after + 1,
            last_number=end,
            line_count=line_count,
            fingerprint=fingerprint,
            made_at=now,
        )
    return True


def verify_ledger(ledger: str) -> Verdict:
    """Compute every fingerprint of a ledger again and compare."""
    after, previous, position = 0, "", 0
    with _ledger_reader() as cursor:
        for link in ChainLink.objects.filter(ledger=ledger).order_by("position").iterator():
            cursor.execute("select * from cg.fingerprint(%s, %s, %s, %s)", [ledger, after, link.last_number, previous])
            line_count, fingerprint = cursor.fetchone()
            is_next = (link.position, link.first_number) == (position + 1, after + 1)
            if not is_next or (line_count, fingerprint) != (link.line_count, link.fingerprint):
                return Verdict(ledger, link.position, broken_at=link.position)
            after, previous, position = link.last_number, link.fingerprint, link.position
    return Verdict(ledger, position, broken_at=None)


def verify_ledgers() -> tuple[Verdict, ...]:
    """Verify all three and record the outcome, once for the same state."""
    verdicts = tuple(verify_ledger(ledger) for ledger in LEDGERS)
    broken = {one.ledger: one.broken_at for one in verdicts if one.broken_at is not None}
    kind = EventKind.LEDGER_BROKEN if broken else EventKind.LEDGER_VERIFIED
    detail = broken or {one.ledger: one.link_count for one in verdicts if one.ledger != "event"}
    known = Event.objects.filter(kind__startswith="ledger.").order_by("-number").first()
    if known is None or (known.kind, known.detail) != (kind.value, detail):
        record_event(kind, detail=detail)
    for ledger, position in broken.items():
        logger.error("the chain over ledger %s is broken at link %d", ledger, position)
    return verdicts
