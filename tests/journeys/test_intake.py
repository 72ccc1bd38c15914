"""A coordinator's first bundle: sent, problems read, tied, applied, followed to file and line, taken back."""

import os

import pytest
from playwright.sync_api import Page, expect
from tests.formats.bundles import small, with_row, write_zip
from tests.journeys.browser import assert_whole
from tests.journeys.test_language import sign_in
from tests.site import Site
from tests.working import finish_work

pytestmark = [pytest.mark.browser, pytest.mark.database]
SHOTS = os.environ.get("COMMONGROUND_SHOTS")


def look(page: Page, name: str) -> None:
    """The page is whole; and its picture is kept where somebody asked for pictures."""
    assert_whole(page)
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{page.viewport_size['width']}.png", full_page=True)


def done(page: Page) -> None:
    """Let the worker finish, then look again."""
    finish_work()
    page.goto(page.url)


@pytest.fixture
def empty_south(world, databases):
    """South has sent nothing yet."""
    from django.db import connection

    name = connection.settings_dict["NAME"]
    tables = ("link", "guardianship", "guardian", "schoolenrollment", "demographics", "student")
    for table in tables:
        databases.execute(f"delete from roster_{table} where owner_id = '{world.SOUTH}'", database=name)
    databases.execute(f"delete from core_organization where owner_id = '{world.SOUTH}'", database=name)
    return world


def send(page: Page, site: Site, path) -> None:
    page.goto(f"{site.url}/data/")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Send and check").click()
    expect(page.locator("h1")).to_contain_text("being worked on")


def test_a_first_bundle_goes_in_and_out(
    site: Site, empty_south, page_with_and_without_javascript: Page, tmp_path, request
) -> None:
    page, world = page_with_and_without_javascript, empty_south
    # axe itself needs JavaScript.
    look_here = look if request.node.callspec.id == "with-javascript" else lambda *_: None
    bundle = with_row(small(), "enrollments.csv", "e9,,,k1,s1,nobody,student,,,", "e3,,,k2,s1,u4,student,,,")
    sign_in(page, site, world.address("otto"))
    send(page, site, write_zip(bundle, tmp_path / "lake.zip"))
    done(page)

    expect(page.locator("h1")).to_contain_text("held")
    look_here(page, "batch-first")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("alert")).to_contain_text("tick the box")
    page.get_by_label("Yes, this is the bundle").check()
    page.get_by_role("button", name="Apply").click()
    done(page)
    expect(page.locator("h1")).to_contain_text("rows are in")
    look_here(page, "batch-applied")

    page.get_by_role("link", name="Show").first.click()
    expect(page.locator("tbody")).to_contain_text("enrollments.csv")
    look_here(page, "batch-held")

    page.goto(f"{site.url}/students/")
    page.get_by_role("link", name="Example, Four").click()
    expect(page.locator("main")).to_contain_text("users.csv")

    page.goto(f"{site.url}/data/")
    look_here(page, "batches")
    page.get_by_role("link", name="1: lake.zip").click()
    page.get_by_role("button", name="Take back").click()
    done(page)
    expect(page.locator("h1")).to_contain_text("taken back")
    page.goto(f"{site.url}/students/")
    expect(page.locator("main")).not_to_contain_text("Example, Four")


def test_a_refused_file_says_what_to_do(site: Site, empty_south, open_page, tmp_path) -> None:
    page = open_page(width=390, theme="dark")
    (tmp_path / "roster.zip").write_bytes(b"this is no archive")
    sign_in(page, site, empty_south.address("otto"))
    send(page, site, tmp_path / "roster.zip")
    done(page)

    expect(page.locator("h1")).to_contain_text("refused")
    expect(page.get_by_role("alert")).to_contain_text("Send a OneRoster")
    look(page, "batch-refused")


def test_the_page_of_a_file_being_worked_on_is_whole(site: Site, empty_south, open_page, tmp_path) -> None:
    page = open_page(width=390)
    sign_in(page, site, empty_south.address("otto"))
    send(page, site, write_zip(small(), tmp_path / "lake.zip"))

    look(page, "batch-working")


def test_held_rows_are_released_by_a_decision(site: Site, empty_south, page: Page, tmp_path) -> None:
    bundle = with_row(small(), "enrollments.csv", "e9,,,k2,s1,u1,student,,2026-02-30,")
    sign_in(page, site, empty_south.address("otto"))
    send(page, site, write_zip(bundle, tmp_path / "lake.zip"))
    done(page)
    expect(page.locator("h1")).to_contain_text("1 is held")

    page.get_by_role("button", name="Take them and leave the field empty").click()
    done(page)

    expect(page.locator("h1")).not_to_contain_text("held")


def test_a_director_sees_counts_and_no_button(site: Site, world, page: Page, after_first_file) -> None:
    sign_in(page, site, world.address("dana"))
    page.goto(f"{site.url}/data/{after_first_file}/")

    expect(page.locator("h1")).to_contain_text("rows are in")
    expect(page.locator("main form")).to_have_count(0)
    look(page, "batch-director")


def test_anothers_batch_is_like_none(site: Site, world, page: Page, after_first_file) -> None:
    sign_in(page, site, world.address("otto"))

    answer = page.goto(f"{site.url}/data/{after_first_file}/")

    assert answer is not None
    assert answer.status == 404
