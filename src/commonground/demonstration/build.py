"""Fills an empty house with West Central: its organizations and cast, then each district's own bundle through intake."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import connection
from django.utils import timezone

from commonground.apps.core.models import Agreement, Membership, Organization, Person, RoleGrant
from commonground.apps.intake import actions, receiving
from commonground.apps.intake.models import Batch
from commonground.apps.roster.models import Guardian, Link, StaffMember
from commonground.demonstration.caseload import build_caseload
from commonground.demonstration.coaching import build_coaching
from commonground.demonstration.gamma import build_gamma
from commonground.demonstration.world import World, write_bundles
from commonground.store.database import as_migrator, data_folder
from commonground.store.walls import enter

SEED = 20171
COLLABORATIVE = "West Central Collaborative (invented people)"
VOLUNTARY = {"0129-01"}  # takes part although it does not border Willmar
UNSIGNED = "0129-01"  # whose agreement waits for a signature
TELLS_EARLIER = "2534-01"  # whose coordinator sends the invented table of the year before
SHARED = ["roster", "staff", "contact"]
BEGAN = date(2024, 7, 1)


class NotWhole(Exception):
    """A demonstration bundle was not accepted as it must be."""


def is_built() -> bool:
    """Whether the demonstration stands."""
    return Organization.objects.filter(kind=Organization.Kind.COLLABORATIVE, name=COLLABORATIVE).exists()


def build(*, now: datetime, tell: Callable[[str], None] = lambda _line: None) -> None:
    """Build the demonstration where it is missing; every district's file goes through intake as its coordinator's.

    The bundles stay in the data folder, with Willmar's next one and three that are refused, for people to try.
    """
    tell("drawing seven districts' rosters")
    folder = data_folder() / "demonstration"
    world = write_bundles(folder, seed=SEED, today=timezone.localdate(now))
    with as_migrator():
        _people(world, _organizations(world))
    for district_id, bundle in world.bundles.items():
        tell(f"bringing in {district_id}")
        _send(district_id, bundle, now=now)
    tell("bringing in the year before, invented")
    _send(TELLS_EARLIER, world.earlier_table, now=now)
    with as_migrator():
        _school_roles(world)
    _links(world)
    with as_migrator(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    tell("registering for GAMMA")
    house = Organization.objects.get(kind=Organization.Kind.COLLABORATIVE, name=COLLABORATIVE)
    coordinators = {_district(state_id): _coordinator(state_id) for state_id in world.bundles}
    build_gamma(collaborative=house, coordinators=coordinators, now=now)
    tell("giving a mentor a caseload")
    build_caseload(collaborative=house, coordinators=coordinators, now=now)
    tell("giving a coach two teachers")
    build_coaching(collaborative=house, coordinators=coordinators, now=now)


def _district(state_id: str) -> Organization:
    return Organization.objects.districts().get(state_id=state_id)


def _organizations(world: World) -> Organization:
    collaborative = Organization.objects.create(kind=Organization.Kind.COLLABORATIVE, name=COLLABORATIVE, invented=True)
    for state_id in world.bundles:
        district = _district(state_id)
        standing = Membership.Standing.VOLUNTARY if state_id in VOLUNTARY else Membership.Standing.MEMBER
        Membership.objects.create(collaborative=collaborative, organization=district, standing=standing, since=BEGAN)
        ends = date(world.year.last_day.year, 6, 30)
        Agreement.objects.create(
            owner=district,
            collaborative=collaborative,
            categories=SHARED,
            ground=Agreement.Ground.EVALUATION,
            purpose="Joint programs, and monitoring who takes part in them",
            since=world.year.first_day - timedelta(60),
            until=ends,
            destroy_by=ends + timedelta(90),
            signed_on=None if state_id == UNSIGNED else world.year.first_day - timedelta(60),
            signed_by="" if state_id == UNSIGNED else "The superintendent (invented)",
        )
    return collaborative


def _people(world: World, collaborative: Organization) -> None:
    """The cast, and a coordinator for each district that has none in it."""
    for member in world.cast.values():
        person = Person.objects.create_user(member.email, name=member.name, language=member.language, is_invented=True)
        if member.role in {"director", "analyst", "operator"}:
            places = [collaborative]
        elif member.role == "coordinator":
            places = [_district(next(iter(member.source_ids)))]
        elif member.role == "family":
            places = [_district(state_id) for state_id in member.source_ids]
        else:
            continue  # at schools, which their district's bundle brings
        _grant(person, member.role, places)
    covered = set(RoleGrant.objects.filter(role="coordinator").values_list("organization__state_id", flat=True))
    for state_id in set(world.bundles) - covered:
        person = Person.objects.create_user(
            f"coordinator.{state_id}@example.org", name="Coordinator (invented)", is_invented=True
        )
        _grant(person, "coordinator", [_district(state_id)])


def _grant(person: Person, role: str, places: list[Organization]) -> None:
    RoleGrant.objects.bulk_create(
        RoleGrant(person=person, role=role, organization=place, since=BEGAN) for place in places
    )


def _coordinator(state_id: str) -> Person:
    grant = (
        RoleGrant.objects.select_related("person").filter(role="coordinator", organization__state_id=state_id).first()
    )
    if grant is None:
        raise NotWhole(f"{state_id} has no coordinator")
    return grant.person


def _send(state_id: str, bundle: Path, *, now: datetime) -> Batch:
    person, district = _coordinator(state_id), _district(state_id)
    with enter(person=person.pk, purpose="demonstration"):
        batch = receiving.receive_file(owner_id=district.pk, blocks=bundle, label=bundle.name, by=person.pk, now=now)
    batch = actions.check_batch(batch_id=batch.pk, by=person.pk, now=now)
    if batch.status != Batch.Status.CHECKED:
        raise NotWhole(f"the bundle of {state_id} was refused: {batch.refusal}")
    return actions.apply_batch(batch_id=batch.pk, by=person.pk, now=now, tie=True)


def _school_roles(world: World) -> None:
    """Principal, teacher and liaison at the schools that the bundles brought."""
    schools = {school.state_id: school for school in Organization.objects.schools()}
    for member in world.cast.values():
        if member.role not in {"principal", "teacher", "liaison"}:
            continue
        wanted = member.serves or ((member.organization,) if member.organization else ())
        places = [schools[state_id] for state_id in wanted if state_id in schools]
        _grant(Person.objects.get(email=member.email), member.role, places)


def _links(world: World) -> None:
    """Say whose account is which guardian and which staff member, as each district's coordinator."""
    for member in world.cast.values():
        person = Person.objects.get(email=member.email)
        for state_id, source_id in member.source_ids.items():
            with enter(person=_coordinator(state_id).pk, purpose="demonstration"):
                owner = {"owner": _district(state_id), "person": person, "since": BEGAN}
                if member.role == "family":
                    Link.objects.create(guardian=Guardian.objects.get(source_id=source_id), **owner)
                else:
                    Link.objects.create(staff=StaffMember.objects.get(source_id=source_id), **owner)
