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
    theo.get_by_role("link", name="Set a goal").click()
    theo.get_by_label("What do you want students to do?").fill("Every student explains one idea.")
    theo.get_by_label("How will you see it?").fill("We count one lesson.")
    theo.get_by_role("button", name="Save").click()
    expect(theo.locator("#goal")).to_contain_text("We count one lesson.")
    coco.get_by_role("link", name="Theo Teacher").click()
    expect(coco.locator("#goals")).to_contain_text("Every student explains one idea.")
    written = coco.url
    coco.get_by_label("What is it?").select_option(label="A lesson the coach watched")
    coco.get_by_label("What you saw").fill("Nine of twenty-four.")
    coco.get_by_label("The next step").fill("Wait longer.")
    coco.get_by_label("Who takes it?").select_option(label="The teacher")
    coco.get_by_role("button", name="Keep it").click()
    theo.goto(written)
    theo.get_by_role("link", name=re.compile("^Look back on it")).click()
    theo.get_by_label("What you saw").fill("I call too soon.")
    theo.get_by_role("button", name="Keep it").click()
    coco.get_by_role("link", name="The goal and its days").click()
    expect(coco.locator("#entries")).to_contain_text("Wait longer. (The teacher)")
    expect(coco.locator("#entries")).to_contain_text("I call too soon.")
    coco.get_by_label("How did it go?").select_option(label="partly met")
    coco.get_by_role("button", name="Save").click()
    expect(coco.locator("#goal")).to_contain_text("partly met")
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
            own = f"/coaching/own/{line}/"
            pages += ((coco, (own, f"{own}goal/", f"/coaching/goals/{entry}/", f"/coaching/entries/{entry}/")),)
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
