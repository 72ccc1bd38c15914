"""Worked cases with known answers, run through the engine's public functions.

**A case** is one object of a JSON document: the document is a list of cases, an object whose `cases` are a list, or one
case. Its identity is the file's stem, a slash and the case's `id` (`cases/D-1`); its answer stands in `expected`,
`expect` or `pass_if` (and in further `expect_...` fields, then both are one mapping: `expect` and the rest of the
name); where none of these is there, in `examples` or in a field that starts with `cases_`.

**An adapter** turns a case into an answer of the expectation's shape: `Callable[[Case], Any]`. Every module of this
folder that has `ADAPTERS: dict[str, Callable]` is found by scanning. Its keys are patterns (`*` and `?`, upper and lower
case alike), tried against each label of a case; the longest key that matches wins:

- the text of `measure`, `kind` and `type`, where given: `"wilson*"`
- the identity: `"networks/*"`, `"staff_cost_share/coach-*"`
- the field names in alphabetical order, with those of `input`: `"{*schools,*students,*}"`

An adapter that recognizes nothing it can compute raises `NoAdapter`. A module may also have `NOT_A_CALCULATION:
dict[str, str]`, patterns with the reason why there is nothing to calculate; an adapter wins over an equally long one.

```python
ADAPTERS = {"wilson*": lambda case: case.input["x"] / case.input["n"]}
```

How an answer is compared with what is expected: `commonground.engine.cases.comparison`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module  # noqa: TID251 - a registry
from pkgutil import iter_modules
from typing import Any

from commonground.engine.cases.comparison import differences

__all__ = ["Case", "NoAdapter", "NoCases", "Report", "answer", "read_cases", "run", "why_not_a_calculation"]

PLAIN = ("expected", "expect", "pass_if")


class NoAdapter(LookupError):
    """Nothing here can calculate this case."""


class NoCases(ValueError):
    """A document holds no worked case."""


def _no_neighbor(name: str) -> str:
    """Text of a file beside the case, by name. Raises NoAdapter where the case came without its folder."""
    raise NoAdapter(f"{name} is not beside the case")


@dataclass(frozen=True)
class Case:
    """One worked case.

    identity: file stem, slash, id. fields: the whole object as read. expected: the known answer.
    tolerance: how far a number may be off; None means exact for whole numbers and 1e-9 for others.
    neighbor: reads a file that stands beside the case's own, by name, as text.
    """

    identity: str
    fields: Mapping[str, Any]
    expected: Any
    tolerance: float | None = None
    neighbor: Callable[[str], str] = field(default=_no_neighbor, repr=False)

    @property
    def input(self) -> Mapping[str, Any]:
        """What is given: the field `input`, or the whole case where it has none."""
        given: Mapping[str, Any] = self.fields.get("input", self.fields)
        return given

    @property
    def labels(self) -> tuple[str, ...]:
        """What the patterns of the adapters are tried against, in lower case."""
        names = {*self.fields, *(self.input if isinstance(self.input, Mapping) else ())}
        kinds = (str(self.fields[name]) for name in ("measure", "kind", "type") if name in self.fields)
        return tuple(label.lower() for label in (*kinds, self.identity, "{" + ",".join(sorted(names)) + "}"))


@dataclass(frozen=True)
class Report:
    """What became of the cases: how many passed, and the identities of the others.

    reasons: for each identity that did not pass, one line that says why.
    """

    passed: int
    failed: tuple[str, ...]
    no_adapter: tuple[str, ...]
    not_a_calculation: tuple[str, ...]
    reasons: Mapping[str, str]


def read_cases(document: Any, *, stem: str, neighbor: Callable[[str], str] = _no_neighbor) -> tuple[Case, ...]:
    """The worked cases of one parsed JSON document.

    Raises NoCases when it is not a document of worked cases.

    >>> [case.identity for case in read_cases([{"id": "D-1", "expected": 0.6}], stem="cases")]
    ['cases/D-1']
    """
    listed = document.get("cases", [document]) if isinstance(document, Mapping) else document
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise NoCases(f"{stem}: expected a list of cases, an object with cases, or one case")
    # Other JSON in the same folder may well be a list of objects with ids: a case says what it expects.
    if not all("id" in one for one in listed) or not any(_expectation(one) for one in listed):
        raise NoCases(f"{stem}: no case with an id and an expectation")
    return tuple(
        Case(f"{stem}/{one['id']}", one, _expected(one), one.get("tolerance"), neighbor=neighbor) for one in listed
    )


def _expectation(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a case that hold what is expected, by name."""
    found = {name: fields[name] for name in PLAIN if name in fields}
    found |= {name: value for name, value in fields.items() if name.startswith("expect_")}
    return found or {name: value for name, value in fields.items() if name == "examples" or name.startswith("cases_")}


