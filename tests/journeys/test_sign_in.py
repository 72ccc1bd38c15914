"""Signing in with a real browser: first owner, second step, passkey, the demonstration's code."""

import pytest
from playwright.sync_api import Page, expect
from tests.authenticator_app import code_of
from tests.journeys.browser import assert_whole
from tests.journeys.people import page_of, sign_in
from tests.site import Site, serve

pytestmark = [pytest.mark.browser, pytest.mark.database]
PASSWORD = "harvest moon over the lake"


@pytest.fixture
def empty_site(database):
    with serve() as served:
        yield served


@pytest.fixture
def link(database):
    """Where the first owner of an empty house begins."""
    from django.utils import timezone

    from commonground.apps.core.actions import make_first_owner
    from commonground.store.database import as_migrator

    with as_migrator():
        token = make_first_owner(collaborative_name="Our collaborative", now=timezone.now())
    return f"/account/link/{token}/"


def test_the_first_owner_comes_from_the_link_to_an_empty_today(
    empty_site: Site, link: str, page_with_and_without_javascript: Page
) -> None:
    page = page_with_and_without_javascript
    page.goto(empty_site.url + link)
    page.get_by_label("Your name").fill("Mara Lind")
    page.get_by_label("Email").fill("mara@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Open my account").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second step")
    page.get_by_role("link", name="Set up an app").click()
    expect(page.locator("img.qr")).to_be_visible()
    page.get_by_label("Code your app shows now").fill(code_of(page.locator("#secret").inner_text()))
    page.get_by_role("button", name="Use this app").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Keep these codes somewhere safe")
    expect(page.locator("ul.recovery li")).to_have_count(10)
    expect(page.get_by_role("status").first).to_have_text("The code of your app is your second step from now on.")
    expect(page.locator("main")).not_to_contain_text("has been generated")
    page.get_by_role("main").get_by_role("link", name="Go to Today").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your collaborative is not set up yet")
    expect(page.locator("main")).to_contain_text("Member districts appear here")
    expect(page.locator("main")).not_to_contain_text("signed in as")


def test_every_page_on_the_way_is_whole(empty_site: Site, link: str, page_in_every_look: Page) -> None:
    page = page_in_every_look
    page.goto(empty_site.url + link)
    assert_whole(page)
    page.get_by_label("Your name").fill("Mara Lind")
    page.get_by_label("Email").fill("mara@example.org")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Open my account").click()
    expect(page.get_by_role("alert")).to_contain_text("15 characters")
    assert_whole(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Open my account").click()
    assert_whole(page)
    page.get_by_role("link", name="Set up an app").click()
    assert_whole(page)
    code = code_of(page.locator("#secret").inner_text())
    page.get_by_label("Code your app shows now").fill("000000")
    page.get_by_role("button", name="Use this app").click()
    assert_whole(page)
    page.get_by_label("Code your app shows now").fill(code_of(page.locator("#secret").inner_text()))
    page.get_by_role("button", name="Use this app").click()
    assert_whole(page)
    assert code
    for address in ("/", "/account/security/", "/account/password/", "/account/security/app/remove/", "/account/sign-out/",
                    "/account/security/recovery-codes/new/", "/account/security/passkeys/", "/account/security/passkeys/add/",
                    "/agreements/", "/students/", "/data/"):  # fmt: skip
        page.goto(empty_site.url + address)
        assert_whole(page)


def give_password(email: str) -> None:
    from commonground.apps.core.models import Person

    person = Person.objects.get(email=email)
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])


def type_password(page: Page, site: Site, email: str) -> None:
    page.goto(f"{site.url}/account/sign-in/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_the_second_step_is_asked_for_at_every_later_sign_in(
    site: Site, world, page_with_and_without_javascript: Page
) -> None:
    page = page_with_and_without_javascript
    give_password(world.address("cora"))
    type_password(page, site, world.address("cora"))
    page.get_by_role("link", name="Set up an app").click()
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Code your app shows now").fill(code_of(secret))
    page.get_by_role("button", name="Use this app").click()
    recovery = page.locator("ul.recovery li").first.inner_text()
    page.context.clear_cookies()

    type_password(page, site, world.address("cora"))

    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    page.goto(f"{site.url}/students/")
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    page.get_by_label("Code from your app").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Code from your app").fill(recovery)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("details.me-menu")).to_contain_text("Cora Coordinator")


def test_a_passkey_opens_the_account_alone(site: Site, world, open_page) -> None:
    page = open_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    give_password(world.address("cora"))
    type_password(page, site, world.address("cora"))

    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Sign in with this passkey alone").check()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep these codes somewhere safe")
    page.goto(f"{site.url}/account/security/passkeys/")
    assert_whole(page)
    page.context.clear_cookies()
    page.goto(f"{site.url}/account/sign-in/")
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.locator("details.me-menu")).to_contain_text("Cora Coordinator")
    page.goto(f"{site.url}/students/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Students")


def test_a_wrong_code_says_where_to_find_the_right_one(site: Site, world, page_in_every_look: Page) -> None:
    page = page_in_every_look
    page.goto(f"{site.url}/account/demonstration/")
    assert_whole(page)
    page.get_by_label("Sign-in code").fill("000000")
    page.locator(f"button[value='{world.address('cora')}']").click()

    expect(page.get_by_role("alert")).to_contain_text("Copy the newest one from the terminal")
    expect(page.get_by_label("Sign-in code")).to_have_value("000000")
    assert_whole(page)


def test_signing_out_is_one_button(site: Site, world, page_with_and_without_javascript: Page) -> None:
    page = page_with_and_without_javascript
    sign_in(page, site, world.address("cora"))

    page.locator("details.me-menu summary").click()
    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()
    page.goto(f"{site.url}/students/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_sign_in_page_is_whole_also_when_it_refuses(site: Site, page_in_every_look: Page) -> None:
    page = page_in_every_look
    for address in (
        "/",
        "/account/sign-in/",
        "/account/sign-in/?ended=1",
        "/account/link/nothing/",
        "/account/closed/",
    ):
        page.goto(site.url + address)
        assert_whole(page)
    type_password(page, site, "nobody@example.org")
    expect(page.get_by_role("alert")).to_be_visible()
    assert_whole(page)


def test_a_page_of_another_role_says_so(site: Site, world, open_page) -> None:
    for theme in ("light", "dark"):
        page = page_of(open_page, site, world.address("omar"), theme=theme)
        page.goto(f"{site.url}/students/")

        expect(page.get_by_role("heading", level=1)).to_have_text("This page belongs to another role")
        assert_whole(page)
