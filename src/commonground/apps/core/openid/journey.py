"""A sign-in by way of a provider: what the browser is sent away with, and what must come back with it.

What was begun stands in the session under its `state`: used once, within ten minutes, by the browser that began it.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from commonground.apps.core.models import IdentityProvider
from commonground.apps.core.openid.discovery import Configuration, configuration, keys
from commonground.apps.core.openid.fetching import ask
from commonground.apps.core.openid.refusing import SignInRefused
from commonground.apps.core.openid.tokens import UnknownKey, verified_claims
from commonground.store.secrets import SecretError, unseal

KEPT = "openid"
KEPT_SECONDS = 600
MOST_KEPT = 5
MOST_SIGNS_OF_CODE = 4096


@dataclass(frozen=True)
class Arrival:
    """What came back. connects: the id of the signed-in person who connects the account, None for a sign-in."""

    claims: dict[str, Any]
    connects: str | None
    next_path: str


def return_address(provider: IdentityProvider) -> str:
    """Where this provider, and no other, sends people back to."""
    return settings.PUBLIC_ADDRESS.rstrip("/") + reverse("core:sign-in-from", args=[provider.pk])


def begin(
    request: HttpRequest, provider: IdentityProvider, *, now: datetime, connects: str | None = None, next_path: str = ""
) -> str:
    """The address at the provider where the browser goes on. next_path: a checked path of our own. Raises SignInRefused."""
    found = configuration(provider.issuer)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    kept = dict(request.session.get(KEPT, {}))
    for oldest in sorted(kept, key=lambda one: kept[one]["at"])[: max(0, len(kept) - MOST_KEPT + 1)]:
        del kept[oldest]
    kept[state] = {
        "provider": str(provider.pk),
        "issuer": provider.issuer,
        "nonce": nonce,
        "verifier": verifier,
        "at": now.timestamp(),
        "connects": connects,
        "next": next_path,
    }
    request.session[KEPT] = kept
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    parts = urlsplit(found.authorization_endpoint)
    asked = [
        *parse_qsl(parts.query, keep_blank_values=True),
        ("response_type", "code"),
        ("client_id", provider.client_id),
        ("redirect_uri", return_address(provider)),
        ("scope", "openid email"),
        ("state", state),
        ("nonce", nonce),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ]
    return urlunsplit(parts._replace(query=urlencode(asked)))


def finish(request: HttpRequest, provider: IdentityProvider, answer: QueryDict, *, now: datetime) -> Arrival:
    """What the provider says about whoever came back, checked. Raises SignInRefused; the `state` is used up either way.

    mixed: an answer of another provider than the one this sign-in was begun with (RFC 9207, 4).
    """
    begun = _take(request, answer.get("state", ""), now=now)
    if begun["provider"] != str(provider.pk) or begun["issuer"] != provider.issuer:
        raise SignInRefused("mixed")
    found = configuration(provider.issuer)
    if answer.get("iss", provider.issuer if not found.names_itself else None) != provider.issuer:
        raise SignInRefused("mixed")
    if "error" in answer:
        raise SignInRefused("stopped" if answer["error"] == "access_denied" else "refused_there")
    code = answer.get("code", "")
    if not 0 < len(code) <= MOST_SIGNS_OF_CODE:
        raise SignInRefused("form")
    token = _exchange(provider, found, code=code, verifier=begun["verifier"])

    def claims(*, fresh: bool) -> dict[str, Any]:
        return verified_claims(
            token,
            keys=keys(found, fresh=fresh),
            issuer=provider.issuer,
            client_id=provider.client_id,
            nonce=begun["nonce"],
            now=now.timestamp(),
        )

    try:
        checked = claims(fresh=False)
    except UnknownKey:
        checked = claims(fresh=True)
    return Arrival(checked, begun["connects"], begun["next"])


def _take(request: HttpRequest, state: str, *, now: datetime) -> dict[str, Any]:
    """What was begun under this state, which from now on opens nothing. Raises SignInRefused: state."""
    kept = dict(request.session.get(KEPT, {}))
    begun = kept.pop(state, None)
    if begun is None:
        raise SignInRefused("state")
    request.session[KEPT] = kept
    used = f"openid-used:{hashlib.sha256(state.encode()).hexdigest()}"
    # Two requests at the same moment read the same session; only one of them adds this line.
    if not cache.add(used, True, KEPT_SECONDS) or not 0 <= now.timestamp() - begun["at"] <= KEPT_SECONDS:
        raise SignInRefused("state")
    return dict(begun)


def _exchange(provider: IdentityProvider, found: Configuration, *, code: str, verifier: str) -> str:
    """The ID token for a code. Raises SignInRefused: client, code, strange."""
    status, body = ask_for_token(provider, found, code=code, verifier=verifier)
    token = body.get("id_token")
    if status == 200 and isinstance(token, str):
        return token
    words = {"invalid_client": "client", "unauthorized_client": "client", "invalid_grant": "code"}
    raise SignInRefused(words.get(str(body.get("error")), "strange"))


def ask_for_token(
    provider: IdentityProvider, found: Configuration, *, code: str, verifier: str
) -> tuple[int, dict[str, Any]]:
    """Status and answer of the token endpoint. Raises SignInRefused."""
    try:
        secret = unseal(provider.sealed_secret)
    except SecretError:
        raise SignInRefused("secret") from None
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": return_address(provider),
        "code_verifier": verifier,
        "client_id": provider.client_id,
    }
    headers = {}
    if found.by_header:
        # RFC 6749, 2.3.1: both are encoded as in a form before they are joined.
        pair = f"{quote_plus(provider.client_id)}:{quote_plus(secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form["client_secret"] = secret
    answer = ask(found.token_endpoint, form=form, headers=headers)
    return answer.status, answer.body
