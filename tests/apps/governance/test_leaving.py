"""A district leaves: its export holds its rows, two people confirm, nothing of it is left, nobody else loses anything."""

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
from django.db import connection, transaction
from django.utils import timezone
from tests.apps.governance.leavers import (
    NELL,
    asked,
    confirmed,
    export_saved,
    fingerprints,
    owned,
    second_coordinator,
    way,
)
from tests.signing_in import signed_in
from tests.walls.test_every_policy import full_world, outside  # noqa: F401 - a fixture
from tests.working import finish_work, in_a_thread

from commonground.apps.core.asking import Refused, ask_database
from commonground.apps.core.chains import chain_ledgers, verify_ledger
from commonground.apps.core.models import Agreement, Event, Membership, RoleGrant
from commonground.apps.core.queries import member_districts
from commonground.apps.governance.leaving import destroying
from commonground.apps.governance.leaving.exporting import cell
from commonground.apps.governance.models import Leaving
from commonground.apps.intake import folders
from commonground.store.jobs import defer
from commonground.store.walls import enter

pytestmark = pytest.mark.database
STAYS = {"core_agreement", "core_change", "core_disclosureline"}


def now():
    return timezone.now()


@pytest.fixture
def two(full_world, databases):  # noqa: F811
    """Rows of both districts in every walled table, and a second coordinator of North."""
    with outside(databases) as run:
        # Holds of the wall's own test: the district has none of its own, unless a test places one.
        run.execute("delete from governance_legalhold")
    second_coordinator(databases, full_world)
    return full_world


def test_the_page_counts_what_goes_by_hand(two):
    """North has four children: Amina, Bjørn, Chue and Dee; one section, in which two of them are."""
    page = signed_in("cora@example.org").get(way(two)).context["page"]
    rows = {line.table: line.rows for line in page.goes}

    assert (rows["roster_student"], rows["roster_section"], rows["roster_enrollment"]) == (4, 1, 2)
    assert {line.table for line in page.stays} == STAYS
    # Cora, Nell, Priya, Theo, Lena, Ali; and those with a role without records: superintendent, coach, mentor, counselor,
    # interpreter, board, council, student.
    assert page.people_count == 6 + 8


@pytest.mark.parametrize(("email", "status"), [("ann", 403), ("ali", 403), ("dana", 403), ("otto", 404), ("cora", 200)])
def test_only_the_districts_coordinators_reach_its_way_out(two, email, status):
    client = signed_in(f"{email}@example.org")

    assert client.get(way(two)).status_code == status
    for step in ("export", "ask", "confirm", "call-off"):
        if status != 200:
            assert client.post(way(two, step), {"name": "North", "without": "x" * 30}).status_code == status
    assert status == 200 or not Leaving.objects.exists()


def test_the_export_holds_every_row_that_the_tables_hold(two, databases):
    expected = owned(databases, two.NORTH)
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
            rows = run.execute(f"select row_to_json(t) from {table} t where owner_id = %s", [two.NORTH]).fetchall()
            expected_rows = [{key: cell(value) for key, value in row.items()} for (row,) in rows]
            assert sorted(map(str, read)) == sorted(map(str, expected_rows)), table


def first_batch(databases, world):
    with outside(databases) as run:
        return run.execute("select id from intake_batch where owner_id = %s", [world.NORTH]).fetchone()[0]


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


