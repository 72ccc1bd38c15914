"""Settings of the smallest site on its own, for looking at the gallery without the rest:

`DJANGO_SETTINGS_MODULE=tests.apps.web.settings python -m django runserver`
"""

from pathlib import Path

from tests.apps.web.small_site import SETTINGS

from commonground.web.languages import language_choices

SECRET_KEY = "only for looking at the gallery"
DEBUG = False
INSTALLED_APPS = [
    "commonground.web",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
]
DATABASES: dict[str, dict[str, str]] = {}
STATIC_URL = "/static/"
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = language_choices()
LOCALE_PATHS = [Path(__file__).resolve().parents[3] / "src/commonground/locale"]
globals().update(SETTINGS)
