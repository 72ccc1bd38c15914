"""What a district keeps for how long, and which holds are in force."""

from collections.abc import Container
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from commonground.apps.core.models import Organization, RoleGrant
from commonground.apps.governance.models import Keeping, LegalHold
from commonground.apps.governance.retention.classes import CLASSES, DataClass

HOLDS_SHOWN = 100


@dataclass(frozen=True)
class KeptClass:
    """One class in one district. days: for which it keeps it, None where it does not end by time."""

    key: str
    about: DataClass
    days: int | None

    @property
    def is_changed(self) -> bool:
        return self.days != self.about.days


@dataclass(frozen=True)
class ShownHold:
    """A hold in the list. what: the class, None for everything. may_end: whether the acting person ends it."""

    row: LegalHold
    what: DataClass | None
    may_end: bool


def _days(about: DataClass, changed: int | None) -> int | None:
    """As the database obeys it. changed: what the district said, None for nothing."""
    if changed is None or about.days is None:
        return about.days
    return max(changed, about.least if about.may_change else about.days)


def may_end(hold: LegalHold, *, by: UUID, coordinators: Container[UUID]) -> bool:
    """Whoever placed it ends it; another coordinator only once that person coordinates the district no more."""
    return hold.ended_at is None and (hold.placed_by_id == by or hold.placed_by_id not in coordinators)


def coordinators(place_id: UUID) -> frozenset[UUID]:
    """Those who coordinate the district today and can sign in. One query."""
    held = RoleGrant.objects.in_force(timezone.localdate()).filter(role="coordinator", organization_id=place_id)
    return frozenset(held.filter(person__is_active=True).values_list("person_id", flat=True))


@dataclass(frozen=True)
class KeepingPage:
    """holds: in force first, then the latest."""

    district: Organization
    classes: tuple[KeptClass, ...]
    holds: tuple[ShownHold, ...]


def keeping_page(district: Organization, *, by: UUID) -> KeepingPage:
    """The classes and holds of one district. Three queries."""
    changed = dict(Keeping.objects.filter(owner=district).values_list("data_class", "days"))
    rows = (
        LegalHold.objects.filter(owner=district)
        .select_related("placed_by", "ended_by")
        .order_by("-placed_at")[:HOLDS_SHOWN]
    )
    others = coordinators(district.pk)
    return KeepingPage(
        district,
        tuple(KeptClass(key, one, _days(one, changed.get(key))) for key, one in CLASSES.items()),
        tuple(
            ShownHold(row, CLASSES.get(row.data_class), may_end(row, by=by, coordinators=others))
            for row in sorted(rows, key=lambda row: row.ended_at is not None)
        ),
    )
