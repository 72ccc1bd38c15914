"""Setting up an organization's own sign-in: by whom, with what, and where the server may be made to ask."""

import socket
import threading

import pytest
from django.core.cache import cache
from tests.openid_provider import CLIENT, SECRET, running, saved
from tests.signing_in import signed_in

from commonground.apps.core.asking import Refused
from commonground.apps.core.models import Event, Identity, IdentityProvider
from commonground.apps.core.openid import fetching
from commonground.apps.core.openid.discovery import configuration
from commonground.apps.core.openid.fetching import ask, checked_place, is_fit
from commonground.apps.core.openid.refusing import SignInRefused
from commonground.store.secrets import unseal
from commonground.store.walls import enter

pytestmark = pytest.mark.database


@pytest.fixture
def provider():
    with running() as one:
        yield one


def typed(provider, **changes):
    return {
        "name": "North account",
        "issuer": provider.issuer,
        "domains": "North.example, @example.org",
        "client_id": CLIENT,
        "client_secret": SECRET,
    } | changes


@pytest.fixture
def cora(world):
    return signed_in("cora@example.org")


def added(client, provider, **changes):
    """The provider that the page makes of what was typed."""
    answer = client.post("/people/sign-in/add/", typed(provider, **changes))
    assert answer.status_code == 302, answer.context["form"].errors
    return IdentityProvider.objects.get(pk=answer.url.split("/")[-2])


# The pages


def test_a_coordinator_adds_one_and_nobody_sees_its_button_yet(world, cora, provider, settings, databases):
    from django.db import connection

    assert "No provider yet" in cora.get("/people/sign-in/").content.decode()

    one = added(cora, provider)

    assert (one.organization_id, one.domains, one.is_on) == (world.NORTH, ["north.example", "example.org"], False)
    assert unseal(one.sealed_secret) == SECRET
    rows = databases.execute(
        "select row_to_json(p)::text from core_identityprovider p", database=connection.settings_dict["NAME"]
    )
    assert SECRET not in str(rows)
    page = cora.get(f"/people/sign-in/{one.pk}/").content.decode()
    assert f"{settings.PUBLIC_ADDRESS}/account/from/{one.pk}/" in page
    assert SECRET not in page
    assert "North account" in cora.get("/people/sign-in/").content.decode()
    events = Event.objects.filter(kind="provider.saved").values_list("person_id", "organization_id", "detail")
    assert list(events) == [(world.CORA, world.NORTH, {"provider": str(one.pk), "is_on": False})]


def test_name_and_issuer_are_enough_to_begin_and_the_button_waits_for_the_rest(world, cora, provider):
    one = added(cora, provider, client_id="", client_secret="", domains="")

    answer = cora.post(
        f"/people/sign-in/{one.pk}/", typed(provider, client_id="", client_secret="", domains="", is_on="on")
    )

    assert answer.status_code == 422
    assert "only when the client ID and the secret are stored" in answer.content.decode()
    assert not IdentityProvider.objects.get().is_on


def test_the_director_sets_up_the_collaboratives_own_and_no_districts(world, provider):
    north = saved(provider, by=world.CORA, place=world.NORTH)
    dana = signed_in("dana@example.org")

    one = added(dana, provider)

    assert one.organization_id == world.COLLABORATIVE
    assert dana.get(f"/people/sign-in/{north}/").status_code == 404


@pytest.mark.parametrize("key", ["theo", "omar", "ali", "ann"])
def test_who_leads_no_organization_has_no_such_page(world, provider, key):
    client = signed_in(f"{key}@example.org")

    for path in ("", "add/"):
        assert client.get(f"/people/sign-in/{path}").status_code == 403


def test_another_districts_provider_is_as_if_it_were_not(world, provider):
    north = saved(provider, by=world.CORA, place=world.NORTH, is_on=False)
    otto = signed_in("otto@example.org")

    answers = [otto.get(f"/people/sign-in/{north}/"), otto.post(f"/people/sign-in/{north}/", typed(provider))]
    answers += [otto.post(f"/people/sign-in/{north}/{what}/") for what in ("try", "remove")]

    assert [one.status_code for one in answers] == [404] * 4
    assert "North account" not in otto.get("/people/sign-in/").content.decode()
    assert IdentityProvider.objects.get().changed_by_id == world.CORA


@pytest.mark.parametrize(
    ("by", "place"), [("OTTO", "NORTH"), ("DANA", "NORTH"), ("CORA", "COLLABORATIVE"), ("THEO", "NORTH")]
)
def test_the_database_lets_only_the_own_leader_write_it(world, provider, by, place):
    with pytest.raises(Refused):
        saved(provider, by=getattr(world, by), place=getattr(world, place))

    assert not IdentityProvider.objects.exists()