def _expected(fields: Mapping[str, Any]) -> Any:
    found = _expectation(fields)
    if len(found) == 1:
        (name, value), *_ = found.items()
        return {name.removeprefix("expect_"): value} if name.startswith("expect_") else value
    return {name.removeprefix("expect_"): value for name, value in found.items()}


@cache
def _registered() -> tuple[tuple[tuple[str, Callable[[Case], Any]], ...], tuple[tuple[str, str], ...]]:
    """Patterns with their adapters, and patterns with the reasons why nothing is calculated; longest first."""
    adapters: dict[str, Callable[[Case], Any]] = {}
    reasons: dict[str, str] = {}
    for found in iter_modules(__path__):
        module = import_module(f"{__name__}.{found.name}")
        adapters |= getattr(module, "ADAPTERS", {})
        reasons |= getattr(module, "NOT_A_CALCULATION", {})

    def longest_first(table: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
        return tuple(sorted(((key.lower(), value) for key, value in table.items()), key=lambda pair: -len(pair[0])))

    return longest_first(adapters), longest_first(reasons)


def _match(case: Case, table: Iterable[tuple[str, Any]]) -> tuple[int, Any]:
    for pattern, value in table:
        if any(fnmatchcase(label, pattern) for label in case.labels):
            return len(pattern), value
    return -1, None


def why_not_a_calculation(case: Case) -> str | None:
    """Why there is nothing to calculate in a case; None when there is, or when nobody said.

    >>> why_not_a_calculation(read_cases([{"id": "W", "measure": "Wilson", "expected": 1}], stem="made-up")[0]) is None
    True
    """
    adapters, reasons = _registered()
    length, reason = _match(case, reasons)
    return None if length <= _match(case, adapters)[0] else reason


def answer(case: Case) -> Any:
    """What the engine says to a case. Raises NoAdapter when no module can calculate it.

    >>> answer(read_cases([{"id": "W", "measure": "Unheard of", "expected": 1}], stem="made-up")[0])
    Traceback (most recent call last):
    ...
    commonground.engine.cases.NoAdapter: no module of engine.cases has a pattern for it
    """
    _, adapter = _match(case, _registered()[0])
    if adapter is None:
        raise NoAdapter("no module of engine.cases has a pattern for it")
    return adapter(case)


def run(cases: Iterable[Case]) -> Report:
    """Calculate every case and compare it with its known answer.

    >>> run(read_cases([{"id": "W", "measure": "Unheard of", "expected": 1}], stem="made-up")).no_adapter
    ('made-up/W',)
    """
    passed, failed, no_adapter, facts, reasons = 0, [], [], [], {}
    for case in cases:
        reason = why_not_a_calculation(case)
        if reason is not None:
            facts.append(case.identity)
            reasons[case.identity] = reason
            continue
        if case.expected == {}:
            failed.append(case.identity)
            reasons[case.identity] = "the case does not say what is expected"
            continue
        try:
            found = differences(case.expected, answer(case), tolerance=case.tolerance)
        except NoAdapter as missing:
            no_adapter.append(case.identity)
            reasons[case.identity] = str(missing)
            continue
        except Exception as problem:  # noqa: BLE001 - one broken case must not hide the others
            found = [f"{type(problem).__name__}: {problem}"]
        if found:
            failed.append(case.identity)
            reasons[case.identity] = "; ".join(found)
        else:
            passed += 1
    return Report(passed, tuple(failed), tuple(no_adapter), tuple(facts), reasons)
