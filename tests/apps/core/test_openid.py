"""Signing in with an organization's own accounts: who gets in, who does not, and every way of cheating that we know."""

import datetime
import http.client
import logging
import uuid
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from django.core.cache import cache
from django.utils import timezone
from tests.contracts.test_every_address import told
from tests.openid_provider import CLIENT, SECRET, code_of, rsa_key, running, saved, with_second_step
from tests.signing_in import signed_in, visitor

from commonground.apps.core.models import Event, Identity, IdentityProvider, Invitation, Person

pytestmark = pytest.mark.database


@pytest.fixture
def provider():
    """North's provider, at which Theo is signed in."""
    with running() as one:
        one.account = {"sub": "theo-there", "email": "theo@example.org", "email_verified": True}
        yield one


@pytest.fixture
def north(world, provider):
    """The id under which North's coordinator saved it."""
    return saved(provider, by=world.CORA, place=world.NORTH)


@pytest.fixture
def theo(world):
    """The secret of Theo's authenticator app."""
    return with_second_step(world.THEO)


def leave(client, pk, **typed):
    """The address at the provider where the browser goes on."""
    answer = client.post(f"/account/with/{pk}/", typed)
    assert answer.status_code == 200, answer.content.decode()
    return answer.context["address"]


def at_provider(address):
    """Where the provider sends the browser back to: path and query."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.request("GET", f"{parts.path}?{parts.query}")
    back = urlsplit(connection.getresponse().headers["Location"])
    connection.close()
    return f"{back.path}?{back.query}"


def arrive(client, back):
    """What the browser shows when it comes back: a refusal stands at an address without the answer."""
    answer = client.get(back)
    if answer.status_code == 302 and answer.url.startswith("/account/from/"):
        assert "?" not in answer.url
        return client.get(answer.url)
    return answer


def come(client, pk, **typed):
    """What answers when somebody chooses the button and comes back."""
    return arrive(client, at_provider(leave(client, pk, **typed)))


def who(client):
    return client.get("/", follow=True).context["shell"].person_name


def reasons():
    return [one["why"] for one in Event.objects.filter(kind="account.sign_in_failed").values_list("detail", flat=True)]


def refused(client, answer, why):
    """Nobody is signed in, for this reason, and not a word of the provider's stands on the page."""
    assert answer.status_code == 422
    assert "raw words" not in answer.content.decode()
    assert reasons() == [why]
    assert who(client) == ""


# Who gets in


def test_a_colleague_comes_in_by_the_button_and_the_second_step(world, provider, north, theo):
    client = visitor()
    client.get("/account/sign-in/")

    answer = come(client, north)
    assert (answer.status_code, answer.url) == (302, "/account/security/code/")
    before = client.session.session_key
    answer = client.post(answer.url, {"code": code_of(theo)})

    assert (answer.status_code, answer.url) == (302, "/")
    assert who(client) == "Theo Teacher"
    assert client.session.session_key != before
    assert client.session.get_expire_at_browser_close()
    assert list(Event.objects.order_by("number").values_list("kind", "person_id", "detail")) == [
        ("provider.saved", world.CORA, {"provider": str(north), "is_on": True}),
        ("account.identity_linked", world.THEO, {"provider": str(north), "way": "address"}),
        ("account.identity_used", world.THEO, {"provider": str(north)}),
        ("account.signed_in", world.THEO, {}),
    ]


def test_the_second_step_is_not_skipped_by_a_guess(world, provider, north, theo):
    client = visitor()
    come(client, north)

    client.post("/account/security/code/", {"code": "000000"})

    assert who(client) == ""


def test_later_the_account_there_is_known_by_issuer_and_subject_whatever_its_address(world, provider, north, theo):
    come(visitor(), north)
    provider.account |= {"email": "other@elsewhere.example", "email_verified": False}

    assert come(visitor(), north).url == "/account/security/code/"


