"""`gamma`: the named cast's world with a GAMMA that runs this week (`arranged.py`)."""

import pytest
from tests.apps.programs import arranged


@pytest.fixture
def outside(world, databases):
    """A superuser's connection to the test's database: `.execute`."""
    import psycopg
    from django.db import connection

    with psycopg.connect(databases.server.dsn(database=connection.settings_dict["NAME"]), autocommit=True) as run:
        yield run


@pytest.fixture
def gamma(world, outside):
    """The cast's world with the arranged GAMMA, on its second day."""
    from django.utils import timezone

    arranged.arrange(outside.execute, today=timezone.localdate())
    return arranged
