"""Mails to those who answer for something: in each one's own language, without anybody's name."""

from collections.abc import Callable, Iterable
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import override

from commonground.apps.core.models import Agreement, Person, RoleGrant
from commonground.apps.core.people.mail import MailRefused, send_mail


def mail(person: Person, compose: Callable[[], tuple[str, str]]) -> bool:
    """Whether a mail left to this person. compose: its subject and text, asked for in the person's language."""
    with override(person.language or settings.LANGUAGE_CODE):
        subject, text = compose()
        try:
            send_mail(to=person.email, subject=subject, text=text)
        except MailRefused:
            return False
    return True


def coordinators_of(district_ids: Iterable[UUID], *, today: date) -> QuerySet[Person]:
    """Those who coordinate one of these districts today, by name."""
    return _holders(Q(role="coordinator", organization_id__in=district_ids), today)


def answering_for(agreement: Agreement, *, today: date) -> QuerySet[Person]:
    """Those who answer for an agreement today: the district's coordinators and the collaborative's directors."""
    return _holders(
        Q(role="coordinator", organization_id=agreement.owner_id)
        | Q(role="director", organization_id=agreement.collaborative_id),
        today,
    )


def _holders(held: Q, today: date) -> QuerySet[Person]:
    grants = RoleGrant.objects.in_force(today).filter(held)
    return Person.objects.filter(pk__in=grants.values("person_id"), is_active=True).order_by("name", "pk")
