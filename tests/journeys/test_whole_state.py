"""An analyst runs a whole state's file on its page: reads who is isolated, takes the table along, is told of a broken file."""

import csv
import re

import pytest
from playwright.sync_api import expect
from tests.cli.test_isolation import state_file
from tests.journeys.browser import assert_whole
from tests.journeys.people import page_of

pytestmark = [pytest.mark.browser, pytest.mark.database]
LOOKS = [(width, javascript) for width in (390, 1280) for javascript in (True, False)]


@pytest.mark.parametrize(("width", "javascript"), LOOKS)
def test_an_analyst_runs_a_whole_state(site, world, open_page, tmp_path, width, javascript):
    page = page_of(open_page, site, world.address("ann"), width=width, javascript=javascript)
    page.goto(f"{site.url}/districts/")
    page.get_by_role("link", name="A state’s whole file").click()
    page.get_by_label("The state’s enrollment file").set_input_files(state_file())
    page.get_by_label("Rule", exact=True).select_option("mn-3535-2013")
    page.get_by_role("button", name="Run the file").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Predicted: 46 of 334 districts are racially isolated and 49 of 1,419 schools are racially identifiable"
    )
    expect(page.locator("#districts-2013 tbody tr")).to_have_count(46)
    expect(page.locator("#schools-2013 tbody tr")).to_have_count(49)
    expect(page.locator("#districts-2013 h2")).to_contain_text("Predicted")
    expect(page.locator("#schools-2013 h2")).to_contain_text("Predicted")
    expect(page.locator("#limits")).to_contain_text(state_file().name)
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()
    started.value.save_as(tmp_path / "predicted.csv")
    rows = list(csv.DictReader((tmp_path / "predicted.csv").read_text(encoding="utf-8").splitlines()))
    assert [sum(row["kind"] == kind for row in rows) for kind in ("district", "school")] == [46, 49]
    assert {row["year"] for row in rows} == {"2012–13"}
    if javascript:
        assert_whole(page)

    (tmp_path / "colors.csv").write_text("name,color\nOak,green\n")
    page.get_by_label("The state’s enrollment file").set_input_files(tmp_path / "colors.csv")
    page.get_by_role("button", name="Run the file").click()
    expect(page.get_by_role("alert")).to_contain_text("colors.csv")
    expect(page.get_by_role("alert")).to_contain_text("Nothing of the file was kept.")
    if javascript:
        assert_whole(page)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_breaks_no_rule_in_the_dark(site, world, open_page, width):
    page = page_of(open_page, site, world.address("ann"), width=width, theme="dark")
    page.goto(f"{site.url}/districts/state-file/")
    page.get_by_label("The state’s enrollment file").set_input_files(state_file())
    page.get_by_role("button", name="Run the file").click()

    expect(page.locator("#districts-2013")).to_be_visible()
    assert_whole(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_button_that_chooses_a_file_can_be_read(site, world, open_page, theme):
    page = page_of(open_page, site, world.address("ann"), theme=theme)
    page.goto(f"{site.url}/districts/state-file/")
    look = page.get_by_label("The state’s enrollment file").evaluate(
        "field => { const look = getComputedStyle(field, '::file-selector-button'); return [look.color, look.backgroundColor] }"
    )

    lighter, darker = sorted((luminance(color) for color in look), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5, look


def luminance(color: str) -> float:
    """Relative luminance of `rgb(...)`, 0 to 1. Source: WCAG 2.2, relative luminance."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_file_that_is_too_large_is_told_before_it_is_sent(site, world, open_page, tmp_path):
    page = page_of(open_page, site, world.address("ann"))
    page.goto(f"{site.url}/districts/state-file/")
    chosen = page.get_by_label("The state’s enrollment file")
    with (tmp_path / "states.csv").open("wb") as file:
        file.truncate((64 << 20) + 1)
    (tmp_path / "state.csv").write_text("name,color\nOak,green\n")
    sent = []
    page.on("request", lambda request: sent.append(request.method))

    chosen.set_input_files(tmp_path / "states.csv")
    page.get_by_role("button", name="Run the file").click()

    assert chosen.evaluate("field => field.validationMessage") == "The file is larger than 64 MB."
    assert "POST" not in sent

    chosen.set_input_files(tmp_path / "state.csv")
    page.get_by_role("button", name="Run the file").click()

    expect(page.get_by_role("alert")).to_contain_text("state.csv")
