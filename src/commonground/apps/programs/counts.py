"""Who takes part, counted: by day, by district, by race and by meals with suppression."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.models import Organization
from commonground.apps.programs.models import MealsAnswer, MealsCount, Offering
from commonground.apps.roster.groups import GROUP_NAMES
from commonground.engine.disclosure import Attribute, Suppression, cell, crossed, link, suppress

GROUPS: dict[str, str | Promise] = {**GROUP_NAMES, "unknown": _("Not written down")}
MEALS: dict[str, str | Promise] = {
    MealsAnswer.Answer.YES.value: _("Free or reduced-price"),
    MealsAnswer.Answer.NO.value: _("Neither"),
    MealsAnswer.Answer.UNSAID.value: _("Prefer not to say"),
    MealsCount.SILENT: _("Did not answer"),
}


@dataclass(frozen=True)
class CountedRow:
    """numbers: by group, None where hidden. Why is told to nobody: a reason bounds the number, and totals do the rest."""

    name: str
    total: int
    numbers: tuple[int | None, ...]


@dataclass(frozen=True)
class RaceTable:
    """Children with a seat by district and group. groups: those that occur, in the order of the columns."""

    groups: tuple[str | Promise, ...]
    rows: tuple[CountedRow, ...]
    all_districts: CountedRow
    hidden_count: int


@dataclass(frozen=True)
class MealsTable(RaceTable):
    """The same by what families said about meals. counted_on: the one day on which it was counted."""

    counted_on: date


@dataclass(frozen=True)
class Suppressed:
    """A table of counts by district and group as it may be shown."""

    shown: Suppression
    by: str
    groups: Sequence[str]

    def of(self, district: UUID | None) -> tuple[int | None, ...]:
        """The numbers of a district, of all districts for None; None where hidden."""
        where = {} if district is None else {"district": str(district)}
        return tuple(self.shown.shown(cell({**where, self.by: group})) for group in self.groups)


@dataclass(frozen=True)
class HeadCount:
    """One day: how many of the children with a seat were there, late among them, were not, or are not marked yet."""

    held_on: date
    here: int
    late: int
    absent: int
    unmarked: int

    @property
    def expected(self) -> int:
        return self.here + self.absent + self.unmarked


def head_counts(offering: Offering) -> tuple[HeadCount, ...]:
    """The count of every day, by day; empty for those who may not count the offering. One query."""
    with connection.cursor() as cursor:
        cursor.execute("select held_on, mark, sum(student_count) from cg.head_count(%s) group by 1, 2", [offering.pk])
        rows = cursor.fetchall()
    days: dict[date, dict[str, int]] = {}
    for held_on, mark, count in rows:
        days.setdefault(held_on, {})[mark] = int(count)
    return tuple(
        HeadCount(
            day,
            marks.get("present", 0) + marks.get("late", 0),
            marks.get("late", 0),
            marks.get("absent", 0),
            marks.get("none", 0),
        )
        for day, marks in sorted(days.items())
    )


def race_table(offering: Offering) -> RaceTable | None:
    """Seats by district and race with small counts hidden, and others so that none can be worked out. None without any.

    Two queries.
    """
    with connection.cursor() as cursor:
        cursor.execute("select district_id, race_group, student_count from cg.seats_by_race(%s)", [offering.pk])
        found = {(district, group): int(count) for district, group, count in cursor.fetchall()}
    if not found:
        return None
    names = dict(Organization.objects.filter(pk__in={district for district, _g in found}).values_list("pk", "name"))
    districts = sorted(names, key=lambda pk: names[pk])
    groups = [group for group in GROUPS if any(g == group for _d, g in found)]
    table = [[found.get((district, group), 0) for group in groups] for district in districts]
    shown = suppressed(table, districts=districts, by="race", groups=groups)
    return RaceTable(
        groups=tuple(GROUPS[group] for group in groups),
        rows=tuple(
            CountedRow(names[pk], sum(counts), shown.of(pk)) for pk, counts in zip(districts, table, strict=True)
        ),
        all_districts=CountedRow("", sum(map(sum, table)), shown.of(None)),
        hidden_count=len(shown.shown.hidden),
    )


def meals_table(offering: Offering) -> MealsTable | None:
    """Seats by district and meals as they were counted; None before, and for those who may not count. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute("select district_id, answer, student_count, counted_on from cg.meals_counted(%s)", [offering.pk])
        rows = cursor.fetchall()
    if not rows:
        return None
    numbers = {(district, answer): count for district, answer, count, _day in rows}
    names = dict(Organization.objects.filter(pk__in=[row[0] for row in rows if row[0]]).values_list("pk", "name"))

    def row(district: UUID | None) -> CountedRow:
        counts = tuple(numbers[district, answer] for answer in MEALS)
        return CountedRow(names[district] if district else "", numbers[district, MealsCount.ALL], counts)

    return MealsTable(
        groups=tuple(MEALS.values()),
        rows=tuple(row(pk) for pk in sorted(names, key=lambda pk: names[pk])),
        all_districts=row(None),
        hidden_count=sum(count is None for count in numbers.values()),
        counted_on=rows[0][3],
    )


def suppressed(
    table: Sequence[Sequence[int]], *, districts: Sequence[UUID], by: str, groups: Sequence[str]
) -> Suppressed:
    """The table with small counts hidden, and others so that none can be worked out. table: counts by district and group.

    What the groups tell is protected; how many children a district sends is not.
    """
    attributes = [
        Attribute("district", frozenset(map(str, districts))),
        Attribute(by, frozenset(groups), threshold=settings.SMALLEST_COUNT),
    ]
    rows = {cell({"district": str(pk)}): [i] for i, pk in enumerate(districts)}
    columns = {cell({by: group}): [i] for i, group in enumerate(groups)}
    # One district alone is everybody, and so is one group: the same cell must not be given twice.
    rows |= {cell({}): list(range(len(districts)))} if len(districts) > 1 else {}
    columns |= {cell({}): list(range(len(groups)))} if len(groups) > 1 else {}
    return Suppressed(suppress(link(attributes, crossed(table, rows=rows, columns=columns))), by, groups)
