"""Rasterises shapes on a grid: the pixels whose centres they contain, exact, as spans along rows.

Sides are straight in degrees, so that a row of pixels crosses a side at one longitude that a division gives.
"""

import math

import numpy as np

from engine.evidence.shapes.polygons import Polygon, edges, in_plane
from engine.evidence.statements.areas import Circle, Shape
from engine.geometry.grid import Grid
from engine.geometry.row_spans import Spans
from engine.geometry.sphere import EARTH_RADIUS_KM
from engine.typing import FloatArray, IntArray


def spans_of(shape: Shape, grid: Grid) -> Spans:
    """The pixels of a shape; a polygon or circle so small that it holds no centre takes the pixel that it lies in."""
    if isinstance(shape, Circle):
        return _or_pixel(_circle(shape, grid), grid, shape.latitude, shape.longitude)
    return Spans.union([_fill_polygon(polygon, grid) for polygon in shape.polygons])


ROUND = 1e-12
"""What the cosine rule may be off by."""


def _circle(circle: Circle, grid: Grid) -> Spans:
    """Pixels within the radius: on each row one span around the centre, by the cosine rule."""
    reach = math.degrees(circle.radius_km / EARTH_RADIUS_KM)
    rows = np.flatnonzero(np.abs(grid.latitudes - circle.latitude) <= reach)
    phi, centre = np.radians(grid.latitudes[rows]), math.radians(circle.latitude)
    scale = np.cos(phi) * math.cos(centre)
    cosine = (math.cos(math.radians(reach)) - np.sin(phi) * math.sin(centre)) / np.maximum(scale, 1e-300)
    # On a row through the far side of the circle's centre the cosine is -1 but for rounding.
    half = np.degrees(np.arccos(np.clip(np.where(cosine < ROUND - 1.0, -1.0, cosine), -1.0, 1.0)))
    met = cosine <= 1.0
    west, east = _columns(grid, circle.longitude - half), _columns(grid, circle.longitude + half)
    east = np.where(half >= 180.0, west + grid.columns, east)
    return Spans.of_rows(grid, rows[met], west[met], east[met])


def _fill_polygon(polygon: Polygon, grid: Grid) -> Spans:
    """Pixels whose centres a polygon holds, by the even-odd rule over its sides."""
    row, longitude = _crossings(polygon, grid)
    order = np.lexsort((longitude, row))
    row, column = row[order], _columns(grid, longitude[order])
    spans = Spans.of_rows(grid, row[::2], column[::2], np.maximum(column[1::2], column[::2]))
    inner = in_plane(polygon).representative_point()
    return _or_pixel(spans, grid, inner.y, inner.x)


def _crossings(polygon: Polygon, grid: Grid) -> tuple[IntArray, FloatArray]:
    """Rows whose centre line a side crosses, and the longitude where it does; an even number per row."""
    sides = np.array(list(edges([polygon])))
    upper, lower = sides[:, :, 0].max(axis=1), sides[:, :, 0].min(axis=1)
    # A row belongs to a side from its upper end, which counts, to its lower end, which does not.
    first = np.ceil((90.0 - upper) / grid.latitude_step - 0.5).astype(np.int64)
    last = np.ceil((90.0 - lower) / grid.latitude_step - 0.5).astype(np.int64)
    first, count = np.maximum(first, 0), np.maximum(np.minimum(last, grid.rows) - np.maximum(first, 0), 0)
    side = np.repeat(np.arange(len(sides)), count)
    row = first[side] + np.arange(side.size) - (np.cumsum(count) - count)[side]
    (lat_a, lon_a), (lat_b, lon_b) = sides[side, 0].T, sides[side, 1].T
    share = (grid.latitudes[row] - lat_a) / (lat_b - lat_a)
    return row, lon_a + share * (lon_b - lon_a)


def _columns(grid: Grid, longitude: FloatArray) -> IntArray:
    """The first column whose centre lies at or east of each longitude; columns go on beyond the grid."""
    return np.ceil((longitude + 180.0) / grid.longitude_step - 0.5).astype(np.int64)


def _or_pixel(spans: Spans, grid: Grid, latitude: float, longitude: float) -> Spans:
    if spans.start.size:
        return spans
    pixel = grid.pixel_of(np.array([latitude]), np.array([longitude]))
    return Spans(grid, pixel, pixel + 1)
