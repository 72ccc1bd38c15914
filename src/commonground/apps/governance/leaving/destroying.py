"""The destruction that two people confirmed: jobs, files, rows, names in the ledger, and what is written about it."""

from contextlib import AbstractContextManager
from uuid import UUID

from django.db import connection
from procrastinate.contrib.django import app

from commonground.apps.core.asking import ask_database
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.governance.leaving.catalog import tables_to_empty
from commonground.apps.governance.leaving.places import destroy_files
from commonground.apps.governance.models import Leaving
from commonground.store.walls import enter


def destroy(*, leaving_id: UUID) -> None:
    """Destroy everything the district owns, table by table, and close its way out. Twice is once.

    Each table is a transaction of its own: stopped anywhere, running it again goes on from there and ends the same. The
    database destroys only what two people confirmed. Raises Refused where something is left.
    """
    leaving = Leaving.objects.get(pk=leaving_id)
    second = leaving.confirmed_by_id
    if second is None:
        return

    def acting() -> AbstractContextManager[None]:
        return enter(person=second, purpose=f"leaving {leaving_id}", role="job")

    if leaving.destroyed_at is None:
        with acting():
            batches = ask_database("leaving_batches", leaving_id)
        _cancel_jobs(batches)
        destroy_files(leaving.place_id, batches)
        for table in tables_to_empty():
            with acting():
                ask_database("destroy_rows", leaving_id, table)
        with acting():
            ask_database("forget_names", leaving_id)
        with acting():
            ask_database("finish_leaving", leaving_id)
            done = Leaving.objects.get(pk=leaving_id)
            record_event(
                EventKind.LEAVING_FINISHED,
                person_id=second,
                organization_id=leaving.place_id,
                about=str(leaving_id),
                detail={
                    "destroyed": done.destroyed_counts,
                    "digest": done.digest,
                    "chain_before": done.names_before,
                    "chain_after": done.names_after,
                },
            )
        # A file that arrived while the rows went has no row any more.
        destroy_files(leaving.place_id, batches)
    else:
        destroy_files(leaving.place_id, ())


def _cancel_jobs(batches: list[UUID]) -> None:
    """Jobs of the district's batches that wait will not run; one that runs is waited for at its rows' lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from procrastinate_jobs where status = 'todo' and args ->> 'batch_id' = any(%s)",
            [[str(one) for one in batches]],
        )
        waiting = [row[0] for row in cursor.fetchall()]
    for number in waiting:
        app.job_manager.cancel_job_by_id(number)
