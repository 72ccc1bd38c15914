"""ID tokens made by hand, each wrong in one way: no clock, no network, no database."""

import base64
import hashlib
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as some
from tests.openid_provider import ec_key, public_jwk, rsa_key

from commonground.apps.core.openid.refusing import SignInRefused
from commonground.apps.core.openid.tokens import UnknownKey, confirmed_address, says_second_step, verified_claims

ISSUER, CLIENT, NONCE, NOW = "https://login.example.org", "us", "n0nce", 1_800_000_000
KEYS = [public_jwk(rsa_key("first"), "first"), public_jwk(ec_key("curve"), "curve")]
RIGHT = {"iss": ISSUER, "aud": CLIENT, "sub": "17", "iat": NOW, "exp": NOW + 300, "nonce": NONCE}
MISSING = object()


def token(changes=None, *, key=None, kid="first", algorithm="RS256", **header):
    claims = {name: value for name, value in {**RIGHT, **(changes or {})}.items() if value is not MISSING}
    signing = key or (ec_key("curve") if algorithm == "ES256" else rsa_key("first"))
    return jwt.encode(claims, signing, algorithm=algorithm, headers={"kid": kid, **header})


def claims_of(text, keys=KEYS):
    return verified_claims(text, keys=keys, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, now=NOW)


def refusal(text, keys=KEYS):
    with pytest.raises(SignInRefused) as refused:
        claims_of(text, keys)
    return refused.value.word


def encoded(part):
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


@pytest.mark.parametrize(("algorithm", "kid"), [("RS256", "first"), ("ES256", "curve")])
def test_a_right_token_gives_its_claims(algorithm, kid):
    assert claims_of(token(algorithm=algorithm, kid=kid)) == RIGHT


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"iss": "https://login.example.com"}, "token_issuer"),
        ({"iss": ISSUER + "/"}, "token_issuer"),
        ({"iss": MISSING}, "token_issuer"),
        ({"aud": "somebody else"}, "audience"),
        ({"aud": [CLIENT, "somebody else"]}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": MISSING}, "audience"),
        ({"azp": "somebody else"}, "party"),
        ({"azp": None}, "party"),
        ({"exp": NOW - 60}, "expired"),
        ({"exp": MISSING}, "expired"),
        ({"exp": "never"}, "expired"),
        ({"exp": True}, "expired"),
        ({"exp": 1e300}, "expired"),
        ({"iat": NOW + 61}, "issued"),
        ({"iat": NOW - 661}, "issued"),
        ({"iat": MISSING}, "issued"),
        ({"iat": str(NOW)}, "issued"),
        ({"nbf": NOW + 61}, "issued"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": MISSING}, "nonce"),
        ({"nonce": [NONCE]}, "nonce"),
        ({"nonce": "\ud800"}, "nonce"),
        ({"sub": ""}, "subject"),
        ({"sub": 17}, "subject"),
        ({"sub": MISSING}, "subject"),
        ({"sub": "x" * 256}, "subject"),
        ({"sub": "1\x007"}, "subject"),
    ],
)
def test_one_wrong_claim_is_refused_by_its_own_word(changes, word):
    assert refusal(token(changes)) == word


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": [CLIENT]},
        {"azp": CLIENT},
        {"exp": NOW - 59},
        {"iat": NOW + 60},
        {"iat": NOW - 660},
        {"nbf": NOW + 60},
        {"sub": "x" * 255},
    ],
)
def test_a_claim_just_within_its_bounds_is_right(changes):
    assert claims_of(token(changes))["sub"]


def test_a_token_that_nobody_signed_is_refused():
    unsigned = f"{encoded({'alg': 'none', 'kid': 'first'})}.{encoded(RIGHT)}."

    assert refusal(unsigned) == "algorithm"


def test_the_public_key_as_a_shared_secret_is_refused():
    """Anybody knows the public key: a verifier that lets the token choose HS256 would take it for the secret."""
    pem = rsa_key("first").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = f"{encoded({'alg': 'HS256', 'kid': 'first'})}.{encoded(RIGHT)}"
    forged = f"{text}.{encoded(hmac.new(pem, text.encode(), hashlib.sha256).digest())}"

    assert refusal(forged) == "algorithm"
    assert refusal(forged, [{"kty": "oct", "kid": "first", "k": encoded(pem)}, *KEYS]) == "algorithm"


