"""The days that Minnesota's program puts into a coordinator's year."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from commonground.engine.law.parameters import NotInForce
from commonground.engine.law.registry import state
from commonground.engine.values import Explanation, InputError

_PREFIX = "event_"


@dataclass(frozen=True, slots=True)
class Event:
    """A day of the program's calendar.

    name: such as "plan_due". says: one sentence for people. verified: False when no primary source was read.
    """

    day: date
    name: str
    says: str
    explanation: Explanation
    verified: bool


@dataclass(frozen=True, slots=True)
class PlanTerm:
    """The first and last day of a plan, both included, and how they follow from the first plan."""

    starts_on: date
    ends_on: date
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class PostingDay:
    """The last day on which the materials of a public meeting may go on the website."""

    day: date
    explanation: Explanation


def plan_term(day: date) -> PlanTerm:
    """The term of the plan in force on a day. Raises NotInForce before the first term.

    >>> plan_term(date(2026, 6, 30)).ends_on, plan_term(date(2026, 7, 1)).starts_on
    (datetime.date(2026, 6, 30), datetime.date(2026, 7, 1))
    """
    book = state("mn").rulebook
    years, first = book.on("plan_years", day), book.on("first_plan_year", day)
    fiscal_start = day.year if (day.month, day.day) >= (7, 1) else day.year - 1
    start = fiscal_start - (fiscal_start - first.value) % years.value
    return PlanTerm(
        starts_on=date(start, 7, 1),
        ends_on=date(start + years.value, 6, 30),
        explanation=Explanation(
            what=f"The plan in force on {day}",
            inputs={"day": str(day)},
            steps=(
                f"The first plan started on {first.value}-07-01 and each lasts {years.value} years. [{first.citation}]",
                f"So this one runs from {start}-07-01 to {start + years.value}-06-30.",
                first.note or "",
            ),
            rule="mn-124D.861",
            source=first.citation,
        ),
    )


def events(*, start: date, end: date) -> tuple[Event, ...]:
    """The program's days from start to end, both included, earliest first.

    Days before an event's law are left out. Raises InputError when end lies before start.

    >>> [(str(event.day), event.name) for event in events(start=date(2026, 2, 1), end=date(2026, 3, 31))]
    [('2026-03-15', 'budget_due'), ('2026-03-15', 'plan_due')]
    """
    if end < start:
        raise InputError(f"the calendar would end on {end}, before it starts on {start}: exchange the two days")
    names = sorted(name for name in state("mn").rulebook.lines if name.startswith(_PREFIX))
    found = (_event(name, year) for year in range(start.year, end.year + 1) for name in names)
    return tuple(
        sorted((event for event in found if event and start <= event.day <= end), key=lambda e: (e.day, e.name))
    )


def _event(name: str, year: int) -> Event | None:
    book = state("mn").rulebook
    try:
        line = book.on(name, date(year, 12, 31))
        day = date(year, line.value["month"], line.value["day"])
        if not (line.starts_on is None or line.starts_on <= day) or not _YEARS[line.value["years"]](year):
            return None
    except NotInForce:
        return None
    return Event(
        day=day,
        name=name.removeprefix(_PREFIX),
        says=line.value["says"],
        verified=line.verified,
        explanation=Explanation(
            what=line.value["says"],
            inputs={"year": year},
            steps=(f"{day}: {line.value['says']} [{line.citation}]",),
            rule=name,
            source=line.citation,
        ),
    )


def _starts_plan(year: int) -> bool:
    return plan_term(date(year, 7, 1)).starts_on.year == year


_YEARS: Mapping[str, Callable[[int], bool]] = {
    "every": lambda year: True,
    "odd": lambda year: year % 2 == 1,
    "first_year_of_plan": _starts_plan,
}


def latest_posting_day(meeting_on: date) -> PostingDay:
    """The last day to post what a public meeting will discuss.

    >>> latest_posting_day(date(2026, 11, 16)).day
    datetime.date(2026, 10, 17)
    """
    line = state("mn").rulebook.on("posting_days", meeting_on)
    day = meeting_on - timedelta(days=line.value)
    return PostingDay(
        day=day,
        explanation=Explanation(
            what=f"Last day to post the materials of the meeting on {meeting_on}",
            inputs={"meeting": str(meeting_on)},
            steps=(f"{meeting_on} less {line.value} days is {day}. [{line.citation}]", line.note or ""),
            rule="mn-posting-days",
            source=line.citation,
        ),
    )
