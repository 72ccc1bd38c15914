"""Reads about batches: history, what a preview shows, and where a row of the roster came from."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from commonground.apps.core.models import Organization, Person
from commonground.apps.intake import folders
from commonground.apps.intake.effects import ROSTER
from commonground.apps.intake.models import Batch, HeldRow, Tie
from commonground.apps.intake.tables import TABLES
from commonground.formats import boundaries, mn_enrollment
from commonground.formats.problems import PROBLEMS, Choice

PAGE = 50
DEPENDS_ON_HELD = "depends_on_held"
TABLE_NAMES: dict[str, str | Promise] = {
    "school": gettext_lazy("Schools"),
    "term": gettext_lazy("Terms"),
    "course": gettext_lazy("Courses"),
    "section": gettext_lazy("Classes"),
    "student": gettext_lazy("Students"),
    "demographics": gettext_lazy("Demographics"),
    "staff": gettext_lazy("Staff"),
    "staff_role": gettext_lazy("Staff roles"),
    "guardian": gettext_lazy("Guardians"),
    "guardianship": gettext_lazy("Guardians of students"),
    "school_enrollment": gettext_lazy("Students at schools"),
    "enrollment": gettext_lazy("Students in classes"),
    "teaching": gettext_lazy("Teachers in classes"),
    "enrollment_count": gettext_lazy("Public counts by school, grade and group"),
    "program_count": gettext_lazy("Public counts by meals, language and special education"),
    "border": gettext_lazy("Borders that two districts share"),
}
LAYOUT_NAMES: dict[str, str | Promise] = {
    mn_enrollment.KEY: gettext_lazy("Minnesota enrollment table"),
    boundaries.KEY: gettext_lazy("District borders"),
}
# Tables of other work that may point to rows of a bundle.
OTHER_NAMES: dict[str, str | Promise] = {
    "roster_link": gettext_lazy("Accounts that people sign in with"),
    "mentoring_caseload": gettext_lazy("Who walks beside whom"),
}
CHOICE_NAMES: dict[str, str | Promise] = {
    Choice.LEAVE_EMPTY: pgettext_lazy("what to do with held rows", "Take them and leave the field empty"),
    Choice.TAKE_LAST: pgettext_lazy("what to do with held rows", "Take the last of the rows"),
    Choice.MONTH_FIRST: pgettext_lazy("what to do with held rows", "Read the date as month, day, year"),
    Choice.DAY_FIRST: pgettext_lazy("what to do with held rows", "Read the date as day, month, year"),
    Choice.TAKE: pgettext_lazy("what to do with held rows", "Take them as they are"),
}


@dataclass(frozen=True)
class Cause:
    """One cause of problems: what is wrong, what to do, where, and what a person may decide."""

    code: str
    outcome: str
    file: str
    count: int
    wrong: str
    remedy: str
    first_lines: tuple[int, ...] = ()
    column: str = ""
    waiting: int = 0
    choices: tuple[tuple[str, str | Promise], ...] = ()

    @property
    def lines(self) -> str:
        """The first lines, as text."""
        return ", ".join(str(line) for line in self.first_lines)

    @property
    def has_more_lines(self) -> bool:
        """Whether there are lines besides the first ones."""
        return self.count > len(self.first_lines)


@dataclass(frozen=True)
class EffectRow:
    """One line of what would change. name: of the table, as people say."""

    name: str | Promise
    new: int
    changed: int
    back: int
    gone: int
    unchanged: int


@dataclass(frozen=True)
class NeededRows:
    """Rows of an undone batch that were ended instead of deleted, and the work that points to them."""

    name: str | Promise
    needed_by: str | Promise
    count: int


@dataclass(frozen=True)
class Preview:
    """Everything the page of a batch shows besides the batch itself.

    is_old: another batch of the district was applied or undone since this one was checked.
    can_be_decided: whether a decision about held rows would be about what stands in the roster or is to come.
    school_years: as people write them, "2026–27". layout: what kind of file it is, "" while nobody knows.
    """

    district: str
    sender: str
    held: tuple[Cause, ...] = ()
    left_out: tuple[Cause, ...] = ()
    notes: tuple[Cause, ...] = ()
    refusal: Cause | None = None
    file_is_kept: bool = False
    effects: tuple[EffectRow, ...] = ()
    leavers: tuple[dict[str, Any], ...] = ()
    is_first: bool = False
    is_old: bool = False
    can_be_undone: bool = False
    can_be_decided: bool = False
    still_needed: tuple[NeededRows, ...] = ()
    school_years: tuple[str, ...] = ()
    layout: str | Promise = ""


def is_first(batch: Batch) -> bool:
    """Whether no bundle has been tied to the district. Public tables need no tie: they are nobody's own."""
    return batch.format == ROSTER and not Tie.objects.filter(owner_id=batch.owner_id, format=batch.format).exists()


