"""What opens the door once: links for people who have no password yet; and the site's short memory of attempts."""

import hashlib
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open_at(self, now) -> "InvitationQuerySet":
        """Links that nobody has used and that have not run out."""
        return self.filter(used_at=None, expires_at__gt=now)


class Invitation(models.Model):
    """What opens one account, once: a link, or a code printed on a sheet.

    token_digest: SHA-256 of the token or code, in hexadecimal; itself it is stored nowhere.
    person: whose account it opens; None for a family's code, which opens the door to a guardian's children instead.
    guardian_id, district: the guardian of that code and the district that holds the record; made_by: the coordinator with
    whose right the family comes in, asked for again at that moment.
    language: of the sheet, and of the page that it opens. mailed_at: when the link left by mail. trouble: why it did not, a short word.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="invitations"
    )
    token_digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    district = models.ForeignKey("core.Organization", null=True, on_delete=models.PROTECT, related_name="+")
    guardian_id = models.UUIDField(null=True)
    language = models.CharField(max_length=20, blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=20, blank=True, default="")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(created_at__lt=F("expires_at")), name="invitation_in_order"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, guardian_id=None)
                | Q(person=None, guardian_id__isnull=False, district__isnull=False, made_by__isnull=False),
                name="invitation_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @staticmethod
    def digest_of(token: str) -> str:
        """What the database keeps of a token."""
        return hashlib.sha256(token.encode()).hexdigest()


class CachedValue(models.Model):
    """The table of Django's database cache: counts of attempts, shared by all processes. Holds nothing about children."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key
