"""The reference of file formats: what is recognized, which files and columns are read, and what each problem does."""

from collections.abc import Iterator

from commonground.formats import Format, formats
from commonground.formats.problems import PROBLEMS, Outcome

OUTCOMES = {
    Outcome.REFUSED: "file refused",
    Outcome.HELD: "row held, with all that depends on it",
    Outcome.NOTE: "row accepted with a note",
    Outcome.LEFT_OUT: "row left out, and counted",
}


def format_page() -> Iterator[str]:
    """The lines of `formats.md`."""
    yield "A file is recognized by what is in it, never by its name. Columns that are not named here are passed over with a"
    yield "note and kept with the row. How to add a format: [howto](../howto/add-a-format.md)."
    for layout in formats():
        yield ""
        yield from _format(layout)
    yield ""
    yield "## What each problem does"
    yield ""
    yield "What is wrong and what to do stands in [problem codes](problem-codes.md)."
    yield ""
    yield "| code | outcome | example |"
    yield "|---|---|---|"
    for outcome, words in OUTCOMES.items():
        for problem in PROBLEMS.values():
            if problem.outcome is outcome:
                file, example = problem.example
                yield f"| `{problem.code}` | {words} | {f'{file}: `{example}`' if file.endswith('.csv') else example} |"


def _format(layout: Format) -> Iterator[str]:
    yield f"## {layout.title}"
    yield ""
    yield f"Stored with every batch as `{layout.key}`."
    for shape in layout.files:
        yield ""
        yield f"### {shape.name}"
        if not shape.columns:
            continue
        yield ""
        yield "| column | what it must hold |"
        yield "|---|---|"
        for column, asked in shape.columns.items():
            yield f"| `{column}` | {asked} |"
