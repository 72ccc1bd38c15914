"""What a district keeps for how long, and which holds are in force."""

from dataclasses import dataclass

from commonground.apps.core.models import Organization
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
    """A hold in the list. what: the class, None for everything."""

    row: LegalHold
    what: DataClass | None


@dataclass(frozen=True)
class KeepingPage:
    """holds: in force first, then the latest."""

    district: Organization
    classes: tuple[KeptClass, ...]
    holds: tuple[ShownHold, ...]


def keeping_page(district: Organization) -> KeepingPage:
    """The classes and holds of one district. Two queries."""
    changed = dict(Keeping.objects.filter(owner=district).values_list("data_class", "days"))
    rows = (
        LegalHold.objects.filter(owner=district)
        .select_related("placed_by", "ended_by")
        .order_by("-placed_at")[:HOLDS_SHOWN]
    )
    return KeepingPage(
        district,
        tuple(KeptClass(key, one, changed.get(key, one.days)) for key, one in CLASSES.items()),
        tuple(
            ShownHold(row, CLASSES.get(row.data_class))
            for row in sorted(rows, key=lambda row: row.ended_at is not None)
        ),
    )
