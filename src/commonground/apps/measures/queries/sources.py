"""Where a number comes from: the file, who sent it for whom, and the lines that were counted. Never a value."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from commonground.apps.core.models import Organization
from commonground.apps.core.queries import Grant
from commonground.apps.intake.models import Batch
from commonground.apps.measures.models import Border, CountedFile, EnrollmentCount
from commonground.apps.measures.queries.counts import EARLY_CHILDHOOD
from commonground.apps.measures.queries.members import members_of
from commonground.engine.law.states.mn.isolation_rules import EARLY_GRADES, Base

MOST_RUNS = 200
COUNTED = ("enrolled", "protected", "unknown")


@dataclass(frozen=True)
class Run:
    """Lines of one file that were counted, one after the other. number, label: of the batch that brought them."""

    number: int | None
    label: str
    file: str
    first_line: int
    last_line: int

    @property
    def count(self) -> int:
        return self.last_line - self.first_line + 1


@dataclass(frozen=True)
class Number:
    """Which number is asked. district: state id, "" for all of a table. what: one of COUNTED.

    year: the school year of a public table, None for all it holds. base, classifications: of the rule by which it was counted.
    """

    district: str = ""
    what: str = COUNTED[0]
    year: int | None = None
    base: Base = "PK-12"
    classifications: frozenset[str] | None = None


@dataclass(frozen=True)
class Source:
    """counted: the file. sender: the district it was sent for. district: whose number was asked, "" for all.

    runs: the lines counted, at most MOST_RUNS runs of them. run_count: how many runs there are. line_count: how many
    lines. can_open: whether the file's own page exists for the person.
    """

    counted: CountedFile
    sender: str
    district: str
    runs: tuple[Run, ...]
    run_count: int
    can_open: bool

    @property
    def line_count(self) -> int:
        return sum(run.count for run in self.runs)

    @property
    def is_whole(self) -> bool:
        return self.run_count == len(self.runs)


def source_of(counted_id: UUID, *, grants: Sequence[Grant], on: date, asked: Number) -> Source | None:
    """The source of a number, None when it does not exist for the person: rosters are told to those who work with the district.

    Five queries.
    """
    counted = CountedFile.objects.select_related("owner").filter(pk=counted_id).first()
    if counted is None:
        return None
    members = {member.id: member for member in members_of(grants, on=on)}
    if counted.kind == CountedFile.Kind.ROSTER:
        if counted.owner_id not in members:
            return None
        # The rows of an earlier count may have changed since: only the newest one can say its lines.
        newest = CountedFile.objects.filter(owner_id=counted.owner_id, kind=counted.kind).order_by("number").last()
        runs = _roster_runs(counted, asked) if newest == counted else []
        name = counted.owner.name
    else:
        runs = _table_runs(counted, asked)
        name = next((m.name for m in members.values() if m.state_id == asked.district), "") or _name_of(asked.district)
    return Source(
        counted=counted,
        sender=counted.owner.name,
        district=name,
        runs=tuple(runs[:MOST_RUNS]),
        run_count=len(runs),
        can_open=Batch.objects.filter(pk=counted.batch_id).exists(),
    )


def _name_of(district_id: str) -> str:
    if not district_id:
        return ""
    return (
        Organization.objects.filter(state_id=district_id, owner=None).values_list("name", flat=True).first()
        or district_id
    )


def _roster_runs(counted: CountedFile, asked: Number) -> list[Run]:
    """The lines of the students counted: those of a grade that the base leaves out are not."""
    early = [grade for grade, name in EARLY_CHILDHOOD.items() if name in EARLY_GRADES] + sorted(EARLY_GRADES)
    with connection.cursor() as cursor:
        cursor.execute(
            "select number, label, file, first_line, last_line from cg.counted_lines(%s, %s, %s)",
            [counted.owner_id, asked.what, early if asked.base == "K-12" else []],
        )
        return [Run(number, label or "", *rest) for number, label, *rest in cursor.fetchall()]


def _table_runs(counted: CountedFile, asked: Number) -> list[Run]:
    if counted.kind == CountedFile.Kind.BORDERS:
        lines = set(Border.objects.filter(batch_id=counted.batch_id).values_list("file", "line"))
    elif counted.kind == CountedFile.Kind.ENROLLMENT:
        lines = _lines_of_table(counted, asked)
    else:
        return []
    runs: list[Run] = []
    for file, line in sorted(lines):
        last = runs[-1] if runs else None
        if last and last.file == file and last.last_line == line - 1:
            runs[-1] = Run(last.number, last.label, file, last.first_line, line)
        else:
            runs.append(Run(counted.number, counted.label, file, line, line))
    return runs


def _lines_of_table(counted: CountedFile, asked: Number) -> set[tuple[str, int]]:
    """The lines that were counted: as `counts._table_rows` takes them, and as the rule does."""
    rows = EnrollmentCount.objects.filter(batch_id=counted.batch_id, protected__isnull=False, total__isnull=False)
    if asked.district:
        rows = rows.filter(district_id=asked.district)
    if asked.year:
        rows = rows.filter(school_year=asked.year)
    told = list(rows.values_list("school_year", "district_id", "school_id", "classification", "grade", "file", "line"))
    by_school = {(year, district) for year, district, school, *_rest in told if school}
    return {
        (file, line)
        for year, district, school, classification, grade, file, line in told
        if (school or (year, district) not in by_school)
        and not (asked.base == "K-12" and grade in EARLY_GRADES)
        and not (school and asked.classifications is not None and classification not in asked.classifications)
    }
