"""How many students of which group are where: written when a batch is applied, so that no page counts children.

Counts by race are public by law and in the state's own tables, school by school and grade by grade; they name nobody. So
these tables are open to everyone who has entered, and only a batch of the owner writes them.
"""

from django.db import models

from commonground.store.rows import WalledRow
from commonground.store.walls import PUBLIC, Wall

LOADER = ("loader",)


class CountedFile(WalledRow):
    """A batch from whose rows public numbers are made, and what everybody who reads such a number may know of it.

    kind: of numbers. label: the name the file had. number: of the batch, counted by its owner. school_years: those it
    speaks of, by the calendar year in which each ends. files: name, rows read, accepted, held and left out, one after the
    other. students, guardians, schools, sections: the owner's standing totals after this batch, None for a public table.
    """

    class Kind(models.TextChoices):
        ROSTER = "roster"
        ENROLLMENT = "enrollment"
        PROGRAMS = "programs"
        BORDERS = "borders"

    batch_id = models.UUIDField()
    kind = models.CharField(max_length=20, choices=Kind)
    number = models.PositiveIntegerField()
    label = models.TextField()
    school_years = models.JSONField(default=list)
    counted_on = models.DateField()
    applied_at = models.DateTimeField()
    files = models.JSONField(default=list)
    students = models.PositiveIntegerField(null=True)
    guardians = models.PositiveIntegerField(null=True)
    schools = models.PositiveIntegerField(null=True)
    sections = models.PositiveIntegerField(null=True)

    wall = Wall(PUBLIC, written_by=LOADER, kept=False)

    class Meta:
        constraints = [models.UniqueConstraint("owner", "kind", "batch_id", name="counted_file_once")]
        indexes = [models.Index("kind", "applied_at", name="counted_file_by_kind")]

    def __str__(self) -> str:
        return f"{self.kind} of batch {self.number}"

    @property
    def school_year(self) -> int | None:
        """The latest school year it speaks of, by the calendar year in which it ends; None where it names none."""
        return max(self.school_years, default=None)


class RosterCount(WalledRow):
    """Students of one owner, school, grade and group after a batch. A child counts once, at the primary school.

    school_id: None for a child without a school. coding: `federal`, the seven groups of federal reports, or `state`, where
    a child with any American Indian origin is American Indian. race_group: `unknown` where no race is written down.
    """

    class Coding(models.TextChoices):
        FEDERAL = "federal"
        STATE = "state"

    batch_id = models.UUIDField()
    school_id = models.UUIDField(null=True)
    grade = models.TextField(null=True)
    coding = models.CharField(max_length=10, choices=Coding)
    race_group = models.CharField(max_length=20)
    student_count = models.PositiveIntegerField()

    wall = Wall(PUBLIC, written_by=LOADER, kept=False)

    class Meta:
        indexes = [models.Index("batch_id", "coding", name="roster_count_by_batch")]

    def __str__(self) -> str:
        return f"{self.student_count} {self.race_group}"


class SchoolMixing(WalledRow):
    """How unevenly a school's groups are spread over its sections after a batch.

    A student in six sections counts one sixth in each. students: with a known group and at least one section.
    m: mutual information between section and group, in natural logarithms (Theil 1971). m_by_chance: what
    m would be on average if a coin had filled the sections.
    """

    batch_id = models.UUIDField()
    school_id = models.UUIDField()
    sections = models.PositiveIntegerField()
    students = models.FloatField()
    m = models.FloatField()
    m_by_chance = models.FloatField()

    wall = Wall(PUBLIC, written_by=LOADER, kept=False)

    class Meta:
        indexes = [models.Index("batch_id", name="school_mixing_by_batch")]

    def __str__(self) -> str:
        return f"{self.school_id}: {self.m:.4f}"
