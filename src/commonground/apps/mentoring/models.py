"""Caseloads and notes. Rows belong to the child's district; both are written by the functions of `scope.sql` alone."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.models import RoleGrant, Written
from commonground.apps.roster.models import Student, within
from commonground.store.rows import WalledRow
from commonground.store.walls import Wall


class CaseloadQuerySet(models.QuerySet["Caseload"]):
    def not_over(self, on: date) -> "CaseloadQuerySet":
        """Lines that hold on this day or will later, as long as the role does."""
        # One that ended before its first day never holds.
        day = Greatest(Value(on, output_field=models.DateField()), F("since"))
        role_goes_on = Q(grant__until=None) | Q(grant__until__gt=day)
        return self.filter(Q(until=None) | Q(until__gt=day)).filter(role_goes_on)

    def in_force(self, on: date) -> "CaseloadQuerySet":
        """Lines that hold on this day."""
        return self.not_over(on).filter(since__lte=on, grant__since__lte=on)


class Caseload(WalledRow):
    """Somebody walks beside a child by a role that they hold, from a day up to (not including) a day.

    It ends with the role, also where `until` is later or None.
    """

    student = within(Student, related_name="caseloads")
    grant = models.ForeignKey(RoleGrant, on_delete=models.PROTECT, related_name="caseloads")
    since = models.DateField()
    until = models.DateField(null=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    wall = Wall("caseload", student="student_id", written_by=(), by_functions=("insert", "update"))
    objects = CaseloadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(since__lte=F("until")), name="caseload_in_order"),
            models.CheckConstraint(
                condition=Q(ended_by=None, ended_at=None)
                | Q(ended_by__isnull=False, ended_at__isnull=False, until__isnull=False),
                name="caseload_ended_whole",
            ),
        ]
        indexes = [models.Index("owner", "student", name="caseload_of_student")]

    def __str__(self) -> str:
        return f"{self.student_id} beside {self.grant_id}"

    @property
    def ends_on(self) -> date | None:
        """The first day on which it holds no more, by itself or because the role is over."""
        return min((day for day in (self.until, self.grant.until) if day is not None), default=None)

    def is_over(self, on: date) -> bool:
        """Whether it holds neither on this day nor later; also one that ended before its first day."""
        return self.ends_on is not None and self.ends_on <= max(on, self.since)

    @property
    def never_began(self) -> bool:
        """Whether it, or its role, was ended before its first day."""
        if self.ends_on is None or self.ends_on > self.since:
            return False
        return (timezone.localdate(self.ended_at) if self.ended_at else self.ends_on) < self.since

    @property
    def last_day(self) -> date | None:
        return None if self.ends_on is None else max(self.since, self.ends_on - timedelta(days=1))


class Note(Written, WalledRow):
    """What was said when somebody met the child. Read by those who walk beside the child on the day of reading.

    met_on: the day of the meeting. reach: whether those read it, too, whose role is held outside the child's district;
    its author always does.
    """

    class Reach(models.TextChoices):
        DISTRICT = "district", _("Those beside the student from the student’s own district, and you")
        BESIDE = "beside", _("Everybody beside the student, also from a collaborative")

    student = within(Student, related_name="notes")
    met_on = models.DateField()
    talked_about = models.TextField()
    next_step = models.TextField(blank=True, default="")
    reach = models.CharField(max_length=10, choices=Reach, default=Reach.BESIDE, db_default=Reach.BESIDE)

    wall = Wall(
        "notes",
        student="student_id",
        narrowed=(
            "reach = 'beside' or author_id = (select cg.person()) or student_id = any((select cg.beside_within())::uuid[])"
        ),
        as_a_whole=False,
        written_by=(),
        by_functions=("insert", "update"),
        sealed=True,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(talked_about=""), name="note_says_something"),
            models.CheckConstraint(condition=Q(reach__in=["district", "beside"]), name="note_reach_known"),
        ]
        indexes = [models.Index("owner", "student", "met_on", name="note_of_student")]

    def __str__(self) -> str:
        return f"note about {self.student_id}"
