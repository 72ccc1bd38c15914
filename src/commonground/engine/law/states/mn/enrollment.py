"""Protected and all students of schools and districts, by grade, and which districts adjoin which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from commonground.engine.values import InputError


@dataclass(frozen=True, slots=True)
class Count:
    """Students of one school or district, or of one grade of it. Raises InputError when the counts cannot be.

    protected: protected students (everyone but white-only), American Indian students included.
    total: all students. american_indian: American Indian students, 0 when none or not known.
    """

    protected: int
    total: int
    american_indian: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.american_indian <= self.protected <= self.total:
            raise InputError(
                f"{self.american_indian} American Indian of {self.protected} protected of {self.total} students: "
                "each must be zero or more and part of the next"
            )

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.protected + other.protected,
            self.total + other.total,
            self.american_indian + other.american_indian,
        )

    @property
    def share(self) -> Fraction:
        """Protected students as an exact share of all. Needs at least one student."""
        return Fraction(self.protected, self.total)

    @property
    def without_american_indian(self) -> "Count":
        """The same students, with only the other protected students in the numerator."""
        return Count(self.protected - self.american_indian, self.total)

    def with_more_protected(self, students: int) -> "Count":
        """The count with protected students in place of others; all others when there are fewer than asked for."""
        return replace(self, protected=self.protected + min(students, self.total - self.protected))


NOBODY = Count(0, 0)


@dataclass(frozen=True, slots=True)
class SchoolEnrollment:
    """A school's counts by grade. district_id such as "0347-01"; classification None when the file has none."""

    id: str
    name: str
    district_id: str
    grades: Mapping[str, Count]
    classification: str | None = None


@dataclass(frozen=True, slots=True)
class DistrictEnrollment:
    """A district's counts by grade. id is number and type, such as "0347-01"."""

    id: str
    name: str
    grades: Mapping[str, Count]


def both_ways(borders: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """The neighbors of each district from pairs of ids; a pair in either direction means both.

    Raises InputError for a district that would adjoin itself.

    >>> both_ways([("0347-01", "0345-01")])
    {'0347-01': {'0345-01'}, '0345-01': {'0347-01'}}
    """
    beside: dict[str, set[str]] = {}
    for one, other in borders:
        if one == other:
            raise InputError(f"district {one!r} cannot adjoin itself; leave the pair out")
        beside.setdefault(one, set()).add(other)
        beside.setdefault(other, set()).add(one)
    return beside
