"""A map to draw polygons, boxes and circles on; what was drawn comes back in degrees, latitude first."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.common import map_component
from dashboard.maps.map_values import Drawing, MapView
from dashboard.maps.views import View, view_of_box
from engine.errors import InputError
from engine.evidence.shapes.polygons import polygon_from_points
from engine.evidence.statements.areas import Circle, DrawnArea

HEIGHT = 520
MOST_POINTS = 5000
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class DrawnPolygon:
    """A ring of ``(latitude, longitude)`` in degrees, straight in degrees between its points."""

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
    shown = MapView(
        label="Map to draw an area on",
        shapes=tuple(others),
        camera=view if shape is None else _view_of(shape),
        drawing=Drawing(
            _browser_shape(shape) if shape is not None else None, shape is not None and can_be_edited(shape)
        ),
        tools=("layers", "measure"),
        height=HEIGHT,
    )
    drawn = map_component.show(shown, key).drawn
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
        return DrawnCircle(
            float(drawn["latitude"]), _wrap_longitude(drawn["longitude"]), float(drawn["radius_m"]) / 1000
        )
    if drawn["kind"] == "polygons":
        changed = DrawnPolygons(tuple(tuple(_close_ring(ring) for ring in rings) for rings in drawn["polygons"]))
        if not 3 < _points(changed) <= 2 * MOST_POINTS:
            raise ValueError("no corners, or too many")
        return changed
    ring = _ring(drawn["ring"][: MOST_POINTS + 1])
    if drawn["kind"] != "polygon" or not 3 <= len(ring) <= MOST_POINTS:
        raise ValueError("neither a circle nor a polygon")
    return DrawnPolygon(ring)


def _ring(points: Any) -> Ring:
    return tuple((float(latitude), float(longitude)) for latitude, longitude in points)


def _close_ring(points: Any) -> Ring:
    ring = _ring(points)
    return (*ring, ring[0]) if ring and ring[0] != ring[-1] else ring


def _points(shape: DrawnPolygons) -> int:
    return sum(len(ring) for rings in shape.polygons for ring in rings)


def _view_of(shape: Drawn) -> View:
    """Where the map begins: over the shape that is to be changed."""
    if isinstance(shape, DrawnCircle):
        tall = shape.radius_km / 111.2
        wide = tall / max(math.cos(math.radians(shape.latitude)), 0.05)
        box = (shape.longitude - wide, shape.latitude - tall, shape.longitude + wide, shape.latitude + tall)
    else:
        rings = (
            [shape.ring] if isinstance(shape, DrawnPolygon) else [ring for rings in shape.polygons for ring in rings]
        )
        latitudes, longitudes = zip(*(point for ring in rings for point in ring), strict=True)
        box = (min(longitudes), min(latitudes), max(longitudes), max(latitudes))
    return view_of_box(*box, pixels=HEIGHT * 2 // 3)


def _browser_shape(shape: Drawn) -> dict[str, Any]:
    """A shape as the browser would send it; rings are open there."""
    if isinstance(shape, DrawnCircle):
        place = {"latitude": shape.latitude, "longitude": shape.longitude}
        return {"kind": "circle", **place, "radius_m": shape.radius_km * 1000}
    if isinstance(shape, DrawnPolygon):
        return {"kind": "polygon", "ring": shape.ring}
    return {"kind": "polygons", "polygons": [[ring[:-1] for ring in polygon] for polygon in shape.polygons]}


def _wrap_longitude(longitude: object) -> float:
    return (float(longitude) + 180.0) % 360.0 - 180.0  # type: ignore[arg-type]
