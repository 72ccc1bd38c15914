"""Signing in with an organization’s own accounts: who gets in, and who does not."""

import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.utils import timezone
from tests.apps.core.openid.coming import come, invited, leave, refused, who
from tests.authenticator_app import code_of, with_second_step
from tests.contracts.test_every_address import told
from tests.openid_provider import saved
from tests.signing_in import visitor

from commonground.apps.core.models import Event, Identity, Invitation, Person

pytestmark = pytest.mark.database


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


def test_who_was_invited_opens_the_account_this_way_and_sets_up_the_second_step(world, databases, provider, north):
    person = invited(databases, world, "nora")
    provider.account |= {"sub": "nora-there", "email": "Nora@Example.org"}
    client = visitor()

    assert come(client, north).url == "/"

    assert client.get("/").url == "/account/security/"
    assert Person.objects.get(pk=person.pk).is_active
    assert not Invitation.objects.filter(person=person).exists()


def second_role(databases, world, person, role, place):
    from django.db import connection

    databases.execute(
        "insert into core_rolegrant (id, person_id, role, organization_id, since)"
        f" values ('{uuid.uuid4()}', '{person}', '{role}', '{place}', '2020-07-01')",
        database=connection.settings_dict["NAME"],
    )


def arrange_refusal(case, world, databases, provider):
    """Make the case true; the person whose account would open, None for nobody's."""
    from django.db import connection

    def database(statement):
        databases.execute(statement, database=connection.settings_dict["NAME"])

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
        databases.execute(
            f"{close if case == 'closed' else end} = '{world.THEO}'", database=connection.settings_dict["NAME"]
        )
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