def test_whoever_left_the_computer_alone_has_nothing_exported_saved_asked_or_confirmed(two, databases, monkeypatch):
    with outside(databases) as run:
        run.execute("update core_person set password = %s where id = %s", [make_password("north star"), two.CORA])
    client = signed_in("cora@example.org")
    client.post(way(two, "export"))
    later = now() + datetime.timedelta(minutes=6)
    monkeypatch.setattr(timezone, "now", lambda: later)
    typed = {"name": "North", "without": "Everything stands in our own system."}

    answers = [client.post(way(two, step), typed) for step in ("export", "ask", "confirm")]
    answers.append(client.get(way(two, "export", "save")))

    assert [answer.url.startswith("/account/confirm/") for answer in answers] == [True] * 4
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
        ask_database("note_export", way_out, 5, "a" * 64)
        ask_database("note_saved", way_out)
        ask_database("ask_leaving", way_out, "")
        ask_database("note_export", way_out, 0, "")

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
            now=now(),
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

    in_a_thread(lambda: sweep_exports(now=now()))

    after = owned(databases, two.NORTH)
    assert {k: v for k, v in after.items() if k != "core_change"} == {
        k: v for k, v in before.items() if k != "core_change"
    }
    assert list((settings.DATA / "exports" / str(two.NORTH)).glob("*")) == []


def test_confirmed_everything_of_the_district_is_gone_and_nothing_of_anybody_else(two, databases):
    batch = first_batch(databases, two)
    with outside(databases) as run:
        # Rows of it were decided twice: each time the batch is read again as a new one that follows it.
        for generation in (1, 2):
            run.execute(
                "insert into intake_batch select (jsonb_populate_record(b, jsonb_build_object("
                " 'id', gen_random_uuid(), 'number', b.number + 1, 'follows_id', b.id))).*"
                " from intake_batch b where owner_id = %s order by number desc limit 1",
                [two.NORTH],
            )
            assert count_of_followers(run) == generation
    folders.original(batch).write_bytes(b"sent")
    lake = settings.DATA / "lake" / f"owner={two.NORTH}" / "2026"
    lake.mkdir(parents=True)
    (lake / "student.parquet").write_bytes(b"rows")
    before = owned(databases, two.NORTH)
    in_a_thread(lambda: chain_ledgers(now=now()))
    others = {k: v for k, v in fingerprints(databases, two.NORTH).items() if k not in {"core_change"}}
    confirmed(two)

    finish_work()

    after = owned(databases, two.NORTH)
    done = Leaving.objects.get()
    assert done.destroyed_at is not None
    left = {table for table, count in after.items() if count}
    assert left <= STAYS | {"core_organization"}
    assert (
        after["core_organization"] == 1
    )  # North School: roles that have ended point to it; to the other school nothing does
    for table, count in before.items():
        if table not in left and table not in STAYS:
            assert done.destroyed_counts.get(table, 0) == count, table
    with outside(databases) as run:
        assert run.execute(
            "select count(*) from core_change where owner_id = %s and old is not null", [two.NORTH]
        ).fetchone() == (0,)
    assert {k: v for k, v in fingerprints(databases, two.NORTH).items() if k != "core_change"} == others
    assert not (settings.BATCH_FOLDER / str(batch)).exists()
    assert not (settings.DATA / "lake" / f"owner={two.NORTH}").exists()
    assert not (settings.DATA / "exports" / str(two.NORTH)).exists()
    in_a_thread(lambda: chain_ledgers(now=now()))
    assert [verify_ledger(one).broken_at for one in ("change", "disclosure", "event")] == [None] * 3


def count_of_followers(run):
    return run.execute("select count(*) from intake_batch where follows_id is not null").fetchone()[0]


def test_roles_agreements_and_membership_end_and_the_numbers_no_longer_count_it(two):
    confirmed(two)
    finish_work()
    from tests.apps.governance.leavers import today

    held = RoleGrant.objects.in_force(today()).filter(organization_id__in=[two.NORTH, two.NORTH_SCHOOL])
    assert set(held.values_list("person_id", flat=True)) == {two.CORA, NELL}
    assert not Agreement.objects.in_force(today()).filter(owner_id=two.NORTH).exists()
    assert not Membership.objects.in_force(today()).filter(organization_id=two.NORTH).exists()
    assert [one.name for one in member_districts(two.COLLABORATIVE, on=today())] == ["South"]


