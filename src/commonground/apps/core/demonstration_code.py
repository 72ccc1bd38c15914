"""Sign-in with the six-digit code that `./start` prints: only for invented people, only on this machine."""

import hmac
import ipaddress

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from commonground.apps.core.models import Person


class DemonstrationCodeBackend(BaseBackend):
    """Lets an invented person in with the code of this run, in place of both factors."""

    def authenticate(self, request: HttpRequest | None, email: str = "", demonstration_code: str = "", **_rest):
        """The invented person with this address, or None. Never anyone who is not invented, never from elsewhere."""
        if request is None or not code_is_open(request) or not demonstration_code:
            return None
        if not hmac.compare_digest(demonstration_code.encode(), settings.DEMONSTRATION_CODE.encode()):
            return None
        return Person.objects.filter(email__iexact=email.strip(), is_invented=True, is_active=True).first()

    def get_user(self, user_id):
        return Person.objects.filter(pk=user_id, is_active=True).first()


def code_is_open(request: HttpRequest) -> bool:
    """Whether this run has a code, and the request comes from this machine to this machine."""
    if len(settings.DEMONSTRATION_CODE) != 6:
        return False
    try:
        near = ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    forwarded = any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"))
    host = request.get_host().rsplit(":", 1)[0].strip("[]")
    return near and not forwarded and host in {"localhost", "127.0.0.1", "::1"}
