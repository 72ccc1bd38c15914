"""The smallest site that can draw the web layer: no database, no apps above it."""

from collections.abc import Iterator
from contextlib import contextmanager

from csp.constants import NONCE, NONE, SELF
from django.test import override_settings
from django.urls import include, path

SETTINGS = {
    "ROOT_URLCONF": __name__,
    "ALLOWED_HOSTS": ["*"],
    "MIDDLEWARE": [
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "csp.middleware.CSPMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "commonground.web.middleware.PersonLanguage",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django_htmx.middleware.HtmxMiddleware",
    ],
    "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
    "SESSION_COOKIE_SECURE": False,
    "CSRF_COOKIE_SECURE": False,
    "CSRF_FAILURE_VIEW": "commonground.web.errors.csrf_failure",
    "FORMAT_MODULE_PATH": "commonground.web.formats",
    "WHITENOISE_USE_FINDERS": True,
    "WHITENOISE_AUTOREFRESH": True,
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    "CONTENT_SECURITY_POLICY": {
        "DIRECTIVES": {
            "default-src": [NONE],
            "script-src": [NONCE],
            "style-src": [SELF],
            "img-src": [SELF, "data:"],
            "font-src": [SELF],
            "connect-src": [SELF],
            "form-action": [SELF],
            "base-uri": [NONE],
            "frame-ancestors": [NONE],
        }
    },
}

urlpatterns = [path("", include("commonground.web.urls"))]

handler400 = "commonground.web.errors.bad_request"
handler403 = "commonground.web.errors.denied"
handler404 = "commonground.web.errors.not_found"
handler500 = "commonground.web.errors.broken"


@contextmanager
def small_site() -> Iterator[None]:
    """The settings of the smallest site while the block runs."""
    with override_settings(**SETTINGS):
        yield
