"""Web-Mercator tiles z/x/y, in bulk (Kim, Jang and Kim, Eq. 1-6).

A tile at a zoom is one number here, its *code*: the bits of y and x interleaved (Morton order, the digits of a quadkey
in base 4). A child two levels down is then ``code * 16 + 0 ... 15`` and an ancestor a shift to the right, for a whole
frontier at once. ``morecantile`` has the same algebra tile by tile; the tests check against it.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.geometry.sphere import EARTH_RADIUS_KM, wrap_longitude
from engine.typing import FloatArray, IntArray

LEVELS = (4, 6, 8, 10, 12, 14, 16)
"""Zooms of the seven stages of Kim, Jang and Kim, section 3.1."""
LEVEL_STEP = 2
"""Zooms between two stages: a tile has 4 x 4 tiles at the next one."""
CHILDREN = 4**LEVEL_STEP
"""Tiles at the next stage inside one tile."""
MAX_ZOOM = 24
"""Deepest supported zoom; a tile is then about 2 m."""
LATITUDE_LIMIT = math.degrees(math.atan(math.sinh(math.pi)))
"""Latitude at which the Mercator square ends, about 85.0511 degrees."""


@dataclass(frozen=True, order=True)
class Tile:
    """One tile: zoom, column from 180 W, row from the north.

    Raises:
        InputError: there is no such tile.
    """

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not 0 <= self.z <= MAX_ZOOM or not (0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z):
            raise InputError(
                f"There is no tile {self.z}/{self.x}/{self.y}; give a zoom of 0 to {MAX_ZOOM} and x and y below 2^zoom."
            )

    @property
    def code(self) -> int:
        """Its number among the tiles of its zoom."""
        return int(codes_of(self.x, self.y))

    @property
    def center(self) -> tuple[float, float]:
        """Latitude and longitude of its centre on the map, degrees (Eq. 1 and 2)."""
        latitude, longitude = centers(self.z, np.array([self.code]))
        return float(latitude[0]), float(longitude[0])

    @property
    def path(self) -> str:
        """``z/x/y``, as people write it."""
        return f"{self.z}/{self.x}/{self.y}"


@dataclass(frozen=True, eq=False)
class Boxes:
    """Edges of tiles in degrees, each ``(n,)``; ``east`` of the last column is 180, so west < east always."""

    south: FloatArray
    west: FloatArray
    north: FloatArray
    east: FloatArray


def codes_of(x: npt.ArrayLike, y: npt.ArrayLike) -> IntArray:
    """Codes of tiles from their columns and rows."""
    return np.asarray(_spread_bits(np.asarray(x, np.int64)) | (_spread_bits(np.asarray(y, np.int64)) << 1), np.int64)


def columns_rows(codes: npt.ArrayLike) -> tuple[IntArray, IntArray]:
    """Columns x and rows y of tiles; the inverse of ``codes_of``."""
    code = np.asarray(codes, np.int64)
    return _compact_bits(code), _compact_bits(code >> 1)


def tile_of(zoom: int, code: int) -> Tile:
    """The tile of a code."""
    x, y = columns_rows(code)
    return Tile(zoom, int(x), int(y))


def parents(codes: IntArray, levels: int = LEVEL_STEP) -> IntArray:
    """The tiles that hold these, ``levels`` zooms up."""
    return codes >> (2 * levels)


def children(codes: IntArray, levels: int = LEVEL_STEP) -> IntArray:
    """The tiles inside these, ``levels`` zooms down, ``(n * 4**levels,)``; those of one tile stand together.

    Kim, Jang and Kim, section 3.1: multiply x and y by 4 and take the 4 x 4 tiles from there.
    """
    count = 4**levels
    return np.asarray((codes[:, None] * count + np.arange(count)).reshape(-1), np.int64)


def all_codes(zoom: int) -> IntArray:
    """Every tile of a zoom."""
    return np.arange(4**zoom, dtype=np.int64)


def centers(zoom: int, codes: IntArray) -> tuple[FloatArray, FloatArray]:
    """Latitudes and longitudes of tile centres in degrees (Kim, Jang and Kim, Eq. 1 and 2)."""
    x, y = columns_rows(codes)
    return latitude_of_row((y + 0.5) / 2.0**zoom), np.asarray(360.0 * (x + 0.5) / 2.0**zoom - 180.0, np.float64)


def latitude_of_row(share: npt.ArrayLike) -> FloatArray:
    """Latitude in degrees at a share of the map's height, 0 at its northern edge, 1 at its southern (Eq. 1)."""
    north = 2.0 * np.pi * (0.5 - np.asarray(share, np.float64))
    return np.asarray(np.degrees(2.0 * np.arctan(np.exp(north)) - np.pi / 2.0), np.float64)


