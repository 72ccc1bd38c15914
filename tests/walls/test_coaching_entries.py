"""What coach and teacher write exists for the two and for nobody else; visits are counted where they went to ten teachers."""

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.utils import timezone
from tests.apps.coaching.conftest import DAY, becomes, coached, end, give, met, outside, write  # noqa: F401
from tests.walls.test_mentoring import seen
from tests.world import PEOPLE

from commonground.apps.coaching import actions
from commonground.apps.coaching.models import Coaching, Entry
from commonground.apps.core.asking import Refused
from commonground.apps.roster.models import Student
from commonground.store.walls import enter

pytestmark = pytest.mark.database


def test_what_the_two_write_exists_for_them_and_for_nobody_else(world, coached):  # noqa: F811
    entries = {write(coached, by=world.COCO, kind="goal"), write(coached, by=world.THEO, kind="reflection")}

    assert {key for key in PEOPLE if seen(Entry, getattr(world, key.upper()))} == {"coco", "theo"}
    assert seen(Entry, world.COCO) == seen(Entry, world.THEO) == entries


def test_the_director_of_the_coachs_house_reads_that_they_work_together_and_not_what_they_write(world, outside):  # noqa: F811
    by_house = becomes(outside, world.MILO, "coach", world.COLLABORATIVE)
    line = give(world.THEO, world.MILO, by=world.CORA, as_coach=by_house)
    entry = write(line, by=world.MILO)

    assert seen(Coaching, world.DANA) == {line}
    assert seen(Entry, world.DANA) == set()
    assert seen(Entry, world.MILO) == {entry}


def test_neither_an_emergency_nor_an_agreement_opens_what_they_write(world, coached, outside):  # noqa: F811
    write(coached, by=world.COCO)
    outside.execute(
        "update core_agreement set categories = '{roster,contact,coached,coaching}' where owner_id = %s", [world.NORTH]
    )
    outside.execute(
        "insert into core_breakglass (id, person_id, district_id, categories, reason, asked_at, approved_by_id, approved_at, until)"
        " values (gen_random_uuid(), %s, %s, '{roster,coached,coaching}', 'a reason of twenty letters', now(), %s, now(),"
        " now() + interval '4 hours')",
        [world.OMAR, world.NORTH, world.DANA],
    )

    assert seen(Student, world.OMAR)
    assert [seen(Entry, one) for one in (world.OMAR, world.DANA, world.CORA, world.PRIYA)] == [set()] * 4


def test_once_it_is_over_the_teacher_reads_on_and_the_coach_does_not(world, coached):  # noqa: F811
    entry = write(coached, by=world.COCO)
    end(coached, by=world.CORA)

    assert (seen(Entry, world.COCO), seen(Entry, world.THEO)) == (set(), {entry})


def test_given_again_the_coach_reads_what_the_two_wrote_before_and_another_coach_does_not(world, coached, outside):  # noqa: F811
    entry = write(coached, by=world.COCO)
    end(coached, by=world.CORA)
    give(world.THEO, world.COCO, by=world.CORA)
    other = becomes(outside, world.MILO, "coach", world.NORTH)
    give(world.THEO, world.MILO, by=world.CORA, as_coach=other)

    assert seen(Entry, world.COCO) == {entry}
    assert seen(Entry, world.MILO) == set()


@pytest.mark.parametrize("key", ["CORA", "PRIYA", "DANA", "OTTO", "MILO", "OMAR"])
def test_nobody_else_writes_corrects_judges_or_strikes(world, coached, key):  # noqa: F811
    entry, goal = write(coached, by=world.THEO), write(coached, by=world.THEO, kind="goal")
    asked = (
        ("select cg.write_coaching(gen_random_uuid(), %s, null, 'talk', cg.today(), 'x', '', '', '', null)", coached),
        ("select cg.correct_coaching(%s, 'talk', cg.today(), 'x', '', '', '', null)", entry),
        ("select cg.strike_coaching(%s)", entry),
        ("select cg.judge_coaching(%s, 'met')", goal),
    )

    for statement, about in asked:
        with pytest.raises(DatabaseError, match="not_yours"), enter(person=getattr(world, key), purpose="test"):
            connection.cursor().execute(statement, [about])


def test_neither_corrects_nor_strikes_what_the_other_wrote(world, coached):  # noqa: F811
    entry = write(coached, by=world.THEO)

    correct = "select cg.correct_coaching(%s, 'talk', cg.today(), 'x', '', '', '', null)"
    for statement in (correct, "select cg.strike_coaching(%s)"):
        with pytest.raises(DatabaseError, match="not_yours"), enter(person=world.COCO, purpose="test"):
            connection.cursor().execute(statement, [entry])


