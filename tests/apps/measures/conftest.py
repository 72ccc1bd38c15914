"""The seven West Central districts as members; what is changed past every wall."""

import pytest
from django.db import connection
from tests.apps.intake.conftest import fingerprints, sent, west  # noqa: F401 - fixtures
from tests.west_central import MEMBERS, runner

from commonground.apps.measures.queries import counts


@pytest.fixture
def arrange(world, databases):
    """`arrange("update ...", [values])`, past every wall."""
    return runner(databases.server.dsn(database=connection.settings_dict["NAME"]))


@pytest.fixture
def west_central(world):
    """The members of `tests/west_central.py`, which `world` brings for whoever asks for this; nothing is remembered of them."""
    counts._counts.cache_clear()
    return MEMBERS
