"""How much of a search map lies in each tile: the beam's prior.

Exact on the common grid at every zoom; inside a pixel the mass counts by area. Up to zoom 8 one pass over the grid sums
all tiles of zoom 8 (half a second for 58 million pixels, then kept); below that the pixels of a few windows are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from engine.errors import InputError
from engine.geometry import web_mercator
from engine.geometry.sphere import EARTH_AREA_KM2
from engine.geometry.web_mercator import LATITUDE_LIMIT
from engine.inference.region import Region
from engine.inference.search_map import SearchMap
from engine.typing import FloatArray, IntArray

WHOLE = 8
"""Zoom at which every tile is summed at once; coarser ones add these up, finer ones read windows of pixels."""
BLOCK_ROWS = 60
"""Rows of the grid summed at a time, so that they stay in the processor's cache."""


class TilePrior(Protocol):
    """A probability over the Earth, asked tile by tile. Called by the search at every level."""

    def log_mass(self, zoom: int, codes: IntArray) -> FloatArray:
        """Natural log of the mass in each tile, ``(n,)``; ``-inf`` where the tile is out of the question."""
        ...


@dataclass(frozen=True)
class AreaPrior:
    """Every km2 alike: the prior where no map is given."""

    def log_mass(self, zoom: int, codes: IntArray) -> FloatArray:
        """Log of the share of the Earth in each tile."""
        return np.asarray(np.log(web_mercator.areas_km2(zoom, codes) / EARTH_AREA_KM2), np.float64)


