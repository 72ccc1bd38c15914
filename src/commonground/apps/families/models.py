"""What families ask for."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commonground.apps.roster.models import Student, within
from commonground.store.rows import WalledRow
from commonground.store.walls import RelatedWrite, Wall


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def open(self) -> "CorrectionQuerySet":
        """Those that nobody has answered."""
        return self.filter(outcome=Correction.Outcome.OPEN)


class Correction(WalledRow):
    """A family says that something in its child's record is wrong (34 CFR 99.20). The district answers by a day.

    words: what should stand there instead, in the family's words. due_on: the last day for an answer.
    """

    class About(models.TextChoices):
        NAME = "name", _("the child’s name")
        BIRTH = "birth", _("the date of birth")
        SCHOOL = "school", _("school, grade or classes")
        LANGUAGE = "language", _("the language of the home")
        CONTACT = "contact", _("our telephone, address or email")
        FAMILY = "family", _("who belongs to the family")
        OTHER = "other", _("something else")

    class Outcome(models.TextChoices):
        OPEN = "open", _("waits for the district")
        CORRECTED = "corrected", _("corrected")
        KEPT = "kept", _("left as it is")

    student = within(Student, related_name="corrections")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    about = models.CharField(max_length=20, choices=About)
    words = models.TextField()
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.OPEN)
    answer = models.TextField(blank=True, default="")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    wall = Wall(
        "correction",
        student="student_id",
        written_by=("web",),
        related_writes=(RelatedWrite("insert", through="student", column="student_id", signed="asked_by_id"),),
    )
    objects = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="correction_says_something"),
            models.CheckConstraint(
                condition=Q(outcome="open", answer="", answered_by=None, answered_at=None)
                | (
                    Q(outcome__in=["corrected", "kept"], answered_by__isnull=False, answered_at__isnull=False)
                    & ~Q(answer="")
                ),
                name="correction_answered_whole",
            ),
        ]
        indexes = [models.Index("owner", "outcome", "due_on", name="correction_open")]

    def __str__(self) -> str:
        return f"{self.about} of {self.student_id}"
