"""Counts of an offering, and what is printed: rosters, contacts, buses, the plan of the days, certificates."""

from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from commonground.apps.core.access import needs
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import may
from commonground.apps.core.requests import Request
from commonground.apps.programs import counts, queries
from commonground.apps.programs.meals import counted_until
from commonground.apps.programs.models import Attendance, Care, Offering
from commonground.apps.programs.views.framing import frame, own_offering_or_404, record_named

SHEETS = {
    "roster": _("Roster"),
    "contacts": _("Contacts and health"),
    "buses": _("Bus lists"),
    "days": _("Plan of the days"),
    "certificates": _("Certificates"),
}


@require_GET
@needs(Permission.COUNT_PROGRAMS)
def count(request: Request, pk: UUID) -> HttpResponse:
    """Who takes part, in numbers."""
    offering = own_offering_or_404(request, pk, Permission.COUNT_PROGRAMS)
    page = frame(request, offering, "programs:counts") | {
        "heads": [one for one in counts.head_counts(offering) if one.held_on <= timezone.localdate()],
        "races": counts.counted_table(offering, by=counts.By.RACE),
        "meals": counts.counted_table(offering, by=counts.By.MEALS),
        "counted_until": counted_until(offering),
        "minimum": settings.SMALLEST_COUNT,
        "sees_districts": may(request, Permission.SEE_DISTRICTS),
    }
    return render(request, "programs/counts.html", page)


@require_GET
@needs(Permission.SEE_CARE)
def papers(request: Request, pk: UUID) -> HttpResponse:
    """What can be printed."""
    offering = own_offering_or_404(request, pk, Permission.SEE_CARE)
    return render(
        request, "programs/papers.html", frame(request, offering, "programs:paper") | {"sheets": SHEETS.items()}
    )


@require_GET
@needs(Permission.SEE_CARE)
def paper(request: Request, pk: UUID, sheet: str) -> HttpResponse:
    """One printed sheet. That it was made is recorded, and so is every child of another district named on it."""
    offering = own_offering_or_404(request, pk, Permission.SEE_CARE)
    if sheet not in SHEETS:
        raise Http404
    rows = () if sheet == "days" else queries.seated(offering)
    record_named(request, (one.registration for one in rows), page="programs:paper")
    record_event(
        EventKind.EXPORT_MADE, person_id=request.user.pk, about=f"programs:{sheet}", detail={"lines": len(rows)}
    )
    page = {
        "offering": offering,
        "rows": rows,
        "days": offering.days.prefetch_related("sessions").order_by("held_on"),
        "title": SHEETS[sheet],
        "printed_at": timezone.localtime(),
        "teachers": queries.teachers(offering),
    }
    return render(request, f"programs/paper_{sheet}.html", page | _more(offering, sheet, rows))


def _more(offering: Offering, sheet: str, rows: tuple[queries.Listed, ...]) -> dict:
    if sheet == "certificates":
        here = Attendance.objects.filter(offering=offering).exclude(mark=Attendance.Mark.ABSENT)
        were_there = set(here.values_list("registration_id", flat=True))
        return {"rows": [one for one in rows if one.registration.pk in were_there]}
    if sheet not in {"contacts", "buses"}:
        return {}
    found = Care.objects.filter(registration__offering=offering).select_related("ride", "written_by")
    cares = {one.registration_id: one for one in found}
    with_care = [(one, cares.get(one.registration.pk)) for one in rows]
    if sheet == "contacts":
        consents = queries.consents_of([one.registration for one in rows])
        return {
            "rows": [
                (one, care, [c for c in offering.described.consents if _refused(consents, one, c.key)])
                for one, care in with_care
            ]
        }
    by_ride = sorted(with_care, key=lambda pair: str(pair[1].ride) if pair[1] and pair[1].ride else "\U0010ffff")
    return {
        "buses": [
            (ride, list(children))
            for ride, children in groupby(by_ride, key=lambda pair: pair[1].ride if pair[1] else None)
        ]
    }


def _refused(consents: dict, row: queries.Listed, key: str) -> bool:
    """Whether the family did not agree; what nobody recorded counts as not agreed."""
    given = consents.get(row.registration.pk, {}).get(key)
    return given is None or not given.is_given
