"""The two shapes of row that stand behind walls, and where each came from."""

import uuid

from django.db import models


class WalledRow(models.Model):
    """A row that belongs to one organization: a member district or the joint-powers body itself.

    Its model declares `wall = Wall(...)` in one line; `store.walls` raises it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


class SourcedRow(models.Model):
    """A row that came from a district's file: the batch, the file in it, and the line where it stands.

    source_id: the id the file gives it. digest: of its values, so that an unchanged row is recognized.
    ended_on: the day it was missing from its source, or was taken back while other work still points to it.
    """

    source_id = models.TextField()
    batch_id = models.UUIDField(null=True)
    file = models.TextField(blank=True, default="")
    line = models.PositiveIntegerField(null=True)
    digest = models.UUIDField(null=True)
    extra = models.JSONField(null=True)
    ended_on = models.DateField(null=True)

    class Meta:
        abstract = True
