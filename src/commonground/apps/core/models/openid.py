"""Sign-in with an organization's own accounts: its OpenID Connect provider, and which of its accounts is whose here."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class IdentityProviderQuerySet(models.QuerySet["IdentityProvider"]):
    def shown(self) -> "IdentityProviderQuerySet":
        """Those with a button on the sign-in page, by name."""
        return self.filter(is_on=True, organization__ended_on=None).order_by("name", "pk")


class IdentityProvider(models.Model):
    """Where the people of one organization may show who they are, besides their password here.

    Written by the functions `cg.save_provider` and `cg.remove_provider` alone. issuer: its address, exactly as its tokens
    say it. domains: the e-mail domains for which its word counts, in small letters. sealed_secret: encrypted with a key of
    the data folder. is_on: the sign-in page shows its button, named `name`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="identity_providers")
    name = models.CharField(max_length=60)
    issuer = models.TextField()
    client_id = models.TextField(blank=True, default="")
    sealed_secret = models.TextField(blank=True, default="")
    domains = ArrayField(models.CharField(max_length=253))
    is_on = models.BooleanField(default=False)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    objects = IdentityProviderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_on=False) | (~Q(client_id="") & ~Q(sealed_secret="")), name="identity_provider_whole"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Identity(models.Model):
    """An account at a provider that opens an account here. Written by `cg.link_identity` and `cg.unlink_identity` alone.

    issuer and subject: what the provider's tokens call themselves and the person; together the same person for ever.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.ForeignKey(IdentityProvider, on_delete=models.PROTECT, related_name="identities")
    issuer = models.TextField()
    subject = models.CharField(max_length=255)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="identities")
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("provider", "issuer", "subject", name="identity_opens_one"),
            models.UniqueConstraint("provider", "person", name="identity_of_one"),
        ]

    def __str__(self) -> str:
        return f"identity {self.pk}"
