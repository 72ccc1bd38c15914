"""Core's background work: chains over the ledgers, accounts that nobody uses, invitations by mail."""

from uuid import UUID

from django.utils import timezone

from commonground.apps.core.actions import close_unused_accounts
from commonground.apps.core.chains import chain_ledgers, verify_ledgers
from commonground.apps.core.people.emergencies import tell_district
from commonground.apps.core.people.invitations import mail_invitation
from commonground.store.jobs import job


@job("core.chain", cron="*/5 * * * *")
def chain() -> None:
    """Chain the lines that were added to the ledgers."""
    chain_ledgers(now=timezone.now())


@job("core.verify", cron="17 2 * * *")
def verify() -> None:
    """Verify the chains over the ledgers, every night."""
    verify_ledgers()


@job("core.close-unused", cron="32 3 * * *")
def close_unused() -> None:
    """Close staff accounts that nobody uses."""
    close_unused_accounts(now=timezone.now())


@job("core.mail-invitation")
def send_invitation(*, person_id: str) -> None:
    """Make a new link and mail it to its person."""
    mail_invitation(person_id=UUID(person_id), now=timezone.now())


@job("core.mail-emergency")
def mail_emergency(*, break_glass_id: str) -> None:
    """Tell a district's coordinators that an operator was let in."""
    tell_district(break_glass_id=UUID(break_glass_id))
