"""What a district has agreed to share with a collaborative: the database opens exactly this."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def in_force(self, on) -> "AgreementQuerySet":
        """Signed agreements that hold on this day; the last day is not included."""
        return self.filter(signed_on__lte=on, since__lte=on, until__gt=on)


class Agreement(models.Model):
    """An organization shares categories of data with a collaborative for a purpose, from a day up to (not including) a day.

    Pages write it through functions of the schema `cg`: either party drafts it, the district's coordinator alone signs it,
    either party ends it early. signed_by, house_signed_by: name and office of who signed for the district and for the
    collaborative. ended_by: who ended it before its time.
    """

    class Ground(models.TextChoices):
        SCHOOL_OFFICIAL = (
            "school_official",
            _("School official with a legitimate educational interest (34 CFR 99.31(a)(1))"),
        )
        STUDIES = "studies", _("Studies for the district (34 CFR 99.31(a)(6))")
        EVALUATION = "evaluation", _("Audit or evaluation of a program (34 CFR 99.31(a)(3), 99.35)")
        CONSENT = "consent", _("The family's written consent (34 CFR 99.30)")

    # Grounds on which somebody outside the district may walk beside its children or run a program with them: studying or
    # auditing a program is none. As `cg.lending` has it.
    BESIDE_CHILDREN = (Ground.SCHOOL_OFFICIAL, Ground.CONSENT)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="agreements")
    collaborative = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="+")
    categories = ArrayField(models.CharField(max_length=20))
    ground = models.CharField(max_length=20, choices=Ground)
    purpose = models.TextField()
    since = models.DateField()
    until = models.DateField()
    destroy_by = models.DateField()
    signed_on = models.DateField(null=True)
    signed_by = models.TextField(blank=True, default="")
    house_signed_by = models.TextField(blank=True, default="", db_default="")
    written_by = models.ForeignKey("core.Person", null=True, on_delete=models.PROTECT, related_name="+")
    ended_by = models.ForeignKey("core.Person", null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(since__lte=F("until")), name="agreement_in_order"),
            models.CheckConstraint(condition=Q(destroy_by__gte=F("until")), name="agreement_destroyed_after_end"),
            models.CheckConstraint(condition=~Q(purpose=""), name="agreement_has_purpose"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id}: {self.purpose}"
