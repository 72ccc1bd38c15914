"""Which mails left before the last days of agreements, and for which agreements nobody wants any."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Reminder(models.Model):
    """One mail to one of those who answer for an agreement, before its end or before the day its copies are destroyed.

    days: 60, 30 or 7 before `falls_on`. No child, and no name.
    """

    class About(models.TextChoices):
        END = "end", _("the agreement ends")
        DESTRUCTION = "destruction", _("copies are destroyed")

    agreement = models.ForeignKey("core.Agreement", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    about = models.CharField(max_length=20, choices=About)
    falls_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("agreement", "person", "about", "falls_on", "days", name="reminder_once")
        ]

    def __str__(self) -> str:
        return f"{self.days} days before {self.falls_on}: {self.about}"


class RemindersOff(models.Model):
    """Nobody is mailed about this agreement. Written by `cg.set_reminders`, which asks who is acting."""

    agreement = models.OneToOneField("core.Agreement", primary_key=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"no mails about {self.agreement_id}"