def test_a_strangers_key_under_the_right_name_is_refused():
    assert refusal(token(key=rsa_key("stranger"))) == "signature"


def test_a_key_that_the_token_brings_along_is_not_believed():
    stranger = rsa_key("stranger")
    brought = public_jwk(stranger, "first")

    assert refusal(token(key=stranger, jwk=brought, jku="https://evil.example/keys")) == "signature"


def test_a_header_that_must_be_understood_and_is_not_is_refused():
    assert refusal(token(crit=["exp"])) == refusal(token(crit=["b64"], b64=True)) == "form"


def test_a_key_of_another_kind_is_not_used():
    assert refusal(token(kid="curve")) == "key"
    assert refusal(token(algorithm="ES256", kid="first")) == "key"


def test_a_key_that_encrypts_or_is_for_another_algorithm_is_not_used():
    assert refusal(token(), [{**KEYS[0], "use": "enc"}]) == "key"
    assert refusal(token(), [{**KEYS[0], "alg": "PS256"}]) == "key"


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_short_key_is_not_used():
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)

    assert refusal(token(key=short), [public_jwk(short, "first")]) == "key"


def test_an_unknown_key_asks_for_the_keys_again():
    with pytest.raises(UnknownKey):
        claims_of(token(kid="newer"))


def test_without_a_key_id_the_only_key_of_its_kind_is_used_and_of_two_none():
    nameless = jwt.encode(RIGHT, rsa_key("first"), algorithm="RS256")

    assert claims_of(nameless) == RIGHT
    assert refusal(nameless, [*KEYS, public_jwk(rsa_key("second"), "second")]) == "key"


@pytest.mark.parametrize(
    "text",
    ["", ".", "a.b", "a.b.c.d.e", "..", "x" * 20_000 + ".y.z", f"{encoded(b'[1]')}.x.y", f"{encoded(b'[' * 9000)}.x.y"],
)
def test_what_is_no_token_is_refused(text):
    assert refusal(text) == "form"


def test_claims_that_are_no_object_are_refused():
    words = encoded(b'"RS256"')
    signed = jwt.api_jws.encode(b"[1, 2]", rsa_key("first"), algorithm="RS256", headers={"kid": "first"})

    assert refusal(signed) == "signature"
    assert refusal(f"{words}.{words}.{words}") == "form"


@given(some.data())
def test_no_letter_of_header_or_claims_can_be_changed(data):
    text = token()
    place = data.draw(some.integers(0, text.rindex(".") - 1))
    letter = data.draw(some.sampled_from("ABCxyz0189-_."))
    changed = text[:place] + letter + text[place + 1 :]

    if changed != text:
        with pytest.raises(SignInRefused):
            claims_of(changed)


CONFIRMED = {"iss": ISSUER, "email": "Theo@Example.org", "email_verified": True}


@pytest.mark.parametrize(
    ("changes", "address"),
    [
        ({}, "theo@example.org"),
        ({"email_verified": False}, None),
        ({"email_verified": "true"}, None),
        ({"email_verified": 1}, None),
        ({"email_verified": None}, None),
        ({"email": None}, None),
        ({"email": ["theo@example.org"]}, None),
        ({"email": "theo"}, None),
        ({"email": "a@b@example.org"}, None),
        ({"email": "theo@example.org\x00"}, None),
        ({"email": "theо@example.org"}, None),  # a Cyrillic letter
        # Google: an address counts only where Google itself names its domain.
        ({"iss": "https://accounts.google.com"}, None),
        ({"iss": "https://accounts.google.com", "hd": "elsewhere.org"}, None),
        ({"iss": "https://accounts.google.com", "hd": "example.org"}, "theo@example.org"),
    ],
)
def test_only_a_confirmed_address_counts(changes, address):
    assert confirmed_address({**CONFIRMED, **changes}) == address


@pytest.mark.parametrize(
    ("ways", "says"), [(["pwd", "mfa"], True), (["pwd", "otp"], False), ("mfa", False), (None, False), ([], False)]
)
def test_a_second_step_is_only_what_is_called_so(ways, says):
    # RFC 8176, 2: "mfa" says that several factors were asked; a single method says nothing of another.
    assert says_second_step({"amr": ways}) is says
