from itertools import pairwise, permutations, product

import numpy as np
import pytest

from commonground.engine.allocation import DayRules, NoWeek, Teacher, TooManyRoutes, Visit, travel, travel_week
from commonground.engine.values import InputError

DAYS = ("Mon", "Tue")
ADA = Teacher("Ada", DAYS)
ROADS = {("Oak", "Elm"): 20, ("Oak", "Ash"): 30, ("Elm", "Ash"): 15}


def week(*visits, teachers=(ADA,), **options):
    return travel_week(visits, teachers=teachers, minutes_between=ROADS, days=DAYS, **options)


def test_two_sites_in_one_day_are_cheaper_than_a_second_day():
    # One day: 20 minutes and 30 for the day. Two days would be 60.
    found = week(Visit("math", "Oak", 60), Visit("art", "Elm", 60))

    assert (found.cost, found.bound, found.is_optimal) == (50, 50, True)
    # 8:00 to 9:00 at one, lunch 30 after half of the visits, 20 on the road: 9:50, so the next starts at 10:00.
    assert [(stop.starts, stop.ends) for stop in found.stops] == [(480, 540), (600, 660)]
    assert found.explanation.steps[-1] == "No week can cost less than 50."


def test_a_day_from_and_to_the_base_drives_there_and_back():
    based = Teacher("Ada", DAYS, base="Ash")

    found = week(Visit("math", "Oak", 60), Visit("art", "Elm", 60), teachers=[based])

    # Ash – Oak – Elm – Ash: 30 + 20 + 15.
    assert found.minutes_driven == 65
    assert found.stops[0].starts == 480 + 15 or found.stops[0].starts == 480 + 30


def test_three_times_a_week_means_different_days():
    found = travel_week(
        [Visit("reading", "Oak", 45, times=3)],
        teachers=[Teacher("Ada", ("Mon", "Tue", "Wed", "Thu", "Fri"))],
        minutes_between=ROADS,
    )

    assert len({stop.day for stop in found.stops}) == 3
    assert found.cost == 90


def test_skills_and_days_are_kept():
    bo = Teacher("Bo", ("Tue",), skills=("ESL",))

    found = week(Visit("language", "Oak", 60, skill="ESL"), Visit("math", "Oak", 60, days=["Mon"]), teachers=[ADA, bo])

    assert {(stop.teacher, stop.day, stop.visit) for stop in found.stops} == {
        ("Ada", "Mon", "math"),
        ("Bo", "Tue", "language"),
    }


def test_what_fits_on_no_day_is_named():
    with pytest.raises(NoWeek, match=r"language is wanted on 1 days and fits on 0 \(none\)"):
        week(Visit("language", "Oak", 60, skill="ESL"))
    with pytest.raises(NoWeek, match=r"reading is wanted on 3 days and fits on 2 \(Mon, Tue\)"):
        week(Visit("reading", "Oak", 60, times=3))
    with pytest.raises(NoWeek, match="fits on 0"):
        week(Visit("long", "Oak", 600))


def test_a_week_that_is_too_full_is_refused():
    with pytest.raises(NoWeek, match="1200 minutes of visits"):
        week(*(Visit(f"visit {place}", "Oak", 300) for place in range(4)))


def test_too_many_routes_are_refused_before_hours_pass(monkeypatch):
    monkeypatch.setattr(travel, "MOST_ROUTES", 5)

    with pytest.raises(TooManyRoutes, match="3 visits make more than 5 possible routes"):
        week(*(Visit(f"visit {place}", "Oak", 30) for place in range(3)))


@pytest.mark.parametrize(
    ("visits", "options", "says"),
    [
        ([], {}, "at least one visit"),
        ([Visit("a", "Oak", 30), Visit("a", "Elm", 30)], {}, "visit a is given twice"),
        ([Visit("a", "Oak", 0)], {}, "must be 1 or more"),
        ([Visit("a", "Oak", 30, days=["Sun"])], {}, "a names Sun, which is no day"),
        ([Visit("a", "Oak", 30), Visit("b", "Fir", 30)], {}, "no driving time is given between"),
        ([Visit("a", "Oak", 30)], {"rules": DayRules(starts=900, ends=480)}, "the day cannot run"),
    ],
)
def test_weeks_that_cannot_be_are_refused(visits, options, says):
    with pytest.raises(InputError, match=says):
        week(*visits, **options)


def test_negative_roads_are_refused():
    with pytest.raises(InputError, match="it cannot be negative"):
        travel_week(
            [Visit("a", "Oak", 30), Visit("b", "Elm", 30)],
            teachers=[ADA],
            minutes_between={("Oak", "Elm"): -1},
            days=DAYS,
        )


def by_trying_everything(visits, teachers, minutes, price):
    """The least cost of giving every visit to a teacher and day, in days long enough for anything."""
    slots = [(teacher.name, day) for teacher in teachers for day in DAYS]
    best = None
    for places in product(range(len(slots)), repeat=len(visits)):
        cost = 0
        for slot in set(places):
            sites = {visit.site for visit, place in zip(visits, places, strict=True) if place == slot}
            cost += price + min(
                sum(minutes[frozenset(pair)] for pair in pairwise(order)) for order in permutations(sites)
            )
        best = cost if best is None else min(best, cost)
    return best


@pytest.mark.parametrize("seed", range(8))
def test_no_week_is_cheaper_by_trying_everything(seed):
    rng = np.random.default_rng(seed)
    sites = ["Oak", "Elm", "Ash", "Fir"]
    minutes = {frozenset(pair): int(rng.integers(5, 90)) for pair in permutations(sites, 2)}
    visits = [Visit(f"visit {place}", str(rng.choice(sites)), 30) for place in range(4)]
    teachers = [ADA, Teacher("Bo", DAYS)]

    found = travel_week(
        visits,
        teachers=teachers,
        minutes_between={tuple(sorted(pair)): time for pair, time in minutes.items()},
        days=DAYS,
        rules=DayRules(ends=1400),
    )

    assert found.cost == found.bound == by_trying_everything(visits, teachers, minutes, 30)


@pytest.mark.parametrize("seed", range(4))
def test_nobody_is_in_two_places_and_lunch_and_roads_fit(seed):
    rng = np.random.default_rng(seed)
    sites = ["Oak", "Elm", "Ash"]
    visits = [Visit(f"visit {n}", str(rng.choice(sites)), int(rng.integers(30, 80)), times=2) for n in range(4)]

    found = week(*visits, teachers=[ADA, Teacher("Bo", DAYS)])

    by_day = {}
    for stop in found.stops:
        by_day.setdefault((stop.teacher, stop.day), []).append(stop)
    for stops in by_day.values():
        assert stops == sorted(stops, key=lambda stop: stop.starts)
        breaks = 0
        for before, after in pairwise(stops):
            road = (
                0
                if before.site == after.site
                else ROADS.get((before.site, after.site), ROADS.get((after.site, before.site)))
            )
            assert after.starts >= before.ends + road
            assert after.starts % 15 == 0
            breaks += after.starts >= before.ends + road + 30
        assert len(stops) == 1 or breaks >= 1
    assert all(sum(stop.visit == visit.name for stop in found.stops) == 2 for visit in visits)
