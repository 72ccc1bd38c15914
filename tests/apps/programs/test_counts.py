"""Who takes part, in numbers: small groups hidden so that no subtraction finds them, head counts by day, for whom."""

import datetime
import re

import pytest
from django.utils import timezone
from tests.apps.programs.test_seats import ask, decide, offer  # noqa: F401 - fixtures
from tests.signing_in import signed_in
from tests.world import NORTH, SOUTH

from commonground.apps.programs import counting, jobs
from commonground.apps.programs.counts import By, counted_table, head_counts
from commonground.apps.programs.models import Offering
from commonground.store.walls import enter

pytestmark = pytest.mark.database


@pytest.fixture
def counted(offer, ask, outside):  # noqa: F811
    """North sends 12 white and 11 Hispanic children, South 12 white and 3 Hispanic; registration closed yesterday, and the
    night's job has run. The offering's id.
    """
    offering = offer(40)
    for owner, white, hispanic in ((NORTH, 12, 11), (SOUTH, 12, 3)):
        children = [ask(offering, [owner], settle=False)[0] for _ in range(white + hispanic)]
        colored(outside, children[:white], "white")
        colored(outside, children[white:], "hispanic")
    decide(offering)
    close(outside, offering)
    return offering


def colored(outside, registrations, column):
    """The children of these registrations are of one group."""
    outside.execute(
        f"update roster_demographics set {column} = true where student_id in"
        " (select student_id from programs_registration where id = any(%s))",
        [registrations],
    )


def give_back(outside, offering, column):
    """A child of a group gives the seat back, as the database does it."""
    outside.execute(
        "update programs_seat set state = 'withdrawn', number = null, withdrawn_at = clock_timestamp() where id ="
        " (select s.id from programs_seat s join programs_registration r on r.id = s.registration_id"
        f" join roster_demographics d on d.student_id = r.student_id and d.{column}"
        " where s.offering_id = %s and s.state = 'seated' limit 1)",
        [offering],
    )


def close(outside, offering):
    """Registration closed yesterday; the night's job runs."""
    yesterday = timezone.localdate() - datetime.timedelta(1)
    outside.execute("update programs_offering set closes_on = %s where id = %s", [yesterday, offering])
    jobs.count_by_groups()


def race_table(offering):
    return counted_table(offering, by=By.RACE)


def test_no_hidden_group_can_be_worked_out_by_subtraction(world, counted):
    """South's 3 Hispanic children are few. South's total of 15 is public, so its 12 white ones must not stand beside it;
    and in neither column may both North's number and the total of all districts.
    """
    with enter(person=world.DANA, purpose="test"):
        table = race_table(Offering.objects.get(pk=counted))

    hispanic, white = (list(map(str, table.groups)).index(name) for name in ("Hispanic", "White"))
    north, south = table.rows
    assert (north.name, north.total, south.name, south.total) == ("North", 23, "South", 15)
    assert (south.numbers[hispanic], south.numbers[white]) == (None, None)
    for column in (hispanic, white):
        assert None in {north.numbers[column], table.all_districts.numbers[column]}


def test_two_looks_at_the_page_tell_nothing_of_whoever_came_or_left_in_between(world, counted, ask, outside):  # noqa: F811
    """A white child of North gives the seat back and a Hispanic one comes; the number with a seat is told as it is."""
    with enter(person=world.DANA, purpose="test"):
        before = race_table(Offering.objects.get(pk=counted))
    give_back(outside, counted, "white")
    (new,) = ask(counted, [NORTH])
    colored(outside, [new], "hispanic")
    jobs.count_by_groups()

    with enter(person=world.DANA, purpose="test"):
        assert race_table(Offering.objects.get(pk=counted)) == before
    kept = outside.execute("select min(child_count) from programs_groupcount where group_key <> 'all'").fetchone()
    assert kept[0] is None or kept[0] >= 10
    assert outside.execute(
        "select count(*) from programs_seat where offering_id = %s and state = 'seated'", [counted]
    ).fetchone() == (38,)


