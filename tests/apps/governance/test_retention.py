"""What is past by its class is destroyed by the clock; the day before it is still there."""

import datetime
import html
import re

import pytest
from django.db import connection, transaction
from django.utils import timezone
from tests.apps.governance.keeping import (
    DAY,
    address,
    count,
    destroy_past,
    hold_everything,
    over,
    run_on,
    today,
)
from tests.apps.governance.leavers import fingerprints
from tests.signing_in import signed_in
from tests.walls.test_every_policy import outside

from commonground.apps.core.asking import Refused
from commonground.apps.core.chains import chain_ledgers, verify_ledger
from commonground.apps.core.models import Event
from commonground.apps.governance.models import LegalHold
from commonground.apps.governance.retention import actions
from commonground.apps.governance.retention.classes import CLASSES
from commonground.apps.intake import folders
from commonground.apps.intake.actions import NotNow, discard_batch
from commonground.store.walls import enter, walled_models

pytestmark = pytest.mark.database
# Walled tables that end by no class of their own; each with the reason.
NOT_BY_TIME = {
    "core_organization": "names of schools are public",
    "core_disclosureline": "kept as long as the record",
    "governance_agreementfile": "stays until the district leaves",
    "governance_notice": "stays until the district leaves",
    "governance_keeping": "what the district decided about all this",
    "governance_incident": "the collaborative's own, without a child",
    "programs_assignment": "who taught: names no child",
    "intake_batch": "what was sent, and counts: names no child",
    "intake_problem": "codes and lines of a file: names no child",
    "intake_heldrow": "ids of rows in a file: goes with its district",
    "intake_decision": "what people decided: names no child",
    "intake_tie": "which file is whose: names no child",
    "measures_programcount": "counts",
    "programs_groupcount": "counts as they may be shown",
}


def test_the_database_keeps_each_class_for_the_days_that_the_page_says(world):
    with enter(person=world.CORA, purpose="test"), connection.cursor() as cursor:
        cursor.execute("select * from cg.data_classes()")
        obeyed = dict(cursor.fetchall())
        cursor.execute("select data_class, cg.least_days(data_class) from cg.data_classes()")
        least = dict(cursor.fetchall())
        cursor.execute("select distinct data_class from cg.retained()")
        with_tables = {row[0] for row in cursor.fetchall()}

    assert obeyed == {key: one.days for key, one in CLASSES.items() if one.days is not None}
    assert least == {key: one.days if one.source else one.least for key, one in CLASSES.items() if one.days is not None}
    assert with_tables | {"files", "audit"} == set(obeyed)


def test_every_walled_table_has_a_class_or_a_reason(world):
    with enter(person=world.CORA, purpose="test"), connection.cursor() as cursor:
        cursor.execute("select target from cg.retained()")
        retained = {row[0] for row in cursor.fetchall()} | {"core_change"}
    named = {table for table, model in walled_models().items() if model.wall.category != "public"}

    assert named - retained == set(NOT_BY_TIME) - {"core_organization"}


def test_health_facts_and_answers_about_meals_go_thirty_days_after_the_program_and_not_a_day_before(house, databases):
    """The program's last day is day 0; 30 days are kept: on day 30 they are there, on day 31 they go."""
    last = over(databases)
    tables = ("programs_care", "programs_mealsanswer")
    before = {table: count(databases, table) for table in tables}
    assert all(before.values())

    run_on(last + 30 * DAY)
    assert {table: count(databases, table) for table in tables} == before
    # How many families had answered is told to nobody, and so not to the ledger of events.
    assert destroy_past(house.NORTH, "meals", last + 31 * DAY) == {"programs_mealsanswer": None}
    assert run_on(last + 31 * DAY)["programs_care"] == before["programs_care"]
    assert [count(databases, table) for table in tables] == [0, 0]
    assert run_on(last + 31 * DAY) == {}
    assert count(databases, "programs_registration") > 0


