"""The school year a day falls into: the demonstration always stands in the current one."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class SchoolYear:
    """July 1 to June 30, with the days of teaching inside it.

    `first_day` is the Tuesday after Labor Day and `last_day` the first Friday of June, except that a day in July or August
    moves the first day back to July 1, and one after the last day moves that to June 30: whatever day it is, enrollments are in force.
    """

    starts_on: date
    ends_on: date
    first_day: date
    last_day: date

    @property
    def name(self) -> str:
        return f"{self.starts_on.year}-{self.ends_on.year % 100:02d}"

    @property
    def number(self) -> str:
        """As OneRoster writes it: the year in which it ends."""
        return str(self.ends_on.year)

    @property
    def second_semester_on(self) -> date:
        return date(self.ends_on.year, 1, 18)


def school_year_of(today: date) -> SchoolYear:
    """The school year that `today` falls into, its enrollments in force on that day."""
    year = today.year if today.month >= 7 else today.year - 1
    labor_day = next(day for n in range(7) if (day := date(year, 9, 1) + timedelta(n)).weekday() == 0)
    friday = next(day for n in range(7) if (day := date(year + 1, 6, 1) + timedelta(n)).weekday() == 4)
    starts_on, ends_on = date(year, 7, 1), date(year + 1, 6, 30)
    first_day = labor_day + timedelta(1)
    return SchoolYear(
        starts_on=starts_on,
        ends_on=ends_on,
        first_day=first_day if today >= first_day else starts_on,
        last_day=friday if today <= friday else ends_on,
    )
