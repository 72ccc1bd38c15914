"""What families said about school meals, counted: once, when registration has closed, with small numbers hidden."""

import datetime

import pytest
from django.utils import timezone
from tests.apps.programs.test_counts import again
from tests.apps.programs.test_meals import NO, SILENT, UNSAID, YES, answer
from tests.apps.programs.test_seats import ask, decide, offer  # noqa: F401 - fixtures
from tests.signing_in import signed_in
from tests.world import NORTH, SOUTH

from commonground.apps.programs import jobs
from commonground.apps.programs.counting import count_groups
from commonground.apps.programs.counts import By, counted_table
from commonground.apps.programs.models import Offering
from commonground.store.walls import enter

pytestmark = pytest.mark.database


@pytest.fixture
def close(offer, ask, outside):  # noqa: F811
    """`close({NORTH: {YES: 12}})`: an offering in which so many of each district have a seat and said so. Its id.

    Registration closed yesterday, and the night's job has run; with `job=False` not yet.
    """

    def make(districts, *, job=True):
        count = sum(sum(answers.values()) for answers in districts.values())
        offering = offer(count)
        for owner, answers in districts.items():
            for one, number in answers.items():
                children = [ask(offering, [owner], settle=False)[0] for _ in range(number)]
                answer(outside, children, [one] * number)
        decide(offering)
        outside.execute(
            "update programs_offering set closes_on = %s where id = %s",
            [timezone.localdate() - datetime.timedelta(1), offering],
        )
        if job:
            jobs.count_by_groups()
        return offering

    return make


def table_for(world, offering, person="DANA"):
    with enter(person=getattr(world, person), purpose="test"):
        return counted_table(Offering.objects.get(pk=offering), by=By.MEALS)


def test_large_numbers_are_told_and_who_did_not_answer_is_a_number_of_its_own(world, close):
    """North: 14 yes, 12 no, 10 rather not, 11 silent make 47; South: 10, 13, 11, 10 make 44. None is below 10."""
    offering = close(
        {NORTH: {YES: 14, NO: 12, UNSAID: 10, SILENT: 11}, SOUTH: {YES: 10, NO: 13, UNSAID: 11, SILENT: 10}}
    )

    table = table_for(world, offering)

    assert [str(one) for one in table.groups] == [
        "Free or reduced-price",
        "Neither",
        "Prefer not to say",
        "Did not answer",
    ]
    assert [(row.name, row.total, row.numbers) for row in table.rows] == [
        ("North", 47, (14, 12, 10, 11)),
        ("South", 44, (10, 13, 11, 10)),
    ]
    assert (table.all_districts.total, table.all_districts.numbers) == (91, (24, 25, 21, 21))
    assert table.hidden_count == 0
    assert table.counted_on == timezone.localdate()


def test_hiding_the_small_number_alone_would_tell_it(world, close, outside):
    """North: 12 yes, 13 no, 10, 10; South: 3 yes, 20 no, 10, 10. Only South's 3 is below 10. All districts' 15 less North's
    12 is 3, and so is South's 43 less 20, 10 and 10: in its row and in its column another number must go, and in the row
    and column of that one too.
    """
    offering = close(
        {NORTH: {YES: 12, NO: 13, UNSAID: 10, SILENT: 10}, SOUTH: {YES: 3, NO: 20, UNSAID: 10, SILENT: 10}}
    )

    table = table_for(world, offering)

    lines = [row.numbers for row in (*table.rows, table.all_districts)]
    assert lines[1][0] is None
    assert [row.total for row in (*table.rows, table.all_districts)] == [45, 43, 88]
    for line in (*lines, *zip(*lines, strict=True)):
        assert line.count(None) != 1, lines
    kept = outside.execute(
        "select child_count from programs_groupcount where group_key <> 'all' and child_count < 10"
    ).fetchall()
    assert kept == []  # what is hidden stands nowhere, so that no mistake of ours can show it


def test_no_later_page_tells_what_a_child_said_who_left_came_or_changed_it(world, close, ask, outside):  # noqa: F811
    offering = close({NORTH: {YES: 20, NO: 20, SILENT: 11}, SOUTH: {YES: 12, NO: 15, UNSAID: 10}})
    before = table_for(world, offering)
    kept = outside.execute("select * from programs_groupcount order by id").fetchall()

    (latecomer,) = ask(offering, [SOUTH])
    answer(outside, [latecomer], [YES])
    outside.execute(
        "update programs_seat set state = 'withdrawn', number = null, seated_at = null where registration_id ="
        " (select registration_id from programs_mealsanswer where answer = 'meals_no' limit 1)"
    )
    outside.execute(
        "update programs_mealsanswer set answer = 'meals_unsaid' where id ="
        " (select id from programs_mealsanswer where answer = 'meals_yes' limit 1)"
    )
    jobs.count_by_groups()

    assert table_for(world, offering) == before
    assert outside.execute("select * from programs_groupcount order by id").fetchall() == kept


