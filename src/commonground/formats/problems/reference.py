"""The reference page of all problem codes, written from the table. `python -m` with this module's name prints it."""

from commonground.formats.problems import PROBLEMS, Outcome, Problem

HEADINGS = {
    Outcome.REFUSED: ("Refused", "Nothing of the bundle is read further, and nothing of it is loaded."),
    Outcome.HELD: (
        "Held",
        "The row waits, with every row that depends on it. A person may decide as named under *May be decided*; "
        "where that is empty, the row waits for a corrected file.",
    ),
    Outcome.NOTE: ("Accepted with a note", "The row is taken."),
    Outcome.LEFT_OUT: ("Left out", "The row is counted and not taken."),
}
CHOICES = {
    "leave_empty": "accept with the field left empty",
    "take_last": "take the last of these rows",
    "month_first": "read as month/day/year",
    "day_first": "read as day/month/year",
    "take": "accept as it is",
}


def reference_page() -> str:
    """Markdown for `docs/reference/problem-codes.md`."""
    lines = [
        "# Problem codes of intake",
        "",
        "Every row of a file that a district sends is accepted, held or left out, and every problem has one of these codes.",
        "This page is written from `src/commonground/formats/problems`; a test fails when the two differ.",
    ]
    for outcome, (title, meaning) in HEADINGS.items():
        found = [problem for problem in PROBLEMS.values() if problem.outcome is outcome]
        lines += ["", f"## {title}", "", meaning, ""]
        columns = ["Code", "About", "What is wrong", "What to do", "Example"]
        columns += ["May be decided"] if outcome is Outcome.HELD else []
        lines += [_row(columns), _row(["---"] * len(columns))]
        lines += [_row(_cells(problem)) for problem in found]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cells(problem: Problem) -> list[str]:
    file, example = problem.example
    shown = f"{file}: `{example}`" if file.endswith(".csv") and "," in example else example
    cells = [f"`{problem.code}`", problem.kind, problem.wrong, problem.remedy, shown]
    if problem.outcome is Outcome.HELD:
        cells.append("; ".join(CHOICES[choice] for choice in problem.choices))
    return cells


if __name__ == "__main__":
    print(reference_page(), end="")  # noqa: T201 - this is what running it is for