def test_the_browser_goes_on_to_a_page_of_our_own_and_to_no_other(world, provider, north, theo):
    for wanted, got in (("/students/", "/students/"), ("https://evil.example/", "/"), ("//evil.example", "/")):
        client = visitor()
        come(client, north, next=wanted)
        cache.clear()
        provider_code = code_of(theo)

        answer = client.post("/account/security/code/", {"code": provider_code})

        assert answer.url == got
        # The app's code opens once in thirty seconds; for the test it is new each time.
        cache.clear()


def test_what_is_asked_of_the_provider(world, provider, north, settings):
    asked = parse_qs(urlsplit(leave(visitor(), north)).query)

    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid email"]
    assert asked["redirect_uri"] == [f"{settings.PUBLIC_ADDRESS}/account/from/{north}/"]
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    assert "client_secret" not in asked


def invited(databases, world, key, *, days=7, role="teacher", place=None):
    """Somebody who was invited and has not come in yet."""
    from django.db import connection

    person = Person.objects.create_user(f"{key}@example.org", name=key, is_active=False)
    databases.execute(
        "insert into core_rolegrant (id, person_id, role, organization_id, since)"
        f" values ('{uuid.uuid4()}', '{person.pk}', '{role}', '{place or world.NORTH_SCHOOL}', '2020-07-01')",
        connection.settings_dict["NAME"],
    )
    now = timezone.now()
    Invitation.objects.create(
        person=person,
        token_digest=uuid.uuid4().hex,
        created_at=now - datetime.timedelta(days=30),
        expires_at=now + datetime.timedelta(days=days),
    )
    return person


def test_who_was_invited_opens_the_account_this_way_and_sets_up_the_second_step(world, databases, provider, north):
    person = invited(databases, world, "nora")
    provider.account |= {"sub": "nora-there", "email": "Nora@Example.org"}
    client = visitor()

    assert come(client, north).url == "/"

    assert client.get("/").url == "/account/security/"
    assert Person.objects.get(pk=person.pk).is_active
    assert not Invitation.objects.filter(person=person).exists()


# Who does not get in


def second_role(databases, world, person, role, place):
    from django.db import connection

    databases.execute(
        "insert into core_rolegrant (id, person_id, role, organization_id, since)"
        f" values ('{uuid.uuid4()}', '{person}', '{role}', '{place}', '2020-07-01')",
        connection.settings_dict["NAME"],
    )


def arrange_refusal(case, world, databases, provider):
    """Make the case true; the person whose account would open, None for nobody's."""
    from django.db import connection

    def database(statement):
        databases.execute(statement, connection.settings_dict["NAME"])

    keys = {
        "another district's coordinator": "otto",
        "an operator": "omar",
        "the director": "dana",
        "a family": "ali",
        "without second step": "priya",
        "works elsewhere too": "priya",
    }
    if case in keys:
        person = getattr(world, keys[case].upper())
        if case != "without second step":
            with_second_step(person)
        if case == "works elsewhere too":
            second_role(databases, world, person, "program_teacher", world.COLLABORATIVE)
        provider.account |= {"sub": "there", "email": f"{keys[case]}@example.org"}
        return person
    if case == "unknown":
        provider.account |= {"sub": "there", "email": "nobody@example.org"}
        return None
    if case.startswith("invited"):
        person = invited(databases, world, "nora", days=-1 if case == "invited too long ago" else 7)
        if case == "invited, a family":
            second_role(databases, world, person.pk, "family", world.NORTH)
        provider.account |= {"sub": "there", "email": "nora@example.org"}
        return person.pk
    with_second_step(world.THEO)
    if case == "closed":
        Person.objects.filter(pk=world.THEO).update(is_active=False, last_login=timezone.now())
    if case == "role has ended":
        database(f"update core_rolegrant set until = '2021-07-01' where person_id = '{world.THEO}'")
    if case == "role begins later":
        database(f"update core_rolegrant set since = '2099-07-01' where person_id = '{world.THEO}'")
    if case == "address of another domain":
        database("update core_identityprovider set domains = '{north.example}'")
    return world.THEO


CASES = [
    "unknown",
    "another district's coordinator",
    "an operator",
    "the director",
    "a family",
    "without second step",
    "works elsewhere too",
    "invited too long ago",
    "invited, a family",
    "closed",
    "role has ended",
    "role begins later",
    "address of another domain",
]


