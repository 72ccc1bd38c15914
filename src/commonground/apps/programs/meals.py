"""What families say about school meals: written for them, read and changed by them alone.

It decides nothing: whoever asks for a seat has one, or a place on the list, before the answer is written.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from commonground.apps.programs.models import MealsAnswer, Offering, Registration


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
