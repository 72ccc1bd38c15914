"""The page of districts in a browser: whole in every look, the same without JavaScript, on paper, and in Spanish."""

import pytest
from playwright.sync_api import expect
from tests.apps.measures.conftest import arrange, west_central  # noqa: F401 - fixtures
from tests.journeys.browser import assert_whole
from tests.journeys.people import page_of

pytestmark = [pytest.mark.browser, pytest.mark.database]


def test_the_page_is_whole_in_every_look(site, world, west_central, open_page):  # noqa: F811
    for width in (390, 1280):
        for theme in ("light", "dark"):
            page = page_of(open_page, site, world.address("dana"), width=width, theme=theme)
            page.goto(f"{site.url}/districts/")

            expect(page.get_by_role("heading", level=1)).to_contain_text("racially isolated by our count: Willmar")
            assert_whole(page)


def test_a_director_reaches_it_and_counts_from_kindergarten_without_javascript(site, world, west_central, open_page):  # noqa: F811
    page = page_of(open_page, site, world.address("dana"), javascript=False)
    page.goto(site.url)
    page.get_by_role("link", name="Districts").first.click()
    page.get_by_label("Grades counted").select_option("K-12")
    page.locator("form.filters button").click()

    expect(page).to_have_url(f"{site.url}/districts/?year=&base=K-12&rule=mn-3535")
    # Willmar's enrollment from kindergarten to grade 12, as the state published it.
    expect(page.locator("#district-0347-01 td").nth(1)).to_have_text("4,221")


def test_a_director_records_the_letter_without_javascript(site, world, west_central, open_page):  # noqa: F811
    page = page_of(open_page, site, world.address("dana"), javascript=False)
    page.goto(f"{site.url}/districts/")
    page.get_by_label("District", exact=True).select_option(label="Willmar")
    page.get_by_label("The state’s decision").select_option(label="RI: racially isolated")
    page.get_by_label("Date on the letter").fill("2026-11-02")
    page.get_by_role("button", name="Record").click()

    expect(page).to_have_url(f"{site.url}/districts/")
    expect(page.locator("#district-0347-01")).to_contain_text("November 2, 2026")


def test_it_says_the_same_with_and_without_javascript(site, world, west_central, open_page):  # noqa: F811
    pages = [page_of(open_page, site, world.address("ann"), javascript=on) for on in (True, False)]
    for page in pages:
        page.goto(f"{site.url}/districts/")

    assert pages[0].locator("main h1, main table").all_inner_texts() == (
        pages[1].locator("main h1, main table").all_inner_texts()
    )


def test_on_paper_the_finding_and_the_table_stay(site, world, west_central, open_page):  # noqa: F811
    page = page_of(open_page, site, world.address("dana"))
    page.goto(f"{site.url}/districts/")
    page.emulate_media(media="print")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("#district-0347-01")).to_be_visible()
    expect(page.locator("form.filters")).to_be_hidden()


def test_without_any_counts_it_is_whole_too(site, world, open_page):
    page = page_of(open_page, site, world.address("dana"))
    page.goto(f"{site.url}/districts/")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Nothing can be predicted yet")
    assert_whole(page)
