"""A director follows a number to its file and prints; an analyst takes the numbers along: with and without JavaScript."""

# ruff: noqa: F811 - fixtures are taken from other modules

import csv

import pytest
from playwright.sync_api import expect
from tests.apps.intake.conftest import sent, west  # noqa: F401 - fixtures
from tests.apps.measures.conftest import arrange, west_central  # noqa: F401 - fixtures
from tests.journeys.browser import assert_accessible, assert_no_csp_violations, assert_whole
from tests.journeys.people import page_of

pytestmark = [pytest.mark.browser, pytest.mark.database]
LOOKS = [(width, javascript) for width in (390, 1280) for javascript in (True, False)]


@pytest.mark.parametrize(("width", "javascript"), LOOKS)
def test_a_director_follows_a_number_to_its_file(
    site,
    world,
    sent,
    arrange,
    open_page,
    width,
    javascript,
):
    # West joins Dana's collaborative without any agreement: she sees counts, file names and line numbers, no values.
    arrange(
        "insert into core_membership (id, collaborative_id, organization_id, standing, since)"
        " values (gen_random_uuid(), %s, %s, 'member', '2020-07-01')",
        [world.COLLABORATIVE, world.WEST],
    )
    sent(apply=True)
    page = page_of(open_page, site, world.address("dana"), width=width, javascript=javascript)
    page.goto(f"{site.url}/districts/")
    page.locator("#district-9003-01").get_by_role("link").last.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("West’s students were counted from bundle.zip")
    expect(page.locator("section", has_text="The file").first).to_contain_text("demographics.csv")
    lines = page.locator("section", has_text="The lines that were counted").locator("tbody tr")
    # Of the two students one has no race on file and is not counted: the number is 1, and so are its lines.
    assert [row.split("\t")[2:] for row in lines.all_inner_texts()] == [["2", "1"]]
    assert "Example" not in page.locator("main").inner_text()
    assert page.locator("dl.dl a").count() == 0
    if javascript:
        assert_whole(page)
        assert_accessible(page)


def test_a_director_with_an_agreement_opens_the_file_itself(site, world, sent, arrange, open_page):
    sent(apply=True, owner=world.NORTH, by=world.CORA)
    page = page_of(open_page, site, world.address("dana"))
    page.goto(f"{site.url}/districts/")
    page.locator("#district-9001-01").get_by_role("link").last.click()
    page.locator("dl.dl a").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("rows are in")


def test_the_page_prints_from_a_button_where_there_is_javascript(site, world, west_central, open_page):
    page = page_of(open_page, site, world.address("dana"))
    page.goto(f"{site.url}/districts/")
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    page.get_by_role("button", name="Print").click()
    expect(page).to_have_title("printed")

    without = page_of(open_page, site, world.address("dana"), javascript=False)
    without.goto(f"{site.url}/districts/")
    expect(without.get_by_role("button", name="Print")).to_be_hidden()
    without.emulate_media(media="print")
    for part in ("#district-0347-01", "#limits", "h1"):
        expect(without.locator(part).first).to_be_visible()
    expect(without.get_by_role("button", name="Record").first).to_be_hidden()


@pytest.mark.parametrize(("width", "javascript"), LOOKS)
def test_an_analyst_looks_who_is_where_and_takes_the_numbers_along(
    site,
    world,
    west_central,
    open_page,
    width,
    javascript,
    tmp_path,
):
    page = page_of(open_page, site, world.address("ann"), width=width, javascript=javascript)
    page.goto(f"{site.url}/districts/")
    page.get_by_role("link", name="Who is where").click()
    page.get_by_role("link", name="Willmar", exact=True).click()
    page.get_by_label("One line for each").select_option("grade")
    page.locator("form.filters button").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("58.5% of 4,382 students in Willmar are protected")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()
    started.value.save_as(tmp_path / "file.csv")
    rows = list(csv.DictReader((tmp_path / "file.csv").read_text(encoding="utf-8").splitlines()))
    assert sum(int(row["students"]) for row in rows) == 4382
    assert {row["american_indian"] for row in rows} == {"hidden"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_of_districts_break_no_rule(site, world, west_central, open_page, theme):
    for width in (390, 1280):
        page = page_of(open_page, site, world.address("dana"), width=width, theme=theme)
        for path in (
            "/districts/?year=2018&rule=mn-3535-2013",
            "/districts/composition/",
            "/districts/composition/?district=0347-01&by=grade",
            "/districts/composition/?by=year",
            "/districts/composition/?what=meals",
            "/districts/composition/?by=grade&as=table",
            "/districts/mixing/",
        ):
            page.goto(f"{site.url}{path}")
            assert_accessible(page)
            assert_no_csp_violations(page)
            assert_whole(page)


def test_the_pages_say_the_same_without_javascript(site, world, west_central, open_page):
    for path in ("/districts/composition/", "/districts/mixing/"):
        pages = [page_of(open_page, site, world.address("ann"), javascript=on) for on in (True, False)]
        for page in pages:
            page.goto(f"{site.url}{path}")
        assert pages[0].locator("main h1, main table").all_inner_texts() == (
            pages[1].locator("main h1, main table").all_inner_texts()
        )
