"""A family changes its language: with and without JavaScript, and it stays with the person, not the device."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.people import page_of, sign_in
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.database]


def choose(page: Page, code: str) -> None:
    """Chooses a language in the top bar, with the button where scripts do not run."""
    page.locator("#language").select_option(code)
    button = page.locator("form.language button")
    if button.is_visible():
        button.click()
    expect(page.locator("html")).to_have_attribute("lang", code)


def test_a_family_reads_its_page_in_its_language_everywhere(
    site: Site, world, page_with_and_without_javascript: Page, open_page
) -> None:
    page = page_with_and_without_javascript
    sign_in(page, site, world.address("ali"))
    choose(page, "es")

    expect(page.locator("a.skip")).to_have_text("Ir al contenido")
    expect(page.locator("main")).to_contain_text("Traducción automática, sin revisar")

    elsewhere = open_page()
    sign_in(elsewhere, site, world.address("ali"))
    expect(elsewhere.locator("html")).to_have_attribute("lang", "es")


def test_english_is_one_tap_away(site: Site, world, open_page) -> None:
    page = page_of(open_page, site, world.address("ali"), width=390)
    page.goto(site.url)
    choose(page, "so")

    page.locator(".translation button").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_no_english_sentence_is_left_on_a_spanish_page(site: Site, world, open_page) -> None:
    page = page_of(open_page, site, world.address("ali"), locale="es-US")
    page.goto(site.url)

    text = page.locator("body").inner_text()

    left = re.findall(r"\b(?:the|your|with|and|from|this|nobody)\b", text, flags=re.IGNORECASE)
    assert left == [], text
