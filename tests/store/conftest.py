"""A data folder per test, whose server is stopped whatever happened."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from commonground.store import postgres


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder that does not exist yet."""
    folder = tmp_path / "data"
    yield folder
    if folder.exists():
        postgres.stop(folder)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account can reach by its path; pytest's own are closed to all but one."""
    folder = Path(tempfile.mkdtemp(prefix="cg-test-"))
    folder.chmod(0o755)
    yield folder
    for cluster in folder.rglob("PG_VERSION"):
        if cluster.parent.name == "postgres":
            postgres.stop(cluster.parents[1])
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def in_child() -> Callable[..., int]:
    """Run a function in a forked process, as another account when `user` is given; the answer is its exit status.

    Forked, because the interpreter itself may lie in a home that the other account cannot enter.
    """

    def run(function: Callable[[], object], *, user: int | None = None, group: int | None = None) -> int:
        child = os.fork()
        if child == 0:
            status = 70
            try:
                if user is not None and group is not None:
                    os.setgroups([])
                    os.setgid(group)
                    os.setuid(user)
                function()
                status = 0
            finally:
                os._exit(status)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    return run
