"""How a page is presented to this person: language, direction, light or dark."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import get_language

from commonground.web.languages import Language, known_language, languages

THEME_COOKIE = "theme"
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True)
class Presentation:
    """theme: auto (follows the device), light or dark. languages: all that can be chosen."""

    language: Language
    languages: tuple[Language, ...]
    theme: str
    nonce: str


def presentation_of(request: HttpRequest | None) -> Presentation:
    """The presentation of a request; of a plain English page when there is none (an error page, an e-mail)."""
    wanted = request.COOKIES.get(THEME_COOKIE, "") if request else ""
    return Presentation(
        language=known_language(get_language()),
        languages=tuple(languages().values()),
        theme=wanted if wanted in THEMES else "auto",
        nonce=str(getattr(request, "csp_nonce", "")),
    )
