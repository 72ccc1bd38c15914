"""What the tests of `core` share."""

from contextlib import contextmanager

import pytest


@pytest.fixture
def as_migrator(databases):
    """Be the migrator, the role under which the launcher's commands change people and roles, for a while."""
    from django.db import connection, connections
    from tests.conftest import FOLDER

    from commonground.store.secrets import secret

    @contextmanager
    def entered():
        connection.close()
        settings = connections["default"].settings_dict
        before = settings["USER"], settings["PASSWORD"]
        settings.update(USER="cg_migrator", PASSWORD=secret(FOLDER, "cg_migrator_password"))
        try:
            yield
        finally:
            connection.close()
            settings.update(USER=before[0], PASSWORD=before[1])

    return entered
