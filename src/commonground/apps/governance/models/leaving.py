"""How a district leaves: what it took with it, who asked, who confirmed, and what was destroyed."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class LeavingQuerySet(models.QuerySet["Leaving"]):
    def open(self) -> "LeavingQuerySet":
        """Begun, and neither called off nor finished."""
        return self.filter(called_off_at=None, destroyed_at=None)


class Leaving(models.Model):
    """A district's way out, from its export to its certificate. Written by the functions of `leaving_scope.sql` alone.

    export_count: rows written into the export so far. exported_at: when it was whole; None while it is made or was never
    asked for. export_number: eight digits that stand in its last part. saved_at: when somebody of the district first typed
    them: it arrived. waived: why it goes without an export, "" otherwise.
    destroyed_counts, kept_counts: rows by table, destroyed and left, None where no number is told. digest: SHA-256 over the
    sorted list of what was destroyed. names_before, names_after: heads of the chain over changes before and after names were taken out of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    place = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    export_count = models.BigIntegerField(default=0, db_default=0)
    exported_at = models.DateTimeField(null=True)
    export_digest = models.CharField(max_length=64, default="", db_default="")
    export_number = models.CharField(max_length=8, default="", db_default="")
    saved_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(null=True)
    waived = models.TextField(default="", db_default="")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    called_off_at = models.DateTimeField(null=True)
    ended_counts = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    destroyed_counts = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    kept_counts = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    names_before = models.CharField(max_length=64, default="", db_default="")
    names_after = models.CharField(max_length=64, default="", db_default="")
    digest = models.CharField(max_length=64, default="", db_default="")
    destroyed_at = models.DateTimeField(null=True)

    objects = LeavingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "place", condition=Q(called_off_at=None, destroyed_at=None), name="leaving_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | (Q(confirmed_at__isnull=False, asked_by__isnull=False) & ~Q(confirmed_by=F("asked_by"))),
                name="leaving_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(destroyed_at=None) | Q(confirmed_at__isnull=False, called_off_at=None),
                name="leaving_destroyed_when_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"leaving of {self.place_id}"