def test_before_registration_has_closed_no_group_is_counted_and_the_page_says_when(world, gamma):
    jobs.count_by_groups()

    page = signed_in("dana@example.org").get(f"/programs/{gamma.OFFERING}/counts/").content.decode()

    races = page[page.index('id="races"') : page.index('id="meals"')]
    assert "not calculated" in races
    assert "in the night after registration closes" in races


def again(outside, first, offer, ask, *, more, white=0):  # noqa: F811
    """Another program with the children of the first who have a seat today, and so many of North more, Hispanic and white."""
    second = offer(80)
    outside.execute(
        "insert into programs_registration (id, owner_id, student_id, offering_id, family_unit, grade, way, language,"
        " entered_by_id, entered_at) select gen_random_uuid(), r.owner_id, r.student_id, %s, gen_random_uuid(), '08', 'staff',"
        " 'en', r.entered_by_id, now() from programs_registration r join programs_seat s on s.registration_id = r.id"
        " where r.offering_id = %s and s.state = 'seated'",
        [second, first],
    )
    outside.execute(
        "insert into programs_seat (id, owner_id, registration_id, offering_id, state, received_at)"
        " select gen_random_uuid(), owner_id, id, offering_id, 'waiting', now() from programs_registration"
        " where offering_id = %s",
        [second],
    )
    for column in ["hispanic"] * more + ["white"] * white:
        colored(outside, ask(second, [NORTH], settle=False), column)
    decide(second)
    return second


def tables(world, *offerings):
    """The numbers of North and of all districts, by group."""
    with enter(person=world.DANA, purpose="test"):
        found = [race_table(Offering.objects.get(pk=one)) for one in offerings]
    return [
        {
            str(group): (one.rows[0].numbers[place], one.all_districts.numbers[place])
            for place, group in enumerate(one.groups)
        }
        for one in found
    ]


@pytest.fixture
def large(world, offer, ask, outside):  # noqa: F811
    """North alone sends 20 white and 20 Hispanic children, and was counted: 20 and 20 are shown."""
    offering = offer(60)
    for column in ("white", "hispanic"):
        colored(outside, [ask(offering, [NORTH], settle=False)[0] for _ in range(20)], column)
    decide(offering)
    close(outside, offering)
    assert tables(world, offering) == [{"Hispanic": (20, 20), "White": (20, 20)}]
    return offering


def test_the_second_of_two_programs_with_nearly_the_same_children_does_not_tell_who_is_new(
    world,
    large,
    offer,  # noqa: F811
    ask,  # noqa: F811
    outside,
):
    """One child is in the second alone: 21 less 20 would be that child's group."""
    second = again(outside, large, offer, ask, more=1)
    close(outside, second)

    assert tables(world, second) == [{"Hispanic": (None, None), "White": (None, None)}]


def test_enough_new_children_of_each_group_are_told_also_where_others_were_counted_before(
    world,
    large,
    offer,  # noqa: F811
    ask,  # noqa: F811
    outside,
):
    """Twelve Hispanic and eleven white children are new: 32 less 20 and 31 less 20 tell of no few. A child who has left the first
    program since was counted in it all the same.
    """
    second = again(outside, large, offer, ask, more=12, white=11)
    give_back(outside, large, "white")
    close(outside, second)

    assert tables(world, second) == [{"Hispanic": (32, 32), "White": (31, 31)}]


def test_where_the_first_table_would_be_another_today_the_second_tells_totals_alone(world, large, offer, ask, outside):  # noqa: F811
    """The roster changed: of the first program's children one is of another group now."""
    second = again(outside, large, offer, ask, more=15)
    outside.execute(
        "update roster_demographics set hispanic = true where id = (select d.id from roster_demographics d"
        " join programs_registration r on r.student_id = d.student_id where d.white and r.offering_id = %s limit 1)",
        [large],
    )
    close(outside, second)

    assert tables(world, second) == [{"Hispanic": (None, None), "White": (None, None)}]


