"""Who meets whom, and where students are apart: between districts, between schools, between sections."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from django.conf import settings

from commonground.apps.core.queries import Grant
from commonground.apps.measures.models import SchoolMixing
from commonground.apps.measures.queries.counts import NO_ORIGIN, Counts, GroupCount, Origin, counts_of, standing_files
from commonground.apps.measures.queries.members import Member, members_of, own_district_ids
from commonground.engine.integration import (
    exposure_matrix,
    nested_segregation,
    normalized_exposure_by_group,
    random_floor_nested,
)
from commonground.engine.law.states.mn.isolation_rules import EARLY_GRADES, Base
from commonground.facts import GROUPS

BANDS = {
    "all": frozenset[str](),
    "K-5": frozenset({"KG", "01", "02", "03", "04", "05"}),
    "6-8": frozenset({"06", "07", "08"}),
    "9-12": frozenset({"09", "10", "11", "12"}),
}
DRAWS, SEED = 100, 3535


@dataclass(frozen=True)
class Met:
    """One group's row of the exposure matrix. shares: by group in the order of the page. normalized: None when undefined."""

    group: str
    students: int
    shares: tuple[float, ...]
    normalized: float | None


@dataclass(frozen=True)
class Step:
    """The part of H of one level. by_chance: what the same numbers dealt by a coin would give on average.

    share: of the whole. level: district, school or section.
    """

    level: str
    units: int
    h: float
    share: float
    by_chance: float

    @property
    def is_mostly_chance(self) -> bool:
        """More than half of it is what a coin would give: it says nothing about anyone's choices."""
        return self.by_chance > 0.5 * self.h


@dataclass(frozen=True)
class Band:
    """H of the students of some grades. steps: from the outermost level in. students: counted."""

    key: str
    students: int
    steps: tuple[Step, ...]

    @property
    def h(self) -> float:
        return sum(step.h for step in self.steps)


@dataclass(frozen=True)
class Worked:
    """One district in the working of the first step. entropy: how mixed it is, 0 for one group alone."""

    name: str
    students: int
    entropy: float


@dataclass(frozen=True)
class Mixing:
    """groups: with students, in the order of the page. rows: of the matrix; groups of fewer than the smallest count are not told.

    shares: of each group among all. bands: all grades first. worked: the districts of the first step; entropy: of all
    together; average: of the districts, weighed by students. blank: left out, since their tables do not tell every group
    that the others tell. None where there is nothing to compare. has_all_grades: early childhood cannot be left out,
    since what it is by race would follow.
    """

    members: tuple[Member, ...]
    years: tuple[int, ...]
    groups: tuple[str, ...]
    shares: tuple[float, ...]
    rows: tuple[Met, ...]
    few: tuple[str, ...]
    bands: tuple[Band, ...]
    worked: tuple[Worked, ...]
    entropy: float
    average: float
    students: int
    schools: int
    origins: tuple[tuple[Origin, str], ...]
    without_schools: tuple[str, ...]
    without_sections: tuple[str, ...]
    missing: tuple[str, ...]
    blank: tuple[str, ...] = ()
    has_all_grades: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.bands


def mixing(grants: Sequence[Grant], *, on: date, year: int | None = None, base: Base = "PK-12") -> Mixing:
    """The picture of all members together. Five queries."""
    members = members_of(grants, on=on)
    files = standing_files(members)
    counts = counts_of(members, files=files, year=year if year in files.years else None)
    has_all_grades = _must_have_all_grades(counts, members, own=own_district_ids(grants))
    rows = [
        row
        for row in counts.rows
        if row.total and not (base == "K-12" and not has_all_grades and row.grade in EARLY_GRADES)
    ]
    # A group that a table leaves blank is unknown: what it would do to the mix cannot be said.
    blank = {row.district_id for row in rows if not row.is_whole}
    five = {row.district_id for row in rows if row.has_five_groups} - blank
    if five != {row.district_id for row in rows} - blank:
        blank |= five  # Five groups and seven cannot be compared.
    rows = [row for row in rows if row.district_id not in blank]
    by_school = {row.district_id for row in rows if row.school_id}
    # A child without a school in a district of schools is beside nobody.
    rows = [row for row in rows if row.school_id or row.district_id not in by_school]
    batches = [
        origin.counted.batch_id for origin in counts.origins.values() if origin.kind == "roster" and origin.counted
    ]
    sections = list(SchoolMixing.objects.filter(batch_id__in=batches)) if batches else []
    names = {member.state_id: member.name for member in members}
    with_sections = {str(one.owner_id) for one in sections}
    units, table, districts = _units(rows)
    groups = [place for place in range(len(GROUPS)) if table[:, place].sum()] if len(table) else []
    bands = [band for key in BANDS if (band := _band(key, rows, sections=sections)) is not None]
    entropy, worked = _worked(table, districts, names)
    return Mixing(
        members=members,
        years=files.years,
        groups=tuple(GROUPS[place] for place in groups),
        shares=tuple((table[:, groups].sum(axis=0) / table.sum()).tolist()) if groups else (),
        rows=_met(table[:, groups], [GROUPS[place] for place in groups]) if groups else (),
        few=tuple(GROUPS[place] for place in groups if table[:, place].sum() < settings.SMALLEST_COUNT),
        bands=tuple(bands),
        worked=worked,
        entropy=entropy,
        average=sum(one.students * one.entropy for one in worked) / max(1, sum(one.students for one in worked)),
        students=int(table.sum()) if len(table) else 0,
        schools=len(units),
        origins=counts.told_by(members),
        without_schools=tuple(names[key] for key in sorted({row.district_id for row in rows} - by_school)),
        without_sections=tuple(
            m.name
            for m in members
            if m.state_id in counts.origins and m.state_id not in blank and str(m.id) not in with_sections
        ),
        missing=tuple(member.name for member in members if member.state_id not in counts.origins),
        blank=tuple(names[key] for key in sorted(blank)),
        has_all_grades=has_all_grades,
    )


