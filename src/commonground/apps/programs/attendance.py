"""The attendance list of a day: which day, and the children with a seat and their marks."""

from dataclasses import dataclass
from datetime import date

from commonground.apps.programs.models import Attendance, Care, Day, Offering, Registration
from commonground.apps.programs.queries import seated
from commonground.apps.roster.models import Student


@dataclass(frozen=True)
class Present:
    """A child on the attendance list of a day. mark "" while nobody has marked the child."""

    registration: Registration
    student: Student
    district: str
    mark: str
    care: Care | None


def day_on(offering: Offering, wanted: date | None, *, today: date) -> Day | None:
    """The day asked for; else today's, else the last before it, else the first. None without any day."""
    days = list(offering.days.order_by("held_on"))
    if wanted is not None:
        return next((day for day in days if day.held_on == wanted), None)
    past = [day for day in days if day.held_on <= today]
    return past[-1] if past else (days[0] if days else None)


def attendance_list(offering: Offering, day: Day) -> tuple[Present, ...]:
    """The children with a seat and their marks of a day, by name. Five queries."""
    rows = seated(offering)
    marks = dict(Attendance.objects.filter(day=day).values_list("registration_id", "mark"))
    cares = {
        one.registration_id: one for one in Care.objects.filter(registration__offering=offering).select_related("ride")
    }
    return tuple(
        Present(
            one.registration,
            one.student,
            one.district,
            marks.get(one.registration.pk, ""),
            cares.get(one.registration.pk),
        )
        for one in rows
    )
