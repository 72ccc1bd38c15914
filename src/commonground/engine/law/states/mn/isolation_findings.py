"""What the rule says of one school and one district, and the working in words for a superintendent."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from commonground.engine.law.states.mn.enrollment import Count
from commonground.engine.law.states.mn.isolation_rules import IsolationRule
from commonground.engine.values import Explanation

PREDICTION = "This is a prediction. The state decides."


@dataclass(frozen=True, slots=True)
class Flip:
    """Whether a few students would change the answer: protected students in place of as many others.

    here: more of them in the school or district itself. there: in the neighbor, or in the district's other schools.
    """

    students: int
    here: bool
    there: bool


@dataclass(frozen=True, slots=True)
class SchoolFinding:
    """What the rule says of one school.

    grades: those it enrolls, lowest first. count: its students in them; counted: the same after any exemption.
    district: the district's students in the same grades, this school included.
    problem: why nothing can be said, None when something can.
    """

    id: str
    name: str
    district_id: str
    rule: IsolationRule
    grades: tuple[str, ...]
    count: Count
    counted: Count
    district: Count
    problem: str | None = None

    @property
    def gap(self) -> Fraction | None:
        """The school's share less the district's, from -1 to 1; None when nothing can be said."""
        return None if self.problem else self.counted.share - self.district.share

    @property
    def identifiable(self) -> bool | None:
        """True when racially identifiable, None when nothing can be said."""
        return None if self.problem else self.rule.exceeds(self.counted, self.district)

    @property
    def is_near(self) -> bool:
        """True when the gap lies in the warning band."""
        return not self.problem and self.rule.is_near(self.counted, self.district)

    @property
    def gap_without_american_indian(self) -> Fraction | None:
        """The gap when only its other protected students count in the school; None as for `gap`."""
        return None if self.problem else self.counted.without_american_indian.share - self.district.share

    @property
    def is_exemption_candidate(self) -> bool:
        """True when identifiable only through American Indian students: a judgment for people to record."""
        if not self.identifiable:
            return False
        return not self.rule.exceeds(self.counted.without_american_indian, self.district)

    def flips(self, students: int = 5) -> Flip:
        """Whether this many more protected students, here or in the district's other schools, change the answer."""
        if self.problem:
            return Flip(students, here=False, there=False)
        here = self.count.with_more_protected(students)
        more_here = here.protected - self.count.protected
        elsewhere = (self.district.total - self.district.protected) - (self.count.total - self.count.protected)
        return Flip(
            students,
            here=self._answer(here, self.district.with_more_protected(more_here)) != self.identifiable,
            there=self._answer(self.count, self.district.with_more_protected(min(students, elsewhere)))
            != self.identifiable,
        )

    def _answer(self, count: Count, district: Count) -> bool:
        return self.rule.exceeds(self.rule.school_numerator(count), district)

    @property
    def explanation(self) -> Explanation:
        """The working, line by line, in words for a superintendent."""
        return Explanation(
            what=f"Is {self.name} racially identifiable?",
            inputs={
                "grades": ", ".join(self.grades),
                "school protected": self.count.protected,
                "school total": self.count.total,
                "district protected, same grades": self.district.protected,
                "district total, same grades": self.district.total,
                "base": self.rule.base,
            },
            steps=tuple(self._steps()),
            rule=self.rule.name,
            source=self.rule.gap.citation,
        )

    def _steps(self) -> Iterable[str]:
        if self.gap is None:
            yield f"Nothing can be said: {self.problem}."
            return
        yield f"{self.name} enrolls the grades {', '.join(self.grades)}."
        yield _sentence(self.name, self.count)
        if self.counted != self.count:
            yield (
                f"Its {self.count.american_indian:,} American Indian students outnumber its "
                f"{self.counted.protected:,} other protected students and leave the count."
            )
            yield _sentence("Counted", self.counted)
        yield _sentence("The whole district in the same grades", self.district)
        yield from _comparison(self.rule, self.counted, self.district, than="the district's share in the same grades")
        yield f"So the school is predicted {'' if self.identifiable else 'not '}racially identifiable."
        yield from _warnings(self.rule, self.flips(), is_near=self.is_near, there="in the district's other schools")
        if self.is_exemption_candidate:
            yield (
                "Counting its other protected students alone the school would not be identifiable: "
                "the American Indian exemption may apply. A person records that judgment."
            )
        yield PREDICTION


