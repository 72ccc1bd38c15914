"""Rows that hold from a day up to (not including) a day, or without end."""

from datetime import date
from typing import Self, TypeVar

from django.db import models
from django.db.models import Q

Row = TypeVar("Row", bound=models.Model)


class DatedQuerySet(models.QuerySet[Row]):
    """Of models with `since` and `until`; until None is without end."""

    def in_force(self, on: date) -> Self:
        """Rows that hold on this day."""
        return self.not_over(on).filter(since__lte=on)

    def not_over(self, on: date) -> Self:
        """Rows that hold on this day or will later."""
        return self.filter(Q(until=None) | Q(until__gt=on))
