"""A GeoJSON file (RFC 7946) as a drawn area: Polygon and MultiPolygon, bare, in features or in collections.

Sides are straight in degrees exactly as the file has them, as RFC 7946 says. Only where the file's own reading crosses
itself, as with a ring around a pole, each side is taken to go the shorter way round.
"""

import json
import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NoReturn

from engine.errors import InputError
from engine.evidence.shapes.polygons import MOST_POINTS, Point, Polygon, polygon_from_points, why_invalid
from engine.evidence.statements.areas import DrawnArea

LARGEST_BYTES = 5_000_000
"""Size that a file may have; 10,000 points are about 400 kB."""

MOST_FEATURES = 1_000
"""Features that a file may have."""

_DEEPEST = 8  # collections within collections
_REMEDY = "save the area as GeoJSON with one or more polygons, longitude before latitude, in degrees"


def drawn_area_from_geojson(text: str | bytes, include: bool = True, name: str = "") -> DrawnArea:
    """The polygons of a GeoJSON text as one drawn area.

    Args:
        text: the file.
        include: whether the place lies inside.
        name: what to call the area; the ``name`` of the only feature where empty.

    Raises:
        InputError: it is too large, not GeoJSON, holds something else than polygons, or a polygon is not one.
    """
    value = _parse(text)
    features = list(_geometries(value, 0))
    polygons = tuple(_polygon(rings) for geometry in features for rings in _polygons(geometry))
    if not polygons:
        _refuse("holds no polygon")
    return DrawnArea(polygons, include, name or _only_name(value))


def _parse(text: str | bytes) -> Any:
    if len(text) > LARGEST_BYTES:
        _refuse(f"is {len(text) / 1e6:.0f} MB large, and at most {LARGEST_BYTES / 1e6:.0f} MB are read")
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        return json.loads(decoded)
    except (ValueError, RecursionError) as error:
        raise InputError(f"The file is not JSON; {_REMEDY}.") from error


def _geometries(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """All geometries of a GeoJSON value."""
    kind = value.get("type") if isinstance(value, dict) else None
    if depth > _DEEPEST:
        _refuse("nests collections too deeply")
    if kind in ("FeatureCollection", "GeometryCollection"):
        members = value.get("features" if kind == "FeatureCollection" else "geometries")
        if not isinstance(members, list):
            _refuse(f"has a {kind} without a list of members")
        if len(members) > MOST_FEATURES:
            _refuse(f"has {len(members)} features, and at most {MOST_FEATURES} are read")
        for member in members:
            yield from _geometries(member, depth + 1)
    elif kind == "Feature":
        if value.get("geometry") is not None:
            yield from _geometries(value["geometry"], depth + 1)
    elif kind in ("Polygon", "MultiPolygon"):
        yield value
    elif kind in ("Point", "MultiPoint", "LineString", "MultiLineString"):
        _refuse(f"has a {kind}, which encloses nothing")
    else:
        _refuse("is not GeoJSON")


def _polygons(geometry: dict[str, Any]) -> list[Any]:
    coordinates = geometry.get("coordinates")
    found = [coordinates] if geometry["type"] == "Polygon" else coordinates
    if not isinstance(found, list) or len(found) > MOST_POINTS:
        _refuse(f"has a {geometry['type']} without coordinates that can be read")
    return found


def _polygon(rings: Any) -> Polygon:
    """A polygon of the file: as it stands, or by the shorter way round where that crosses itself."""
    if not isinstance(rings, list) or not rings or len(rings) > MOST_POINTS:
        _refuse("has a polygon without rings")
    polygon = tuple(tuple(_point(position) for position in _positions(ring)) for ring in rings)
    if len(polygon) == 1 and _jumps(polygon) and why_invalid(polygon):
        wrapped = [(latitude, math.remainder(longitude, 360.0)) for latitude, longitude in polygon[0]]
        return polygon_from_points(wrapped)
    return polygon


def _jumps(polygon: Polygon) -> bool:
    """Whether a side spans more than half the way round."""
    return any(abs(b[1] - a[1]) > 180.0 for a, b in pairwise(polygon[0]))


def _positions(ring: Any) -> list[Any]:
    if not isinstance(ring, list) or len(ring) < 4 or len(ring) > MOST_POINTS or ring[0] != ring[-1]:
        _refuse(f"has a ring that is not closed or not of 4 to {MOST_POINTS} points")
    return ring


def _point(position: Any) -> Point:
    numbers: list[Any] = position if isinstance(position, list) and 2 <= len(position) <= 4 else [None]
    if not all(type(number) in (int, float) and abs(number) < 1e6 for number in numbers):
        _refuse("has a position that is not longitude and latitude")
    longitude, latitude = float(numbers[0]), float(numbers[1])
    if not (abs(latitude) <= 90.0 and abs(longitude) <= 540.0):
        _refuse(f"has a position {longitude:g}, {latitude:g} that is not in degrees on the globe")
    return latitude, longitude


def _only_name(value: Any) -> str:
    """The name that the only feature has, where it is a plain short text."""
    features = value.get("features", []) if isinstance(value, dict) else []
    feature = features[0] if len(features) == 1 else value
    properties = feature.get("properties") if isinstance(feature, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) and len(name) <= 60 and name.isprintable() else ""


def _refuse(what: str) -> NoReturn:
    raise InputError(f"The file {what}; {_REMEDY}.")
