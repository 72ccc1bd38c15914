"""What a provider says about itself (OpenID Connect Discovery 1.0) and its keys, remembered for an hour."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from commonground.apps.core.openid.fetching import ask, is_fit
from commonground.apps.core.openid.refusing import SignInRefused
from commonground.apps.core.openid.tokens import ALGORITHMS

REMEMBERED_SECONDS = 3600
WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class Configuration:
    """Where a provider signs people in and hands out tokens.

    by_header: the client's secret is sent as a header (HTTP Basic), else in the form. names_itself: its answers carry
    `iss` (RFC 9207).
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    by_header: bool
    names_itself: bool


def configuration(issuer: str, *, fresh: bool = False) -> Configuration:
    """What the issuer publishes. fresh: asked now, not remembered.

    Raises SignInRefused: those of `ask`, issuer (it is somebody else's), abilities (it lacks what we need).
    """
    return _read(_remembered(issuer.rstrip("/") + WELL_KNOWN, fresh=fresh), issuer)


def keys(found: Configuration, *, fresh: bool = False) -> list[dict[str, Any]]:
    """The provider's public keys (RFC 7517), as they stand in its key set. Raises SignInRefused."""
    listed = _remembered(found.jwks_uri, fresh=fresh).get("keys")
    if not isinstance(listed, list):
        raise SignInRefused("strange")
    return [key for key in listed if isinstance(key, dict)]


def _remembered(url: str, *, fresh: bool) -> dict[str, Any]:
    place = f"openid:{hashlib.sha256(url.encode()).hexdigest()}"
    known = None if fresh else cache.get(place)
    if known is None:
        answer = ask(url)
        if answer.status != 200 or not answer.body:
            raise SignInRefused("strange")
        known = answer.body
        cache.set(place, known, REMEMBERED_SECONDS)
    return dict(known)


def _read(said: dict[str, Any], issuer: str) -> Configuration:
    if said.get("issuer") != issuer:
        raise SignInRefused("issuer")
    endpoints = [said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if not all(isinstance(one, str) and is_fit(one) for one in endpoints):
        raise SignInRefused("strange")
    # What a provider leaves out has a default in the standard: the code flow, and the secret as a header.
    methods = _listed(said, "token_endpoint_auth_methods_supported", "client_secret_basic")
    able = (
        "code" in _listed(said, "response_types_supported", "code")
        and "S256" in _listed(said, "code_challenge_methods_supported", "S256")
        and set(ALGORITHMS) & _listed(said, "id_token_signing_alg_values_supported", "RS256")
        and {"client_secret_basic", "client_secret_post"} & methods
    )
    if not able:
        raise SignInRefused("abilities")
    authorization, token, jwks = (str(one) for one in endpoints)
    return Configuration(
        issuer,
        authorization,
        token,
        jwks,
        by_header="client_secret_basic" in methods,
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def _listed(said: dict[str, Any], name: str, otherwise: str) -> set[str]:
    listed = said.get(name)
    return {one for one in listed if isinstance(one, str)} if isinstance(listed, list) else {otherwise}