@pytest.mark.parametrize(("new", "told"), [({YES: 1}, False), ({YES: 12, NO: 11, UNSAID: 10, SILENT: 10}, True)])
def test_a_second_program_with_the_same_children_does_not_tell_what_the_new_ones_said(
    world,
    close,
    ask,  # noqa: F811
    offer,  # noqa: F811
    outside,
    new,
    told,
):
    """Their families say the same again. One new family's yes would be 21 less 20; of twelve, eleven, ten and ten each is told."""
    said = {YES: 20, NO: 20, UNSAID: 10, SILENT: 10}
    first = close({NORTH: said})
    second = again(outside, first, offer, ask, more=0)
    outside.execute(
        "insert into programs_mealsanswer (id, owner_id, registration_id, answer, written_by_id, written_at)"
        " select gen_random_uuid(), m.owner_id, b.id, m.answer, m.written_by_id, now() from programs_mealsanswer m"
        " join programs_registration a on a.id = m.registration_id join programs_registration b"
        " on b.student_id = a.student_id and b.offering_id = %s where a.offering_id = %s",
        [second, first],
    )
    outside.execute("update programs_offering set capacity = 200 where id = %s", [second])
    for one, number in new.items():
        answer(outside, [ask(second, [NORTH])[0] for _ in range(number)], [one] * number)
    yesterday = timezone.localdate() - datetime.timedelta(1)
    outside.execute("update programs_offering set closes_on = %s where id = %s", [yesterday, second])
    jobs.count_by_groups()

    assert table_for(world, first).all_districts.numbers == (20, 20, 10, 10)
    numbers = table_for(world, second).all_districts.numbers
    assert (numbers[0] is not None) is told
    assert numbers.count(None) != 1
    assert not told or numbers == (32, 31, 20, 20)


def test_an_offering_that_cannot_be_counted_keeps_no_other_waiting(world, close, monkeypatch):
    offerings = [close({NORTH: {YES: 20, NO: 20}}, job=False), close({NORTH: {YES: 15, NO: 25}}, job=False)]
    asked = []

    def fails_at_first(*, offering_id, by):
        if by == By.MEALS:
            asked.append(offering_id)
            if len(asked) == 1:
                raise ValueError("cannot be counted")
        return count_groups(offering_id=offering_id, by=by)

    monkeypatch.setattr(jobs, "count_groups", fails_at_first)

    with pytest.raises(ValueError, match="cannot be counted"):
        jobs.count_by_groups()

    assert {*asked} == {*offerings}
    assert [table_for(world, offering) is None for offering in asked] == [True, False]


def test_before_registration_has_closed_nothing_is_counted_and_the_page_says_when(world, gamma, outside):
    jobs.count_by_groups()

    page = signed_in("dana@example.org").get(f"/programs/{gamma.OFFERING}/counts/").content.decode()

    assert outside.execute("select count(*) from programs_groupcount").fetchone() == (0,)
    assert "not calculated" in page
    assert "in the night after registration closes" in page


@pytest.mark.parametrize(
    ("days_over", "words"),
    [(-1, "in the next night in which"), (30, "in the next night in which"), (31, "Nobody was counted in time")],
)
def test_after_registration_has_closed_the_page_never_promises_a_night_that_is_past(
    world,
    offer,  # noqa: F811
    outside,
    days_over,
    words,
):
    """Nobody has a seat, so that nothing was counted in the night after."""
    offering = offer(2)
    outside.execute(
        "update programs_offering set opens_on = '2020-01-01', closes_on = '2020-01-02', starts_on = %(last)s, ends_on = %(last)s",
        {"last": timezone.localdate() - datetime.timedelta(days_over)},
    )
    outside.execute("update programs_day set held_on = held_on - 400")
    jobs.count_by_groups()

    page = signed_in("dana@example.org").get(f"/programs/{offering}/counts/").content.decode()

    assert words in page[page.index('id="meals"') :]
    assert "in the night after registration closes" not in page


