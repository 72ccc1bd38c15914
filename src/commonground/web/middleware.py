"""The language of a request: the person's own when signed in, else the cookie, else what the browser asks for."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from commonground.web.languages import languages


class PersonLanguage:
    """Stands after the authentication middleware, in place of Django's LocaleMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the language of the request and say so in Content-Language."""
        with translation.override(language_of(request)):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def language_of(request: HttpRequest) -> str:
    """Code of the language to answer in. An unknown code anywhere falls through to the next source."""
    person = getattr(request, "user", None)
    own = getattr(person, "language", "") if person is not None and person.is_authenticated else ""
    for code in (own, request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")):
        if code in languages():
            return code
    asked = translation.get_language_from_request(request)
    return asked if asked in languages() else asked.split("-")[0]
