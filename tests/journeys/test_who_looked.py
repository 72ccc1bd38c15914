"""A guardian reads who looked at her child, and takes the page home on paper."""

import pytest
from playwright.sync_api import expect
from tests.journeys.browser import assert_whole
from tests.journeys.people import page_of
from tests.journeys.test_print import printed

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_guardian_reads_and_prints_who_looked(site, world, open_page, javascript):
    director = page_of(open_page, site, world.address("dana"), javascript=javascript)
    director.goto(f"{site.url}/students/")
    director.get_by_role("link", name="Ali, Amina").click()
    expect(director.get_by_role("heading", level=1)).to_have_text("Amina Ali")

    guardian = page_of(open_page, site, world.address("ali"), width=390, javascript=javascript)
    guardian.goto(site.url)
    expect(guardian.locator("#looked")).to_contain_text("2 times in all")
    guardian.locator("#looked").get_by_role("link", name="See all").click()

    rows = guardian.locator("tbody tr")
    expect(rows).to_have_count(2)
    for row, what in ((rows.nth(0), "The student’s page"), (rows.nth(1), "A list of students")):
        for words in ("Amina Ali", "Dana Director", "Director of the collaborative, Valley Collaborative", what):
            expect(row).to_contain_text(words)
        expect(row).to_contain_text("Joint programs")
    if javascript:
        assert_whole(guardian)

    assert printed(guardian) == 1
    expect(guardian.locator("main")).to_contain_text("Dana Director")
    # Elia goes to school in South, which shares nothing: nobody saw him.
    expect(guardian.locator("main")).not_to_contain_text("Elia")
