"""Who coaches whom, and what the two write. Rows belong to the teacher's district; the functions of `scope.sql` write them."""

from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from commonground.apps.core.models import RoleGrant, Written
from commonground.apps.roster.models import within
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
            models.UniqueConstraint("owner", "id", name="coaching_within_owner"),
        ]
        indexes = [models.Index("owner", "teacher", name="coaching_of_teacher")]

    def __str__(self) -> str:
        return f"{self.coach_grant_id} coaches {self.teacher_grant_id}"

    @property
    def ends_on(self) -> date | None:
        """The first day on which it holds no more, by itself or because a role ends; None for no end."""
        ends = (self.until, self.teacher_grant.until, self.coach_grant.until)
        return min((day for day in ends if day is not None), default=None)

    @property
    def last_day(self) -> date | None:
        return None if self.ends_on is None else max(self.since, self.ends_on - timedelta(days=1))

    def is_over(self, on: date) -> bool:
        """Whether it holds neither on this day nor later."""
        return self.ends_on is not None and self.ends_on <= on


class Entry(Written, WalledRow):
    """What a coach and a teacher write to each other: a goal, a lesson seen, a talk. Nobody but the two reads it.

    The coach reads it while working with the teacher, also what the two wrote in an earlier time together; the teacher
    always does. day: when it was, or a goal's first day.
    measure, last_day, outcome: of a goal; its cycle is what the two wrote from day to last_day, None for no end.
    about_id: the entry on which the teacher looks back. No key: what is kept for its days goes by its own day.
    """

    class Kind(models.TextChoices):
        GOAL = "goal", _("A goal")
        PLAN = "plan", _("Planning together")
        SEEN = "seen", _("A lesson the coach watched")
        SHOWN = "shown", _("A lesson the coach taught")
        TOGETHER = "together", _("A lesson taught together")
        TALK = "talk", _("A talk afterwards")
        REFLECTION = "reflection", _("Looking back")

    class Outcome(models.TextChoices):
        OPEN = "open", _("still open")
        MET = "met", _("met")
        PARTLY = "partly", _("partly met")
        NOT_MET = "not_met", _("not met")

    class Taker(models.TextChoices):
        TEACHER = "teacher", _("The teacher")
        COACH = "coach", _("The coach")
        BOTH = "both", _("Both")

    coaching = within(Coaching, related_name="entries")
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    coach = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    day = models.DateField()
    said = models.TextField()
    next_step = models.TextField(blank=True, default="")
    step_by = models.CharField(max_length=10, blank=True, choices=Taker, default="", db_default="")
    measure = models.TextField(blank=True, default="", db_default="")
    last_day = models.DateField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN, db_default=Outcome.OPEN)
    about_id = models.UUIDField(null=True)

    wall = Wall(
        "coaching",
        person="teacher_id",
        coaching="coaching_id",
        as_a_whole=False,
        written_by=(),
        by_functions=("insert", "update"),
        sealed=True,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(said=""), name="entry_says_something"),
            models.CheckConstraint(
                condition=Q(kind__in=["goal", "plan", "seen", "shown", "together", "talk", "reflection"]),
                name="entry_kind_known",
            ),
            models.CheckConstraint(condition=Q(step_by__in=["", "teacher", "coach", "both"]), name="entry_taker_known"),
            models.CheckConstraint(
                condition=Q(outcome__in=["open", "met", "partly", "not_met"]), name="entry_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(kind="goal") | Q(measure="", last_day=None, outcome="open"), name="entry_goal_alone_ends"
            ),
            models.CheckConstraint(condition=Q(last_day=None) | Q(last_day__gte=F("day")), name="entry_in_order"),
            models.CheckConstraint(
                condition=Q(about_id=None) | Q(kind="reflection"), name="entry_reflection_alone_is_about"
            ),
        ]
        indexes = [models.Index("owner", "teacher", "day", name="entry_of_teacher")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.coaching_id}"

    def may_be_looked_back_on(self, *, by: UUID) -> bool:
        """Whether this person writes what they take from it: the teacher, of what the two did together."""
        return (
            self.teacher_id == by and self.struck_at is None and self.kind not in (self.Kind.GOAL, self.Kind.REFLECTION)
        )
