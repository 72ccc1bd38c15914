"""Tables that people open in a spreadsheet program."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from django.http import HttpResponse

# A cell that begins so may be run as a formula by the program that opens the file.
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: object) -> str:
    """The value as text that no spreadsheet program runs: a quote goes before what could be a formula.

    >>> safe_cell('=HYPERLINK("x")')
    '\\'=HYPERLINK("x")'
    >>> safe_cell(None)
    ''
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(STARTS_FORMULA) else text


def csv_answer(head: Sequence[str], rows: Iterable[Sequence[object]], *, name: str) -> HttpResponse:
    """A CSV file to save. name: of the file, without its ending."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([safe_cell(cell) for cell in head])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    # The mark tells spreadsheet programs that the text is UTF-8.
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
