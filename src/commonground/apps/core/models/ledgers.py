"""Ledgers that can only be added to: what changed, who did what, who looked at which child, and the chains over them."""

from django.db import models

from commonground.store.walls import Wall


class Change(models.Model):
    """The row as it was before an update or a delete, or the fact of an insert outside a batch. Written by triggers."""

    number = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    table_name = models.TextField()
    row_id = models.UUIDField()
    operation = models.CharField(max_length=1)
    old = models.JSONField(null=True)
    batch_id = models.UUIDField(null=True, db_index=True)
    person_id = models.UUIDField(null=True)
    purpose = models.TextField(blank=True)
    at = models.DateTimeField()

    wall = Wall("audit", written_by=(), ledger=True)

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name} {self.row_id}"


class DisclosureLine(models.Model):
    """Somebody outside the child's district looked at the named child (34 CFR 99.32). A guardian can read it."""

    number = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    student_id = models.UUIDField(db_index=True)
    person_id = models.UUIDField()
    role = models.CharField(max_length=40)
    organization_id = models.UUIDField()
    purpose = models.TextField()
    page = models.TextField()
    agreement_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    wall = Wall("disclosure", student="student_id", written_by=(), appended_by=("web", "job"))

    class Meta:
        indexes = [models.Index("owner", "at", name="disclosure_by_owner")]

    def __str__(self) -> str:
        return f"{self.page} at {self.at:%Y-%m-%d}"


class Event(models.Model):
    """Somebody did something worth remembering: ids and dotted names only, never a person's name or a value."""

    number = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=60)
    person_id = models.UUIDField(null=True)
    organization_id = models.UUIDField(null=True)
    about = models.TextField(blank=True, default="")
    detail = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index("kind", "at", name="event_by_kind")]

    def __str__(self) -> str:
        return self.kind


class ChainLink(models.Model):
    """A fingerprint over a stretch of a ledger and over the link before it: changing any line breaks every later link."""

    ledger = models.CharField(max_length=20)
    position = models.PositiveIntegerField()
    first_number = models.BigIntegerField()
    last_number = models.BigIntegerField()
    line_count = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("ledger", "position", name="chain_link_once")]

    def __str__(self) -> str:
        return f"{self.ledger} {self.position}"
