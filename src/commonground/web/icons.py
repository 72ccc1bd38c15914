"""Icons, drawn into the page from one sprite, so that a page loads only those it shows."""

import re
from functools import cache
from pathlib import Path

SPRITE = Path(__file__).parent / "static/web/vendor/icons/icons.svg"


@cache
def icon_shapes() -> dict[str, str]:
    """The inner SVG of every icon, by name."""
    found = re.findall(r'<symbol id="i-([^"]+)" viewBox="0 0 16 16">(.*?)</symbol>', SPRITE.read_text(encoding="utf-8"))
    return dict(found)


def icon_shape(name: str) -> str:
    """The inner SVG of one icon. Raises KeyError for a name that the sprite lacks."""
    try:
        return icon_shapes()[name]
    except KeyError:
        raise KeyError(f"no icon is called {name!r}: choose one from {SPRITE.name} or add it there") from None
