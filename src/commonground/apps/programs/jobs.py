"""Programs' background work: seats that were kept open to all on their day; children are counted by meals on another."""

from uuid import UUID

from django.utils import timezone

from commonground.apps.programs.actions import give_out_free_seats
from commonground.apps.programs.meals import closed, count_meals
from commonground.apps.programs.models import Offering
from commonground.store.jobs import job
from commonground.store.walls import enter

# Nobody acts here: the function gives out seats by the offering's own rule, and reads no role.
NOBODY = UUID(int=0)


@job("programs.release", cron="7 0 * * *")
def release() -> None:
    """Give out what is free in every offering that is not over, after the release day above all. Twice is once."""
    for offering_id in Offering.objects.not_over(timezone.localdate()).values_list("pk", flat=True):
        with enter(person=NOBODY, purpose="seats that were kept", role="job"):
            give_out_free_seats(offering_id=offering_id)


@job("programs.count-meals", cron="37 0 * * *")
def count_by_meals() -> None:
    """Count the offerings whose registration has closed by what families said about meals. Twice is once.

    One that cannot be counted keeps none of the others waiting; what went wrong first is raised in the end.
    """
    failed: list[Exception] = []
    for offering_id in closed(timezone.localdate()).values_list("pk", flat=True):
        try:
            with enter(person=NOBODY, purpose="count by meals", role="job"):
                count_meals(offering_id=offering_id)
        except Exception as error:  # noqa: BLE001 - raised again below
            failed.append(error)
    if failed:
        raise failed[0]
