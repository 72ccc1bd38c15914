"""How names are put in order: without accents and case, family name first, so that people stand where one looks."""

import re
import unicodedata


def name_key(text: str) -> str:
    """The text as lists are sorted and searched: accents, case, punctuation and double blanks gone.

    >>> name_key("Ávila-Núñez, José")
    'avila nunez jose'
    >>> name_key("O’Brien")
    'obrien'
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    spaced = "".join(" " if c in "-,." else c for c in plain if c not in "'’ʻʼ`")
    return " ".join(spaced.split())


def as_counted(title: str) -> tuple[tuple[int, str], ...]:
    """A key that puts titles in the order people count: Art (2) before Art (10).

    >>> sorted(["Art (10)", "Art (2)", "Algebra 1"], key=as_counted)
    ['Algebra 1', 'Art (2)', 'Art (10)']
    """
    parts = re.split(r"(\d+)", name_key(title))
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts if part)
