"""What a problem code says, and the four ways to write one down."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What becomes of the file or row. Nothing else can happen to one."""

    REFUSED = "refused"  # nothing of the bundle is read further
    HELD = "held"  # the row waits, with all that depends on it
    NOTE = "note"  # the row is accepted
    LEFT_OUT = "left_out"  # the row is counted and not taken


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


class Choice(StrEnum):
    """What a person may decide about a held row."""

    LEAVE_EMPTY = "leave_empty"  # accept the row with the doubtful field left empty
    TAKE_LAST = "take_last"  # of the rows with this id take the last of the file
    MONTH_FIRST = "month_first"  # read the date as month/day/year
    DAY_FIRST = "day_first"  # read the date as day/month/year
    TAKE = "take"  # accept the row as it is


@dataclass(frozen=True, slots=True)
class Problem:
    """One code. Without choices a held row waits until the district sends a corrected file.

    kind: archive, file, row, field, reference or district. example: (file of a bundle, a row to add to it) that brings
    the problem about, or (what, sentence) where no single row can. found_by: `formats`, or `intake` where the answer
    needs what was accepted before.
    """

    code: str
    outcome: Outcome
    kind: str
    wrong: str
    remedy: str
    example: tuple[str, str]
    choices: tuple[Choice, ...] = ()
    is_warning: bool = True
    found_by: str = "formats"

    @property
    def severity(self) -> Severity:
        if self.outcome in (Outcome.REFUSED, Outcome.HELD):
            return Severity.ERROR
        if self.outcome is Outcome.NOTE and self.is_warning:
            return Severity.WARNING
        return Severity.INFORMATION


def refused(
    code: str, kind: str, wrong: str, remedy: str, example: tuple[str, str], *, found_by: str = "formats"
) -> Problem:
    """The bundle is refused."""
    return Problem(code, Outcome.REFUSED, kind, wrong, remedy, example, found_by=found_by)


def held(
    code: str, kind: str, wrong: str, remedy: str, example: tuple[str, str], *choices: Choice, found_by: str = "formats"
) -> Problem:
    """The row waits."""
    return Problem(code, Outcome.HELD, kind, wrong, remedy, example, choices, found_by=found_by)


def note(
    code: str,
    kind: str,
    wrong: str,
    remedy: str,
    example: tuple[str, str],
    *,
    is_warning: bool = True,
    found_by: str = "formats",
) -> Problem:
    """The row is accepted, and somebody may want to know."""
    return Problem(code, Outcome.NOTE, kind, wrong, remedy, example, is_warning=is_warning, found_by=found_by)


def left_out(code: str, kind: str, wrong: str, remedy: str, example: tuple[str, str]) -> Problem:
    """The row is counted and not taken."""
    return Problem(code, Outcome.LEFT_OUT, kind, wrong, remedy, example)