def test_an_empty_secret_keeps_the_stored_one_only_for_the_same_issuer_and_client(world, cora, provider):
    """A changed address must never be sent the secret of the one before."""
    one = added(cora, provider)
    change = f"/people/sign-in/{one.pk}/"

    cora.post(change, typed(provider, client_secret="", name="Renamed"))
    assert unseal(IdentityProvider.objects.get().sealed_secret) == SECRET
    with running() as other:
        cora.post(change, typed(other, client_secret=""))

    assert IdentityProvider.objects.get().sealed_secret == ""


def test_another_issuers_accounts_are_other_accounts(world, cora, provider):
    north = saved(provider, by=world.CORA, place=world.NORTH)
    with enter(person=world.THEO, purpose="test"):
        from commonground.apps.core.asking import ask_database

        ask_database("link_identity", north, "theo-there", False)

    cora.post(f"/people/sign-in/{north}/", typed(provider, is_on="on"))
    assert Identity.objects.count() == 1
    with running() as other:
        cora.post(f"/people/sign-in/{north}/", typed(other, is_on="on"))

    assert IdentityProvider.objects.get().issuer == other.issuer
    assert not Identity.objects.exists()


def test_it_is_removed_only_after_its_button(world, cora, provider):
    north = saved(provider, by=world.CORA, place=world.NORTH)

    kept = cora.post(f"/people/sign-in/{north}/remove/")
    assert (kept.status_code, IdentityProvider.objects.count()) == (422, 1)
    cora.post(f"/people/sign-in/{north}/", typed(provider))
    gone = cora.post(f"/people/sign-in/{north}/remove/", follow=True)

    assert "The provider is removed" in gone.content.decode()
    assert not IdentityProvider.objects.exists()


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("issuer", "login.example.org", "begins with https://"),
        ("issuer", "http://login.example.org", "begins with https://"),
        ("issuer", "https://user:word@login.example.org", "begins with https://"),
        ("issuer", "https://login.example.org?tenant=1", "begins with https://"),
        ("issuer", "javascript:alert(1)", "begins with https://"),
        ("domains", "north", "looks like example.org"),
        ("domains", "*.example.org", "looks like example.org"),
        ("domains", "gmail.com", "Anybody can have an address"),
        ("domains", ",".join(f"d{n}.example" for n in range(21)), "No more than 20"),
    ],
)
def test_what_cannot_be_meant_is_said_at_its_field(world, cora, provider, field, text, words):
    answer = cora.post("/people/sign-in/add/", typed(provider, **{field: text}))

    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field])
    assert not IdentityProvider.objects.exists()


def test_the_address_of_the_discovery_page_is_understood(world, cora, provider):
    one = added(cora, provider, issuer=f" {provider.issuer}/.well-known/openid-configuration ")

    assert one.issuer == provider.issuer


# Trying it


def tried(client, one):
    """Tone and text of what trying found."""
    answer = client.post(f"/people/sign-in/{one.pk}/try/")
    assert answer.status_code == 200
    assert "raw words" not in answer.content.decode()
    return [(finding.tone, finding.text) for finding in answer.context["findings"]]


def test_trying_says_what_works(world, cora, provider):
    one = added(cora, provider)

    found = tried(cora, one)

    assert [tone for tone, _text in found] == ["done", "done", "done"]
    assert "It publishes 1 key" in found[1][1]
    assert "refused a made-up code, as it should" in found[2][1]
    assert list(Event.objects.filter(kind="provider.tried").values_list("detail", flat=True)) == [
        {"provider": str(one.pk), "worked": True}
    ]


def test_trying_asks_anew_each_time(world, cora, provider):
    one = added(cora, provider)
    tried(cora, one)
    provider.broken = "/keys"

    assert tried(cora, one)[-1][0] == "stop"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda one: setattr(one, "broken", "/.well-known/openid-configuration"), "no OpenID Connect provider"),
        (lambda one: setattr(one, "said", {"issuer": one.issuer + "/"}), "also the slash at the end"),
        (lambda one: setattr(one, "said", {"token_endpoint": "file:///etc/passwd"}), "no OpenID Connect provider"),
        (
            lambda one: setattr(one, "said", {"authorization_endpoint": "javascript:alert(1)"}),
            "no OpenID Connect provider",
        ),
        (lambda one: setattr(one, "said", {"code_challenge_methods_supported": ["plain"]}), "lacks something"),
        (lambda one: setattr(one, "said", {"id_token_signing_alg_values_supported": ["HS256"]}), "lacks something"),
        (lambda one: setattr(one, "said", {"token_endpoint_auth_methods_supported": ["none"]}), "lacks something"),
        (lambda one: setattr(one, "keys", {}), "lacks something"),
    ],
)
def test_trying_says_what_does_not_work(world, cora, provider, change, words):
    one = added(cora, provider)
    change(provider)

    tone, text = tried(cora, one)[-1]

    assert tone == "stop"
    assert words in text


def test_trying_says_when_the_secret_is_wrong_or_missing(world, cora, provider):
    wrong = added(cora, provider, client_secret="mistyped")
    missing = added(cora, provider, client_id="", client_secret="")

    assert tried(cora, wrong)[-1] == ("stop", "The provider does not accept this client ID and secret.")
    assert tried(cora, missing)[-1][0] == "attend"