def test_notes_go_three_years_after_the_meeting_and_the_caseload_three_years_after_its_end(house, databases):
    """1095 days are kept: on day 1095 the row is there, on day 1096 it goes. A line without an end stays while it lasts."""
    last, others = today() - 10 * DAY, count(databases, "mentoring_caseload")
    with outside(databases) as run:
        grant = run.execute("select id from core_rolegrant where person_id = %s", [house.MILO]).fetchone()[0]
        for until in (last, None):
            run.execute(
                "insert into mentoring_caseload (id, owner_id, student_id, grant_id, since, until, given_by_id, given_at)"
                " values (gen_random_uuid(), %s, %s, %s, %s, %s, %s, now())",
                [house.NORTH, house.AMINA, grant, last - 5 * DAY, until, house.CORA],
            )
        run.execute(
            "insert into mentoring_note (id, owner_id, student_id, author_id, met_on, talked_about, next_step, written_at)"
            " values (gen_random_uuid(), %s, %s, %s, %s, 'x', '', now())",
            [house.NORTH, house.AMINA, house.MILO, last],
        )

    kept = run_on(last + 1095 * DAY)
    assert {"mentoring_note", "mentoring_caseload"} & set(kept) == set()
    gone = run_on(last + 1096 * DAY)
    assert (gone["mentoring_note"], gone["mentoring_caseload"]) == (1, 1)
    assert count(databases, "mentoring_caseload") == others + 1


def test_what_coach_and_teacher_wrote_goes_three_years_after_its_day_and_a_goal_after_its_last(house, databases):
    last, others = today() - 10 * DAY, count(databases, "coaching_entry")
    with outside(databases) as run:
        for kind, day, ends in (("goal", last - 30 * DAY, last), ("talk", last - 20 * DAY, None)):
            run.execute(
                "insert into coaching_entry (id, owner_id, coaching_id, teacher_id, coach_id, author_id, kind, day, last_day,"
                " said, next_step, written_at) select gen_random_uuid(), owner_id, id, teacher_id, %s, %s, %s, %s, %s, 'x',"
                " '', now() from coaching_coaching where owner_id = %s limit 1",
                [house.COCO, house.COCO, kind, day, ends, house.NORTH],
            )

    destroy_past(house.NORTH, "coaching", last + 1075 * DAY)
    assert count(databases, "coaching_entry") == others + 2
    # How much the two had written is told to nobody, and so not to the ledger of events.
    assert destroy_past(house.NORTH, "coaching", last + 1076 * DAY) == {"coaching_entry": None}
    assert count(databases, "coaching_entry") == others + 1
    destroy_past(house.NORTH, "coaching", last + 1095 * DAY)
    assert count(databases, "coaching_entry", "kind = 'goal'") == 1
    destroy_past(house.NORTH, "coaching", last + 1096 * DAY)
    assert count(databases, "coaching_entry", "kind = 'goal'") == 0


def test_dates_that_the_owner_moves_back_destroy_nothing(house, databases):
    """What counts is the latest of the last day as written, the last day held, and the day of the registration."""
    with outside(databases) as run:
        run.execute(
            "update programs_offering set starts_on = '2020-06-01', ends_on = '2020-06-05', closes_on = '2020-06-01',"
            " opens_on = '2020-01-01'"
        )

    assert run_on(today()) == {}
    with outside(databases) as run:
        held = run.execute("select max(held_on) from programs_day").fetchone()[0]
        run.execute("delete from programs_session")
        run.execute("delete from programs_attendance")
        run.execute("delete from programs_day")
    # The registrations are of today, and the days went on for three more.
    assert held == today() + 3 * DAY
    assert run_on(today() + 30 * DAY) == {}
    assert "programs_care" in run_on(today() + 31 * DAY)


