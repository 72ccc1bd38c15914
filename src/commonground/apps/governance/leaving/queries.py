"""What a district that leaves takes with it, how far it has come, and what its certificate says."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.asking import ask_database
from commonground.apps.core.categories import category_name
from commonground.apps.core.events import EventKind
from commonground.apps.core.models import (
    Agreement,
    ChainLink,
    Event,
    Membership,
    Organization,
    RoleGrant,
)
from commonground.apps.core.queries import Grant, held_at
from commonground.apps.governance.leaving.actions import EXPORT_KEPT
from commonground.apps.governance.leaving.catalog import tables_that_stay
from commonground.apps.governance.models import AgreementFile, Leaving, LegalHold
from commonground.apps.intake.models import Batch
from commonground.store.walls import PUBLIC, walled_models

# Why rows of these tables stay, in the words of the pages.
WHY_IT_STAYS: Mapping[str, str | Promise] = {
    "core_agreement": _(
        "Agreements: what your district had agreed to, so that it can be shown what opened its records. They name no child."
    ),
    "core_change": _(
        "The record that rows were changed or destroyed, when and by whom. What the rows said is taken out."
    ),
    "core_disclosureline": _(
        "The record of who from outside looked at a child, and when (34 CFR 99.32). Of the child a random number is left."
    ),
    "core_organization": _("Names of schools, which are public, where a role that has ended still points to them."),
}
OTHERS_POINT_TO_IT = _("Public rows of programs in which children of other districts took part. They name no child.")


def certificates(grants: Sequence[Grant]) -> QuerySet[Leaving]:
    """Finished leavings that the acting person may read: of the own district, and of members that the own house had."""
    members = Membership.objects.filter(collaborative_id__in=held_at(grants, "director")).values("organization_id")
    finished = Leaving.objects.filter(destroyed_at__isnull=False)
    return finished.filter(Q(place_id__in=held_at(grants, "coordinator")) | Q(place_id__in=members)).select_related(
        "place"
    )


@dataclass(frozen=True)
class TableCount:
    """Rows of one table. what: the category of data in words. rows: None where the number is told to nobody."""

    table: str
    what: str
    rows: int | None


@dataclass(frozen=True)
class Staying:
    """Rows of one table that stay, and why."""

    table: str
    rows: int
    why: str | Promise


@dataclass(frozen=True)
class LeavingPage:
    """The way out as its district sees it. goes: by table, without empty ones. holds: legal holds that stop it.

    export_until: the last day on which the export lies here, None without one.
    """

    district: Organization
    leaving: Leaving | None
    goes: tuple[TableCount, ...]
    stays: tuple[Staying, ...]
    empty_count: int
    file_count: int
    agreement_count: int
    people_count: int
    holds: tuple[LegalHold, ...]
    export_until: date | None
    may_confirm: bool

    @property
    def row_count(self) -> int:
        return told_rows(self.goes) or 0

    @property
    def goes_by_kind(self) -> list[tuple[str, int | None, list[TableCount]]]:
        """What goes, by category in words: rows in all, None where none are told, and the tables they stand in."""
        kinds: dict[str, list[TableCount]] = {}
        for one in self.goes:
            kinds.setdefault(one.what, []).append(one)
        return [(what, told_rows(tables), tables) for what, tables in kinds.items()]

    @property
    def state(self) -> str:
        """here, exporting, exported, saved, asked or going."""
        one = self.leaving
        if one is None:
            return "here"
        if one.confirmed_at:
            return "going"
        if one.asked_at:
            return "asked"
        if one.saved_at:
            return "saved"
        return "exported" if one.exported_at else "exporting"


def told_rows(tables: Iterable[TableCount]) -> int | None:
    """Rows in all of those tables whose number is told, None where there is none."""
    told = [one.rows for one in tables if one.rows is not None]
    return sum(told) if told else None


def leaving_page(district: Organization, *, by: UUID) -> LeavingPage:
    """Counts are asked of every table that has an owner. About ten queries and one per table."""
    today = timezone.localdate()
    leaving = Leaving.objects.open().filter(place=district).select_related("asked_by", "confirmed_by").first()
    counts: dict[str, int | None] = json.loads(ask_database("owned_counts", district.pk))
    stay = tables_that_stay()
    places = Organization.objects.filter(Q(pk=district.pk) | Q(owner=district))
    made_at = leaving.exported_at if leaving else None
    return LeavingPage(
        district=district,
        leaving=leaving,
        goes=tuple(counted({table: rows for table, rows in counts.items() if table not in stay and rows != 0})),
        stays=tuple(staying({table: rows for table, rows in counts.items() if table in stay and rows})),
        empty_count=sum(rows == 0 for rows in counts.values()),
        file_count=Batch.objects.filter(owner=district).exclude(status__in=["refused", "discarded"]).count()
        + AgreementFile.objects.filter(owner=district).count(),
        agreement_count=Agreement.objects.filter(owner=district, until__gt=today).count(),
        people_count=RoleGrant.objects.not_over(today)
        .filter(organization__in=places)
        .values("person")
        .distinct()
        .count(),
        holds=tuple(LegalHold.objects.filter(owner=district, ended_at=None).order_by("placed_at")),
        export_until=timezone.localdate(made_at + EXPORT_KEPT) if made_at else None,
        may_confirm=leaving is not None and leaving.asked_by_id not in {None, by} and leaving.confirmed_at is None,
    )


def counted(rows: Mapping[str, int | None]) -> list[TableCount]:
    """Tables with their category in words, by category."""
    models = walled_models()
    lines = [TableCount(table, _what(models.get(table)), count) for table, count in rows.items() if table != "names"]
    return sorted(lines, key=lambda one: (one.what, one.table))


def _what(model: type | None) -> str:
    category = model.wall.category if model else PUBLIC  # type: ignore[attr-defined]
    return str(_("public")) if category == PUBLIC else category_name(category)


def staying(rows: Mapping[str, int]) -> list[Staying]:
    """What stays, with the reason."""
    return [Staying(table, count, WHY_IT_STAYS.get(table, OTHERS_POINT_TO_IT)) for table, count in sorted(rows.items())]


@dataclass(frozen=True)
class Certificate:
    """What was destroyed. names: lines of the ledger out of which names were taken. backups_until: the last day on which
    a backup made before may still hold the rows. event_number, link_position: where the ledger of events says so; the
    position is None until that stretch is chained."""

    leaving: Leaving
    destroyed: tuple[TableCount, ...]
    stays: tuple[Staying, ...]
    names: int
    backups_until: date
    event_number: int | None
    link_position: int | None

    @property
    def row_count(self) -> int:
        return told_rows(self.destroyed) or 0


def certificate(leaving: Leaving) -> Certificate:
    """Of a finished leaving. Two queries."""
    counts: dict[str, int | None] = leaving.destroyed_counts
    event = Event.objects.filter(kind=EventKind.LEAVING_FINISHED, about=str(leaving.pk)).order_by("number").first()
    link = (
        ChainLink.objects.filter(ledger="event", last_number__gte=event.number).order_by("position").first()
        if event
        else None
    )
    return Certificate(
        leaving=leaving,
        destroyed=tuple(counted({table: rows for table, rows in counts.items() if rows != 0})),
        stays=tuple(staying(leaving.kept_counts)),
        names=counts.get("names") or 0,
        backups_until=timezone.localdate(leaving.destroyed_at or timezone.now())
        + timedelta(days=settings.BACKUPS_KEPT_DAYS),
        event_number=event.number if event else None,
        link_position=link.position if link else None,
    )
