"""The documentation says what the code does: generated pages are not stale, links lead somewhere, numbers match."""

import re
from pathlib import Path

import pytest

from commonground.cli._engine_reference import engine_pages
from commonground.cli.reference import SETTINGS, pages, settings_in_code

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


@pytest.mark.parametrize("name", ["roles.md", "walls.md", "settings.md", "commands.md"])
def test_a_generated_page_is_what_the_registries_say(name):
    assert (DOCS / "reference" / name).read_text("utf-8") == pages()[name], "run `commonground reference`"


def test_the_reference_of_the_engine_is_what_its_docstrings_say():
    written = {f"engine/{path.name}": path.read_text("utf-8") for path in DOCS.glob("reference/engine/*.md")}

    assert written == engine_pages(), "run `commonground reference`; remove pages of modules that are gone"


def test_every_setting_has_its_line():
    secrets = {name for name in settings_in_code() if name.removesuffix("_FILE").endswith(("_PASSWORD", "_SECRET_KEY"))}
    assert settings_in_code() - secrets <= set(SETTINGS)


def test_every_decision_is_numbered_as_its_file():
    for path in DOCS.glob("adr/*.md"):
        assert path.read_text("utf-8").startswith(f"# {path.name[:4]} "), path.name


def test_links_between_pages_lead_somewhere():
    broken = []
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert not broken
