"""The outlines of a region: one shape per part, along pixel edges, cut at the date line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from affine import Affine
from rasterio import features
from scipy import ndimage
from shapely import segmentize
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.polygon import orient

from engine.geometry.grid import Grid
from engine.geometry.sphere import EARTH_RADIUS_KM
from engine.inference.region import Region

GLOBE_STEP_DEGREES = 1.0
"""Longest edge where a viewer draws edges as great circles: they then leave the parallel by less than 150 m."""
WIDEST_DEGREES = 90.0
"""Widest polygon that every globe fills on the right side."""


@dataclass(frozen=True, eq=False)
class RegionPart:
    """One of the separate areas of a region.

    Attributes:
        rank: 1 is the most probable.
        area_km2: its area on the sphere.
        probability: the mass that it holds.
        shape: longitude, latitude in degrees; shells anticlockwise, no polygon crosses the date line.
    """

    rank: int
    area_km2: float
    probability: float
    shape: MultiPolygon


def region_parts(region: Region) -> tuple[RegionPart, ...]:
    """The parts of a region, the most probable first."""
    parts: dict[int, list[_Piece]] = {}
    for piece in _pieces(region):
        parts.setdefault(piece.part, []).append(piece)
    ranked = sorted(parts.values(), key=lambda pieces: -sum(piece.probability for piece in pieces))
    return tuple(_join_pieces(rank, pieces) for rank, pieces in enumerate(ranked, start=1))


def for_globes(shape: MultiPolygon) -> MultiPolygon:
    """The same shape for viewers that draw edges as great circles and take the shorter way round the Earth.

    Polygons wider than ``WIDEST_DEGREES`` are cut at its multiples; edges get a vertex every ``GLOBE_STEP_DEGREES``.
    No vertex of the shape is lost or moved.
    """
    narrow = [piece for polygon in shape.geoms for piece in _narrow(polygon)]
    return MultiPolygon([segmentize(piece, GLOBE_STEP_DEGREES) for piece in narrow])


def _narrow(polygon: Polygon) -> list[Polygon]:
    west, _, east, _ = polygon.bounds
    if east - west <= WIDEST_DEGREES:
        return [polygon]
    edges = np.arange(-180.0, 180.0, WIDEST_DEGREES)
    cut = (polygon.intersection(box(edge, -90.0, edge + WIDEST_DEGREES, 90.0)) for edge in edges)
    pieces = (piece for found in cut for piece in getattr(found, "geoms", [found]))
    return [orient(piece) for piece in pieces if isinstance(piece, Polygon) and not piece.is_empty]


@dataclass(frozen=True, eq=False)
class _Piece:
    """One piece of a part, on one side of the date line."""

    part: int
    polygons: list[Polygon]
    area_km2: float
    probability: float


def _join_pieces(rank: int, pieces: list[_Piece]) -> RegionPart:
    area, probability = sum(piece.area_km2 for piece in pieces), sum(piece.probability for piece in pieces)
    return RegionPart(rank, area, probability, MultiPolygon([one for piece in pieces for one in piece.polygons]))


def _pieces(region: Region) -> Iterator[_Piece]:
    component_map, grid = region.component_map, region.overlay.grid
    height, width = grid.rows // component_map.piece.shape[0], grid.columns // component_map.piece.shape[1]
    for number, found in enumerate(ndimage.find_objects(component_map.piece), start=1):
        if found is None:
            continue
        rows = slice(found[0].start * height, found[0].stop * height)
        columns = slice(found[1].start * width, found[1].stop * width)
        here = np.repeat(np.repeat(component_map.piece[found] == number, height, axis=0), width, axis=1)
        mask = region.mask(rows, columns) & here
        area, probability = _area_and_probability(region, mask, rows, columns)
        yield _Piece(
            int(component_map.component_of_piece[number]), _polygons(region, mask, rows, columns), area, probability
        )


def _area_and_probability(
    region: Region, mask: npt.NDArray[np.bool_], rows: slice, columns: slice
) -> tuple[float, float]:
    """Area in km2 and probability of the mask."""
    pixel_area = region.overlay.grid.pixel_area_km2[rows]
    area = float(mask.sum(axis=1) @ pixel_area)
    inside = np.nonzero(mask)
    density = region.search_map.density[region.overlay.pixel_cell[rows, columns][inside]]
    return area * region.fraction, float(density @ pixel_area[inside[0]]) * region.fraction


def _polygons(region: Region, mask: npt.NDArray[np.bool_], rows: slice, columns: slice) -> list[Polygon]:
    """Outlines of a mask along pixel edges, exterior rings counter-clockwise."""
    grid = region.overlay.grid
    if region.fraction < 1.0:
        return [_part_of_pixel(grid, int(region.cut_pixels[0]), region.fraction)]
    west, north = -180 + columns.start * grid.longitude_step, 90 - rows.start * grid.latitude_step
    transform = Affine(grid.longitude_step, 0.0, west, 0.0, -grid.latitude_step, north)
    found = features.shapes(mask.astype(np.uint8), mask=mask, connectivity=4, transform=transform)
    return [orient(Polygon(*_rings(outline))) for outline, _ in found]


def _rings(outline: Mapping[str, Any]) -> tuple[Any, Any]:
    """Shell and holes of a GeoJSON polygon."""
    shell, *holes = outline["coordinates"]
    return shell, holes


def _part_of_pixel(grid: Grid, pixel: int, fraction: float) -> Polygon:
    """A box in the middle of a pixel that covers a share of its area on the sphere."""
    latitude, longitude = (float(value) for value in grid.point_of(pixel))
    tall = 0.5 * fraction**0.5 * grid.latitude_step
    zone = np.sin(np.radians(latitude + tall)) - np.sin(np.radians(latitude - tall))
    area_km2 = fraction * float(grid.area_of(pixel))
    wide = 0.5 * float(np.degrees(area_km2 / (EARTH_RADIUS_KM**2 * zone)))
    return orient(box(longitude - wide, latitude - tall, longitude + wide, latitude + tall))
