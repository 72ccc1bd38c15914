"""Who takes part, counted: by day, and once by district, race and meals with suppression."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.models import Organization
from commonground.apps.programs.models import GroupCount, MealsAnswer, Offering
from commonground.apps.roster.groups import GROUP_NAMES

By = GroupCount.By
# The columns of each table in their order. A race that no child has who was counted has none; answers all have one.
GROUPS: dict[By, dict[str, str | Promise]] = {
    By.RACE: {**GROUP_NAMES, GroupCount.UNKNOWN: _("Not written down")},
    By.MEALS: {
        MealsAnswer.Answer.YES.value: _("Free or reduced-price"),
        MealsAnswer.Answer.NO.value: _("Neither"),
        MealsAnswer.Answer.UNSAID.value: _("Prefer not to say"),
        GroupCount.SILENT: _("Did not answer"),
    },
}


@dataclass(frozen=True)
class CountedRow:
    """numbers: by group, None where hidden. Why is told to nobody: a reason bounds the number, and totals do the rest."""

    name: str
    total: int
    numbers: tuple[int | None, ...]


@dataclass(frozen=True)
class CountedTable:
    """Children with a seat by district and group, on the one day on which they were counted."""

    groups: tuple[str | Promise, ...]
    rows: tuple[CountedRow, ...]
    all_districts: CountedRow
    hidden_count: int
    counted_on: date


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


def counted_table(offering: Offering, *, by: By) -> CountedTable | None:
    """Children by district and group as they were counted; None before, and for those who may not count. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select district_id, group_key, child_count, counted_at from cg.groups_counted(%s, %s)", [offering.pk, by]
        )
        rows = cursor.fetchall()
    if not rows:
        return None
    numbers = {(district, group): count for district, group, count, _at in rows}
    names = dict(Organization.objects.filter(pk__in=[row[0] for row in rows if row[0]]).values_list("pk", "name"))
    columns = [group for group in GROUPS[by] if (None, group) in numbers]

    def row(district: UUID | None) -> CountedRow:
        counts = tuple(numbers[district, group] for group in columns)
        return CountedRow(names[district] if district else "", numbers[district, GroupCount.ALL], counts)

    return CountedTable(
        groups=tuple(GROUPS[by][group] for group in columns),
        rows=tuple(row(pk) for pk in sorted(names, key=lambda pk: names[pk])),
        all_districts=row(None),
        hidden_count=sum(count is None for count in numbers.values()),
        counted_on=timezone.localdate(rows[0][3]),
    )