def test_no_class_is_kept_for_less_than_its_least_days(house, databases):
    with outside(databases) as run:
        for key in CLASSES:
            run.execute(
                "insert into governance_keeping (id, owner_id, data_class, days, changed_by_id, changed_at)"
                " values (gen_random_uuid(), %s, %s, 1, %s, now())",
                [house.NORTH, key, house.CORA],
            )
        kept = {key: run.execute("select cg.days_kept(%s, %s)", [house.NORTH, key]).fetchone()[0] for key in CLASSES}

    # Three years where a rule asks for them; packets, holds and the ledger never for less than usual; 30 days otherwise.
    assert {key: days for key, days in kept.items() if days not in {30, None}} == {
        "attendance": 1095,
        "registration": 1095,
        "incident": 2190,
        "hold": 2190,
        "audit": 1825,
    }
    cora = signed_in("cora@example.org")
    shown = {one.key: one.days for one in cora.get(address(house)).context["page"].classes}
    assert shown == kept
    assert cora.post(address(house, "days", "attendance"), {"days": "1095"}).status_code == 404
    answer = cora.post(address(house, "days", "audit"), {"days": "1824"}, follow=True)
    assert b"from 1825 to 36525" in answer.content


def test_packets_stay_until_families_were_told(house, databases):
    with outside(databases) as run:
        filed = run.execute("select max(filed_at)::date from governance_packet").fetchone()[0]

    assert "governance_packet" not in run_on(filed + 3000 * DAY)
    with outside(databases) as run:
        run.execute("update governance_packet set told_on = filed_at::date, told_by_id = filed_by_id")
    assert "governance_packet" in run_on(filed + 3000 * DAY)


def test_what_was_destroyed_is_kept_nowhere_else(house, databases):
    run_on(over(databases) + 1200 * DAY)

    assert count(databases, "programs_registration") == 0
    assert count(databases, "core_change", "operation = 'D' and table_name like 'programs_%' and old is not null") == 0
    assert count(databases, "core_change", "operation = 'D' and table_name = 'programs_registration'") > 0


def test_a_student_who_left_goes_with_what_hangs_on_the_record(house, databases):
    with outside(databases) as run:
        run.execute("update roster_student set ended_on = '2026-06-10' where id = %s", [house.BJORN])
    others = fingerprints(databases, house.NORTH)
    # 1825 days after June 10, 2026 is June 9, 2031: five years hold one leap day, that of 2028.
    assert datetime.date(2026, 6, 10) + 1825 * DAY == datetime.date(2031, 6, 9)
    before = run_on(datetime.date(2031, 6, 9))
    gone = run_on(datetime.date(2031, 6, 10))

    assert "roster_student" not in before
    # Bjørn is in one school and one section.
    assert {table: count for table, count in gone.items() if table.startswith("roster_")} == {
        "roster_student": 1,
        "roster_demographics": 1,
        "roster_schoolenrollment": 1,
        "roster_enrollment": 1,
    }
    assert count(databases, "roster_student", f"owner_id = '{house.NORTH}'") == 3
    after = fingerprints(databases, house.NORTH)
    assert {t: p for t, p in others.items() if t.startswith("roster_")} == {
        t: p for t, p in after.items() if t.startswith("roster_")
    }


def test_what_changes_said_is_taken_out_and_the_chain_holds(house, databases):
    with enter(person=house.CORA, purpose="test"):
        for days in (40, 50):
            actions.change_keeping(
                place_id=house.NORTH, data_class="health", days=days, by=house.CORA, now=timezone.now()
            )
    chain_ledgers(now=timezone.now())
    assert count(databases, "core_change", "old is not null") > 0

    taken = run_on(today() + 1826 * DAY)

    # The fixture took away two holds and two numbers of days; then one number was changed.
    assert taken["core_change"] == 2 + 2 + 1
    assert count(databases, "core_change", "old is not null") == 0
    assert verify_ledger("change").broken_at is None


