"""The overlay: the common refinement of several partitions, so that pooling never touches a pixel.

Every raster of Algorithm 1 of Bianco et al. 2024 is constant on the labels of its partition, so a product of rasters
is constant on each distinct combination of labels. Those combinations are the *cells* of the overlay: some ten thousand
numbers stand for 58 million pixels. Building it is one pass over the grid in bands of rows, on all cores; see
``run_lengths`` for the pass and ``overlay_store`` for storage on disk.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.errors import InputError
from engine.geometry.grid import Grid
from engine.partitions.partition import NOWHERE, RowSource
from engine.partitions.run_lengths import BandRecord, Refinement, Runs, bands, find_runs
from engine.partitions.split_raster import SplitRaster, find_pixels
from engine.partitions.split_tile_index import SplitTiles
from engine.partitions.storage.block_raster import CellRaster
from engine.partitions.tile_index import TileIndex
from engine.typing import FloatArray, IntArray

Progress = Callable[[float], None]
"""Called with the share done, 0 to 1; it may raise to cancel."""

MOST_THREADS = 4
"""Bands built at once at most; each takes some 400 MB on the grid of 30 arc-seconds."""

PixelCells = npt.NDArray[np.int32] | CellRaster | SplitRaster
"""The cell of each pixel: an array in memory or in a file, compressed blocks, or either of them split along a shape."""


@dataclass(frozen=True, eq=False)
class PartitionTable:
    """A partition as part of an overlay: everything but its raster.

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
        tables: one per partition, in the order of construction.
        area_km2: ``(cells,)`` float64, sums to the area of the sphere.
        center: ``(cells, 3)`` float64 mean direction of each cell's pixels, not normalised, area-weighted.
        pixel_cell: ``(rows, columns)`` int32, the cell of each pixel; may be memory-mapped, a ``CellRaster`` or
            a ``SplitRaster``, which give windows ``pixel_cell[rows, columns]`` of slices and points of integer arrays.
        tiles: index of the cells that each tile of the display lattice meets.
    """

    grid: Grid
    tables: tuple[PartitionTable, ...]
    area_km2: FloatArray
    center: FloatArray = field(repr=False)
    pixel_cell: PixelCells = field(repr=False)
    tiles: TileIndex | SplitTiles = field(repr=False)

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
        raise InputError(f"The overlay has no partition {name!r}; it has {known}; build it with that partition.")

    def cell_at(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> IntArray:
        """Cell of each point in degrees."""
        row, column = self.grid.row_of(latitude), self.grid.column_of(longitude)
        return np.asarray(self.pixel_cell[row, column], dtype=np.int64)

    def pixels_of(self, cell: int) -> IntArray:
        """Flat indices of the pixels of one cell, ascending; reads only the tiles that it meets."""
        tiles = self.tiles.tiles_of(cell)
        corners = self.tiles.corners(tiles, self.grid)
        return find_pixels(self.pixel_cell, cell, corners, self.tiles.pixels_of_tiles(tiles, self.grid))

    def center_of(self, cell: int) -> FloatArray:
        """``(3,)`` unit vector of one cell's centre; see ``unit_center``."""
        center: FloatArray = _normalize(self.center[cell : cell + 1], self.area_km2[cell : cell + 1])[0]
        return center

    @cached_property
    def unit_center(self) -> FloatArray:
        """``(cells, 3)`` unit vectors of the cells' centres; cells that surround the Earth evenly point north."""
        return _normalize(self.center, self.area_km2)


def _normalize(center: FloatArray, area_km2: FloatArray) -> FloatArray:
    length = np.sqrt(np.einsum("ij,ij->i", center, center))[:, None]
    unit = np.where(length > 1e-9 * area_km2[:, None], center / np.maximum(length, 1e-300), [0, 0, 1.0])
    return np.asarray(unit, np.float64)


class PixelSink(Protocol):
    """The destination of the pixel raster, written band by band."""

    def finished(self) -> Iterator[BandRecord]:
        """Records of the bands that an interrupted build completed, from the north on."""
        ...

    def encode(self, runs: Runs, cells: npt.NDArray[np.int32]) -> object:
        """Encode a band for ``append``; called from several threads at once."""
        ...

    def append(self, encoded: object, record: BandRecord) -> None:
        """Write an encoded band; called in order."""
        ...

    def pixel_cell(self) -> PixelCells:
        """The raster of all bands."""
        ...


