"""The part of Bootstrap that is served: it holds what templates use, and nothing is stale."""

import pytest

from commonground.web.stylesheet import (
    STATIC,
    VENDORED,
    classes_in_templates,
    classes_of,
    rules,
    stylesheets,
    used_part,
)

CSS = """/* note with } a brace */
@charset "UTF-8";
:root{--a:1}
a,a.btn:hover{color:red}
.btn,.card>.btn{color:blue}
.card{color:green}
@media (min-width:1px){.btn{margin:0}.card{margin:0}}
@media print{.card{margin:1px}}
.breadcrumb:not([class=".btn"]){color:pink}
"""


def test_rules_are_read_with_their_bodies() -> None:
    assert [selector for selector, _body in rules(CSS)] == [
        '@charset "UTF-8"',
        ":root",
        "a,a.btn:hover",
        ".btn,.card>.btn",
        ".card",
        "@media (min-width:1px)",
        "@media print",
        '.breadcrumb:not([class=".btn"])',
    ]


def test_only_rules_that_can_meet_something_stay() -> None:
    assert used_part(CSS, {"btn"}).splitlines() == [
        ":root{--a:1}",
        "a,a.btn:hover{color:red}",
        ".btn{color:blue}",
        "@media (min-width:1px){",
        ".btn{margin:0}",
        "}",
    ]


def test_using_every_class_keeps_every_rule_of_bootstrap() -> None:
    whole = (VENDORED / "bootstrap.min.css").read_text(encoding="utf-8")

    kept = used_part(whole, classes_of(whole))

    assert classes_of(kept) == classes_of(whole)
    assert len(kept) > 0.95 * len(whole)


def test_what_is_served_is_fresh() -> None:
    for path, css in stylesheets():
        assert path.read_text(encoding="utf-8") == css, "run: python -m commonground.web.stylesheet"


@pytest.mark.parametrize("served", ["bootstrap.css", "bootstrap.rtl.css"])
def test_every_class_of_a_template_has_a_rule(served: str) -> None:
    known = classes_of((STATIC / served).read_text(encoding="utf-8"))
    own = [STATIC / "theme.css", *(STATIC.parents[2] / "apps").glob("*/static/*/*.css")]
    known = known.union(*(classes_of(path.read_text(encoding="utf-8")) for path in own))
    parts = {"w", "-text"}  # the fixed halves of `w900` and `iso-text`

    assert classes_in_templates() - known - parts == set(), "use a component, or give a stylesheet of ours a rule"
