"""Where the camera looks."""

import math
from dataclasses import dataclass

HOME_ZOOM = 2.0
"""The whole globe in a map 650 pixels high."""
MAX_ZOOM = 18.0


@dataclass(frozen=True)
class View:
    """Camera over a point; `zoom` is the Mercator-like zoom that a place at the equator would have.

    `turn` counts flights: pass one more whenever the camera must move, and the same number when it must stay.
    """

    latitude: float = 20.0
    longitude: float = 0.0
    zoom: float = HOME_ZOOM
    turn: int = 0


def view_of_box(west: float, south: float, east: float, north: float, *, pixels: int = 420, turn: int = 0) -> View:
    """Return the camera that shows a box of degrees.

    Args:
        west: left edge; may be below -180 where the box crosses 180 degrees.
        south: lower edge.
        east: right edge.
        north: upper edge.
        pixels: width and height that the box may fill on the screen.
        turn: as in ``View``.
    """
    latitude = (south + north) / 2
    wide = max((east - west) / 360 * math.cos(math.radians(min(abs(latitude), 80.0))), 1e-7)
    tall = max((north - south) / 360, 1e-7)
    zoom = math.log2(pixels / 512 / max(wide, tall))
    return View(latitude, (west + east) / 2, min(max(zoom, 0.5), MAX_ZOOM), turn)
