"""Rings as files have them made into polygons that can be used, with a sentence for each change.

A side over 180 degrees takes the shorter way round, a line around a pole is closed along it, rings that cross
themselves are split where they cross, spikes are dropped, and outlines of very many points are simplified.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from shapely import MultiPolygon, get_parts, make_valid
from shapely import Polygon as PlanePolygon
from shapely.geometry.base import BaseGeometry

from engine.errors import InputError
from engine.evidence.shapes.polygons import (
    Point,
    Polygon,
    Ring,
    area_km2,
    close_along_pole,
    in_plane,
    unroll,
)
from engine.geometry.local_plane import LocalPlane

USEFUL_POINTS = 5_000
"""Points that an area has after it was read; more are simplified away."""

SMALLEST_KM2 = 1e-6
"""A square metre: what is smaller encloses nothing."""

FIRST_TOLERANCE = 1e-6
"""Degrees (11 cm) by which a simplified outline may first be off; doubled until the points are few enough."""

CIRCLE_POINTS = 96
_WHOLE_TURN = 360.0 - 1e-9


@dataclass(frozen=True)
class Mended:
    """Polygons that can be used.

    Attributes:
        polygons: what the rings enclose; empty where that is nothing.
        notes: what was changed, each the rest of a sentence that begins with the name of the area.
    """

    polygons: tuple[Polygon, ...]
    notes: tuple[str, ...] = ()


def mend(polygons: Sequence[Sequence[Sequence[Point]]]) -> Mended:
    """Polygons from rings of latitude and longitude: the first ring of each is its outline, the others are holes.

    Raises:
        InputError: a position is not on the globe.
    """
    notes: list[str] = []
    shapes = [_shape(rings, notes) for rings in polygons]
    found = [shape for shape in shapes if shape is not None]
    if not found:
        return Mended((), tuple(dict.fromkeys(notes)))
    simple = _simplify(found, notes)
    made = tuple(_polygon(part) for shape in simple for part in get_parts(shape))
    kept = tuple(polygon for polygon in made if area_km2([polygon]) >= SMALLEST_KM2)
    return Mended(kept, tuple(dict.fromkeys(notes)))


def circle_polygon(latitude: float, longitude: float, radius_km: float) -> Polygon:
    """A circle as a polygon of 96 corners on it; see ``corridor`` for errors."""
    bearings = 2.0 * math.pi * np.arange(CIRCLE_POINTS) / CIRCLE_POINTS
    corners = LocalPlane(latitude, longitude).at_bearing(np.full(CIRCLE_POINTS, radius_km), bearings)
    return _only(mend([[list(zip(*(each.tolist() for each in corners), strict=True))]]))


def corridor(line: Sequence[Point], width_km: float) -> tuple[Polygon, ...]:
    """The ground within half a width of a line of latitudes and longitudes.

    Raises:
        InputError: the line has fewer than two points or the width is not above 0 and at most 200 km.
    """
    from shapely import LineString

    if not 0.0 < width_km <= 200.0:
        raise InputError(f"A width of {width_km:g} km makes no corridor; give a number above 0 and at most 200 km.")
    if len(line) < 2:
        raise InputError("A line of one point makes no corridor; give a track with two points or more.")
    points = np.array(unroll([_checked(point) for point in line]))
    plane = LocalPlane(float(np.mean(points[:, 0])), math.remainder(float(np.mean(points[:, 1])), 360.0))
    around = LineString(np.column_stack(plane.from_degrees(points[:, 0], points[:, 1]))).buffer(width_km / 2)
    rings = []
    for part in get_parts(around):
        lines = [part.exterior, *part.interiors]
        rings.append([list(zip(*(each.tolist() for each in plane.to_degrees(*np.array(ring.coords).T)), strict=True))
                      for ring in lines])  # fmt: skip
    return mend(rings).polygons


def _only(mended: Mended) -> Polygon:
    if len(mended.polygons) != 1:
        raise InputError("The circle is too small or too large to be drawn; give another radius.")
    return mended.polygons[0]


def _shape(rings: Sequence[Sequence[Point]], notes: list[str]) -> BaseGeometry | None:
    """The polygons that rings enclose, in the plane of longitude and latitude, or None."""
    read = [ring for ring in (_ring(points, notes) for points in rings) if len(ring) >= 4]
    if not read or not rings or len(_ring(rings[0], [])) < 4:
        return None
    outer, *holes = read
    middle = _middle(outer)
    holes = [_moved(hole, 360.0 * round((middle - _middle(hole)) / 360.0)) for hole in holes]
    polygon = in_plane((outer, *holes))
    west, _, east, _ = polygon.bounds
    if east - west > _WHOLE_TURN + 1e-6:
        notes.append("winds around the Earth more than once")
        return None
    if polygon.is_valid:
        return polygon
    valid = make_valid(polygon)
    parts = [part for part in get_parts(valid) if isinstance(part, PlanePolygon | MultiPolygon) and part.area > 0]
    pieces = [piece for part in parts for piece in get_parts(part)]
    if not pieces:
        return None
    lost = abs(sum(piece.area for piece in pieces) - polygon.area) > 1e-9 * max(polygon.area, 1e-12)
    if len(pieces) > 1 or lost:
        notes.append(f"crossed itself and was split at the crossing, into {len(pieces)} parts")
    else:
        notes.append("had a spike without area, which was dropped")
    return MultiPolygon(pieces)


def _ring(points: Sequence[Point], notes: list[str]) -> Ring:
    """A closed ring whose longitudes run on; around a pole it is closed along it."""
    corners: list[Point] = []
    for point in points:
        checked = _checked(point)
        if not corners or checked != corners[-1]:
            corners.append(checked)
    if len(corners) > 1 and corners[0] != corners[-1]:
        if _apart(corners[0], corners[-1]) > 1e-7:
            notes.append("was not closed; its last point was joined to its first")
            corners.append(corners[0])
        else:
            corners[-1] = corners[0]
    if len(corners) < 4:
        return ()
    sides = [abs(b[1] - a[1]) for a, b in pairwise(corners)]
    if any(side >= _WHOLE_TURN for side in sides):  # a band around the whole Earth says so
        return tuple(corners)
    if any(side > 180.0 for side in sides):
        turned = unroll(corners)
        if any(180.0 < side < 350.0 for side in sides):
            notes.append("has a side over 180 degrees, which takes the shorter way round")
    else:
        turned = list(corners)
    if abs(turned[0][1] - turned[-1][1]) > 1.0:
        notes.append("goes around a pole and holds it")
        return close_along_pole(turned)
    return tuple(turned)


def _checked(point: Point) -> Point:
    latitude, longitude = point
    if not (math.isfinite(latitude) and math.isfinite(longitude)) or abs(latitude) > 90.0 or abs(longitude) > 540.0:
        raise InputError(
            f"The file has a position {latitude:g}, {longitude:g} that is not in degrees on the globe; save it with "
            "latitudes in -90 to 90 and longitudes in degrees (WGS 84)."
        )
    return float(latitude), float(longitude)


def _apart(a: Point, b: Point) -> float:
    return max(abs(a[0] - b[0]), abs(math.remainder(a[1] - b[1], 360.0)))


def _middle(ring: Ring) -> float:
    longitudes = [longitude for _, longitude in ring]
    return (min(longitudes) + max(longitudes)) / 2


def _moved(ring: Ring, by: float) -> Ring:
    return tuple((latitude, longitude + by) for latitude, longitude in ring) if by else ring


def _simplify(shapes: list[BaseGeometry], notes: list[str]) -> list[BaseGeometry]:
    """Outlines with few enough points; the tolerance grows until they are."""
    before = sum(_points(shape) for shape in shapes)
    if before <= USEFUL_POINTS:
        return shapes
    tolerance, found = FIRST_TOLERANCE, shapes
    while sum(_points(shape) for shape in found) > USEFUL_POINTS and tolerance < 1.0:
        found = [shape.simplify(tolerance, preserve_topology=True) for shape in shapes]
        tolerance *= 2
    while sum(_points(shape) for shape in found) > USEFUL_POINTS:  # thousands of islands: the smallest go
        parts = sorted((part for shape in found for part in get_parts(shape)), key=lambda part: -part.area)
        found = [MultiPolygon(parts[: len(parts) * 2 // 3])]
    after, area = sum(_points(shape) for shape in found), sum(shape.area for shape in shapes)
    change = abs(sum(shape.area for shape in found) - area) / max(area, 1e-12)
    notes.append(f"was simplified from {before:,} to {after:,} points; its area changed by {change:.2g}")
    return [shape if shape.is_valid else make_valid(shape) for shape in found]


def _points(shape: BaseGeometry) -> int:
    return sum(len(ring.coords) for part in get_parts(shape) for ring in (part.exterior, *part.interiors))


def _polygon(part: PlanePolygon) -> Polygon:
    """A polygon of ours, its middle in -180 to 180."""
    west, _, east, _ = part.bounds
    turn = 0.0 if east - west >= _WHOLE_TURN else -360.0 * round((west + east) / 2 / 360.0)
    rings = (part.exterior, *part.interiors)
    return tuple(tuple((float(lat), float(lon) + turn) for lon, lat in ring.coords) for ring in rings)
