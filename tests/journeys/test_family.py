"""A family on its phone: its children in every district, its language, and who has looked."""

import pytest
from playwright.sync_api import expect
from tests.journeys.browser import assert_whole
from tests.journeys.people import page_of
from tests.signing_in import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_family_finds_its_children_and_who_looked(site, world, open_page, javascript):
    signed_in(world.address("dana")).get(f"/students/{world.AMINA}/")
    page = page_of(open_page, site, world.address("ali"), width=390, javascript=javascript)

    page.goto(site.url)
    expect(page.locator("li.child")).to_have_count(2)
    page.locator("li.child", has_text="Amina Ali").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Amina Ali")
    expect(page.locator("#looked")).to_contain_text("Dana Director")
    page.get_by_role("link", name="Who looked").click()
    expect(page.get_by_role("row", name="Amina Ali")).to_contain_text("Joint programs")


def test_another_familys_child_does_not_exist(site, world, open_page):
    page = page_of(open_page, site, world.address("ali"), width=390)

    for student in (world.CHUE, world.BJORN):
        answer = page.goto(f"{site.url}/students/{student}/")
        assert answer.status == 404
        expect(page.get_by_role("heading", level=1)).to_have_text("There is no page here")
    assert_whole(page)


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_family_chooses_its_language_with_one_large_button(site, world, open_page, javascript):
    page = page_of(open_page, site, world.address("ali"), width=390, javascript=javascript)
    page.goto(site.url)

    page.get_by_role("button", name="Español").click()

    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.get_by_role("main")).not_to_contain_text("Your children")
    page.get_by_role("button", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    if javascript:
        assert_whole(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_of_a_family_is_whole_in_every_language(site, world, open_page, width, theme):
    from commonground.apps.core.models import Person

    signed_in(world.address("dana")).get(f"/students/{world.AMINA}/")
    page = page_of(open_page, site, world.address("ali"), width=width, theme=theme)
    for language in ("en", "es", "so", "ar"):
        Person.objects.filter(pk=world.ALI).update(language=language)
        for address in ("/", f"/students/{world.AMINA}/", "/who-looked/", "/account/security/", "/students/"):
            page.goto(site.url + address)
            expect(page.locator("html")).to_have_attribute("lang", language)
            assert_whole(page)
