"""Governance's background work: mails before last days, and mails that a packet waits."""

from uuid import UUID

from django.utils import timezone

from commonground.apps.governance.breach.actions import tell_districts
from commonground.apps.governance.reminders import send_reminders
from commonground.store.jobs import job


@job("governance.remind", cron="41 11 * * *")
def remind() -> None:
    """Mail those who answer for agreements that end soon, or whose copies are to be destroyed."""
    send_reminders(now=timezone.now())


@job("governance.mail-packets")
def mail_packets(*, incident_id: str, person_id: str) -> None:
    """Tell the coordinators of the districts that an incident touches that a packet waits for them."""
    tell_districts(incident_id=UUID(incident_id), by=UUID(person_id))
