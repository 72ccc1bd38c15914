"""Reads about providers: the buttons of the sign-in page, whose accounts are connected, what an owner looks after."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from commonground.apps.core.asking import ask_database
from commonground.apps.core.models import Identity, IdentityProvider


def providers_to_choose() -> QuerySet[IdentityProvider]:
    """Those with a button on the sign-in page, by name."""
    return IdentityProvider.objects.shown()


@dataclass(frozen=True)
class Way:
    """A provider by which the person may come in. identity: the account there that opens this one, None before."""

    provider: IdentityProvider
    identity: Identity | None


def ways_of(person_id: UUID) -> list[Way]:
    """The providers that speak for this person, who is acting, or that are connected already. Inside the walls."""
    connected = {one.provider_id: one for one in Identity.objects.filter(person_id=person_id)}
    shown = IdentityProvider.objects.shown()
    return [
        Way(provider, connected.get(provider.pk))
        for provider in shown
        if provider.pk in connected or ask_database("may_come_by", provider.pk)
    ]


def providers_at(organizations: Iterable[UUID]) -> QuerySet[IdentityProvider]:
    """The providers of these organizations, by name."""
    return (
        IdentityProvider.objects.filter(organization_id__in=organizations)
        .select_related("organization", "changed_by")
        .order_by("name", "pk")
    )
