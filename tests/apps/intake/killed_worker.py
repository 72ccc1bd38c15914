"""A worker to be killed, and the person who clicks: sends a file, has it checked and applied, takes it back, and again.

Run as a process of its own with the path of the file, the district's id and the person's; it says `ready`, waits for a
line, and works until it is killed, or until the batch has the status given as fourth argument.
"""

import os
import sys
import time
from pathlib import Path
from uuid import UUID


def main(file: Path, district: UUID, person: UUID, until: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "commonground.config.settings"
    import django

    django.setup()
    from commonground.store.jobs import recover_stalled, work

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    recover_stalled()  # as every worker does every few seconds
    while (status := _status(district, person)) != until:
        if status in {"received", "checking", "applying", "undoing"}:
            work(until_empty=True)
            _free_when_nobody_works(district, person, was=status)
        else:
            _click(status, file, district, person)


def _status(district: UUID, person: UUID) -> str:
    from commonground.apps.intake.models import Batch
    from commonground.store.walls import enter

    with enter(person=person, purpose="test"):
        last = Batch.objects.filter(owner_id=district).order_by("-number").first()
        return str(last.status) if last else ""


def _free_when_nobody_works(district: UUID, person: UUID, *, was: str) -> None:
    """An error took the job away and left the batch: the sweep, which would come in a few minutes, frees it."""
    from commonground.apps.intake.jobs import sweep

    if _status(district, person) == was:
        sweep()
        time.sleep(0.05)


def _click(status: str, file: Path, district: UUID, person: UUID) -> None:
    from django.utils import timezone

    from commonground.apps.intake import actions, receiving
    from commonground.apps.intake.models import Batch
    from commonground.store.jobs import defer
    from commonground.store.walls import enter

    try:
        with enter(person=person, purpose="test"):
            batch = Batch.objects.filter(owner_id=district).order_by("-number").first()
            if batch is None or status in {"failed", "undone", "refused", "discarded"}:
                batch = receiving.receive_file(
                    owner_id=district, blocks=file, label="bundle", by=person, now=timezone.now()
                )
                job, more = "intake.check", {}
            elif status == "checked":
                actions.begin(batch_id=batch.pk, status=Batch.Status.APPLYING, expected=Batch.Status.CHECKED)
                job, more = "intake.apply", {"tie": 1}
            else:
                actions.begin(batch_id=batch.pk, status=Batch.Status.UNDOING, expected=Batch.Status.APPLIED)
                job, more = "intake.undo", {}
            defer(job, one_at_a_time=district, batch_id=batch.pk, person_id=person, **more)
    except actions.NotNow:
        time.sleep(0.05)  # the killed worker's transaction is not over yet


if __name__ == "__main__":
    main(Path(sys.argv[1]), UUID(sys.argv[2]), UUID(sys.argv[3]), (sys.argv[4:] or ["never"])[0])
