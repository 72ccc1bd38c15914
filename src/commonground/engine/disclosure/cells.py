"""Counts of people by what they have in common, and the sums by which an attacker links them.

A cell is a set of people described by attributes: the students of one school who are English learners. Cells that
describe the same people are the same cell, in whichever table they appear, so tables that share a total are linked
without being told, and a later table is linked with every earlier one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Number

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from commonground.engine.values import InputError, whole_number, whole_numbers

Where = frozenset[tuple[str, frozenset[str]]]


class CountsDoNotAdd(InputError):
    """Parts and their whole differ, so at least one count is wrong."""


class MissingCount(InputError):
    """Two cells overlap, and how many people they share is neither given nor follows."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing that tells people apart, and how its counts are protected.

    values: everything it can be; a cell that holds all of them says nothing about it.
    threshold: counts of fewer people are hidden; None means that counts by this attribute are public.
    protection: an attacker must be left with a range at least this wide (in people) for each hidden count; None means
    the threshold. shows_zero: True publishes zeros, which tells an attacker that a hidden count is at least 1.
    Raises InputError for no name, no values, or a threshold or protection that is not a whole number from 1.
    """

    name: str
    values: frozenset[str]
    threshold: int | None = None
    protection: int | None = None
    shows_zero: bool = False

    def __post_init__(self) -> None:
        if not self.name or isinstance(self.values, str):
            raise InputError(f"attribute {self.name!r} needs a name, and its values as a set of texts")
        if not self.values:
            raise InputError(f"attribute {self.name!r} has no values; list everything it can be")
        for what, number in (("threshold", self.threshold), ("protection", self.protection)):
            if number is not None:
                whole_number(number, name=f"attribute {self.name!r}: its {what} (None for none)", least=1)

    @property
    def width(self) -> int:
        """The range an attacker must be left with, in people; 0 for a public attribute."""
        if self.threshold is None:
            return 0
        return self.threshold if self.protection is None else self.protection


@dataclass(frozen=True, slots=True)
class Cell:
    """A set of people: those who have, for each attribute named, one of its values.

    where: attribute and values; an attribute that is not named may be anything. label: how people call the cell.
    """

    where: Where
    label: str = field(default="", compare=False)

    def values(self, attribute: str) -> frozenset[str] | None:
        """The values of an attribute that the cell asks for; None when it may be anything."""
        return next((values for name, values in self.where if name == attribute), None)

    def without(self, attribute: str) -> Where:
        """What the cell asks for apart from one attribute."""
        return frozenset(entry for entry in self.where if entry[0] != attribute)


def cell(where: Mapping[str, str | Collection[str]], *, label: str | None = None) -> Cell:
    """A cell from the values it asks for: one value as a text, several as a collection.

    >>> cell({"place": "Oak", "learner": "yes"}).label
    'learner yes, place Oak'
    """
    sets = {name: frozenset([values] if isinstance(values, str) else values) for name, values in where.items()}
    return Cell(frozenset(sets.items()), label if label is not None else _describe(sets))


def _describe(sets: Mapping[str, frozenset[str]]) -> str:
    texts = [f"{name} {' or '.join(sorted(values))}" for name, values in sorted(sets.items())]
    return ", ".join(texts) or "everyone"


@dataclass(frozen=True, slots=True, eq=False)
class Linked:
    """All cells of one or more tables with the sums between them.

    cells: those given first, then the ones an attacker can form by subtraction. counts: people in each, shape
    (cells,), whole numbers. is_given: False for what only follows. sums: shape (sums, cells); each row has +1 for
    every part and -1 for the whole, so `sums @ counts` is zero. attributes: by name. places: where each cell stands.
    """

    cells: tuple[Cell, ...]
    counts: npt.NDArray[np.int64]
    is_given: npt.NDArray[np.bool_]
    sums: csr_array
    attributes: Mapping[str, Attribute]
    places: Mapping[Cell, int]

    def position(self, one: Cell) -> int:
        """The place of a cell among `cells`. Raises InputError when it is not one of them."""
        one = _narrowed(one, self.attributes)
        if one not in self.places:
            raise InputError(f"no count is given for {one.label}")
        return self.places[one]

    def rules(self, one: Cell) -> tuple[Attribute, ...]:
        """The protected attributes that a cell tells something about."""
        named = (self.attributes[name] for name, _ in one.where)
        return tuple(attribute for attribute in named if attribute.threshold is not None)


def link(attributes: Iterable[Attribute], counts: Mapping[Cell, int]) -> Linked:
    """The cells of any number of tables, linked by every sum that follows from what they describe.

    Tables are linked by joining their counts; give a cell once. Cells that overlap without one holding the other need
    the count of what they share. Raises InputError for a negative count or an unknown attribute or value,
    CountsDoNotAdd where parts and whole differ, and MissingCount where a shared part is not known.

    >>> place = Attribute("place", frozenset({"Oak", "Elm"}))
    >>> linked = link([place], {cell({}): 30, cell({"place": "Oak"}): 20})
    >>> [(one.label, int(count)) for one, count in zip(linked.cells, linked.counts)]
    [('everyone', 30), ('place Oak', 20), ('place Elm', 10)]
    """
    by_name = {attribute.name: attribute for attribute in attributes}
    known = {_narrowed(one, by_name): _whole_number(one, count) for one, count in counts.items()}
    if len(known) != len(counts):
        raise InputError("two cells describe the same people; give their count once")
    given = len(known)
    sums: dict[Cell, set[frozenset[Cell]]] = defaultdict(set)
    before = -1
    while len(known) != before:
        before = len(known)
        for attribute in by_name.values():
            for family in _families(known, attribute):
                _link_family(family, attribute=attribute, known=known, sums=sums)
    cells = tuple(known)
    return Linked(
        cells=cells,
        counts=np.array(list(known.values()), dtype=np.int64),
        is_given=np.arange(len(cells)) < given,
        sums=_matrix(cells, sums),
        attributes=by_name,
        places={one: place for place, one in enumerate(cells)},
    )


def _narrowed(one: Cell, attributes: Mapping[str, Attribute]) -> Cell:
    """The same people without attributes that may be anything. Raises InputError for what is not known."""
    kept = []
    for name, values in one.where:
        if name not in attributes:
            raise InputError(f"{one.label}: no attribute is named {name!r}; known are {', '.join(sorted(attributes))}")
        unknown = values - attributes[name].values
        if unknown or not values:
            raise InputError(f"{one.label}: {name} cannot be {', '.join(sorted(unknown)) or 'nothing'}")
        if values != attributes[name].values:
            kept.append((name, values))
    return Cell(frozenset(kept), one.label)


def _whole_number(one: Cell, count: int) -> int:
    if isinstance(count, bool) or not isinstance(count, Number) or count != count or int(count) != count or count < 0:
        raise InputError(f"{one.label}: the count is {count!r}; give a whole number, zero or more")
    return int(count)


def _families(known: Mapping[Cell, int], attribute: Attribute) -> list[dict[frozenset[str], Cell]]:
    """Cells that differ in this attribute only, by their values of it."""
    families: dict[Where, dict[frozenset[str], Cell]] = defaultdict(dict)
    for one in known:
        families[one.without(attribute.name)][one.values(attribute.name) or attribute.values] = one
    return [family for family in families.values() if len(family) > 1]


def _link_family(
    family: dict[frozenset[str], Cell],
    *,
    attribute: Attribute,
    known: dict[Cell, int],
    sums: dict[Cell, set[frozenset[Cell]]],
) -> None:
    """Split the family's values into the smallest groups that its cells tell apart; each cell is the sum of some."""
    members: dict[str, list[int]] = defaultdict(list)
    for place, values in enumerate(family):
        for value in values:
            members[value].append(place)
    groups: dict[tuple[int, ...], set[str]] = defaultdict(set)
    for value, places in members.items():
        groups[tuple(places)].add(value)
    rest = next(iter(family.values())).without(attribute.name)
    pieces = [_piece(frozenset(values), family, attribute=attribute, rest=rest) for values in groups.values()]
    parts_of = {
        whole: [piece for piece, places in zip(pieces, groups, strict=True) if place in places]
        for place, whole in enumerate(family.values())
    }
    _fill_in(parts_of, known)
    for whole, parts in parts_of.items():
        if parts != [whole]:
            sums[whole].add(frozenset(parts))


