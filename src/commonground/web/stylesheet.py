"""The part of Bootstrap that our templates use, so that a page weighs a tenth of the whole.

`python -m commonground.web.stylesheet` writes it from the vendored files; run it after a template uses a new class of
Bootstrap's. A test says so when it was forgotten.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
STATIC = Path(__file__).parent / "static/web"
VENDORED = STATIC / "vendor/bootstrap"
WRITTEN = {"bootstrap.css": "bootstrap.min.css", "bootstrap.rtl.css": "bootstrap.rtl.min.css"}
# Classes that Python gives to form controls, and the few helpers that a page may use without asking.
ALWAYS = {"form-control", "form-select", "form-check-input", "is-invalid", "d-block", "text-nowrap"}
ALWAYS |= {f"{side}-{step}" for side in ("mt", "mb", "my") for step in range(6)}

NESTING = ("@media", "@supports")
_CLASS = re.compile(r"\.(-?[_a-zA-Z][\w-]*)")
_ATTRIBUTE = re.compile(r"""class=(?:"([^"]*)"|'([^']*)')""")
_TEMPLATE_CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}")


def classes_in_templates(package: Path = PACKAGE) -> set[str]:
    """Every class that a template of the product writes, both sides of each condition."""
    found = set()
    for path in package.rglob("*.html"):
        if "templates" in path.parts:
            # Code inside an attribute becomes a space, so that the classes of both branches stay.
            source = _TEMPLATE_CODE.sub(" ", path.read_text(encoding="utf-8"))
            found |= {name for pair in _ATTRIBUTE.findall(source) for name in "".join(pair).split()}
    return found


def classes_of(css: str) -> set[str]:
    """Every class that a stylesheet has a rule for, inside `@media` too."""
    found: set[str] = set()
    for selector, body in rules(css):
        if selector.startswith(NESTING):
            found |= classes_of(body)
        else:
            found |= set(_CLASS.findall(_without_strings(selector)))
    return found


def rules(css: str) -> Iterator[tuple[str, str]]:
    """Selector and body of each rule at the top level; the body of `@media` holds rules again.

    Comments are left out. Statements without a body (`@charset`) come with an empty body.
    """
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    place = 0
    while place < len(css):
        opening, semicolon = css.find("{", place), css.find(";", place)
        if opening < 0:
            return
        if 0 <= semicolon < opening:
            yield css[place:semicolon].strip(), ""
            place = semicolon + 1
            continue
        depth, end = 1, opening + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        yield css[place:opening].strip(), css[opening + 1 : end - 1]
        place = end


def used_part(css: str, used: set[str]) -> str:
    """The rules of a stylesheet that a page with only these classes can meet, one a line."""
    kept = []
    for selector, body in rules(css):
        if selector.startswith(NESTING):
            inside = used_part(body, used)
            if inside:
                kept.append(f"{selector}{{\n{inside}\n}}")
        elif not selector.startswith("@"):
            meeting = [one for one in _split(selector) if set(_CLASS.findall(_without_strings(one))) <= used]
            if meeting:
                kept.append(f"{','.join(meeting)}{{{body}}}")
    return "\n".join(kept)


def _split(selector: str) -> list[str]:
    """The selectors of a list, at commas outside brackets."""
    return [one.strip() for one in re.split(r",(?![^(\[]*[)\]])", selector)]


def _without_strings(selector: str) -> str:
    return re.sub(r"\"[^\"]*\"|'[^']*'", "", selector)


def stylesheets() -> Iterable[tuple[Path, str]]:
    """Each stylesheet that is written, with its text."""
    used = classes_in_templates() | ALWAYS
    for written, vendored in WRITTEN.items():
        head = f"/* The rules of {vendored} (Bootstrap 5.3.9, MIT) that our templates use: see web/stylesheet.py */\n"
        css = (VENDORED / vendored).read_text(encoding="utf-8")
        yield STATIC / written, head + used_part(css, used) + "\n"


def main() -> int:
    """Write the stylesheets and say how large they are."""
    for path, css in stylesheets():
        path.write_text(css, encoding="utf-8")
        sys.stdout.write(f"{path.name}: {len(css.encode()):,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
