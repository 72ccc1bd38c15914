"""How long a district keeps which class of data, and what a legal hold keeps beyond it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from commonground.apps.roster.models import Student, within
from commonground.store.rows import WalledRow
from commonground.store.walls import Wall


class Keeping(WalledRow):
    """A district keeps a class of data for other than the usual number of days."""

    data_class = models.CharField(max_length=20)
    days = models.PositiveIntegerField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    wall = Wall("agreement", written_by=("web",))

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", "data_class", name="keeping_once"),
            models.CheckConstraint(condition=Q(days__gte=1), name="keeping_a_day_at_least"),
        ]

    def __str__(self) -> str:
        return f"{self.data_class}: {self.days} days"


class LegalHold(WalledRow):
    """Nothing that it covers is destroyed until somebody ends it.

    data_class: "" for every class. student: None for every student.
    """

    data_class = models.CharField(max_length=20, blank=True, default="")
    student = within(Student, null=True, related_name="+")
    reason = models.TextField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    wall = Wall("agreement", written_by=("web",))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="legal_hold_has_a_reason"),
            models.CheckConstraint(
                condition=Q(ended_by=None, ended_at=None) | Q(ended_by__isnull=False, ended_at__isnull=False),
                name="legal_hold_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"
