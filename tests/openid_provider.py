"""A sign-in provider of this machine: OpenID Connect as a district's would speak it, with keys made for the run.

`with running() as provider:` serves it on a free port of localhost. It keeps its promises (code once, PKCE, client and
redirect address) unless a test tells it not to: everything about the next token can be changed.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

CLIENT, SECRET = "commonground-of-north", "a secret: with % and +"


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """A key of this run, made once."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: Any, kid: str) -> dict[str, Any]:
    """What the provider publishes of a key."""
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig"}


class Provider:
    """What it says and signs. hits: how often each path was asked.

    account: the claims of whoever is signed in there. change: makes other claims of the right ones. sign: makes a token of
    claims. said: what else the discovery document says. broken: the path that answers 500. error: what /authorize answers
    in place of a code.
    """

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.keys: dict[str, Any] = {"first": rsa_key("first")}
        self.signing = "first"
        self.account: dict[str, Any] = {}
        self.change: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.said: dict[str, Any] = {}
        self.broken: str | None = None
        self.error: str | None = None
        self.codes: dict[str, dict[str, str]] = {}
        self.hits: Counter[str] = Counter()

    def signed(self, claims: dict[str, Any], *, kid: str | None = None, algorithm: str = "RS256", **header: Any) -> str:
        """A token with one of its own keys."""
        kid = kid or self.signing
        return jwt.encode(claims, self.keys[kid], algorithm=algorithm, headers={"kid": kid, **header})

    def rotate(self, kid: str) -> None:
        """Sign with a new key from now on; the old one is published no more."""
        self.keys, self.signing = {kid: rsa_key(kid)}, kid

    def claims(self, nonce: str) -> dict[str, Any]:
        now = int(time.time())
        right = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.account}
        return self.change(right)

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            **self.said,
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes on: back, with a code for whoever is signed in."""
        back = {"state": asked["state"], "iss": self.issuer}
        if self.error:
            back["error"], back["error_description"] = self.error, "<b>raw words of the provider</b>"
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            back["code"] = code
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Status and answer for a code."""
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        if authorization.startswith("Basic "):
            pair = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":", 1)
            given = (unquote_plus(pair[0]), unquote_plus(pair[1]))
        if given != (CLIENT, SECRET):
            return 401, {"error": "invalid_client", "error_description": "raw words of the provider"}
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if (
            asked is None
            or asked["code_challenge_method"] != "S256"
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form.get("redirect_uri")
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {
            "token_type": "Bearer",
            "access_token": "unused",
            "id_token": self.sign(self.claims(asked["nonce"])),
        }


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_arguments: Any) -> None:
            pass

        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, urlsplit(self.path).query
            if self.counted(path):
                return
            if path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize({k: v[0] for k, v in parse_qs(query).items()}))
                self.end_headers()
            elif path == "/.well-known/openid-configuration":
                self.answer(200, provider.discovery())
            elif path == "/keys":
                self.answer(200, {"keys": [public_jwk(key, kid) for kid, key in provider.keys.items()]})
            else:
                self.answer(404, {})

        def do_POST(self) -> None:
            if self.counted(self.path):
                return
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {key: values[0] for key, values in parse_qs(text).items()}
            self.answer(*provider.token(form, self.headers.get("Authorization", "")))

        def counted(self, path: str) -> bool:
            provider.hits[path] += 1
            if provider.broken == path:
                self.answer(500, {"error": "<b>raw words of the provider</b>"})
            return provider.broken == path

        def answer(self, status: int, said: dict[str, Any]) -> None:
            text = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    return Handler


@contextmanager
def running() -> Iterator[Provider]:
    """A provider on a free port of localhost until the block ends."""
    server = ThreadingHTTPServer(("localhost", 0), BaseHTTPRequestHandler)
    server.daemon_threads = True
    provider = Provider(f"http://localhost:{server.server_address[1]}")
    server.RequestHandlerClass = _handler(provider)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def saved(
    provider: Provider, *, by: Any, place: Any, domains: tuple[str, ...] = ("example.org",), is_on: bool = True
) -> Any:
    """The id of this provider, saved by the person for the organization, as its page would."""
    from commonground.apps.core.openid.actions import save_provider
    from commonground.store.walls import enter

    typed = {
        "name": "North account",
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "domains": list(domains),
        "is_on": is_on,
    }
    with enter(person=by, purpose="test"):
        return save_provider(provider_id=None, organization_id=place, typed=typed, by=by)
