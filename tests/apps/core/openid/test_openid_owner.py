"""Setting up an organization's own sign-in: by whom, with what, and where the server may be made to ask."""

import pytest
from tests.openid_provider import CLIENT, SECRET, running, saved
from tests.signing_in import signed_in

from commonground.apps.core.asking import Refused
from commonground.apps.core.models import Event, Identity, IdentityProvider
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
