"""What the tests of `core` share."""

import pytest


@pytest.fixture
def as_migrator():
    """Be the migrator, the role under which the operator's commands change people and roles, for a while."""
    from commonground.store.database import as_migrator

    return as_migrator
