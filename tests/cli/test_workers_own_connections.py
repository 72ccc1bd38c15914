"""The site's processes are forked: none may inherit a database connection, or two readers would get each other's rows."""

import argparse

import granian
import pytest
from django.db import connection

from commonground.cli import serve

pytestmark = pytest.mark.database


def test_no_connection_is_open_when_the_workers_are_forked(world, settings, monkeypatch):
    settings.ALLOWED_HOSTS = ["localhost"]
    found = []

    class Watched:
        def __init__(self, *_rest, **_settings):
            pass

        def serve(self):
            found.append((connection.connection, dict(connection._connection_pools)))

    monkeypatch.setattr(granian, "Granian", Watched)
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"pool": {"min_size": 1, "max_size": 2}})
    connection.close()

    status = serve.run(argparse.Namespace(address="127.0.0.1", port=1, workers=2, certificate=None, key=None))

    assert (status, found) == (0, [(None, {})])
