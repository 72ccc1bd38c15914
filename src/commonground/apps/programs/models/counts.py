"""A program's children by group, counted once: the numbers that may be shown, and no others."""

from django.db import models

from commonground.apps.programs.models.offerings import Offering
from commonground.apps.roster.models import within
from commonground.store.rows import WalledRow
from commonground.store.walls import Wall


class GroupCount(WalledRow):
    """One number of a table as it may be shown: what is hidden was never written down.

    district None: all of them. group_key: what is counted by (of `MealsAnswer`, "silent" without one; a federal group), "all"
    for every child. child_count None: hidden. counted_at: when the children were read; kept_at: when their table was.
    """

    class By(models.TextChoices):
        RACE = "race"
        MEALS = "meals"

    SILENT, UNKNOWN, ALL = "silent", "unknown", "all"

    offering = within(Offering, related_name="group_counts")
    counted_by = models.CharField(max_length=10, choices=By)
    district = models.ForeignKey("core.Organization", null=True, on_delete=models.PROTECT, related_name="+")
    group_key = models.CharField(max_length=20)
    child_count = models.PositiveIntegerField(null=True)
    counted_at = models.DateTimeField()
    kept_at = models.DateTimeField()

    wall = Wall("program", as_a_whole=False, written_by=(), by_functions=("insert",), crosses=("district_id",))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "owner",
                "offering",
                "counted_by",
                "district",
                "group_key",
                name="group_count_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.group_key} in {self.offering_id}"
