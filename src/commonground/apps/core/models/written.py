"""What somebody wrote for a few to read: its author corrects it for a day, and strikes it ever after."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import models

# As the functions of the schema `cg` have it that correct a note or an entry.
CORRECTED_WITHIN = timedelta(days=1)


class Written(models.Model):
    """struck_at: when its author struck it; what it said stays readable."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    corrected_at = models.DateTimeField(null=True)
    struck_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def may_be_corrected(self, *, by: UUID, now: datetime) -> bool:
        """Whether this person may still change what it says."""
        return self.may_be_struck(by=by) and self.written_at > now - CORRECTED_WITHIN

    def may_be_struck(self, *, by: UUID) -> bool:
        """Whether this person may strike it: its author, from the first day."""
        return self.author_id == by and self.struck_at is None
