"""What may be shown of a program's children by group, beside every table shown before of some of the same children."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from commonground.engine.disclosure import Attribute, Cell, Ledger, Plan, Release, cell, crossed

ALL = "all"
# Children who are in some tables and not in others make a set. Numbers of all sets, districts and groups that are held
# together: half a minute of work.
MOST_NUMBERS = 600


class NotComparable(Exception):
    """What was shown before cannot be held against this count: from what is known now it would be another table."""


@dataclass(frozen=True)
class Alike:
    """So many children of one district and group, who are in the tables of these offerings and in no other."""

    offerings: frozenset[UUID]
    district: UUID
    group: str
    child_count: int


@dataclass(frozen=True)
class Shown:
    """A table as it may be shown. numbers: by district (None for all) and group (`ALL` for all), None where hidden."""

    offering: UUID
    counted_on: date
    numbers: Mapping[tuple[UUID | None, str], int | None]


@dataclass(frozen=True)
class Children:
    """The children of tables that share some. by: what the groups tell. groups: those with a column.

    threshold: fewer children of a group are hidden.
    """

    alike: Sequence[Alike]
    by: str
    groups: Sequence[str]
    threshold: int

    @cached_property
    def districts(self) -> list[UUID]:
        return sorted({one.district for one in self.alike})

    @cached_property
    def sets(self) -> list[frozenset[UUID]]:
        """Which tables the children are in."""
        return sorted({one.offerings for one in self.alike}, key=sorted)

    @cached_property
    def counts(self) -> Counter[tuple[frozenset[UUID], UUID, str]]:
        return Counter({(one.offerings, one.district, one.group): one.child_count for one in self.alike})

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """What a group tells is protected; how many children a district sends, and who they are, is known."""
        return (
            Attribute("district", frozenset(map(str, self.districts))),
            Attribute("tables", frozenset(map(self._name, self.sets))),
            Attribute(self.by, frozenset(self.groups), threshold=self.threshold),
        )

    def _name(self, one: frozenset[UUID]) -> str:
        return str(self.sets.index(one))

    def of(self, offering: UUID) -> list[frozenset[UUID]]:
        """The sets whose children are in the offering's table."""
        return [one for one in self.sets if offering in one]

    def where(self, place: UUID | None, group: str, *, sets: Collection[frozenset[UUID]]) -> Cell:
        """The cell of a number. One district alone is all of them, and one group is all: then both are one cell."""
        asked: dict[str, str | Collection[str]] = {"tables": list(map(self._name, sets))}
        if place is not None and len(self.districts) > 1:
            asked["district"] = str(place)
        if group != ALL and len(self.groups) > 1:
            asked[self.by] = group
        return cell(asked)

    def table(self, sets: Collection[frozenset[UUID]]) -> dict[Cell, int]:
        """The numbers of the children in these sets, with all totals."""
        counts = [
            [sum(self.counts[one, district, group] for one in sets) for group in self.groups]
            for district in self.districts
        ]
        rows = {self.where(None, ALL, sets=sets): range(len(self.districts))}
        rows |= {self.where(one, ALL, sets=sets): range(i, i + 1) for i, one in enumerate(self.districts)}
        columns = {cell({}): range(len(self.groups))}
        if len(self.groups) > 1:
            columns |= {cell({self.by: one}): range(i, i + 1) for i, one in enumerate(self.groups)}
        return crossed(counts, rows=rows, columns=columns)


def plan(children: Children, *, offering: UUID, on: date, before: Iterable[Shown]) -> Plan:
    """What may be shown of the offering's table, with the proof. before: tables shown of some of the same children.

    Whoever holds two tables and both lists of names subtracts: what the children make by group who are in one and not in
    the other is protected like any other number. Raises NotComparable.
    """
    number = len(children.sets) * len(children.districts) * len(children.groups)
    if len(children.sets) > 1 and number > MOST_NUMBERS:
        raise NotComparable(f"{number} numbers, more than {MOST_NUMBERS}")
    ledger = Ledger(children.attributes, tuple(_release(children, one) for one in before))
    apart = [children.table([one]) for one in children.sets]
    totals = {one: count for table in apart for one, count in table.items() if one.values(children.by) is None}
    parts = {one: count for table in apart for one, count in table.items() if one not in totals}
    wanted = totals | children.table(children.of(offering))
    hidden = {one: count for one, count in parts.items() if one not in wanted}
    # What all districts make together is what people come for: a district's own numbers go first.
    first = [one for one in wanted if one.values("district") is not None]
    return ledger.plan(wanted, name=str(offering), on=on, unreleased=hidden, prefer=first)


def _release(children: Children, earlier: Shown) -> Release:
    """A table that was shown: what it told as it told it, and what it hid as it is counted now."""
    sets = children.of(earlier.offering)
    counts = children.table(sets)
    groups, places = {group for _place, group in earlier.numbers}, {place for place, _group in earlier.numbers}
    # A group without a column of its own was nobody's.
    numbers = {(place, group): 0 for place in places for group in children.groups if group not in groups} | dict(
        earlier.numbers
    )
    told = {children.where(*at, sets=sets): number for at, number in numbers.items() if number is not None}
    if any(counts.get(one) != number for one, number in told.items()):
        raise NotComparable(f"the table of {earlier.offering} would be another now")
    return Release(str(earlier.offering), earlier.counted_on, told, {k: n for k, n in counts.items() if k not in told})


def publish(children: Children, *, offering: UUID, on: date, before: Iterable[Shown] = ()) -> Shown:
    """The offering's table as it may be shown: its totals alone where what was shown before cannot be held against it."""
    own = children.of(offering)
    places = [None, *sorted({one.district for one in children.alike if offering in one.offerings})]
    ats = [(place, group) for place in places for group in (*children.groups, ALL)]
    counts = children.table(own)
    try:
        found = plan(children, offering=offering, on=on, before=before)
        is_safe = not found.audit.leaks
    except NotComparable:
        is_safe = False
    if not is_safe:
        return Shown(offering, on, {at: counts[children.where(*at, sets=own)] if at[1] == ALL else None for at in ats})
    return Shown(offering, on, {at: found.suppression.shown(children.where(*at, sets=own)) for at in ats})
