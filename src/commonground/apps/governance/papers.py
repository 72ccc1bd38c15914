"""Languages in which papers for families are printed: those whose pages are complete."""

from commonground.web.languages import Language, languages

COMPLETE = ("source", "complete")


def complete_languages() -> list[Language]:
    """Languages of which no text is missing, in the order people see them."""
    return [one for one in languages().values() if one.status in COMPLETE]


def chosen_language(code: str | None) -> Language:
    """The language with this code, where it is complete; else the one the product is written in.

    code: as a record or an address gives it, such as es-MX; None where nothing is known.

    >>> chosen_language("es-MX").code, chosen_language("so").code, chosen_language(None).code
    ('es', 'en', 'en')
    """
    complete = {one.code: one for one in complete_languages()}
    return complete.get((code or "").split("-", 1)[0].lower()) or complete["en"]
