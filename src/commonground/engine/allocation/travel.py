"""A week of staff who travel between sites: who is where on which day, and the least driving it can take.

Every day's route of every teacher is listed, then a solver picks one route per teacher and day so that all visits are
made. Because all routes are listed, its bound holds: no week can cost less.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, permutations

from commonground.engine.allocation.program import Program
from commonground.engine.values import Explanation, InputError

MOST_ROUTES = 60_000


class NoWeek(InputError):
    """The visits cannot all be made."""


class TooManyRoutes(InputError):
    """More daily routes are possible than can be listed."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A lesson or service at a site.

    minutes: on site, without travel. times: on how many different days of the week. days: on which it may be, None for
    all. skill: what the teacher must have, None for anybody.
    """

    name: str
    site: str
    minutes: int
    times: int = 1
    days: Collection[str] | None = None
    skill: str | None = None


@dataclass(frozen=True, slots=True)
class Teacher:
    """A traveling teacher: skills, days of work, and the base where each day starts and ends; None for no base."""

    name: str
    days: Collection[str]
    skills: Collection[str] = ()
    base: str | None = None


@dataclass(frozen=True, slots=True)
class DayRules:
    """The working day in minutes after midnight. lunch: duty-free minutes near the middle of the visits.

    step: visits start at multiples of so many minutes. day_price: how many minutes of driving a day's work is worth.
    """

    starts: int = 8 * 60
    ends: int = 15 * 60 + 30
    lunch: int = 30
    step: int = 15
    day_price: int = 30


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit in the week, in minutes after midnight."""

    teacher: str
    day: str
    visit: str
    site: str
    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class Week:
    """A week with its proof.

    stops: by teacher, day and time. minutes_driven: in all. days_used: teacher days with visits.
    cost: minutes driven plus the day price for each day used. bound: no week can cost less.
    """

    stops: tuple[Stop, ...]
    minutes_driven: int
    days_used: int
    cost: int
    bound: int
    explanation: Explanation

    @property
    def is_optimal(self) -> bool:
        """True when no week can cost less."""
        return self.cost == self.bound


@dataclass(frozen=True, slots=True)
class _Kind:
    """What can be done on one teacher day: visits by position, the base, and the day where days must be told apart."""

    able: tuple[int, ...]
    base: str | None
    day: str | None


@dataclass(frozen=True, slots=True)
class _Route:
    """One day of one teacher: visits in order with their starts, and the minutes driven."""

    visits: tuple[int, ...]
    starts: tuple[int, ...]
    driven: int


def travel_week(
    visits: Sequence[Visit],
    *,
    teachers: Sequence[Teacher],
    minutes_between: Mapping[tuple[str, str], int],
    days: Sequence[str] = ("Mon", "Tue", "Wed", "Thu", "Fri"),
    rules: DayRules = DayRules(),
    seconds: float = 30.0,
) -> Week:
    """The week with the least driving and the fewest days, and how far it can be from the best.

    minutes_between: driving between two sites, either direction where the other is not given; 0 within a site.
    seconds: time after which the best week so far is returned with its bound.
    Raises InputError for unknown days or sites and impossible minutes, NoWeek when the visits do not fit,
    OutOfTime when no week was found in time, and TooManyRoutes when more than 60,000 daily routes are possible: give visits to teachers by skill, or shorten the list.
    Source: set partitioning over daily routes, Balinski & Quandt 1964.

    >>> one = Teacher("Ada", days=["Mon", "Tue"])
    >>> week = travel_week([Visit("math", "Oak", 60), Visit("art", "Elm", 60)], teachers=[one],
    ...                    minutes_between={("Oak", "Elm"): 20})
    >>> week.minutes_driven, week.days_used, week.is_optimal
    (20, 1, True)
    """
    _check(visits, teachers, days, rules)
    drive = _driving(visits, teachers, minutes_between)
    slots = _alike(visits, teachers, days)
    routes = {kind: _routes(visits, kind, drive, rules) for kind in slots}
    _check_reachable(visits, routes, slots)
    chosen, cost, bound = _choose(visits, slots, routes, rules, seconds)
    chosen.sort(key=lambda one: (one[0], days.index(one[1])))
    stops = tuple(
        Stop(teachers[teacher].name, day, visits[place].name, visits[place].site, start, start + visits[place].minutes)
        for teacher, day, route in chosen
        for place, start in zip(route.visits, route.starts, strict=True)
    )
    driven = sum(route.driven for _, _, route in chosen)
    return Week(
        stops=stops,
        minutes_driven=driven,
        days_used=len(chosen),
        cost=cost,
        bound=bound,
        explanation=Explanation(
            what="A week of traveling staff with the least driving",
            inputs={
                "visits": sum(visit.times for visit in visits),
                "teachers": len(teachers),
                "routes": sum(map(len, routes.values())),
            },
            steps=(
                f"{sum(map(len, routes.values()))} routes fit into a day; each was listed.",
                *(
                    f"{teachers[teacher].name}, {day}: {' – '.join(_sites(visits, route))}, {route.driven} minutes driven."
                    for teacher, day, route in chosen
                ),
                f"{driven} minutes driven and {len(chosen)} days at {rules.day_price} minutes each: {cost}.",
                f"No week can cost less than {bound}.",
            ),
            rule="least driving, daily routes",
            source="Balinski & Quandt 1964",
        ),
    )


