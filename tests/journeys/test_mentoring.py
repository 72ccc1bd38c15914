"""A child is given to a mentor, who sees exactly that child and writes a note; the coordinator reads none; then it ends."""

import re

import pytest
from playwright.sync_api import expect
from tests.journeys.browser import assert_whole
from tests.journeys.people import page_of

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_mentor_sees_the_child_given_and_nothing_after_the_end(site, world, open_page, javascript):
    look = {"width": 390, "javascript": javascript}
    cora, milo = (page_of(open_page, site, world.address(key), **look) for key in ("cora", "milo"))
    gone = milo.goto(f"{site.url}/students/{world.AMINA}/")
    assert gone.status == 404
    milo.goto(site.url)
    expect(milo.get_by_role("heading", level=1)).to_have_text("No student is on your caseload today")

    cora.goto(f"{site.url}/students/{world.AMINA}/")
    cora.get_by_role("link", name="Who walks beside the child").click()
    cora.get_by_label("Who walks beside the child?").select_option(label="Milo Mentor, Mentor, North School")
    cora.get_by_role("button", name="Give", exact=True).click()
    expect(cora.locator("#beside")).to_contain_text("Milo Mentor, Mentor, North School")

    milo.goto(site.url)
    expect(milo.get_by_role("heading", level=1)).to_have_text("You walk beside 1 student")
    expect(milo.locator("#caseload h3")).to_have_text(["Amina Ali"])
    milo.get_by_role("link", name=re.compile("^Notes.*Amina Ali")).click()
    milo.get_by_label("What you talked about").fill("The science fair")
    milo.get_by_label("The next step").fill("Ask for the workshop")
    milo.get_by_role("button", name="Keep the note").click()
    expect(milo.locator("#notes")).to_contain_text("The science fair")
    notes = milo.url
    milo.goto(f"{site.url}/students/")
    expect(milo.get_by_role("link", name=re.compile("Ali, Amina"))).to_be_visible()
    expect(milo.get_by_role("main")).not_to_contain_text("Chue")

    denied = cora.goto(notes)
    assert denied.status == 403
    for address in (f"/students/{world.AMINA}/", f"/caseloads/students/{world.AMINA}/", "/caseloads/"):
        cora.goto(site.url + address)
        expect(cora.get_by_role("main")).not_to_contain_text("science fair")

    cora.get_by_role("link", name="Ali, Amina").click()
    cora.get_by_role("button", name=re.compile("^End now.*Milo Mentor")).click()
    expect(cora.locator("#past")).to_contain_text("Milo Mentor")
    for address in (notes, f"{site.url}/students/{world.AMINA}/"):
        answer = milo.goto(address)
        assert answer.status == 404
        expect(milo.get_by_role("heading", level=1)).to_have_text("There is no page here")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_of_a_caseload_is_whole(site, world, open_page, width, theme, language):
    from tests.apps.mentoring.conftest import give, write

    from commonground.apps.core.models import Person

    Person.objects.filter(pk__in=[world.MILO, world.CORA]).update(language=language)
    cora, milo = (page_of(open_page, site, world.address(key), width=width, theme=theme) for key in ("cora", "milo"))
    for address in ("/caseloads/", f"/caseloads/students/{world.AMINA}/"):
        cora.goto(site.url + address)
        assert_whole(cora)
    milo.goto(f"{site.url}/caseloads/own/")
    assert_whole(milo)
    for child in (world.AMINA, world.BJORN):
        give(child, world.MILO, by=world.CORA)
    note = write(world.AMINA, world.MILO, "The science fair", "Ask for the workshop")

    for address in ("/caseloads/", f"/caseloads/students/{world.AMINA}/", f"/students/{world.AMINA}/"):
        cora.goto(site.url + address)
        expect(cora.locator("html")).to_have_attribute("lang", language)
        assert_whole(cora)
    for address in (
        "/",
        "/caseloads/own/",
        f"/caseloads/own/{world.AMINA}/",
        f"/caseloads/notes/{note}/",
        f"/students/{world.AMINA}/",
    ):
        milo.goto(site.url + address)
        expect(milo.locator("html")).to_have_attribute("lang", language)
        assert_whole(milo)
