"""The catalog, and every policy dropped in turn: each drop must change what somebody can read or write.

What everybody can read and write is taken once, as the site's own sign-in role on committed data, and held against the
hand-written expectations of `test_entry.py`; then each policy is dropped alone, and the same picture must differ.
"""

import uuid

import psycopg
import pytest
from django.db import connection as site
from django.utils import timezone
from tests.apps.programs.arranged import OFFERING
from tests.apps.programs.arranged import arrange as arrange_gamma
from tests.conftest import FOLDER
from tests.world import LONG_AGO

from commonground.store.secrets import secret
from commonground.store.unwalled import UNWALLED
from commonground.store.walls import policies, walled_models

pytestmark = pytest.mark.database
PEOPLE = ("DANA", "CORA", "OTTO", "PRIYA", "THEO", "LENA", "ALI", "PAM", "PETE", "MILO", "COCO")


def outside(databases):
    """A superuser's connection to the test's database."""
    return psycopg.connect(databases.server.dsn(database=site.settings_dict["NAME"]), autocommit=True)


def sign_in(databases, role="cg_login"):
    return psycopg.connect(
        host=databases.server.host,
        port=databases.server.port,
        dbname=site.settings_dict["NAME"],
        user=role,
        password=secret(FOLDER, f"{role}_password"),
        autocommit=True,
    )


