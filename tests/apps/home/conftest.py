"""What the tests of `home` share: the named cast after North's first file."""

import json
import uuid

import pytest

BATCH = uuid.UUID("00000000-0000-4000-8000-00000000ba7c")


def as_superuser(databases, statement, values=()):
    """Run a statement past every wall, to arrange a world that no page could."""
    import psycopg
    from django.db import connection

    with psycopg.connect(databases.server.dsn(database=connection.settings_dict["NAME"]), autocommit=True) as outside:
        cursor = outside.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def arrange(world, databases):
    """`arrange("update ...", [values])`, past every wall."""

    def run(statement, values=()):
        return as_superuser(databases, statement, values)

    return run


@pytest.fixture
def after_first_file(world, arrange):
    """North's batch 1 was sent and applied by Cora; Amina stands in users.csv, line 12, her class in line 40."""
    summary = {"effects": {"student": {"new": 4, "changed": 0, "back": 0, "gone": 0, "unchanged": 0}}, "held": 2}
    arrange(
        "insert into intake_batch (id, owner_id, number, format, version, status, label, size_bytes, digest, step, summary,"
        " sent_by_id, sent_at, applied_by_id, applied_at) values"
        " (%s, %s, 1, 'oneroster', '1.1', 'applied', 'north.zip', 9, '', '', %s, %s, '2026-11-18 15:12Z', %s, '2026-11-18 15:20Z')",
        [BATCH, world.NORTH, json.dumps(summary), world.CORA, world.CORA],
    )
    for table, column, line in (
        ("roster_student", "id", 12),
        ("roster_enrollment", "student_id", 40),
        ("roster_schoolenrollment", "student_id", 12),
        ("roster_demographics", "student_id", 7),
        ("roster_guardianship", "student_id", 30),
    ):
        file = {"roster_enrollment": "enrollments.csv", "roster_demographics": "demographics.csv"}.get(
            table, "users.csv"
        )
        arrange(
            f"update {table} set batch_id = %s, file = %s, line = %s where {column} = %s",
            [BATCH, file, line, world.AMINA],
        )
    arrange("update roster_demographics set birth_on = '2013-05-01' where student_id = %s", [world.AMINA])
    return BATCH
