"""How many students, families' adults, schools and sections each owner has: written with every roster, never counted by a page."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from commonground.apps.measures.models import CountedFile


@dataclass(frozen=True)
class Totals:
    """An owner's standing totals, and the batch after which they stand."""

    batch_id: UUID
    students: int
    guardians: int
    schools: int
    sections: int


def standing_totals(owner_ids: Collection[UUID]) -> dict[UUID, Totals]:
    """By owner; an owner whose roster was never counted is missing. One query, however many students."""
    newest = (
        CountedFile.objects.filter(kind=CountedFile.Kind.ROSTER, owner_id__in=owner_ids)
        .order_by("owner_id", "-number")
        .distinct("owner_id")
    )
    return {
        one.owner_id: Totals(one.batch_id, one.students or 0, one.guardians or 0, one.schools or 0, one.sections or 0)
        for one in newest
    }
