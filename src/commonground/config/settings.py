"""Settings: read from the environment and the data folder, with defaults that suit one machine.

Every setting a person may change is a variable `COMMONGROUND_...` named in `docs/reference/settings.md`.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE

from commonground.store.database import connection_settings, data_folder
from commonground.store.secrets import secret

PACKAGE = Path(__file__).resolve().parents[1]
DATA = data_folder()
ON = {"1", "true", "yes", "on"}


def switched_on(name: str, default: str = "") -> bool:
    """Whether the environment switches this on."""
    return os.environ.get(f"COMMONGROUND_{name}", default).lower() in ON


DEBUG = switched_on("DEBUG")
SECRET_KEY = secret(DATA, "secret_key")
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("COMMONGROUND_OLD_SECRET_KEYS", "").split(",") if key]
PUBLIC_ADDRESS = os.environ.get("COMMONGROUND_ADDRESS", "http://localhost:8000")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", urlsplit(PUBLIC_ADDRESS).hostname or "localhost"]
ALLOWED_HOSTS += [host for host in os.environ.get("COMMONGROUND_HOSTS", "").split(",") if host]
PROXIES = os.environ.get("COMMONGROUND_PROXIES", "")
BEHIND_TLS = PUBLIC_ADDRESS.startswith("https://")
CSRF_TRUSTED_ORIGINS = [PUBLIC_ADDRESS]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
    "procrastinate.contrib.django",
    "commonground.web",
    "commonground.apps.core",
    "commonground.apps.roster",
    "commonground.apps.intake",
    "commonground.apps.families",
    "commonground.apps.measures",
    "commonground.apps.programs",
    "commonground.apps.mentoring",
    "commonground.apps.coaching",
    "commonground.apps.governance",
    "commonground.apps.home",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "django.middleware.gzip.GZipMiddleware",  # pads its answers, and tokens are masked: no BREACH
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "commonground.apps.core.middleware.WholePageSignIn",
    "commonground.apps.core.middleware.SessionLimits",
    "commonground.apps.core.middleware.SecondFactor",
    "commonground.web.middleware.PersonLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "commonground.apps.core.middleware.EnterWalls",
]

ROOT_URLCONF = "commonground.config.urls"
WSGI_APPLICATION = "commonground.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "commonground.apps.home.shell.shell",
            ],
        },
    },
]

DATABASES = {"default": connection_settings(DATA)}
# Counts of sign-in attempts, shared by all processes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cachedvalue",
        # So many that nobody can push out the counts of one account by trying many others.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

# Sign-in. Passwords by NIST SP 800-63B-4: length counts, no composition rules, no periodic change.
AUTH_USER_MODEL = "core.Person"
AUTHENTICATION_BACKENDS = [
    "commonground.apps.core.demonstration_code.DemonstrationCodeBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "commonground.apps.core.passwords.EasyPatternValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:today"
ACCOUNT_ADAPTER = "commonground.apps.core.accounts.AccountAdapter"
MFA_ADAPTER = "commonground.apps.core.accounts.SecondFactorAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "change_password": "5/m/user",
    "reset_password": "20/m/ip,5/m/key",
}
ACCOUNT_FORMS = {
    "login": "commonground.apps.core.forms.SignInForm",
    "change_password": "commonground.apps.core.forms.NewPasswordForm",
    "reauthenticate": "commonground.apps.core.forms.ConfirmPasswordForm",
}
MFA_FORMS = {
    "authenticate": "commonground.apps.core.forms.CodeForm",
    "reauthenticate": "commonground.apps.core.forms.ConfirmCodeForm",
    "activate_totp": "commonground.apps.core.forms.FirstCodeForm",
    "add_webauthn": "commonground.apps.core.forms.PasskeyForm",
    "edit_webauthn": "commonground.apps.core.forms.PasskeyNameForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = "Commonground"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds before and after: slow typing, a clock that is a little wrong
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BEHIND_TLS
STAFF_IDLE_SECONDS = 30 * 60
STAFF_ABSOLUTE_SECONDS = 12 * 60 * 60
FAMILY_ABSOLUTE_SECONDS = 30 * 24 * 60 * 60

SESSION_COOKIE_AGE = FAMILY_ABSOLUTE_SECONDS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
# A browser takes a cookie of such a name from this host alone, over TLS.
COOKIE_PREFIX = "__Host-" if BEHIND_TLS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}django_language"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "commonground.web.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}


LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("so", "Soomaali"), ("ar", "العربية")]
LOCALE_PATHS = [PACKAGE / "locale"]
DATE_FORMAT, DATETIME_FORMAT = "F j, Y", "F j, Y, g:i a"  # where a language has no formats of its own
FORMAT_MODULE_PATH = ["commonground.web.formats"]
USE_I18N = True
# Fewer students than this are not told across a district's line: the department's own smallest group (reference: report card).
SMALLEST_COUNT = 10
TIME_ZONE = os.environ.get("COMMONGROUND_TIME_ZONE", "America/Chicago")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = DATA / "files"
BATCH_FOLDER = DATA / "batches"
AGREEMENT_FOLDER = DATA / "agreements"
# For how many days the operator keeps a backup: until then it may still hold what was destroyed.
BACKUPS_KEPT_DAYS = int(os.environ.get("COMMONGROUND_BACKUPS_KEPT_DAYS", "35"))
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_HANDLERS = ["commonground.apps.intake.uploads.LimitedUpload"]
FILE_UPLOAD_TEMP_DIR = None
FILE_UPLOAD_PERMISSIONS = 0o600

# Mail servers inside the own network that may be used, as host:port; and certificates that their TLS is checked against.
INSIDE_MAIL_HOSTS = {host for host in os.environ.get("COMMONGROUND_MAIL_HOSTS", "").split(",") if host}
MAIL_CERTIFICATES = os.environ.get("COMMONGROUND_MAIL_CERTIFICATES", "")
# Sign-in providers that listen elsewhere than on port 443 of the internet, as host:port; and the issuers whose word for a
# second step is believed in place of our own.
INSIDE_OPENID_HOSTS = {host for host in os.environ.get("COMMONGROUND_OPENID_HOSTS", "").split(",") if host}
SECOND_STEP_ISSUERS = {one for one in os.environ.get("COMMONGROUND_SECOND_STEP_ISSUERS", "").split(",") if one}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_WORKER_DEFAULTS = {"concurrency": 1, "fetch_job_polling_interval": 1.0, "delete_jobs": "never"}

# Sign-in by the code that ./start prints: only for invented people on this machine.
DEMONSTRATION_CODE = os.environ.get("COMMONGROUND_DEMONSTRATION_CODE", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "class": "commonground.config.tracebacks.PlacesOnly",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "filters": {"without_codes": {"()": "commonground.config.logs.WithoutCodes"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["without_codes"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
