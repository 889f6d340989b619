"""The overlay: the common refinement of several partitions, so that pooling never touches a pixel.

Every raster of paper A's Algorithm 1 is constant on the labels of its partition, hence a product of rasters is
constant on each distinct combination of labels. Those combinations are the *cells* of the overlay: some ten thousand
numbers stand for 58 million pixels. Building it is one pass over the grid in row blocks; see ``overlay_store`` for
keeping it on disk. Knows no probability.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.earth.grid import Grid, IntArray
from engine.earth.partition import NOWHERE, Partition
from engine.earth.sphere import FloatArray
from engine.earth.tile_index import TileIndex, TileIndexBuilder
from engine.errors import InputError

Progress = Callable[[float], None]
"""Called with the share done, 0 to 1; it may raise to cancel."""

BLOCK_TILE_ROWS = 12
"""Rows of tiles handled at once: about 650,000 pixels on the default grid, which stay in the processor's cache."""

LARGEST_TABLE = 200_000_000
"""Entries that the renumbering table of one fold may have; more would mean partitions of absurd size."""


@dataclass(frozen=True, eq=False)
class PartitionTable:
    """What remains of a partition once it is part of an overlay: everything but its raster.

    Attributes:
        name: as in ``Partition``.
        labels: as in ``Partition``.
        owner: as in ``Partition``; the label that holds the probability of each label.
        cell_label: ``(cells,)`` int32, the label of each overlay cell, ``NOWHERE`` where none.
        area_km2: ``(labels,)`` area of each mask on the grid; 0 for labels that own no pixel.
    """

    name: str
    labels: tuple[str, ...]
    owner: npt.NDArray[np.int64]
    cell_label: npt.NDArray[np.int32]
    area_km2: FloatArray


