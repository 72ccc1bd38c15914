"""A backup restored elsewhere equals the original by checksum of every table, also under FORCE; damage is refused."""

import tarfile

import psycopg
import pytest
from django.db import connection as site

from commonground.store.backup import BackupFailed, RestoreFailed, back_up, restore

pytestmark = pytest.mark.database


def fingerprints(dsn):
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1"
        ).fetchall()
        return {
            t: connection.execute(
                f"select count(*), md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {t} t"
            ).fetchone()
            for (t,) in tables
        }


@pytest.fixture
def names(databases, world):
    from tests.conftest import FOLDER

    from commonground.store import roles
    from commonground.store.secrets import secret

    original, empty = site.settings_dict["NAME"], "cg_restored"
    passwords = {role: secret(FOLDER, f"{role}_password") for role in roles.SIGN_IN}
    roles.provision(roles.Connector(databases.server.dsn(database="postgres")), empty, passwords)
    yield original, empty
    databases.drop(empty)


def test_round_trip_is_equal_to_the_last_row_and_keeps_the_walls(databases, names, tmp_path):
    original, empty = names
    for name in ("batches", "agreements"):
        (tmp_path / "old" / name / "of a district").mkdir(parents=True)
    (tmp_path / "old" / "batches" / "of a district" / "sent").write_bytes(b"a file")
    (tmp_path / "old" / "agreements" / "of a district" / "signed.pdf").write_bytes(b"%PDF-1.7 the signed paper")
    server = databases.server

    back_up(dsn=server.dsn("cg_backup", original), files=tmp_path / "old", to=tmp_path / "backup.tar")
    restore(dsn=server.dsn("cg_migrator", empty), files=tmp_path / "new", backup=tmp_path / "backup.tar")

    assert fingerprints(server.dsn(database=empty)) == fingerprints(server.dsn(database=original))
    assert (tmp_path / "new" / "batches" / "of a district" / "sent").read_bytes() == b"a file"
    paper = tmp_path / "new" / "agreements" / "of a district" / "signed.pdf"
    assert paper.read_bytes() == b"%PDF-1.7 the signed paper"
    with psycopg.connect(server.dsn(database=empty)) as run:
        policies = "select tablename, policyname, qual, with_check from pg_policies order by 1, 2"
        with psycopg.connect(server.dsn(database=original)) as first:
            assert run.execute(policies).fetchall() == first.execute(policies).fetchall()


def test_a_backup_role_that_sees_nothing_makes_no_backup(databases, names, tmp_path):
    original, _ = names
    with psycopg.connect(databases.server.dsn(database=original), autocommit=True) as run:
        run.execute("truncate django_migrations, core_rolescope")

    with pytest.raises(BackupFailed):
        back_up(dsn=databases.server.dsn("cg_backup", original), files=tmp_path / "no", to=tmp_path / "backup.tar")

    assert list(tmp_path.iterdir()) == []


def test_a_full_house_is_never_overwritten(databases, names, tmp_path):
    original, _ = names
    back_up(dsn=databases.server.dsn("cg_backup", original), files=tmp_path / "no", to=tmp_path / "backup.tar")

    with pytest.raises(RestoreFailed, match="not empty"):
        restore(
            dsn=databases.server.dsn("cg_migrator", original), files=tmp_path / "new", backup=tmp_path / "backup.tar"
        )


def test_something_that_is_no_backup_is_refused(databases, names, tmp_path):
    with tarfile.open(tmp_path / "other.tar", "w"):
        pass

    with pytest.raises(RestoreFailed, match="not a backup"):
        restore(
            dsn=databases.server.dsn("cg_migrator", names[1]), files=tmp_path / "new", backup=tmp_path / "other.tar"
        )
