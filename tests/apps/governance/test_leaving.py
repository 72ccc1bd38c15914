"""A district leaves: its export holds its rows, and two people confirm."""

import csv
import datetime
import hashlib
import io
import json
import uuid
import zipfile

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from tests.apps.governance.leavers import (
    NELL,
    asked,
    downloaded,
    export_saved,
    first_batch,
    number_in,
    owned,
    way,
)
from tests.signing_in import signed_in
from tests.walls.test_every_policy import outside
from tests.working import in_a_thread

from commonground.apps.core.asking import Refused, ask_database
from commonground.apps.core.models import Event
from commonground.apps.governance.leaving import destroying
from commonground.apps.governance.leaving.exporting import cell
from commonground.apps.governance.leaving.places import export_path
from commonground.apps.governance.models import Leaving
from commonground.apps.intake import folders
from commonground.store.jobs import JOBS
from commonground.store.walls import enter

pytestmark = pytest.mark.database
STAYS = {"core_agreement", "core_change", "core_disclosureline"}
# Of these rows nobody of the district is told, in no file either: who answered about meals, what coach and teacher wrote, and
# that it was written down.
NEVER = ("programs_mealsanswer", "coaching_entry")
UNTOLD = dict.fromkeys(NEVER, "false") | {"core_change": f"table_name not in {NEVER}"}


def test_the_page_counts_what_goes_by_hand(two):
    """North has four children: Amina, Bjørn, Chue and Dee; one section, in which two of them are."""
    page = signed_in("cora@example.org").get(way(two)).context["page"]
    rows = {line.table: line.rows for line in page.goes}

    assert (rows["roster_student"], rows["roster_section"], rows["roster_enrollment"]) == (4, 1, 2)
    assert {line.table for line in page.stays} == STAYS
    # Cora, Nell, Priya, Theo, Lena, Ali; and those with a role without records: superintendent, coach, mentor, counselor,
    # interpreter, board, council, student.
    assert page.people_count == 6 + 8


def test_no_number_on_the_page_tells_how_many_families_answered_about_meals(two, databases):
    """With Amina's answer and without it the page is the same, also in its sums and in the lines about changes."""
    cora, told = signed_in("cora@example.org"), []
    for statement in (
        "select 1",
        "update programs_mealsanswer set answer = 'meals_no'",
        "delete from programs_mealsanswer",
    ):
        with outside(databases) as run:
            run.execute(statement)
        page = cora.get(way(two)).context["page"]
        told.append((page.goes, page.goes_by_kind, page.row_count, page.stays, page.empty_count))

    assert told[0] == told[1] == told[2]
    assert {line.table for line in page.goes if line.rows is None} == set(NEVER)
    assert "not told" in cora.get(way(two)).content.decode()


@pytest.mark.parametrize(("email", "status"), [("ann", 403), ("ali", 403), ("dana", 403), ("otto", 404), ("cora", 200)])
def test_only_the_districts_coordinators_reach_its_way_out(two, email, status):
    client = signed_in(f"{email}@example.org")

    assert client.get(way(two)).status_code == status
    for step in ("export", "export/arrived", "ask", "confirm", "call-off"):
        if status != 200:
            typed = {"name": "North", "without": "x" * 30, "number": "1234 5678"}
            assert client.post(way(two, step), typed).status_code == status
    assert status == 200 or not Leaving.objects.exists()


