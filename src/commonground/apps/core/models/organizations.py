"""Who works together: collaboratives, joint-powers bodies, districts and their schools, on dated terms."""

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.models.dated import DatedQuerySet
from commonground.store.rows import SourcedRow
from commonground.store.walls import PUBLIC, Wall


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def districts(self) -> "OrganizationQuerySet":
        return self.filter(kind=Organization.Kind.DISTRICT)

    def schools(self) -> "OrganizationQuerySet":
        return self.filter(kind=Organization.Kind.SCHOOL, ended_on=None)

    def members_of(self, collaborative_id, *, on) -> "OrganizationQuerySet":
        """Organizations that belong to the collaborative on this day, voluntary ones included, partners not."""
        return self.filter(
            memberships__in=Membership.objects.in_force(on).of_members().filter(collaborative_id=collaborative_id)
        )


class Organization(SourcedRow):
    """A body that owns records, or that people belong to. Schools come from their district's own files."""

    class Kind(models.TextChoices):
        COLLABORATIVE = "collaborative", _("collaborative")
        JOINT_POWERS = "joint_powers", _("joint-powers body")
        DISTRICT = "district", _("district")
        SCHOOL = "school", _("school")
        PARTNER = "partner", _("partner")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    name = models.TextField()
    state_id = models.TextField(
        null=True,
        validators=[RegexValidator(r"^\d{4}-\d{2}(-\d{3})?$", _("A state id looks like 0347-01 or 0347-01-010."))],
    )
    nces_id = models.TextField(null=True)
    identifier = models.TextField(null=True)
    source_id = models.TextField(null=True)  # type: ignore[assignment]
    owner = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts", db_index=False)
    invented = models.BooleanField(default=False)

    wall = Wall(PUBLIC, written_by=("loader",), by_functions=("update",))
    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", "source_id", name="organization_once_per_source"),
            models.UniqueConstraint("owner", "id", name="organization_within_owner"),
            models.UniqueConstraint("state_id", condition=Q(owner=None), name="organization_state_id_once"),
            models.CheckConstraint(condition=Q(kind="school") ^ Q(owner=None), name="organization_school_has_owner"),
        ]
        indexes = [models.Index("kind", "name", name="organization_by_kind")]

    def __str__(self) -> str:
        return self.name


class SchoolYear(models.Model):
    """A school year, named by the calendar years it spans, such as 2026–27. Minnesota's begin on July 1."""

    ends_in = models.PositiveSmallIntegerField(primary_key=True)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(starts_on__lt=F("ends_on")), name="school_year_in_order")]

    def __str__(self) -> str:
        return f"{self.ends_in - 1}–{self.ends_in % 100:02d}"


class MembershipQuerySet(DatedQuerySet["Membership"]):
    def of_members(self) -> "MembershipQuerySet":
        """Members, voluntary ones included, partners not."""
        return self.exclude(standing=Membership.Standing.PARTNER)


class Membership(models.Model):
    """An organization's place in a collaborative, from a day up to (not including) a day."""

    class Standing(models.TextChoices):
        MEMBER = "member", _("member")
        VOLUNTARY = "voluntary", _("voluntary member")
        PARTNER = "partner", _("partner, not a member")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collaborative = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="joined_by")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="memberships")
    standing = models.CharField(max_length=20, choices=Standing)
    since = models.DateField()
    until = models.DateField(null=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(since__lte=F("until")), name="membership_in_order"),
            models.UniqueConstraint("collaborative", "organization", "since", name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} in {self.collaborative_id}"


class Adjacency(models.Model):
    """Two districts that share a border, stored once with the smaller id first. Either direction means both."""

    one = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    source = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="adjacency_in_order"),
            models.UniqueConstraint("one", "other", name="adjacency_once"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} – {self.other_id}"