def _piece(values: frozenset[str], family: Mapping[frozenset[str], Cell], *, attribute: Attribute, rest: Where) -> Cell:
    if values in family:
        return family[values]
    return cell({**dict(rest), attribute.name: values})


def _fill_in(parts_of: Mapping[Cell, list[Cell]], known: dict[Cell, int]) -> None:
    """Counts of pieces that follow from the others."""
    open_sums = dict(parts_of)
    while open_sums:
        for whole, parts in list(open_sums.items()):
            unknown = [part for part in parts if part not in known]
            if len(unknown) > 1:
                continue
            rest = known[whole] - sum(known[part] for part in parts if part in known)
            if rest < 0 or (rest and not unknown):
                raise CountsDoNotAdd(f"{whole.label}: {known[whole]} people, but its parts make {known[whole] - rest}")
            if unknown:
                known[unknown[0]] = rest
            del open_sums[whole]
            break
        else:
            whole, parts = next(iter(open_sums.items()))
            missing = next(part for part in parts if part not in known)
            raise MissingCount(f"{whole.label} overlaps another cell: give the count of {missing.label} too")


def _matrix(cells: tuple[Cell, ...], sums: Mapping[Cell, set[frozenset[Cell]]]) -> csr_array:
    place = {one: number for number, one in enumerate(cells)}
    lines = {
        (place[whole], tuple(sorted(place[part] for part in parts))) for whole, ways in sums.items() for parts in ways
    }
    rows, columns, signs = [], [], []
    for row, (whole, parts) in enumerate(sorted(lines)):
        rows += [row] * (len(parts) + 1)
        columns += [whole, *parts]
        signs += [-1, *([1] * len(parts))]
    return csr_array((signs, (rows, columns)), shape=(len(lines), len(cells)), dtype=np.int64)