def row_of_latitude(latitude: npt.ArrayLike) -> FloatArray:
    """Share of the map's height at a latitude in degrees; the inverse of ``latitude_of_row`` (Eq. 4)."""
    phi = np.radians(np.clip(np.asarray(latitude, np.float64), -89.9999, 89.9999))
    return np.asarray(0.5 - np.log(np.tan(np.pi / 4.0 + phi / 2.0)) / (2.0 * np.pi), np.float64)


def codes_at(latitude: npt.ArrayLike, longitude: npt.ArrayLike, zoom: int) -> IntArray:
    """The tile of each point in degrees (Kim, Jang and Kim, Eq. 3-6).

    Beyond the square's edge at 85.05 degrees a point belongs to the last row; longitude 180 is the first column.
    """
    size = 1 << zoom
    column = np.floor((wrap_longitude(longitude) + 180.0) / 360.0 * size).astype(np.int64)
    row = np.floor(row_of_latitude(latitude) * size).astype(np.int64)
    return codes_of(np.clip(column, 0, size - 1), np.clip(row, 0, size - 1))


def boxes(zoom: int, codes: IntArray) -> Boxes:
    """Edges of tiles in degrees."""
    x, y = columns_rows(codes)
    size = 2.0**zoom
    west, east = (np.asarray(360.0 * edge / size - 180.0, np.float64) for edge in (x, x + 1))
    return Boxes(latitude_of_row((y + 1) / size), west, latitude_of_row(y / size), east)


def areas_km2(zoom: int, codes: IntArray) -> FloatArray:
    """Areas of tiles on the sphere, km2."""
    box = boxes(zoom, codes)
    height = np.sin(np.radians(box.north)) - np.sin(np.radians(box.south))
    return np.asarray(EARTH_RADIUS_KM**2 * np.radians(360.0 / 2.0**zoom) * height, np.float64)


def codes_in_box(zoom: int, south: float, west: float, north: float, east: float, limit: int) -> IntArray:
    """Tiles of a zoom that a box in degrees meets, ascending; a box may cross the antimeridian (west > east).

    Raises:
        InputError: they would be more than ``limit``.
    """
    size = 1 << zoom
    first, last = (int(np.clip(np.floor(share * size), 0, size - 1)) for share in row_of_latitude([north, south]))
    rows = np.arange(first, last + 1)
    left, right = (int(np.clip(np.floor((lon + 180.0) / 360.0 * size), 0, size - 1)) for lon in (west, east))
    columns = np.arange(left, right + 1) if west <= east else np.append(np.arange(left, size), np.arange(right + 1))
    if rows.size * columns.size > limit:
        raise InputError(
            f"The box has {rows.size * columns.size:,} tiles of zoom {zoom}, more than {limit:,}; "
            "start at a coarser zoom."
        )
    return np.unique(codes_of(columns[None, :], rows[:, None]).reshape(-1))


def _spread_bits(value: IntArray) -> IntArray:
    """The bits of numbers below 2^24 moved apart, one free bit between two."""
    for shift, mask in ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F)):
        value = (value | (value << shift)) & mask
    value = (value | (value << 2)) & 0x3333333333333333
    return np.asarray((value | (value << 1)) & 0x5555555555555555, np.int64)


def _compact_bits(value: IntArray) -> IntArray:
    """Every second bit moved together; the inverse of ``_spread_bits``."""
    value = value & 0x5555555555555555
    value = (value | (value >> 1)) & 0x3333333333333333
    for shift, mask in ((2, 0x0F0F0F0F0F0F0F0F), (4, 0x00FF00FF00FF00FF), (8, 0x0000FFFF0000FFFF)):
        value = (value | (value >> shift)) & mask
    return np.asarray((value | (value >> 16)) & 0x00000000FFFFFFFF, np.int64)
