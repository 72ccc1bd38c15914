"""Pages for those who enlarge them, who space out their words, and who walk by keys alone (WCAG 2.2 A and AA)."""

import pytest
from tests.journeys.browser import assert_no_sideways_scrolling, settle
from tests.journeys.test_language import sign_in
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.database]

PAGES = {
    "": ("/account/sign-in/", "/people/code/"),
    "ali": ("/", "/who-looked/", "/families/corrections/"),
    "cora": ("/", "/students/", "/students/{amina}/", "/data/", "/data/{batch}/", "/people/add/?place={north}"),
    "dana": ("/", "/districts/", "/districts/composition/"),
}
# What 1.4.12 says a reader may set.
SPACED = """
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
    p { margin-bottom: 2em !important; }
"""
# Words that are cut off: their box hides what does not fit. What is there for screen readers alone is one pixel large.
CUT = """() => [...document.querySelectorAll("body *")].filter((one) => {
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    const words = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const hides = /hidden|clip/.test(style.overflowX + style.overflowY);
    return words && hides && box.width > 2 && box.height > 2
        && (one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1);
}).map((one) => one.outerHTML.slice(0, 120))"""
# What can be operated now: seen, enabled, and not an unchosen one of a group of which another is reached by Tab.
OPERABLE = """() => {
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
    return all.filter((one) => {
        if (one.disabled || one.type === "hidden" || one.closest("[hidden]")) return false;
        if (one.type === "radio" && !one.checked) return false;
        if (!one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) return false;
        return one.getClientRects().length > 0;
    }).length;
}"""
# The element that has the focus: whether it is new, can be told by its look, and is not covered.
FOCUSED = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const again = Boolean(one.dataset.walked) && one !== window.walkedLast;  // a field of a day has several stops
    const stays = one === window.walkedLast;
    one.dataset.walked = "yes";
    window.walkedLast = one;
    const style = getComputedStyle(one);
    const ring = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
    const box = one.getBoundingClientRect();
    const [x, y] = [box.left + Math.min(box.width / 2, 8), box.top + box.height / 2];
    const top = document.elementFromPoint(x, y);
    const seen = Boolean(top) && (one.contains(top) || top.contains(one));
    return { again, stays, ring, seen, what: one.outerHTML.slice(0, 160) };
}"""


@pytest.fixture
def known(world, after_first_file):
    return {"amina": world.AMINA, "batch": after_first_file, "north": world.NORTH}


def each_page(site, world, open_page, known, **window):
    """Every page of PAGES in a window of its own person, one after the other."""
    for key, paths in PAGES.items():
        page = open_page(**window)
        if key:
            sign_in(page, site, world.address(key))
        for path in paths:
            answer = page.goto(site.url + path.format(**known))
            assert answer is not None
            assert answer.status == 200, path
            settle(page)
            yield page
        page.context.close()


def test_no_page_scrolls_sideways_at_320_pixels_even_with_spaced_words(site: Site, world, open_page, known) -> None:
    """320 pixels are a window of 1,280 enlarged four times (1.4.10); 1.4.12 adds the spacing."""
    for page in each_page(site, world, open_page, known, width=320):
        assert_no_sideways_scrolling(page)
        page.evaluate(
            "(rules) => { const own = new CSSStyleSheet(); own.replaceSync(rules); document.adoptedStyleSheets = [own]; }",
            SPACED,
        )
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).letterSpacing") != "normal"

        assert_no_sideways_scrolling(page)
        assert page.evaluate(CUT) == [], page.url


def test_words_twice_as_large_fit(site: Site, world, open_page, known) -> None:
    """1.4.4: the browser's own size of letters is doubled, the window is not."""
    for page in each_page(site, world, open_page, known, width=1280):
        page.evaluate("document.documentElement.style.fontSize = '200%'")

        assert_no_sideways_scrolling(page)
        assert page.evaluate(CUT) == [], page.url


def test_keys_reach_everything_once_and_one_sees_where_one_is(site: Site, world, open_page, known) -> None:
    """2.1.1 everything that acts, 2.1.2 no trap, 2.4.7 a ring, 2.4.11 not covered by what stays in place."""
    for page in each_page(site, world, open_page, known, width=1280):
        page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
        wanted, walked = page.evaluate(OPERABLE), 0
        assert wanted
        for _ in range(wanted + 30):
            page.keyboard.press("Tab")
            focused = page.evaluate(FOCUSED)
            if focused is None or focused["again"]:
                break
            if focused[
                "stays"
            ]:  # the month, the year and the little calendar in a field of a day, drawn by the browser
                continue
            walked += 1
            assert focused["ring"], (page.url, focused["what"])
            assert focused["seen"], (page.url, focused["what"])
        assert walked >= wanted, (page.url, walked, wanted)


def test_the_checks_notice_what_is_wrong(open_page) -> None:
    page = open_page()
    page.set_content(
        "<style>#cut { overflow: hidden; height: 8px; width: 40px } #bare:focus { outline: none }"
        " #over { position: fixed; inset: 0; background: white }</style>"
        "<p id='cut'>words that do not fit</p><button id='bare'>one</button><button>two</button>"
    )
    assert len(page.evaluate(CUT)) == 1
    assert page.evaluate(OPERABLE) == 2
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["ring"] is False
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) | {"what": ""} == {
        "again": False,
        "stays": False,
        "ring": True,
        "seen": True,
        "what": "",
    }

    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div id=over></div>')")

    assert page.evaluate(FOCUSED)["seen"] is False
