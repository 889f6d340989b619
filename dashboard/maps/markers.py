"""Ranked place markers: numbered discs in one atlas, drawn once and fetched once.

The discs lie on the surface (not turned towards the viewer), so the far side of the globe is told from the near side
by which way a disc faces, exactly at the horizon, and never by depth. Their colours are in the picture: Streamlit
repaints unselected objects through colour accessors, and there is none here to repaint.
"""

import io
import json
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from engine.errors import InputError

MAX_PLACES = 50
CLAIMED = None
"""In place of a rank: a place that somebody claims."""
PLACES_LAYER_ID = "places"
_CELL = 64
_COLUMNS = 10
_FILL = (255, 255, 255, 255)
_FILL_CHOSEN = (255, 191, 0, 255)
_FILL_CLAIMED = (244, 114, 182, 255)
_INK = (15, 23, 42, 255)
_ICONS = 2 * MAX_PLACES + 1


@dataclass(frozen=True)
class PlaceMarker:
    """One candidate place: its rank (1 is best, or ``CLAIMED``), where it is, a tooltip, and whether it is chosen."""

    rank: int | None
    latitude: float
    longitude: float
    text: str = ""
    chosen: bool = False

    def __post_init__(self) -> None:
        if self.rank is not CLAIMED and not 1 <= self.rank <= MAX_PLACES:
            raise InputError(f"Rank {self.rank} has no marker: give ranks from 1 to {MAX_PLACES}.")


@cache
def atlas_png() -> bytes:
    """Return the marker atlas: ranks 1..50 in white, then 1..50 in amber for the chosen place, then the claimed one."""
    rows = -(-_ICONS // _COLUMNS)
    atlas = Image.new("RGBA", (_COLUMNS * _CELL, rows * _CELL), (255, 255, 255, 0))
    pen = ImageDraw.Draw(atlas)
    for index in range(_ICONS):
        _draw_disc(pen, index)
    sink = io.BytesIO()
    atlas.save(sink, "PNG", optimize=True)
    return sink.getvalue()


@cache
def atlas_mapping_json() -> bytes:
    """Return where each icon lies in the atlas, as deck.gl's `iconMapping` file."""
    boxes = {}
    for index in range(_ICONS):
        left, top = _corner(index)
        boxes[_name_of(index)] = {
            "x": left, "y": top, "width": _CELL, "height": _CELL, "anchorX": _CELL // 2, "anchorY": _CELL // 2,
        }  # fmt: skip
    return json.dumps(boxes).encode()


def icon_name(rank: int | None, *, chosen: bool) -> str:
    """Return the icon of a rank: "7", "7!" when it is the chosen place, "?" for the claimed one."""
    if rank is CLAIMED:
        return "?"
    return f"{rank}!" if chosen else str(rank)


def _name_of(index: int) -> str:
    """The icon at a cell of the atlas."""
    return icon_name(CLAIMED if index == 2 * MAX_PLACES else index % MAX_PLACES + 1, chosen=index >= MAX_PLACES)


def marker_rows(places: tuple[PlaceMarker, ...]) -> list[dict[str, object]]:
    """Return the markers as inline rows, best last, so that a better place is drawn over a worse one."""
    ordered = sorted(places, key=lambda place: (place.chosen, -(place.rank or 0)))
    return [
        {
            "at": [round(place.longitude, 5), round(place.latitude, 5)],
            "icon": icon_name(place.rank, chosen=place.chosen),
            "rank": place.rank or "Claimed location",
            "text": place.text,
        }
        for place in ordered
    ]


def _corner(index: int) -> tuple[int, int]:
    return index % _COLUMNS * _CELL, index // _COLUMNS * _CELL


def _draw_disc(pen: ImageDraw.ImageDraw, index: int) -> None:
    left, top = _corner(index)
    fills = (_FILL, _FILL_CHOSEN, _FILL_CLAIMED)
    pen.ellipse(
        (left + 3, top + 3, left + _CELL - 4, top + _CELL - 4), fill=fills[index // MAX_PLACES], outline=_INK, width=5
    )
    centre = (left + _CELL / 2, top + _CELL / 2)
    pen.text(centre, _name_of(index).rstrip("!"), fill=_INK, anchor="mm", font=_font(), stroke_width=1)


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(34)
