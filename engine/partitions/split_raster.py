"""The pixel raster of a split overlay: the original raster, mapped to inner cells inside the shape on access."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.geometry.row_spans import Spans
from engine.partitions.storage.block_raster import CellRaster
from engine.typing import Int32Array, IntArray


@dataclass(frozen=True, eq=False)
class SplitRaster:
    """A virtual array of ``(rows, columns)`` int32, computed on access; indexed like ``CellRaster``.

    Attributes:
        base: raster before the split.
        spans: the shape.
        inner: ``(cells,)`` number of each cell inside the shape; its own where it was not cut.
        origin: ``(cells + inner cells,)`` number of each cell in ``base``.
    """

    base: "npt.NDArray[np.int32] | CellRaster | SplitRaster"
    spans: Spans
    inner: Int32Array
    origin: IntArray

    ndim = 2
    dtype = np.dtype(np.int32)

    @property
    def shape(self) -> tuple[int, int]:
        """``(rows, columns)``."""
        return self.spans.grid.shape

    @property
    def size(self) -> int:
        """Number of pixels."""
        return self.spans.grid.pixels

    def __getitem__(self, key: Any) -> Int32Array:
        """A window of slices or points of integers."""
        rows, columns = key if isinstance(key, tuple) else (key, slice(None))
        before = np.asarray(self.base[rows, columns])
        after = self.inner[before]
        if isinstance(rows, slice) and isinstance(columns, slice):
            return np.where(self.spans.mask(rows, columns), after, before)
        inside = np.zeros(before.shape, np.bool_)
        cut = np.asarray(after != before)
        inside[cut] = self.spans.contains(np.broadcast_to(self._flat(rows, columns), before.shape)[cut])
        return np.where(inside, after, before)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """All pixels; for small grids."""
        del copy
        whole = self[:, :]
        return whole if dtype is None else whole.astype(dtype)

    def find(self, cell: int, corners: IntArray, candidates: IntArray) -> IntArray:
        """Flat pixels of a cell among flat ``candidates``, ascending; ``corners`` are those of their tiles."""
        origin = int(self.origin[cell])
        found = find_pixels(self.base, origin, corners, candidates)
        return found[self.spans.contains(found) == (cell != origin)] if int(self.inner[origin]) != origin else found

    def _flat(self, rows: Any, columns: Any) -> IntArray:
        height, width = self.shape
        if isinstance(rows, slice):
            rows = np.arange(*rows.indices(height))[:, None]
        if isinstance(columns, slice):
            columns = np.arange(*columns.indices(width))
        row, column = np.asarray(rows, np.int64) % height, np.asarray(columns, np.int64) % width
        return np.asarray(row * width + column, np.int64)


def find_pixels(
    cells: npt.NDArray[np.int32] | CellRaster | SplitRaster, cell: int, corners: IntArray, candidates: IntArray
) -> IntArray:
    """Flat pixels of one cell in some tiles, ascending.

    Args:
        cells: the cell of each pixel.
        cell: number of the cell to find.
        corners: flat index of the north-western pixel of each tile.
        candidates: flat indices of all pixels of the tiles.
    """
    if isinstance(cells, CellRaster):
        return cells.find(cell, corners)
    if isinstance(cells, SplitRaster):
        return cells.find(cell, corners, candidates)
    rows, columns = np.divmod(candidates, cells.shape[1])
    return np.sort(candidates[cells[rows, columns] == cell])
