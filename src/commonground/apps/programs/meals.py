"""What families say about school meals: written for them, read and changed by them alone, counted once.

It decides nothing: whoever asks for a seat has one, or a place on the list, before the answer is written.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from commonground.apps.programs.counts import MEALS, suppressed
from commonground.apps.programs.kinds import kinds
from commonground.apps.programs.models import MealsAnswer, MealsCount, Offering, Registration

ANSWERS = tuple(MEALS)


@transaction.atomic
def answer_meals(*, answers: Mapping[Registration, str], by: UUID, now: datetime) -> None:
    """Write down what the family said of each child; what stands there changes for those alone who may read it."""
    said = {"written_by_id": by, "written_at": now}
    MealsAnswer.objects.bulk_create(
        [
            MealsAnswer(owner_id=one.owner_id, registration=one, answer=answer, **said)
            for one, answer in answers.items()
        ],
        ignore_conflicts=True,
    )
    for answer in set(answers.values()):
        alike = [one for one, said_of_it in answers.items() if said_of_it == answer]
        MealsAnswer.objects.filter(registration__in=alike).exclude(answer=answer).update(answer=answer, **said)


def meals_answers(registrations: Iterable[Registration]) -> dict[UUID, MealsAnswer]:
    """The answers by registration, as far as they exist for the acting person."""
    return {one.registration_id: one for one in MealsAnswer.objects.filter(registration__in=registrations)}


def asked_of(offering: Offering, *, on: date) -> frozenset[UUID]:
    """Districts whose families are asked that day: what others said would never be counted. One query, or none."""
    if not offering.asks_meals(on):
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute("select unnest(cg.meals_shared(%s))", [offering.pk])
        return frozenset(row[0] for row in cursor.fetchall())


def counted_until(offering: Offering) -> date:
    """The last day on which the offering can be counted: then what families said may be destroyed. One query."""
    with connection.cursor() as cursor:
        cursor.execute("select cg.meals_counted_until(%s)", [offering.pk])
        found: date = cursor.fetchone()[0]
    return found


def closed(on: date) -> QuerySet[Offering]:
    """Offerings that ask about meals and whose registration has closed. Whether it is too late the database says."""
    asking = [key for key, kind in kinds().items() if kind.asks_meals]
    return Offering.objects.filter(kind__in=asking, closes_on__lt=on)


@transaction.atomic
def count_meals(*, offering_id: UUID) -> int:
    """Count the children with a seat by district and meals, and keep what may be shown; how many children were counted.

    Once: counted again, or before registration has closed, it is 0 and nothing changes. As the job, who alone may ask.
    """
    with connection.cursor() as cursor:
        cursor.execute("select district_id, answer, student_count from cg.meals_to_count(%s)", [offering_id])
        found = {(district, answer): int(count) for district, answer, count in cursor.fetchall()}
        if not found:
            return 0
        districts = sorted({district for district, _answer in found})
        table = [[found.get((district, answer), 0) for answer in ANSWERS] for district in districts]
        shown = suppressed(table, districts=districts, by="meals", groups=ANSWERS)
        total = sum(map(sum, table))
        lines = [(None, MealsCount.ALL, total), *((None, *pair) for pair in zip(ANSWERS, shown.of(None), strict=True))]
        for district, counts in zip(districts, table, strict=True):
            lines.append((district, MealsCount.ALL, sum(counts)))
            lines += [(district, *pair) for pair in zip(ANSWERS, shown.of(district), strict=True)]
        cursor.execute(
            "select cg.keep_meals_count(%s, %s::uuid[], %s::text[], %s::integer[])",
            [offering_id, *(list(column) for column in zip(*lines, strict=True))],
        )
    return total
