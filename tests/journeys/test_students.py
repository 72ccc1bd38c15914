"""A coordinator follows a student to file and line; search, filters, and what others do not see."""

import re

import pytest
from playwright.sync_api import expect
from tests.apps.home.conftest import after_first_file, arrange  # noqa: F401 - fixtures
from tests.journeys.browser import assert_whole
from tests.journeys.people import page_of

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_coordinator_follows_a_student_to_file_and_line(site, world, after_first_file, open_page, javascript):  # noqa: F811
    page = page_of(open_page, site, world.address("cora"), javascript=javascript)
    page.goto(site.url)

    page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Students").click()
    page.get_by_label("Find by name").fill("ali")
    page.get_by_role("button", name="Find").click()
    assert "ali" not in page.url.split("?")[-1].lower()
    page.get_by_role("link", name="Ali, Amina").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Amina Ali")
    page.locator("#facts summary", has_text="Where from: Home language").click()
    expect(page.locator("#facts details[open]")).to_contain_text("users.csv, line 12")
    row = page.locator("#lineage").get_by_role("row", name="Mathematics 7")
    expect(row).to_contain_text("enrollments.csv, line 40")
    expect(row).to_contain_text("Cora Coordinator")
    row.get_by_role("link", name="batch 1").click()
    expect(page).to_have_url(f"{site.url}/data/{after_first_file}/")


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_filters_narrow_the_list_and_stand_in_the_address(site, world, open_page, javascript):
    page = page_of(open_page, site, world.address("cora"), javascript=javascript)
    page.goto(f"{site.url}/students/")
    expect(page.locator("#rows tbody tr")).to_have_count(4)

    page.get_by_label("School").select_option(label="North Other School")
    if not javascript:
        page.get_by_role("button", name="Show", exact=True).click()

    expect(page.locator("#rows tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(f"school={world.NORTH_OTHER_SCHOOL}"))


def test_another_districts_coordinator_finds_nobody_of_north(site, world, open_page):
    page = page_of(open_page, site, world.address("otto"))
    page.goto(f"{site.url}/students/")
    page.get_by_label("Find by name").fill("vang")
    page.get_by_role("button", name="Find").click()

    expect(page.locator("#rows")).to_contain_text("Nobody is found")
    assert_whole(page)
    assert page.goto(f"{site.url}/students/{world.CHUE}/").status == 404
    assert_whole(page)


@pytest.mark.parametrize("person", ["cora", "dana", "priya"])
def test_students_are_whole_in_every_look(site, world, after_first_file, open_page, person):  # noqa: F811
    for width in (360, 1280):
        for theme in ("light", "dark"):
            page = page_of(open_page, site, world.address(person), width=width, theme=theme)
            for address in ("/students/", f"/students/{world.AMINA}/"):
                page.goto(site.url + address)
                page.evaluate("document.querySelectorAll('details.from').forEach((one) => { one.open = true; })")
                assert_whole(page)


def test_a_very_long_name_stays_inside_a_narrow_window(site, world, open_page, arrange):  # noqa: F811
    long = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschafers"
    arrange("update roster_student set family_name = %s where id = %s", [long, world.AMINA])
    page = page_of(open_page, site, world.address("cora"), width=360)

    for address in (f"/students/{world.AMINA}/", "/students/"):
        page.goto(site.url + address)
        assert_whole(page)
