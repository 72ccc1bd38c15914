"""What people and agreements ask of somebody: setting up, corrections, emergencies."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonground.apps.core.people.emergencies import listed
from commonground.apps.core.queries import Grant
from commonground.apps.families.models import Correction
from commonground.apps.families.queries import own_districts
from commonground.apps.governance.breach.queries import clock_of, own_packets
from commonground.apps.governance.notices.queries import not_given
from commonground.apps.governance.queries.begin import unfinished_houses
from commonground.apps.governance.queries.members import houses_of
from commonground.apps.governance.reminders import destructions
from commonground.apps.home.queries.todos import Todo, day_words, destruction_todos
from commonground.apps.measures.presenting import year_words
from commonground.apps.measures.queries.counts import school_year_of

VERY_SOON = 7


def duties(grants: Sequence[Grant], *, person_id, now: datetime) -> tuple[Todo, ...]:
    """The most pressing first. Only what somebody's roles make them answer for is asked."""
    roles, today = {grant.role.key for grant in grants}, timezone.localdate(now)
    found: list[Todo] = []
    if roles & {"operator", "director", "coordinator"}:
        found += _emergencies(grants, person_id=person_id, now=now)
    if "director" in roles:
        found += _beginning(grants, today)
    if "coordinator" in roles:
        found += _packets(grants, now)
        found += _corrections(grants, today)
        found += _notices(grants, today)
    if roles & {"director", "coordinator"}:
        found += destruction_todos(destructions(grants, today=today))
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


def _packets(grants: Sequence[Grant], now: datetime) -> list[Todo]:
    found = []
    for one in own_packets(grants).filter(told_on=None):
        title = _("An incident touches %(district)s, and families have not been told") % {"district": one.owner.name}
        clock = timezone.localtime(clock_of(one))
        why = _("Our clock runs until %(at)s.") % {"at": date_format(clock, "DATETIME_FORMAT")}
        url = reverse("governance:packet", args=[one.pk])
        found.append(Todo("shield-exclamation", title, why, url, _("Open the packet"), now=True))
    return found


def _notices(grants: Sequence[Grant], today: date) -> list[Todo]:
    found = []
    for district in not_given(own_districts(grants), today=today):
        words = {"district": district.name, "year": year_words(school_year_of(today))}
        title = _("The notice of %(year)s has not gone to families of %(district)s") % words
        why = _("Once in a school year each family is told what is kept, who sees it, and its rights.")
        found.append(Todo("envelope", title, why, reverse("governance:notices"), _("Print or record it")))
    return found


def _corrections(grants: Sequence[Grant], today: date) -> list[Todo]:
    due = list(
        Correction.objects.open()
        .filter(owner_id__in=own_districts(grants))
        .order_by("due_on")
        .values_list("due_on", flat=True)[:100]
    )
    if not due:
        return []
    title = ngettext("%(count)s family asks for a correction", "%(count)s families ask for a correction", len(due)) % {
        "count": len(due)
    }
    why = _("The first answer is due by %(day)s.") % {"day": day_words(due[0])}
    is_close = due[0] <= today + timedelta(days=VERY_SOON)
    return [Todo("pencil", title, why, reverse("families:asked"), _("Answer"), now=is_close)]
