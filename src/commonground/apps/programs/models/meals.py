"""What families said about school meals."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commonground.apps.programs.models.registrations import Registration
from commonground.apps.roster.models import within
from commonground.store.rows import WalledRow
from commonground.store.walls import RelatedWrite, Wall


class MealsAnswer(WalledRow):
    """What a family said about school meals, if it did. Read by the family alone; no row where nobody answered.

    The values are words that stand nowhere else, so that a log that held one would be found.
    """

    class Answer(models.TextChoices):
        YES = "meals_yes", _("Yes")
        NO = "meals_no", _("No")
        UNSAID = "meals_unsaid", _("I prefer not to say")

    registration = within(Registration, related_name="meals_answers")
    answer = models.CharField(max_length=20, choices=Answer)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    wall = Wall(
        "meals",
        registration="registration_id",
        as_a_whole=False,
        written_by=(),
        related_writes=(
            RelatedWrite("insert", through="registration", column="registration_id", signed="written_by_id"),
            RelatedWrite("update", through="registration", column="registration_id", signed="written_by_id"),
        ),
        sealed=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", "registration", name="meals_answer_once"),
            models.CheckConstraint(
                condition=Q(answer__in=["meals_yes", "meals_no", "meals_unsaid"]), name="meals_answer_is_one_of_them"
            ),
        ]

    def __str__(self) -> str:
        return f"meals for {self.registration_id}"
