"""What comes back from a provider: every way of cheating that we know, failures and limits."""

import datetime
import logging
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from django.utils import timezone
from tests.apps.core.openid.coming import arrive, at_provider, come, leave, reasons, refused, who
from tests.openid_provider import SECRET, rsa_key, running, saved
from tests.signing_in import visitor

pytestmark = pytest.mark.database


def test_an_answer_opens_once(world, provider, north, theo):
    client = visitor()
    back = at_provider(leave(client, north))
    client.get(back)

    refused(client, arrive(client, back), "state")


def test_two_requests_with_the_same_answer_at_once_open_once(world, provider, north, theo):
    """Both read the session before either writes it: the second finds what it began, and is refused all the same."""
    client = visitor()
    back = at_provider(leave(client, north))
    kept = client.session["openid"]
    client.get(back)
    session = client.session
    session["openid"] = kept
    session.save()

    refused(client, arrive(client, back), "state")


def test_an_answer_opens_nothing_in_another_browser(world, provider, north, theo):
    back = at_provider(leave(visitor(), north))
    other = visitor()

    refused(other, arrive(other, back), "state")


def test_an_answer_after_ten_minutes_is_too_late(world, provider, north, theo, monkeypatch):
    client = visitor()
    back = at_provider(leave(client, north))
    later = timezone.now() + datetime.timedelta(minutes=10, seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: later)

    assert arrive(client, back).status_code == 422
    assert reasons() == ["state"]


def test_an_answer_of_another_provider_is_refused(world, provider, north, theo):
    """Mix-up: a sign-in begun with North's comes back at South's address, or says that South's provider made it."""
    with running() as souths:
        south = saved(souths, by=world.OTTO, place=world.SOUTH)
        client = visitor()
        back = at_provider(leave(client, north))
        answer = arrive(client, back.replace(str(north), str(south)))
        refused(client, answer, "mixed")
        parts = urlsplit(at_provider(leave(client, north)))
        query = {**{key: one[0] for key, one in parse_qs(parts.query).items()}, "iss": souths.issuer}

        assert arrive(client, f"{parts.path}?{urlencode(query)}").status_code == 422

        assert reasons() == ["mixed", "mixed"]
        assert souths.hits["/token"] == provider.hits["/token"] == 0


def test_a_provider_that_promises_its_name_must_give_it(world, provider, north, theo):
    provider.said = {"authorization_response_iss_parameter_supported": True}
    client = visitor()
    parts = urlsplit(at_provider(leave(client, north)))
    query = {key: one[0] for key, one in parse_qs(parts.query).items() if key != "iss"}

    refused(client, arrive(client, f"{parts.path}?{urlencode(query)}"), "mixed")


def test_a_provider_that_was_changed_meanwhile_is_another(world, databases, provider, north, theo):
    from django.db import connection

    client = visitor()
    back = at_provider(leave(client, north))
    databases.execute(
        "update core_identityprovider set issuer = 'http://localhost:9'", database=connection.settings_dict["NAME"]
    )

    refused(client, arrive(client, back), "mixed")


@pytest.mark.parametrize(("checks_pkce", "why"), [(True, "code"), (False, "nonce")])
def test_a_code_from_somebody_elses_sign_in_opens_nothing(world, provider, north, theo, checks_pkce, why):
    """Injection: a stolen code put into an own sign-in. PKCE stops it at the provider; where that sleeps, the nonce does."""
    stolen = parse_qs(urlsplit(at_provider(leave(visitor(), north))).query)["code"][0]
    client = visitor()
    own = parse_qs(urlsplit(leave(client, north)).query)
    if not checks_pkce:
        provider.codes[stolen]["code_challenge"] = own["code_challenge"][0]
    query = urlencode({"state": own["state"][0], "code": stolen})

    refused(client, arrive(client, f"/account/from/{north}/?{query}"), why)


@pytest.mark.parametrize(
    ("query", "why"), [("", "form"), ("&code=", "form"), ("&code=" + "x" * 5000, "form"), ("&code=made-up", "code")]
)
def test_an_answer_without_a_code_of_the_provider_opens_nothing(world, provider, north, theo, query, why):
    client = visitor()
    state = parse_qs(urlsplit(leave(client, north)).query)["state"][0]

    refused(client, arrive(client, f"/account/from/{north}/?state={state}{query}"), why)


@pytest.mark.parametrize(
    ("error", "why", "words"),
    [
        ("access_denied", "stopped", "You were not signed in there"),
        ("server_error", "refused_there", "would not sign you in"),
        ("<script>", "refused_there", "would not sign you in"),
    ],
)
def test_what_the_provider_complains_of_is_said_in_our_words(world, provider, north, error, why, words):
    provider.error = error
    client = visitor()

    answer = come(client, north)

    assert words in answer.content.decode()
    assert "<script>" not in answer.content.decode()
    refused(client, answer, why)