def latest_applied(batch: Batch) -> Batch | None:
    """The newest applied batch of the same source: the only one that can be undone."""
    return Batch.objects.applied().of_source(owner_id=batch.owner_id, format=batch.format).first()


def compared_with(batch: Batch) -> list[int]:
    """The numbers of the owner's other batches that are applied now."""
    applied = Batch.objects.applied().filter(owner_id=batch.owner_id).exclude(pk=batch.pk)
    return sorted(applied.values_list("number", flat=True))


def is_old(batch: Batch) -> bool:
    """Whether a checked batch was compared with a roster that has changed since."""
    return batch.status == Batch.Status.CHECKED and compared_with(batch) != batch.summary.get("base", [])


def can_be_decided(batch: Batch) -> bool:
    """Whether held rows of this batch can still be released: before it is applied, or while it is the latest."""
    return batch.status == Batch.Status.CHECKED or (
        batch.status == Batch.Status.APPLIED and latest_applied(batch) == batch
    )


def history(*, page: str | None, status: str = "", owner_id: UUID | None = None) -> tuple[Page, dict[UUID, str]]:
    """One page of the batches that exist for the acting person, newest first, and the names of their districts.

    status, owner_id: only those; "" and None leave everything in. Three queries.
    """
    batches = Batch.objects.order_by("-sent_at", "-number")
    if status:
        batches = batches.filter(status=status)
    if owner_id:
        batches = batches.filter(owner_id=owner_id)
    shown = Paginator(batches, PAGE).get_page(page)
    owners = {batch.owner_id for batch in shown}
    return shown, dict(Organization.objects.filter(pk__in=owners).values_list("pk", "name"))


def senders() -> list[tuple[UUID, str]]:
    """The districts that have sent a file, by name."""
    owners = Batch.objects.order_by().values("owner_id").distinct()
    return list(Organization.objects.filter(pk__in=owners).order_by("name").values_list("pk", "name"))


def preview(batch: Batch) -> Preview:
    """What the page of this batch shows."""
    summary = batch.summary
    causes = [_cause(group) for group in summary.get("problems", [])]
    return Preview(
        district=Organization.objects.get(pk=batch.owner_id).name,
        sender=_name(batch.sent_by_id),
        held=tuple(_cause(group | {"outcome": "held"}) for group in summary.get("held_causes", [])),
        left_out=tuple(c for c in causes if c.outcome == "left_out"),
        notes=tuple(c for c in causes if c.outcome == "note"),
        refusal=_refusal(batch),
        file_is_kept=folders.has_files(batch.pk),
        effects=tuple(
            EffectRow(TABLE_NAMES[name], **summary["effects"][name])
            for name in TABLE_NAMES
            if any(summary.get("effects", {}).get(name, {}).values())
        ),
        leavers=tuple(summary.get("leavers", [])),
        is_first=batch.status == Batch.Status.CHECKED and is_first(batch),
        is_old=is_old(batch),
        can_be_undone=batch.status == Batch.Status.APPLIED and latest_applied(batch) == batch,
        can_be_decided=can_be_decided(batch),
        still_needed=tuple(
            NeededRows(TABLE_NAMES[row["table"]], table_words(row["needed_by"]), row["count"])
            for row in (batch.undo_report or {}).get("still_needed", [])
        ),
        school_years=tuple(_year_words(year) for year in summary.get("school_years", [])),
        layout=LAYOUT_NAMES.get(batch.format) or (f"OneRoster {batch.version}" if batch.format == ROSTER else ""),
    )


def table_words(db_table: str) -> str | Promise:
    """What people call the rows of a table of the database."""
    for table in TABLES:
        if table.db_table == db_table:
            return TABLE_NAMES[table.name]
    named = {model._meta.db_table: model._meta.verbose_name_plural for model in apps.get_models()}
    return OTHER_NAMES.get(db_table) or named.get(db_table) or db_table


def _year_words(ends_in: str) -> str:
    return f"{int(ends_in) - 1}–{ends_in[-2:]}" if ends_in.isdecimal() else ends_in


