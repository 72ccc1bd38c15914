"""From the one-time link of an empty house to a signed agreement: in a browser, on a phone, also without
JavaScript, and left and gone on with at every step."""

import datetime
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.authenticator_app import code_of
from tests.journeys.browser import assert_no_sideways_scrolling, assert_whole
from tests.site import Site, serve
from tests.working import in_a_thread

pytestmark = [pytest.mark.browser, pytest.mark.database]
PASSWORD = "harvest moon over the lake"


@pytest.fixture
def empty_site(database):
    """The site over an empty house: `.url`, and the token of the first owner's link."""
    with serve() as served:
        yield served


def first_token() -> str:
    from django.utils import timezone

    from commonground.apps.core.actions import make_first_owner
    from commonground.store.database import as_migrator

    found = []

    def make() -> None:
        with as_migrator():
            found.append(make_first_owner(collaborative_name="Our collaborative", now=timezone.now()))

    in_a_thread(make)
    return found[0]


def check(page: Page, javascript: bool) -> None:
    """The page is whole; without JavaScript axe cannot run, so only its width is checked."""
    if javascript:
        assert_whole(page)
    else:
        assert_no_sideways_scrolling(page)


def open_account(page: Page, *, name: str, email: str, javascript: bool) -> None:
    """Name, address and password, then the second step by an authenticator app."""
    page.get_by_label("Your name").fill(name)
    if page.get_by_label("Email").is_editable():  # whoever was invited keeps the address of the invitation
        page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    check(page, javascript)
    page.get_by_role("button", name="Open my account").click()
    expect(page.get_by_role("heading", name="Set up a second step")).to_be_visible()
    page.get_by_role("link", name="Set up an app").click()
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Code your app shows now").fill(code_of(secret))
    page.locator("main form button").first.click()
    expect(page.get_by_role("heading", name="Keep these codes somewhere safe")).to_be_visible()


