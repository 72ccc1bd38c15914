"""Emergency access: an operator is let in to one district's records for four hours, by a second person, before all eyes."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class BreakGlassQuerySet(models.QuerySet["BreakGlass"]):
    def open_at(self, now) -> "BreakGlassQuerySet":
        """Those that show something at this moment."""
        return self.filter(until__gt=now, closed_at=None)


class BreakGlass(models.Model):
    """What an operator asked to see of one district, why, who let them in, and until when.

    Written by the functions `cg.ask_break_glass`, `cg.approve_break_glass` and `cg.close_break_glass` alone. until: four
    hours after the second person approved, None before. While it is open the database shows `categories` of the district.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    district = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    categories = ArrayField(models.CharField(max_length=20))
    reason = models.TextField()
    asked_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    objects = BreakGlassQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("approved_by")), name="break_glass_by_two"),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None, until=None)
                | Q(approved_by__isnull=False, approved_at__isnull=False, until__isnull=False),
                name="break_glass_approved_whole",
            ),
        ]
        indexes = [models.Index("person", "until", name="break_glass_of_person")]

    def __str__(self) -> str:
        return f"break-glass {self.pk}"
