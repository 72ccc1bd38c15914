"""The theme: both dark blocks are equal, and its colors keep their contrast (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

THEME = Path(__file__).resolve().parents[3] / "src/commonground/web/static/web/theme.css"
TEXT, MARK = 4.5, 3.0
PAIRS = [
    ("ink", "canvas", TEXT),
    ("ink", "surface", TEXT),
    ("muted", "canvas", TEXT),
    ("muted", "surface", TEXT),
    ("muted", "sunken", TEXT),
    ("accent", "canvas", TEXT),
    ("accent", "surface", TEXT),
    ("accent", "accent-soft", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-hover", TEXT),
    ("attend", "attend-soft", TEXT),
    ("stop", "stop-soft", TEXT),
    ("stop", "surface", TEXT),
    ("done", "done-soft", TEXT),
    ("note", "note-soft", TEXT),
    ("ink", "attend-soft", TEXT),
    ("ink", "stop-soft", TEXT),
    ("ink", "done-soft", TEXT),
    ("ink", "note-soft", TEXT),
    ("accent", "stop-soft", TEXT),
    ("accent", "attend-soft", TEXT),
    ("accent", "done-soft", TEXT),
    ("axis", "surface", TEXT),
    ("edge", "surface", MARK),
    ("edge", "canvas", MARK),
    ("focus", "surface", MARK),
    ("focus", "canvas", MARK),
    *((f"g{group}", "surface", MARK) for group in range(1, 8)),
]


def block(selector: str) -> str:
    css = THEME.read_text(encoding="utf-8")
    start = css.index(selector + "{") + len(selector) + 1
    return css[start : css.index("}", start)]


def tokens(selector: str) -> dict[str, str]:
    return dict(re.findall(r"--cg-([\w-]+):(#[0-9a-f]{3,6})", block(selector)))


def luminance(color: str) -> float:
    digits = color.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_gives_the_published_ends() -> None:
    # WCAG 2.2: black on white is 21 to 1; #777 on white is 4.48 to 1, just too little for text.
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("selector", [":root,[data-bs-theme=light]", "[data-bs-theme=dark]"])
@pytest.mark.parametrize(("above", "below", "least"), PAIRS)
def test_contrast_is_enough(selector: str, above: str, below: str, least: float) -> None:
    colors = tokens(selector)

    assert contrast(colors[above], colors[below]) >= least


def test_the_devices_own_dark_is_the_same_dark() -> None:
    def declarations(text: str) -> str:
        return re.sub(r"\s+", "", text)

    assert declarations(block("[data-bs-theme=auto]")) == declarations(block("[data-bs-theme=dark]"))


def test_every_font_has_a_range_and_is_there() -> None:
    css = THEME.read_text(encoding="utf-8")
    faces = re.findall(r"@font-face\{[^}]*\}", css)

    assert len(faces) == 9
    for face in faces:
        assert "unicode-range" in face
        found = re.search(r"url\(([^)]+)\)", face)
        assert found is not None
        assert (THEME.parent / found[1]).is_file()


def test_nothing_is_loaded_from_elsewhere() -> None:
    css = THEME.read_text(encoding="utf-8")

    assert not re.search(r"@import|url\(\"?(?:https?:)?//", css)
