"""Polygons that an analyst draws, checked once so that every later step may trust them.

Edges are straight in degrees, as RFC 7946 (3.1.1) has them: a box along a parallel stays on that parallel, and a file
that is written out and read back means the same. Longitudes of a ring run on beyond 180 instead of jumping, so that a
ring across the date line is an ordinary one; a ring around a pole is closed along the pole.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from shapely import Polygon as PlanePolygon
from shapely import is_valid_reason

from engine.errors import InputError
from engine.geometry.sphere import EARTH_RADIUS_KM, check_point

Point = tuple[float, float]
"""Latitude and longitude in degrees."""

Ring = tuple[Point, ...]
"""A closed line: the last point is the first. Longitudes lie in -540 to 540 and never jump."""

Polygon = tuple[Ring, ...]
"""An outer ring and the holes in it."""

MOST_POINTS = 10_000
"""Points that all rings of a drawn area may have together."""

MOST_NAME = 120
"""Letters that a name may have."""

LARGEST_RADIUS_KM = math.pi * EARTH_RADIUS_KM
"""A circle of this radius is the whole Earth."""

_LARGEST_LONGITUDE = 540.0
_JOINERS = "\u200c\u200d"  # invisible, but Persian, Hindi and emoji are not written without them


def check_name(name: str, what: str) -> None:
    """Refuse a text that cannot stand on one line of a page or a file.

    Raises:
        InputError: it is too long, or has characters that are no letters, marks or spaces.
    """
    if len(name) > MOST_NAME:
        raise InputError(f"The name of {what} has {len(name)} letters; give at most {MOST_NAME}.")
    if not all(letter.isprintable() or letter in _JOINERS for letter in name):
        raise InputError(f"The name of {what} has control characters or line breaks; give plain text on one line.")


def polygon_from_points(points: Sequence[Point]) -> Polygon:
    """The polygon of corners clicked on a map, each side going the shorter way round.

    A line of sides that goes around a pole holds the pole that lies on its smaller side.

    Args:
        points: latitude and longitude in degrees; the first need not be repeated at the end.

    Raises:
        InputError: fewer than three corners, a corner off the globe, or sides that cross.
    """
    corners = [check_point(limit_to_floats(latitude), limit_to_floats(longitude)) for latitude, longitude in points]
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    if len(corners) < 3:
        raise InputError(f"A polygon of {len(corners)} corners encloses nothing; draw at least three.")
    ring = unroll([*corners, corners[0]])
    polygon = (tuple(ring) if ring[0][1] == ring[-1][1] else close_along_pole(ring),)
    check_polygon(polygon)
    return polygon


def why_invalid(polygon: Polygon) -> str:
    """Why a polygon is no polygon in the plane of degrees, or an empty text."""
    plane = in_plane(polygon)
    if plane.is_valid:
        return "it encloses nothing" if plane.area == 0 else ""
    reason = str(is_valid_reason(plane))
    place = reason.partition("[")[2].rstrip("]").split()
    near = f" near {float(place[1]):.4f}, {float(place[0]):.4f}" if len(place) >= 2 else ""
    return ("a hole of it is not inside it" if "Hole" in reason or "Nested" in reason else "its sides cross") + near


def in_plane(polygon: Polygon) -> PlanePolygon:
    """The polygon in the plane of longitude and latitude."""
    rings = [[(longitude, latitude) for latitude, longitude in ring] for ring in polygon]
    return PlanePolygon(rings[0], rings[1:])


def edges(polygons: Sequence[Polygon]) -> Iterator[tuple[Point, Point]]:
    """All sides of all rings."""
    for polygon in polygons:
        for ring in polygon:
            yield from pairwise(ring)


def check_polygon(polygon: Polygon) -> None:
    """Refuse a polygon that is not one in the plane of degrees.

    Raises:
        InputError: a ring is not closed, crosses itself or leaves the globe.
    """
    if not polygon:
        raise InputError("A drawn area has a polygon without an outer ring; draw it with three corners or more.")
    for ring in polygon:
        _check_ring(ring)
    if trouble := why_invalid(polygon):
        raise InputError(f"A drawn polygon cannot be used, {trouble}; draw it again without crossing your own line.")


def _check_ring(ring: Ring) -> None:
    for latitude, longitude in (
        (limit_to_floats(latitude), limit_to_floats(longitude)) for latitude, longitude in ring
    ):
        if not (math.isfinite(latitude) and math.isfinite(longitude)):
            raise InputError("A corner of a drawn polygon is not a number; give latitude and longitude in degrees.")
        if abs(latitude) > 90.0 or abs(longitude) > _LARGEST_LONGITUDE:
            raise InputError(
                f"The corner {latitude:g}, {longitude:g} of a drawn polygon is not on the globe; "
                "give latitudes in -90 to 90 and longitudes in degrees."
            )
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise InputError("A ring of a drawn polygon is not closed; give at least three corners and the first again.")
    width = max(point[1] for point in ring) - min(point[1] for point in ring)
    if width > 360.0 + 1e-9:
        raise InputError(f"A drawn polygon is {width:g} degrees wide, more than the Earth; draw it in parts.")


def limit_to_floats(value: float) -> float:
    """The number; a whole number that no float holds as an infinite one, so that it is refused like any other."""
    return (math.inf if value > 0 else -math.inf) if abs(value) > 1e300 else value


def area_km2(polygons: Sequence[Polygon]) -> float:
    """Area of polygons on the sphere in km2, sides straight in degrees (Green's theorem); holes are taken away."""
    return sum(_ring_km2(outer) - sum(map(_ring_km2, holes)) for outer, *holes in polygons)


def _ring_km2(ring: Ring) -> float:
    """The integral of sin(latitude) over longitude along the ring, exact for sides that are straight in degrees."""
    total = 0.0
    for (lat_a, lon_a), (lat_b, lon_b) in pairwise(ring):
        a, b = math.radians(lat_a), math.radians(lat_b)
        middle, half = (a + b) / 2, (b - a) / 2
        mean = math.sin(middle) * (math.sin(half) / half if half else 1.0)
        total += math.radians(lon_b - lon_a) * mean
    return abs(total) * EARTH_RADIUS_KM**2


def unroll(points: Sequence[Point]) -> list[Point]:
    """Longitudes without jumps: every side goes the shorter way round."""
    ring = [points[0]]
    for latitude, longitude in points[1:]:
        before = ring[-1][1]
        step = (longitude - before + 180.0) % 360.0 - 180.0
        exact = longitude + 360.0 * round((before + step - longitude) / 360.0)
        ring.append((latitude, exact))
    return ring


def close_along_pole(ring: Sequence[Point]) -> Ring:
    """A line around the Earth with the pole on its smaller side, closed along that pole."""
    pole = 90.0 if sum(latitude for latitude, _ in ring) >= 0 else -90.0
    first, last = ring[0], ring[-1]
    return (*ring, (pole, last[1]), (pole, first[1]), first)
