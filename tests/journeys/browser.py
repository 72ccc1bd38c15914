"""A real Chromium for tests: finding it, opening pages, and what every page must hold.

A page is checked with axe-core (WCAG 2.0 to 2.2 A and AA, and best practice) and against the content security policy.
"""

import gzip
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, sync_playwright

AXE = Path(__file__).resolve().parents[1] / "vendor/axe-core/axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PROGRAMS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """Path of a Chromium, Chrome or Edge of this machine: COMMONGROUND_CHROMIUM, else the usual names; None without."""
    named = os.environ.get("COMMONGROUND_CHROMIUM")
    return next((path for name in (named, *PROGRAMS) if name and (path := shutil.which(name))), None)


def chromium_or_skip() -> str:
    """Path of a Chromium. Without one the test is skipped, which CI counts as a failure."""
    path = find_chromium()
    if path is None:
        reason = "no Chromium, Chrome or Edge on this machine (Debian: apt install chromium)"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A headless browser. Root needs it without a sandbox; it loads pages of this machine only."""
    path = chromium_or_skip()
    sandbox = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    # Playwright's own loop makes Django refuse the database in this thread; tests touch it between page loads only.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *sandbox])
            yield browser
            browser.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@dataclass
class Watched:
    """What a page did besides showing itself."""

    console_errors: list[str] = field(default_factory=list)
    script_errors: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)


_watched: dict[Page, Watched] = {}


def watch(page: Page) -> Page:
    """Note from now on what the console, the scripts and the network of a page say."""
    seen = _watched[page] = Watched()
    page.on("console", lambda message: seen.console_errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.script_errors.append(str(error)))
    page.on("response", lambda response: seen.responses.append(response))
    page.on("close", lambda closed: _watched.pop(closed, None))
    return page


def settle(page: Page) -> None:
    """Wait until the page that a click led to has loaded: the click itself waits only for its first bytes."""
    page.wait_for_load_state("load")


def assert_accessible(page: Page, *, without: tuple[str, ...] = ()) -> None:
    """No violation of axe on the page as it stands. without: rules that a test leaves out, each with its reason there.

    Runs through the debugger, so it works under a strict policy and with JavaScript switched off for the page's own
    scripts it cannot: open such a page with JavaScript for this check.
    """
    settle(page)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """async ([tags, without]) => {
            const rules = Object.fromEntries(without.map((rule) => [rule, {enabled: false}]));
            const {violations} = await axe.run(document, {runOnly: {type: "tag", values: tags}, rules});
            return violations.map((one) => ({
                rule: one.id,
                help: one.help,
                where: one.nodes.map((node) => `${node.target.join(" ")} ${node.failureSummary}`),
            }));
        }""",
        [AXE_RULES, list(without)],
    )
    lines = [f"{one['rule']}: {one['help']}\n    " + "\n    ".join(one["where"]) for one in found]
    assert not lines, f"{page.url} ({page.viewport_size}):\n" + "\n".join(lines)


def assert_no_csp_violations(page: Page) -> None:
    """Nothing on this page was stopped by its content security policy, and no script failed."""
    seen = _watched[page]
    stopped = [text for text in seen.console_errors if "Content Security Policy" in text]
    assert not stopped, f"{page.url}: {stopped}"
    assert not seen.script_errors, f"{page.url}: {seen.script_errors}"


def assert_no_sideways_scrolling(page: Page) -> None:
    """The page is no wider than its window: wide tables and charts scroll inside their own frame."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px wider than its window of {page.viewport_size}"


def assert_whole(page: Page, *, without: tuple[str, ...] = ()) -> None:
    """Accessible, inside its policy, and no wider than its window."""
    assert_accessible(page, without=without)
    assert_no_csp_violations(page)
    assert_no_sideways_scrolling(page)


def loaded_bytes(page: Page) -> dict[str, int]:
    """Bytes that each answer of this page took over the network (headers and body, as compressed), by address."""
    sizes = {}
    for response in _watched[page].responses:
        size = response.request.sizes()
        sizes[response.url] = size["responseBodySize"] + size["responseHeadersSize"]
    return sizes


def compressed_bytes(page: Page) -> int:
    """Bytes that this page takes over a network whose server compresses text (gzip)."""
    total = 0
    for response in _watched[page].responses:
        size, kind = response.request.sizes(), response.headers.get("content-type", "")
        is_text = any(word in kind for word in ("text/", "javascript", "svg", "json"))
        is_plain = is_text and "content-encoding" not in response.headers
        body = len(gzip.compress(response.body())) if is_plain else size["responseBodySize"]
        total += body + size["responseHeadersSize"]
    return total
