"""Pages on paper: what is for the screen alone stays off, lists run on over pages, dark pages print light."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.apps.home.test_students import many  # noqa: F401 - fixtures
from tests.journeys.people import page_of

pytestmark = [pytest.mark.browser, pytest.mark.database]
SCREEN_ONLY = (".top", ".rail", ".bottom", ".filters", ".family-nouns", ".btn", "details.from")


def printed(page: Page) -> int:
    """Shows the page as on paper and answers how many sheets it takes."""
    page.emulate_media(media="print")
    paper = page.pdf(prefer_css_page_size=True)
    for parts in SCREEN_ONLY:
        for part in page.locator(parts).all():
            expect(part).to_be_hidden()
    return len(re.findall(rb"/Type\s*/Page\b", paper))


def test_fifty_students_take_two_sheets_each_with_the_head_of_the_table(site, world, open_page, many):  # noqa: F811
    page = page_of(open_page, site, world.address("cora"))
    page.goto(f"{site.url}/students/")

    assert printed(page) == 2
    assert page.locator("thead").evaluate("one => getComputedStyle(one).display") == "table-header-group"


@pytest.mark.parametrize("path", ["/", "/who-looked/", "/students/{amina}/"])
def test_a_familys_page_prints_on_one_sheet(site, world, open_page, path):
    page = page_of(open_page, site, world.address("ali"), width=390)
    page.goto(site.url + path.format(amina=world.AMINA))

    assert printed(page) == 1
    expect(page.locator("main")).to_contain_text("Amina" if path != "/who-looked/" else "Nobody")
    for part in page.locator("#language-choice").all():
        expect(part).to_be_hidden()


def test_the_sign_in_page_prints_as_a_leaflet(site, open_page):
    page = open_page()
    page.goto(f"{site.url}/account/sign-in/")

    assert printed(page) == 1
    expect(page.locator("main")).to_contain_text("on a phone or a computer")
    expect(page.get_by_label("Password")).to_be_hidden()


def test_a_dark_page_prints_in_dark_ink_on_white(site, world, open_page):
    page = page_of(open_page, site, world.address("cora"), theme="dark")
    page.goto(f"{site.url}/students/{world.AMINA}/")

    printed(page)

    assert page.locator("body").evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("h1").evaluate("one => getComputedStyle(one).color") == "rgb(24, 34, 31)"
