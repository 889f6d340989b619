"""A flat map to draw polygons, boxes and circles on; what was drawn comes back in degrees, latitude first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.common.media import asset_url
from dashboard.maps.views import View
from engine.errors import InputError
from engine.evidence.shapes.polygons import polygon_from_points
from engine.evidence.statements.areas import Circle, DrawnArea

HEIGHT = 460
WEB = Path(__file__).parent
LIBRARIES = ("web/leaflet.js", "web/geoman.js")
STYLES = ("web/leaflet.css", "web/geoman.css")
CSS = f".draw-map {{ height: {HEIGHT}px; border-radius: 8px; background: #0b1a2b; }}"
HTML = '<div class="draw-map" role="application" aria-label="Map to draw an area on"></div>'
MOST_POINTS = 5000
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class DrawnPolygon:
    """A ring of ``(latitude, longitude)`` in degrees, straight between its points on a plate carree map."""

    ring: Ring


@dataclass(frozen=True)
class DrawnPolygons:
    """Polygons that were there and were changed: rings likewise, each closed, with holes, exactly as they are."""

    polygons: tuple[tuple[Ring, ...], ...]


@dataclass(frozen=True)
class DrawnCircle:
    """A circle around a point in degrees."""

    latitude: float
    longitude: float
    radius_km: float


Drawn = DrawnPolygon | DrawnPolygons | DrawnCircle


def show(others: Sequence[Mapping[str, Any]], shape: Drawn | None, view: View, key: str) -> Drawn | None:
    """Draw the map.

    Args:
        others: GeoJSON features to be seen only; a point with ``radius_m`` is shown as a circle.
        shape: what was drawn before, to be changed; the map begins where it lies.
        view: where the map begins without one.
        key: of the widget.

    Returns:
        What was drawn or changed since the last run, once.

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
            "others": {"type": "FeatureCollection", "features": list(others)},
            "shape": _sent(shape) if shape is not None else None,
            "editable": shape is not None and can_be_edited(shape),
            "view": {"latitude": view.latitude, "longitude": view.longitude, "zoom": max(view.zoom, 1.0)},
        },
        on_drawn_change=_nothing,
    ).drawn
    return None if drawn is None else shape_of(drawn)


def shape_of(drawn: object) -> Drawn:
    """What the browser sent, as a value.

    Raises:
        InputError: it is no shape.
    """
    try:
        return _shape(drawn)
    except (TypeError, KeyError, ValueError, OverflowError) as error:
        raise InputError("The shape from the map could not be read; draw it again.") from error


def as_drawn(area: DrawnArea | Circle) -> Drawn:
    """An area of a statement, as it lies on the map."""
    if isinstance(area, Circle):
        return DrawnCircle(area.latitude, area.longitude, area.radius_km)
    return DrawnPolygons(area.polygons)


def as_area(shape: Drawn, include: bool, name: str) -> DrawnArea | Circle:
    """What was drawn, as an area to state something of.

    Raises:
        InputError: it crosses itself, or is none for another reason.
    """
    if isinstance(shape, DrawnCircle):
        return Circle(shape.latitude, shape.longitude, shape.radius_km, include, name)
    polygons = shape.polygons if isinstance(shape, DrawnPolygons) else (polygon_from_points(shape.ring),)
    return DrawnArea(polygons, include, name)


def can_be_edited(shape: Drawn) -> bool:
    """Whether the browser copes with its corners."""
    return not isinstance(shape, DrawnPolygons) or _points(shape) <= MOST_POINTS


def _shape(drawn: Any) -> Drawn:
    if drawn["kind"] == "circle":
        return DrawnCircle(float(drawn["latitude"]), _wrapped(drawn["longitude"]), float(drawn["radius_m"]) / 1000)
    if drawn["kind"] == "polygons":
        changed = DrawnPolygons(tuple(tuple(_closed(ring) for ring in rings) for rings in drawn["polygons"]))
        if not 3 < _points(changed) <= 2 * MOST_POINTS:
            raise ValueError("no corners, or too many")
        return changed
    ring = _ring(drawn["ring"][: MOST_POINTS + 1])
    if drawn["kind"] != "polygon" or not 3 <= len(ring) <= MOST_POINTS:
        raise ValueError("neither a circle nor a polygon")
    return DrawnPolygon(ring)


def _ring(points: Any) -> Ring:
    return tuple((float(latitude), float(longitude)) for latitude, longitude in points)


def _closed(points: Any) -> Ring:
    ring = _ring(points)
    return (*ring, ring[0]) if ring and ring[0] != ring[-1] else ring


def _points(shape: DrawnPolygons) -> int:
    return sum(len(ring) for rings in shape.polygons for ring in rings)


def _sent(shape: Drawn) -> dict[str, Any]:
    """A shape as the browser would send it; rings are open there."""
    if isinstance(shape, DrawnCircle):
        place = {"latitude": shape.latitude, "longitude": shape.longitude}
        return {"kind": "circle", **place, "radius_m": shape.radius_km * 1000}
    if isinstance(shape, DrawnPolygon):
        return {"kind": "polygon", "ring": shape.ring}
    return {"kind": "polygons", "polygons": [[ring[:-1] for ring in polygon] for polygon in shape.polygons]}


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
