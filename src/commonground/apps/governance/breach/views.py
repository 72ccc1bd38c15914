"""Pages about incidents: the house files one and reads counts; a district opens its packet, each look recorded."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.asking import Refused
from commonground.apps.core.permissions import Permission
from commonground.apps.core.queries import may
from commonground.apps.core.requests import Request
from commonground.apps.core.spreadsheets import csv_answer
from commonground.apps.governance.breach import queries
from commonground.apps.governance.breach.actions import file_incident, record_opened, record_told
from commonground.apps.governance.breach.forms import IncidentForm, ToldForm
from commonground.apps.governance.breach.letters import letters_to
from commonground.apps.governance.models import Packet
from commonground.apps.roster.grades import grade_name
from commonground.apps.roster.languages import language_name


@require_GET
@needs(Permission.SEE_INCIDENTS)
def incidents(request: Request) -> HttpResponse:
    """What was filed: for the house in counts, for a district its packets."""
    packets = [(one, queries.clock_of(one)) for one in queries.own_packets(request.grants)]
    page = {
        "incidents": queries.incidents_of(request.grants),
        "packets": packets,
        "waiting": sum(one.told_on is None for one, _clock in packets),
        "may_file": may(request, Permission.FILE_INCIDENTS),
        "now": timezone.now(),
    }
    return render(request, "governance/incidents.html", page)


@require_http_methods(["GET", "POST"])
@needs(Permission.FILE_INCIDENTS)
def file(request: Request) -> HttpResponse:
    """File an incident: the packets are compiled at once."""
    houses = queries.houses_of(request.grants)
    form = IncidentForm(request.POST or None, houses=houses, now=timezone.now(), initial={"house": houses.first()})
    if form.is_bound and form.is_valid():
        typed = dict(form.cleaned_data)
        try:
            file_incident(house_id=typed.pop("house").pk, **typed, by=request.user.pk)
        except Refused as refused:
            form.add_error("account" if refused.word == "no_account" else None, str(refused))
        else:
            messages.success(request, _("Filed. Each district that it touches has its packet, and is told by mail."))
            return redirect("governance:incidents")
    page = {"form": form, "has_choice": len(houses) > 1}
    return render(request, "governance/file_incident.html", page, status=422 if form.errors else 200)


def _packet_or_404(request: Request, pk: UUID) -> Packet:
    return get_object_or_404(queries.own_packets(request.grants), pk=pk)


def _which(request: Request, packet: Packet) -> str:
    """Which students are listed: as the address says, else those whose records were opened, where there are any."""
    asked = request.GET.get("which")
    if asked in {queries.SEEN, queries.REACHED}:
        return asked
    return queries.SEEN if packet.seen_count else queries.REACHED


def _page(request: Request, packet: Packet, form: ToldForm) -> HttpResponse:
    which = _which(request, packet)
    lines = queries.page_of_lines(packet, which, request.GET.get("page"))
    record_opened(packet, part="page", lines=len(lines.object_list), by=request.user.pk)
    context = {
        "page": queries.packet_page(packet, now=timezone.now()),
        "which": which,
        "lines": lines,
        "rows": queries.touched(lines.object_list),
        "form": form,
    }
    return render(request, "governance/packet.html", context, status=422 if form.errors else 200)


@require_GET
@needs(Permission.OPEN_PACKETS)
def packet(request: Request, pk: UUID) -> HttpResponse:
    """A district's packet: whose records, what is asked by when, what happened when. That it was opened is recorded."""
    return _page(request, _packet_or_404(request, pk), ToldForm(initial={"told_on": timezone.localdate()}))


@require_POST
@needs(Permission.OPEN_PACKETS)
def told(request: Request, pk: UUID) -> HttpResponse:
    """Record on which day the families were told."""
    found = _packet_or_404(request, pk)
    form = ToldForm(request.POST)
    if form.is_valid():
        try:
            record_told(found, told_on=form.cleaned_data["told_on"], by=request.user.pk)
        except Refused:
            form.add_error("told_on", _("Choose a day after it was found, and not after today."))
        else:
            messages.success(request, _("Recorded. The house that filed it sees the day."))
            return redirect("governance:packet", pk=pk)
    return _page(request, found, form)


@require_GET
@needs(Permission.OPEN_PACKETS)
def letters(request: Request, pk: UUID) -> HttpResponse:
    """A letter for each family, in its language where pages are complete in it, fifty at a time."""
    found = _packet_or_404(request, pk)
    which = _which(request, found)
    lines = queries.page_of_lines(found, which, request.GET.get("page"))
    record_opened(found, part="letters", lines=len(lines.object_list), by=request.user.pk)
    page = {
        "packet": found,
        "which": which,
        "lines": lines,
        "letters": letters_to(found, queries.touched(lines.object_list), today=timezone.localdate()),
    }
    return render(request, "governance/letters.html", page)


@require_GET
@needs(Permission.OPEN_PACKETS)
def packet_file(request: Request, pk: UUID) -> HttpResponse:
    """All students of the packet as a table, a row for each guardian."""
    found = _packet_or_404(request, pk)
    head = [
        _("Student"),
        _("Grade"),
        _("School"),
        _("Times opened"),
        _("Times changed"),
        _("First"),
        _("Last"),
        _("What was opened"),
        _("Within reach"),
        _("Guardian"),
        _("Relation"),
        _("Telephone"),
        _("Text messages"),
        _("Email"),
        _("Language"),
    ]
    rows = []
    for which in (queries.SEEN, queries.REACHED):
        for one in queries.touched(list(queries.lines_of(found, which))):
            line = one.line
            facts = [
                line.student.listed_name,
                grade_name(line.student.grade),
                one.schools,
                line.looks,
                line.changes,
                *(
                    timezone.localtime(at).isoformat(sep=" ", timespec="minutes") if at else ""
                    for at in (line.first_at, line.last_at)
                ),
                "; ".join(one.pages),
                "; ".join(one.reached),
            ]
            adults = [
                [g.full_name, g.relation, g.phone, g.sms, g.email, language_name(g.home_language)]
                for g in one.guardians
            ]
            empty: list[str | None] = ["", "", "", "", "", language_name(line.student.home_language)]
            rows += [[*facts, *adult] for adult in adults or [empty]]
    record_opened(found, part="list", lines=len(rows), by=request.user.pk)
    return csv_answer(head, rows, name="incident")
