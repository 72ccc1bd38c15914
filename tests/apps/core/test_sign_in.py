"""Signing in: password, second factor, the demonstration's code; and out again."""

import datetime

import pytest
from django.utils import timezone
from tests.signing_in import CODE, signed_in, visitor

from commonground.apps.core.models import Event, Person

pytestmark = pytest.mark.database
PASSWORD = "harvest moon over the lake"


def give_password(email):
    person = Person.objects.get(email=email)
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    return person


def events(kind):
    return list(Event.objects.filter(kind=kind).values_list("person_id", "detail"))


def test_a_family_signs_in_with_email_and_password(world):
    give_password("ali@example.org")
    client = visitor()

    answer = client.post("/account/sign-in/", {"login": "Ali@example.org", "password": PASSWORD})

    assert answer.status_code == 302
    assert who(client) == "Ali Family"
    assert events("account.signed_in") == [(world.ALI, {})]


def test_staff_with_a_password_alone_are_led_to_the_second_factor(world):
    give_password("cora@example.org")
    client = visitor()
    client.post("/account/sign-in/", {"login": "cora@example.org", "password": PASSWORD})

    answer = client.get("/account/password/")

    assert (answer.status_code, answer.url) == (302, "/account/security/")


def test_a_wrong_password_and_an_unknown_address_answer_alike(world):
    give_password("ali@example.org")

    wrong = visitor().post("/account/sign-in/", {"login": "ali@example.org", "password": "x"})
    unknown = visitor().post("/account/sign-in/", {"login": "iba@example.org", "password": "x"})

    assert wrong.status_code == unknown.status_code
    assert wrong.context["form"].errors == unknown.context["form"].errors


def test_a_failed_sign_in_is_recorded_without_what_was_typed(world):
    give_password("ali@example.org")

    visitor().post("/account/sign-in/", {"login": "ali@example.org", "password": "my secret guess"})
    visitor().post("/account/sign-in/", {"login": "nobody@example.org", "password": "my secret guess"})

    assert events("account.sign_in_failed") == [(world.ALI, {"way": "password"}), (None, {"way": "password"})]


def test_after_five_failed_attempts_even_the_right_password_waits(world):
    give_password("ali@example.org")
    for _ in range(5):
        visitor().post("/account/sign-in/", {"login": "ali@example.org", "password": "x"})

    answer = visitor().post("/account/sign-in/", {"login": "ali@example.org", "password": PASSWORD})

    assert answer.status_code == 200
    assert "Too many failed" in answer.content.decode()


def test_the_code_signs_an_invented_person_in_with_both_factors_done(world):
    client = signed_in("cora@example.org")

    answer = client.get("/")

    assert answer.status_code == 200
    assert answer.context["shell"].person_name == "Cora Coordinator"


def test_the_code_never_opens_a_real_account(world):
    Person.objects.filter(pk=world.CORA).update(is_invented=False)

    answer = visitor().post("/account/demonstration/", {"email": "cora@example.org", "code": CODE})

    assert answer.status_code == 422
    assert events("account.signed_in") == []
    assert "cora@example.org" not in visitor().get("/account/demonstration/").content.decode()


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_HOST": "commonground.example.org"},
    ],
)
def test_the_code_works_only_on_this_machine(world, settings, elsewhere):
    settings.ALLOWED_HOSTS = ["*"]

    answer = visitor().post("/account/demonstration/", {"email": "cora@example.org", "code": CODE}, **elsewhere)

    assert answer.status_code == 404
    assert events("account.signed_in") == []


def test_where_no_demonstration_runs_there_is_no_such_page(world, settings):
    settings.DEMONSTRATION_CODE = ""

    assert visitor().get("/account/demonstration/").status_code == 404
    assert visitor().post("/account/demonstration/", {"email": "cora@example.org", "code": ""}).status_code == 404


def test_the_code_opens_nothing_at_the_ordinary_sign_in(world):
    answer = visitor().post("/account/sign-in/", {"login": "ali@example.org", "password": CODE})

    assert answer.status_code == 200
    assert events("account.signed_in") == []


def test_a_wrong_code_is_refused_recorded_and_after_ten_the_right_one_waits(world):
    answers = [
        visitor().post("/account/demonstration/", {"email": "cora@example.org", "code": "000000"}).status_code
        for _ in range(10)
    ]

    last = visitor().post("/account/demonstration/", {"email": "cora@example.org", "code": CODE})

    assert answers == [422] * 10
    assert last.status_code == 429
    assert events("account.sign_in_failed") == [(world.CORA, {"way": "demonstration_code"})] * 10


def test_five_digits_are_not_tried(world):
    answer = visitor().post("/account/demonstration/", {"email": "cora@example.org", "code": "31415"})

    assert "Enter all 6 digits" in answer.content.decode()
    assert events("account.sign_in_failed") == []


def test_signing_in_and_out_gives_a_new_session_each_time(world):
    client = visitor()
    client.get("/account/sign-in/")
    client.post("/account/demonstration/", {"email": "cora@example.org", "code": CODE})
    signed_in_key = client.session.session_key

    client.post("/account/sign-out/")

    assert client.session.session_key != signed_in_key
    assert who(client) == ""
    assert events("account.signed_out") == [(world.CORA, {})]


def test_a_link_alone_signs_nobody_out(world):
    client = signed_in("cora@example.org")

    client.get("/account/sign-out/")

    assert who(client) == "Cora Coordinator"


@pytest.fixture
def clock(monkeypatch):
    """Moves the site's clock: `clock(minutes=31)`."""
    started, real = timezone.now(), timezone.now

    def move(**later):
        monkeypatch.setattr(timezone, "now", lambda: started + datetime.timedelta(**later))

    yield move
    monkeypatch.setattr(timezone, "now", real)


def who(client):
    """The name that the frame of the page shows; empty when signed out."""
    return client.get("/", follow=True).context["shell"].person_name


@pytest.mark.parametrize(("minutes", "name"), [(29, "Cora Coordinator"), (31, "")])
def test_staff_are_signed_out_after_thirty_idle_minutes(world, clock, minutes, name):
    client = signed_in("cora@example.org")

    clock(minutes=minutes)

    assert who(client) == name


def test_staff_who_work_on_are_signed_out_after_twelve_hours(world, clock):
    client = signed_in("cora@example.org")
    for quarter in range(1, 48):
        clock(minutes=15 * quarter)
        assert client.get("/").status_code == 200

    clock(minutes=12 * 60 + 1)

    answer = client.get("/")
    assert (answer.status_code, answer.url) == (302, "/account/sign-in/?ended=1")
    assert "You were signed out" in client.get(answer.url).content.decode()


@pytest.mark.parametrize(("days", "name"), [(29, "Ali Family"), (31, "")])
def test_a_family_stays_signed_in_for_thirty_days(world, clock, days, name):
    client = signed_in("ali@example.org")

    clock(days=days)

    assert who(client) == name


def test_an_account_that_is_closed_ends_its_session(world):
    client = signed_in("ali@example.org")

    Person.objects.filter(pk=world.ALI).update(is_active=False)

    assert who(client) == ""
