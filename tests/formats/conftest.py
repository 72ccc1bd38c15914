"""Reads bundles as intake does."""

from pathlib import Path

import pytest

from commonground.formats import Reading, read
from tests.formats.bundles import Bundle, write_folder


@pytest.fixture
def reading(tmp_path):
    """Reads a bundle; each call into a folder of its own."""
    made: list[Path] = []

    def run(bundle: Bundle, **arguments) -> Reading:
        folder = tmp_path / str(len(made))
        made.append(folder)
        return read(write_folder(bundle, folder / "bundle"), into=folder / "out", **arguments)

    return run
