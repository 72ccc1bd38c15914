"""Pages for what went wrong: each says what happened, whether anything is lost, and one thing to do next."""

import logging
import secrets

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation

from commonground.web.languages import languages

REFERENCE_LETTERS = "ACDEFGHJKMNPQRTUVWXY34679"  # none that look or sound alike

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page could not be understood (400)."""
    if isinstance(exception, SessionInterrupted):
        return broken(request)  # the session was written last and failed: what was sent may well be saved
    return _state(request, "400.html", status=400)


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page belongs to another role (403)."""
    return _state(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: open too long, or sent from another site (403)."""
    return _state(request, "403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """No such page, or another owner's record: both answer the same (404)."""
    return _state(request, "404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Something broke on our side (500). Reads no database, for that may be what broke: the language is the browser's."""
    reference = new_reference()
    logger.error("page broke, reference %s", reference)
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    with translation.override(cookie if cookie in languages() else translation.get_language()):
        html = render_to_string("500.html", {"reference": reference, "request": request})
    return HttpResponse(html, status=500)


def new_reference() -> str:
    """A code that a person can read out on the telephone, such as 7K4-QM9."""
    letters = [secrets.choice(REFERENCE_LETTERS) for _ in range(6)]
    return "".join(letters[:3]) + "-" + "".join(letters[3:])


def _state(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    reference = new_reference()
    logger.warning("answered %d, reference %s", status, reference)
    return render(request, template, {"reference": reference}, status=status)
