"""Where the tests find the shared real files: beside the repository, or nowhere."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def shared_folder() -> Path | None:
    """The folder of shared material, or None where a user has only this repository."""
    named = os.environ.get("COMMONGROUND_SHARED")
    folder = Path(named) if named else ROOT.parent / "shared"
    return folder if (folder / "data").is_dir() else None


def shared_data(*parts: str) -> Path:
    """A file or folder below `data/`; skips the test (counted in the last line) where there is none."""
    folder = shared_folder()
    if folder is None:
        pytest.skip("the shared data folder is not here")
    return folder.joinpath("data", *parts)