def unsigned(claims):
    return jwt.encode(claims, None, algorithm="none", headers={"kid": "first"})


FORGED = {
    "algorithm": lambda provider: setattr(provider, "sign", unsigned),
    "signature": lambda provider: setattr(
        provider, "sign", lambda claims: jwt.encode(claims, rsa_key("stranger"), "RS256", {"kid": "first"})
    ),
    "key": lambda provider: setattr(
        provider, "sign", lambda claims: jwt.encode(claims, rsa_key("stranger"), "RS256", {"kid": "unknown"})
    ),
    "token_issuer": lambda provider: setattr(
        provider, "change", lambda claims: {**claims, "iss": "http://localhost:9"}
    ),
    "audience": lambda provider: setattr(provider, "change", lambda claims: {**claims, "aud": "another"}),
    "party": lambda provider: setattr(provider, "change", lambda claims: {**claims, "azp": "another"}),
    "expired": lambda provider: setattr(provider, "change", lambda claims: {**claims, "exp": claims["iat"] - 61}),
    "issued": lambda provider: setattr(provider, "change", lambda claims: {**claims, "iat": claims["iat"] - 700}),
    "nonce": lambda provider: setattr(provider, "change", lambda claims: {**claims, "nonce": "another"}),
    "strange": lambda provider: setattr(provider, "sign", lambda claims: None),
}


@pytest.mark.parametrize("why", FORGED)
def test_a_token_that_fails_one_check_opens_nothing(world, provider, north, theo, why):
    FORGED[why](provider)
    client = visitor()

    refused(client, come(client, north), why)


def test_a_changed_key_is_fetched_once_more(world, provider, north, theo):
    come(visitor(), north)
    provider.rotate("second")

    assert come(visitor(), north).url == "/account/security/code/"
    assert come(visitor(), north).url == "/account/security/code/"

    assert provider.hits["/keys"] == 2


def test_a_key_that_nobody_publishes_is_looked_for_once_more_and_not_again(world, provider, north, theo):
    come(visitor(), north)
    FORGED["key"](provider)

    come(visitor(), north)

    assert provider.hits["/keys"] == 2


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
def test_a_provider_that_has_a_problem_is_said_so(world, provider, north, theo, path):
    provider.broken = path
    client = visitor()

    answer = client.post(f"/account/with/{north}/")
    if answer.status_code == 200:
        answer = arrive(client, at_provider(answer.context["address"]))

    assert answer.status_code == 422
    assert "no OpenID Connect provider, or it has a problem" in answer.content.decode()
    assert "raw words" not in answer.content.decode()
    assert who(client) == ""


def test_a_provider_that_does_not_answer_leaves_the_password(world, provider):
    with running() as gone:
        pk = saved(gone, by=world.CORA, place=world.NORTH)

    answer = visitor().post(f"/account/with/{pk}/")

    assert answer.status_code == 422
    assert "does not answer" in answer.content.decode()


def test_after_ten_bad_answers_even_a_good_one_waits(world, provider, north, theo):
    client = visitor()
    good = at_provider(leave(client, north))
    for _ in range(10):
        assert arrive(visitor(), f"/account/from/{north}/?state=guess&code=guess").status_code == 422

    answers = [arrive(client, good), client.post(f"/account/with/{north}/")]

    assert [one.status_code for one in answers] == [429, 429]
    assert "Too many attempts" in answers[0].content.decode()


def test_nothing_of_a_sign_in_stands_in_a_log_or_in_the_ledger(world, provider, north, theo, caplog, databases):
    from django.db import connection

    caplog.set_level(logging.DEBUG)
    tokens = []
    plain = provider.sign

    def sign(claims):
        tokens.append(plain(claims))
        return tokens[-1]

    provider.sign = sign
    client = visitor()
    back = at_provider(leave(client, north))
    client.get(back)
    client.get(back)

    query = parse_qs(urlsplit(back).query)
    statements = [record for record in caplog.records if record.name != "django.db.backends"]
    logged = "\n".join(record.getMessage() for record in statements)
    ledger = str(
        databases.execute("select row_to_json(e)::text from core_event e", database=connection.settings_dict["NAME"])
    )
    for secret in (query["code"][0], query["state"][0], tokens[0], SECRET, "theo-there", "theo@example.org"):
        assert secret not in logged
        assert secret not in ledger


def test_codes_in_addresses_are_masked_in_every_log_line():
    from commonground.config.logs import WithoutCodes

    record = logging.LogRecord(
        "x", 30, "", 1, "GET %s", ("/account/from/1/?code=abc.d-e&state=xyz&iss=https://a",), None
    )

    WithoutCodes().filter(record)

    assert record.getMessage() == "GET /account/from/1/?code=(hidden)&state=(hidden)&iss=https://a"
