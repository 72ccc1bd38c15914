"""What people and agreements ask of somebody: setting up, corrections, emergencies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, Min, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonground.apps.core.models import Organization
from commonground.apps.core.people.emergencies import listed
from commonground.apps.core.queries import Grant, own_districts
from commonground.apps.families.models import Correction
from commonground.apps.governance.breach.queries import clock_of, own_packets
from commonground.apps.governance.models import Leaving, Packet
from commonground.apps.governance.notices.queries import lacks_notice
from commonground.apps.governance.queries.begin import unfinished_houses
from commonground.apps.governance.queries.members import houses_of
from commonground.apps.home.queries.todos import Todo, day_words
from commonground.apps.measures.presenting import year_words
from commonground.apps.measures.queries.counts import school_year_of

VERY_SOON = 7
WAITS = ("is_leaving", "is_exported", "lacks_notice", "has_packet", "correction_count", "due_on")


def duties(grants: Sequence[Grant], *, person_id, now: datetime) -> tuple[Todo, ...]:
    """The most pressing first. Only what somebody's roles make them answer for is asked."""
    roles, today = {grant.role.key for grant in grants}, timezone.localdate(now)
    found: list[Todo] = []
    if roles & {"operator", "director", "coordinator"}:
        found += _emergencies(grants, person_id=person_id, now=now)
    if "director" in roles:
        found += _beginning(grants, today)
    if "coordinator" in roles:
        found += _of_districts(grants, now=now)
    return tuple(found)


def _emergencies(grants: Sequence[Grant], *, person_id, now: datetime) -> list[Todo]:
    url, found = reverse("people:emergencies"), []
    for one in listed(grants, person_id=person_id, now=now):
        words = {"person": one.row.person.name, "district": one.row.district.name}
        if one.state == "open":
            title = _("%(person)s sees records of %(district)s in an emergency") % words
            found.append(Todo("shield-exclamation", title, one.row.reason, url, _("See or close it"), now=True))
        elif one.may_approve:
            title = _("%(person)s asks to be let in to %(district)s") % words
            found.append(Todo("shield-exclamation", title, one.row.reason, url, _("Decide"), now=True))
        elif one.row.until and now - one.row.until < timedelta(days=7):
            title = _("%(person)s saw records of %(district)s in an emergency") % words
            found.append(Todo("shield-check", title, one.row.reason, url, _("Read about it")))
    return found


def _beginning(grants: Sequence[Grant], today: date) -> list[Todo]:
    if not unfinished_houses(houses_of(grants), today=today):
        return []
    title = _("Your collaborative is not set up yet")
    why = _("A name, districts, and somebody who leads each of them: leave and go on whenever you like.")
    return [Todo("diagram-2", title, why, reverse("governance:begin"), _("Go on"), now=True)]


@dataclass(frozen=True)
class Waiting:
    """What waits for one district. is_leaving: somebody asked to destroy everything. is_exported: everything lies in one
    file, and nobody asked yet. due_on: of the first correction, None without any."""

    district: Organization
    is_leaving: bool
    is_exported: bool
    lacks_notice: bool
    has_packet: bool
    correction_count: int
    due_on: date | None


def _waiting(grants: Sequence[Grant], today: date) -> list[Waiting]:
    """Of each district that the acting person coordinates, by name. One query."""
    leaving = Leaving.objects.open().filter(place_id=OuterRef("pk"))
    asked = Correction.objects.open().filter(owner_id=OuterRef("pk")).order_by().values("owner_id")
    rows = own_districts(grants).annotate(
        is_leaving=Exists(leaving.filter(asked_at__isnull=False)),
        is_exported=Exists(leaving.filter(asked_at=None, exported_at__isnull=False)),
        lacks_notice=ExpressionWrapper(lacks_notice(today), BooleanField()),
        has_packet=Exists(Packet.objects.filter(owner_id=OuterRef("pk"), told_on=None)),
        correction_count=Coalesce(Subquery(asked.annotate(count=Count("pk")).values("count")), 0),
        due_on=Subquery(asked.annotate(first=Min("due_on")).values("first")),
    )
    return [Waiting(row, *(vars(row)[name] for name in WAITS)) for row in rows]


def _of_districts(grants: Sequence[Grant], *, now: datetime) -> list[Todo]:
    today = timezone.localdate(now)
    waiting = _waiting(grants, today)
    found = [_leaving(one.district) for one in waiting if one.is_leaving]
    found += [_exported(one.district) for one in waiting if one.is_exported]
    found += _packets(grants) if any(one.has_packet for one in waiting) else []
    found += _corrections(waiting, today)
    return found + [_notice(one.district, today) for one in waiting if one.lacks_notice]


def _leaving(district: Organization) -> Todo:
    title = _("Somebody asked to destroy everything that %(district)s owns") % {"district": district.name}
    why = _("A second coordinator confirms it; any coordinator calls it off.")
    url = reverse("governance:leaving", args=[district.pk])
    return Todo("box-arrow-right", title, why, url, _("Decide"), now=True)


def _exported(district: Organization) -> Todo:
    title = _("Somebody had everything that %(district)s owns written into one file") % {"district": district.name}
    why = _(
        "It holds facts of children that no role sees. Any coordinator reads whether it was saved, and calls it off."
    )
    url = reverse("governance:leaving", args=[district.pk])
    return Todo("box-arrow-right", title, why, url, _("Look at it"), now=True)


def _packets(grants: Sequence[Grant]) -> list[Todo]:
    found = []
    for one in own_packets(grants).filter(told_on=None):
        title = _("An incident touches %(district)s, and families have not been told") % {"district": one.owner.name}
        clock = timezone.localtime(clock_of(one))
        why = _("By %(at)s the families should know.") % {"at": date_format(clock, "DATETIME_FORMAT")}
        url = reverse("governance:packet", args=[one.pk])
        found.append(Todo("shield-exclamation", title, why, url, _("Open the packet"), now=True))
    return found


def _notice(district: Organization, today: date) -> Todo:
    words = {"district": district.name, "year": year_words(school_year_of(today))}
    title = _("The notice of %(year)s has not gone to families of %(district)s") % words
    why = _("Once in a school year each family is told what is kept, who sees it, and its rights.")
    return Todo("envelope", title, why, reverse("governance:notices"), _("Print or record it"))


def _corrections(waiting: Sequence[Waiting], today: date) -> list[Todo]:
    due = min((one.due_on for one in waiting if one.due_on), default=None)
    if due is None:
        return []
    count = sum(one.correction_count for one in waiting)
    title = ngettext("%(count)s family asks for a correction", "%(count)s families ask for a correction", count)
    why = _("The first answer is due by %(day)s.") % {"day": day_words(due)}
    is_close = due <= today + timedelta(days=VERY_SOON)
    return [Todo("pencil", title % {"count": count}, why, reverse("families:asked"), _("Answer"), now=is_close)]
