"""What the tests of intake share: sending small bundles as West's coordinator, and fingerprints of every table."""

import itertools

import pytest
from django.utils import timezone
from tests.formats.bundles import small, write_zip

from commonground.apps.intake import actions, receiving
from commonground.store.walls import enter


@pytest.fixture
def west(world, databases):
    """Wanda, coordinator of West, whose roster is empty."""
    from django.db import connections

    wanda = world.fixed("person-wanda")
    name = connections["default"].settings_dict["NAME"]
    databases.execute(
        f"insert into core_person (id, email, name, password, language, is_active, is_invented, created_at)"
        f" values ('{wanda}', 'wanda@example.org', 'Wanda', '!', '', true, true, now());"
        f"insert into core_rolegrant (id, person_id, role, organization_id, since)"
        f" values (gen_random_uuid(), '{wanda}', 'coordinator', '{world.WEST}', '2020-01-01')",
        database=name,
    )
    return wanda


@pytest.fixture
def sent(west, world, tmp_path):
    """Send a bundle for West and have it checked: `sent(bundle)` answers with the batch."""
    number = itertools.count()

    def send(bundle=None, *, path=None, apply=False, owner=None, by=None):
        owner, by = owner or world.WEST, by or west
        path = path or write_zip(bundle or small(), tmp_path / f"bundle-{next(number)}.zip")
        now = timezone.now()
        with enter(person=by, purpose="test"):
            batch = receiving.receive_file(owner_id=owner, blocks=path, label="bundle.zip", by=by, now=now)
        batch = actions.check_batch(batch_id=batch.pk, by=by, now=now)
        if apply:
            batch = actions.apply_batch(batch_id=batch.pk, by=by, now=now, tie=True)
        return batch

    return send


@pytest.fixture
def fingerprints(databases):
    """A checksum of every row of every walled table that is no ledger and no batch: `fingerprints()`."""
    from django.db import connections

    from commonground.store.walls import walled_models

    def take():
        name = connections["default"].settings_dict["NAME"]
        tables = [t for t in walled_models() if not t.startswith(("intake_", "core_change", "core_disclosure"))]
        return fingerprint_of(databases, tables, database=name)

    return take


def fingerprint_of(databases, tables: list[str], *, database: str) -> dict[str, tuple]:
    """Rows and a checksum of each table, in one statement."""
    each = (
        f"select '{table}', count(*), md5(coalesce(string_agg(t::text, '|' order by t.id), '')) from {table} t"
        for table in tables
    )
    return {table: rest for table, *rest in databases.execute(" union all ".join(each), database=database)}
