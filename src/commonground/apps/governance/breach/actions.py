"""Filing an incident, telling the districts, recording what was opened and when families were told."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from commonground.apps.core.asking import ask_database
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import Agreement, Event, Person
from commonground.apps.governance.breach.queries import districts_of
from commonground.apps.governance.mailing import coordinators_of, mail
from commonground.apps.governance.models import Packet
from commonground.store.jobs import defer
from commonground.store.walls import enter


@transaction.atomic
def file_incident(
    *,
    house_id: UUID,
    said: str,
    account: Person | None,
    role: str,
    agreement: Agreement | None,
    categories: Sequence[str],
    began_at: datetime,
    ended_at: datetime,
    found_at: datetime,
    by: UUID,
) -> UUID:
    """Write it down, compile the packets, and tell each district's coordinators by mail. Raises Refused.

    account, role, agreement: through what records were opened; None and "" leave it open, one of them must be given.
    """
    made: UUID = ask_database(
        "file_incident",
        house_id,
        said.strip(),
        account.pk if account else None,
        role or None,
        agreement.pk if agreement else None,
        list(categories),
        began_at,
        ended_at,
        found_at,
    )
    record_event(EventKind.INCIDENT_FILED, person_id=by, organization_id=house_id, about=str(made))
    defer("governance.mail-packets", incident_id=made, person_id=by)
    return made


def tell_districts(*, incident_id: UUID, by: UUID) -> int:
    """Mail the coordinators of each district that has a packet of it, without a name; how many mails left.

    by: who filed it, with whose right the districts are read, also after that person's role has ended. Run again, it mails
    nobody twice.
    """
    with enter(person=by, purpose=f"incident {incident_id}", role="job"):
        districts = districts_of(incident_id)
    told = Event.objects.filter(kind=EventKind.DISTRICT_TOLD, about=str(incident_id)).values("person_id")
    left = 0
    for person in coordinators_of(districts, today=timezone.localdate()).exclude(pk__in=told):
        if mail(person, _words):
            record_event(EventKind.DISTRICT_TOLD, person_id=person.pk, about=str(incident_id))
            left += 1
    return left


def _words() -> tuple[str, str]:
    text = _(
        "Records of students of your district may have been open to somebody without the right to see them.\n\n"
        "Sign in to read which, what the law asks of your district, and by when:\n%(link)s"
    )
    return _("An incident touches your district"), text % {
        "link": f"{settings.PUBLIC_ADDRESS}{reverse('governance:incidents')}"
    }


def record_opened(packet: Packet, *, part: str, lines: int, by: UUID) -> None:
    """Somebody looked at the packet. part: page, letters or list. lines: how many students were named."""
    record_event(
        EventKind.PACKET_OPENED,
        person_id=by,
        organization_id=packet.owner_id,
        about=str(packet.pk),
        detail={"part": part, "lines": lines},
    )


def record_told(packet: Packet, *, told_on: date, by: UUID) -> None:
    """The district's families were told on this day. Raises Refused."""
    ask_database("record_told", packet.pk, told_on)
    record_event(
        EventKind.FAMILIES_TOLD,
        person_id=by,
        organization_id=packet.owner_id,
        about=str(packet.pk),
        detail={"on": told_on.isoformat()},
    )