def threshold(rules: Collection[Attribute]) -> int:
    """Counts below this are hidden: the strictest of these attributes; 0 when all are public."""
    return max((rule.threshold or 0 for rule in rules), default=0)


def small_counts(linked: Linked) -> npt.NDArray[np.bool_]:
    """Which cells have to be hidden for themselves: below their threshold, and no zero that is shown."""
    rules = [linked.rules(one) for one in linked.cells]
    limit = np.array([threshold(rule) for rule in rules], dtype=np.int64)
    return (linked.counts < limit) & ~shown_zeros(linked)


def shown_zeros(linked: Linked) -> npt.NDArray[np.bool_]:
    """Which cells are zeros that the policy publishes."""
    return np.array([shows_zero(linked.rules(one)) for one in linked.cells], dtype=bool) & (linked.counts == 0)


def asked_ranges(linked: Linked) -> npt.NDArray[np.int64]:
    """The range the policy asks to leave to an attacker for each small count, in people; 0 for the others."""
    widths = [max((rule.width for rule in linked.rules(one)), default=0) for one in linked.cells]
    return np.where(small_counts(linked), widths, 0)


def least_counts(linked: Linked) -> npt.NDArray[np.int64]:
    """The smallest count that an unpublished cell can have: 1 where zeros are always shown, else 0."""
    hides_no_zero = [
        given and shows_zero(linked.rules(one)) for one, given in zip(linked.cells, linked.is_given, strict=True)
    ]
    return np.minimum(np.array(hides_no_zero, dtype=np.int64), linked.counts)


def shows_zero(rules: Collection[Attribute]) -> bool:
    """True when all protected attributes a cell tells something about publish zeros."""
    return bool(rules) and all(rule.shows_zero for rule in rules)


def crossed(
    counts: npt.ArrayLike, *, rows: Mapping[Cell, Collection[int]], columns: Mapping[Cell, Collection[int]]
) -> dict[Cell, int]:
    """A cross table with all its subtotals.

    counts: people by finest row and column, shape (rows, columns). rows, columns: every level to publish, finest ones
    included, each with the positions it adds up. Raises InputError for counts that are not whole or below zero, and for a
    position that is not there.

    >>> places = {cell({"place": "Oak"}): [0], cell({"place": "Elm"}): [1], cell({}): [0, 1]}
    >>> learners = {cell({"learner": "yes"}): [0], cell({}): [0, 1]}
    >>> table = crossed([[3, 20], [12, 30]], rows=places, columns=learners)
    >>> table[cell({"place": "Oak", "learner": "yes"})], table[cell({})]
    (3, 65)
    """
    array = whole_numbers(counts, name="counts")
    if array.ndim != 2 or array.min(initial=0) < 0:
        raise InputError(f"counts have shape {array.shape}; give a table of whole numbers, zero or more")
    for places, end in ((rows, array.shape[0]), (columns, array.shape[1])):
        for one, held in places.items():
            if not set(held) <= set(range(end)):
                raise InputError(f"{one.label}: a position is not in the table; they run from 0 to {end - 1}")
    table: dict[Cell, int] = {}
    for row, row_places in rows.items():
        line = array[list(row_places)].sum(axis=0)
        for column, column_places in columns.items():
            label = ", ".join(one.label for one in (row, column) if one.where) or row.label
            table[Cell(row.where | column.where, label)] = int(line[list(column_places)].sum())
    return table