def test_its_own_sign_in_opens_nothing_but_the_certificate_to_the_two_for_thirty_days(two, databases):
    north, south = (f"{letter * 8}-0000-4000-8000-000000000000" for letter in "ab")
    with outside(databases) as run:
        for place, key in ((two.NORTH, north), (two.SOUTH, south)):
            run.execute(
                "insert into core_identityprovider"
                " (id, organization_id, name, issuer, client_id, sealed_secret, domains, is_on, changed_by_id, changed_at)"
                f" values ('{key}', '{place}', 'Own', 'https://{key}.example', 'c', 's', '{{example.org}}', true,"
                f" '{two.CORA}', now())"
            )
        for key, person in ((north, two.OTTO), (north, two.CORA), (south, two.OTTO)):
            run.execute(
                "insert into core_identity (id, provider_id, issuer, subject, person_id, linked_at)"
                f" values (gen_random_uuid(), '{key}', 'https://{key}.example', '{person}', '{person}', now())"
            )

    confirmed(two)

    def left():
        with outside(databases) as run:
            return run.execute(
                "select p.organization_id, p.domains, i.person_id from core_identityprovider p"
                " left join core_identity i on i.provider_id = p.id order by p.id"
            ).fetchall()

    souths = (two.SOUTH, ["example.org"], two.OTTO)
    assert left() == [(two.NORTH, [], two.CORA), souths]
    for days, expected in ((30, [(two.NORTH, [], two.CORA), souths]), (31, [souths])):
        with enter(person=two.CORA, purpose="test", role="job"), connection.cursor() as cursor:
            clock = timezone.localdate() + datetime.timedelta(days)
            cursor.execute("select set_config('cg.clock', %s, true)", [clock.isoformat()])
            ask_database("forget_sign_in", two.NORTH)
        assert left() == expected


def test_the_certificate_is_read_by_the_two_and_the_director_and_nobody_else(two):
    confirmed(two)
    with pytest.raises(Refused) as refused:
        join_again(two)
    assert refused.value.word == "being_destroyed"
    finish_work()
    address = f"/collaborative/leaving/certificates/{Leaving.objects.get().pk}/"

    assert [signed_in(f"{who}@example.org").get(address).status_code for who in ("cora", "nell", "dana", "otto")] == [
        200,
        200,
        200,
        404,
    ]
    page = signed_in("nell@example.org").get(way(two), follow=True)
    assert page.status_code == 200
    assert b"Certificate of destruction" in page.content
    assert b"Amina" not in page.content
    join_again(two)
    assert b"North can leave" in signed_in("nell@example.org").get(way(two)).content


def join_again(world):
    with enter(person=world.DANA, purpose="test"):
        ask_database("join_house", world.COLLABORATIVE, world.NORTH, "member", timezone.localdate())


def test_after_it_nothing_is_written_for_the_district_any_more(two):
    confirmed(two)
    finish_work()

    with enter(person=two.CORA, purpose="test"), connection.cursor() as cursor:
        cursor.execute("select cg.owners('roster', 'write')")
        assert cursor.fetchone() == ([],)


@pytest.mark.parametrize("stop_after", [7, 25])
def test_killed_in_the_middle_and_run_again_it_ends_the_same(two, databases, monkeypatch, stop_after):
    before = owned(databases, two.NORTH)
    confirmed(two)
    leaving = Leaving.objects.get()
    calls = 0

    class Killed(Exception):
        pass

    def dies(function, *values):
        nonlocal calls
        if function == "destroy_rows":
            calls += 1
            if calls > stop_after:
                raise Killed
        return ask_database(function, *values)

    with monkeypatch.context() as patched:
        patched.setattr(destroying, "ask_database", dies)
        with pytest.raises(Killed):
            destroying.destroy(leaving_id=leaving.pk)
    for _again in range(2):
        destroying.destroy(leaving_id=leaving.pk)

    done = Leaving.objects.get()
    assert sum(count for table, count in done.destroyed_counts.items() if table != "names") == sum(
        count - (1 if table == "core_organization" else 0) for table, count in before.items() if table not in STAYS
    )
    assert Event.objects.filter(kind="leaving.finished").count() == 1


