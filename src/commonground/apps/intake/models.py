"""Batches of a district's files, what was found in them, and what people decided."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commonground.store.rows import WalledRow
from commonground.store.walls import Wall


class BatchQuerySet(models.QuerySet["Batch"]):
    def applied(self) -> "BatchQuerySet":
        return self.filter(status=Batch.Status.APPLIED)

    def of_source(self, *, owner_id, format) -> "BatchQuerySet":
        """Batches of one source: one district's files of one format, newest first."""
        return self.filter(owner_id=owner_id, format=format).order_by("-number")


class Batch(WalledRow):
    """One sending of a district: from the file as received to the rows applied, and undone if need be.

    number: counts the batches of the owner from 1. label: the name the file had, as its sender called it.
    summary: counts per file, table and problem code (numbers and names of files and columns only; see `intake.summary`).
    follows: the batch whose held rows this one releases; it reads the same file again.
    """

    class Status(models.TextChoices):
        RECEIVED = "received", _("received")
        CHECKING = "checking", _("being checked")
        REFUSED = "refused", _("refused")
        CHECKED = "checked", _("ready to look at")
        APPLYING = "applying", _("being applied")
        APPLIED = "applied", _("applied")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")
        DISCARDED = "discarded", _("set aside")
        FAILED = "failed", _("stopped by an error of ours")

    number = models.PositiveIntegerField()
    format = models.TextField(blank=True, default="")
    version = models.TextField(blank=True, default="")
    status = models.CharField(max_length=20, choices=Status, default=Status.RECEIVED)
    label = models.TextField()
    size_bytes = models.BigIntegerField(default=0)
    digest = models.TextField(blank=True, default="")
    step = models.TextField(blank=True, default="")
    refusal = models.JSONField(null=True)
    summary = models.JSONField(default=dict)
    follows = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, db_constraint=False, related_name="followed_by"
    )
    sent_by_id = models.UUIDField()
    sent_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    applied_by_id = models.UUIDField(null=True)
    applied_at = models.DateTimeField(null=True)
    undone_by_id = models.UUIDField(null=True)
    undone_at = models.DateTimeField(null=True)
    undo_report = models.JSONField(null=True)

    wall = Wall("roster")
    objects = BatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", "number", name="batch_number_once"),
            models.UniqueConstraint("owner", "id", name="batch_within_owner"),
            models.CheckConstraint(
                condition=~Q(status="applied") | Q(applied_at__isnull=False, applied_by_id__isnull=False),
                name="batch_applied_by_somebody",
            ),
        ]
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return f"batch {self.number}"

    @property
    def can_be_applied(self) -> bool:
        return self.status == self.Status.CHECKED

    @property
    def is_waiting(self) -> bool:
        """Whether something is being done to it right now."""
        return self.status in {self.Status.RECEIVED, self.Status.CHECKING, self.Status.APPLYING, self.Status.UNDOING}


class Tie(WalledRow):
    """A person said that files with this root are this district's. Undo of the first batch unties it."""

    format = models.TextField()
    root = models.JSONField()
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, db_constraint=False, related_name="ties")
    tied_by_id = models.UUIDField()
    tied_at = models.DateTimeField()

    wall = Wall("roster")

    class Meta:
        constraints = [models.UniqueConstraint("owner", "format", name="tie_once_per_source")]

    def __str__(self) -> str:
        return f"{self.format} of {self.owner_id}"


class Problem(WalledRow):
    """One problem at one place. At most `intake.checking.LINES_KEPT` lines per code and file are kept; all are counted."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, db_constraint=False, related_name="problems")
    code = models.TextField()
    severity = models.TextField()
    outcome = models.TextField()
    file = models.TextField(blank=True)
    line = models.PositiveIntegerField(null=True)
    column = models.TextField(blank=True)
    kind = models.TextField(blank=True)

    wall = Wall("roster", kept=False)

    class Meta:
        indexes = [models.Index("owner", "batch", "code", "file", "line", name="problem_by_cause")]

    def __str__(self) -> str:
        return f"{self.code} {self.file}:{self.line}"


class HeldRow(WalledRow):
    """A row that waits: the problem that holds it, and the row it depends on when that one is held."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, db_constraint=False, related_name="held_rows")
    table_name = models.TextField()
    file = models.TextField()
    line = models.PositiveIntegerField(null=True)
    source_id = models.TextField(blank=True)
    code = models.TextField()
    root_file = models.TextField(blank=True)
    root_line = models.PositiveIntegerField(null=True)
    releasable = models.BooleanField(default=False)

    wall = Wall("roster", kept=False)

    class Meta:
        indexes = [models.Index("owner", "batch", "code", "file", "line", name="held_by_cause")]

    def __str__(self) -> str:
        return f"{self.code} {self.file}:{self.line}"


class Decision(WalledRow):
    """What a person decided about held rows: one row, or all rows of a file that one code holds (line null)."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, db_constraint=False, related_name="decisions")
    code = models.TextField()
    file = models.TextField(blank=True)
    line = models.PositiveIntegerField(null=True)
    choice = models.TextField()
    decided_by_id = models.UUIDField()
    decided_at = models.DateTimeField()

    wall = Wall("roster")

    def __str__(self) -> str:
        return f"{self.code}: {self.choice}"
