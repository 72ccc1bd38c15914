"""Rows of the state's public tables and of files of borders, as some member sent them.

Of a district and school year the newest table that tells the district stands, for the members of the sender's
collaboratives and for nobody else. Rows stay with their batch, so that taking it back shows the earlier one again, exactly.
"""

from django.db import models

from commonground.store.rows import WalledRow
from commonground.store.walls import PUBLIC, Wall

LOADER = ("loader",)


class TableRow(WalledRow):
    """A row of a public enrollment table. school_year: the calendar year in which it ends, None where the table names none.

    school_id: None for a row of a whole district. A count is None where the table is blank or hides it: never zero.
    """

    batch_id = models.UUIDField()
    file = models.TextField()
    line = models.PositiveIntegerField()
    digest = models.UUIDField()
    school_year = models.PositiveSmallIntegerField(null=True)
    district_id = models.TextField()
    district_name = models.TextField(null=True)
    school_id = models.TextField(null=True)
    school_name = models.TextField(null=True)
    classification = models.TextField(null=True)
    grade = models.TextField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.school_id or self.district_id} {self.grade}"


class EnrollmentCount(TableRow):
    """Students by group and by sex. In tables of five groups `asian` counts Pacific Islanders too."""

    has_five_groups = models.BooleanField()
    american_indian = models.PositiveIntegerField(null=True)
    asian = models.PositiveIntegerField(null=True)
    black = models.PositiveIntegerField(null=True)
    hispanic = models.PositiveIntegerField(null=True)
    pacific_islander = models.PositiveIntegerField(null=True)
    two_or_more = models.PositiveIntegerField(null=True)
    white = models.PositiveIntegerField(null=True)
    male = models.PositiveIntegerField(null=True)
    female = models.PositiveIntegerField(null=True)
    protected = models.PositiveIntegerField(null=True)
    total = models.PositiveIntegerField(null=True)

    wall = Wall(PUBLIC, written_by=LOADER, kept=False)

    class Meta:
        indexes = [models.Index("batch_id", "school_year", "district_id", name="enrollment_count_by_district")]


class ProgramCount(TableRow):
    """Students by meals, language and special education: small numbers among them tell of single children.

    Only the sender's own district reads the rows; pages ask `cg.program_counts`, which adds up and hides.
    """

    k12_total = models.PositiveIntegerField(null=True)
    free_meals = models.PositiveIntegerField(null=True)
    reduced_meals = models.PositiveIntegerField(null=True)
    english_learners = models.PositiveIntegerField(null=True)
    special_education = models.PositiveIntegerField(null=True)

    wall = Wall("roster", written_by=LOADER, kept=False)

    class Meta:
        indexes = [models.Index("batch_id", "school_year", "district_id", name="program_count_by_district")]


class Border(WalledRow):
    """Two districts that share a border, by state id, the smaller one first. line: of the area that stands first."""

    batch_id = models.UUIDField()
    file = models.TextField()
    line = models.PositiveIntegerField()
    one = models.TextField()
    other = models.TextField()

    wall = Wall(PUBLIC, written_by=LOADER, kept=False)

    class Meta:
        constraints = [models.UniqueConstraint("batch_id", "one", "other", name="border_once")]

    def __str__(self) -> str:
        return f"{self.one} – {self.other}"
