"""Attendance by thumb: a list that works as a plain form, and one mark at a time from a phone that may be offline."""

from datetime import date, datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from commonground.apps.core.access import needs
from commonground.apps.core.permissions import Permission
from commonground.apps.core.requests import Request
from commonground.apps.programs.actions import NotThatDay, Tap, take_attendance
from commonground.apps.programs.attendance import Present, attendance_list, day_on
from commonground.apps.programs.models import Attendance, Day, Offering, Registration
from commonground.apps.programs.views.framing import frame, own_offering_or_404, record_named

Mark = Attendance.Mark


def _date(text: str | None) -> date | None:
    try:
        return parse_date(text) if text else None
    except ValueError:
        return None


@require_http_methods(["GET", "POST"])
@needs(Permission.TAKE_ATTENDANCE)
def attendance(request: Request, pk: UUID) -> HttpResponse:
    """The children with a seat and who is there on a day; sent as a plain form, all marks at once."""
    offering = own_offering_or_404(request, pk, Permission.TAKE_ATTENDANCE)
    today = timezone.localdate()
    day = day_on(offering, _date(request.GET.get("on")), today=today)
    if day is None:
        if request.GET.get("on"):
            raise Http404
        return render(request, "programs/attendance.html", frame(request, offering, "programs:attendance"))
    rows = attendance_list(offering, day)
    if request.method == "POST":
        return _save_all(request, offering, day, rows)
    record_named(request, (one.registration for one in rows), page="programs:attendance")
    page = frame(request, offering, "programs:attendance") | {
        "day": day,
        "days": offering.days.order_by("held_on"),
        "rows": rows,
        "marks": Mark.choices,
        "marked": sum(bool(one.mark) for one in rows),
        "here": sum(one.mark in {Mark.PRESENT, Mark.LATE} for one in rows),
        "is_future": day.held_on > today,
        "mark_url": reverse("programs:mark", args=[offering.pk]),
    }
    return render(request, "programs/attendance.html", page)


def _save_all(request: Request, offering: Offering, day: Day, rows: tuple[Present, ...]) -> HttpResponse:
    changed = 0
    for one in rows:
        mark = request.POST.get(f"mark-{one.registration.pk}", "")
        if mark in Mark.values and mark != one.mark:
            tap = Tap(one.registration.pk, day.pk, Mark(mark), timezone.now())
            try:
                take_attendance(tap=tap, by=request.user.pk, now=timezone.now())
            except NotThatDay as too_early:
                messages.error(request, str(too_early))
                break
            changed += 1
    else:
        messages.success(request, _("Saved."))
    return redirect(f"{reverse('programs:attendance', args=[offering.pk])}?on={day.held_on.isoformat()}")


@require_POST
@needs(Permission.TAKE_ATTENDANCE)
def mark(request: Request, pk: UUID) -> HttpResponse:
    """One mark of a phone's queue: answered with the same id, however often it is sent."""
    own_offering_or_404(request, pk, Permission.TAKE_ATTENDANCE)
    try:
        tap = Tap(
            UUID(request.POST.get("registration", "")),
            UUID(request.POST.get("day", "")),
            Mark(request.POST.get("mark", "")),
            _moment(request.POST.get("at", "")),
        )
    except ValueError:
        return JsonResponse({"saved": False, "words": _("This mark cannot be read.")}, status=422)
    try:
        if not Day.objects.filter(pk=tap.day_id, offering=pk).exists():
            raise Http404
        take_attendance(tap=tap, by=request.user.pk, now=timezone.now())
    except Registration.DoesNotExist as missing:
        raise Http404 from missing
    except NotThatDay as too_early:
        return JsonResponse({"saved": False, "words": str(too_early)}, status=409)
    return JsonResponse({"saved": True})


def _moment(text: str) -> datetime:
    found = parse_datetime(text)
    if found is None or timezone.is_naive(found):
        raise ValueError("a moment has a zone")
    return found