@dataclass(frozen=True, eq=False)
class MapPrior:
    """A search map, or the part of it inside a search region.

    Attributes:
        search_map: the map.
        region: where to search; None is everywhere.
        floor: share of the mass that is spread over all of the Earth, so that no tile outside the map's labels is
            excluded by rounding; not used with a region, whose outside is out of the question.

    Raises:
        InputError: the region lies beyond the Mercator square.
    """

    search_map: SearchMap
    region: Region | None = None
    floor: float = 1e-3

    def __post_init__(self) -> None:
        if self.region is not None and self.share_on_the_square < 1e-9:
            raise InputError(
                f"The region lies beyond {LATITUDE_LIMIT:.2f} degrees of latitude, where web map tiles end; "
                "take a larger budget or search without a region."
            )

    @cached_property
    def density(self) -> FloatArray:
        """``(cells,)`` mass per km2 of the whole cells that count."""
        density = self.search_map.density
        if self.region is None:
            return density * (1 - self.floor) + self.floor / EARTH_AREA_KM2
        return np.where(self.search_map.rank < self.region.whole_cells, density, 0.0)

    @cached_property
    def share_on_the_square(self) -> float:
        """Share of the mass on the Mercator square; what lies beyond cannot be found on tiles."""
        whole = float(self.density @ self.search_map.overlay.area_km2) + self._cut_mass
        return float(self._base_mass.sum()) / whole if whole > 0 else 0.0

    def log_mass(self, zoom: int, codes: IntArray) -> FloatArray:
        """Log of the mass in each tile."""
        coarse = zoom <= WHOLE
        mass = self._base_mass.reshape(4**zoom, -1).sum(axis=1)[codes] if coarse else self._windows(zoom, codes)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.maximum(mass, 0.0)), np.float64)

    @property
    def _cut_mass(self) -> float:
        """Mass of the pixels of the one cell that the region holds in part."""
        if self.region is None or not self.region.cut_pixels.size:
            return 0.0
        density = self.search_map.density[self.search_map.order[self.region.whole_cells]]
        area = self.search_map.overlay.grid.area_of(self.region.cut_pixels)
        return float(area.sum() * density * self.region.fraction)

    @cached_property
    def _base_mass(self) -> FloatArray:
        """Mass of every tile of zoom ``WHOLE``, by code."""
        grid, size = self.search_map.overlay.grid, 1 << WHOLE
        sides = np.arange(size + 1) / size * grid.columns
        strips = np.zeros((grid.rows + 1, size))
        for start in range(0, grid.rows, BLOCK_ROWS):
            rows = slice(start, min(start + BLOCK_ROWS, grid.rows))
            if self._has_mass(rows):
                strips[rows.start + 1 : rows.stop + 1] = _column_strips(
                    self._pixel_mass(rows, slice(0, grid.columns)), sides
                )
        table = strips.cumsum(axis=0)
        edges = _row_by_area(web_mercator.latitude_of_row(np.arange(size + 1) / size), grid.rows)
        above = np.minimum(edges.astype(np.int64), grid.rows - 1)
        share = (edges - above)[:, None]
        mass = np.diff(table[above] * (1 - share) + table[above + 1] * share, axis=0)
        y, x = np.divmod(np.arange(size * size), size)
        by_code = np.empty(size * size)
        by_code[web_mercator.codes_of(x, y)] = mass.reshape(-1)
        return by_code

    def _has_mass(self, rows: slice) -> bool:
        """Whether a region can hold anything in these rows; a map without a region always does."""
        if self.region is None:
            return True
        tile_rows = self.region.tile_mask.shape[0]
        high = self.search_map.overlay.grid.rows // tile_rows
        return bool(self.region.tile_mask[rows.start // high : -(-rows.stop // high)].any())

    def _windows(self, zoom: int, codes: IntArray) -> FloatArray:
        """Mass in tiles from the pixels; tiles of one ancestor at ``WHOLE`` share a window."""
        mass, up = np.empty(codes.size), zoom - WHOLE
        parents, member = np.unique(web_mercator.parents(codes, up), return_inverse=True)
        for number, parent in enumerate(parents):
            mine = np.flatnonzero(member == number)
            mass[mine] = self._window(zoom, codes[mine], int(parent))
        return mass

    def _window(self, zoom: int, codes: IntArray, parent: int) -> FloatArray:
        """Mass in tiles of one window, from a summed-area table over its pixels."""
        grid = self.search_map.overlay.grid
        whole = web_mercator.boxes(WHOLE, np.array([parent]))
        top, bottom = int(grid.row_of(whole.north)[0]), int(grid.row_of(whole.south)[0]) + 1
        left, right = int(grid.column_of(whole.west)[0]), int(np.ceil((whole.east[0] + 180) / grid.longitude_step))
        table = self._pixel_table(slice(top, bottom), slice(left, right))
        box = web_mercator.boxes(zoom, codes)
        edges = [_row_by_area(latitude, grid.rows) - top for latitude in (box.north, box.south)]
        sides = [(longitude + 180.0) / grid.longitude_step - left for longitude in (box.west, box.east)]
        corner = {(i, j): _interpolate_table(table, edges[i], sides[j]) for i in (0, 1) for j in (0, 1)}
        return corner[1, 1] - corner[0, 1] - corner[1, 0] + corner[0, 0]

    def _pixel_table(self, rows: slice, columns: slice) -> FloatArray:
        return np.pad(self._pixel_mass(rows, columns).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))

    def _pixel_mass(self, rows: slice, columns: slice) -> FloatArray:
        """Mass of the pixels of a window."""
        overlay = self.search_map.overlay
        cells = np.asarray(overlay.pixel_cell[rows, columns])
        if self.region is None:
            density = self.density[cells]
        else:
            inside = self.region.mask(rows, columns)
            density = np.where(inside, self.search_map.density[cells], 0.0) * self.region.fraction
        return np.asarray(density * overlay.grid.pixel_area_km2[rows, None], np.float64)


def _column_strips(mass: FloatArray, sides: FloatArray) -> FloatArray:
    """Mass of pixels ``(rows, columns)`` between fractional columns ``(n + 1,)``, ``(rows, n)``."""
    table = np.zeros((mass.shape[0], mass.shape[1] + 1))
    np.cumsum(mass, axis=1, out=table[:, 1:])
    left = np.minimum(sides.astype(np.int64), mass.shape[1] - 1)
    share = sides - left
    return np.diff(table[:, left] * (1 - share) + table[:, left + 1] * share, axis=1)


def _row_by_area(latitude: FloatArray, rows: int) -> FloatArray:
    """Fractional row of latitudes on a lattice, the fraction by area on the sphere (by the sine of latitude)."""
    plain = np.clip((90.0 - latitude) / 180.0 * rows, 0.0, rows)
    row = np.minimum(np.floor(plain), rows - 1)
    north, south = (np.sin(np.radians(90.0 - edge * 180.0 / rows)) for edge in (row, row + 1))
    return np.asarray(row + (north - np.sin(np.radians(latitude))) / (north - south), np.float64)


def _interpolate_table(table: FloatArray, row: FloatArray, column: FloatArray) -> FloatArray:
    """A summed-area table at fractional rows and columns."""
    row, column = np.clip(row, 0, table.shape[0] - 1), np.clip(column, 0, table.shape[1] - 1)
    i = np.minimum(row.astype(np.int64), table.shape[0] - 2)
    j = np.minimum(column.astype(np.int64), table.shape[1] - 2)
    down, right = row - i, column - j
    upper = table[i, j] * (1 - right) + table[i, j + 1] * right
    lower = table[i + 1, j] * (1 - right) + table[i + 1, j + 1] * right
    return np.asarray(upper * (1 - down) + lower * down, np.float64)
