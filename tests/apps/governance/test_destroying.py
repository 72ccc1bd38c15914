"""What two people of a district confirmed is destroyed: nothing of it is left, and nobody else loses anything."""

import datetime
import uuid

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from tests.apps.governance.leavers import (
    NELL,
    asked,
    confirmed,
    confirmed_without_export,
    fingerprints,
    first_batch,
    owned,
    way,
)
from tests.signing_in import signed_in
from tests.walls.test_every_policy import outside
from tests.working import finish_work, in_a_thread

from commonground.apps.core.asking import Refused, ask_database
from commonground.apps.core.chains import chain_ledgers, verify_ledger
from commonground.apps.core.models import Agreement, Event, Membership, RoleGrant
from commonground.apps.core.queries import member_districts
from commonground.apps.governance.leaving import destroying
from commonground.apps.governance.models import Leaving
from commonground.apps.intake import folders
from commonground.store.jobs import defer
from commonground.store.walls import enter

pytestmark = pytest.mark.database
STAYS = {"core_agreement", "core_change", "core_disclosureline"}
# Their numbers would tell how many families answered, and how much coach and teacher wrote.
UNTOLD = ("programs_mealsanswer", "coaching_entry")


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
    in_a_thread(lambda: chain_ledgers(now=timezone.now()))
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
            told = None if table in UNTOLD else count
            assert done.destroyed_counts.get(table, 0) == told, table
    with outside(databases) as run:
        assert run.execute(
            "select count(*) from core_change where owner_id = %s and old is not null", [two.NORTH]
        ).fetchone() == (0,)
    assert {k: v for k, v in fingerprints(databases, two.NORTH).items() if k != "core_change"} == others
    assert not (settings.BATCH_FOLDER / str(batch)).exists()
    assert not (settings.DATA / "lake" / f"owner={two.NORTH}").exists()
    assert not (settings.DATA / "exports" / str(two.NORTH)).exists()
    in_a_thread(lambda: chain_ledgers(now=timezone.now()))
    assert [verify_ledger(one).broken_at for one in ("change", "disclosure", "event")] == [None] * 3


def count_of_followers(run):
    return run.execute("select count(*) from intake_batch where follows_id is not null").fetchone()[0]


def test_no_certificate_tells_how_many_families_answered_about_meals_or_how_much_coaches_wrote(two, databases):
    """Nor does the line in the ledger of events, or the number of lines about changes that stay."""
    confirmed_without_export(two)
    destroying.destroy(leaving_id=Leaving.objects.get().pk)

    done = Leaving.objects.get()
    finished = Event.objects.get(kind="leaving.finished")
    with outside(databases) as run:
        lines = run.execute(
            "select count(*), count(*) filter (where table_name = any(%s)) from core_change where owner_id = %s",
            [list(UNTOLD), two.NORTH],
        ).fetchone()
        for table in UNTOLD:
            assert run.execute(f"select count(*) from {table} where owner_id = %s", [two.NORTH]).fetchone() == (0,)
            assert done.destroyed_counts[table] is finished.detail["destroyed"][table] is None
    assert lines[1] > 0
    assert done.kept_counts["core_change"] == lines[0] - lines[1]
    page = signed_in("nell@example.org").get(f"/collaborative/leaving/certificates/{done.pk}/").content.decode()
    assert all(f"<code>{table}</code>: all of it" in page for table in UNTOLD)


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
    assert sum(count for table, count in done.destroyed_counts.items() if table not in {"names", *UNTOLD}) == sum(
        count - (1 if table == "core_organization" else 0)
        for table, count in before.items()
        if table not in {*STAYS, *UNTOLD}
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


def test_names_cannot_be_taken_out_of_a_ledger_that_does_not_hold(two, databases):
    with enter(person=two.CORA, purpose="test"):
        from commonground.apps.governance.retention.actions import change_keeping, place_hold

        place_hold(place_id=two.NORTH, data_class="", student_id=None, reason="x" * 20, by=two.CORA, now=timezone.now())
        change_keeping(place_id=two.NORTH, data_class="audit", days=10, by=two.CORA, now=timezone.now())
        change_keeping(place_id=two.NORTH, data_class="audit", days=11, by=two.CORA, now=timezone.now())
    with outside(databases) as run:
        run.execute("delete from governance_legalhold")
    in_a_thread(lambda: chain_ledgers(now=timezone.now()))
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