def test_an_entry_is_corrected_for_a_day_and_struck_ever_after(world, coached, outside):  # noqa: F811
    entry, said = write(coached, by=world.COCO), actions.Said("seen", timezone.localdate(), "Other words.")
    with enter(person=world.COCO, purpose="test"):
        actions.correct_entry(entry=Entry.objects.get(pk=entry), said=said, by=world.COCO)
    outside.execute("update coaching_entry set written_at = written_at - interval '1 day'")
    with pytest.raises(Refused, match="for a day"), enter(person=world.COCO, purpose="test"):
        actions.correct_entry(entry=Entry.objects.get(pk=entry), said=said, by=world.COCO)
    with enter(person=world.COCO, purpose="test"):
        actions.strike_entry(entry=Entry.objects.get(pk=entry), by=world.COCO)

    with enter(person=world.THEO, purpose="test"):
        found = Entry.objects.get(pk=entry)
    assert (found.kind, found.said, found.struck_at is None) == ("seen", "Other words.", False)
    with pytest.raises(Refused, match="already"), enter(person=world.COCO, purpose="test"):
        actions.strike_entry(entry=found, by=world.COCO)


def test_what_is_sent_twice_is_written_once_and_no_ones_id_is_taken(world, coached):  # noqa: F811
    entry = write(coached, by=world.COCO)
    write(coached, by=world.COCO, made=entry)

    assert seen(Entry, world.THEO) == {entry}
    with pytest.raises(Refused, match="not yours"):
        write(coached, by=world.THEO, made=entry)


def test_the_day_lies_in_the_time_together(world, coached):  # noqa: F811
    today = timezone.localdate()
    for day in (today - DAY, today + DAY):
        with pytest.raises(Refused, match="work together"):
            write(coached, by=world.COCO, day=day)


def test_after_the_end_nothing_more_is_written(world, coached):  # noqa: F811
    end(coached, by=world.CORA)

    for by in (world.COCO, world.THEO):
        with pytest.raises(DatabaseError, match="not_yours"), enter(person=by, purpose="test"):
            connection.cursor().execute(
                "select cg.write_coaching(gen_random_uuid(), %s, null, 'talk', cg.today(), 'x', '', '', '', null)",
                [coached],
            )


def test_the_ledger_of_changes_keeps_that_an_entry_changed_and_never_what_it_said(world, coached, outside):  # noqa: F811
    entry = write(coached, by=world.COCO)
    with enter(person=world.COCO, purpose="test"):
        said = actions.Said("talk", timezone.localdate(), "Other words.")
        actions.correct_entry(entry=Entry.objects.get(pk=entry), said=said, by=world.COCO)

    rows = outside.execute("select operation, old from core_change where table_name = 'coaching_entry' order by number")
    assert rows.fetchall() == [("I", None), ("U", None)]


def test_no_page_and_no_program_writes_past_the_functions(world, coached):  # noqa: F811
    entry = write(coached, by=world.THEO)
    for statement in (
        f"update coaching_entry set said = 'else' where id = '{entry}'",
        "delete from coaching_entry",
        "insert into coaching_entry select * from coaching_entry",
    ):
        with pytest.raises(ProgrammingError), enter(person=world.THEO, purpose="test"), transaction.atomic():
            connection.cursor().execute(statement)


def test_either_says_how_a_goal_went_and_says_it_again(world, coached):  # noqa: F811
    goal = write(coached, by=world.THEO, kind="goal", measure="We count.", last_day=timezone.localdate() + DAY)

    for by, outcome in ((world.COCO, "met"), (world.THEO, "partly"), (world.COCO, "open")):
        with enter(person=by, purpose="test"):
            actions.judge_goal(goal=Entry.objects.get(pk=goal), outcome=outcome, by=by)
            assert Entry.objects.get(pk=goal).outcome == outcome


def test_once_it_is_over_the_teacher_alone_says_how_a_goal_went(world, coached):  # noqa: F811
    goal = write(coached, by=world.COCO, kind="goal")
    end(coached, by=world.CORA)

    with pytest.raises(DatabaseError, match="not_yours"), enter(person=world.COCO, purpose="test"):
        connection.cursor().execute("select cg.judge_coaching(%s, 'met')", [goal])
    with enter(person=world.THEO, purpose="test"):
        actions.judge_goal(goal=Entry.objects.get(pk=goal), outcome="met", by=world.THEO)