# Where the server may be made to ask


@pytest.fixture
def names(monkeypatch, settings):
    """A small address book in place of the network's, for a site that others reach."""
    settings.BEHIND_TLS = True
    book = {"login.example.org": ["93.184.216.34"]}

    def look_up(host, port, *_rest, **_more):
        addresses = book.get(host) or ([host] if host[:1].isdigit() or ":" in host else [])
        if not addresses:
            raise OSError("no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(fetching.socket, "getaddrinfo", look_up)
    return book


def refusal(url):
    with pytest.raises(SignInRefused) as refused:
        checked_place(url)
    return refused.value.word


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        "10.1.2.3",
        "192.168.1.1",
        "172.16.0.9",
        "169.254.169.254",
        "fe80::1%eth0",
        "fd00::1",
        "0.0.0.0",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "224.0.0.1",
        "100.64.0.1",
    ],
)
def test_a_server_inside_the_network_is_not_asked_whatever_it_is_called(names, address):
    for addresses in ([address], ["93.184.216.34", address]):
        names["inside.example.org"] = addresses
        assert refusal("https://inside.example.org/keys") == "inside"


def test_a_server_outside_is_asked_at_the_address_that_was_checked(names):
    place = checked_place("https://login.example.org/keys?v=1")

    assert (place.address, place.port, place.target) == ("93.184.216.34", 443, "/keys?v=1")


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("https://login.example.org:8443/", "port"),
        ("https://login.example.org:22/", "port"),
        ("https://nowhere.example.org/", "name"),
        ("https://2130706433/", "inside"),
        ("http://login.example.org/", "address"),
        ("http://localhost:9/", "address"),
        ("https://localhost/", "inside"),
        ("https://login.example.org\\@127.0.0.1/", "address"),
        ("https://a@login.example.org/", "address"),
        ("https://login.example.org/#x", "address"),
        ("https://login.example.org/\r\nHost: x", "address"),
        ("https://[::1/", "address"),
        ("https://login.example.org:port/", "address"),
        ("https:///keys", "address"),
        ("ftp://login.example.org/", "address"),
        ("", "address"),
    ],
)
def test_an_address_that_leads_elsewhere_than_it_says_is_not_asked(names, url, word):
    names["localhost"], names["2130706433"] = ["127.0.0.1"], ["127.0.0.1"]

    assert refusal(url) == word


def test_the_operator_may_name_a_server_inside(names, settings):
    names["login.local"] = ["10.0.0.5"]
    settings.INSIDE_OPENID_HOSTS = {"login.local:8443"}

    assert checked_place("https://login.local:8443/").address == "10.0.0.5"
    assert refusal("https://login.local/") == "inside"


def test_this_machine_is_a_provider_only_where_the_site_has_no_tls(world, provider, settings):
    assert is_fit(provider.issuer)

    settings.BEHIND_TLS = True

    assert not is_fit(provider.issuer)
    with pytest.raises(SignInRefused):
        ask(provider.issuer)


def test_where_a_provider_sends_us_is_checked_as_its_own_address_is(world, provider, names, settings):
    """Discovery answers from outside; the keys' address then leads inside."""
    settings.BEHIND_TLS = False
    names["localhost"] = ["127.0.0.1"]
    provider.said = {"jwks_uri": "https://10.0.0.5/keys", "token_endpoint": "https://169.254.169.254/latest"}
    found = configuration(provider.issuer, fresh=True)
    cache.clear()

    for url in (found.jwks_uri, found.token_endpoint):
        assert refusal(url) == "inside"


def test_no_redirect_is_followed(world, provider):
    answer = ask(f"{provider.issuer}/authorize?state=x&redirect_uri={provider.issuer}/keys")

    assert (answer.status, answer.body) == (302, {})
    assert provider.hits["/keys"] == 0


def test_an_answer_without_end_is_cut_short(world, provider, monkeypatch):
    monkeypatch.setattr(fetching, "MOST_BYTES", 100)

    with pytest.raises(SignInRefused) as refused:
        ask(f"{provider.issuer}/keys")
    assert refused.value.word == "strange"


def test_an_answer_that_never_ends_is_hung_up_on(world, monkeypatch):
    """A letter now and then never runs into the limit between two letters; the limit over all ends it."""
    monkeypatch.setattr(fetching, "ALL_SECONDS", 0.05)
    with socket.create_server(("localhost", 0)) as listening:

        def begin():
            visitor, _address = listening.accept()
            with visitor:
                visitor.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while visitor.recv(4096):
                    pass

        thread = threading.Thread(target=begin, daemon=True)
        thread.start()
        with pytest.raises(SignInRefused) as refused:
            ask(f"http://localhost:{listening.getsockname()[1]}/")
        thread.join(5)

    assert refused.value.word == "silent"