@pytest.mark.parametrize(("days_over", "counted"), [(30, True), (31, False)])
def test_nothing_is_counted_once_the_answers_are_destroyed(world, close, outside, days_over, counted):
    """They are kept for 30 days after the last day; counted later, all would be among those who did not answer."""
    offering = close({NORTH: {YES: 20, NO: 20}}, job=False)
    outside.execute(
        "update programs_offering set opens_on = '2020-01-01', starts_on = %(last)s, ends_on = %(last)s, closes_on = %(last)s",
        {"last": timezone.localdate() - datetime.timedelta(days_over)},
    )
    outside.execute("update programs_day set held_on = held_on - 400")
    jobs.count_by_groups()

    assert (table_for(world, offering) is not None) is counted


@pytest.mark.parametrize(("days_over", "counted"), [(30, True), (31, False)])
def test_until_when_it_is_counted_goes_by_the_same_day_as_destruction(world, close, outside, days_over, counted):
    """Its owner wrote an earlier last day; it was held until later, and answers are kept for 30 days after that."""
    offering, held = close({NORTH: {YES: 20, NO: 20}}, job=False), timezone.localdate() - datetime.timedelta(days_over)
    outside.execute(
        "update programs_offering set opens_on = '2020-01-01', starts_on = %(last)s, ends_on = %(last)s, closes_on = %(last)s",
        {"last": held - datetime.timedelta(5)},
    )
    outside.execute("update programs_day set held_on = held_on - 400")
    outside.execute(
        "update programs_day set held_on = %s where id = (select id from programs_day order by held_on desc limit 1)",
        [held],
    )
    page = signed_in("dana@example.org").get(f"/programs/{offering}/counts/").content.decode()
    assert ("Nobody was counted in time" in page) is not counted

    jobs.count_by_groups()

    assert (table_for(world, offering) is not None) is counted


def test_children_of_a_district_that_shares_nothing_are_not_counted(world, close, outside):
    offering = close({NORTH: {YES: 20, NO: 20}, SOUTH: {YES: 15, NO: 15}}, job=False)
    outside.execute("update core_agreement set until = %s where owner_id = %s", [timezone.localdate(), SOUTH])
    jobs.count_by_groups()

    table = table_for(world, offering)

    assert [(row.name, row.total) for row in table.rows] == [("North", 40)]
    assert table.all_districts.total == 40


def test_an_agreement_that_does_not_name_meals_lets_nobody_be_counted_by_them(world, close, outside):
    """It was signed before anybody asked: it names registrations, and nobody agreed to more."""
    offering = close({NORTH: {YES: 20, NO: 20}, SOUTH: {YES: 15, NO: 15}}, job=False)
    outside.execute(
        "update core_agreement set categories = array_remove(categories, 'meals') where owner_id = %s", [SOUTH]
    )
    jobs.count_by_groups()

    assert [(row.name, row.total) for row in table_for(world, offering).rows] == [("North", 40)]


@pytest.mark.parametrize("person", ["DANA", "ANN", "PAM"])
def test_those_who_count_the_program_read_it(world, close, person):
    """North alone: 20 and 20, and nobody else, so that both zeros are hidden and with them both twenties."""
    offering = close({NORTH: {YES: 20, NO: 20}})

    assert table_for(world, offering, person).all_districts.total == 40


@pytest.mark.parametrize("person", ["CORA", "OTTO", "ALI", "LENA", "PETE", "PRIYA", "THEO", "OMAR"])
def test_nobody_else_does(world, close, person):
    offering = close({NORTH: {YES: 20, NO: 20}})

    assert table_for(world, offering, person) is None


def test_the_directors_page_shows_the_table_and_hides_every_small_number(world, close):
    offering = close({NORTH: {YES: 12, NO: 13, SILENT: 10}, SOUTH: {YES: 3, NO: 20, UNSAID: 10}})

    page = signed_in("dana@example.org").get(f"/programs/{offering}/counts/").content.decode()

    meals = page[page.index('id="meals"') :]
    assert "as families said" in page
    assert 'href="/districts/composition/?what=meals"' in page
    assert 'class="sup">hidden<' in meals
    assert '<td class="n">3</td>' not in meals


def test_an_agreement_says_that_it_lets_the_answers_be_counted_where_it_names_meals(world, gamma, outside):
    from commonground.apps.core.models import Agreement
    from commonground.apps.governance.queries.agreements import sentences, shareable

    def words():
        with enter(person=world.CORA, purpose="test"):
            named = sentences(Agreement.objects.filter(owner_id=NORTH, categories__contains=["registration"]).first())
        return [one for one in named if "meals" in one]

    (counted,) = words()
    assert "naming nobody" in counted
    assert "naming nobody" in dict(shareable())["meals"]
    outside.execute("update core_agreement set categories = array_remove(categories, 'meals')")
    assert words() == []
