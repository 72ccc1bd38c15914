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
from commonground.apps.measures.queries.members import members_of

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


def source_of(
    counted_id: UUID, *, grants: Sequence[Grant], on: date, district_id: str = "", what: str = "enrolled"
) -> Source | None:
    """The source of a number, None when it does not exist for the person: rosters are told to those who work with the district.

    district_id: state id, of a public table the one whose rows are asked. what: one of COUNTED. Five queries.
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
        runs = _roster_runs(counted, what) if newest == counted else []
        name = counted.owner.name
    else:
        runs = _table_runs(counted, district_id)
        name = next((m.name for m in members.values() if m.state_id == district_id), "") or _name_of(district_id)
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


def _roster_runs(counted: CountedFile, what: str) -> list[Run]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select number, label, file, first_line, last_line from cg.counted_lines(%s, %s)", [counted.owner_id, what]
        )
        return [Run(number, label or "", *rest) for number, label, *rest in cursor.fetchall()]


def _table_runs(counted: CountedFile, district_id: str) -> list[Run]:
    if counted.kind == CountedFile.Kind.BORDERS:
        lines = set(Border.objects.filter(batch_id=counted.batch_id).values_list("file", "line"))
    elif counted.kind == CountedFile.Kind.ENROLLMENT:
        rows = EnrollmentCount.objects.filter(batch_id=counted.batch_id)
        lines = set((rows.filter(district_id=district_id) if district_id else rows).values_list("file", "line"))
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
