"""What the tests of governance share: rows of both districts in every walled table, programs, changes from outside."""

import pytest
from tests.apps.governance.leavers import second_coordinator
from tests.apps.home.conftest import arrange  # noqa: F401 - a fixture
from tests.apps.programs.conftest import gamma, outside  # noqa: F401 - fixtures
from tests.walls import test_every_policy as policies
from tests.walls.test_every_policy import full_world  # noqa: F401 - a fixture


@pytest.fixture
def two(full_world, databases):  # noqa: F811 - a fixture
    """Rows of both districts in every walled table, and a second coordinator of North."""
    with policies.outside(databases) as run:
        # Holds of the wall's own test: the district has none of its own, unless a test places one.
        run.execute("delete from governance_legalhold")
    second_coordinator(databases, full_world)
    return full_world


@pytest.fixture
def house(full_world, databases):  # noqa: F811 - a fixture
    with policies.outside(databases) as run:
        run.execute("delete from governance_legalhold")
        run.execute("delete from governance_keeping")
    return full_world
