"""Files that other people designed: one module per layout, found by scanning, recognized by content."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from pkgutil import iter_modules

from commonground.formats.reading import Decision, FileCount, Format, Reading, Refused, Root

__all__ = ["Decision", "FileCount", "Format", "Reading", "Refused", "Root", "digest", "formats", "read", "recognize"]


def formats() -> tuple[Format, ...]:
    """Every layout that this installation reads: the `FORMAT` of each module in this folder that has one."""
    modules = (
        importlib.import_module(f"{__name__}.{found.name}")  # noqa: TID251 - a registry
        for found in sorted(iter_modules(__path__), key=lambda found: found.name)
    )
    return tuple(module.FORMAT for module in modules if hasattr(module, "FORMAT"))


def recognize(source: Path) -> Format:
    """The layout of an archive, folder or file. Raises Refused("format_unknown") where none fits, or a format's own refusal."""
    for layout in formats():
        if layout.recognize(source):
            return layout
    raise Refused("format_unknown")


def read(
    source: Path,
    *,
    into: Path,
    known: Path | None = None,
    decisions: Sequence[Decision] = (),
    memory_limit: str = "200MB",
    threads: int = 1,
) -> Reading:
    """Recognize a source and read it into Parquet files below `into` (see `reading`). Raises Refused.

    known: a folder with one `<table>.parquet` (source_id) per roster table of rows accepted earlier, so that references
    of a delta do not dangle; `org.parquet` (source_id) there holds the organizations that are no school.
    decisions: the releases made by people, all of them, each time. memory_limit, threads: of DuckDB.
    """
    layout = recognize(source)
    return layout.read(source, into=into, known=known, decisions=decisions, memory_limit=memory_limit, threads=threads)


def digest(source: Path) -> str:
    """The digest that `read` would give, at a fraction of its time: the same source sent again has the same. Raises Refused."""
    return recognize(source).digest(source)
