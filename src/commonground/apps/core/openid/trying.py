"""Trying a provider before anybody depends on it: what it answers, in plain words."""

import secrets
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonground.apps.core.models import IdentityProvider
from commonground.apps.core.openid.discovery import Configuration, configuration, keys
from commonground.apps.core.openid.journey import ask_for_token
from commonground.apps.core.openid.refusing import SignInRefused
from commonground.apps.core.openid.tokens import ALGORITHMS


@dataclass(frozen=True)
class Finding:
    """One thing that was tried. tone: done (it works), attend (not known) or stop (it does not)."""

    tone: str
    text: str


def try_provider(provider: IdentityProvider) -> list[Finding]:
    """What the provider answers now, asked anew; ends with the first thing that does not work."""
    findings = []
    try:
        found = configuration(provider.issuer, fresh=True)
        findings.append(
            Finding("done", _("It answers, calls itself by the saved address, and offers what signing in needs."))
        )
        usable = _signing_keys(found)
        words = ngettext(
            "It publishes %(count)s key for its signatures.",
            "It publishes %(count)s keys for its signatures.",
            len(usable),
        )
        findings.append(Finding("done", words % {"count": len(usable)}))
        findings.append(_client(provider, found))
    except SignInRefused as refused:
        findings.append(Finding("stop", str(refused)))
    return findings


def _signing_keys(found: Configuration) -> list[dict[str, Any]]:
    usable = [one for one in keys(found, fresh=True) if one.get("kty") in ALGORITHMS.values()]
    if not usable:
        raise SignInRefused("abilities")
    return usable


def _client(provider: IdentityProvider, found: Configuration) -> Finding:
    """Whether it knows our client: a made-up code must be refused because of the code, not because of us."""
    if not (provider.client_id and provider.sealed_secret):
        return Finding("attend", _("No client ID and secret are stored yet, so they were not tried."))
    made_up = secrets.token_urlsafe(24)
    status, body = ask_for_token(provider, found, code=made_up, verifier=secrets.token_urlsafe(32))
    error = body.get("error")
    if status == 200:
        raise SignInRefused("strange")
    if error in {"invalid_client", "unauthorized_client"} or status == 401:
        raise SignInRefused("client")
    if error == "invalid_grant":
        return Finding("done", _("It knows this client ID and secret: it refused a made-up code, as it should."))
    return Finding("attend", _("It did not say whether the client ID and secret are right. Sign in once to be sure."))
