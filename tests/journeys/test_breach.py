"""From an incident to the letters: the operator files it, a district opens its packet and prints, the house sees counts."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.apps.governance.test_breach import DAY, HOUR, look
from tests.apps.home.conftest import arrange  # noqa: F401 - a fixture
from tests.journeys.browser import assert_whole, settle
from tests.journeys.people import page_of

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.mark.parametrize(
    ("javascript", "width", "theme"),
    [(True, 390, "light"), (True, 1280, "dark"), (False, 390, "light")],
    ids=["phone", "desk-dark", "without-javascript"],
)
def test_from_an_incident_to_the_letters(site, world, arrange, open_page, javascript, width, theme):  # noqa: F811
    look_of = {"width": width, "theme": theme, "javascript": javascript}
    now = timezone.now()
    look(arrange, world, world.AMINA, at=now - 3 * HOUR)

    operator = page_of(open_page, site, world.address("omar"), **look_of)
    operator.goto(f"{site.url}/people/emergencies/")
    operator.get_by_role("link", name="Incidents").click()
    operator.get_by_role("link", name="File an incident").click()
    operator.get_by_label("What happened").fill("A password was on a note at the front desk.")
    for label, at in (("From", now - DAY), ("Until", now), ("Found", now)):
        operator.get_by_label(label, exact=True).fill(timezone.localtime(at).strftime("%Y-%m-%dT%H:%M"))
    if javascript:
        assert_whole(operator)
    operator.get_by_role("button", name="File it").click()
    expect(operator.get_by_role("alert")).to_contain_text("Give an account, a role or an agreement")
    operator.get_by_label("Account, by its email").fill(world.address("dana"))
    operator.get_by_role("button", name="File it").click()
    expect(operator.get_by_role("row", name=re.compile("North"))).to_contain_text("not yet")
    expect(operator.locator("main")).not_to_contain_text("Amina")
    if javascript:
        assert_whole(operator)

    district = page_of(open_page, site, world.address("cora"), **look_of)
    district.goto(site.url)
    district.get_by_role("link", name=re.compile("Open the packet")).click()
    expect(district.get_by_role("heading", level=1)).to_have_text("The records of 1 student were opened")
    expect(district.get_by_role("row", name=re.compile("Ali, Amina"))).to_contain_text("Asha Ali")
    if javascript:
        assert_whole(district)
    district.get_by_role("link", name="Could have been (3)").click()
    expect(district.get_by_role("row", name=re.compile("Vang, Chue"))).to_contain_text("not known to be")
    district.get_by_role("link", name="Print the letters").click()
    settle(district)
    expect(district.locator("article.letter")).to_have_count(3)
    if javascript:
        assert_whole(district)
    district.emulate_media(media="print")
    assert len(re.findall(rb"/Type\s*/Page\b", district.pdf(prefer_css_page_size=True))) == 3
    district.emulate_media(media="screen")
    district.get_by_role("link", name="Back").click()
    district.get_by_role("button", name="Record the day").click()
    expect(district.get_by_text("families told", exact=True)).to_be_visible()

    operator.reload()
    expect(operator.get_by_role("row", name=re.compile("North"))).not_to_contain_text("not yet")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_the_yearly_notice_goes_out(site, world, open_page, javascript, width):
    page = page_of(open_page, site, world.address("cora"), width=width, javascript=javascript)
    page.goto(site.url)
    page.get_by_role("link", name=re.compile("Print or record it")).click()
    page.get_by_role("link", name=re.compile("Print it: Español")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Los expedientes de su hijo y sus derechos")
    if javascript:
        assert_whole(page)
    page.emulate_media(media="print")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) <= 2
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= 2
    page.emulate_media(media="screen")
    page.go_back()
    page.get_by_label("by mail, to every home").check()
    page.get_by_role("button", name=re.compile("Record it")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This year’s notice has gone to families")
    if javascript:
        assert_whole(page)
