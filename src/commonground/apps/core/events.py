"""The event ledger: who did what, in ids and dotted names."""

import json
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone


class EventKind(StrEnum):
    """What can happen. Never a person's name, never a value of a record."""

    SIGNED_IN = "account.signed_in"
    SIGN_IN_FAILED = "account.sign_in_failed"
    SIGNED_OUT = "account.signed_out"
    SECOND_FACTOR_ADDED = "account.second_factor_added"
    SECOND_FACTOR_REMOVED = "account.second_factor_removed"
    PASSWORD_CHANGED = "account.password_changed"  # noqa: S105 - a name, not a password
    IDENTITY_LINKED = "account.identity_linked"
    IDENTITY_UNLINKED = "account.identity_unlinked"
    IDENTITY_USED = "account.identity_used"
    PROVIDER_SAVED = "provider.saved"
    PROVIDER_TRIED = "provider.tried"
    PROVIDER_REMOVED = "provider.removed"
    ROLE_GIVEN = "account.role_given"
    ROLE_ENDED = "account.role_ended"
    ROLE_REOPENED = "account.role_reopened"
    INVITED = "account.invited"
    ACCOUNT_CLOSED = "account.closed"
    LANGUAGE_CHANGED = "account.language_changed"
    EXPORT_MADE = "export.made"
    LOOK_REFUSED = "look.refused"
    LEDGER_VERIFIED = "ledger.verified"
    LEDGER_BROKEN = "ledger.broken"
    BATCH_RECEIVED = "batch.received"
    BATCH_CHECKED = "batch.checked"
    BATCH_REFUSED = "batch.refused"
    BATCH_TIED = "batch.tied"
    BATCH_APPLIED = "batch.applied"
    BATCH_UNDONE = "batch.undone"
    BATCH_DISCARDED = "batch.discarded"
    ROWS_DECIDED = "batch.rows_decided"
    OFFERING_PLANNED = "program.offering_planned"
    OFFERING_CHANGED = "program.offering_changed"
    CHILD_REGISTERED = "program.child_registered"
    CARE_CHANGED = "program.care_changed"
    CHILD_WITHDRAWN = "program.child_withdrawn"
    CASELOAD_GIVEN = "caseload.given"
    CASELOAD_ENDED = "caseload.ended"
    NOTE_WRITTEN = "note.written"
    NOTE_CORRECTED = "note.corrected"
    NOTE_STRUCK = "note.struck"
    COACHING_GIVEN = "coaching.given"
    COACHING_ENDED = "coaching.ended"
    COACHING_WRITTEN = "coaching.written"
    COACHING_CORRECTED = "coaching.corrected"
    COACHING_JUDGED = "coaching.judged"
    COACHING_STRUCK = "coaching.struck"
    LETTER_RECORDED = "letter.recorded"
    EXEMPTION_JUDGED = "exemption.judged"
    AGREEMENT_WRITTEN = "agreement.written"
    AGREEMENT_SIGNED = "agreement.signed"
    AGREEMENT_ENDED = "agreement.ended"
    BREAK_GLASS_ASKED = "break_glass.asked"
    BREAK_GLASS_APPROVED = "break_glass.approved"
    BREAK_GLASS_CLOSED = "break_glass.closed"
    INCIDENT_FILED = "incident.filed"
    PACKET_OPENED = "incident.packet_opened"
    DISTRICT_TOLD = "incident.district_told"
    FAMILIES_TOLD = "incident.families_told"
    NOTICE_GIVEN = "notice.given"
    REMINDER_SENT = "agreement.reminder_sent"
    REMINDERS_SWITCHED = "agreement.reminders_switched"
    LEAVING_BEGUN = "leaving.begun"
    LEAVING_EXPORTED = "leaving.exported"
    LEAVING_ARRIVED = "leaving.arrived"
    LEAVING_ASKED = "leaving.asked"
    LEAVING_CONFIRMED = "leaving.confirmed"
    LEAVING_CALLED_OFF = "leaving.called_off"
    LEAVING_FINISHED = "leaving.finished"
    KEEPING_CHANGED = "retention.changed"
    PAST_DESTROYED = "retention.destroyed"
    HOLD_PLACED = "retention.hold_placed"
    HOLD_ENDED = "retention.hold_ended"
    CORRECTION_ASKED = "correction.asked"
    CORRECTION_ANSWERED = "correction.answered"
    FAMILY_CAME_IN = "family.came_in"
    HOUSE_NAMED = "house.named"
    MEMBER_JOINED = "house.member_joined"
    MEMBER_LEFT = "house.member_left"
    MAIL_CHANGED = "mail.changed"
    MAIL_LEFT_OUT = "mail.left_out"
    MAIL_TESTED = "mail.tested"


def record_event(
    kind: EventKind,
    *,
    person_id: UUID | None = None,
    organization_id: UUID | None = None,
    about: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Add one line to the ledger. It can never be changed or removed, so it holds ids and counts only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into core_event (kind, person_id, organization_id, about, detail, at) values (%s, %s, %s, %s, %s, %s)",
            [kind.value, person_id, organization_id, about, json.dumps(detail or {}), timezone.now()],
        )