@dataclass(frozen=True, slots=True)
class Neighbor:
    """An adjoining district with its counts."""

    id: str
    name: str
    count: Count


@dataclass(frozen=True, slots=True)
class DistrictFinding:
    """What the rule says of one district.

    neighbors: adjoining districts with students, lowest protected share first. missing: ids of adjoining districts
    without counts. identifiable_schools: ids of its racially identifiable schools.
    """

    id: str
    name: str
    rule: IsolationRule
    count: Count
    neighbors: tuple[Neighbor, ...]
    missing: tuple[str, ...] = ()
    identifiable_schools: tuple[str, ...] = ()
    isolated_neighbors: tuple[str, ...] = ()

    @property
    def problem(self) -> str | None:
        """Why nothing can be said, None when something can."""
        if not self.count.total:
            return "no students are counted in this district"
        if not self.neighbors:
            return "no adjoining district has counts"
        return None

    @property
    def neighbor(self) -> Neighbor | None:
        """The adjoining district with the lowest share, against which the rule is decided."""
        return None if self.problem else self.neighbors[0]

    @property
    def gap(self) -> Fraction | None:
        """The district's share less the lowest adjoining share, from -1 to 1; None when nothing can be said."""
        return None if self.problem else self.count.share - self.neighbors[0].count.share

    @property
    def isolated(self) -> bool | None:
        """True when racially isolated, None when nothing can be said."""
        return None if self.problem else self._lies_above(self.neighbors[0].count)

    @property
    def is_near(self) -> bool:
        """True when the gap lies in the warning band."""
        return not self.problem and self.rule.is_near(self.count, self.neighbors[0].count)

    def _lies_above(self, *others: Count) -> bool:
        """Whether its share lies above one of these by as much as the rule asks."""
        return any(self.rule.exceeds(self.count, other) for other in others)

    @property
    def crossed_borders(self) -> tuple[str, ...]:
        """The adjoining districts, by id, above whose share this one lies by more than the rule allows."""
        if not self.count.total:
            return ()
        return tuple(other.id for other in self.neighbors if self._lies_above(other.count))

    @property
    def note(self) -> str | None:
        """What the reader must know about the neighbors that have no counts; None when all have."""
        if self.problem:
            return self.problem
        if self.missing:
            return f"no counts for the adjoining {', '.join(self.missing)}"
        return None

    @property
    def gap_without_american_indian(self) -> Fraction | None:
        """The largest gap when only other protected students count, here and next door; None as for `gap`."""
        if self.problem:
            return None
        shares = [neighbor.count.without_american_indian.share for neighbor in self.neighbors]
        return self.count.without_american_indian.share - min(shares)

    @property
    def is_exemption_candidate(self) -> bool:
        """True when isolated only through American Indian students: a judgment for people to record."""
        own = self.count.without_american_indian
        return bool(self.isolated) and not any(
            self.rule.exceeds(own, other.count.without_american_indian) for other in self.neighbors
        )

    def statuses(self, *, is_voluntary: bool = False) -> tuple[str, ...]:
        """The department's words for this district: RI, A (beside an isolated one), RIS, V (joined by choice).

        is_voluntary: True when the district joined by choice and the department approved.
        """
        held = {
            "RI": bool(self.isolated),
            "A": bool(self.isolated_neighbors),
            "RIS": bool(self.identifiable_schools),
            "V": is_voluntary,
        }
        return tuple(status for status, holds in held.items() if holds)

    def flips(self, students: int = 5) -> Flip:
        """Whether this many more protected students, here or in the named neighbor, change the answer."""
        if self.problem:
            return Flip(students, here=False, there=False)
        lowest, *others = self.neighbors
        there = (lowest.count.with_more_protected(students), *(other.count for other in others))
        here = self.count.with_more_protected(students)
        return Flip(
            students,
            here=self.rule.exceeds(here, lowest.count) != self.isolated,
            there=self._lies_above(*there) != self.isolated,
        )

    @property
    def explanation(self) -> Explanation:
        """The working, line by line, in words for a superintendent."""
        inputs: dict[str, int | str] = {
            "district protected": self.count.protected,
            "district total": self.count.total,
            "base": self.rule.base,
        }
        for neighbor in self.neighbors:
            inputs[f"{neighbor.name} protected"] = neighbor.count.protected
            inputs[f"{neighbor.name} total"] = neighbor.count.total
        return Explanation(
            what=f"Is {self.name} racially isolated?",
            inputs=inputs,
            steps=tuple(self._steps()),
            rule=self.rule.name,
            source=self.rule.gap.citation,
        )

    def _steps(self) -> Iterable[str]:
        if self.gap is None:
            yield f"Nothing can be said: {self.problem}."
            return
        lowest = self.neighbors[0]
        yield _sentence(self.name, self.count)
        yield _sentence(f"Of its adjoining districts {lowest.name} has the lowest share", lowest.count)
        yield from _comparison(self.rule, self.count, lowest.count, than="the share of any adjoining district")
        yield f"So the district is predicted {'' if self.isolated else 'not '}racially isolated."
        if self.missing:
            yield f"Not compared, because there are no counts: {', '.join(self.missing)}."
        yield from _warnings(self.rule, self.flips(), is_near=self.is_near, there=f"in {lowest.name}")
        if self.is_exemption_candidate:
            yield (
                "Counting other protected students alone, here and next door, the district would not be isolated: "
                "the American Indian exemption may apply. A person records that judgment."
            )
        yield PREDICTION


