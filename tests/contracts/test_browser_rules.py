"""What every answer tells the browser, and what no form is taken without."""

import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from tests.contracts.test_every_address import ADDRESSES, DECLARED, example
from tests.signing_in import CODE, signed_in, visitor

from commonground.apps.core.models import Person

pytestmark = pytest.mark.database
PASSWORD = "harvest moon over the lake"
# One person who may open nearly everything of a district, one who leads, one who serves a program, one family.
PEOPLE = ("cora", "dana", "pam", "ali", "omar")


def give_password(email: str, password: str = PASSWORD) -> Person:
    person = Person.objects.get(email=email)
    person.set_password(password)
    person.save(update_fields=["password"])
    return person


@pytest.mark.parametrize("person", PEOPLE)
def test_every_answer_carries_the_heads_that_protect_it(world, person):
    client = signed_in(f"{person}@example.org")
    client.raise_request_exception = False
    seen = set()

    for name in ADDRESSES:
        if name in {"account_logout", "core:way-in"}:
            continue
        answer = client.get(example(name))
        seen.add(answer.status_code)
        heads = answer.headers
        assert heads["X-Content-Type-Options"] == "nosniff", name
        assert heads["Referrer-Policy"] == "same-origin", name
        assert not [head for head in heads if head.startswith("Access-Control-")], name
        policy = heads["Content-Security-Policy"]
        for rule in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
            assert rule in policy, name
        assert "unsafe" not in policy, name
        if answer.content:
            assert heads["Content-Type"] in {"text/html; charset=utf-8", "text/csv; charset=utf-8"}, name
        assert {"no-store", "private"} <= set(heads["Cache-Control"].split(", ")), name

    assert {200, 404} <= seen


def test_a_missing_page_carries_them_too(world):
    answer = visitor().get("/nowhere/")

    assert answer.status_code == 404
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_cookies_are_for_this_site_and_not_for_scripts(world):
    client = signed_in("ali@example.org")
    client.get("/")
    client.post(reverse("web:choose-theme"), {"theme": "dark"})
    client.post(reverse("choose-language"), {"language": "es"})

    assert {"sessionid", "csrftoken", "theme", "django_language"} <= set(client.cookies)
    for cookie in client.cookies.values():
        assert (cookie["samesite"], bool(cookie["httponly"]), cookie["path"]) == ("Lax", True, "/"), cookie.key


def test_nothing_is_taken_without_the_forms_token(world):
    """Every declared address, as a signed-in person whose browser sends a form that another site made."""
    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    page = client.get("/account/demonstration/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    sent = {"email": "cora@example.org", "code": CODE, "csrfmiddlewaretoken": token}
    assert client.post("/account/demonstration/", sent).status_code == 302
    assert client.get("/students/").status_code == 200

    taken = []
    for name in DECLARED:
        answer = client.post(example(name), {"letters": "a", "csrfmiddlewaretoken": "x" * 64})
        if answer.status_code != 403 or b"This form was open too long" not in answer.content:
            taken.append((name, answer.status_code))

    assert taken == []


def test_a_new_password_needs_the_old_one(world):
    give_password("ali@example.org")
    client = visitor()
    client.post("/account/sign-in/", {"login": "ali@example.org", "password": PASSWORD})
    new = "seven otters on a quiet river"

    answer = client.post("/account/password/", {"oldpassword": "not it at all", "password1": new, "password2": new})
    assert answer.status_code == 200
    assert Person.objects.get(email="ali@example.org").check_password(PASSWORD)

    answer = client.post("/account/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer.status_code == 302
    assert Person.objects.get(email="ali@example.org").check_password(new)


def test_a_new_password_ends_every_other_session(world):
    give_password("ali@example.org")
    here, there = visitor(), visitor()
    for client in (here, there):
        client.post("/account/sign-in/", {"login": "ali@example.org", "password": PASSWORD})
        assert client.get("/who-looked/").status_code == 200
    new = "seven otters on a quiet river"

    here.post("/account/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert [client.get("/who-looked/").status_code for client in (here, there)] == [200, 302]


def test_a_password_is_masked_and_may_be_pasted(world):
    page = visitor().get("/account/sign-in/").content.decode()

    (field,) = re.findall(r'<input[^>]*name="password"[^>]*>', page)
    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field
    assert not re.search(r"onpaste|maxlength", field)


def test_a_password_is_taken_to_the_last_sign(world):
    """128 signs with blanks around and capitals inside: nothing is cut, trimmed or changed."""
    password = f"  Otter {uuid.uuid4()} {uuid.uuid4()} {uuid.uuid4()}".ljust(127, "Æ") + " "
    assert len(password) == 128
    give_password("ali@example.org", password)
    spoiled = (password[:-1], password.strip(), password.lower(), password + "x")

    for wrong in spoiled:
        answer = visitor().post("/account/sign-in/", {"login": "ali@example.org", "password": wrong})
        assert answer.status_code == 200
    answer = visitor().post("/account/sign-in/", {"login": "ali@example.org", "password": password})

    assert answer.status_code == 302


def test_a_second_step_is_added_only_right_after_the_password(world):
    give_password("ali@example.org")
    client = visitor()
    client.post("/account/sign-in/", {"login": "ali@example.org", "password": PASSWORD})
    assert client.get("/account/security/app/").status_code == 200

    session = client.session
    session["started_at"] -= 301  # five minutes are "just now"
    session.save()

    for address in ("/account/security/app/", "/account/security/passkeys/add/"):
        answer = client.get(address)
        assert answer.status_code == 302, address
        assert answer.url.startswith("/account/confirm/"), address


def test_no_folder_is_listed_and_trace_is_refused(world):
    client = signed_in("cora@example.org")

    for folder in ("/static/", "/static/web/", "/static/web/vendor/", "/static/../", "/.git/", "/files/", "/batches/"):
        assert client.get(folder).status_code == 404, folder
    taken = [
        name for name in DECLARED if b"SECRET-HEAD" in client.trace(example(name), HTTP_X_TRY="SECRET-HEAD").content
    ]

    assert taken == []
