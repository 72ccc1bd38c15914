"""What the state decided, as people wrote it down from its letters."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Letter(models.Model):
    """The state's decision about a member for one school year. Never changed: a later line takes the place of an earlier one.

    dated_on: the day on the letter.
    """

    class Decision(models.TextChoices):
        ISOLATED = "isolated", _("Isolated")
        ADJOINING = "adjoining", _("Adjoining")
        VOLUNTARY = "voluntary", _("Voluntary")
        NONE = "none", _("None of these")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collaborative = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    district = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=20, choices=Decision)
    dated_on = models.DateField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index("district", "recorded_at", name="letter_by_district")]

    def __str__(self) -> str:
        return f"{self.district_id}: {self.decision}"
