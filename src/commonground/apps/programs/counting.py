"""Counting a program's children by race and by meals: once each, as the job, held against every table shown before."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import AbstractContextManager
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from commonground.apps.programs.counts import GROUPS, By
from commonground.apps.programs.kinds import kinds
from commonground.apps.programs.models import Offering
from commonground.apps.programs.publishing import Alike, Children, Shown, publish
from commonground.store.walls import NOBODY, enter


def offerings_to_count(by: By) -> list[UUID]:
    """Offerings whose registration has closed and that were not counted by this yet, in the order in which it closed."""
    with _as_job(by), connection.cursor() as cursor:
        cursor.execute("select cg.offerings_to_count(%s)", [by])
        found: list[UUID] = cursor.fetchone()[0]
        asking = [key for key, kind in kinds().items() if kind.asks_meals or by != By.MEALS]
        asked = set(Offering.objects.filter(pk__in=found, kind__in=asking).values_list("pk", flat=True))
    return [one for one in found if one in asked]


def count_groups(*, offering_id: UUID, by: By) -> int:
    """Count the children with a seat by district and group, and keep what may be shown; how many children were counted.

    Once: counted again, before registration has closed, or while another table is being kept, it is 0 and nothing changes.
    Nobody waits meanwhile: the children are read at one moment, and what may be shown is found out afterwards.
    """
    with _as_job(by), connection.cursor() as cursor:
        cursor.execute(
            "select at, offerings, district_id, group_key, child_count from cg.groups_to_count(%s, %s)",
            [offering_id, by],
        )
        rows = cursor.fetchall()
        alike = [Alike(frozenset(tables), *rest) for _at, tables, *rest in rows]
        before = _shown_before({one for each in alike for one in each.offerings} - {offering_id}, by)
    if not any(offering_id in one.offerings for one in alike):
        return 0
    table = publish(
        Children(alike, by, _columns(alike, by), settings.SMALLEST_COUNT),
        offering=offering_id,
        on=timezone.localdate(),
        before=before,
    )
    lines = [(place, group, number) for (place, group), number in table.numbers.items()]
    with _as_job(by), connection.cursor() as cursor:
        cursor.execute(
            "select cg.keep_groups(%s, %s, %s, %s::uuid[], %s::text[], %s::integer[])",
            [offering_id, by, rows[0][0], *(list(column) for column in zip(*lines, strict=True))],
        )
        is_kept = cursor.fetchone()[0]
    return sum(one.child_count for one in alike if offering_id in one.offerings) if is_kept else 0


def _as_job(by: By) -> AbstractContextManager[None]:
    return enter(person=NOBODY, purpose=f"count by {by}", role="job")


def _columns(alike: Iterable[Alike], by: By) -> list[str]:
    occurring = {one.group for one in alike}
    return [group for group in GROUPS[by] if by == By.MEALS or group in occurring]


def _shown_before(offerings: Iterable[UUID], by: By) -> list[Shown]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select offering_id, counted_at, district_id, group_key, child_count from cg.groups_shown(%s, %s)",
            [list(offerings), by],
        )
        rows = cursor.fetchall()
    numbers: dict[UUID, dict[tuple[UUID | None, str], int | None]] = defaultdict(dict)
    days = {}
    for offering, counted_at, district, group, count in rows:
        numbers[offering][district, group] = count
        days[offering] = timezone.localdate(counted_at)
    return [Shown(offering, days[offering], numbers[offering]) for offering in sorted(numbers)]
