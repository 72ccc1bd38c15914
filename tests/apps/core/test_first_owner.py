"""A house nobody owns yet: one link, once."""

import datetime
import re

import pytest
from django.utils import timezone
from tests.authenticator_app import code_of
from tests.signing_in import opened, visitor

from commonground.apps.core.actions import make_first_owner
from commonground.apps.core.models import Event, Invitation, Person, RoleGrant

pytestmark = pytest.mark.database
PASSWORD = "harvest moon over the lake"


@pytest.fixture
def token(database, as_migrator):
    with as_migrator():
        return make_first_owner(collaborative_name="Our collaborative", now=timezone.now())


def typed(**changes):
    return {"name": "Mara Lind", "email": "Mara@Example.org", "password": PASSWORD} | changes


def test_the_link_opens_an_account_that_directs_and_operates(token):
    client = visitor()

    answer = opened(client, f"/account/link/{token}/", typed())

    assert answer.status_code == 302
    owner = Person.objects.get()
    assert (owner.name, owner.email, owner.is_active) == ("Mara Lind", "mara@example.org", True)
    assert set(RoleGrant.objects.filter(person=owner).values_list("role", flat=True)) == {"director", "operator"}
    assert list(Event.objects.values_list("kind", flat=True)) == ["account.password_changed", "account.signed_in"]


def test_a_house_begun_in_the_evening_is_its_owners_on_the_same_day(database, as_migrator):
    evening = datetime.datetime(2026, 11, 30, 19, 30, tzinfo=timezone.get_current_timezone())  # tomorrow in Greenwich
    with as_migrator():
        make_first_owner(collaborative_name="Our collaborative", now=evening)

        assert set(RoleGrant.objects.values_list("since", flat=True)) == {datetime.date(2026, 11, 30)}


def test_staff_see_nothing_before_the_second_factor(token):
    client = visitor()
    opened(client, f"/account/link/{token}/", typed())

    answer = client.get("/")

    assert answer.status_code == 302
    assert answer.url == "/account/security/"
    assert b"Set up a second step" in client.get("/account/security/").content


def test_from_link_to_today_with_an_authenticator_app(token):
    client = visitor()
    opened(client, f"/account/link/{token}/", typed())
    page = client.get("/account/security/app/").content.decode()
    secret = re.search(r'<code id="secret">(\w+)</code>', page)[1]
    code = code_of(secret)

    answer = client.post("/account/security/app/", {"code": code}, follow=True)

    assert b"Keep these codes somewhere safe" in answer.content
    assert client.get("/").status_code == 200
    assert secret not in str(Person.objects.get().authenticator_set.values_list("data", flat=True))


def test_a_link_opens_once(token):
    opened(visitor(), f"/account/link/{token}/", typed())

    assert visitor().get(f"/account/link/{token}/", follow=True).status_code == 404
    assert opened(visitor(), f"/account/link/{token}/", typed(email="thief@example.org")).status_code == 404
    assert Person.objects.get().email == "mara@example.org"


def test_a_link_runs_out_after_a_week(token):
    Invitation.objects.update(
        created_at=timezone.now() - datetime.timedelta(days=8), expires_at=timezone.now() - datetime.timedelta(days=1)
    )

    assert visitor().get(f"/account/link/{token}/", follow=True).status_code == 404


def test_asked_again_a_new_link_closes_the_old_one(token, as_migrator):
    with as_migrator():
        newer = make_first_owner(collaborative_name="Our collaborative", now=timezone.now())

    assert visitor().get(f"/account/link/{token}/", follow=True).status_code == 404
    assert visitor().get(f"/account/link/{newer}/", follow=True).status_code == 200
    assert Person.objects.count() == 1


def test_a_house_that_has_an_owner_gets_no_second_link(token, as_migrator):
    opened(visitor(), f"/account/link/{token}/", typed())

    with as_migrator():
        assert make_first_owner(collaborative_name="Our collaborative", now=timezone.now()) is None


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short words 14", "at least 15 characters"),
        ("passwordpassword", "too common"),
        ("commonground2026!", "too common"),
        ("Sunshine-1234567", "too common"),
        ("mara@example.org", "too similar"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(token, password, says):
    answer = opened(visitor(), f"/account/link/{token}/", typed(password=password))

    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_a_long_password_of_plain_words_is_enough(token):
    assert opened(visitor(), f"/account/link/{token}/", typed(password="three herons at dawn")).status_code == 302


def test_the_token_stands_nowhere_in_the_database(token, databases):
    from django.db import connection

    rows = databases.execute(
        "select row_to_json(i)::text from core_invitation i", database=connection.settings_dict["NAME"]
    )

    assert token not in str(rows)
