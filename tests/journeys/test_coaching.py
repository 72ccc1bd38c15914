"""A teacher is given to a coach; the two write to each other; then it ends, and the teacher reads on."""

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
    theo.get_by_role("link", name="Coco Coach").click()
    theo.get_by_label("What is it?").select_option(label="A goal")
    theo.get_by_label("What you want to reach").fill("Every student explains one idea.")
    theo.get_by_role("button", name="Keep it").click()
    coco.get_by_role("link", name="Theo Teacher").click()
    expect(coco.locator("#goals")).to_contain_text("Every student explains one idea.")
    written = coco.url
    assert cora.goto(written).status == 403
    cora.goto(f"{site.url}/coaching/")
    expect(cora.get_by_role("main")).not_to_contain_text("explains one idea")

    cora.get_by_role("button", name=re.compile("^End now.*Theo Teacher")).click()
    expect(cora.get_by_role("main")).to_contain_text("Nobody is coached yet")
    coco.goto(f"{site.url}/coaching/own/")
    expect(coco.get_by_role("main")).not_to_contain_text("Theo Teacher")
    assert coco.goto(written).status == 404
    theo.goto(f"{site.url}/coaching/own/")
    theo.locator("#past").get_by_role("link", name="Coco Coach").click()
    expect(theo.locator("#goals")).to_contain_text("Every student explains one idea.")
    expect(theo.get_by_role("button", name="Keep it")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_of_coaching_is_whole(site, world, open_page, width, theme, language):
    from tests.apps.coaching.conftest import end, give, write

    from commonground.apps.core.models import Person

    Person.objects.filter(pk__in=[world.CORA, world.COCO, world.THEO]).update(language=language)
    look = {"width": width, "theme": theme}
    cora, coco, theo = (page_of(open_page, site, world.address(key), **look) for key in ("cora", "coco", "theo"))
    pages = ((cora, ("/coaching/",)), (coco, ("/", "/coaching/own/")), (theo, ("/", "/coaching/own/")))
    for given in (False, True):
        if given:
            line = give(world.THEO, world.COCO, by=world.CORA)
            entry = write(line, by=world.COCO, said="Nine of twenty-four explained something.", kind="goal")
            struck = write(line, by=world.THEO, step="Wait longer.")
            theo.goto(f"{site.url}/coaching/own/{line}/")
            theo.get_by_role("listitem").filter(has_text="Wait longer.").locator("button").click()
            pages += ((coco, (f"/coaching/own/{line}/", f"/coaching/entries/{entry}/")),)
            pages += ((theo, (f"/coaching/own/{line}/#entry-{struck}",)),)
        for page, addresses in pages:
            for address in addresses:
                page.goto(site.url + address)
                expect(page.locator("html")).to_have_attribute("lang", language)
                assert_whole(page)
    end(line, by=world.CORA)
    for address in ("/coaching/own/", f"/coaching/own/{line}/"):
        theo.goto(site.url + address)
        assert_whole(theo)
