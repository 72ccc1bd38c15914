"""Law as dated data: parameters with a source and a mark for what nobody has read, one folder per state."""

from commonground.engine.law.parameters import (
    LawFileError,
    NotInForce,
    Parameter,
    Rulebook,
    UnknownParameter,
    read_rulebook,
)
from commonground.engine.law.registry import State, UnknownState, state, state_codes

__all__ = [
    "LawFileError",
    "NotInForce",
    "Parameter",
    "Rulebook",
    "State",
    "UnknownParameter",
    "UnknownState",
    "read_rulebook",
    "state",
    "state_codes",
]