def test_what_is_no_goal_or_is_struck_is_not_judged(world, coached):  # noqa: F811
    talk, struck = write(coached, by=world.THEO), write(coached, by=world.THEO, kind="goal")
    with enter(person=world.THEO, purpose="test"):
        actions.strike_entry(entry=Entry.objects.get(pk=struck), by=world.THEO)

    for entry in (talk, struck):
        with pytest.raises(DatabaseError, match="not_yours"), enter(person=world.THEO, purpose="test"):
            connection.cursor().execute("select cg.judge_coaching(%s, 'met')", [entry])


def test_the_teacher_alone_looks_back_and_on_what_the_two_did(world, coached, outside):  # noqa: F811
    seen_lesson, goal = write(coached, by=world.COCO, kind="seen"), write(coached, by=world.COCO, kind="goal")
    other = becomes(outside, world.MILO, "coach", world.NORTH)
    others = write(give(world.THEO, world.MILO, by=world.CORA, as_coach=other), by=world.MILO)

    write(coached, by=world.THEO, kind="reflection", about=seen_lesson)
    with pytest.raises(Refused, match="not yours"):
        write(coached, by=world.COCO, kind="reflection")
    for about in (goal, others):
        with pytest.raises(Refused, match="not yours"):
            write(coached, by=world.THEO, kind="reflection", about=about)


@pytest.mark.parametrize(
    ("was", "wanted"), [("goal", "talk"), ("talk", "goal"), ("reflection", "talk"), ("talk", "reflection")]
)
def test_a_goal_stays_a_goal_and_a_reflection_one(world, coached, was, wanted):  # noqa: F811
    entry, said = write(coached, by=world.THEO, kind=was), actions.Said(wanted, timezone.localdate(), "Other words.")

    with pytest.raises(Refused, match="not yours"), enter(person=world.THEO, purpose="test"):
        actions.correct_entry(entry=Entry.objects.get(pk=entry), said=said, by=world.THEO)


def test_a_goal_ends_no_earlier_than_it_begins(world, coached):  # noqa: F811
    with pytest.raises(Refused, match="first day or later"):
        write(coached, by=world.THEO, kind="goal", last_day=timezone.localdate() - DAY)


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'goal', outcome = 'excellent'",
        "measure = 'a number'",
        "last_day = day",
        "outcome = 'met'",
        "step_by = 'principal'",
        "about_id = gen_random_uuid()",
        "kind = 'goal', last_day = day - 1",
    ],
)
def test_the_database_keeps_goals_steps_and_looking_back_whole(world, coached, outside, change):  # noqa: F811
    import psycopg

    entry = write(coached, by=world.COCO)

    with pytest.raises(psycopg.errors.CheckViolation):
        outside.execute(f"update coaching_entry set {change} where id = %s", [entry])


def visits(person):
    """What this person is told of visits since long ago: by district and month."""
    with enter(person=person, purpose="test"), connection.cursor() as cursor:
        cursor.execute("select owner_id, month, visit_count from cg.coaching_visits('2000-01-01')")
        return cursor.fetchall()


def test_visits_are_counted_where_ten_teachers_were_met_in_a_month_that_is_over(world, coached, outside):  # noqa: F811
    first = timezone.localdate().replace(day=1)
    last_month = first - DAY
    month_before = last_month.replace(day=1) - DAY
    met(outside, coached, teachers=10, day=last_month)
    met(outside, coached, teachers=10, day=last_month.replace(day=1), kind="seen")
    met(outside, coached, teachers=9, day=month_before)
    met(outside, coached, teachers=9, day=month_before)
    met(outside, coached, teachers=10, day=first)
    for kind in ("goal", "reflection"):
        met(outside, coached, teachers=10, day=month_before, kind=kind)

    assert visits(world.CORA) == [(world.NORTH, last_month.replace(day=1), 20)]


def test_what_is_struck_is_no_visit(world, coached, outside):  # noqa: F811
    day = timezone.localdate().replace(day=1) - DAY
    met(outside, coached, teachers=10, day=day)
    outside.execute("update coaching_entry set struck_at = now() where id = (select id from coaching_entry limit 1)")

    assert visits(world.CORA) == []


def test_visits_are_told_to_those_who_see_who_coaches_whom(world, coached, outside):  # noqa: F811
    by_house = becomes(outside, world.MILO, "coach", world.COLLABORATIVE)
    line = give(world.THEO, world.MILO, by=world.CORA, as_coach=by_house)
    day = timezone.localdate().replace(day=1) - DAY
    met(outside, coached, teachers=10, day=day)
    assert {key for key in PEOPLE if visits(getattr(world, key.upper()))} == {"cora"}
    met(outside, line, teachers=11, day=day)

    assert [count for *_, count in visits(world.DANA)] == [11]
    assert sorted(count for *_, count in visits(world.CORA)) == [10, 11]
    assert {key for key in PEOPLE if visits(getattr(world, key.upper()))} == {"cora", "dana"}