def test_a_table_is_not_kept_where_another_came_between_against_which_it_was_not_held(
    world,
    large,
    offer,  # noqa: F811
    ask,  # noqa: F811
    outside,
    monkeypatch,
):
    """While what may be shown of the second is found out, the third is counted; the second waits for another night."""
    second, third = again(outside, large, offer, ask, more=12, white=11), again(outside, large, offer, ask, more=1)
    yesterday = timezone.localdate() - datetime.timedelta(1)
    outside.execute("update programs_offering set closes_on = %s where id = any(%s)", [yesterday, [second, third]])
    thinks = counting.publish

    def slowly(*args, offering, **more):
        found = thinks(*args, offering=offering, **more)
        if offering == second:
            counting.count_groups(offering_id=third, by=By.RACE)
        return found

    monkeypatch.setattr(counting, "publish", slowly)

    assert counting.count_groups(offering_id=second, by=By.RACE) == 0
    with enter(person=world.DANA, purpose="test"):
        assert race_table(Offering.objects.get(pk=second)) is None
        assert race_table(Offering.objects.get(pk=third)).all_districts.total == 41
    monkeypatch.setattr(counting, "publish", thinks)
    assert counting.count_groups(offering_id=second, by=By.RACE) == 63


def test_the_same_children_are_told_alike(world, large, offer, ask, outside):  # noqa: F811
    second = again(outside, large, offer, ask, more=0)
    give_back(outside, large, "white")
    close(outside, second)

    first, same = tables(world, large, second)
    assert first == same


def test_no_word_tells_which_hidden_number_is_the_small_one(world, counted):
    """ "Fewer than 10" beside "hidden to protect another" would say: 15 in all, 3 + 12, 4 + 11 or 5 + 10."""
    page = signed_in("dana@example.org").get(f"/programs/{counted}/counts/").content.decode()

    words = re.findall(r'<span class="sup">([^<]*)</span>', page)
    assert len(words) >= 4
    assert set(words) == {"hidden"}


@pytest.mark.parametrize(("person", "count"), [("DANA", 38), ("ANN", 38), ("PAM", 38)])
def test_those_with_the_right_to_count_do(world, counted, person, count):
    with enter(person=getattr(world, person), purpose="test"):
        offering = Offering.objects.get(pk=counted)
        assert race_table(offering).all_districts.total == count


@pytest.mark.parametrize("person", ["CORA", "OTTO", "ALI", "LENA", "PETE", "PRIYA", "THEO", "OMAR"])
def test_the_database_tells_nobody_else_a_count(world, counted, person):
    with enter(person=getattr(world, person), purpose="test"):
        offering = Offering.objects.get(pk=counted)
        assert race_table(offering) is None
        assert head_counts(offering) == ()


def test_the_head_count_adds_up_to_those_with_a_seat(world, gamma):
    """Two have a seat and were there on the first day; on the second nobody is marked yet."""
    with enter(person=world.DANA, purpose="test"):
        first, second, *_rest = head_counts(Offering.objects.get(pk=gamma.OFFERING))

    assert (first.here, first.absent, first.unmarked, first.expected) == (2, 0, 0, 2)
    assert (second.here, second.absent, second.unmarked, second.expected) == (0, 0, 2, 2)
    assert first.held_on == timezone.localdate() - datetime.timedelta(1)


def test_the_job_that_opens_kept_seats_runs_twice_and_changes_nothing_more(world, offer, ask, outside):  # noqa: F811
    """3 seats, 2 kept for South until yesterday: North's second family waits, and is seated by the first run."""
    from commonground.apps.programs.jobs import release

    offering = offer(3, kept=[(SOUTH, 2)])
    for _ in range(2):
        ask(offering, [NORTH])
    outside.execute(
        "update programs_offering set release_on = %s where id = %s",
        [timezone.localdate() - datetime.timedelta(1), offering],
    )

    state = "select state, count(*) from programs_seat where offering_id = %s group by 1"
    assert dict(outside.execute(state, [offering]).fetchall()) == {"seated": 1, "waiting": 1}
    release()
    after = outside.execute("select * from programs_seat order by id").fetchall()
    assert dict(outside.execute(state, [offering]).fetchall()) == {"seated": 2}
    release()
    assert outside.execute("select * from programs_seat order by id").fetchall() == after
