"""The states Commonground knows, found by looking into `states/`."""

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources  # noqa: TID251  this is the registry of states
from typing import Any

from commonground.engine.law import states as folder
from commonground.engine.law.parameters import Rulebook, read_exact, read_rulebook
from commonground.engine.values import InputError


class UnknownState(InputError):
    """No folder in `states/` has this name."""


@dataclass(frozen=True, slots=True)
class State:
    """A state's law: its two-letter code, its name, its dated facts and its worked cases.

    cases: each with id, measure, input and expected, and for a limit also `parameter` and `side` (at, below, above).
    """

    code: str
    name: str
    rulebook: Rulebook
    cases: tuple[Mapping[str, Any], ...]


def read_state(package: str, *, code: str, name: str) -> State:
    """A state from the two files beside its code. Raises LawFileError when a file is wrong."""
    files = resources.files(package)
    return State(
        code=code,
        name=name,
        rulebook=read_rulebook(files.joinpath("rules.yaml").read_text("utf-8"), state=code),
        cases=tuple(read_exact(files.joinpath("cases.yaml").read_text("utf-8"))),
    )


def state_codes() -> tuple[str, ...]:
    """The codes of all states in the folder, in order.

    >>> state_codes()
    ('mn',)
    """
    return tuple(sorted(module.name for module in pkgutil.iter_modules(folder.__path__)))


@cache
def state(code: str) -> State:
    """The law of one state. Raises UnknownState when there is no folder of this name.

    >>> state("mn").name
    'Minnesota'
    """
    if code not in state_codes():
        raise UnknownState(f"no law is known for {code!r}; known are {', '.join(state_codes())}")
    found: State = import_module(f"{folder.__name__}.{code}").STATE
    return found
