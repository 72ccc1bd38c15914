"""Connecting an account there with the own one here, the second step, and the walls around both."""

import datetime

import pytest
from django.utils import timezone
from tests.apps.core.openid.coming import arrive, at_provider, come, reasons, refused, who
from tests.authenticator_app import with_second_step
from tests.openid_provider import CLIENT
from tests.signing_in import signed_in, visitor

from commonground.apps.core.models import Identity, IdentityProvider, Person

pytestmark = pytest.mark.database


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
