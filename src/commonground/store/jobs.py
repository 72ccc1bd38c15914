"""Background work: jobs in PostgreSQL, by way of procrastinate.

A job carries ids and days, never names. It must give the same result when it is run twice: a worker that is killed
leaves its job to be run again.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from procrastinate.contrib.django import app

STALLED_AFTER_SECONDS = 30
RECOVERY_CRON = "* * * * * */15"

logger = logging.getLogger(__name__)


class JobRefused(Exception):
    """A job was deferred with something other than ids, days and whole numbers."""


@dataclass(frozen=True)
class Job:
    """A registered job. handler: keyword-only ids in, nothing out. cron: six or five fields for a job that recurs."""

    name: str
    handler: Callable[..., None]
    cron: str | None = None


JOBS: dict[str, Job] = {}


def job(name: str, *, cron: str | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a handler under a dotted name, in a module called `jobs` of an app."""

    def register(handler: Callable[..., None]) -> Callable[..., None]:
        JOBS[name] = Job(name, handler, cron)

        def run(timestamp: int | None = None, **ids: Any) -> None:
            del timestamp
            logger.info("job %s begins", name)
            handler(**ids)

        task = app.task(name=name, queue="default")(run)
        if cron:
            app.periodic(cron=cron)(task)
        return handler

    return register


def defer(name: str, *, one_at_a_time: UUID | None = None, **ids: UUID | int) -> int:
    """Queue a job inside the current transaction: it exists exactly when the data it is about does.

    one_at_a_time: jobs with the same id run one after the other (an owner's batches). Returns the job's number.
    """
    wrong = sorted(key for key, value in ids.items() if not isinstance(value, UUID | int))
    if wrong:
        raise JobRefused(f"job {name}: {', '.join(wrong)} must be an id or a whole number")
    arguments: Mapping[str, Any] = {k: str(v) if isinstance(v, UUID) else v for k, v in ids.items()}
    lock = str(one_at_a_time) if one_at_a_time else None
    number: int = app.configure_task(name, lock=lock, queue="default").defer(**arguments)
    return number


@app.periodic(cron=RECOVERY_CRON)
@app.task(name="store.recover", queue="default", queueing_lock="store.recover")
def recover(timestamp: int) -> None:
    """Every few seconds: give the jobs of a worker that died to another one."""
    del timestamp
    recover_stalled()


def recover_stalled() -> int:
    """Give the jobs whose worker has not been heard of for 30 seconds to another one; returns how many."""
    manager = app.job_manager
    stalled = list(async_to_sync(manager.get_stalled_jobs)(seconds_since_heartbeat=STALLED_AFTER_SECONDS))
    for one in stalled:
        logger.warning("job %s of a worker that died is run again", one.id)
        async_to_sync(manager.retry_job)(one)
    return len(stalled)


def work(*, until_empty: bool = False) -> None:
    """Run jobs until stopped, or until none waits."""
    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        worker.run_worker(
            wait=not until_empty,
            concurrency=1,
            fetch_job_polling_interval=1.0,
            install_signal_handlers=not until_empty,
            listen_notify=not until_empty,
        )
