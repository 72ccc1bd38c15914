"""A colleague signs in with the district's own account, from setting it up to coming in, with and without JavaScript."""

import pytest
from playwright.sync_api import Page, expect
from tests.authenticator_app import code_of, with_second_step
from tests.journeys.browser import assert_whole, settle
from tests.journeys.people import page_of
from tests.openid_provider import CLIENT, SECRET, running, saved
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.database]


@pytest.fixture
def provider():
    with running() as one:
        one.account = {"sub": "theo-there", "email": "theo@example.org", "email_verified": True}
        yield one


@pytest.fixture(autouse=True)
def own_address(site: Site, settings):
    """The provider sends people back to where this run's site listens."""
    settings.PUBLIC_ADDRESS = site.url


def test_a_coordinator_sets_it_up_and_tries_it(site: Site, world, provider, open_page) -> None:
    page = page_of(open_page, site, world.address("cora"), width=390)
    page.goto(f"{site.url}/people/")
    page.get_by_role("link", name="Sign-in with your own accounts").click()
    page.get_by_role("link", name="Add a provider").first.click()
    page.get_by_label("Name on the button").fill("North account")
    page.get_by_label("Issuer’s address").fill(provider.issuer)
    page.get_by_label("Email domains it speaks for").fill("example.org")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("main")).to_contain_text(f"{site.url}/account/from/")
    assert_whole(page)

    page.get_by_label("Client ID").fill(CLIENT)
    page.get_by_label("Client secret").fill(SECRET)
    page.get_by_role("button", name="Save").click()
    settle(page)
    page.get_by_role("button", name="Try it now").click()

    expect(page.get_by_role("main")).to_contain_text("It knows this client ID and secret")
    assert_whole(page)


def test_a_colleague_comes_in_by_the_button(
    site: Site, world, provider, page_with_and_without_javascript: Page
) -> None:
    saved(provider, by=world.CORA, place=world.NORTH)
    secret = with_second_step(world.THEO)
    page = page_with_and_without_javascript
    page.goto(f"{site.url}/students/")

    page.get_by_role("button", name="North account").click()
    # The page between leads to the provider, which knows Theo and sends him back.
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    page.get_by_label("Code from your app").fill(code_of(secret))
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Students")
    assert "code=" not in page.url
    expect(page.locator("details.me-menu")).to_contain_text("Theo Teacher")


def test_who_may_not_come_this_way_reads_why(site: Site, world, provider, page_in_every_look: Page) -> None:
    saved(provider, by=world.CORA, place=world.NORTH)
    provider.account |= {"email": "nobody@example.org"}
    page = page_in_every_look
    page.goto(f"{site.url}/account/sign-in/")
    assert_whole(page)

    page.get_by_role("button", name="North account").click()

    expect(page.get_by_role("alert")).to_contain_text("Nobody was signed in")
    assert_whole(page)
    page.get_by_role("link", name="Back to sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
