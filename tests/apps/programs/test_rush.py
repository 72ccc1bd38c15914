"""`kill -9` of web, worker and database at random moments while families register all at once, in offerings with too few
seats: no seat is sold twice, no registration is lost.

Each family signs in, opens the form and sends it; where no answer comes it opens the page again or sends the same form
again, until it is told that its children are registered. Every kill is printed.
"""

import json
import random
import re
import time
from collections import Counter, defaultdict

import pytest
from django.utils import timezone
from tests import drills, world
from tests.apps.intake.processes import Browser
from tests.apps.programs import arranged
from tests.apps.programs.rushing import ANSWER_SECONDS, CODE, GIVE_UP_SECONDS, House, Rush, settle_in

from commonground.apps.programs.kinds import kinds
from commonground.store import postgres

pytestmark = [pytest.mark.database, pytest.mark.slow]
SEED = 20261124
FAMILIES = drills.of(whole=500, sample=30)
KILLS = {
    "web": drills.of(whole=17, sample=1),
    "worker": drills.of(whole=16, sample=1),
    "database": drills.of(whole=17, sample=1),
}
KEPT, RELEASED = world.fixed("rush-kept"), world.fixed("rush-released")
NOTHING_WRONG = re.compile(r"(sign in|register): (answer lost|\w*(Error|Disconnected|Read|timeout)|50[0-4])")
JOBS = "insert into procrastinate_jobs (queue_name, task_name, args) values ('default', %s, '{}')"


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    if hasattr(house, "supervisor") and house.supervisor.poll() is None:
        house.stop()
    postgres.stop(house.data)


@pytest.fixture
def write(request):
    plugins = request.config.pluginmanager

    def line(words: str) -> None:
        with plugins.get_plugin("capturemanager").global_and_fixture_disabled():
            plugins.get_plugin("terminalreporter").write_line(words)

    return line


def seated_by_hand(asking, *, capacity, kept):
    """Which families have a seat, worked out again. asking: family and its children's districts, in the order of receipt.

    After every family that asks, those who wait are looked at in their order; one is seated when the sum over the
    districts of seats taken, or kept where that is more, is at most the capacity with it in.
    """
    waiting, taken, seated = [], Counter(), set()
    for asked in asking:
        waiting.append(asked)
        for family, districts in list(waiting):
            would = taken + Counter(districts)
            if sum(max(would[one], kept.get(one, 0)) for one in would.keys() | kept.keys()) <= capacity:
                taken = would
                seated.add(family)
                waiting.remove((family, districts))
    return seated


