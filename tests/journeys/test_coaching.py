"""A teacher is given to a coach; both read it on their own page; then it ends."""

import re

import pytest
from playwright.sync_api import expect
from tests.journeys.browser import assert_whole
from tests.journeys.people import page_of

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_coach_reads_the_teacher_given_and_nothing_after_the_end(site, world, open_page, javascript):
    look = {"width": 390, "javascript": javascript}
    cora, coco, theo = (page_of(open_page, site, world.address(key), **look) for key in ("cora", "coco", "theo"))
    coco.goto(site.url)
    expect(coco.locator("#coaching")).to_contain_text("No coaching today")

    cora.goto(f"{site.url}/coaching/")
    cora.get_by_label("Teacher", exact=True).select_option(label="Theo Teacher, North School")
    cora.get_by_label("Coach", exact=True).select_option(label="Coco Coach, North School")
    cora.get_by_role("button", name="Give", exact=True).click()
    expect(cora.get_by_role("main")).to_contain_text("Given.")

    coco.goto(site.url)
    expect(coco.get_by_role("heading", level=1)).to_have_text("You coach 1 teacher")
    expect(coco.locator("#coaching")).to_contain_text("Theo Teacher")
    theo.goto(f"{site.url}/coaching/own/")
    expect(theo.locator("#coaching")).to_contain_text("Coco Coach")

    cora.get_by_role("button", name=re.compile("^End now.*Theo Teacher")).click()
    expect(cora.get_by_role("main")).to_contain_text("Nobody is coached yet")
    coco.goto(f"{site.url}/coaching/own/")
    expect(coco.get_by_role("main")).not_to_contain_text("Theo Teacher")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_of_coaching_is_whole(site, world, open_page, width, theme, language):
    from tests.apps.coaching.conftest import give

    from commonground.apps.core.models import Person

    Person.objects.filter(pk__in=[world.CORA, world.COCO, world.THEO]).update(language=language)
    look = {"width": width, "theme": theme}
    cora, coco, theo = (page_of(open_page, site, world.address(key), **look) for key in ("cora", "coco", "theo"))
    pages = ((cora, ("/coaching/",)), (coco, ("/", "/coaching/own/")), (theo, ("/", "/coaching/own/")))
    for given in (False, True):
        if given:
            give(world.THEO, world.COCO, by=world.CORA)
        for page, addresses in pages:
            for address in addresses:
                page.goto(site.url + address)
                expect(page.locator("html")).to_have_attribute("lang", language)
                assert_whole(page)
