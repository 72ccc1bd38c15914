"""Invented people in a browser: signed in by typing the code, or at once by a session that a client opened."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.signing_in import CODE, signed_in
from tests.site import Site


def sign_in(page: Page, site: Site, email: str) -> None:
    """Sign in as a person would: code typed, name chosen."""
    page.goto(f"{site.url}/account/demonstration/")
    page.get_by_label("Sign-in code").fill(CODE)
    page.locator(f"button[value='{email}']").click()
    expect(page.locator("details.me-menu")).to_be_visible()


def page_of(open_page: Callable[..., Page], site: Site, email: str, **look: object) -> Page:
    """A window in which this person is signed in already. look: as for `open_page`."""
    page = open_page(**look)
    cookie = signed_in(email).cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": site.url}])
    return page
