"""A small district that leaves: North of `tests/world.py`, with a second coordinator who stands apart from Cora."""

import io
import re
import uuid
import zipfile

from django.utils import timezone
from tests.signing_in import signed_in
from tests.walls.test_every_policy import outside
from tests.working import finish_work
from tests.world import LONG_AGO, fixed

NELL = fixed("person-nell")


def second_coordinator(databases, world, *, given_by=None, since=LONG_AGO):
    """Nell coordinates North too."""
    with outside(databases) as run:
        run.execute(
            "insert into core_person (id, email, name, password, language, is_active, is_invented, created_at)"
            " values (%s, 'nell@example.org', 'Nell Coordinator', '!', '', true, true, now())",
            [NELL],
        )
        run.execute(
            "insert into core_rolegrant (id, person_id, role, organization_id, since, granted_by_id)"
            " values (%s, %s, 'coordinator', %s, %s, %s)",
            [uuid.uuid4(), NELL, world.NORTH, since, given_by],
        )


def way(world, *more, place="NORTH"):
    """An address of North's way out."""
    return "/collaborative/leaving/" + "/".join([str(getattr(world, place)), *more]) + "/"


def downloaded(world):
    """Cora has the export made and downloads it; the file's bytes."""
    cora = signed_in("cora@example.org")
    assert cora.post(way(world, "export")).status_code == 302
    finish_work()
    answer = cora.get(way(world, "export", "save"))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def number_in(export):
    """The number in the last part of an export."""
    with zipfile.ZipFile(io.BytesIO(export)) as archive:
        return re.search(r"\d{4} \d{4}", archive.read("number.txt").decode()).group()


def export_saved(world):
    """And she says by its number that it arrived."""
    export = downloaded(world)
    answer = signed_in("cora@example.org").post(way(world, "export", "arrived"), {"number": number_in(export)})
    assert answer.status_code == 302
    return export


def asked(world):
    """After the export, Cora asks."""
    export_saved(world)
    cora = signed_in("cora@example.org")
    assert cora.post(way(world, "ask"), {"name": "North"}).status_code == 302


def confirmed(world):
    """And Nell confirms; the destruction waits to be done."""
    asked(world)
    assert signed_in("nell@example.org").post(way(world, "confirm")).status_code == 302


def owned(databases, place, *, untold=()):
    """Rows by table that an owner has, asked of the catalog as superuser. untold: the condition for a row, by table."""
    with outside(databases) as run:
        tables = run.execute(
            "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'owner_id'"
        ).fetchall()
        return {
            table: run.execute(
                f"select count(*) from {table} where owner_id = %s and {dict(untold).get(table, 'true')}", [place]
            ).fetchone()[0]
            for (table,) in tables
        }


def fingerprints(databases, place):
    """A checksum of everything that other owners have in every table."""
    with outside(databases) as run:
        return {
            table: run.execute(
                f"select md5(coalesce(string_agg(t::text, '' order by t::text), '')) from {table} t where owner_id <> %s",
                [place],
            ).fetchone()[0]
            for table in owned(databases, place)
        }


def today():
    return timezone.localdate()


def confirmed_without_export(world):
    typed = {"name": "North", "without": "Everything stands in our own system."}
    assert signed_in("cora@example.org").post(way(world, "ask"), typed).status_code == 302
    assert signed_in("nell@example.org").post(way(world, "confirm")).status_code == 302


def first_batch(databases, world):
    with outside(databases) as run:
        return run.execute("select id from intake_batch where owner_id = %s", [world.NORTH]).fetchone()[0]
