"""Where the camera looks, and how it flies.

Streamlit keeps the camera of a chart with the same `key` through every rerun and moves it only along those entries of
the view state that differ from the ones it got last. A flight is therefore a new view state; `turn` makes every entry
differ by less than anyone can see, so that a flight to the same place works again after the user has wandered off.
"""

import math
from dataclasses import dataclass

import pydeck

GLOBE_MAX_ZOOM = 6.0  # beyond it a texel of the base map fills many pixels: go flat
FLAT_MAX_ZOOM = 18.0
FLAT_MIN_ZOOM = 1.2  # the world is then 1,176 pixels high
HOME_ZOOM = 2.0  # the whole globe in a map 560 pixels high
FLIGHT_MS = 900
_UNSEEN_DEGREES = 1e-7  # a centimetre on the ground


@dataclass(frozen=True)
class View:
    """Camera over a point; `zoom` is the Mercator-like zoom that a place at the equator would have.

    `turn` counts flights: pass one more whenever the camera must move, and the same number when it must stay.
    """

    latitude: float = 20.0
    longitude: float = 0.0
    zoom: float = HOME_ZOOM
    turn: int = 0


def fly_to_zoom(latitude: float, zoom: float) -> float:
    """Return the zoom that shows at `latitude` what `zoom` shows at the equator.

    deck.gl's zoom magnifies by 1 / cos(latitude), as Mercator does; towards the poles that is taken back.
    """
    clamped = min(max(latitude, -85.0), 85.0)
    return zoom + math.log2(math.cos(math.radians(clamped)))


def globe_view_state(view: View) -> pydeck.ViewState:
    """Return the view state of the globe; poles are approached to 85 degrees, where the camera still has a north."""
    return _view_state(view, fly_to_zoom(view.latitude, view.zoom), maxZoom=GLOBE_MAX_ZOOM + 2, minZoom=-1)


def flat_view_state(view: View) -> pydeck.ViewState:
    """Return the view state of the flat map, north up; never so far out that the world is smaller than the map."""
    zoom = max(fly_to_zoom(view.latitude, view.zoom), FLAT_MIN_ZOOM)
    return _view_state(view, zoom, maxZoom=FLAT_MAX_ZOOM, minZoom=FLAT_MIN_ZOOM)


def _view_state(view: View, zoom: float, **limits: float) -> pydeck.ViewState:
    nudge = (view.turn % 997) * _UNSEEN_DEGREES
    latitude = min(max(view.latitude, -85.0), 85.0)
    flight_ms = FLIGHT_MS + view.turn % 997 if view.turn else 0  # nothing to fly from on the first picture
    return pydeck.ViewState(
        latitude=latitude + nudge,
        longitude=view.longitude + nudge,
        zoom=zoom + nudge,
        transitionDuration=flight_ms,
        **limits,
    )


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
    return View(latitude, (west + east) / 2, min(max(zoom, 0.5), FLAT_MAX_ZOOM), turn)
