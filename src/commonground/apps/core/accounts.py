"""How Commonground uses django-allauth: nobody signs up uninvited, names come from our own Person, all is recorded."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import password_changed, password_set
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.encoding import force_bytes

from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import Person

# Whoever signed in just now has shown who they are; later, changing a factor asks again.
JUST_NOW_SECONDS = 300


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are invited; there is no open sign-up."""
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whether a change to the account asks for the password or a factor again."""
        started_at = self.request.session.get("started_at", 0)
        return timezone.now().timestamp() - started_at > JUST_NOW_SECONDS

    def reauthenticate(self, user: Person, password: str) -> bool:
        """Whether this is the person's password; counts towards the limit of failed attempts."""
        known = self.authenticate(self.request, email=user.email, password=password)
        return known is not None and known.pk == user.pk

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Nothing: this installation sends no mail. What happened stands on the account page and in the ledger."""


class SecondFactorAdapter(DefaultMFAAdapter):
    def get_totp_label(self, user) -> str:
        """The account's name in an authenticator app."""
        return user.email

    def encrypt(self, text: str) -> str:
        """Secrets of factors are stored encrypted, so that a copy of the database alone opens nothing."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()


def _box() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"second factor:" + force_bytes(key)).digest()))
            for key in keys
        ]
    )


@receiver(user_logged_in)
def begin_session(request: HttpRequest, user: Person, **_rest: Any) -> None:
    """Start the clocks of `SessionLimits` anew and record the sign-in."""
    now = int(timezone.now().timestamp())
    request.session["started_at"] = request.session["seen_at"] = now
    record_event(EventKind.SIGNED_IN, person_id=user.pk)


@receiver(user_logged_out)
def record_sign_out(user: Person | None, **_rest: Any) -> None:
    if user is not None:
        record_event(EventKind.SIGNED_OUT, person_id=user.pk)


@receiver(user_login_failed)
def record_failed_sign_in(credentials: dict[str, Any], **_rest: Any) -> None:
    """Record the account that was tried when there is one; what was typed is kept nowhere."""
    email = str(credentials.get("email", "")).strip()
    person_id = Person.objects.filter(email__iexact=email).values_list("pk", flat=True).first()
    way = "demonstration_code" if "demonstration_code" in credentials else "password"
    record_event(EventKind.SIGN_IN_FAILED, person_id=person_id, detail={"way": way})


@receiver(authentication_failed)
def record_failed_factor(user: Person, authenticator, **_rest: Any) -> None:
    record_event(EventKind.SIGN_IN_FAILED, person_id=user.pk, detail={"way": authenticator.type})


@receiver(authenticator_added)
def record_factor_added(request: HttpRequest, user: Person, authenticator, **_rest: Any) -> None:
    record_event(EventKind.SECOND_FACTOR_ADDED, person_id=user.pk, detail={"type": authenticator.type})


@receiver(authenticator_removed)
def record_factor_removed(request: HttpRequest, user: Person, authenticator, **_rest: Any) -> None:
    """Record it, and ask the next page whether staff still have a factor."""
    request.session.pop("second_factor", None)
    record_event(EventKind.SECOND_FACTOR_REMOVED, person_id=user.pk, detail={"type": authenticator.type})


@receiver(password_changed)
@receiver(password_set)
def record_password_changed(user: Person, **_rest: Any) -> None:
    record_event(EventKind.PASSWORD_CHANGED, person_id=user.pk)
