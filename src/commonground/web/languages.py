"""The languages a person can choose, and whether a person has read each translation."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

TRANSLATIONS = Path(__file__).with_name("translations.yaml")


@dataclass(frozen=True)
class Language:
    """One language. reviewer and reviewed_on are None until a person signs the translation."""

    code: str
    name: str
    english: str
    status: str
    right_to_left: bool = False
    reviewer: str | None = None
    reviewed_on: date | None = None

    @property
    def direction(self) -> str:
        """Value of the HTML attribute `dir`."""
        return "rtl" if self.right_to_left else "ltr"

    @property
    def is_reviewed(self) -> bool:
        """True for the language the product is written in, and for one a person has signed."""
        return self.status == "source" or self.reviewer is not None


@cache
def languages() -> dict[str, Language]:
    """Every language that can be chosen, by code, in the order people see them."""
    written = yaml.safe_load(TRANSLATIONS.read_text(encoding="utf-8"))
    return {code: Language(code=code, **facts) for code, facts in written.items()}


def language_choices() -> list[tuple[str, str]]:
    """Pairs of code and own name, in the shape of Django's LANGUAGES setting."""
    return [(language.code, language.name) for language in languages().values()]


def known_language(code: str | None) -> Language:
    """The language for a code such as "es" or "es-MX"; English when nobody translated into it."""
    known = languages()
    wanted = (code or "en").lower()
    return known.get(wanted) or known.get(wanted.split("-")[0]) or known["en"]
