"""Reminders before an agreement ends and before its copies are destroyed: on Today, and by mail once each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonground.apps.core.asking import ask_database
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import Agreement, MailSettings, Person
from commonground.apps.governance.mailing import answering_for, mail
from commonground.apps.governance.models import Reminder, RemindersOff
from commonground.apps.governance.queries.agreements import REMINDED, is_followed

END, DESTRUCTION = Reminder.About.END, Reminder.About.DESTRUCTION


@dataclass(frozen=True)
class LastDay:
    """A day that an agreement comes to. falls_on: the first day without it, or the day by which copies are destroyed.

    step: 60, 30 or 7, the smallest of them that is not passed yet. left: days from today.
    """

    agreement: Agreement
    about: str
    falls_on: date
    step: int
    left: int

    @property
    def day(self) -> date:
        """The last day on which the agreement opens something, or copies may exist."""
        return self.falls_on - timedelta(days=1) if self.about == END else self.falls_on


def last_days(agreements: Iterable[Agreement], *, others: Sequence[Agreement], today: date) -> list[LastDay]:
    """What signed agreements come to within 60 days, unless another follows them. others: what may follow."""
    found = []
    for one in agreements:
        if not one.signed_on or is_followed(one, others):
            continue
        for about, day in ((END, one.until), (DESTRUCTION, one.destroy_by)):
            left = (day - today).days
            if left >= (1 if about == END else 0) and left <= max(REMINDED):
                found.append(LastDay(one, about, day, min(step for step in REMINDED if left <= step), left))
    return found


def send_reminders(*, now: datetime) -> int:
    """Mail everybody who answers for an agreement that comes to a last day; how many mails left.

    Each mail is recorded together with its leaving: run again, nothing more is sent. What the mail server refused is tried
    at the next run. Outside the walls: agreements name no child.
    """
    if not MailSettings.objects.exists():
        return 0
    today = timezone.localdate(now)
    signed = Agreement.objects.filter(signed_on__lte=today, destroy_by__gte=today).select_related(
        "owner", "collaborative"
    )
    others = list(signed)
    quiet = set(RemindersOff.objects.values_list("agreement_id", flat=True))
    left = 0
    for day in last_days([one for one in others if one.pk not in quiet], others=others, today=today):
        for person in answering_for(day.agreement, today=today):
            left += _remind(day, person, now=now)
    return left


def _remind(day: LastDay, person: Person, *, now: datetime) -> bool:
    """Whether a mail left to this person. Where it did not, nothing is recorded, and the next run tries again."""
    with transaction.atomic():
        _made, is_new = Reminder.objects.get_or_create(
            agreement=day.agreement,
            person=person,
            about=day.about,
            falls_on=day.falls_on,
            days=day.step,
            defaults={"sent_at": now},
        )
        if not is_new:
            return False
        record_event(
            EventKind.REMINDER_SENT,
            person_id=person.pk,
            organization_id=day.agreement.owner_id,
            about=str(day.agreement.pk),
            detail={"about": day.about, "days": day.step},
        )
        has_left = mail(person, partial(_words, day))
        transaction.set_rollback(not has_left)
        return has_left


def _words(day: LastDay) -> tuple[str, str]:
    words = {
        "district": day.agreement.owner.name,
        "house": day.agreement.collaborative.name,
        "day": date_format(day.day, "DATE_FORMAT"),
        "left": ngettext("%(days)s day is left.", "%(days)s days are left.", day.left) % {"days": day.left},
        "link": f"{settings.PUBLIC_ADDRESS}{reverse('governance:agreement', args=[day.agreement.pk])}",
    }
    if day.about == END:
        subject = _("An agreement ends soon")
        text = _(
            "The agreement of %(district)s with %(house)s ends: its last day is %(day)s. %(left)s\n\n"
            "After that day nothing that it opens can be seen. Write the next one, or let it end:\n%(link)s"
        )
    else:
        subject = _("Copies are to be destroyed soon")
        text = _(
            "By %(day)s all copies made under the agreement of %(district)s with %(house)s are to be destroyed. %(left)s\n\n"
            "Read what it covered, and who has copies:\n%(link)s"
        )
    return subject, text % words


def switch_reminders(*, agreement: Agreement, wanted: bool, by: UUID) -> None:
    """Whether mails leave before the last days of this agreement. Either party. Raises Refused."""
    ask_database("set_reminders", agreement.pk, wanted)
    record_event(
        EventKind.REMINDERS_SWITCHED,
        person_id=by,
        organization_id=agreement.owner_id,
        about=str(agreement.pk),
        detail={"wanted": wanted},
    )
