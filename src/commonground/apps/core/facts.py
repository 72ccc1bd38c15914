"""Puts the public facts that ship with Commonground into the database: Minnesota's districts, and who borders whom."""

from django.db import transaction

from commonground.apps.core.models import Adjacency, Organization
from commonground.facts import districts, neighbors

# Kinds of the state's list that teach children of their own; the rest are bodies that districts form together.
TEACHING = {"independent", "special", "common", "charter"}
BORDERS_SOURCE = "Census boundaries 2016"


@transaction.atomic
def write_facts() -> None:
    """Add the districts and borders that are missing; what is there stays. Runs as the migrator, at every migration."""
    known = set(Organization.objects.filter(owner=None).exclude(state_id=None).values_list("state_id", flat=True))
    Organization.objects.bulk_create(
        Organization(
            kind=Organization.Kind.DISTRICT if fact.kind in TEACHING else Organization.Kind.JOINT_POWERS,
            name=fact.name,
            state_id=fact.id,
            nces_id=fact.nces_id,
        )
        for fact in districts().values()
        if fact.id not in known
    )
    if not Adjacency.objects.exists():
        ids = dict(Organization.objects.filter(owner=None).values_list("state_id", "pk"))
        pairs = {tuple(sorted((ids[a], ids[b]))) for a, b in neighbors() if a in ids and b in ids}
        Adjacency.objects.bulk_create(Adjacency(one_id=a, other_id=b, source=BORDERS_SOURCE) for a, b in sorted(pairs))
