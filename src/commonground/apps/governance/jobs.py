"""Governance's background work: mails before last days, mails that a packet waits, a district's leaving, what is past."""

from uuid import UUID

from django.utils import timezone

from commonground.apps.governance.breach.actions import tell_districts
from commonground.apps.governance.leaving.actions import sweep_exports
from commonground.apps.governance.leaving.destroying import destroy
from commonground.apps.governance.leaving.exporting import write_export
from commonground.apps.governance.reminders import send_reminders
from commonground.apps.governance.retention.actions import destroy_what_is_past
from commonground.store.jobs import job


@job("governance.remind", cron="41 11 * * *")
def remind() -> None:
    """Mail those who answer for agreements that end soon, or whose copies are to be destroyed."""
    send_reminders(now=timezone.now())


@job("governance.mail-packets")
def mail_packets(*, incident_id: str, person_id: str) -> None:
    """Tell the coordinators of the districts that an incident touches that a packet waits for them."""
    tell_districts(incident_id=UUID(incident_id), by=UUID(person_id))


@job("governance.export-district")
def export_district(*, leaving_id: str, person_id: str) -> None:
    """Write everything a district owns into one file."""
    write_export(leaving_id=UUID(leaving_id), by=UUID(person_id), now=timezone.now())


@job("governance.destroy-district")
def destroy_district(*, leaving_id: str) -> None:
    """Destroy what two people of a district confirmed; stopped in the middle, it goes on."""
    destroy(leaving_id=UUID(leaving_id))


@job("governance.retention", cron="23 4 * * *")
def retention() -> None:
    """Destroy what is past by its class, where no legal hold covers it; and exports past their days."""
    destroy_what_is_past()
    sweep_exports(now=timezone.now())
