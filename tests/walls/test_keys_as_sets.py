"""New rows of a batch have their keys checked as sets, by one function, under the owner's lock, and nowhere else."""

import psycopg
import pytest
from tests.conftest import FOLDER
from tests.walls.test_every_policy import enter, outside, sign_in

from commonground.store import roles
from commonground.store.secrets import secret

pytestmark = pytest.mark.database
COLUMNS = "id, source_id, file, student_id"


def new_rows(cursor, *students, columns=COLUMNS):
    """Rows of demographics in a temporary table, as intake brings them."""
    cursor.execute(
        f"create temp table new_rows on commit drop as select {columns} from roster_demographics with no data;"
        "grant select on new_rows to cg_keys"
    )
    for number, student in enumerate(students):
        cursor.execute(
            "insert into new_rows (id, source_id, file, student_id) values (gen_random_uuid(), %s, '', %s)",
            [f"new-{number}", student],
        )


def insert(cursor, owner, *, target="roster_demographics", source="pg_temp.new_rows"):
    return cursor.execute(
        "select cg.insert_rows(%s::regclass, %s::regclass, %s, gen_random_uuid())", [target, source, owner]
    ).fetchone()[0]


@pytest.fixture
def loader(world, databases):
    """A cursor inside a transaction of Cora's, coordinator of North, as the loader; rolled back."""
    with sign_in(databases) as login, login.transaction(force_rollback=True), login.cursor() as cursor:
        enter(cursor, world.CORA, "loader")
        yield cursor


@pytest.fixture(params=[True, False], ids=["as sets", "row by row"])
def either_way(request, databases):
    """Once as sets, and once on a server that does not let cg_keys do so."""
    if not request.param:
        with outside(databases) as run:
            run.execute("revoke set on parameter session_replication_role from cg_keys")
    yield
    with outside(databases) as run:
        run.execute("grant set on parameter session_replication_role to cg_keys")


def test_rows_whose_parents_are_there_are_written(either_way, world, loader):
    new_rows(loader, world.AMINA)

    assert insert(loader, world.NORTH) == 1
    assert loader.execute(
        "select owner_id::text, student_id::text from roster_demographics where source_id = 'new-0'"
    ).fetchall() == [(str(world.NORTH), str(world.AMINA))]


def test_a_row_that_points_to_nothing_is_refused(either_way, world, loader):
    new_rows(loader, world.AMINA, world.fixed("nobody"))

    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="student_id_within_owner"):
        insert(loader, world.NORTH)


def test_a_row_that_points_into_another_district_is_refused(either_way, world, loader):
    # Elia is a student of South: the key holds the owner, too.
    new_rows(loader, world.ELIA)

    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="student_id_within_owner"):
        insert(loader, world.NORTH)


def test_nobody_writes_for_another_district(either_way, world, loader):
    new_rows(loader, world.ELIA)

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        insert(loader, world.SOUTH)


def test_afterwards_keys_are_checked_row_by_row_again(world, loader):
    new_rows(loader, world.AMINA)
    insert(loader, world.NORTH)

    assert loader.execute("show session_replication_role").fetchone() == ("origin",)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        loader.execute(
            "insert into roster_demographics (id, owner_id, batch_id, source_id, file, student_id)"
            " values (gen_random_uuid(), %s, gen_random_uuid(), 'x', '', %s)",
            [world.NORTH, world.ELIA],
        )


@pytest.mark.parametrize("role", ["web", "job", "report"])
def test_only_the_loader_may_call_it(role, world, databases):
    with sign_in(databases) as login, login.transaction(force_rollback=True), login.cursor() as cursor:
        enter(cursor, world.CORA, role)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="insert_rows"):
            insert(cursor, world.NORTH, source="roster_demographics")


@pytest.mark.parametrize("role", ["cg_login", "cg_web", "cg_job", "cg_loader"])
def test_nobody_may_switch_the_keys_off_or_become_the_role_that_does(role, world, databases):
    for statement in ("set local session_replication_role = replica", "set local role cg_keys"):
        with sign_in(databases) as login, login.transaction(force_rollback=True):
            login.execute("select set_config('role', %s, true)", [role])
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                login.execute(statement)


@pytest.mark.parametrize(
    "source",
    [
        "create temp view new_rows as select id, source_id, file, student_id from roster_demographics",
        "create temp table new_rows (id uuid, source_id text, file text, student_id uuid); alter table new_rows enable row level security",
        "create temp table new_rows (id uuid, source_id text, file text, student_id text)",
        "create temp table new_rows (id uuid, source_id text, file text, student_id uuid, nonsense text)",
    ],
    ids=["a view", "a table with policies", "a column of another type", "a column that the table lacks"],
)
def test_new_rows_come_from_plain_data_only(source, world, loader):
    loader.execute(source)
    loader.execute("grant select on new_rows to cg_keys")

    with pytest.raises(psycopg.Error) as refused:
        insert(loader, world.NORTH)

    assert refused.value.sqlstate in {"42809", "42804"}


def test_who_deletes_waits_for_who_inserts(world, loader, databases):
    new_rows(loader, world.AMINA)
    insert(loader, world.NORTH)

    with sign_in(databases) as other, other.transaction(force_rollback=True), other.cursor() as cursor:
        enter(cursor, world.CORA, "loader")
        cursor.execute("set local lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            cursor.execute("delete from roster_student where source_id = 'nobody has this id'")


def test_a_server_without_a_superuser_is_provisioned_all_the_same(databases, template):
    """The administrator of a managed server may not grant the parameter; nothing else is lost."""
    administrator = "cg_test_administrator"
    databases.execute(f"create role {administrator} login password 'x' createrole createdb")
    passwords = {role: secret(FOLDER, f"{role}_password") for role in roles.SIGN_IN}
    grant = [text.as_string(None) for text in roles.statements(template, passwords)][-1]
    try:
        with psycopg.connect(
            host=databases.server.host,
            port=databases.server.port,
            dbname="postgres",
            user=administrator,
            password="x",
            autocommit=True,
        ) as connection:
            notices = []
            connection.add_notice_handler(lambda notice: notices.append(notice.message_primary))
            connection.execute(grant)
    finally:
        databases.execute(f"drop role {administrator}")

    assert any("row by row" in notice for notice in notices)
