"""The documentation says what the code does: generated pages are not stale, links lead somewhere, numbers match."""

import re
from pathlib import Path

import pytest

from commonground.cli.reference import SETTINGS, pages, settings_in_code

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    """Every generated page, as it should be."""
    return pages()


@pytest.mark.parametrize("name", ["roles.md", "walls.md", "settings.md", "commands.md", "formats.md"])
def test_a_generated_page_is_what_the_registries_say(generated, name):
    assert (DOCS / "reference" / name).read_text("utf-8") == generated[name], "run `commonground reference`"


def test_the_reference_of_the_engine_is_what_its_docstrings_say(generated):
    engine_pages = {name: text for name, text in generated.items() if name.startswith("engine/")}
    written = {f"engine/{path.name}": path.read_text("utf-8") for path in DOCS.glob("reference/engine/*.md")}

    assert written == engine_pages, "run `commonground reference`; remove pages of modules that are gone"


def test_every_setting_has_its_line():
    secrets = {name for name in settings_in_code() if name.removesuffix("_FILE").endswith(("_PASSWORD", "_SECRET_KEY"))}
    assert settings_in_code() - secrets <= set(SETTINGS)


def test_no_setting_is_listed_that_nothing_reads():
    assert set(SETTINGS) <= settings_in_code()


def test_decisions_are_numbered_one_after_the_other_and_all_are_in_the_index():
    files = sorted(DOCS.glob("adr/[0-9]*.md"))
    index = (DOCS / "README.md").read_text("utf-8")

    assert [path.name[:4] for path in files] == [f"{number:04d}" for number in range(1, len(files) + 1)]
    assert [path for path in files if not path.read_text("utf-8").startswith(f"# {path.name[:4]} ")] == []
    assert [path.name for path in files if f"](adr/{path.name})" not in index] == []


def test_every_page_is_in_the_index():
    index = (DOCS / "README.md").read_text("utf-8")
    pages_here = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} - {"README.md"}

    assert sorted(page for page in pages_here if f"]({page})" not in index) == []


def test_links_between_pages_lead_somewhere():
    broken = []
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert not broken
