"""How an error is written into the log: where it happened and of what kind it was, never what it says.

What an error says may hold a child's values: the database names the row that it refused, Python the value that it did
not expect.
"""

import copy
import logging
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PlacesOnly(logging.Formatter):
    """Writes the lines of code that an error passed and its type; of the database's errors also their code."""

    def format(self, record: logging.LogRecord) -> str:
        # Another handler may have written the error down in full, and left it with the record.
        own = copy.copy(record)
        own.exc_text = None
        return super().format(own)

    def formatException(self, ei: Raised | Any) -> str:  # noqa: N802 - logging's name for it
        """The error and those that it came from, the earliest first."""
        return "\n".join(_told(ei[1])) if ei[1] is not None else ""


def _told(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _told(before)
        yield "which led to:"
    for place in traceback.extract_tb(error.__traceback__):
        yield f'  File "{place.filename}", line {place.lineno}, in {place.name}'
    kind, state = type(error), getattr(error, "sqlstate", None)
    yield f"{kind.__module__}.{kind.__qualname__}" + (f" ({state})" if state else "")
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _told(one)
