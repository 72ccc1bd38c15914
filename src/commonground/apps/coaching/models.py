"""Who coaches whom. Rows belong to the teacher's district and are written by the functions of `scope.sql` alone."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from commonground.apps.core.models import RoleGrant
from commonground.store.rows import WalledRow
from commonground.store.walls import Wall


class CoachingQuerySet(models.QuerySet["Coaching"]):
    def not_over(self, on: date) -> "CoachingQuerySet":
        """Lines that hold on this day or will later, as long as both roles do."""
        # One that ended before its first day never holds.
        day = Greatest(Value(on, output_field=models.DateField()), F("since"))
        found = self.filter(Q(until=None) | Q(until__gt=day))
        for role in ("teacher_grant", "coach_grant"):
            found = found.filter(Q(**{f"{role}__until": None}) | Q(**{f"{role}__until__gt": day}))
        return found

    def in_force(self, on: date) -> "CoachingQuerySet":
        """Lines that hold on this day."""
        return self.not_over(on).filter(since__lte=on)


class Coaching(WalledRow):
    """A coach works with a teacher, each by a role that they hold, from a day up to (not including) a day.

    It ends with either role, also where `until` is later or None. teacher: the account of the teacher's role.
    """

    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    teacher_grant = models.ForeignKey(RoleGrant, on_delete=models.PROTECT, related_name="coached_as")
    coach_grant = models.ForeignKey(RoleGrant, on_delete=models.PROTECT, related_name="coaching_as")
    since = models.DateField()
    until = models.DateField(null=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    wall = Wall("coached", person="teacher_id", coaching="id", written_by=(), by_functions=("insert", "update"))
    objects = CoachingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(since__lte=F("until")), name="coaching_in_order"),
            models.CheckConstraint(
                condition=Q(ended_by=None, ended_at=None)
                | Q(ended_by__isnull=False, ended_at__isnull=False, until__isnull=False),
                name="coaching_ended_whole",
            ),
        ]
        indexes = [models.Index("owner", "teacher", name="coaching_of_teacher")]

    def __str__(self) -> str:
        return f"{self.coach_grant_id} coaches {self.teacher_grant_id}"

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds, by itself or because a role ends; None for no end."""
        ends = (self.until, self.teacher_grant.until, self.coach_grant.until)
        first_after = min((day for day in ends if day is not None), default=None)
        return None if first_after is None else max(self.since, first_after - timedelta(days=1))
