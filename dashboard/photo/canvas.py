"""The photo as something to point at: the wheel zooms, lines and boxes are drawn, points come back in shares of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from engine.errors import InputError

WEB = Path(__file__).parent
HTML = '<div role="toolbar" aria-label="Tools"></div><canvas tabindex="0" role="img"></canvas>'
CSS = """
[role="toolbar"] { display: flex; flex-wrap: wrap; gap: 0.4rem; margin-bottom: 0.5rem; }
button {
  font: inherit; font-size: 0.875rem; padding: 0.3rem 0.7rem; border-radius: 0.5rem; cursor: pointer;
  border: 1px solid var(--st-border-color); box-shadow: inset 0 -3px 0 var(--own, transparent);
  background: var(--st-background-color); color: var(--st-text-color);
}
button[aria-pressed="true"] { background: var(--st-secondary-background-color); font-weight: 600; }
button:focus-visible, canvas:focus-visible { outline: 2px solid var(--st-primary-color); }
canvas {
  display: block; width: 100%; height: min(62vh, 34rem); border-radius: 0.5rem; background: #222;
  cursor: crosshair; touch-action: none;
}
"""
MOST_LINES = 40
Pair = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Tool:
    """Something that can be drawn.

    Attributes:
        name: ``"object"``, ``"shadow"``, ``"vertical"`` or ``"mark"``; a mark is a box, the others are lines.
        title: on its button.
        many: whether several may be drawn; else a new one takes the place of the last.
    """

    name: str
    title: str
    many: bool = False


def show(
    url: str, size: tuple[int, int], tools: Sequence[Tool], key: str, label: str
) -> Mapping[str, tuple[Pair, ...]]:
    """Draw the photo.

    Args:
        url: from which the browser fetches the picture.
        size: its width and height in pixels.
        tools: what can be drawn.
        key: of the widget.
        label: of the picture, for those who cannot see it.

    Returns:
        By the name of a tool the pairs of points that were drawn, in shares of width and height.

    Raises:
        InputError: the browser sent something else.
    """
    before = st.session_state.get(key, {}).get("drawn") or {}
    found = _component()(
        key=key,
        data={
            "url": url, "width": size[0], "height": size[1], "label": label, "drawn": before,
            "tools": [{"name": each.name, "title": each.title, "many": each.many} for each in tools],
        },
        default={"drawn": {}},
        on_drawn_change=_nothing,
    )  # fmt: skip
    return pairs_of(found.drawn, tools)


def pairs_of(drawn: object, tools: Sequence[Tool]) -> dict[str, tuple[Pair, ...]]:
    """What the browser sent, as values.

    Raises:
        InputError: it is something else.
    """
    if not isinstance(drawn, Mapping):
        raise InputError("What was drawn on the photo could not be read; draw it again.")
    try:
        return {each.name: tuple(_pair(pair) for pair in drawn.get(each.name, [])[:MOST_LINES]) for each in tools}
    except (TypeError, ValueError, KeyError) as error:
        raise InputError("What was drawn on the photo could not be read; draw it again.") from error


def _pair(value: Any) -> Pair:
    (x0, y0), (x1, y1) = value
    points = tuple(float(share) for share in (x0, y0, x1, y1))
    if not all(0.0 <= share <= 1.0 for share in points):
        raise ValueError("outside the photo")
    return (points[0], points[1]), (points[2], points[3])


@cache
def _component() -> Any:
    return st.components.v2.component(
        "hereabouts_photo_canvas", html=HTML, css=CSS, js=(WEB / "canvas.js").read_text(encoding="utf-8")
    )


def _nothing() -> None:
    """Streamlit keeps a state only where somebody listens; the value is read when the photo is drawn."""