@pytest.mark.parametrize("case", CASES)
def test_whoever_may_not_come_this_way_gets_the_same_answer_and_nothing_is_connected(
    world, databases, provider, north, case
):
    person = arrange_refusal(case, world, databases, provider)
    same = visitor()
    provider.account, kept = {**provider.account, "sub": "x", "email": "iba@example.org"}, provider.account
    expected = come(same, north)
    provider.account = kept
    client = visitor()

    answer = come(client, north)

    assert told(answer) == told(expected)
    assert "Nobody was signed in" in answer.content.decode()
    assert who(client) == ""
    failed = Event.objects.filter(kind="account.sign_in_failed").order_by("number").last()
    assert (failed.person_id, failed.detail["why"]) == (person, "nobody")
    assert not Identity.objects.exists()
    assert Person.objects.count() == len(world.PEOPLE) + len(world.ONLY_TODAY) + case.startswith("invited")


@pytest.mark.parametrize("case", ["closed", "role has ended", "works elsewhere too", "moved to another district"])
def test_a_connected_account_opens_nothing_once_it_may_not(world, databases, provider, north, theo, case):
    come(visitor(), north)
    if case in {"closed", "role has ended"}:
        from django.db import connection

        end = "update core_rolegrant set until = '2021-07-01' where person_id"
        close = "update core_person set is_active = false where id"
        databases.execute(f"{close if case == 'closed' else end} = '{world.THEO}'", connection.settings_dict["NAME"])
    else:
        place = world.COLLABORATIVE if case == "works elsewhere too" else world.SOUTH
        second_role(databases, world, world.THEO, "program_teacher", place)
    client = visitor()

    refused(client, come(client, north), "nobody")


@pytest.mark.parametrize("changes", [{"email_verified": False}, {"email_verified": "true"}, {"email": None}])
def test_an_address_that_is_not_confirmed_opens_nothing(world, provider, north, theo, changes):
    provider.account |= changes
    client = visitor()

    answer = come(client, north)

    assert "has not confirmed an email address" in answer.content.decode()
    refused(client, answer, "unverified")


def test_an_address_that_was_given_to_somebody_new_does_not_open_the_old_account(world, provider, north, theo):
    come(visitor(), north)
    provider.account |= {"sub": "the-new-theo"}
    client = visitor()

    refused(client, come(client, north), "nobody")


def test_a_provider_whose_button_is_off_signs_nobody_in(world, provider, theo):
    off = saved(provider, by=world.CORA, place=world.NORTH, is_on=False)

    assert visitor().post(f"/account/with/{off}/").status_code == 404
    assert visitor().get(f"/account/from/{off}/?state=x&code=y").status_code == 404
    assert "North account" not in visitor().get("/account/sign-in/").content.decode()


# What comes back


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
        "update core_identityprovider set issuer = 'http://localhost:9'", connection.settings_dict["NAME"]
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


# Keys, failures, limits


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
    ledger = str(databases.execute("select row_to_json(e)::text from core_event e", connection.settings_dict["NAME"]))
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


# The second step


@pytest.mark.parametrize(
    ("named", "ways", "arrives_at"),
    [
        (True, ["pwd", "mfa"], "/"),
        (True, ["pwd"], "/account/security/code/"),
        (True, None, "/account/security/code/"),
        (False, ["pwd", "mfa"], "/account/security/code/"),
    ],
)
def test_the_providers_second_step_counts_only_where_the_operator_named_it(
    world, provider, north, theo, settings, named, ways, arrives_at
):
    settings.SECOND_STEP_ISSUERS = {provider.issuer} if named else {"http://localhost:9"}
    provider.account |= {"amr": ways}
    client = visitor()

    assert come(client, north).url == arrives_at
    assert who(client) == ("Theo Teacher" if arrives_at == "/" else "")


# Connecting by hand


