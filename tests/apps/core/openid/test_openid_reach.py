"""Where the server may be made to ask when a leader types the address of a provider."""

import socket
import threading

import pytest
from django.core.cache import cache

from commonground.apps.core.openid import fetching
from commonground.apps.core.openid.discovery import configuration
from commonground.apps.core.openid.fetching import ask, checked_place, is_fit
from commonground.apps.core.openid.refusing import SignInRefused

pytestmark = pytest.mark.database


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