@pytest.fixture
def full_world(world, databases):
    """The named cast's world with rows of both districts in every walled table."""
    with outside(databases) as run:
        for owner, student, person in ((world.NORTH, world.AMINA, world.CORA), (world.SOUTH, world.ELIA, world.OTTO)):
            batch = uuid.uuid4()
            run.execute(
                "insert into intake_batch (id, owner_id, number, format, version, status, label, size_bytes, digest, step,"
                " summary, sent_by_id, sent_at) values (%s, %s, 1, 'oneroster', '1.1', 'checked', 'b', 1, '', '', '{}', %s, now())",
                [batch, owner, person],
            )
            for statement in (
                'insert into intake_problem (id, owner_id, batch_id, code, severity, outcome, file, line, "column", kind)'
                " values (gen_random_uuid(), %s, %s, 'c', 's', 'o', 'f', 1, '', '')",
                "insert into intake_heldrow (id, owner_id, batch_id, table_name, file, source_id, code, root_file, releasable)"
                " values (gen_random_uuid(), %s, %s, 't', 'f', 's', 'c', '', false)",
                "insert into intake_decision (id, owner_id, batch_id, code, file, choice, decided_by_id, decided_at)"
                " values (gen_random_uuid(), %s, %s, 'c', 'f', 'x', gen_random_uuid(), now())",
                "insert into intake_tie (id, owner_id, batch_id, format, root, tied_by_id, tied_at)"
                " values (gen_random_uuid(), %s, %s, 'oneroster', '[]', gen_random_uuid(), now())",
            ):
                run.execute(statement, [owner, batch])
            for table in ("roster_term", "roster_course"):
                kind = ", kind" if table == "roster_term" else ""
                run.execute(
                    f"insert into {table} (id, owner_id, source_id, file, title{kind})"
                    f" values (gen_random_uuid(), %s, 's', '', 'Title'{', chr(120)' if kind else ''})",
                    [owner],
                )
            run.execute(
                "insert into core_disclosureline (owner_id, student_id, person_id, role, organization_id, purpose, page, at)"
                " values (%s, %s, %s, 'director', %s, 'p', 'p', now())",
                [owner, student, world.DANA, owner],
            )
            run.execute(
                "insert into families_correction (id, owner_id, student_id, asked_by_id, about, words, asked_at, due_on,"
                " outcome, answer) values (gen_random_uuid(), %s, %s, %s, 'name', 'w', now(), now(), 'open', '')",
                [owner, student, world.ALI],
            )
            agreement = uuid.uuid4()
            run.execute(
                "insert into core_agreement (id, owner_id, collaborative_id, categories, ground, purpose, since, until,"
                " destroy_by, signed_by) values (%s, %s, %s, '{contact}', 'evaluation', 'p', now(), '2099-01-01', '2099-02-01', '')",
                [agreement, owner, world.COLLABORATIVE],
            )
            run.execute(
                "insert into governance_agreementfile (id, owner_id, agreement_id, size_bytes, digest, kept_by_id, kept_at)"
                " values (gen_random_uuid(), %s, %s, 1, '', %s, now())",
                [owner, agreement, person],
            )
            incident, packet = uuid.uuid4(), uuid.uuid4()
            found = {"owner_id": owner, "filed_by_id": person, "categories": ["roster"]}
            fill(run, "governance_incident", id=incident, **found)
            fill(run, "governance_packet", id=packet, incident_id=incident, house_id=world.COLLABORATIVE, **found)
            fill(
                run,
                "governance_packetline",
                owner_id=owner,
                packet_id=packet,
                student_id=student,
                pages=["p"],
                reached=["roster"],
            )
            fill(run, "governance_notice", owner_id=owner, recorded_by_id=person)
            fill(run, "governance_keeping", owner_id=owner, changed_by_id=person)
            fill(run, "governance_legalhold", owner_id=owner, student_id=student, placed_by_id=person)
            grant = run.execute(
                "select id from core_rolegrant where person_id = %s", [world.MILO if owner == world.NORTH else person]
            ).fetchone()[0]
            beside = {"owner_id": owner, "student_id": student}
            fill(run, "mentoring_caseload", grant_id=grant, since=LONG_AGO, given_by_id=person, **beside)
            fill(run, "mentoring_note", author_id=world.MILO if owner == world.NORTH else person, **beside)
            roles = dict(
                run.execute(
                    "select role, id from core_rolegrant where person_id = any (%s)", [[world.THEO, world.COCO]]
                ).fetchall()
            )
            pair = {
                "owner_id": owner,
                "teacher_id": world.THEO if owner == world.NORTH else person,
            }
            line = uuid.uuid4()
            fill(
                run,
                "coaching_coaching",
                id=line,
                teacher_grant_id=roles["teacher"],
                coach_grant_id=roles["coach"],
                since=LONG_AGO,
                given_by_id=person,
                **pair,
            )
            fill(
                run, "coaching_entry", coaching_id=line, coach_id=world.COCO, author_id=world.COCO, kind="talk", **pair
            )
            for table in ("countedfile", "rostercount", "schoolmixing", "enrollmentcount", "programcount", "border"):
                fill(run, f"measures_{table}", owner_id=owner, batch_id=batch)
        arrange_gamma(run.execute, today=timezone.localdate())
        counted = {"owner_id": world.COLLABORATIVE, "offering_id": OFFERING, "child_count": 12}
        fill(run, "programs_groupcount", **counted)
    return world


# Something for every column that must be filled, by type.
ANYTHING = {
    "text": "'x'",
    "character varying": "'x'",
    "uuid": "gen_random_uuid()",
    "date": "now()",
    "timestamp with time zone": "now()",
    "jsonb": "'[]'",
    "boolean": "false",
}


def fill(run, table, **values):
    """One row of a table, with these values and anything else where something must stand."""
    needed = run.execute(
        "select column_name, data_type from information_schema.columns"
        " where table_name = %s and is_nullable = 'NO' and column_default is null and column_name <> all(%s)",
        [table, list(values)],
    ).fetchall()
    columns = ", ".join(f'"{name}"' for name in [*values, *(name for name, _ in needed)])
    parts = ", ".join([*["%s"] * len(values), *(ANYTHING.get(kind, "1") for _, kind in needed)])
    run.execute(f"insert into {table} ({columns}) values ({parts})", list(values.values()))


def enter(cursor, person, role):
    cursor.execute(
        "select set_config('cg.user', %s, true), set_config('cg.purpose', 'test', true), set_config('role', %s, true)",
        [str(person), f"cg_{role}"],
    )


