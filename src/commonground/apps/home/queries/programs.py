"""*Today* where programs are run, taught in and registered for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonground.apps.core.queries import Grant
from commonground.apps.home.queries.todos import Todo, day_words
from commonground.apps.programs.models import Assignment
from commonground.apps.programs.queries import OfferingLine, offerings


@dataclass(frozen=True)
class ProgramsToday:
    """What asks for something, and every offering that is not over."""

    todos: tuple[Todo, ...]
    lines: tuple[OfferingLine, ...]


def managed_today(grants: Sequence[Grant], *, now: datetime) -> ProgramsToday:
    """For a program manager: who waits, who is expected today, where nobody teaches. A few queries for each offering."""
    today = timezone.localdate(now)
    lines = tuple(line for line in offerings(grants, today=today) if line.runs_it)
    staffed = set(Assignment.objects.filter(until__gt=today).values_list("offering_id", flat=True))
    todos = []
    for line in lines:
        offering, words = line.offering, {"title": line.offering.title, "day": day_words(line.offering.starts_on)}
        if offering.starts_on <= today <= offering.ends_on:
            url = reverse("programs:attendance", args=[offering.pk])
            why = _("The list shows who is expected and who has been marked.")
            todos.append(
                Todo("person-check", _("%(title)s is held now") % words, why, url, _("Open the list"), now=True)
            )
        if offering.pk not in staffed:
            url = reverse("programs:staff", args=[offering.pk])
            why = _("It begins on %(day)s.") % words
            todos.append(
                Todo("person-video3", _("Nobody teaches in %(title)s yet") % words, why, url, _("Add a teacher"))
            )
        if count := line.left.families_waiting:
            title = ngettext("%(count)s family waits for %(title)s", "%(count)s families wait for %(title)s", count) % {
                **words,
                "count": count,
            }
            why = _("A place given back, or a kept seat that opens, goes to them by itself.")
            url = reverse("programs:registrations", args=[offering.pk])
            todos.append(Todo("hourglass-split", title, why, url, _("See who waits")))
    return ProgramsToday(tuple(todos), lines)


def taught_today(grants: Sequence[Grant], *, now: datetime) -> ProgramsToday:
    """For a program teacher: the offering that is held now, and those to come."""
    today = timezone.localdate(now)
    mine = set(Assignment.objects.filter(until__gt=today).values_list("offering_id", flat=True))
    lines = tuple(line for line in offerings(grants, today=today) if line.offering.pk in mine)
    todos = [
        Todo(
            "person-check",
            _("%(title)s is held now") % {"title": line.offering.title},
            _("The list of children is open until %(day)s.") % {"day": day_words(line.offering.ends_on)},
            reverse("programs:attendance", args=[line.offering.pk]),
            _("Take attendance"),
            now=True,
        )
        for line in lines
        if line.offering.starts_on <= today <= line.offering.ends_on
    ]
    return ProgramsToday(tuple(todos), lines)


def open_programs(grants: Sequence[Grant], *, now: datetime) -> tuple[OfferingLine, ...]:
    """For a family: what it can register for today, or has registered for."""
    today = timezone.localdate(now)
    return tuple(line for line in offerings(grants, today=today) if line.offering.opens_on <= today)
