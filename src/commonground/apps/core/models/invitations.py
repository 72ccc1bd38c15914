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
    """A link that lets its holder choose name, address and password of one account, once.

    token_digest: SHA-256 of the token in the link, in hexadecimal; the token itself is stored nowhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitations")
    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(created_at__lt=F("expires_at")), name="invitation_in_order")]

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
