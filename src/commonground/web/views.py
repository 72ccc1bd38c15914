"""Pages that belong to nobody in particular: language, theme, the component gallery."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from commonground.web.gallery import gallery
from commonground.web.languages import languages
from commonground.web.presentation import THEME_COOKIE, THEMES

YEAR = 365 * 24 * 60 * 60


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember a language in a cookie of this browser; an unknown one changes nothing. Core also keeps it with the person."""
    answer = HttpResponseRedirect(_next_page(request))
    code = request.POST.get("language", "")
    if code not in languages():
        return answer
    _remember(answer, settings.LANGUAGE_COOKIE_NAME, code)
    return answer


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or as the device, in a cookie of this browser."""
    answer = HttpResponseRedirect(_next_page(request))
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        _remember(answer, THEME_COOKIE, theme)
    return answer


def design(request: HttpRequest) -> HttpResponse:
    """Every component in every state, with invented content."""
    return render(request, "web/design.html", gallery(request))


def _next_page(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else "/"


def _remember(answer: HttpResponse, cookie: str, value: str) -> None:
    answer.set_cookie(cookie, value, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True)