def heading(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1, name=words)).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_a_collaborative_begins(empty_site: Site, open_page, javascript) -> None:
    site, token = empty_site, first_token()
    page = open_page(width=390, javascript=javascript)

    page.goto(f"{site.url}/account/link/{token}/")
    open_account(page, name="Mara Lind", email="mara@example.org", javascript=javascript)
    page.goto(f"{site.url}/collaborative/")
    heading(page, "Your collaborative begins")
    check(page, javascript)

    # The name; then somebody else's day: the browser is closed, and the next sign-in goes on where this one stopped.
    page.get_by_role("link", name="Name it").first.click()
    check(page, javascript)
    page.get_by_label("Name of the collaborative").fill("Prairie Collaborative")
    page.get_by_role("button", name="Save and go on").click()
    heading(page, "Which districts belong?")
    page.goto(f"{site.url}/collaborative/")
    page.get_by_role("link", name="Choose districts").first.click()

    # By number and by name.
    page.get_by_label("Find by name or number").fill("347")
    page.get_by_role("button", name="Find").click()
    page.get_by_label(re.compile("Willmar")).check()
    page.get_by_label("Since").fill("2026-07-01")
    page.get_by_role("button", name="Add the checked ones").click()
    heading(page, "1 organization belongs")
    expect(page.get_by_text("Neighbors of your members")).to_be_visible()
    check(page, javascript)
    page.get_by_label("Find by name or number").fill("montevideo")
    page.get_by_role("button", name="Find").click()
    page.get_by_label(re.compile("Montevideo")).check()
    page.get_by_label("voluntary member", exact=True).check()
    page.get_by_role("button", name="Add the checked ones").click()
    heading(page, "2 organizations belong")
    page.get_by_role("link", name="Go on").click()

    heading(page, "Do invitations leave by mail?")
    check(page, javascript)
    page.get_by_role("button", name="Go on with paper").click()

    heading(page, "Who leads each district?")
    check(page, javascript)
    willmar = page.locator("section.sheet", has_text="Willmar")
    willmar.get_by_label("Name").fill("Cora Berg")
    willmar.get_by_label("Email").fill("cora@example.org")
    willmar.get_by_role("button", name="Invite").click()
    heading(page, "Your way into Commonground")
    check(page, javascript)
    code = page.locator("main b.num").inner_text()
    page.get_by_role("link", name="Back").click()
    montevideo = page.locator("section.sheet", has_text="Montevideo")
    montevideo.get_by_label("Name").fill("Anders Holm")
    montevideo.get_by_label("Email").fill("anders@example.org")
    montevideo.get_by_role("button", name="Invite").click()
    page.get_by_role("link", name="Back").click()
    page.get_by_role("link", name="Done").click()
    heading(page, "Prairie Collaborative is set up")
    check(page, javascript)

    # The coordinator comes in with the sheet, and lets the district's own people in.
    desk = open_page(width=390, javascript=javascript)
    desk.goto(f"{site.url}/people/code/")
    check(desk, javascript)
    desk.get_by_label("Code on your sheet").fill(code)
    desk.get_by_role("button", name="Go on").click()
    open_account(desk, name="Cora Berg", email="cora@example.org", javascript=javascript)
    desk.goto(f"{site.url}/people/add/")
    check(desk, javascript)
    desk.get_by_label("Name", exact=True).fill("Sam Reed")
    desk.get_by_label("Email").fill("sam@example.org")
    desk.get_by_label(re.compile("Superintendent")).check()
    desk.get_by_role("button", name="Give the role").click()
    heading(desk, "Your way into Commonground")
    desk.goto(f"{site.url}/people/")
    expect(desk.get_by_role("rowheader", name=re.compile("Sam Reed"))).to_be_visible()
    check(desk, javascript)
    desk.get_by_role("link", name=re.compile("Sam Reed")).click()
    check(desk, javascript)
    desk.get_by_role("button", name="End it now").click()
    desk.get_by_role("button", name="Take back").click()
    expect(desk.get_by_text("The role is held again, as before.")).to_be_visible()
    desk.get_by_role("textbox", name="Last day").fill((timezone.localdate() + datetime.timedelta(30)).isoformat())
    desk.locator("#days").get_by_role("button", name="Change").click()
    expect(desk.get_by_text("The last day is changed.")).to_be_visible()
    check(desk, javascript)

    # The collaborative writes down what would be shared; it opens nothing before the district signs it.
    page.goto(f"{site.url}/agreements/")
    page.get_by_role("link", name="Write an agreement").click()
    willmar = page.get_by_label("Between").locator("option", has_text="Willmar").get_attribute("value")
    page.get_by_label("Between").select_option(willmar)
    page.get_by_label(re.compile("name, date of birth, grade, school", re.IGNORECASE)).check()
    page.get_by_label("Purpose").fill("Joint programs")
    page.get_by_label(re.compile("school official", re.IGNORECASE)).check()
    for label, days in (("First day", 0), ("Last day", 300), ("Copies destroyed by", 400)):
        page.get_by_role("textbox", name=label).fill((timezone.localdate() + datetime.timedelta(days)).isoformat())
    check(page, javascript)
    page.get_by_role("button", name="Write it down").click()
    expect(page.locator("#opens")).to_contain_text("Nothing before it is signed.")
    check(page, javascript)

    desk.goto(page.url)
    desk.get_by_label("Signed for the district by").fill("S. Lee, superintendent")
    desk.get_by_label("Signed for the collaborative by").fill("Mara Lind, director")
    desk.get_by_label("Day of the last signature").fill(timezone.localdate().isoformat())
    desk.get_by_label("The signed paper").set_input_files(
        {"name": "signed.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 the signed paper"}
    )
    check(desk, javascript)
    desk.get_by_role("button", name="It is signed").click()
    for reader in (desk, page):
        reader.goto(page.url)
        expect(reader.locator("#opens")).to_contain_text("Today, to nobody more than this:")
        expect(reader.get_by_role("link", name="The signed paper")).to_be_visible()
        check(reader, javascript)
