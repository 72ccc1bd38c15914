"""The component gallery in a browser: every frame, every look, with and without JavaScript."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.apps.web.small_site import small_site
from tests.journeys.browser import (
    assert_accessible,
    assert_no_csp_violations,
    assert_no_sideways_scrolling,
    assert_whole,
    loaded_bytes,
    settle,
)
from tests.site import Site, serve

pytestmark = pytest.mark.browser

FRAMES = ["staff", "family", "signed-out", "paper"]


@pytest.fixture(scope="module")
def gallery_site() -> Iterator[Site]:
    """The smallest site with the gallery."""
    from django.core.handlers.wsgi import WSGIHandler

    with small_site(), serve(WSGIHandler()) as site:
        yield site


@pytest.mark.parametrize("frame", FRAMES)
def test_every_frame_is_whole_in_every_look(gallery_site: Site, page_in_every_look: Page, frame: str) -> None:
    page_in_every_look.goto(f"{gallery_site.url}/design/?base={frame}")

    assert_whole(page_in_every_look)


def test_tables_in_place_of_drawings_are_whole(gallery_site: Site, page_in_every_look: Page) -> None:
    page_in_every_look.goto(f"{gallery_site.url}/design/?as=table")

    assert page_in_every_look.locator("figure.chart svg.c").count() == 0
    assert_whole(page_in_every_look)


def test_an_open_menu_and_open_lineage_are_whole(gallery_site: Site, page_in_every_look: Page) -> None:
    page = page_in_every_look
    page.goto(f"{gallery_site.url}/design/")

    page.evaluate("document.querySelectorAll('details.from, details.more').forEach((one) => { one.open = true; })")
    page.locator("details.me-menu summary").click()

    expect(page.locator(".me-menu .panel")).to_be_visible()
    assert_whole(page)


def test_a_page_that_is_not_there_says_so(gallery_site: Site, page_in_every_look: Page) -> None:
    answer = page_in_every_look.goto(f"{gallery_site.url}/nothing-here/")

    assert answer is not None
    assert answer.status == 404
    expect(page_in_every_look.get_by_role("heading", level=1)).to_have_text("There is no page here")
    assert_whole(page_in_every_look)


def test_page_follows_the_device_until_a_person_chooses(gallery_site: Site, open_page) -> None:
    page = open_page(theme="dark", javascript=False)
    page.goto(f"{gallery_site.url}/design/")
    assert canvas(page) == "rgb(17, 23, 22)"

    page.locator("details.me-menu summary").click()
    page.get_by_role("button", name="Light").click()

    assert canvas(page) == "rgb(248, 247, 243)"


def test_language_changes_with_one_choice(gallery_site: Site, page_with_and_without_javascript: Page) -> None:
    page = page_with_and_without_javascript
    page.goto(f"{gallery_site.url}/design/")

    page.locator("#language").select_option("es")
    button = page.locator("form.language button")
    if button.is_visible():
        button.click()

    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.locator("a.skip")).to_have_text("Ir al contenido")


def test_arabic_runs_from_right_to_left(gallery_site: Site, page_in_every_look: Page) -> None:
    page = page_in_every_look
    page.context.add_cookies([{"name": "django_language", "value": "ar", "url": gallery_site.url}])

    page.goto(f"{gallery_site.url}/design/?base=family")

    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    brand, own = page.locator(".brand").bounding_box(), page.locator(".own").bounding_box()
    assert brand is not None
    assert own is not None
    assert brand["x"] > own["x"]
    assert_whole(page)


def test_a_font_loads_only_when_its_script_is_on_the_page(gallery_site: Site, open_page) -> None:
    page = open_page(width=390)
    page.goto(f"{gallery_site.url}/nothing-here/")
    page.wait_for_load_state("networkidle")

    fonts = {url.rsplit("/", 1)[1] for url in loaded_bytes(page) if url.endswith(".woff2")}

    assert fonts == {"source-sans-3-latin-400.woff2", "source-sans-3-latin-600.woff2"}


def test_the_frame_of_a_family_page_leaves_room_for_the_page(gallery_site: Site, open_page) -> None:
    page = open_page(width=390)
    page.goto(f"{gallery_site.url}/nothing-here/")  # the same frame as a family's page
    page.wait_for_load_state("networkidle")

    whole = sum(loaded_bytes(page).values())

    # A family page may weigh 100 KB on first load. This server does not compress: stylesheets count in full, and what
    # is sent is about half of it (test_weight).
    assert whole < 110_000


def test_keyboard_reaches_the_page_past_the_frame(gallery_site: Site, page: Page) -> None:
    page.goto(f"{gallery_site.url}/nothing-here/")

    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()


def test_a_form_that_came_back_starts_at_its_errors(gallery_site: Site, page: Page) -> None:
    page.goto(f"{gallery_site.url}/design/")

    expect(page.locator("#wrong .notice.stop")).to_be_focused()


def test_a_filter_changes_one_part_the_address_and_what_is_read_out(gallery_site: Site, page: Page) -> None:
    page.goto(f"{gallery_site.url}/design/?page=2")
    page.evaluate("document.body.dataset.same = 'yes'")

    page.locator("#id_year").select_option("2016")

    expect(page.locator("#shown h2")).to_have_text("Enrollment of 2016–17")
    expect(page.locator("#announce")).to_have_text("Enrollment of 2016–17")
    assert page.evaluate("document.body.dataset.same") == "yes"
    assert page.url == f"{gallery_site.url}/design/?year=2016&base=PK-12"
    assert_no_csp_violations(page)


def test_an_answer_that_never_came_is_said_and_can_be_tried_again(gallery_site: Site, page: Page) -> None:
    page.goto(f"{gallery_site.url}/design/")
    page.route("**/design/?year=*", lambda route: route.abort())

    page.locator("#id_year").select_option("2016")

    failed = page.locator("#main [data-failed]")
    expect(failed).to_be_focused()
    expect(failed).to_contain_text("Nothing was changed.")
    page.unroute("**/design/?year=*")
    page.locator("#id_base").select_option("K-12")
    expect(page.locator("#shown h2")).to_have_text("Enrollment of 2016–17")
    expect(failed).to_have_count(0)


def test_a_filter_works_without_javascript(gallery_site: Site, open_page) -> None:
    page = open_page(javascript=False)
    page.goto(f"{gallery_site.url}/design/")

    page.locator("#id_year").select_option("2016")
    page.get_by_role("button", name="Show", exact=True).click()

    expect(page.locator("#shown h2")).to_have_text("Enrollment of 2016–17")


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_no_width_scrolls_sideways(gallery_site: Site, open_page, width: int) -> None:
    page = open_page(width=width, javascript=False)
    for frame in FRAMES:
        page.goto(f"{gallery_site.url}/design/?base={frame}")

        assert_no_sideways_scrolling(page)


def test_escape_closes_the_menu_and_keeps_the_place(gallery_site: Site, page: Page) -> None:
    page.goto(f"{gallery_site.url}/design/")
    summary = page.locator("details.me-menu summary")
    summary.click()

    page.keyboard.press("Escape")

    expect(page.locator(".me-menu .panel")).not_to_be_visible()
    expect(summary).to_be_focused()


def test_print_hides_the_frame(gallery_site: Site, page: Page) -> None:
    page.goto(f"{gallery_site.url}/design/")

    page.emulate_media(media="print")

    for part in ("header.top", "nav.rail", ".filters"):
        expect(page.locator(part).first).not_to_be_visible()


def test_paper_is_light_even_when_the_screen_is_dark(gallery_site: Site, page: Page) -> None:
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": gallery_site.url}])
    page.goto(f"{gallery_site.url}/design/")
    assert canvas(page) == "rgb(17, 23, 22)"

    page.emulate_media(media="print")

    assert canvas(page) == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(24, 34, 31)"


def test_the_axe_check_finds_what_is_wrong(gallery_site: Site, page: Page) -> None:
    page.goto(f"{gallery_site.url}/design/")
    page.evaluate("document.querySelector('label[for=clean-phone]').remove()")

    with pytest.raises(AssertionError, match="label"):
        assert_accessible(page)


def test_the_policy_check_finds_an_inline_style(gallery_site: Site, page: Page) -> None:
    page.goto(f"{gallery_site.url}/design/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')")

    with pytest.raises(AssertionError, match="Content Security Policy"):
        assert_no_csp_violations(page)


def canvas(page: Page) -> str:
    """Computed background of the page."""
    settle(page)
    return page.evaluate("getComputedStyle(document.body).backgroundColor")
