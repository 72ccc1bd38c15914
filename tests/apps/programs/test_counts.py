"""Who takes part, in numbers: small groups hidden so that no subtraction finds them, head counts by day, for whom."""

import datetime
import re

import pytest
from django.utils import timezone
from tests.apps.programs.test_seats import ask, offer  # noqa: F401 - fixtures
from tests.signing_in import signed_in
from tests.world import NORTH, SOUTH

from commonground.apps.programs.counts import head_counts, race_table
from commonground.apps.programs.models import Offering
from commonground.store.walls import enter

pytestmark = pytest.mark.database


@pytest.fixture
def counted(offer, ask, outside):  # noqa: F811
    """North sends 12 white and 11 Hispanic children, South 12 white and 3 Hispanic. The offering's id."""
    offering = offer(40)
    for owner, white, hispanic in ((NORTH, 12, 11), (SOUTH, 12, 3)):
        children = [ask(offering, [owner], settle=False)[0] for _ in range(white + hispanic)]
        for column, some in (("white", children[:white]), ("hispanic", children[white:])):
            outside.execute(
                f"update roster_demographics set {column} = true where student_id in"
                " (select student_id from programs_registration where id = any(%s))",
                [some],
            )
    from tests.apps.programs.test_seats import decide

    decide(offering)
    return offering


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
