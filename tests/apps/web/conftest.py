"""Tests of the web layer see the smallest site: no database, no apps above."""

from collections.abc import Iterator

import pytest
from tests.apps.web.small_site import small_site


@pytest.fixture(autouse=True)
def _small_site() -> Iterator[None]:
    with small_site():
        yield