def test_a_signed_in_person_connects_the_account_and_comes_in_by_it(world, provider, north, theo):
    provider.account = {"sub": "no-address-there"}
    client = signed_in("theo@example.org")
    page = client.get("/account/security/").content.decode()
    assert "Connect North account" in page

    address = client.post(f"/account/connect/{north}/").context["address"]
    answer = client.get(at_provider(address), follow=True)

    assert "The account is connected" in answer.content.decode()
    assert "connected since" in answer.content.decode()
    assert come(visitor(), north).url == "/account/security/code/"


def test_what_was_begun_to_connect_signs_nobody_in(world, provider, north, theo):
    client = signed_in("theo@example.org")
    back = at_provider(client.post(f"/account/connect/{north}/").context["address"])
    client.post("/account/sign-out/")

    answer = arrive(client, back)

    refused(client, answer, "state")
    assert not Identity.objects.exists()


def test_an_account_there_opens_one_account_here(world, provider, north, theo):
    come(visitor(), north)
    other = signed_in("priya@example.org")

    address = other.post(f"/account/connect/{north}/").context["address"]
    answer = other.get(at_provider(address), follow=True)

    assert "connected with another one here" in answer.content.decode()
    assert reasons() == ["identity_taken"]
    assert list(Identity.objects.values_list("person_id", flat=True)) == [world.THEO]


@pytest.mark.parametrize("key", ["otto", "dana", "omar", "ali"])
def test_nobody_connects_another_organizations_provider(world, provider, north, key):
    client = signed_in(f"{key}@example.org")

    assert client.post(f"/account/connect/{north}/").status_code == 422
    assert "North account" not in client.get("/account/security/").content.decode()


def test_connecting_begins_with_a_form_never_with_a_link(world, provider, north):
    client = signed_in("theo@example.org")

    assert client.get(f"/account/connect/{north}/").status_code == 405
    assert client.get(f"/account/with/{north}/").status_code == 405


def test_connecting_later_asks_again_who_it_is(world, provider, north, theo, monkeypatch):
    client = signed_in("theo@example.org")
    later = timezone.now() + datetime.timedelta(minutes=6)
    monkeypatch.setattr(timezone, "now", lambda: later)

    answer = client.post(f"/account/connect/{north}/")

    assert answer.status_code == 302
    assert "reauthenticate" in answer.url or "confirm" in answer.url


def test_disconnecting_leaves_a_way_in(world, provider, north, theo):
    come(visitor(), north)
    client = signed_in("theo@example.org")

    kept = client.post(f"/account/disconnect/{north}/", follow=True)
    assert "no way in any more" in kept.content.decode()
    person = Person.objects.get(pk=world.THEO)
    person.set_password("harvest moon over the lake")
    person.save()
    client = signed_in("theo@example.org")
    gone = client.post(f"/account/disconnect/{north}/", follow=True)

    assert "no longer opens this one" in gone.content.decode()
    assert not Identity.objects.exists()


# The walls


def test_the_sites_own_role_writes_neither_table(world, provider, north):
    from django.db import ProgrammingError, transaction

    writes = [
        lambda: IdentityProvider.objects.update(issuer="http://localhost:9"),
        lambda: IdentityProvider.objects.all().delete(),
        lambda: Identity.objects.create(
            provider_id=north, issuer="x", subject="y", person_id=world.THEO, linked_at=timezone.now()
        ),
    ]
    for write in writes:
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            write()


def test_the_database_refuses_a_link_whatever_the_page_thinks(world, provider, north):
    from commonground.apps.core.asking import Refused, ask_database
    from commonground.store.walls import enter

    for person in (world.OTTO, world.DANA, world.OMAR, world.ALI):
        with_second_step(person)
        for by_mail in (True, False):
            with pytest.raises(Refused), enter(person=person, purpose="test"):
                ask_database("link_identity", north, "there", by_mail)
    assert not Identity.objects.exists()


def test_the_client_is_shown_by_header_or_in_the_form_as_the_provider_wants(world, provider, north, theo):
    provider.said = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

    assert come(visitor(), north).url == "/account/security/code/"
    assert CLIENT in str(IdentityProvider.objects.get().client_id)
