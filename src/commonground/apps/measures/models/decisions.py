"""What the state decided, as people wrote it down from its letters."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Letter(models.Model):
    """The state's decision about a member for one school year. Never changed: a later line takes the place of an earlier one.

    dated_on: the day on the letter. decision: the statuses as the department writes them, RI, A and V.
    """

    class Decision(models.TextChoices):
        ISOLATED = "isolated", _("RI: racially isolated")
        ISOLATED_ADJOINING = "isolated_adjoining", _("RI, A: isolated and adjoining an isolated one")
        ADJOINING = "adjoining", _("A: adjoining an isolated one")
        VOLUNTARY = "voluntary", _("V: voluntary")
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

    @property
    def is_isolated(self) -> bool:
        return self.decision in (self.Decision.ISOLATED, self.Decision.ISOLATED_ADJOINING)

    @property
    def is_adjoining(self) -> bool:
        return self.decision in (self.Decision.ADJOINING, self.Decision.ISOLATED_ADJOINING)


class Exemption(models.Model):
    """What people judged about a district that is isolated, or a school identifiable, only through American Indian students.

    The law asks for a judgment that no count can make: whether the concentration comes from programs that meet these
    students' needs, and from free choice (Minn. R. 3535.0160 and .0170). Never changed: a later line takes the place of
    an earlier one. school: the school's id as the counts name it, "" for the district itself. school_year: by the calendar
    year in which it ends.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collaborative = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    district = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    school = models.TextField(default="", blank=True)
    school_year = models.PositiveSmallIntegerField()
    applies = models.BooleanField()
    reason = models.TextField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index("district", "recorded_at", name="exemption_by_district")]
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="exemption_has_reason")]

    def __str__(self) -> str:
        return f"{self.district_id}: {self.applies}"