@dataclass(frozen=True, eq=False)
class Overlay:
    """Cells on which every partition is constant.

    Attributes:
        grid: the common grid.
        tables: one per partition, in the order in which they were laid over each other.
        area_km2: ``(cells,)`` float64, sums to the area of the sphere.
        center: ``(cells, 3)`` float64 mean direction of each cell's pixels, not normalised, area-weighted.
        pixel_cell: ``(rows, columns)`` int32, the cell of each pixel; may be memory-mapped.
        tiles: which cells meet which tile of the display lattice.
    """

    grid: Grid
    tables: tuple[PartitionTable, ...]
    area_km2: FloatArray
    center: FloatArray = field(repr=False)
    pixel_cell: npt.NDArray[np.int32] = field(repr=False)
    tiles: TileIndex = field(repr=False)

    @property
    def cells(self) -> int:
        """Number of cells."""
        return int(self.area_km2.size)

    def table(self, name: str) -> PartitionTable:
        """The partition of this name.

        Raises:
            InputError: no partition of this name is part of the overlay.
        """
        for table in self.tables:
            if table.name == name:
                return table
        known = ", ".join(table.name for table in self.tables)
        raise InputError(f"The overlay has no partition {name!r}; it has {known}. Build it with that partition.")

    def cell_at(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> IntArray:
        """Cell of each point in degrees."""
        row, column = self.grid.row_of(latitude), self.grid.column_of(longitude)
        return np.asarray(self.pixel_cell[row, column], dtype=np.int64)

    def pixels_of(self, cell: int) -> IntArray:
        """Flat indices of the pixels of one cell, ascending; only the tiles that it meets are looked at."""
        candidates = self.tiles.pixels_of_tiles(self.tiles.tiles_of(cell), self.grid)
        rows, columns = np.divmod(candidates, self.grid.columns)
        return np.sort(candidates[self.pixel_cell[rows, columns] == cell])

    @cached_property
    def unit_center(self) -> FloatArray:
        """``(cells, 3)`` unit vectors of the cells' centres; cells that surround the Earth evenly point north."""
        length = np.linalg.norm(self.center, axis=1, keepdims=True)
        return np.where(length > 1e-9 * self.area_km2[:, None], self.center / np.maximum(length, 1e-300), [0, 0, 1.0])


def build_overlay(
    partitions: Sequence[Partition],
    progress: Progress | None = None,
    pixel_cell: npt.NDArray[np.int32] | None = None,
) -> Overlay:
    """The common refinement of partitions on one grid, in a single pass over row blocks.

    Args:
        partitions: at least one; names differ, grids are equal.
        progress: told the share done after every block.
        pixel_cell: ``(rows, columns)`` int32 to write into, for instance a memory-mapped file.

    Raises:
        InputError: no partition, two of one name, or different grids.
    """
    grid = _common_grid(partitions)
    raster = np.empty(grid.shape, np.int32) if pixel_cell is None else pixel_cell
    folds = [_Fold(len(partition.labels)) for partition in partitions[1:]]
    tiles, sums = TileIndexBuilder(grid), _CellSums(grid)
    step = BLOCK_TILE_ROWS * tiles.tile_rows
    for start in range(0, grid.rows, step):
        stop = min(start + step, grid.rows)
        cells = partitions[0].raster[start:stop].astype(np.int64) + 1
        for fold, partition in zip(folds, partitions[1:], strict=True):
            cells = fold.apply(cells, partition.raster[start:stop])
        raster[start:stop] = cells
        sums.add(start, cells)
        tiles.add(start, cells)
        if progress is not None:
            progress(stop / grid.rows)
    return _finished(grid, partitions, folds, sums, tiles, raster)


def _common_grid(partitions: Sequence[Partition]) -> Grid:
    if not partitions:
        raise InputError("An overlay needs at least one partition; give it the geocells, for instance.")
    names = [partition.name for partition in partitions]
    if len(set(names)) < len(names):
        raise InputError(f"Two partitions share a name among {', '.join(names)}; rename one of them.")
    grid = partitions[0].grid
    if any(partition.grid != grid for partition in partitions):
        raise InputError("The partitions lie on different grids; draw all of them on the same grid first.")
    return grid


class _Fold:
    """Numbers the combinations (cell so far, label) in the order in which the rows meet them."""

    def __init__(self, labels: int) -> None:
        self.width = labels + 1
        self.number = np.empty(0, np.int32)
        self.found: list[IntArray] = []
        self.count = 0

    def apply(self, cells: IntArray, labels: npt.NDArray[np.signedinteger]) -> IntArray:
        key = cells * self.width + (labels.astype(np.int64) - NOWHERE)
        self._reserve(int(key.max()) + 1)
        fresh = key[self.number[key] < 0]
        if fresh.size:
            new = np.unique(fresh)
            self.number[new] = np.arange(self.count, self.count + new.size)
            self.found.append(new)
            self.count += new.size
        return np.asarray(self.number[key], np.int64)

    def _reserve(self, size: int) -> None:
        if size > LARGEST_TABLE:
            raise InputError("The partitions have too many labels to be laid over each other; merge some labels.")
        if size > self.number.size:
            grown = np.full(max(size, 2 * self.number.size), -1, np.int32)
            grown[: self.number.size] = self.number
            self.number = grown

    def keys(self) -> IntArray:
        return np.concatenate(self.found) if self.found else np.empty(0, np.int64)


class _CellSums:
    """Area and mean direction per cell, summed block by block."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        radians = np.radians(grid.longitudes)
        self.cos_lon, self.sin_lon = np.cos(radians), np.sin(radians)
        self.sums = np.zeros((4, 0))

    def add(self, start: int, cells: IntArray) -> None:
        first, last = int(cells.min()), int(cells.max())
        self._reserve(last + 1)
        local, width = (cells - first).reshape(-1), last - first + 1
        latitude = np.radians(self.grid.latitudes[start : start + cells.shape[0]])
        area = self.grid.pixel_area_km2[start : start + cells.shape[0]]
        for axis, (by_row, by_column) in enumerate(self._weights(latitude, area)):
            weights = np.multiply.outer(by_row, by_column).reshape(-1)
            self.sums[axis, first : last + 1] += np.bincount(local, weights, minlength=width)

    def _weights(self, latitude: FloatArray, area: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
        """Area, x, y and z of a block as outer products of a row and a column vector."""
        ones, flat = np.ones_like(self.cos_lon), area * np.cos(latitude)
        return [(area, ones), (flat, self.cos_lon), (flat, self.sin_lon), (area * np.sin(latitude), ones)]

    def _reserve(self, size: int) -> None:
        if size > self.sums.shape[1]:
            self.sums = np.pad(self.sums, ((0, 0), (0, max(size, 2 * self.sums.shape[1]) - self.sums.shape[1])))


def _finished(
    grid: Grid,
    partitions: Sequence[Partition],
    folds: Sequence[_Fold],
    sums: _CellSums,
    tiles: TileIndexBuilder,
    raster: npt.NDArray[np.int32],
) -> Overlay:
    """Read the labels of the final cells back out of the folds and put the value together."""
    count = folds[-1].count if folds else len(partitions[0].labels) + 1
    totals = np.zeros((4, count))
    totals[:, : min(count, sums.sums.shape[1])] = sums.sums[:, :count]
    labels = _labels_of_cells(count, folds)
    area = totals[0]
    tables = tuple(_table(partition, label, area) for partition, label in zip(partitions, labels, strict=True))
    return Overlay(grid, tables, area, np.ascontiguousarray(totals[1:].T), raster, tiles.finish(area))


def _labels_of_cells(count: int, folds: Sequence[_Fold]) -> list[IntArray]:
    """Label of every final cell in every partition, in the order of the partitions."""
    cells, labels = np.arange(count, dtype=np.int64), []
    for fold in reversed(folds):
        cells, label = np.divmod(fold.keys()[cells], fold.width)
        labels.append(label + NOWHERE)
    labels.append(cells + NOWHERE)
    return labels[::-1]


def _table(partition: Partition, cell_label: IntArray, area: FloatArray) -> PartitionTable:
    by_label = np.bincount(cell_label - NOWHERE, weights=area, minlength=len(partition.labels) + 1)
    mask_area: FloatArray = np.asarray(by_label[1:], np.float64).copy()
    return PartitionTable(partition.name, partition.labels, partition.owner, cell_label.astype(np.int32), mask_area)

