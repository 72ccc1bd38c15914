"""What an authenticator app on somebody's phone shows (RFC 6238), written apart from the code that is tested."""

import base64
import hashlib
import hmac
import time
from typing import Any

PERIOD = 30  # seconds that one code is shown


def code_of(secret: str, *, at: float | None = None) -> str:
    """What the app shows for this secret; at: the moment in seconds of Unix time, now where it is None."""
    step = int((time.time() if at is None else at) // PERIOD)
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def with_second_step(person_id: Any) -> str:
    """Give the account an authenticator app; returns its secret."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from commonground.apps.core.models import Person

    secret = generate_totp_secret()
    TOTP.activate(Person.objects.get(pk=person_id), secret)
    return secret