def _name(person_id: UUID) -> str:
    return Person.objects.filter(pk=person_id).values_list("name", flat=True).first() or ""


def _refusal(batch: Batch) -> Cause | None:
    if not batch.refusal:
        return None
    line = batch.refusal["line"]
    return _cause(
        {
            "code": batch.refusal["code"],
            "outcome": "refused",
            "file": batch.refusal["file"],
            "count": 1,
            "first_lines": [line] if line else [],
            "column": batch.refusal["column"],
        }
    )


def _cause(group: dict[str, Any]) -> Cause:
    problem = PROBLEMS[group["code"]]
    column = group.get("column") or ""
    return Cause(
        code=problem.code,
        outcome=group["outcome"],
        file=group["file"] or "",
        count=group["count"],
        wrong=_(problem.wrong).format(column=column),
        remedy=_(problem.remedy).format(column=column),
        first_lines=tuple(line for line in group.get("first_lines", ()) if line),
        column=column,
        waiting=group.get("waiting", 0),
        choices=tuple((str(choice), CHOICE_NAMES[choice]) for choice in problem.choices),
    )


def held_rows(batch: Batch, *, cause: Cause | None = None) -> QuerySet[HeldRow]:
    """The batch's held rows in the order of the files; of one cause, with the rows that wait for those, if asked."""
    rows = HeldRow.objects.filter(owner_id=batch.owner_id, batch=batch).order_by("file", "line")
    if cause is None:
        return rows
    roots = rows.filter(code=cause.code, file=cause.file)
    waiting = Q(code=DEPENDS_ON_HELD, root_file=cause.file, root_line__in=roots.order_by().values("line"))
    return rows.filter(Q(code=cause.code, file=cause.file) | waiting)


def words_of(code: str) -> str:
    """What is wrong with a row that this code holds, as a sentence."""
    return _(PROBLEMS[code].wrong).format(column="")


@dataclass(frozen=True)
class Origin:
    """Where a row of the roster came from."""

    batch_id: UUID
    batch_number: int
    file: str
    line: int | None
    label: str
    sender: str
    sent_at: Any


def origins(rows: Iterable[Any]) -> dict[UUID, Origin]:
    """For each roster row that came with a file: the batch, the file in it, the line, who sent it and when.

    Keyed by the row's id; one query, however many rows.
    """
    rows = [row for row in rows if row.batch_id]
    sender = Subquery(Person.objects.filter(pk=OuterRef("sent_by_id")).values("name")[:1])
    found = (
        Batch.objects.filter(pk__in={row.batch_id for row in rows})
        .annotate(sender=sender)
        .only("number", "label", "sent_at")
    )
    batches = {batch.pk: batch for batch in found}
    return {
        row.pk: Origin(
            batch_id=batch.pk,
            batch_number=batch.number,
            file=row.file,
            line=row.line,
            label=batch.label,
            sender=batch.sender or "",
            sent_at=batch.sent_at,
        )
        for row in rows
        if (batch := batches.get(row.batch_id))
    }


def problem_report(batch: Batch) -> dict[str, Any]:
    """The batch as `commonground load --json` prints it (docs/reference, contracts)."""
    effects = batch.summary.get("effects", {})
    problems = batch.summary.get("problems", [])
    if batch.refusal:
        problem = PROBLEMS[batch.refusal["code"]]
        problems = [
            {
                "code": problem.code,
                "severity": str(problem.severity),
                "outcome": str(problem.outcome),
                "file": batch.refusal["file"],
                "count": 1,
                "first_lines": [batch.refusal["line"]] if batch.refusal["line"] else [],
            }
        ]
    keys = ("code", "severity", "outcome", "file", "count", "first_lines")
    return {
        "format": batch.format or None,
        "version": batch.version or None,
        "batch": batch.number,
        "read": batch.summary.get("read", 0),
        "accepted": batch.summary.get("accepted", 0),
        "held": batch.summary.get("held", 0),
        "left_out": batch.summary.get("left_out", 0),
        "problems": [
            {key: problem[key] for key in keys}
            | {"file": problem["file"] and folders.sent_name(batch, problem["file"])}
            for problem in problems
        ],
        "preview": {
            "new": sum(e["new"] for e in effects.values()),
            "changed": sum(e["changed"] + e["back"] for e in effects.values()),
            "missing": sum(e["gone"] for e in effects.values()),
        },
    }