def _must_have_all_grades(counts: Counts, members: Sequence[Member], *, own: Collection[UUID]) -> bool:
    """Whether a picture without early childhood, beside one with it, would tell a roster's early childhood by race outside."""
    outside = {
        member.state_id
        for member in members
        if member.id not in own and counts.origins.get(member.state_id, NO_ORIGIN).kind == "roster"
    }
    return any(row.total and row.grade in EARLY_GRADES and row.district_id in outside for row in counts.rows)


def _units(rows: Iterable[GroupCount]) -> tuple[list[tuple[str, str]], np.ndarray, list[str]]:
    """Schools (or a district told as a whole), their students by group, shape (units, groups), and their districts."""
    found: dict[tuple[str, str], np.ndarray] = {}
    for row in rows:
        unit = (row.district_id, row.school_id or "")
        line = np.array([row.groups[group] or 0 for group in GROUPS], dtype=float)
        found[unit] = found[unit] + line if unit in found else line
    units = sorted(unit for unit, line in found.items() if line.sum())
    table = np.array([found[unit] for unit in units]) if units else np.zeros((0, len(GROUPS)))
    return units, table, [district for district, _school in units]


def _met(table: np.ndarray, groups: Sequence[str]) -> tuple[Met, ...]:
    matrix = exposure_matrix(table).value
    normalized = normalized_exposure_by_group(table).value
    totals = table.sum(axis=0)
    return tuple(
        Met(group, int(total), tuple(row), one.value if one else None)
        for group, total, row, one in zip(groups, totals, matrix, normalized, strict=True)
        if total >= settings.SMALLEST_COUNT
    )


def _band(key: str, rows: Sequence[GroupCount], *, sections: Sequence[SchoolMixing]) -> Band | None:
    """H of a band of grades; None without two units or two groups. Sections are told for all grades together only."""
    kept = [row for row in rows if not BANDS[key] or row.grade in BANDS[key]]
    units, table, districts = _units(kept)
    if len(units) < 2:
        return None
    nested = nested_segregation(table, levels={"district": districts}, unit="school")
    floors = random_floor_nested(table, levels={"district": districts}, unit="school", draws=DRAWS, seed=SEED)
    if nested.value is None or nested.value.h is None or floors.value is None:
        return None
    found = nested.value
    terms = [
        (level.name, level.units, level.h or 0.0, one.floor.floor)
        for level, one in zip(found.levels, floors.value, strict=True)
    ]
    if key == "all" and sections:
        seats = sum(one.students for one in sections)
        students = table.sum()
        # Each school's own part, weighed by its students; those without a section are mixed as their school is.
        h = float(sum(one.students * one.m for one in sections) / students / found.entropy)
        floor = float(sum(one.students * one.m_by_chance for one in sections) / students / found.entropy)
        if seats:
            terms.append(("section", sum(one.sections for one in sections), h, floor))
    whole = sum(term[2] for term in terms)
    return Band(
        key,
        int(table.sum()),
        tuple(Step(name, units, h, h / whole if whole else 0.0, floor) for name, units, h, floor in terms),
    )


def _worked(table: np.ndarray, districts: Sequence[str], names: dict[str, str]) -> tuple[float, tuple[Worked, ...]]:
    if not len(table):
        return 0.0, ()
    found = []
    for key in sorted(set(districts), key=lambda key: names[key]):
        counts = table[[place for place, district in enumerate(districts) if district == key]].sum(axis=0)
        found.append(Worked(names[key], int(counts.sum()), _entropy(counts)))
    return _entropy(table.sum(axis=0)), tuple(found)


def _entropy(counts: np.ndarray) -> float:
    """How mixed a place is: the sum over its groups of share times ln(1 / share); 0 for one group alone. Theil 1971."""
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())