def test_the_nightly_job_is_recorded_once_and_changes_nothing_the_second_time(house, databases):
    with outside(databases) as run:
        batch = run.execute("select id from intake_batch where owner_id = %s", [house.NORTH]).fetchone()[0]
        run.execute("update intake_batch set sent_at = now() - interval '731 days' where id = %s", [batch])
    folders.original(batch).write_bytes(b"sent")
    with enter(person=house.CORA, purpose="test"):
        hold_everything(house, data_class="files")
        with pytest.raises(NotNow), transaction.atomic():
            discard_batch(batch_id=batch, by=house.CORA)
    with outside(databases) as run:
        run.execute("delete from governance_legalhold")

    first, second = actions.destroy_what_is_past(), actions.destroy_what_is_past()

    assert (first.get("files"), second) == (1, {})
    assert not folders.has_files(batch)
    assert Event.objects.get(kind="retention.destroyed", about="files").detail == {
        "class": "files",
        "rows": {"files": 1},
    }


@pytest.mark.parametrize(("email", "status"), [("dana", 403), ("theo", 403), ("ali", 403), ("otto", 404)])
def test_only_the_districts_coordinator_reads_and_changes_it(house, email, status):
    client = signed_in(f"{email}@example.org")

    assert client.get(address(house)).status_code == status
    assert client.post(address(house, "days", "health"), {"days": 1}).status_code == status
    assert client.post(address(house, "hold"), {"reason": "A letter of the court"}).status_code == status
    assert count_of_holds(house) == 0


def test_the_classes_are_one_table_with_a_form_in_each_row_that_may_be_changed(house):
    cora = signed_in("cora@example.org")
    cora.post(address(house, "days", "health"), {"days": "60"})

    page = cora.get(address(house)).content.decode()

    (table,) = re.findall(r"<table.*?</table>", page, re.DOTALL)
    rows = dict(re.findall(r'<tr id="class-(\w+)">(.*?)</tr>', table, re.DOTALL))
    assert list(rows) == list(CLASSES)
    assert {key for key, row in rows.items() if "<form" in row} == {
        key for key, one in CLASSES.items() if one.may_change
    }
    assert all(str(one.name) in html.unescape(rows[key]) for key, one in CLASSES.items())
    assert 'value="60"' in rows["health"]
    assert "Usual: 30 days" in rows["health"]
    assert "Usual" not in rows["files"]


def count_of_holds(world):
    with enter(person=world.CORA, purpose="test"):
        return LegalHold.objects.count()


def test_the_coordinator_changes_days_and_holds_one_student_and_ends_it(house):
    cora = signed_in("cora@example.org")

    assert cora.post(address(house, "days", "health"), {"days": "60"}).status_code == 302
    assert cora.post(address(house, "days", "disclosure"), {"days": "60"}).status_code == 404
    wrong = cora.post(address(house, "hold"), {"number": "nobody", "reason": "A letter of the court"})
    right = cora.post(address(house, "hold"), {"number": "Amina", "reason": "A letter of the court"})

    assert (wrong.status_code, right.status_code) == (422, 302)
    page = cora.get(address(house))
    assert [one.days for one in page.context["page"].classes if one.key == "health"] == [60]
    (hold,) = page.context["page"].holds
    assert (hold.row.student_id, hold.row.reason) == (house.AMINA, "A letter of the court")
    assert signed_in("otto@example.org").post(f"/collaborative/keeping/holds/{hold.row.pk}/end/").status_code == 404
    cora.post(f"/collaborative/keeping/holds/{hold.row.pk}/end/")
    assert cora.get(address(house)).context["page"].holds[0].row.ended_by_id == house.CORA
    assert {"retention.changed", "retention.hold_placed", "retention.hold_ended"} <= set(
        Event.objects.values_list("kind", flat=True)
    )


def test_what_the_database_refuses_does_not_stop_the_rest_of_the_night(house, monkeypatch, caplog):
    asked = []

    def refuses(function, place, *key):
        asked.append((function, *key))
        if key == ("health",):
            raise Refused("chain_broken")
        return [] if function == "past_files" else "{}"

    monkeypatch.setattr(actions, "ask_database", refuses)

    assert actions.destroy_what_is_past() == {}
    # Of the collaborative, of North and of South.
    assert (asked.count(("destroy_past", "health")), asked.count(("destroy_past", "audit"))) == (3, 3)
    assert "nothing of class health" in caplog.text
