"""How this installation sends mail: one row, without which it sends none."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class MailSettings(models.Model):
    """The mail server. sealed_password: encrypted with a key of the data folder. tested_at: the last mail that left."""

    class Security(models.TextChoices):
        STARTTLS = "starttls", _("STARTTLS (usually port 587)")
        TLS = "tls", _("TLS from the start (usually port 465)")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    host = models.TextField()
    port = models.PositiveIntegerField(default=587)
    security = models.CharField(max_length=10, choices=Security, default=Security.STARTTLS)
    username = models.TextField(blank=True, default="")
    sealed_password = models.TextField(blank=True, default="")
    sender = models.EmailField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="mail_settings_once")]

    def __str__(self) -> str:
        return self.host
