"""Everything ever released, and whether one more table would let someone work out a small count.

Cells are linked by what they describe, so a table released in May is held against one released in January without
being told that they belong together. What is counted on another day is another count: give such tables an attribute
for the day.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from commonground.engine.disclosure.audit import Audit, audit
from commonground.engine.disclosure.cells import Attribute, Cell, asked_ranges, link
from commonground.engine.disclosure.suppression import Suppression, suppress
from commonground.engine.values import InputError


class ReleasedDifferently(InputError):
    """The same cell was released before with another count."""


@dataclass(frozen=True, slots=True)
class Release:
    """One released table: what was shown, and the counts that were hidden.

    shown, hidden: people by cell. hidden counts stay with whoever keeps the ledger.
    """

    name: str
    released_on: date
    shown: Mapping[Cell, int]
    hidden: Mapping[Cell, int]

    @property
    def fingerprint(self) -> str:
        """A SHA-256 of what was shown and which cells were hidden, the same for the same table in any order."""
        lines = sorted(
            [f"{_text(one)}={count}" for one, count in self.shown.items()] + [f"{_text(one)}=*" for one in self.hidden]
        )
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Plan:
    """What may be shown of a new table beside everything released before.

    suppression: over all tables. release: the new one, ready to be added. audit: what an attacker would know with it.
    """

    suppression: Suppression
    release: Release
    audit: Audit

    @property
    def is_safe(self) -> bool:
        """True when no small count is narrowed below the policy, by this release or by an earlier one."""
        return not self.audit.leaks and not self.suppression.limited


@dataclass(frozen=True, slots=True)
class Ledger:
    """All releases under one policy, oldest first."""

    attributes: tuple[Attribute, ...]
    releases: tuple[Release, ...] = ()

    @property
    def shown(self) -> dict[Cell, int]:
        """Every count ever shown."""
        return {one: count for release in self.releases for one, count in release.shown.items()}

    @property
    def withheld(self) -> dict[Cell, int]:
        """Every count that was hidden and never shown."""
        shown = self.shown
        hidden = (entry for release in self.releases for entry in release.hidden.items())
        return {one: count for one, count in hidden if one not in shown}

    def with_release(self, release: Release) -> "Ledger":
        """The ledger with one more release. Raises ReleasedDifferently where a cell had another count before."""
        _agree({**self.withheld, **self.shown}, [*release.shown.items(), *release.hidden.items()], release.name)
        return Ledger(self.attributes, (*self.releases, release))

    def audit(self) -> Audit:
        """What an attacker who kept every release can work out. Raises InputError before the first release."""
        if not self.releases:
            raise InputError("nothing was released yet, so there is nothing to audit")
        linked = link(self.attributes, {**self.withheld, **self.shown})
        is_published = np.zeros(len(linked.cells), dtype=bool)
        is_published[[linked.position(one) for one in self.shown]] = True
        return audit(linked, is_published=is_published, needed=asked_ranges(linked))

    def plan(
        self,
        counts: Mapping[Cell, int],
        *,
        name: str,
        on: date,
        unreleased: Mapping[Cell, int] | None = None,
        prefer: Collection[Cell] = (),
    ) -> Plan:
        """What may be shown of a new table, given everything released before.

        counts: people by cell. unreleased: counts that are needed to link overlapping cells and are shown to nobody.
        Cells hidden before are hidden first, and those of prefer. Raises ReleasedDifferently where a cell had another count before, and
        what `link` raises.

        >>> learner = Attribute("learner", frozenset({"yes", "no"}), threshold=10)
        >>> grade = Attribute("grade", frozenset({"6", "7", "8"}))
        >>> from commonground.engine.disclosure.cells import cell
        >>> ledger = Ledger((learner, grade))
        >>> first = ledger.plan({cell({"learner": "yes"}): 40}, name="all grades", on=date(2026, 10, 1))
        >>> later = ledger.with_release(first.release).plan(
        ...     {cell({"learner": "yes", "grade": ["6", "7"]}): 36}, name="grades 6 and 7", on=date(2026, 11, 1))
        >>> later.release.shown, later.is_safe
        ({}, True)
        """
        before, helpers = {**self.withheld, **self.shown}, dict(unreleased or {})
        _agree({**before, **helpers}, counts.items(), name)
        linked = link(self.attributes, {**before, **helpers, **counts})
        withheld = [one for one in {**self.withheld, **helpers} if one not in counts]
        suppression = suppress(linked, published=self.shown, withheld=withheld, prefer=[*self.withheld, *prefer])
        shown = {one: count for one, count in counts.items() if suppression.shown(one) is not None}
        hidden = {one: count for one, count in {**counts, **helpers}.items() if one not in shown}
        return Plan(suppression, Release(name, on, shown, hidden), suppression.audit())


def _agree(before: Mapping[Cell, int], counts: Iterable[tuple[Cell, int]], name: str) -> None:
    for one, count in counts:
        if before.get(one, count) != count:
            raise ReleasedDifferently(
                f"{name}: {one.label} is {count}, but {before[one]} before; give counts of another day an attribute for it"
            )


def _text(one: Cell) -> str:
    return ";".join(f"{name}:{','.join(sorted(values))}" for name, values in sorted(one.where))
