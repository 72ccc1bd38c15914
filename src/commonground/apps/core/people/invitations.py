"""An invitation by mail: a link and three sentences, in the person's language, without anybody's name."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from commonground.apps.core.actions import LINK_DAYS
from commonground.apps.core.models import Person
from commonground.apps.core.people.actions import new_link
from commonground.apps.core.people.mail import MailRefused, send_mail


def mail_invitation(*, person_id: UUID, now: datetime) -> bool:
    """Make a new link of the account and mail it; whether it left. Why not stands with the invitation."""
    person = Person.objects.filter(pk=person_id).first()
    if person is None or not person.grants.not_over(timezone.localdate(now)).exists():
        return False  # somebody ended the role meanwhile
    invitation, token = new_link(person=person, now=now)
    with override(person.language or settings.LANGUAGE_CODE):
        subject = _("Your way into Commonground")
        text = _(
            "You have been invited to work in Commonground.\n\n"
            "Open this link within %(days)s days. It works once, and lets you choose your password:\n%(link)s\n\n"
            "If you expected no invitation, do nothing: the link closes by itself."
        ) % {"days": LINK_DAYS, "link": f"{settings.PUBLIC_ADDRESS}{reverse('core:open-link', args=[token])}"}
    try:
        send_mail(to=person.email, subject=subject, text=text)
    except MailRefused as refused:
        invitation.trouble = refused.word
    else:
        invitation.mailed_at = now
    invitation.save(update_fields=["trouble", "mailed_at"])
    return not invitation.trouble
