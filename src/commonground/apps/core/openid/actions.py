"""Changes about providers and the accounts connected with them. The database decides each; it may refuse."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from commonground.apps.core.asking import Refused, ask_database
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import Identity, IdentityProvider, Person
from commonground.apps.core.openid.refusing import SignInRefused
from commonground.apps.core.openid.tokens import confirmed_address
from commonground.store.secrets import seal
from commonground.store.walls import enter


class OnlyWayIn(Exception):
    """The account would have no way in any more."""


def save_provider(*, provider_id: UUID | None, organization_id: UUID, typed: dict[str, Any], by: UUID) -> UUID:
    """The id of the provider, made when there was none. An empty secret keeps the stored one. Raises Refused."""
    made: UUID = ask_database(
        "save_provider",
        provider_id,
        organization_id,
        typed["name"],
        typed["issuer"],
        typed["client_id"],
        seal(typed["client_secret"]) if typed["client_secret"] else "",
        typed["domains"],
        typed["is_on"],
    )
    detail = {"provider": str(made), "is_on": typed["is_on"]}
    record_event(EventKind.PROVIDER_SAVED, person_id=by, organization_id=organization_id, detail=detail)
    return made


def remove_provider(*, provider: IdentityProvider, by: UUID) -> None:
    """The provider and every connection with it are gone. Raises Refused while its button is shown."""
    ask_database("remove_provider", provider.pk)
    detail = {"provider": str(provider.pk)}
    record_event(EventKind.PROVIDER_REMOVED, person_id=by, organization_id=provider.organization_id, detail=detail)


def connect(*, provider: IdentityProvider, claims: dict[str, Any], person: Person) -> None:
    """The account there opens the account of the signed-in person from now on. Inside the walls. Raises Refused."""
    ask_database("link_identity", provider.pk, claims["sub"], False)
    _record_link(provider, person, way="security")


def disconnect(*, provider_id: UUID, person: Person) -> None:
    """The account there opens nothing here any more. Inside the walls. Raises Refused, and OnlyWayIn."""
    if not person.has_usable_password() and not _has_passkey_alone(person):
        raise OnlyWayIn(_("You would have no way in any more: this account has no password. Add a passkey first."))
    ask_database("unlink_identity", provider_id)
    record_event(EventKind.IDENTITY_UNLINKED, person_id=person.pk, detail={"provider": str(provider_id)})


def _has_passkey_alone(person: Person) -> bool:
    from allauth.mfa.models import Authenticator

    passkeys = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN)
    return any(one.wrap().is_passwordless for one in passkeys)


def welcome(*, provider: IdentityProvider, claims: dict[str, Any]) -> Person:
    """The person whose account these claims open, by the connected account or, once, by the confirmed address.

    An account that was invited and never opened is opened, and its links and sheets close. Makes no account.
    Raises SignInRefused: unverified, and nobody, which is the same for an unknown person, another organization's, one
    who has left, a closed account and an address of another domain. Outside the walls; acts as the person found.
    """
    known = (
        Identity.objects.filter(provider=provider, issuer=claims["iss"], subject=claims["sub"])
        .select_related("person")
        .first()
    )
    if known is not None:
        with enter(person=known.person_id, purpose=f"sign-in {provider.pk}"):
            if not ask_database("may_come_by", provider.pk):
                raise SignInRefused("nobody", person_id=known.person_id)
        return known.person
    address = confirmed_address(claims)
    if address is None:
        raise SignInRefused("unverified")
    person = Person.objects.filter(email__iexact=address).first()
    if person is None:
        raise SignInRefused("nobody")
    try:
        with enter(person=person.pk, purpose=f"sign-in {provider.pk}"):
            ask_database("link_identity", provider.pk, claims["sub"], True)
            if not person.is_active:
                person.is_active = True
                person.save(update_fields=["is_active"])
                person.invitations.filter(used_at=None).delete()
            _record_link(provider, person, way="address")
    except Refused:
        raise SignInRefused("nobody", person_id=person.pk) from None
    return person


def _record_link(provider: IdentityProvider, person: Person, *, way: str) -> None:
    record_event(EventKind.IDENTITY_LINKED, person_id=person.pk, detail={"provider": str(provider.pk), "way": way})