def outcome(connection, statement, person=None, role=None):
    """What a statement answers inside a transaction that is rolled back: its rows, a count, or the error's code."""
    try:
        with connection.transaction(force_rollback=True), connection.cursor() as cursor:
            if person is not None:
                enter(cursor, person, role)
            cursor.execute(statement)
            return sorted(map(str, cursor.fetchall())) if cursor.description else cursor.rowcount
    except psycopg.Error as error:
        return error.sqlstate


def picture(databases, world, table, model):
    """Everything that anybody can read and write in one table."""
    wall = vars(model)["wall"]
    key = model._meta.pk.column
    seen = {}
    with (
        sign_in(databases) as login,
        sign_in(databases, "cg_migrator") as migrator,
        sign_in(databases, "cg_backup") as backup,
    ):
        seen["login"] = outcome(login, f"select {key} from {table}")
        for name in PEOPLE:
            seen[name] = outcome(login, f"select {key} from {table}", getattr(world, name), "web")
        seen["migrator"] = outcome(migrator, f"select {key} from {table}")
        seen["migrator writes"] = outcome(migrator, f"update {table} set owner_id = owner_id")
        seen["migrator deletes"] = outcome(migrator, f"delete from {table}")
        seen["backup"] = outcome(backup, f"select {key} from {table}")
        with outside(databases) as superuser, superuser.transaction(force_rollback=True):
            superuser.execute("set local role cg_scope")
            seen["scope"] = superuser.execute(f"select count(*) from {table}").fetchone()
        for role in {*wall.written_by, *wall.appended_by}:
            for name in ("CORA", "OTTO", "PAM"):
                person = getattr(world, name)
                seen[role, name, "update"] = outcome(login, f"update {table} set {key} = {key}", person, role)
                seen[role, name, "delete"] = outcome(login, f"delete from {table}", person, role)
                again = f"insert into {table} select * from {table} where owner_id is not null limit 1"
                if wall.appended_by:
                    again = (
                        "insert into core_disclosureline (owner_id, student_id, person_id, role, organization_id, purpose, page, at)"
                        f" values ('{world.NORTH}', '{world.AMINA}', '{person}', 'r', '{world.NORTH}', 'p', 'p', now())"
                    )
                seen[role, name, "insert"] = outcome(login, again, person, role)
        for write in wall.related_writes:
            for name in ("ALI", "PETE", "PAM", "LENA"):
                statement = (
                    f"update {table} set {key} = {key}"
                    if write.command == "update"
                    else f"insert into {table} select * from {table} where {write.signed} = '{getattr(world, name)}' limit 1"
                )
                seen["related", write.command, name] = outcome(login, statement, getattr(world, name), "web")
        if "insert" in wall.by_functions:
            with outside(databases) as superuser, superuser.transaction(force_rollback=True):
                superuser.execute("set local role cg_scope")
                seen["functions add"] = outcome(superuser, f"insert into {table} select * from {table} limit 1")
        if "update" in wall.by_functions:
            with outside(databases) as superuser, superuser.transaction(force_rollback=True):
                superuser.execute("set local role cg_scope")
                seen["functions"] = outcome(superuser, f"update {table} set {key} = {key}")
        if wall.ledger:
            with outside(databases) as superuser, superuser.transaction(force_rollback=True):
                superuser.execute("set local role cg_scope")
                seen["names out"] = outcome(superuser, f"update {table} set old = null")
        elif not wall.appended_by:
            with outside(databases) as superuser, superuser.transaction(force_rollback=True):
                superuser.execute("set local role cg_scope; set constraints all deferred")
                seen["destroyed"] = outcome(superuser, f"delete from {table}")
        if wall.ledger:
            with outside(databases) as superuser, superuser.transaction(force_rollback=True):
                superuser.execute("set local role cg_scope")
                seen["kept"] = outcome(
                    superuser,
                    "insert into core_change (owner_id, table_name, row_id, operation, purpose, at)"
                    f" values ('{world.NORTH}', 't', gen_random_uuid(), 'I', '', now())",
                )
    return seen


