"""Which pages the accessibility test opens, read from the test itself, so that nobody has to keep a second list."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EVERY_PAGE = Path("tests/journeys/test_every_page.py")
BROWSER = Path("tests/journeys/browser.py")
STATES = {
    "SIGNED_OUT": "signed out",
    "FULL": "full",
    "EMPTY": "empty",
    "DENIED": "denied",
    "MISSING": "missing",
}


@dataclass(frozen=True)
class Checked:
    """What axe looks at. pages: (state, person or empty, address). themes and rules: as the test names them."""

    pages: tuple[tuple[str, str, str], ...]
    themes: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def looks(self) -> int:
        """How often a page is checked: every page in every theme."""
        return len(self.pages) * len(self.themes)


def checked_pages(root: Path) -> Checked | None:
    """What the test of every page opens; None where the tests are not part of the installation.

    root: the folder of the code. The page with an error in its form, which the test makes by hand, counts as one.
    """
    if not (root / EVERY_PAGE).is_file():
        return None
    tree = ast.parse((root / EVERY_PAGE).read_text("utf-8"))
    named = _constants(tree)
    pages: list[tuple[str, str, str]] = []
    for name, state in STATES.items():
        value = named[name]
        people = value.items() if isinstance(value, dict) else [("", value)]
        pages += [(state, person, address) for person, addresses in people for address in addresses]
    pages.append(("error", "cora", "/data/"))
    rules = _constants(ast.parse((root / BROWSER).read_text("utf-8")))["AXE_RULES"]
    return Checked(tuple(pages), tuple(_themes(tree)), tuple(rules))


def _constants(tree: ast.Module) -> dict[str, Any]:
    """The module's names that stand for plain values."""
    found: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return found


def _themes(tree: ast.Module) -> list[str]:
    """The values of the test's parameter `theme`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) == 2 and ast.unparse(node.args[0]) == "'theme'":
            return list(ast.literal_eval(node.args[1]))
    return []
