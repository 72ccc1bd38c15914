"""What a reader must find in a bundle, to the row: counted from the drawn people, not from any reader."""

from collections import Counter
from dataclasses import dataclass

from commonground.demonstration.defects import HELD, LEFT_OUT, Defect
from commonground.demonstration.oneroster import Tables
from commonground.demonstration.packing import Packed
from commonground.demonstration.records import Roster

TABLES = (
    *("school", "term", "course", "section", "student", "demographics", "staff", "staff_role"),
    *("guardian", "guardianship", "school_enrollment", "enrollment", "teaching"),
)


@dataclass(frozen=True)
class ExpectedFile:
    """One file of a bundle, by its path inside: rows read = accepted + held + left_out. The manifest is not counted."""

    file: str
    read: int
    accepted: int
    held: int
    left_out: int


@dataclass(frozen=True)
class Expected:
    """files: OneRoster name -> its rows. tables: roster table (TABLES) -> accepted rows."""

    files: dict[str, ExpectedFile]
    tables: dict[str, int]


def expected_files(tables: Tables, packed: Packed, defects: tuple[Defect, ...]) -> dict[str, ExpectedFile]:
    """The rows of every written file by outcome."""
    outcomes = Counter((defect.kind, defect.outcome) for defect in defects)
    files = {}
    for kind, table in tables.items():
        if kind != "manifest":
            held, left_out = outcomes[kind, HELD], outcomes[kind, LEFT_OUT]
            read = len(table.rows)
            files[kind] = ExpectedFile(packed.files[kind], read, read - held - left_out, held, left_out)
    return files


def expected_tables(roster: Roster, *, added: Counter[str]) -> dict[str, int]:
    """Accepted rows per roster table; added: what planted rows add or take away."""
    seats = sum(len(section.students) for section in roster.sections)
    tables = {
        "school": len(roster.schools),
        "term": 3,
        "course": len(roster.courses),
        "section": len(roster.sections),
        "student": len(roster.students),
        "demographics": len(roster.students),
        "staff": len(roster.staff),
        "staff_role": sum(max(1, len(person.schools)) for person in roster.staff),
        "guardian": len(roster.guardians),
        "guardianship": sum(len(guardian.students) for guardian in roster.guardians),
        "school_enrollment": len(roster.students),
        "enrollment": seats,
        "teaching": len(roster.sections),
    }
    return {table: count + added[table] for table, count in tables.items()}
