"""Sentences that ask for something, each with one button."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonground.apps.core.models import Agreement
from commonground.apps.governance.queries.agreements import REMINDED
from commonground.apps.governance.reminders import END, last_days
from commonground.apps.intake.models import Batch

# Reminders before a last day: quiet from 60 days on, counting the days from 30 on, on top from 7 on.
_QUIET_DAYS, PRESSING_DAYS, BLOCKING_DAYS = REMINDED
Status = Batch.Status


@dataclass(frozen=True)
class Todo:
    """One row of *Needs you now*. now: it blocks something. url "" shows no button."""

    icon: str
    title: str
    why: str
    url: str = ""
    action: str = ""
    now: bool = False


def day_words(day: date) -> str:
    """A day as the reader's language writes it, with the year."""
    return date_format(day, "DATE_FORMAT")


def batch_todos(batches: Iterable[Batch], *, districts: dict, can_apply: bool) -> list[Todo]:
    """What open batches wait for. districts: name by id. can_apply: the reader is the one who decides."""
    found = []
    for batch in batches:
        name, url = districts.get(batch.owner_id, ""), reverse("intake:batch", args=[batch.pk])
        words = {"district": name, "number": batch.number, "file": batch.label}
        if batch.status == Status.CHECKED:
            title = _("Batch %(number)s of %(district)s is ready to look at") % words
            why = _("%(file)s: nothing is in the roster before somebody applies it.") % words
            found.append(Todo("inbox", title, why, url, _("Look at it"), now=can_apply))
        elif batch.status == Status.REFUSED:
            title = _("Batch %(number)s of %(district)s was refused") % words
            why = _("%(file)s: the page says what to change before it is sent again.") % words
            found.append(Todo("x-octagon", title, why, url, _("See why"), now=can_apply))
        elif batch.status == Status.FAILED:
            title = _("Batch %(number)s of %(district)s stopped by an error of ours") % words
            why = _("Nothing of it was applied. It can be checked again.")
            found.append(Todo("tools", title, why, url, _("Open it")))
        elif batch.is_waiting:
            title = _("Batch %(number)s of %(district)s is being worked on") % words
            why = _("%(file)s: you can leave; it goes on by itself.") % words
            found.append(Todo("hourglass-split", title, why, url, _("Watch")))
    return found


def held_todo(batch: Batch | None, *, district: str) -> list[Todo]:
    """Rows of the last applied batch that wait for a decision."""
    held = (batch.summary or {}).get("held", 0) if batch else 0
    if not batch or not held:
        return []
    title = ngettext("%(count)s row of %(district)s waits", "%(count)s rows of %(district)s wait", held) % {
        "count": held,
        "district": district,
    }
    why = _("They were left out of batch %(number)s until somebody says how to read them.") % {"number": batch.number}
    return [Todo("pause", title, why, f"{reverse('intake:batch', args=[batch.pk])}#held", _("See the rows"))]


def agreement_todos(agreements: Sequence[Agreement], *, names: dict, today: date) -> list[Todo]:
    """Agreements that end within 60 days, or whose copies are to be destroyed then, and that nothing follows.

    Within 7 days they come first. names: of districts, by id.
    """
    found = []
    for one in last_days(agreements, others=agreements, today=today):
        words = {"district": names.get(one.agreement.owner_id, ""), "day": day_words(one.falls_on)}
        if one.about == END:
            title = _("The agreement with %(district)s ends on %(day)s") % words
            why = _("After that day nothing that it opens can be seen.")
        else:
            title = _("Copies of what %(district)s shared are to be destroyed by %(day)s") % words
            why = _("The agreement says so: exports, printed lists and files on anybody’s computer.")
        if one.left <= PRESSING_DAYS:
            left = ngettext("%(days)s day is left.", "%(days)s days are left.", one.left) % {"days": one.left}
            why = f"{left} {why}"
        url = reverse("governance:agreement", args=[one.agreement.pk])
        found.append(Todo("shield-exclamation", title, why, url, _("Read it"), now=one.left <= BLOCKING_DAYS))
    return found
