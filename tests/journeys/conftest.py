"""Fixtures for tests in a browser: `open_page` opens a window of any size, light or dark, with or without JavaScript."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.apps.home.conftest import after_first_file, arrange  # noqa: F401 - fixtures
from tests.journeys.browser import running_browser, watch

PHONE, DESK = 390, 1280


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    with running_browser() as running:
        yield running


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a window with an empty cookie jar: `open_page(width=390, theme="dark", javascript=False, locale="es-MX")`.

    Windows close at the end of the test.
    """
    contexts = []

    def open_one(
        *, width: int = DESK, theme: str = "light", javascript: bool = True, locale: str = "en-US", **options: object
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 844 if width < 600 else 900},
            color_scheme=theme,
            java_script_enabled=javascript,
            locale=locale,
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        return watch(context.new_page())

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A window at a desk, light, with JavaScript."""
    return open_page()


@pytest.fixture(params=[True, False], ids=["with-javascript", "without-javascript"])
def page_with_and_without_javascript(request: pytest.FixtureRequest, open_page: Callable[..., Page]) -> Page:
    """The same journey twice: with JavaScript and without."""
    return open_page(javascript=request.param)


@pytest.fixture(
    params=[(width, theme) for width in (PHONE, DESK) for theme in ("light", "dark")],
    ids=lambda look: f"{look[0]}-{look[1]}",
)
def page_in_every_look(request: pytest.FixtureRequest, open_page: Callable[..., Page]) -> Page:
    """The same page four times: phone and desk, light and dark."""
    width, theme = request.param
    return open_page(width=width, theme=theme)
