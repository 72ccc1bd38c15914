"""A district leaves, on a phone: one coordinator saves everything and asks, another confirms, and the certificate prints."""

import re
import zipfile

import pytest
from playwright.sync_api import Page, expect
from tests.apps.governance.leavers import second_coordinator
from tests.journeys.browser import assert_whole, settle
from tests.journeys.people import page_of
from tests.working import finish_work

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_district_leaves(site, world, databases, open_page, tmp_path, javascript):
    second_coordinator(databases, world)
    look = {"width": 390, "javascript": javascript, "accept_downloads": True}

    def whole(page: Page) -> None:
        if javascript:
            assert_whole(page)

    cora = page_of(open_page, site, world.address("cora"), **look)
    cora.goto(f"{site.url}/agreements/")
    cora.get_by_role("link", name="How long records are kept").click()
    expect(cora.get_by_role("heading", level=1)).to_have_text("What is past its days is destroyed every night")
    whole(cora)
    cora.get_by_role("link", name="Leave with everything").click()
    expect(cora.get_by_role("row", name=re.compile("roster_student"))).to_contain_text("4")
    whole(cora)
    cora.get_by_role("button", name="Make the file").click()
    expect(cora.locator("#way")).to_contain_text("It is being made")
    finish_work()
    cora.goto(cora.url)
    with cora.expect_download() as saved:
        cora.get_by_role("link", name="Save the file").click()
    saved.value.save_as(tmp_path / "everything.zip")
    with zipfile.ZipFile(tmp_path / "everything.zip") as archive:
        number = re.search(r"\d{4} \d{4}", archive.read("number.txt").decode()).group()
        assert archive.read("tables/roster_student.csv").decode().count("\n") == 1 + 4
    cora.goto(cora.url)
    expect(cora.get_by_label("Why you go without an export")).to_be_visible()
    cora.get_by_label("The number in number.txt").fill("0000 000")
    cora.get_by_role("button", name="It arrived whole").click()
    expect(cora.get_by_role("alert").first).to_contain_text("not the number of this export")
    whole(cora)
    cora.get_by_label("The number in number.txt").fill(number)
    cora.get_by_role("button", name="It arrived whole").click()
    expect(cora.get_by_label("Why you go without an export")).to_have_count(0)
    whole(cora)
    cora.get_by_label("Type the name of your district").fill("South")
    cora.get_by_role("button", name="Ask a second coordinator").click()
    expect(cora.get_by_role("alert").first).to_contain_text("not the name of the district")
    whole(cora)
    cora.get_by_label("Type the name of your district").fill("North")
    cora.get_by_role("button", name="Ask a second coordinator").click()
    expect(cora.locator("#way")).to_contain_text("Cora Coordinator asked for it")

    nell = page_of(open_page, site, "nell@example.org", **look)
    nell.goto(f"{site.url}/collaborative/leaving/{world.NORTH}/")
    whole(nell)
    nell.get_by_role("button", name="Destroy everything").click()
    expect(nell.locator("#way")).to_contain_text("It is being destroyed")
    finish_work()
    nell.goto(f"{site.url}/collaborative/leaving/{world.NORTH}/")
    expect(nell.get_by_role("heading", level=1)).to_have_text("Certificate of destruction")
    expect(nell.locator("main")).to_contain_text("roster_student: 4")
    expect(nell.locator("main")).not_to_contain_text("Amina")
    whole(nell)
    nell.emulate_media(media="print")
    settle(nell)
    assert len(re.findall(rb"/Type\s*/Page\b", nell.pdf(prefer_css_page_size=True))) == 1

    otto = page_of(open_page, site, world.address("otto"), **look)
    otto.goto(f"{site.url}/students/")
    expect(otto.locator("main")).to_contain_text("Elia")
