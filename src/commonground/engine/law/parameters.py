"""Numbers, words and days from law: each with the day it starts, its source, and whether we read it ourselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import yaml

from commonground.engine.values import InputError

Comparison = Literal["more_than", "at_least", "at_most"]
COMPARISONS = ("more_than", "at_least", "at_most")
WORDS: Mapping[str, str] = {"more_than": "more than", "at_least": "at least", "at_most": "at most"}


class LawFileError(InputError):
    """A state's file of dated facts does not say what it must. Names the entry and what is missing."""


class UnknownParameter(InputError):
    """The state's file holds no fact of this name."""


class NotInForce(InputError):
    """The fact exists, but its first line starts after the day that was asked for."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One dated line of law.

    value: a whole number, a Decimal, a text, or a list or mapping of those; never a binary fraction.
    starts_on: first day it holds; None when it holds as far back as is known.
    compare: how a figure is held against the value; None where nothing is compared.
    source: statute, rule or form. verified: True when the point was read in the named source.
    note: a doubt or remark for the reader, None when there is none.
    """

    name: str
    value: Any
    source: str
    verified: bool
    starts_on: date | None = None
    compare: Comparison | None = None
    note: str | None = None

    def holds(self, figure: Fraction | Decimal | int, *, per: int = 1) -> bool:
        """True when figure / per meets the comparison, without rounding. Raises InputError where nothing is compared.

        per: at least 1; whole numbers on both sides of a division are compared without making the division.

        >>> Parameter("gap", 20, "a rule", True, compare="more_than").holds(Fraction(20))
        False
        >>> Parameter("gap", 20, "a rule", True, compare="more_than").holds(2_001, per=100)
        True
        """
        value, parts = self.value.as_integer_ratio()
        left, right = (figure if isinstance(figure, int) else Fraction(figure)) * parts, value * per
        if self.compare == "more_than":
            return left > right
        if self.compare == "at_least":
            return left >= right
        if self.compare == "at_most":
            return left <= right
        raise InputError(f"{self.name} compares nothing: add `compare` to its line")

    @property
    def words(self) -> str:
        """How the comparison reads in a sentence, such as "more than 20"."""
        return f"{WORDS[self.compare]} {self.value}" if self.compare else str(self.value)

    @property
    def citation(self) -> str:
        """The source, marked when nobody has read it for us."""
        return self.source if self.verified else f"{self.source} (not verified)"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All dated facts of one state, oldest line first under each name."""

    state: str
    lines: Mapping[str, tuple[Parameter, ...]]

    def on(self, name: str, day: date) -> Parameter:
        """The line in force on this day.

        Raises UnknownParameter when the state has no such fact, NotInForce when the day lies before its first line.
        """
        if name not in self.lines:
            raise UnknownParameter(
                f"{self.state} has no fact named {name!r}; known are {', '.join(sorted(self.lines))}"
            )
        in_force = [line for line in self.lines[name] if line.starts_on is None or line.starts_on <= day]
        if not in_force:
            raise NotInForce(
                f"{name} of {self.state} starts on {self.lines[name][0].starts_on}, after {day}: add an earlier line"
            )
        return in_force[-1]

    @property
    def unverified(self) -> tuple[Parameter, ...]:
        """The lines that nobody has read in their source, in order of their names: what to ask the state about."""
        return tuple(line for name in sorted(self.lines) for line in self.lines[name] if not line.verified)


class _ExactLoader(yaml.SafeLoader):
    """Reads 100.3 as the decimal number 100.3, which no binary fraction is."""


_ExactLoader.add_constructor("tag:yaml.org,2002:float", lambda _, node: Decimal(node.value))


def read_exact(text: str) -> Any:
    """The content of a YAML text with every decimal number exact."""
    return yaml.load(text, Loader=_ExactLoader)  # noqa: S506  a SafeLoader that keeps decimals


def read_rulebook(text: str, *, state: str) -> Rulebook:
    """A state's dated facts from the text of its `rules.yaml`.

    Raises LawFileError when a line lacks its value, source or `verified`, names an unknown comparison, or when lines
    are not in order of their first days.

    >>> book = read_rulebook("fee: [{from: earliest, value: 1.5, source: a statute, verified: true}]", state="mn")
    >>> book.on("fee", date(2020, 1, 1)).value
    Decimal('1.5')
    """
    content = read_exact(text)
    if not isinstance(content, dict):
        raise LawFileError(f"the file of {state} must be a mapping from a name to its dated lines")
    return Rulebook(state=state, lines={name: _lines(name, entries) for name, entries in content.items()})


def _lines(name: str, entries: Any) -> tuple[Parameter, ...]:
    if not isinstance(entries, list) or not entries:
        raise LawFileError(f"{name}: give a list of dated lines, oldest first")
    lines = tuple(_line(name, entry) for entry in entries)
    days = [line.starts_on or date.min for line in lines]
    if days != sorted(set(days)):
        raise LawFileError(f"{name}: put the lines in order of `from`, each day once")
    return lines


def _line(name: str, entry: Mapping[str, Any]) -> Parameter:
    missing = [key for key in ("from", "value", "source", "verified") if key not in entry]
    if missing:
        raise LawFileError(f"{name}: a line lacks {', '.join(missing)}")
    starts = entry["from"]
    if starts != "earliest" and not isinstance(starts, date):
        raise LawFileError(f"{name}: `from` is {starts!r}; write `earliest` or a day such as 2018-08-01")
    if entry.get("compare") not in (None, *COMPARISONS):
        raise LawFileError(f"{name}: `compare` is {entry['compare']!r}; write one of {', '.join(COMPARISONS)}")
    if not isinstance(entry["verified"], bool):
        raise LawFileError(f"{name}: `verified` is true or false")
    return Parameter(
        name=name,
        value=entry["value"],
        source=entry["source"],
        verified=entry["verified"],
        starts_on=None if starts == "earliest" else starts,
        compare=entry.get("compare"),
        note=entry.get("note"),
    )
