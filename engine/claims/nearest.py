"""Finds the nearest pixel of a map that is dense enough: first by tiles, then by pixels."""

import math
from dataclasses import dataclass

import numpy as np

from engine.geometry.sphere import check_point, great_circle_km
from engine.inference.ranking import Ranking
from engine.typing import IntArray

_COMPASS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


@dataclass(frozen=True)
class NearestPoint:
    """A point and the way to it.

    Attributes:
        latitude, longitude: degrees, the centre of a pixel.
        distance_km: on the great circle.
        bearing_degrees: initial bearing, clockwise from north, 0 to below 360.
    """

    latitude: float
    longitude: float
    distance_km: float
    bearing_degrees: float

    @property
    def direction(self) -> str:
        """The bearing as one of eight points of the compass: ``"south-west"``."""
        return _COMPASS[round(self.bearing_degrees / 45.0) % 8]


def nearest_among(search_map: Ranking, latitude: float, longitude: float, densest: int) -> NearestPoint | None:
    """The pixel nearest to a point in degrees among those of the ``densest`` first cells of a map; None for no cell.

    Exact: a lower bound on the distance of each tile selects those that may hold the nearest pixel.

    Raises:
        InputError: the point is not on the globe.
    """
    point = check_point(latitude, longitude)
    if densest <= 0:
        return None
    overlay = search_map.overlay
    pixels = overlay.tiles.pixels_of_tiles(_near_tiles(search_map, point, densest), overlay.grid)
    rows, columns = np.divmod(pixels, overlay.grid.columns)
    cells = np.asarray(overlay.pixel_cell[rows, columns])
    pixels = pixels[search_map.rank[cells] < densest]
    latitudes, longitudes = overlay.grid.point_of(pixels)
    distances = great_circle_km(*point, latitudes, longitudes)
    first = int(np.argmin(distances))
    there = float(latitudes[first]), float(longitudes[first])
    return NearestPoint(*there, float(distances[first]), bearing(*point, *there))


def _near_tiles(search_map: Ranking, point: tuple[float, float], densest: int) -> IntArray:
    """Tiles that meet the cells and may be the nearest: none is closer than the farthest that the nearest can be."""
    rows, columns = search_map.tile_rank.shape
    tall, wide = 180.0 / rows, 360.0 / columns
    tiles = np.flatnonzero(search_map.tile_rank.reshape(-1) < densest)
    row, column = np.divmod(tiles, columns)
    latitudes, longitudes = 90.0 - (row + 0.5) * tall, -180.0 + (column + 0.5) * wide
    distances = great_circle_km(*point, latitudes, longitudes)
    reach = float(great_circle_km(0.0, 0.0, 0.0, math.hypot(tall, wide) / 2.0))  # from a centre to any of its points
    return np.asarray(tiles[distances - reach <= float(distances.min()) + reach], np.int64)


def bearing(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Initial bearing of the great circle to a point, degrees clockwise from north, 0 to below 360."""
    if abs(latitude) == 90.0:  # from the North Pole every direction is south, whatever its longitude
        return 180.0 if latitude > 0 else 0.0
    phi, to_phi = math.radians(latitude), math.radians(to_latitude)
    turn = math.radians(to_longitude - longitude)
    east = math.sin(turn) * math.cos(to_phi)
    north = math.cos(phi) * math.sin(to_phi) - math.sin(phi) * math.cos(to_phi) * math.cos(turn)
    return math.degrees(math.atan2(east, north)) % 360.0
