"""Which overlay cells meet which tile of a coarse lattice: what makes drawing and cutting cheap.

The lattice has at most 1080 x 2160 tiles (10 arc-minutes). A picture of the Earth then costs one reduction over about
three million (tile, cell) pairs, and the pixels of one cell are found without scanning the grid. No cell, however
small, is lost from a tile that it meets.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.earth.grid import Grid, IntArray
from engine.earth.sphere import FloatArray

LATTICE_ROWS, LATTICE_COLUMNS = 1080, 2160
"""Largest display lattice; a tile is then 10 arc-minutes."""


def largest_divisor(number: int, bound: int) -> int:
    """The largest divisor of ``number`` that is at most ``bound``."""
    return next(d for d in range(min(number, bound), 0, -1) if number % d == 0)


@dataclass(frozen=True, eq=False)
class TileIndex:
    """Pairs (tile, cell), sorted by tile.

    Attributes:
        shape: ``(rows, columns)`` of the lattice; tiles are numbered row by row, row 0 north.
        start: ``(tiles + 1,)`` int64; pairs of tile t are ``cell[start[t]:start[t + 1]]``, never empty.
        cell: ``(pairs,)`` int32.
        area_km2: ``(pairs,)`` float32, area of the cell inside the tile; per cell they sum to the cell's area.
    """

    shape: tuple[int, int]
    start: IntArray
    cell: npt.NDArray[np.int32]
    area_km2: npt.NDArray[np.float32]

    @cached_property
    def tile(self) -> npt.NDArray[np.int32]:
        """``(pairs,)`` tile of each pair."""
        return np.repeat(np.arange(self.start.size - 1, dtype=np.int32), np.diff(self.start))

    def lowest(self, value: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """The lowest value of the cells in each tile; ``(cells,)`` to ``(rows, columns)``."""
        lowest: npt.NDArray[np.int32] = np.minimum.reduceat(value[self.cell], self.start[:-1]).reshape(self.shape)
        return lowest

    def total(self, density: FloatArray) -> FloatArray:
        """Mass of a density per km2 in each tile; ``(cells,)`` to ``(rows, columns)``."""
        mass = np.add.reduceat(density[self.cell] * self.area_km2, self.start[:-1])
        return np.asarray(mass, np.float64).reshape(self.shape)

    def tiles_of(self, cell: int) -> IntArray:
        """Tiles that a cell meets, ascending."""
        return self.tile[np.flatnonzero(self.cell == cell)].astype(np.int64)

    def tile_of_pixels(self, pixels: IntArray, grid: Grid) -> IntArray:
        """Tile of each flat pixel index."""
        row, column = np.divmod(pixels, grid.columns)
        height, width = grid.rows // self.shape[0], grid.columns // self.shape[1]
        return np.asarray((row // height) * self.shape[1] + column // width, np.int64)

    def pixels_of_tiles(self, tiles: IntArray, grid: Grid) -> IntArray:
        """Flat indices of all pixels of the tiles."""
        height, width = grid.rows // self.shape[0], grid.columns // self.shape[1]
        row, column = np.divmod(tiles, self.shape[1])
        corner = row * height * grid.columns + column * width
        inside = (np.arange(height)[:, None] * grid.columns + np.arange(width)).reshape(-1)
        return np.asarray((corner[:, None] + inside).reshape(-1), np.int64)


class TileIndexBuilder:
    """Collects the pairs band by band while the overlay is built."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.shape = largest_divisor(grid.rows, LATTICE_ROWS), largest_divisor(grid.columns, LATTICE_COLUMNS)
        self.tile_rows, self.tile_columns = grid.rows // self.shape[0], grid.columns // self.shape[1]
        self.cells: list[npt.NDArray[np.int32]] = []
        self.areas: list[npt.NDArray[np.float32]] = []
        self.counts: list[IntArray] = []

    def add(self, start: int, cells: IntArray) -> None:
        """Add rows ``start ...`` of the grid, a whole number of tile rows."""
        bands = cells.shape[0] // self.tile_rows
        blocks = cells.astype(np.int32).reshape(bands, self.tile_rows, self.shape[1], self.tile_columns)
        flat = np.sort(blocks.swapaxes(1, 2).reshape(bands * self.shape[1], -1), axis=1)
        first = np.ones(flat.shape, bool)
        np.not_equal(flat[:, 1:], flat[:, :-1], out=first[:, 1:])
        where = np.flatnonzero(first)
        pixels = np.diff(np.append(where, first.size))
        area = self.grid.pixel_area_km2[start : start + cells.shape[0]].reshape(bands, -1).mean(axis=1)
        self.cells.append(flat.reshape(-1)[where])
        self.counts.append(first.sum(axis=1))
        self.areas.append((pixels * np.repeat(area, flat.size // bands)[where]).astype(np.float32))

    def finish(self, cell_area_km2: FloatArray) -> TileIndex:
        """The index; pair areas are scaled so that each cell keeps its exact area."""
        cell, area = np.concatenate(self.cells), np.concatenate(self.areas)
        rough = np.bincount(cell, weights=area, minlength=cell_area_km2.size)
        scale = np.divide(cell_area_km2, rough, out=np.ones_like(rough), where=rough > 0)
        start = np.concatenate([[0], np.cumsum(np.concatenate(self.counts))])
        return TileIndex(self.shape, start, cell, (area * scale[cell]).astype(np.float32))
