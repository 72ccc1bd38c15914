"""Programs' background work: seats that were kept open to all on their day; children are counted by group on another."""

from django.utils import timezone

from commonground.apps.programs.actions import give_out_free_seats
from commonground.apps.programs.counting import count_groups, offerings_to_count
from commonground.apps.programs.counts import By
from commonground.apps.programs.models import Offering
from commonground.store.jobs import job
from commonground.store.walls import NOBODY, enter


@job("programs.release", cron="7 0 * * *")
def release() -> None:
    """Give out what is free in every offering that is not over, after the release day above all. Twice is once."""
    for offering_id in Offering.objects.not_over(timezone.localdate()).values_list("pk", flat=True):
        with enter(person=NOBODY, purpose="seats that were kept", role="job"):
            give_out_free_seats(offering_id=offering_id)


@job("programs.count-groups", cron="37 0 * * *")
def count_by_groups() -> None:
    """Count the offerings whose registration has closed by race and by what families said about meals. Twice is once.

    One that cannot be counted keeps none of the others waiting; what went wrong first is raised in the end.
    """
    failed: list[Exception] = []
    for by in By:
        for offering_id in offerings_to_count(by):
            try:
                count_groups(offering_id=offering_id, by=by)
            except Exception as error:  # noqa: BLE001 - raised again below
                failed.append(error)
    if failed:
        raise failed[0]
