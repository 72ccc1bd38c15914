"""What holds for every template of the product, whichever app it belongs to."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template import engines

PACKAGE = Path(__file__).resolve().parents[3] / "src/commonground"
TEMPLATES = sorted(path for path in PACKAGE.rglob("*.html") if "templates" in path.parts)
IDS = [str(path.relative_to(PACKAGE)) for path in TEMPLATES]


@pytest.fixture(params=TEMPLATES, ids=IDS)
def source(request: pytest.FixtureRequest) -> str:
    return request.param.read_text(encoding="utf-8")


def test_no_styles_and_no_inline_scripts(source: str) -> None:
    assert not re.search(r"\sstyle\s*=|<style\b", source)
    assert not re.search(r"\son(?:click|change|submit|load|input|error|focus)\s*=", source)
    assert not re.search(r"<script(?![^>]*(?:\bsrc=|type=.application/json))", source)  # data is not run


def test_nothing_switches_escaping_off(source: str) -> None:
    assert not re.search(r"\|\s*safe\b|\|\s*safeseq\b|autoescape\s+off", source)


def test_nothing_is_loaded_from_elsewhere(source: str) -> None:
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", source)


def test_every_table_has_a_caption(source: str) -> None:
    assert len(re.findall(r"<table\b", source)) == len(re.findall(r"<caption\b", source))


def test_every_form_that_changes_something_carries_its_token(source: str) -> None:
    for form in re.findall(r"<form\b.*?</form>", source, flags=re.S):
        if re.search(r"method=[\"']post", form, flags=re.I):
            assert "{% csrf_token %}" in form


@pytest.mark.parametrize(
    "path", [path for path in TEMPLATES if path.name != "design.html"], ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_every_visible_text_is_marked_for_translation(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    source = re.sub(r"\{%\s*comment.*?endcomment\s*%\}|\{#.*?#\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{%\s*blocktrans.*?\{%\s*endblocktrans\w*\s*%\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{% block (?:body_class|theme) %\}.*?\{% endblock %\}", "", source)
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.DOTALL)

    assert VisibleText(source).found - {"Commonground", "English", "OneRoster"} == set()


class VisibleText(HTMLParser):
    """The words of a page that people read or hear: text, and the attributes that are read out."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.silent = False
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent = tag == "script"
        for name, value in attrs:
            if name in {"alt", "title", "aria-label", "placeholder"}:
                self.note(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.silent = False

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.note(data)

    def note(self, text: str) -> None:
        words = re.findall(r"[^\W\d_]{2,}", text)
        self.found |= set(words)


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_every_template_compiles(path: Path) -> None:
    name = path.relative_to(next(parent for parent in path.parents if parent.name == "templates"))

    engines["django"].get_template(str(name))