def _sites(visits: Sequence[Visit], route: _Route) -> list[str]:
    return list(dict.fromkeys(visits[place].site for place in route.visits))


def _driving(
    visits: Sequence[Visit], teachers: Sequence[Teacher], minutes_between: Mapping[tuple[str, str], int]
) -> dict[tuple[str, str], int]:
    sites = {visit.site for visit in visits} | {teacher.base for teacher in teachers if teacher.base is not None}
    drive = {}
    for one in sites:
        for other in sites:
            given = minutes_between.get((one, other), minutes_between.get((other, one)))
            if one == other:
                given = 0
            if given is None:
                raise InputError(f"no driving time is given between {one} and {other}; add it")
            if given < 0:
                raise InputError(f"driving between {one} and {other} takes {given} minutes; it cannot be negative")
            drive[one, other] = given
    return drive


def _alike(
    visits: Sequence[Visit], teachers: Sequence[Teacher], days: Sequence[str]
) -> dict[_Kind, list[tuple[int, str]]]:
    """Teacher days by what can be done on them; days of the same kind need no telling apart.

    A visit that is wanted on several days tells the days apart.
    """
    slots: dict[_Kind, list[tuple[int, str]]] = {}
    for number, teacher in enumerate(teachers):
        for day in days:
            if day not in teacher.days:
                continue
            able = tuple(
                place
                for place, visit in enumerate(visits)
                if (visit.skill is None or visit.skill in teacher.skills) and (visit.days is None or day in visit.days)
            )
            several = any(visits[place].times > 1 for place in able)
            slots.setdefault(_Kind(able, teacher.base, day if several else None), []).append((number, day))
    return slots


def _routes(
    visits: Sequence[Visit], kind: _Kind, drive: Mapping[tuple[str, str], int], rules: DayRules
) -> list[_Route]:
    """All sets of visits that fit into one day, each in its shortest order."""

    @cache
    def shortest(sites: frozenset[str]) -> tuple[tuple[str, ...], int]:
        def length(order: tuple[str, ...]) -> int:
            ends = [] if kind.base is None else [kind.base]
            way = [*ends, *order, *ends]
            return sum(drive[one, other] for one, other in pairwise(way))

        order = min(permutations(sorted(sites)), key=length)
        return order, length(order)

    found: list[_Route] = []
    open_sets: list[tuple[int, ...]] = [()]
    while open_sets:
        chosen = open_sets.pop()
        for place in kind.able:
            if chosen and place <= chosen[-1]:
                continue
            taken = (*chosen, place)
            order, driven = shortest(frozenset(visits[one].site for one in taken))
            route = _timed(taken, order=order, driven=driven, visits=visits, base=kind.base, drive=drive, rules=rules)
            if route is None:
                continue
            found.append(route)
            if len(found) > MOST_ROUTES:
                raise TooManyRoutes(
                    f"{len(kind.able)} visits make more than {MOST_ROUTES:,} possible routes for one day: give visits to "
                    "teachers by skill, or name the days they may be on"
                )
            open_sets.append(taken)
    return found


