"""Every module of the engine has a page with a case by hand and a picture, and the picture shows what the engine says."""

import importlib.util
import sys
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "explanation"
MODULES = (
    "integration", "disparity", "disclosure", "law", "assignment", "grouping", "warning",
    "mastery", "allocation", "surveys", "networks", "linkage", "simulation",
)  # fmt: skip


@pytest.fixture(scope="module")
def drawn():
    """The pictures as they are drawn today, by page."""
    sys.path.insert(0, str(PAGES / "pictures"))
    try:
        made = importlib.util.spec_from_file_location("draw", PAGES / "pictures" / "draw.py")
        module = importlib.util.module_from_spec(made)
        made.loader.exec_module(module)
        return module.drawn()
    finally:
        sys.path.remove(str(PAGES / "pictures"))


@pytest.mark.parametrize("page", MODULES)
def test_a_page_has_a_case_by_hand_and_a_picture_of_what_the_engine_says(page, drawn):
    text = (PAGES / f"{page}.md").read_text("utf-8")

    assert "by hand" in text.lower()
    assert f"](pictures/{page}.svg)" in text
    assert (PAGES / "pictures" / f"{page}.svg").read_text("utf-8") == drawn[page]


def test_no_picture_is_left_over(drawn):
    assert set(drawn) == set(MODULES) == {file.stem for file in (PAGES / "pictures").glob("*.svg")}
