"""What Streamlit writes in the colours that we choose can be read: 4.5 to 1 for small text (WCAG 2.2, 1.4.3)."""

import tomllib
from pathlib import Path

import pytest

from dashboard.common import frame

ROOT = Path(__file__).resolve().parents[2]
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
CAPTION = 0.6
"""Streamlit 1.67 writes captions, and links in them, at this opacity."""
LIGHT, SIDEBAR, DARK = "#ffffff", "#f8f8f7", "#171614"


def mixed(colour, paper, share):
    return [share * a + (1 - share) * b for a, b in zip(channels(colour), channels(paper), strict=True)]


def channels(colour):
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def luminance(rgb):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (value / 255 for value in rgb)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("theme", "name", "paper"), [
    ("light", "textColor", LIGHT), ("light", "textColor", SIDEBAR), ("light", "linkColor", LIGHT),
    ("light", "linkColor", SIDEBAR), ("light", "codeTextColor", SIDEBAR),
    ("dark", "linkColor", DARK), ("dark", "codeTextColor", "#2d2b27"),
])  # fmt: skip
def test_captions_and_links_in_them_can_be_read(theme, name, paper):
    assert contrast(mixed(THEME[theme][name], paper, CAPTION), channels(paper)) >= 4.5


def test_buttons_in_the_primary_colour_can_be_read():
    assert contrast(channels(THEME["light"]["primaryColor"]), channels(LIGHT)) >= 4.5
    for theme, ink in (("light", frame.LIGHT["on_primary"]), ("dark", frame.DARK["on_primary"])):
        assert contrast(channels(THEME[theme]["primaryColor"]), channels(ink)) >= 4.5
