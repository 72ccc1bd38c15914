"""Language, theme and error pages, asked for through the smallest site."""

import logging
import re

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory

from commonground.web import errors
from commonground.web.middleware import language_of


class Person:
    """Somebody signed in, as far as these views look."""

    is_authenticated = True

    def __init__(self, language: str = "en") -> None:
        self.language = language


class Nobody:
    is_authenticated = False


@pytest.fixture
def client() -> Client:
    return Client()


def asking(*, person: object = None, cookie: str = "", header: str = "") -> HttpRequest:
    request = RequestFactory().get("/", headers={"Accept-Language": header} if header else {})
    request.user = person or Nobody()
    if cookie:
        request.COOKIES["django_language"] = cookie
    return request


class TestLanguage:
    def test_the_persons_own_language_comes_first(self) -> None:
        assert language_of(asking(person=Person("so"), cookie="es", header="ar")) == "so"

    def test_the_cookie_comes_before_the_browser(self) -> None:
        assert language_of(asking(cookie="es", header="ar")) == "es"

    def test_the_browser_is_asked_last(self) -> None:
        assert language_of(asking(header="es-MX,es;q=0.9")) == "es"
        assert language_of(asking(header="xx")) == "en"

    def test_an_unknown_code_falls_through(self) -> None:
        assert language_of(asking(person=Person("xx"), cookie="../etc", header="ar")) == "ar"

    def test_choosing_sets_a_cookie_and_returns_to_the_page(self, client: Client) -> None:
        answer = client.post("/language/", {"language": "es", "next": "/design/?base=family"})

        assert answer.status_code == 302
        assert answer["Location"] == "/design/?base=family"
        assert answer.cookies["django_language"].value == "es"
        page = client.get("/design/?base=family")
        assert b'<html lang="es" dir="ltr"' in page.content
        assert page["Content-Language"] == "es"

    def test_an_unknown_language_changes_nothing(self, client: Client) -> None:
        answer = client.post("/language/", {"language": "xx"})

        assert answer.status_code == 302
        assert "django_language" not in answer.cookies

    @pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
    def test_nobody_is_sent_to_another_site(self, client: Client, target: str) -> None:
        answer = client.post("/language/", {"language": "es", "next": target})

        assert answer["Location"] == "/"

    def test_only_a_form_can_change_it(self, client: Client) -> None:
        assert client.get("/language/").status_code == 405
        assert Client(enforce_csrf_checks=True).post("/language/", {"language": "es"}).status_code == 403


class TestTheme:
    def test_choosing_is_remembered(self, client: Client) -> None:
        client.post("/theme/", {"theme": "dark"})

        assert b'data-bs-theme="dark"' in client.get("/design/").content

    def test_without_a_choice_the_device_decides(self, client: Client) -> None:
        assert b'data-bs-theme="auto"' in client.get("/design/").content

    def test_an_unknown_theme_changes_nothing(self, client: Client) -> None:
        client.post("/theme/", {"theme": '"><script>'})

        assert b'data-bs-theme="auto"' in client.get("/design/").content

    def test_paper_is_always_light(self, client: Client) -> None:
        client.cookies["theme"] = "dark"

        assert b'data-bs-theme="light"' in client.get("/design/?base=paper").content


class TestErrors:
    @pytest.mark.parametrize(
        ("view", "status", "heading"),
        [
            (errors.bad_request, 400, "We could not read that request"),
            (errors.denied, 403, "This page belongs to another role"),
            (errors.csrf_failure, 403, "This form was open too long"),
            (errors.not_found, 404, "There is no page here"),
            (errors.broken, 500, "Something broke on our side"),
        ],
    )
    def test_each_says_what_happened_and_carries_a_reference(self, view, status: int, heading: str) -> None:
        answer = view(asking())

        html = answer.content.decode()
        assert answer.status_code == status
        assert f'<h1 tabindex="-1">{heading}</h1>' in html
        assert re.search(r"Reference <span class=\"num\">[A-Z0-9]{3}-[A-Z0-9]{3}</span>", html)

    def test_a_broken_page_keeps_language_and_theme_of_the_browser(self) -> None:
        request = asking(cookie="es")
        request.COOKIES["theme"] = "dark"

        html = errors.broken(request).content.decode()

        assert '<html lang="es" dir="ltr" data-bs-theme="dark">' in html
        assert "Algo falló de nuestro lado" in html

    def test_every_missing_page_answers_the_same(self) -> None:
        def without_what_varies(html: str) -> str:
            return re.sub(r'[A-Z0-9]{3}-[A-Z0-9]{3}(?=</span>)|nonce="[^"]*"|value="[^"]*"', "", html)

        one, other = (errors.not_found(asking()).content.decode() for _ in range(2))

        assert without_what_varies(one) == without_what_varies(other)

    def test_the_log_holds_the_reference_and_nothing_of_the_request(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.WARNING):
            answer = errors.not_found(RequestFactory().get("/students/Nur-Warsame/"))

        reference = re.search(r"[A-Z0-9]{3}-[A-Z0-9]{3}(?=</span>)", answer.content.decode())
        assert reference is not None
        assert reference[0] in caplog.text
        assert "Warsame" not in caplog.text

    def test_references_are_easy_to_say(self) -> None:
        letters = {letter for _ in range(300) for letter in errors.new_reference()}

        assert not letters & set("0O1IL2Z5S8B")


class TestPolicy:
    def test_scripts_carry_the_nonce_of_the_header(self, client: Client) -> None:
        answer = client.get("/design/")

        nonce = re.search(r"'nonce-([^']+)'", answer["Content-Security-Policy"])
        assert nonce is not None
        scripts = re.findall(r"<script[^>]*>", answer.content.decode())
        assert scripts
        assert all(f'nonce="{nonce[1]}"' in script for script in scripts)

    @pytest.mark.parametrize("base", ["staff", "family", "signed-out", "paper"])
    def test_no_page_carries_a_style_or_an_inline_handler(self, client: Client, base: str) -> None:
        html = client.get(f"/design/?base={base}").content.decode()

        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", html)
        assert not re.search(r"<script(?![^>]*\bsrc=)", html)

    def test_family_pages_load_no_htmx(self, client: Client) -> None:
        assert b"htmx" not in client.get("/design/?base=family").content
