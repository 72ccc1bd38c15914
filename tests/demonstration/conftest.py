"""The demonstration is written once for all these tests."""

from datetime import date

import pytest

from commonground.demonstration import World, write_bundles

SEED, TODAY = 2027, date(2026, 11, 24)


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> World:
    return write_bundles(tmp_path_factory.mktemp("bundles"), seed=SEED, today=TODAY)
