"""Incidents for tests: looks that were recorded, an incident filed by the operator, its packets."""

import datetime

from django.utils import timezone
from tests.signing_in import signed_in

from commonground.apps.core.models import Agreement, Person
from commonground.apps.governance.breach import actions
from commonground.store.walls import enter

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
ROSTER = ("roster",)


def look(run, world, student, *, owner=None, at, person=None, page="home:student", role="director", agreement=None):
    """Somebody outside the district saw this student by name."""
    run(
        "insert into core_disclosureline (owner_id, student_id, person_id, role, organization_id, purpose, page, agreement_id, at)"
        " values (%s, %s, %s, %s, %s, 'Joint programs', %s, %s, %s)",
        [
            owner or world.NORTH,
            student,
            person or world.DANA,
            role,
            world.COLLABORATIVE,
            page,
            agreement or Agreement.objects.get(owner_id=world.NORTH).pk,
            at,
        ],
    )


def file_it(
    world, *, by=None, account=None, role="", agreement=None, categories=ROSTER, first=None, last=None, found=None
):
    """File an incident as Omar, over the last day unless told otherwise; its id."""
    now, who = timezone.now(), by or world.OMAR
    with enter(person=who, purpose="test"):
        return actions.file_incident(
            house_id=world.COLLABORATIVE,
            said="A password was on a note at the front desk.",
            account=Person.objects.get(pk=account) if account else None,
            role=role,
            agreement=agreement,
            categories=categories,
            began_at=first or now - DAY,
            ended_at=last or now,
            found_at=found or now,
            by=who,
        )


def packet_of(run, district):
    """The one packet of a district as (seen, reached, lines by student: looks, changes, pages, reached); None without."""
    found = run("select id, seen_count, reached_count from governance_packet where owner_id = %s", [district])
    if not found:
        return None
    ((pk, seen, reached),) = found
    lines = run(
        "select student_id, looks, changes, pages, reached from governance_packetline where packet_id = %s", [pk]
    )
    return seen, reached, {one[0]: one[1:] for one in lines}


def typed(**changed):
    now = timezone.localtime()
    moments = {"began_at": now - DAY, "ended_at": now - HOUR, "found_at": now - HOUR / 2}
    return {
        "said": "A password was on a note at the front desk.",
        "account": "",
        "role": "",
        "agreement": "",
        "categories": ["roster", "contact"],
        **{key: at.strftime("%Y-%m-%dT%H:%M") for key, at in moments.items()},
        **changed,
    }


def filed(world, **changed):
    client = signed_in(world.address("omar"))
    return client.post("/collaborative/incidents/file/", typed(house=str(world.COLLABORATIVE), **changed))


def packet_address(run, district):
    ((pk,),) = run("select id from governance_packet where owner_id = %s", [district])
    return f"/collaborative/incidents/packets/{pk}/"