def test_in_a_rush_no_seat_is_sold_twice_and_no_registration_is_lost(house, write):
    rng = random.Random(SEED)
    families = settle_in(house, FAMILIES, rng=rng)
    # Every family asks for the offering with kept seats, every third for the other as well, in either order.
    wanted = {one.number: rng.sample([KEPT, RELEASED], 2) if one.number % 3 == 0 else [KEPT] for one in families}
    asking = {pk: [one for one in families if pk in wanted[one.number]] for pk in (KEPT, RELEASED)}
    children = {pk: sum(len(one.children) for one in asking[pk]) for pk in asking}
    # More is kept for South than its children ask for: a fifth of them. All that is not kept runs out.
    guaranteed = {world.NORTH: children[KEPT] // 10, world.SOUTH: children[KEPT] * 2 // 5}
    capacity = {KEPT: children[KEPT] * 7 // 10, RELEASED: children[RELEASED] // 3}
    first = timezone.localdate() + timezone.timedelta(90)

    def offer(pk, *, kept, release_in):
        arranged.offer(house.ask, pk, first=first, capacity=capacity[pk], kept=kept, release_in=release_in)

    offer(KEPT, kept=guaranteed.items(), release_in=30)
    offer(RELEASED, kept=[(world.SOUTH, capacity[RELEASED] // 2)], release_in=120)
    house.start()
    rush = Rush(house, families, lambda one: wanted[one.number], seed=SEED)
    victims = rng.sample(sorted(Counter(KILLS).elements()), sum(KILLS.values()))
    moments = [int((turn + rng.random()) * FAMILIES * 0.9 / len(victims)) for turn in range(len(victims))]

    write("")
    began = time.monotonic()
    rush.start()
    for moment, victim in zip(moments, victims, strict=True):
        while rush.told < moment and time.monotonic() - began < GIVE_UP_SECONDS:
            time.sleep(0.01)
        if victim == "worker":  # it is killed in the middle of seats and chains
            for job in ("programs.release", "core.chain"):
                house.ask(JOBS, [job])
        time.sleep(rng.uniform(0, 0.4))
        killed = house.kill(victim, rng=rng)
        write(f"kill -9 {killed:<13} after {time.monotonic() - began:>6.1f} s: {rush.told:>3} families told")
    rush.wait()
    seconds = time.monotonic() - began

    assert house.supervisor.poll() is None, house.said()
    assert rush.told == FAMILIES, house.said()
    met = sum((one.met for one in families), Counter())
    write(f"{FAMILIES} families with {children[KEPT]} children in {seconds:.0f} s; seed {SEED}; kills: {KILLS}")
    write(f"tried again {met.total()} times: {dict(met.most_common())}")
    assert [what for what in met if not NOTHING_WRONG.fullmatch(what)] == []
    for pk in (KEPT, RELEASED):
        everything_told_is_there(house, pk, asking[pk])
        kept = guaranteed if pk == KEPT else {}
        seats_are_given_by_the_rule(house, pk, asking[pk], capacity=capacity[pk], kept=kept, write=write)
    families_read_what_became_of_it(house, asking[KEPT])
    house.stop()
    ledgers_hold(house)


def everything_told_is_there(house, pk, families):
    """Each child of each family once, whole: the registration, its seat or place, whom to call, what was agreed to."""
    whole = Counter({(child, owner): 1 for family in families for child, owner in family.children.items()})
    rows = house.ask("select student_id, owner_id from programs_registration where offering_id = %s", [pk])
    assert Counter(rows) == whole
    for table in ("seat", "care"):
        rows = house.ask(
            f"select r.student_id, t.owner_id from programs_{table} t join programs_registration r"
            " on r.id = t.registration_id and r.owner_id = t.owner_id where r.offering_id = %s",
            [pk],
        )
        assert Counter(rows) == whole, table
    agreed = house.ask(
        "select r.student_id, count(distinct c.key) from programs_registration r join programs_consentgiven c"
        " on c.registration_id = r.id where r.offering_id = %s group by 1",
        [pk],
    )
    assert dict(agreed) == dict.fromkeys((child for child, _owner in whole), len(kinds()["gamma"].consents))
    unwritten = house.ask(
        "select count(*) from programs_registration r where not exists (select from core_event e"
        " where e.kind = 'program.child_registered' and e.about = r.id::text)"
    )
    invented = house.ask(
        "select count(*) from core_event e where e.kind = 'program.child_registered'"
        " and not exists (select from programs_registration r where e.about = r.id::text)"
    )
    assert (unwritten, invented) == ([(0,)], [(0,)])


def seats_are_given_by_the_rule(house, pk, families, *, capacity, kept, write):
    rows = house.ask(
        "select r.family_unit, r.student_id, t.owner_id, t.state, t.number, t.received_at from programs_seat t"
        " join programs_registration r on r.id = t.registration_id where t.offering_id = %s order by t.received_at",
        [pk],
    )
    family_of = {child: family.number for family in families for child in family.children}
    units, states, received, numbers, taken = defaultdict(set), defaultdict(set), {}, [], Counter()
    for unit, child, owner, state, number, at in rows:
        family = family_of[child]
        units[unit].add(family)
        states[family].add(state)
        received.setdefault(family, at.timestamp())
        if state == "seated":
            numbers.append(number)
            taken[owner] += 1

    # No seat twice, and no more than there are.
    assert len(numbers) == len(set(numbers)) <= capacity
    assert set(numbers) <= set(range(1, capacity + 1))
    # A family is one unit, seated whole or waiting whole.
    assert len(units) == len(families)
    assert all(len(ones) == 1 for ones in (*units.values(), *states.values()))
    # What is kept for a district nobody else has.
    for district, seats in kept.items():
        assert taken.total() - taken[district] <= capacity - seats
    if kept:
        only_south = [one for one in families if set(one.children.values()) == {world.SOUTH}]
        assert only_south
        assert all(states[one.number] == {"seated"} for one in only_south)
    # Who was told before another sent the form stands before it.
    for one in families:
        for other in families:
            if one.told[pk] < other.asked[pk]:
                assert received[one.number] < received[other.number]
    order = sorted(families, key=lambda one: received[one.number])
    expected = seated_by_hand(
        [(one.number, tuple(one.children.values())) for one in order], capacity=capacity, kept=kept
    )
    assert {family for family, found in states.items() if found == {"seated"}} == expected
    waiting = len(families) - len(expected)
    assert waiting
    write(
        f"{capacity} seats: {taken.total()} taken, {taken[world.NORTH]} by North, {taken[world.SOUTH]} by South, kept"
        f" {[kept.get(one, 0) for one in (world.NORTH, world.SOUTH)]}; {waiting} families wait"
    )


def families_read_what_became_of_it(house, families):
    """The places on the pages of those who wait are 1, 2, 3..., in the order of receipt."""
    received = dict(
        house.ask(
            "select r.student_id, min(t.received_at) over (partition by r.family_unit) from programs_seat t"
            " join programs_registration r on r.id = t.registration_id where t.offering_id = %s and t.state = 'waiting'",
            [KEPT],
        )
    )
    places = []
    for family in families:
        browser = Browser(house.port, patience=ANSWER_SECONDS)
        browser.post("/account/demonstration/", {"email": family.email, "code": CODE})
        page = browser.get(f"/programs/{KEPT}/").text
        said = {int(place) for place in re.findall(r"Place (\d+) on the waiting list", page)}
        child = next(iter(family.children))
        assert len(said) == (child in received)
        assert ("Has a seat" in page) == (child not in received)
        places += [(received[child], place) for place in said]
    assert [place for _at, place in sorted(places)] == list(range(1, len(places) + 1))


def ledgers_hold(house):
    """The jobs of killed workers are run by another one, and then every chain holds over all its lines."""
    house.ask("update procrastinate_workers set last_heartbeat = now() - interval '1 minute'")
    said = house.run(
        "import json; from django.utils import timezone;"
        "from commonground.store.jobs import recover_stalled, work; recover_stalled(); work(until_empty=True);"
        "from commonground.apps.core.chains import chain_ledgers, verify_ledgers;"
        "chain_ledgers(now=timezone.now());"
        "print(json.dumps([(v.ledger, v.link_count, v.broken_at) for v in verify_ledgers()]))"
    )
    assert house.ask("select count(*) from procrastinate_jobs where status in ('todo', 'doing')") == [(0,)]
    verdicts = json.loads(said.splitlines()[-1])
    assert {ledger for ledger, _links, _broken in verdicts} == {"change", "disclosure", "event"}
    assert all(broken is None for _ledger, _links, broken in verdicts)
    assert {ledger: links for ledger, links, _broken in verdicts}["event"] > 0