def test_the_database_destroys_nothing_that_was_not_confirmed(two, databases):
    asked(two)
    before = owned(databases, two.NORTH)

    with pytest.raises(Refused), enter(person=two.CORA, purpose="test", role="job"):
        ask_database("destroy_rows", Leaving.objects.get().pk, "roster_student")
    destroying.destroy(leaving_id=Leaving.objects.get().pk)

    assert owned(databases, two.NORTH) == before


def test_a_new_table_with_an_owner_is_emptied_without_being_named(two, databases):
    """It has no wall and no rights: then the certificate is refused. With them its rows go."""
    with outside(databases) as run:
        run.execute("create table roster_diary (id uuid primary key, owner_id uuid not null, note text)")
        run.execute("insert into roster_diary values (gen_random_uuid(), %s, 'n')", [two.NORTH])
        run.execute("grant select on roster_diary to cg_scope")
    confirmed(two)

    with pytest.raises(Exception, match="permission denied"):
        destroying.destroy(leaving_id=Leaving.objects.get().pk)
    assert Leaving.objects.get().destroyed_at is None
    with outside(databases) as run:
        run.execute("grant delete on roster_diary to cg_scope")
    destroying.destroy(leaving_id=Leaving.objects.get().pk)

    assert owned(databases, two.NORTH)["roster_diary"] == 0
    assert Leaving.objects.get().destroyed_counts["roster_diary"] == 1


def test_a_program_of_the_district_that_others_still_use_stops_it(two, databases):
    with outside(databases) as run:
        run.execute("update programs_offering set ends_on = current_date + 30")
        run.execute("set session_replication_role = replica")
        run.execute("update programs_offering set owner_id = %s", [two.NORTH])

    export_saved(two)
    answer = signed_in("cora@example.org").post(way(two, "ask"), {"name": "North"})

    assert answer.status_code == 422
    assert b"program" in answer.content


def test_names_cannot_be_taken_out_of_a_ledger_that_does_not_hold(two, databases):
    with enter(person=two.CORA, purpose="test"):
        from commonground.apps.governance.retention.actions import change_keeping, place_hold

        place_hold(place_id=two.NORTH, data_class="", student_id=None, reason="x" * 20, by=two.CORA, now=now())
        change_keeping(place_id=two.NORTH, data_class="audit", days=10, by=two.CORA, now=now())
        change_keeping(place_id=two.NORTH, data_class="audit", days=11, by=two.CORA, now=now())
    with outside(databases) as run:
        run.execute("delete from governance_legalhold")
    in_a_thread(lambda: chain_ledgers(now=now()))
    confirmed(two)
    with outside(databases) as run:
        run.execute("update core_change set purpose = 'another' where number = (select min(number) from core_change)")

    with pytest.raises(Refused) as refused:
        destroying.destroy(leaving_id=Leaving.objects.get().pk)

    assert refused.value.word == "chain_broken"
    assert Leaving.objects.get().destroyed_at is None


def test_jobs_of_its_batches_that_wait_do_not_run_any_more(two, databases):
    batch = first_batch(databases, two)
    other = uuid.uuid4()
    with transaction.atomic():
        mine = defer("intake.check", batch_id=batch, person_id=two.CORA)
        others = defer("intake.check", batch_id=other, person_id=two.OTTO)
    confirmed_without_export(two)

    destroying.destroy(leaving_id=Leaving.objects.get().pk)

    with outside(databases) as run:
        states = dict(run.execute("select id, status::text from procrastinate_jobs").fetchall())
    assert (states[mine], states[others]) == ("cancelled", "todo")


def confirmed_without_export(world):
    typed = {"name": "North", "without": "Everything stands in our own system."}
    assert signed_in("cora@example.org").post(way(world, "ask"), typed).status_code == 302
    assert signed_in("nell@example.org").post(way(world, "confirm")).status_code == 302
