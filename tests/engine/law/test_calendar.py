from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonground.engine.law import NotInForce
from commonground.engine.law.states.mn.calendar import events, latest_posting_day, plan_term
from commonground.engine.values import InputError


# Terms printed on the department's templates: 2014-17, 2017-20, 2020-23, 2023-26.
@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2014, 7, 1), 2014, 2017),
        (date(2017, 6, 30), 2014, 2017),
        (date(2017, 7, 1), 2017, 2020),
        (date(2026, 6, 30), 2023, 2026),
        (date(2026, 11, 21), 2026, 2029),
    ],
)
def test_plan_terms(day, start, end):
    term = plan_term(day)

    assert (term.starts_on, term.ends_on) == (date(start, 7, 1), date(end, 6, 30))
    assert term.explanation.steps[-1].startswith("Later terms follow")


def test_no_plan_before_the_first_term():
    with pytest.raises(NotInForce):
        plan_term(date(2014, 6, 30))


def test_the_spring_before_a_new_plan():
    # March 15, 2026 precedes the term 2026-29; February 1 falls in an even year.
    found = events(start=date(2026, 1, 1), end=date(2026, 8, 1))

    assert [(str(event.day), event.name) for event in found] == [
        ("2026-01-15", "magnet_applications_close"),
        ("2026-03-15", "budget_due"),
        ("2026-03-15", "plan_due"),
        ("2026-06-01", "budget_decision"),
        ("2026-07-01", "fiscal_year_starts"),
        ("2026-08-01", "goal_review"),
    ]
    assert {event.name for event in found if event.verified} == {"plan_due", "fiscal_year_starts"}


def test_the_legislature_is_told_in_odd_years():
    assert [e.name for e in events(start=date(2027, 2, 1), end=date(2027, 2, 1))] == ["report_to_legislature"]


def test_events_before_their_law_are_left_out():
    found = {event.name for event in events(start=date(2012, 1, 1), end=date(2013, 6, 30))}

    assert found == {"enrollment_count", "magnet_applications_close", "fiscal_year_starts"}


def test_a_calendar_that_ends_before_it_starts_is_refused():
    with pytest.raises(InputError, match="exchange the two days"):
        events(start=date(2027, 1, 1), end=date(2026, 1, 1))


@given(st.dates(date(2014, 7, 1), date(2100, 1, 1)))
def test_every_day_lies_in_its_plan_of_three_years(day):
    term = plan_term(day)

    assert term.starts_on <= day <= term.ends_on
    assert term.ends_on.year - term.starts_on.year == 3


def test_materials_are_posted_thirty_days_ahead():
    found = latest_posting_day(date(2026, 3, 1))

    assert found.day == date(2026, 3, 1) - timedelta(days=30) == date(2026, 1, 30)
    assert "30 days" in found.explanation.steps[0]