def test_the_export_holds_every_row_that_the_tables_hold(two, databases):
    expected = owned(databases, two.NORTH, untold=UNTOLD)
    sent = folders.original(uuid.UUID(str(first_batch(databases, two))))
    sent.write_bytes(b"the file as it was sent")

    archive = zipfile.ZipFile(io.BytesIO(export_saved(two)))
    manifest = json.loads(archive.read("manifest.json"))

    assert {table: told["rows"] for table, told in manifest["tables"].items() if told["rows"]} == {
        table: count for table, count in expected.items() if count
    }
    for told in [*manifest["tables"].values(), *({"file": name} | one for name, one in manifest["files"].items())]:
        content = archive.read(told["file"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (told["bytes"], told["sha256"])
    assert [archive.read(name) for name in manifest["files"]] == [b"the file as it was sent"]
    with outside(databases) as run:
        for table in manifest["tables"]:
            read = list(csv.DictReader(io.StringIO(archive.read(f"tables/{table}.csv").decode("utf-8-sig"))))
            rows = run.execute(
                f"select row_to_json(t) from {table} t where owner_id = %s and {UNTOLD.get(table, 'true')}", [two.NORTH]
            ).fetchall()
            expected_rows = [{key: cell(value) for key, value in row.items()} for (row,) in rows]
            assert sorted(map(str, read)) == sorted(map(str, expected_rows)), table


def test_no_coordinator_reads_in_an_export_what_a_family_said_about_meals_or_that_it_answered(two):
    """Whoever makes the export may call the leaving off again: it would open every answer on any day."""
    archive = zipfile.ZipFile(io.BytesIO(downloaded(two)))

    table = archive.read("tables/programs_mealsanswer.csv").decode("utf-8-sig")
    assert list(csv.DictReader(io.StringIO(table))) == []
    assert b"programs_mealsanswer" not in archive.read("tables/core_change.csv")
    assert not any(b"meals_yes" in archive.read(name) for name in archive.namelist())


def test_no_coordinator_reads_in_an_export_what_coach_and_teacher_wrote_or_that_they_did(two, databases):
    with outside(databases) as run:
        assert run.execute("update coaching_entry set said = 'Quibblefen' where owner_id = %s", [two.NORTH]).rowcount
    archive = zipfile.ZipFile(io.BytesIO(downloaded(two)))

    table = archive.read("tables/coaching_entry.csv").decode("utf-8-sig")
    assert list(csv.DictReader(io.StringIO(table))) == []
    assert b"coaching_entry" not in archive.read("tables/core_change.csv")
    assert not any(b"Quibblefen" in archive.read(name) for name in archive.namelist())


def test_a_download_alone_counts_as_no_saved_export(two):
    downloaded(two)

    answer = signed_in("cora@example.org").post(way(two, "ask"), {"name": "North"})

    assert (answer.status_code, Leaving.objects.get().saved_at) == (422, None)


@pytest.mark.parametrize("typed", ["", "0000 0000", "{other} {other}", "{half}", "{whole}0", "abcd"])
def test_another_number_than_the_exports_is_refused(two, typed):
    first, last = number_in(downloaded(two)).split()
    other = f"{(int(first) + 1) % 10_000:04}"
    number = typed.format(other=other, half=first, whole=first + last)

    answer = signed_in("cora@example.org").post(way(two, "export", "arrived"), {"number": number})

    assert (answer.status_code, Leaving.objects.get().saved_at) == (422, None)
    assert b'role="alert"' in answer.content


@pytest.mark.parametrize("typed", ["{0} {1}", "{0}{1}", " {0}-{1} "])
def test_the_number_in_the_file_shows_that_it_arrived_whole(two, typed):
    export = downloaded(two)
    number = number_in(export)
    cora = signed_in("cora@example.org")
    before = cora.get(way(two)).content.decode()

    answer = cora.post(way(two, "export", "arrived"), {"number": typed.format(*number.split())})

    assert answer.status_code == 302
    assert Leaving.objects.get().saved_at is not None
    assert number not in before
    arrived = Event.objects.get(kind="leaving.arrived")
    assert (arrived.person_id, arrived.detail["sha256"]) == (two.CORA, hashlib.sha256(export).hexdigest())
    assert cora.post(way(two, "ask"), {"name": "North"}).status_code == 302


def test_the_number_stands_in_the_last_part_of_the_file_and_broken_off_it_does_not_open(two):
    export = downloaded(two)

    assert zipfile.ZipFile(io.BytesIO(export)).namelist()[-1] == "number.txt"
    for length in (len(export) // 2, len(export) - 22):
        with pytest.raises(zipfile.BadZipFile):
            zipfile.ZipFile(io.BytesIO(export[:length]))


def test_an_export_made_anew_has_another_number(two):
    number = number_in(downloaded(two))
    assert number_in(downloaded(two)) != number

    answer = signed_in("cora@example.org").post(way(two, "export", "arrived"), {"number": number})

    assert answer.status_code == 422


def test_a_cell_that_could_run_is_made_harmless():
    assert [cell(one) for one in ("=1+1", None, ["a", 1], "+1 320 555 0100")] == [
        "'=1+1",
        "",
        '["a", 1]',
        "'+1 320 555 0100",
    ]


def test_that_the_export_is_saved_stands_in_the_ledger_of_events(two):
    export_saved(two)

    saved = Event.objects.get(kind="export.made", about="governance:save-export")
    assert (saved.person_id, saved.organization_id) == (two.CORA, two.NORTH)


def test_the_job_of_an_export_that_is_whole_makes_nothing_anew(two):
    export_saved(two)
    leaving = Leaving.objects.values().get()
    path = export_path(two.NORTH, leaving["id"])
    before = path.read_bytes()

    in_a_thread(
        lambda: JOBS["governance.export-district"].handler(leaving_id=str(leaving["id"]), person_id=str(two.CORA))
    )

    assert Leaving.objects.values().get() == leaving
    assert path.read_bytes() == before
    assert Event.objects.filter(kind="leaving.exported").count() == 1


def test_whoever_left_the_computer_alone_has_nothing_exported_saved_asked_or_confirmed(two, databases, monkeypatch):
    with outside(databases) as run:
        run.execute("update core_person set password = %s where id = %s", [make_password("north star"), two.CORA])
    client = signed_in("cora@example.org")
    client.post(way(two, "export"))
    later = timezone.now() + datetime.timedelta(minutes=6)
    monkeypatch.setattr(timezone, "now", lambda: later)
    typed = {"name": "North", "without": "Everything stands in our own system."}

    answers = [client.post(way(two, step), typed) for step in ("export", "ask", "confirm")]
    answers.append(client.get(way(two, "export", "save")))
    answers.append(client.post(way(two, "export", "arrived"), {"number": "1234 5678"}))

    assert [answer.url.startswith("/account/confirm/") for answer in answers] == [True] * 5
    assert Leaving.objects.get().asked_at is None


def test_without_the_export_a_reason_in_words_is_needed(two):
    cora = signed_in("cora@example.org")

    short = cora.post(way(two, "ask"), {"name": "North", "without": "no"})
    wrong = cora.post(way(two, "ask"), {"name": "north", "without": "Everything stands in our own system."})
    right = cora.post(way(two, "ask"), {"name": "North", "without": "Everything stands in our own system."})

    assert (short.status_code, wrong.status_code, right.status_code) == (422, 422, 302)


def test_every_coordinator_is_told_on_the_first_page(two):
    assert b"destroy everything" not in signed_in("nell@example.org").get("/").content

    export_saved(two)
    assert b"Somebody had everything that North owns written into one file" in (
        signed_in("nell@example.org").get("/").content
    )
    assert signed_in("cora@example.org").post(way(two, "ask"), {"name": "North"}).status_code == 302

    assert b"destroy everything that North owns" in signed_in("nell@example.org").get("/").content
    assert b"destroy everything" not in signed_in("otto@example.org").get("/").content


def test_an_export_made_anew_takes_back_what_was_asked_for_the_one_before(two, databases):
    with enter(person=two.CORA, purpose="test"):
        way_out = ask_database("begin_leaving", two.NORTH)
        ask_database("note_export", way_out, 5, "a" * 64, "12345678")
        ask_database("note_arrived", way_out, "12345678")
        ask_database("ask_leaving", way_out, "")
        ask_database("note_export", way_out, 0, "", "")

    assert Leaving.objects.get().asked_at is None
    with outside(databases) as run:
        run.execute("update governance_leaving set asked_by_id = %s, asked_at = now()", [two.CORA])
    with pytest.raises(Refused) as refused, enter(person=NELL, purpose="test"):
        ask_database("confirm_leaving", way_out)
    assert refused.value.word == "not_saved"


def test_nobody_confirms_what_they_asked_themselves(two):
    asked(two)

    signed_in("cora@example.org").post(way(two, "confirm"))

    assert Leaving.objects.get().confirmed_at is None


def test_who_was_given_the_role_by_who_asks_does_not_stand_apart(two, databases):
    with outside(databases) as run:
        run.execute("update core_rolegrant set granted_by_id = %s where person_id = %s", [two.CORA, NELL])
    asked(two)

    signed_in("nell@example.org").post(way(two, "confirm"))

    assert Leaving.objects.get().confirmed_at is None


def test_a_legal_hold_stops_it_until_it_ends(two, databases):
    with enter(person=two.CORA, purpose="test"):
        from commonground.apps.governance.retention.actions import place_hold

        place_hold(
            place_id=two.NORTH,
            data_class="",
            student_id=two.AMINA,
            reason="A letter of the court",
            by=two.CORA,
            now=timezone.now(),
        )
    export_saved(two)

    answer = signed_in("cora@example.org").post(way(two, "ask"), {"name": "North"})

    assert answer.status_code == 422
    assert b"legal hold" in answer.content


def test_a_hold_stops_also_what_was_confirmed(two, databases):
    with outside(databases) as run:
        way_out = run.execute(
            "insert into governance_leaving (id, place_id, begun_by_id, begun_at, asked_by_id, confirmed_by_id, confirmed_at)"
            " values (gen_random_uuid(), %s, %s, now(), %s, %s, now()) returning id",
            [two.NORTH, two.CORA, two.CORA, NELL],
        ).fetchone()[0]
        run.execute(
            "insert into governance_legalhold (id, owner_id, data_class, reason, placed_by_id, placed_at)"
            " values (gen_random_uuid(), %s, '', 'A letter', %s, now())",
            [two.NORTH, two.CORA],
        )

    with pytest.raises(Refused) as refused:
        destroying.destroy(leaving_id=way_out)

    assert refused.value.word == "legal_hold"


def test_called_off_nothing_is_destroyed_and_the_export_goes(two, databases):
    before = owned(databases, two.NORTH)
    asked(two)
    signed_in("cora@example.org").post(way(two, "call-off"))
    from commonground.apps.governance.leaving.actions import sweep_exports

    in_a_thread(lambda: sweep_exports(now=timezone.now()))

    after = owned(databases, two.NORTH)
    assert {k: v for k, v in after.items() if k != "core_change"} == {
        k: v for k, v in before.items() if k != "core_change"
    }
    assert list((settings.DATA / "exports" / str(two.NORTH)).glob("*")) == []


def test_a_program_of_the_district_that_others_still_use_stops_it(two, databases):
    with outside(databases) as run:
        run.execute("update programs_offering set ends_on = current_date + 30")
        run.execute("set session_replication_role = replica")
        run.execute("update programs_offering set owner_id = %s", [two.NORTH])

    export_saved(two)
    answer = signed_in("cora@example.org").post(way(two, "ask"), {"name": "North"})

    assert answer.status_code == 422
    assert b"program" in answer.content
