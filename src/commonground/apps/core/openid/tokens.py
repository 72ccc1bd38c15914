"""Whether an ID token is what it says: its signature and every claim (OpenID Connect Core 1.0, 3.1.3.7). No clock, no network."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import jwt

from commonground.apps.core.openid.refusing import SignInRefused

# Both need the provider's private key. `none` and the HS family, where a public key could pass for a secret, are never read.
ALGORITHMS = {"RS256": "RSA", "ES256": "EC"}
SMALLEST_RSA_BITS = 2048
LEEWAY_SECONDS = 60
OLDEST_SECONDS = 600
MOST_SIGNS = 16 * 1024
# Google lets anybody open an account with any address; only `hd` says that the domain's own administrator made it.
GOOGLE = "https://accounts.google.com"


class UnknownKey(SignInRefused):
    """No key of the set made this signature: the provider may have changed its keys since they were fetched."""


def verified_claims(
    token: str, *, keys: Sequence[Mapping[str, Any]], issuer: str, client_id: str, nonce: str, now: float
) -> dict[str, Any]:
    """The claims of an ID token that this provider signed for us, for this sign-in, just now.

    keys: the provider's public keys as JWK. nonce: what this sign-in was begun with. now: seconds since 1970.
    Raises SignInRefused with a word for each check: form, algorithm, signature, token_issuer, audience, party, expired,
    issued, nonce, subject; UnknownKey (key) when the keys should be fetched again.
    """
    claims = _signed(token, keys)
    _require(claims.get("iss") == issuer, "token_issuer")
    # More audiences than us would be somebody who could use the token here; we trust none.
    _require(claims.get("aud") in (client_id, [client_id]), "audience")
    _require(claims.get("azp", client_id) == client_id, "party")
    _require(_is_time(claims.get("exp")) and now < claims["exp"] + LEEWAY_SECONDS, "expired")
    issued = claims.get("iat")
    _require(
        _is_time(issued) and now - OLDEST_SECONDS - LEEWAY_SECONDS <= claims["iat"] <= now + LEEWAY_SECONDS, "issued"
    )
    begins = claims.get("nbf", 0)
    _require(_is_time(begins) and begins <= now + LEEWAY_SECONDS, "issued")
    said = claims.get("nonce")
    _require(isinstance(said, str) and said.isascii() and hmac.compare_digest(said, nonce), "nonce")
    subject = claims.get("sub")
    _require(isinstance(subject, str) and 0 < len(subject) <= 255 and subject.isprintable(), "subject")
    return claims


def confirmed_address(claims: Mapping[str, Any]) -> str | None:
    """The e-mail address, in small letters, that the provider says it has confirmed; None without one.

    Only the boolean true confirms. Of Google's own issuer only where `hd` names the address's domain.
    """
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str):
        return None
    address = email.strip().lower()
    if address.count("@") != 1 or not (address.isascii() and address.isprintable()):
        return None
    if claims.get("iss") == GOOGLE and claims.get("hd") != address.rsplit("@", 1)[1]:
        return None
    return address


def says_second_step(claims: Mapping[str, Any]) -> bool:
    """Whether the provider says that it asked for more than one factor (`mfa`, RFC 8176)."""
    ways = claims.get("amr")
    return isinstance(ways, list) and "mfa" in ways


def _signed(token: str, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    _require(len(token) <= MOST_SIGNS and token.count(".") == 2, "form")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise SignInRefused("form") from None
    algorithm = str(header.get("alg"))
    _require(algorithm in ALGORITHMS and "crit" not in header, "algorithm")
    key = _key(keys, header.get("kid"), algorithm)
    nothing_else = {f"verify_{claim}": False for claim in ("exp", "iat", "nbf", "aud", "iss", "sub", "jti")}
    try:
        return dict(jwt.decode(token, key=key, algorithms=[algorithm], options=nothing_else))  # type: ignore[arg-type]
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise SignInRefused("signature") from None


def _key(keys: Sequence[Mapping[str, Any]], kid: object, algorithm: str) -> Any:
    """The one public key that can have signed it. Without a key id, the only one of its kind."""
    fitting = [
        key
        for key in keys
        if key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (kid is None or key.get("kid") == kid)
        and (algorithm != "ES256" or key.get("crv") == "P-256")
    ]
    if len(fitting) != 1:
        raise UnknownKey("key")
    public = {name: value for name, value in fitting[0].items() if name in {"kty", "n", "e", "crv", "x", "y"}}
    try:
        key = jwt.PyJWK(public, algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        raise SignInRefused("key") from None
    _require(algorithm != "RS256" or key.key_size >= SMALLEST_RSA_BITS, "key")
    return key


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12


def _require(holds: bool, word: str) -> None:
    if not holds:
        raise SignInRefused(word)
