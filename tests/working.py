"""Runs the background work that pages put off."""

import threading


def in_a_thread(task) -> None:
    """Run a task in a thread of its own and wait: a browser's test has an event loop in its own thread."""
    from django.db import connections

    failed: list[BaseException] = []

    def run() -> None:
        try:
            task()
        except BaseException as error:  # noqa: BLE001 - raised again below, in the test's own thread
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(120)
    assert not thread.is_alive(), "the work did not end"
    if failed:
        raise failed[0]


def finish_work() -> None:
    """Run every waiting job, as the worker would."""
    from commonground.store.jobs import work

    in_a_thread(lambda: work(until_empty=True))
