"""A flat map to draw polygons, boxes and circles on; what was drawn comes back in degrees, latitude first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.maps.views import View
from dashboard.media import asset_url
from engine.errors import InputError

HEIGHT = 460
WEB = Path(__file__).parents[1] / "web"
LIBRARIES = ("web/leaflet.js", "web/geoman.js")
STYLES = ("web/leaflet.css", "web/geoman.css")
CSS = f".draw-map {{ height: {HEIGHT}px; border-radius: 8px; background: #0b1a2b; }}"
HTML = '<div class="draw-map" role="application" aria-label="Map to draw an area on"></div>'
MOST_POINTS = 5000


@dataclass(frozen=True)
class DrawnPolygon:
    """A ring of ``(latitude, longitude)`` in degrees, straight between its points on a plate carree map."""

    ring: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class DrawnCircle:
    """A circle around a point in degrees."""

    latitude: float
    longitude: float
    radius_km: float


def show(
    shapes: Sequence[Mapping[str, Any]], region: str | None, view: View, key: str
) -> DrawnPolygon | DrawnCircle | None:
    """Draw the map.

    Args:
        shapes: GeoJSON features that are already there; a point with ``radius_m`` is shown as a circle.
        region: URL of a picture of the whole Earth to lie on the base map, if any.
        view: where the map begins.
        key: of the widget.

    Returns:
        What was drawn since the last run, once.

    Raises:
        InputError: the browser sent something that is no shape.
    """
    drawn = _component()(
        key=key,
        height=HEIGHT,
        data={
            "libraries": [asset_url(path) for path in LIBRARIES],
            "styles": [asset_url(path) for path in STYLES],
            "base": asset_url("basemap/blue_marble.webp"),
            "borders": asset_url("basemap/borders.geojson"),
            "region": region,
            "shapes": {"type": "FeatureCollection", "features": list(shapes)},
            "view": {"latitude": view.latitude, "longitude": view.longitude, "zoom": max(view.zoom, 1.0)},
        },
        on_drawn_change=_nothing,
    ).drawn
    return None if drawn is None else shape_of(drawn)


def shape_of(drawn: object) -> DrawnPolygon | DrawnCircle:
    """What the browser sent, as a value.

    Raises:
        InputError: it is no shape.
    """
    try:
        return _shape(drawn)
    except (TypeError, KeyError, ValueError) as error:
        raise InputError("The shape from the map could not be read; draw it once more.") from error


def _shape(drawn: Any) -> DrawnPolygon | DrawnCircle:
    if drawn["kind"] == "circle":
        return DrawnCircle(float(drawn["latitude"]), _wrapped(drawn["longitude"]), float(drawn["radius_m"]) / 1000)
    ring = tuple((float(latitude), float(longitude)) for latitude, longitude in drawn["ring"][: MOST_POINTS + 1])
    if drawn["kind"] != "polygon" or not 3 <= len(ring) <= MOST_POINTS:
        raise ValueError("neither a circle nor a polygon")
    return DrawnPolygon(ring)


def _wrapped(longitude: object) -> float:
    return (float(longitude) + 180.0) % 360.0 - 180.0  # type: ignore[arg-type]


@cache
def _component() -> Any:
    """Registered once a process: registering again under the same name is a warning."""
    return st.components.v2.component(
        "hereabouts_draw_map", html=HTML, css=CSS, js=(WEB / "draw_map.js").read_text(encoding="utf-8")
    )


def _nothing() -> None:
    """A trigger needs somebody to tell; the value itself is read where the map is drawn."""
