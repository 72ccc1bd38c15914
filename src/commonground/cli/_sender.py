"""Who acts for a district on the command line."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from commonground.apps.core.models import Organization, Person


class NobodyToAct(Exception):
    """The district or its coordinator cannot be told; the message says what to give."""


def district_and_sender(state_id: str, email: str | None) -> "tuple[Organization, Person]":
    """The district and the coordinator who acts: the named one, else the district's only one. Raises NobodyToAct."""
    from django.utils import timezone

    from commonground.apps.core.models import Organization, Person, RoleGrant

    district = Organization.objects.districts().filter(state_id=state_id).first()
    if district is None:
        raise NobodyToAct(f"No district has the state id {state_id}.")
    grants = RoleGrant.objects.in_force(timezone.localdate()).filter(organization=district, role="coordinator")
    people = Person.objects.filter(pk__in=grants.values("person_id"), is_active=True)
    if email:
        people = people.filter(email__iexact=email)
    if people.count() != 1:
        raise NobodyToAct("Say with --as EMAIL which coordinator of the district acts.")
    return district, people.get()
