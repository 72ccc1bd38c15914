"""*Today* in a browser: every role, phone and desk, light and dark; with a file and without any."""

import pytest
from playwright.sync_api import expect
from tests.apps.home.conftest import after_first_file, arrange  # noqa: F401 - fixtures
from tests.journeys.browser import assert_whole
from tests.journeys.people import page_of

pytestmark = [pytest.mark.browser, pytest.mark.database]
PEOPLE = ["dana", "ann", "cora", "otto", "priya", "theo", "lena", "ali", "omar"]


@pytest.mark.parametrize("person", PEOPLE)
def test_today_is_whole_in_every_look(site, world, after_first_file, open_page, person):  # noqa: F811
    for width in (390, 1280):
        for theme in ("light", "dark"):
            page = page_of(open_page, site, world.address(person), width=width, theme=theme)
            page.goto(site.url)

            expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert_whole(page)


@pytest.mark.parametrize("person", ["dana", "cora", "lena", "ali"])
def test_today_says_the_same_without_javascript(site, world, open_page, person):
    with_scripts = page_of(open_page, site, world.address(person))
    without = page_of(open_page, site, world.address(person), javascript=False)
    for page in (with_scripts, without):
        page.goto(site.url)

    assert without.get_by_role("main").inner_text() == with_scripts.get_by_role("main").inner_text()


def test_one_button_leads_to_what_waits(site, world, after_first_file, open_page):  # noqa: F811
    page = page_of(open_page, site, world.address("cora"), javascript=False)
    page.goto(site.url)

    page.locator("#district-todos li", has_text="2 rows of North wait").get_by_role("link").click()

    expect(page).to_have_url(f"{site.url}/data/{after_first_file}/#held")


def test_a_directors_agreements_are_whole(site, world, page_in_every_look, open_page):
    from tests.signing_in import signed_in

    cookie = signed_in(world.address("dana")).cookies["sessionid"]
    page_in_every_look.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": site.url}])
    page_in_every_look.goto(f"{site.url}/agreements/")

    assert_whole(page_in_every_look)
