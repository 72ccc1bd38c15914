"""Where a reader works, so that it leaves either everything or nothing."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from commonground.formats.reading import Refused


@dataclass(frozen=True, slots=True)
class Workplace:
    """work: whatever is needed on the way. ready: files that will lie in the folder asked for, once all is done."""

    work: Path
    ready: Path


@contextmanager
def workplace(into: Path) -> Iterator[Workplace]:
    """A workplace below `into`. What is ready moves into it at the end; after an error nothing of it is left.

    Raises Refused("archive_size") where the memory given does not suffice.
    """
    place = Workplace(into / "work", into / "work" / "ready")
    place.ready.mkdir(parents=True, exist_ok=True)
    try:
        yield place
        for path in place.ready.iterdir():
            path.replace(into / path.name)
    except duckdb.OutOfMemoryException as error:
        raise Refused("archive_size") from error
    finally:
        shutil.rmtree(place.work, ignore_errors=True)
