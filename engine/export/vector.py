"""A region as GeoJSON (RFC 7946): one feature per part, exact to the pixel, cut at the date line.

Knows nothing of how the region was found; what the file should say of that is handed in as ``facts``.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from affine import Affine
from rasterio import features
from scipy import ndimage
from shapely.geometry import MultiPolygon, Polygon, box, mapping
from shapely.geometry.polygon import orient

from engine.earth.grid import Grid
from engine.region import Region

DECIMALS = 7
"""Decimals of a degree in coordinates; one centimetre."""


def region_geojson(region: Region, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The region as a FeatureCollection of MultiPolygons, the most probable part first.

    Args:
        region: what to write.
        facts: put under ``"hereabouts"`` of the collection, for instance the predictors and their weights.
    """
    parts: dict[int, list[_Piece]] = {}
    for piece in _pieces(region):
        parts.setdefault(piece.part, []).append(piece)
    ranked = sorted(parts.values(), key=lambda pieces: -sum(piece.probability for piece in pieces))
    return {
        "type": "FeatureCollection",
        "features": [_feature(rank, pieces) for rank, pieces in enumerate(ranked, start=1)],
        "hereabouts": {"region": region_facts(region), **(facts or {})},
    }


def region_facts(region: Region) -> dict[str, Any]:
    """What a region is, as plain values: ``budget_km2, coverage, area_km2, probability, parts, sha256``."""
    return {
        "budget_km2": region.budget_km2,
        "coverage": region.coverage,
        "area_km2": region.area_km2,
        "probability": region.probability,
        "parts": region.parts,
        "sha256": region.sha256,
    }


def geojson_text(region: Region, facts: Mapping[str, Any] | None = None) -> str:
    """The region as GeoJSON text, UTF-8 safe, without NaN."""
    return json.dumps(region_geojson(region, facts), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class _Piece:
    """One piece of a part, on one side of the date line."""

    def __init__(self, part: int, polygons: list[Polygon], area_km2: float, probability: float) -> None:
        self.part, self.polygons, self.area_km2, self.probability = part, polygons, area_km2, probability


def _pieces(region: Region) -> Iterator[_Piece]:
    part_map, grid = region.part_map, region.overlay.grid
    height, width = grid.rows // part_map.piece.shape[0], grid.columns // part_map.piece.shape[1]
    for number, found in enumerate(ndimage.find_objects(part_map.piece), start=1):
        if found is None:
            continue
        rows = slice(found[0].start * height, found[0].stop * height)
        columns = slice(found[1].start * width, found[1].stop * width)
        here = np.repeat(np.repeat(part_map.piece[found] == number, height, axis=0), width, axis=1)
        mask = region.mask(rows, columns) & here
        area, probability = _measured(region, mask, rows, columns)
        yield _Piece(int(part_map.part_of_piece[number]), _polygons(region, mask, rows, columns), area, probability)


def _measured(region: Region, mask: npt.NDArray[np.bool_], rows: slice, columns: slice) -> tuple[float, float]:
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
    """A box in the middle of a pixel that covers a share of it."""
    latitude, longitude = (float(value) for value in grid.point_of(pixel))
    half = 0.5 * fraction**0.5
    tall, wide = half * grid.latitude_step, half * grid.longitude_step
    return orient(box(longitude - wide, latitude - tall, longitude + wide, latitude + tall))


def _feature(rank: int, pieces: list[_Piece]) -> dict[str, Any]:
    area, probability = sum(p.area_km2 for p in pieces), sum(p.probability for p in pieces)
    outline = MultiPolygon([polygon for piece in pieces for polygon in piece.polygons])
    return {
        "type": "Feature",
        "properties": {"part": rank, "area_km2": round(area, 6), "probability": probability},
        "geometry": {"type": "MultiPolygon", "coordinates": _rounded(mapping(outline)["coordinates"])},
    }


def _rounded(coordinates: Any) -> Any:  # nested tuples of any depth
    if isinstance(coordinates, float):
        return round(coordinates, DECIMALS)
    return [_rounded(inner) for inner in coordinates]