def _timed(
    taken: tuple[int, ...],
    *,
    order: tuple[str, ...],
    driven: int,
    visits: Sequence[Visit],
    base: str | None,
    drive: Mapping[tuple[str, str], int],
    rules: DayRules,
) -> _Route | None:
    """The visits with their starts, lunch after half of them; None when they do not fit into the day."""
    ordered = sorted(taken, key=lambda place: (order.index(visits[place].site), place))
    now, here = rules.starts, base
    starts = []
    for number, place in enumerate(ordered):
        if number == (len(ordered) + 1) // 2:
            now += rules.lunch
        now += drive[here, visits[place].site] if here is not None else 0
        now = -(-now // rules.step) * rules.step
        starts.append(now)
        now += visits[place].minutes
        here = visits[place].site
    if len(ordered) == 1:
        now += rules.lunch
    if here is not None and base is not None:
        now += drive[here, base]
    return _Route(tuple(ordered), tuple(starts), driven) if now <= rules.ends else None


def _check_reachable(
    visits: Sequence[Visit], routes: Mapping[_Kind, list[_Route]], slots: Mapping[_Kind, list[tuple[int, str]]]
) -> None:
    reached: dict[int, set[str]] = {}
    for kind, listed in routes.items():
        for place in {place for route in listed for place in route.visits}:
            reached.setdefault(place, set()).update(day for _, day in slots[kind])
    for place, visit in enumerate(visits):
        possible = sorted(reached.get(place, ()))
        if len(possible) < visit.times:
            raise NoWeek(
                f"{visit.name} is wanted on {visit.times} days and fits on {len(possible)} "
                f"({', '.join(possible) or 'none'}): look at its days, its skill and its minutes"
            )


def _choose(
    visits: Sequence[Visit],
    slots: Mapping[_Kind, list[tuple[int, str]]],
    routes: Mapping[_Kind, list[_Route]],
    rules: DayRules,
    seconds: float,
) -> tuple[list[tuple[int, str, _Route]], int, int]:
    """One route at most per teacher and day, every visit as often as wanted and at most once a day."""
    program = Program()
    columns = [(kind, route) for kind, listed in routes.items() for route in listed]
    busy: dict[_Kind, dict[int, int]] = {kind: {} for kind in slots}
    made: dict[int, dict[int, int]] = {}
    daily: dict[tuple[int, str], dict[int, int]] = {}
    for kind, route in columns:
        column = program.add(route.driven + rules.day_price)
        busy[kind][column] = 1
        for place in route.visits:
            made.setdefault(place, {})[column] = 1
            if visits[place].times > 1 and kind.day is not None:
                daily.setdefault((place, kind.day), {})[column] = 1
    for kind, row in busy.items():
        program.require(row, most=len(slots[kind]))
    for place, row in made.items():
        program.require(row, least=visits[place].times, most=visits[place].times)
    for row in daily.values():
        program.require(row, most=1)
    found = program.solve(seconds=seconds)
    if found is None:
        total = sum(visit.minutes * visit.times for visit in visits)
        raise NoWeek(
            f"no week was found for {total} minutes of visits: add a day or a teacher, lengthen the day, or allow more days"
        )
    values, bound = found
    free = {kind: iter(places) for kind, places in slots.items()}
    chosen = [(*next(free[kind]), route) for (kind, route), value in zip(columns, values, strict=True) if value]
    cost = sum(route.driven + rules.day_price for _, _, route in chosen)
    return chosen, cost, min(cost, bound)


def _check(visits: Sequence[Visit], teachers: Sequence[Teacher], days: Sequence[str], rules: DayRules) -> None:
    if not visits or not teachers:
        raise InputError("a week needs at least one visit and one teacher")
    for names, what in (([visit.name for visit in visits], "visit"), ([one.name for one in teachers], "teacher")):
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise InputError(f"the {what} {min(twice)} is given twice; names must differ")
    for visit in visits:
        if visit.minutes < 1 or visit.times < 1:
            raise InputError(f"{visit.name}: {visit.minutes} minutes, {visit.times} times; both must be 1 or more")
    for name, given in [(visit.name, visit.days or ()) for visit in visits] + [
        (one.name, one.days) for one in teachers
    ]:
        unknown = set(given) - set(days)
        if unknown:
            raise InputError(f"{name} names {min(unknown)}, which is no day of this week ({', '.join(days)})")
    if not 0 <= rules.starts < rules.ends or rules.step < 1 or rules.lunch < 0 or rules.day_price < 0:
        raise InputError(f"the day cannot run from {rules.starts} to {rules.ends} with these rules: {rules}")