def _percent(share: Fraction, digits: int = 2) -> str:
    number = Decimal(100 * share.numerator) / Decimal(share.denominator)
    return str(number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def _points(gap: Fraction, limit: Fraction) -> str:
    """The gap in points, with as many digits as it takes not to look equal to the limit when it is not."""
    digits = 2
    while Fraction(_percent(gap, digits)) == limit != 100 * gap:
        digits += 1
    return _percent(gap, digits)


def _sentence(who: str, count: Count) -> str:
    return f"{who}: {count.protected:,} of {count.total:,} students are protected, {_percent(count.share)} percent."


def _comparison(rule: IsolationRule, one: Count, other: Count, *, than: str) -> Iterable[str]:
    gap, limit = one.share - other.share, Fraction(rule.gap.value)
    shown = _points(gap, limit)
    yield f"The difference is {shown} percentage points."
    left = 100 * (one.protected * other.total - other.protected * one.total)
    right = rule.gap.value * one.total * other.total
    yield (
        f"Without rounding: 100 × ({one.protected:,} × {other.total:,} − {other.protected:,} × {one.total:,}) "
        f"= {left:,}; {rule.gap.value} × {one.total:,} × {other.total:,} = {right:,}."
    )
    is_not = "" if rule.exceeds(one, other) else "not "
    yield f"The rule asks for {rule.gap.words} points above {than}: {shown} is {is_not}{rule.gap.words}."
    if rule.other_reading.holds(100 * gap) != rule.exceeds(one, other):
        yield (
            f"By the department's wording ({rule.other_reading.words} points; {rule.other_reading.source}) "
            "the answer would be the opposite. The rule is followed here."
        )


def _warnings(rule: IsolationRule, flip: Flip, *, is_near: bool, there: str) -> Iterable[str]:
    if is_near:
        yield (
            f"The difference lies between {float(rule.warning_low):g} and {float(rule.warning_high):g} points: "
            "a few students or another count day can change the answer."
        )
    for place, changes in (("here", flip.here), (there, flip.there)):
        if changes:
            yield f"{flip.students} more protected students {place}, in place of as many others, would change it."
