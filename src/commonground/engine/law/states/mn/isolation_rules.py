"""The named, dated versions of the isolation rule, with what each of them counts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from commonground.engine.law.parameters import Parameter
from commonground.engine.law.registry import state
from commonground.engine.law.states.mn.enrollment import Count, SchoolEnrollment
from commonground.engine.values import InputError

Base = Literal["PK-12", "K-12"]
EARLY_GRADES = frozenset({"EC", "PK"})
GRADES = ("EC", "PK", "KG", *(f"{grade:02}" for grade in range(1, 13)))
_PLACES = {grade: place for place, grade in enumerate(GRADES)}


class UnknownRule(InputError):
    """No isolation rule of this name is in the state's file."""


@dataclass(frozen=True, slots=True)
class IsolationRule:
    """One named version of the rule with the dated facts it uses.

    gap: how far a share must lie above the other, in percentage points. other_reading: the department's wording.
    warning_low, warning_high: gaps in points, both included, that a few students or another count day could turn.
    classifications: sites that count as schools; None counts every site. base: "PK-12" counts early childhood and
    prekindergarten, "K-12" leaves them out of everything.
    """

    name: str
    title: str
    gap: Parameter
    other_reading: Parameter
    warning_low: Fraction
    warning_high: Fraction
    district_types: frozenset[str]
    classifications: frozenset[str] | None
    exempts_american_indian_schools: bool
    base: Base
    source: str

    def exceeds(self, one: Count, other: Count) -> bool:
        """True when the first share lies above the other by as much as the rule asks. Both need at least one student.

        Decided as people do it by hand, with whole numbers on both sides: no share is ever divided out.
        """
        return self.gap.holds(_difference(one, other), per=one.total * other.total)

    def is_near(self, one: Count, other: Count) -> bool:
        """True when the first share less the other lies in the warning band. Both need at least one student."""
        difference, per = _difference(one, other), one.total * other.total
        low, high = self.warning_low, self.warning_high
        return low.numerator * per <= difference * low.denominator and (
            difference * high.denominator <= high.numerator * per
        )

    def counts_district(self, district_id: str) -> bool:
        """True when a district of this type is tested. Raises InputError when the id is not number and type."""
        number, dash, kind = district_id.partition("-")
        if not (number and dash and kind) or "-" in kind:
            raise InputError(f"district {district_id!r}: an id is number and type, such as 0347-01")
        return kind in self.district_types

    def counts_school(self, school: SchoolEnrollment) -> bool:
        """True when the site is a school for this rule."""
        return self.counts_district(school.district_id) and (
            self.classifications is None or school.classification in self.classifications
        )

    def counted_grades(self, grades: Mapping[str, Count]) -> dict[str, Count]:
        """The grades with students in them that the base counts, lowest first."""
        counted = {
            grade: count
            for grade, count in grades.items()
            if count.total and not (self.base == "K-12" and grade in EARLY_GRADES)
        }
        return {grade: counted[grade] for grade in sorted(counted, key=_place)}

    def school_numerator(self, count: Count) -> Count:
        """A school's count after the exemption: American Indian students leave it when they outnumber the others."""
        others = count.protected - count.american_indian
        if self.exempts_american_indian_schools and count.american_indian > others:
            return count.without_american_indian
        return count


def isolation_rule(
    name: str = "mn-3535",
    *,
    on: date,
    base: Base = "PK-12",
    classifications: Collection[str] | None = None,
) -> IsolationRule:
    """The named rule as it stands on a day.

    classifications: sites to count as schools in place of the rule's own list, None for the rule's own.
    Raises UnknownRule for another name and InputError for another base.

    >>> isolation_rule("mn-3535", on=date(2018, 10, 1)).gap.words
    'more than 20'
    """
    book = state("mn").rulebook
    prefix = "isolation_rule_"
    known = sorted(line.removeprefix(prefix) for line in book.lines if line.startswith(prefix))
    if name not in known:
        raise UnknownRule(f"no isolation rule is named {name!r}; known are {', '.join(known)}")
    if base not in ("PK-12", "K-12"):
        raise InputError(f"base {base!r}: count PK-12 or K-12")
    line, band = book.on(prefix + name, on), book.on("isolation_warning_band", on).value
    own = line.value["classifications"] if classifications is None else classifications
    return IsolationRule(
        name=name,
        title=line.value["title"],
        gap=book.on("isolation_gap_points", on),
        other_reading=book.on("isolation_gap_other_reading", on),
        warning_low=Fraction(band["low"]),
        warning_high=Fraction(band["high"]),
        district_types=frozenset(line.value["district_types"]),
        classifications=None if own is None else frozenset(own),
        exempts_american_indian_schools=line.value["exempts_american_indian_schools"],
        base=base,
        source=line.source,
    )


def _difference(one: Count, other: Count) -> int:
    """The difference of two shares in points, times the students of both."""
    return 100 * (one.protected * other.total - other.protected * one.total)


def _place(grade: str) -> tuple[int, str]:
    return (_PLACES.get(grade, len(GRADES)), grade)