@dataclass(frozen=True, eq=False)
class ArraySink:
    """Writes into an array of the size of the grid; an interrupted build starts over."""

    raster: npt.NDArray[np.int32]

    def finished(self) -> Iterator[BandRecord]:
        """No records."""
        return iter(())

    def encode(self, runs: Runs, cells: npt.NDArray[np.int32]) -> None:
        """Fill the rows of a band."""
        self.raster[runs.start : runs.stop] = runs.on_pixels(cells)

    def append(self, encoded: object, record: BandRecord) -> None:
        """Do nothing; ``encode`` has written the rows."""

    def pixel_cell(self) -> PixelCells:
        """The array."""
        return self.raster


def build_overlay(
    partitions: Sequence[RowSource],
    progress: Progress | None = None,
    pixel_cell: npt.NDArray[np.int32] | PixelSink | None = None,
    threads: int | None = None,
) -> Overlay:
    """The common refinement of partitions on one grid, in a single pass over bands of rows.

    Args:
        partitions: at least one; names differ, grids are equal. Their rows are drawn in several threads.
        progress: called with the share done after every band, in the caller's thread.
        pixel_cell: ``(rows, columns)`` int32 to write into, for instance a memory-mapped file, or a ``PixelSink``.
        threads: bands built at once; default the number of cores, at most 4.

    Raises:
        InputError: no partition, two of one name, or different grids.
    """
    grid = _common_grid(partitions)
    sink = ArraySink(np.empty(grid.shape, np.int32)) if pixel_cell is None else pixel_cell
    if isinstance(sink, np.ndarray):
        sink = ArraySink(sink)
    whole = Refinement(grid, [len(partition.labels) for partition in partitions])
    _number_bands(whole, partitions, sink, progress, threads or min(os.cpu_count() or 1, MOST_THREADS))
    return _assemble(grid, partitions, whole, sink.pixel_cell())


def _number_bands(
    whole: Refinement, partitions: Sequence[RowSource], sink: PixelSink, progress: Progress | None, threads: int
) -> None:
    """Draw and write bands in threads; number their cells in order in this one."""
    todo = bands(whole.grid, whole.tiles.tile_rows)
    for record in sink.finished():
        whole.replay(record)
        todo.pop(0)
    pool = ThreadPoolExecutor(threads)
    try:
        writing: deque[tuple[Runs, Future[object], BandRecord]] = deque()
        for runs in _draw_ahead(pool, partitions, whole.tiles.tile_columns, todo, threads):
            cells, record = whole.add(runs)
            writing.append((runs, pool.submit(sink.encode, runs, cells), record))
            while len(writing) > threads or (writing and runs.stop == whole.grid.rows):
                done, encoded, done_record = writing.popleft()
                sink.append(encoded.result(), done_record)
                if progress is not None:
                    progress(done.stop / whole.grid.rows)
    finally:
        pool.shutdown(cancel_futures=True)


def _draw_ahead(
    pool: ThreadPoolExecutor, partitions: Sequence[RowSource], tiles: int, todo: list[tuple[int, int]], ahead: int
) -> Iterator[Runs]:
    """The runs of the bands in order, cut at tiles of ``tiles`` columns; up to ``ahead`` bands are drawn in advance."""
    drawing: deque[Future[Runs]] = deque()
    for start, stop in todo:
        drawing.append(pool.submit(find_runs, partitions, start, stop, tiles))
        if len(drawing) > ahead:
            yield drawing.popleft().result()
    while drawing:
        yield drawing.popleft().result()


def _common_grid(partitions: Sequence[RowSource]) -> Grid:
    if not partitions:
        raise InputError("An overlay of no partitions was requested; give at least one, for instance the geocells.")
    names = [partition.name for partition in partitions]
    if len(set(names)) < len(names):
        raise InputError(f"Two partitions share a name among {', '.join(names)}; rename one of them.")
    grid = partitions[0].grid
    if any(partition.grid != grid for partition in partitions):
        raise InputError("The partitions lie on different grids; draw all of them on the same grid first.")
    return grid


def _assemble(grid: Grid, partitions: Sequence[RowSource], whole: Refinement, pixel_cell: PixelCells) -> Overlay:
    """The overlay from the numbered cells: decode their labels, sum their areas."""
    totals = whole.totals()
    area = totals[0]
    labels = whole.labels_of_cells()
    tables = tuple(_table(partition, label, area) for partition, label in zip(partitions, labels, strict=True))
    return Overlay(grid, tables, area, np.ascontiguousarray(totals[1:].T), pixel_cell, whole.tiles.finish(area))


def _table(partition: RowSource, cell_label: IntArray, area: FloatArray) -> PartitionTable:
    by_label = np.bincount(cell_label - NOWHERE, weights=area, minlength=len(partition.labels) + 1)
    mask_area: FloatArray = np.asarray(by_label[1:], np.float64).copy()
    return PartitionTable(partition.name, partition.labels, partition.owner, cell_label.astype(np.int32), mask_area)
