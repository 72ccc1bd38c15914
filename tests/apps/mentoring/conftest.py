"""Children given to people, as a coordinator gives them, and a superuser's connection for what no page can do."""

import datetime
import uuid

import pytest
from django.db import connection
from django.utils import timezone

from commonground.apps.core.models import RoleGrant
from commonground.apps.mentoring import actions
from commonground.apps.mentoring.models import Caseload
from commonground.apps.roster.models import Student
from commonground.store.walls import enter

DAY = datetime.timedelta(1)


@pytest.fixture
def outside(world, databases):
    """A superuser's connection to the test's database: `.execute`."""
    import psycopg

    with psycopg.connect(databases.server.dsn(database=connection.settings_dict["NAME"]), autocommit=True) as run:
        yield run


def give(child, person, *, by, since=None, last_day=None, role=None):
    """The new line: the person walks beside the child by the first of their roles, or by this one."""
    grants = RoleGrant.objects.filter(person_id=person, **({"role": role} if role else {}))
    with enter(person=by, purpose="test"):
        return actions.give_child(
            student=Student.objects.get(pk=child),
            grant_id=grants.order_by("role", "pk").first().pk,
            since=since or timezone.localdate(),
            last_day=last_day,
            by=by,
        )


def end(line, *, by):
    with enter(person=by, purpose="test"):
        actions.end_caseload(line=Caseload.objects.get(pk=line), today=timezone.localdate(), by=by)


def begun(outside, line, days):
    """As if the line had begun so many days ago."""
    outside.execute("update mentoring_caseload set since = since - %s where id = %s", [days, line])


def becomes(outside, person, role, organization):
    """A further role of somebody, since long ago."""
    made = uuid.uuid4()
    outside.execute(
        "insert into core_rolegrant (id, person_id, role, organization_id, since) values (%s, %s, %s, %s, '2020-07-01')",
        [made, person, role, organization],
    )
    return made


def lends(outside, district, *, ground="school_official"):
    """The district's agreements share what they name on this ground."""
    outside.execute("update core_agreement set ground = %s where owner_id = %s", [ground, district])


def write(child, person, said="We met.", step="", met=None, reach="beside"):
    """The new note of this person about the child."""
    with enter(person=person, purpose="test"):
        return actions.write_note(
            student=Student.objects.get(pk=child),
            said=actions.Said(met or timezone.localdate(), said, step, reach),
            by=person,
        )


@pytest.fixture
def beside_amina(world):
    """Milo walks beside Amina, given by Cora."""
    return give(world.AMINA, world.MILO, by=world.CORA)
