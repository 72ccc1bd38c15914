"""What people and agreements ask of somebody: setting up, corrections, emergencies."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonground.apps.core.people.emergencies import listed
from commonground.apps.core.queries import Grant
from commonground.apps.families.models import Correction
from commonground.apps.families.queries import own_districts
from commonground.apps.governance.queries.begin import unfinished_houses
from commonground.apps.governance.queries.members import houses_of
from commonground.apps.home.queries.todos import Todo, day_words

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
        found += _corrections(grants, today)
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