def test_each_policy_dropped_alone_changes_what_somebody_can_do(full_world, databases, mutation):
    survivors, dropped = [], 0
    for table, model in walled_models().items():
        whole = picture(databases, full_world, table, model)
        for name, statement in policies(model).items():
            with outside(databases) as run:
                run.execute(f'drop policy "{name}" on {table}')
            dropped += 1
            without = picture(databases, full_world, table, model)
            noticed = [asked for asked, answer in whole.items() if without[asked] != answer]
            mutation(f"{table}: without {name}", noticed)
            if not noticed:
                survivors.append(f"{table}: {name}")
            with outside(databases) as run:
                run.execute(statement)

    mutation.end(dropped, len(survivors))
    assert not survivors, f"{len(survivors)} of {dropped} policies can be dropped and nobody notices: {survivors}"
    assert dropped >= 8 * 15


def test_row_security_switched_off_is_noticed_on_every_table(full_world, databases):
    for table, model in walled_models().items():
        whole = picture(databases, full_world, table, model)
        with outside(databases) as run:
            run.execute(f"alter table {table} disable row level security")
        assert picture(databases, full_world, table, model) != whole, table
        with outside(databases) as run:
            run.execute(f"alter table {table} enable row level security")


def test_every_table_is_walled_or_listed_with_a_reason(world, databases):
    with outside(databases) as run:
        tables = run.execute(
            "select relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) from pg_class"
            " where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
        ).fetchall()

    walled = walled_models()
    assert {name for name, *_ in tables} == {*walled, *UNWALLED}
    assert {name for name, enabled, forced, _ in tables if enabled and forced} == set(walled)
    assert {owner for *_, owner in tables} == {"cg_owner"}
    assert all(len(listed.reason) > 10 for listed in UNWALLED.values())


def test_a_new_table_with_a_person_and_no_wall_is_red(database, databases):
    from commonground.store.database import as_migrator
    from commonground.store.walls import WallMissing, raise_walls

    with as_migrator():
        with site.cursor() as cursor:
            cursor.execute("create table roster_diary (id uuid primary key, student_id uuid, note text)")
        with pytest.raises(WallMissing, match="roster_diary"):
            raise_walls()

    with sign_in(databases) as login:
        assert outcome(login, "select 1 from roster_diary") == "42501"


def test_no_acting_role_may_pass_walls(world, databases):
    with outside(databases) as run:
        strong = run.execute(
            "select rolname from pg_roles where rolname like 'cg\\_%' and (rolsuper or rolbypassrls or rolcreaterole)"
        ).fetchall()

    assert strong == []


def test_keys_between_walled_tables_hold_the_owner(world, databases):
    """A row of South cannot point to a student of North."""
    with outside(databases) as run, pytest.raises(psycopg.errors.ForeignKeyViolation):
        run.execute(
            "insert into roster_demographics (id, owner_id, source_id, file, student_id)"
            " values (gen_random_uuid(), %s, 'x', '', %s)",
            [world.SOUTH, world.AMINA],
        )


def test_an_agreement_ends_by_the_clock(world, databases):
    """The day after the agreement's last day, nothing is there for the director; only a test's role may move the day."""
    count = "select count(*) from roster_student"
    with sign_in(databases) as login, login.transaction(force_rollback=True), login.cursor() as cursor:
        enter(cursor, world.DANA, "web")
        before = cursor.execute(count).fetchone()
        cursor.execute("select set_config('cg.clock', '2099-07-01', true)")
        after = cursor.execute(count).fetchone()

    assert (before, after) == ((4,), (0,))


def test_without_the_clocks_role_the_day_cannot_be_moved(world, databases):
    with outside(databases) as run:
        run.execute("revoke cg_clock from cg_login")
    try:
        with sign_in(databases) as login, login.transaction(force_rollback=True), login.cursor() as cursor:
            enter(cursor, world.DANA, "web")
            cursor.execute("select set_config('cg.clock', '2099-07-01', true)")
            assert cursor.execute("select count(*) from roster_student").fetchone() == (4,)
    finally:
        with outside(databases) as run:
            run.execute("grant cg_clock to cg_login with inherit false, set false")
