"""Draws S2 cells in bands of rows: the masks of ``cell_raster.draw_cells`` without a raster of the whole grid.

Cells without a pixel centre, and their owners, are found beforehand from the few pixels around each small cell; so rows
can be drawn in any order, by several threads, on a grid of any size.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.geometry.grid import Grid
from engine.geometry.s2 import cells as s2
from engine.geometry.s2.lattice import FaceArray, Lattice
from engine.partitions.cell_raster import CellTable
from engine.partitions.partition import NOWHERE, LabelRaster
from engine.typing import Int32Array, IntArray

_STRIP_PIXELS = 160_000  # pixels whose coordinates stay in the processor's cache
_CHUNK_PIXELS = 500_000  # pixels around small cells that are looked up at once
_LARGEST_DIAGONAL = 2.44  # S2's kMaxDiag: no cell of level n is wider than this / 2**n radians

Strip = tuple[slice, FaceArray, Int32Array, Int32Array]


@dataclass(frozen=True, eq=False)
class SharedLattice:
    """The S2 coordinates of a grid's pixels; sets of cells that share it compute them once per band.

    Attributes:
        grid: the grid.
        lattice: its latitudes and longitudes.
    """

    grid: Grid
    lattice: Lattice
    _last: threading.local = field(default_factory=threading.local, repr=False)

    @classmethod
    def of(cls, grid: Grid) -> "SharedLattice":
        """The lattice of a grid."""
        return cls(grid, Lattice.of(grid.latitudes, grid.longitudes))

    def strips(self, start: int, stop: int) -> list[Strip]:
        """Rows within the band, and face, i and j of their pixels; cached until this thread requests another band."""
        if getattr(self._last, "band", None) != (start, stop):
            self._last.strips = list(self._compute_strips(start, stop))
            self._last.band = (start, stop)
        found: list[Strip] = self._last.strips
        return found

    def _compute_strips(self, start: int, stop: int) -> Iterator[Strip]:
        step = max(1, _STRIP_PIXELS // self.grid.columns)
        for top in range(start, stop, step):
            bottom = min(top + step, stop)
            yield slice(top - start, bottom - start), *self.lattice.face_ij(slice(top, bottom))


@dataclass(frozen=True, eq=False)
class CellRows:
    """Disjoint S2 cells as a ``RowSource``; equal to the partition of ``draw_cells`` pixel by pixel.

    Attributes:
        name, labels, grid, owner: as in ``Partition``.
    """

    name: str
    labels: tuple[str, ...]
    grid: Grid
    owner: IntArray
    _table: CellTable = field(repr=False)
    _lattice: SharedLattice = field(repr=False)
    _taken: IntArray = field(repr=False)
    _taker: IntArray = field(repr=False)

    def rows(self, start: int, stop: int) -> LabelRaster:
        """Labels of some rows; a cell too small for a pixel centre takes the unlabelled pixel at its own centre."""
        block = _empty((stop - start, self.grid.columns), len(self.labels))
        for inside, face, i, j in self._lattice.strips(start, stop):
            block[inside] = self._table.labels(face, i, j)
        first, last = np.searchsorted(self._taken, [start * self.grid.columns, stop * self.grid.columns])
        block.reshape(-1)[self._taken[first:last] - start * self.grid.columns] = self._taker[first:last]
        return block


def cell_rows(name: str, ids: s2.IdArray, labels: Sequence[str], lattice: SharedLattice) -> CellRows:
    """The masks of disjoint cells ``(J,)`` with ``(J,)`` labels, to be drawn by rows; see ``draw_cells``."""
    table, grid = CellTable.of(ids), lattice.grid
    owner = np.arange(ids.size, dtype=np.int64)
    lost = _cells_without_pixel(ids, table, grid)
    pixel = grid.pixel_of(*s2.cell_centers(ids[lost]))
    holder = _label_of_pixels(table, grid, pixel)
    taken, first = np.unique(pixel[holder == NOWHERE], return_index=True)  # the first of several labels takes the pixel
    taker = lost[holder == NOWHERE][first]
    if taken.size:
        place = np.minimum(np.searchsorted(taken, pixel), taken.size - 1)
        holder = np.where(holder == NOWHERE, taker[place], holder)
    owner[lost] = holder
    return CellRows(name, tuple(labels), grid, owner, table, lattice, taken, taker)


def _empty(shape: tuple[int, int], labels: int) -> LabelRaster:
    return np.empty(shape, np.int16) if labels <= np.iinfo(np.int16).max else np.empty(shape, np.int32)


def _label_of_pixels(table: CellTable, grid: Grid, pixels: IntArray) -> IntArray:
    """Label of the cell that holds the centre of each flat pixel."""
    face, i, j = s2.leaf_face_ij(*grid.point_of(pixels))
    return table.labels(face.astype(np.int8), i.astype(np.int32), j.astype(np.int32)).astype(np.int64)


def _cells_without_pixel(ids: s2.IdArray, table: CellTable, grid: Grid) -> IntArray:
    """Cells that hold no pixel centre, ascending.

    Most cells hold the centre of the pixel at their own centre; for the others every pixel within reach is checked.
    """
    latitude, longitude = s2.cell_centers(ids)
    here = _label_of_pixels(table, grid, grid.pixel_of(latitude, longitude))
    doubtful = np.flatnonzero(here != np.arange(ids.size))
    owns = np.zeros(doubtful.size, bool)
    reach = np.degrees(_LARGEST_DIAGONAL / 2.0 ** s2.level_of(ids[doubtful]))
    windows = zip(latitude[doubtful].tolist(), longitude[doubtful].tolist(), reach.tolist(), strict=True)
    for numbers, pixels in _chunks(grid, windows):
        owns[numbers[_label_of_pixels(table, grid, pixels) == doubtful[numbers]]] = True
    return doubtful[~owns]


def _chunks(grid: Grid, windows: Iterator[tuple[float, float, float]]) -> Iterator[tuple[IntArray, IntArray]]:
    """Number of the window and flat pixel, for all pixels of all windows, some hundred thousand at a time."""
    numbers: list[IntArray] = []
    pixels: list[IntArray] = []
    size = 0
    for number, window in enumerate(windows):
        pixels.append(_pixels_within(grid, *window))
        numbers.append(np.full(pixels[-1].size, number))
        size += pixels[-1].size
        if size > _CHUNK_PIXELS:
            yield np.concatenate(numbers), np.concatenate(pixels)
            numbers, pixels, size = [], [], 0
    if pixels:
        yield np.concatenate(numbers), np.concatenate(pixels)


def _pixels_within(grid: Grid, latitude: float, longitude: float, reach: float) -> IntArray:
    """Flat pixels whose centres may lie within ``reach`` degrees of a point, and some more."""
    top, bottom = (int(row) for row in grid.row_of(np.clip([latitude + reach, latitude - reach], -90.0, 90.0)))
    widest = np.cos(np.radians(min(abs(latitude) + reach, 90.0)))
    across = reach / max(float(widest), 1e-9) / grid.longitude_step + 1.0
    center = int(grid.column_of(longitude))
    columns = np.arange(grid.columns) if 2 * across + 1 >= grid.columns else _around(center, int(across) + 1, grid)
    return np.asarray((np.arange(top, bottom + 1)[:, None] * grid.columns + columns).reshape(-1), np.int64)


def _around(center: int, across: int, grid: Grid) -> npt.NDArray[np.int64]:
    return np.unique(np.arange(center - across, center + across + 1) % grid.columns)
