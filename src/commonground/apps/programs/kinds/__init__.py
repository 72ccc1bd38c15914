"""Kinds of program: one module each in this folder, found by scanning, holding `KIND`."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module  # noqa: TID251 - a registry
from pkgutil import iter_modules

from django.utils.functional import Promise


@dataclass(frozen=True)
class Consent:
    """Something a family agrees to or not. is_needed: without it the child cannot take part."""

    key: str
    words: str | Promise
    is_needed: bool = False


@dataclass(frozen=True)
class Kind:
    """What every offering of a kind has in common.

    grades: OneRoster codes of the grade that a child enters after the summer. themes: key and words, in their order.
    field_day: which day (from 1) is a field experience, None for none. consents: asked of every family.
    certificate: what a child has done who was there, in one sentence. asks_meals: whether families are asked, and need not
    say, if a child gets free or reduced-price school meals.
    """

    key: str
    title: str | Promise
    about: str | Promise
    grades: tuple[str, ...]
    day_count: int
    themes: tuple[tuple[str, str | Promise], ...]
    field_day: int | None
    consents: tuple[Consent, ...]
    certificate: str | Promise
    asks_meals: bool = False


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by key, in the order of their modules' names."""
    found = (import_module(f"{__name__}.{module.name}").KIND for module in iter_modules(__path__))
    return {kind.key: kind for kind in found}
