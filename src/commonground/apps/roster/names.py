"""How names are put in order: without accents and case, family name first, so that people stand where one looks."""

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
